# %% [markdown]
# # See whether resampling helps
#
# *18 minutes · data: flights*
#
# **You will** give SMOTE and four other samplers a fair trial against two cheap rivals: doing nothing, and moving the threshold.
#
# **You will learn to**
#
# - resample inside the training folds only, and recognise a score that was not earned;
# - read from one table what a sampler does to the ranking, the decisions and the probabilities;
# - undo the shift of the probabilities, and say for which samplers that is possible.
#
# **You need** cross-validation, `predict_proba`, and prices for mistakes (notebook 11).

# %%
import warnings

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from imblearn.over_sampling import SMOTE, RandomOverSampler
from imblearn.pipeline import make_pipeline as make_imblearn_pipeline
from imblearn.under_sampling import NearMiss, RandomUnderSampler, TomekLinks
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.model_selection import (
    StratifiedGroupKFold,
    StratifiedKFold,
    cross_val_score,
    train_test_split,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from mlworkbench import datasets
from mlworkbench import notebook as nb
from mlworkbench.imbalance import (
    CostMatrix,
    PriorCorrectedClassifier,
    PriorCorrectionWarning,
    compare_resampling,
)

nb.setup()

# %% [markdown]
# ## "The classes are unbalanced, so balance them"
#
# The duty manager of New York's airports wants to know which flights will arrive three hours late. One in 84 does. A new colleague has read that models cannot learn from such data, and that one must *balance* the classes first: copy late flights, drop punctual ones, or make up new late flights between the known ones (SMOTE, Chawla et al. 2002).
#
# She asks two things: *does it find more of the late flights, and can I still believe the percentages?* We test on 20,000 flights, with the timetable and the weather at the planned hour.

# %%
data = datasets.load("flights", target="late_180").labelled()
readings = ["temp", "humid", "wind_speed", "precip", "visib"]
weather = data.tables["weather"][["origin", "time_hour", *readings]]
year = data.frame.merge(weather, on=["origin", "time_hour"], how="left")
year["late"] = data.target.to_numpy()
year["day"] = year["time_hour"].dt.day_of_year
year["jfk"] = (year["origin"] == "JFK").astype(float)
year["ewr"] = (year["origin"] == "EWR").astype(float)
known = ["hour", "distance", "jfk", "ewr", *readings]
year = year.dropna(subset=known)

some, _ = train_test_split(
    year, train_size=20_000, stratify=year["late"], random_state=0
)
some = some.sort_index()
X, y = some[known].astype(float), some["late"].to_numpy()
pd.DataFrame(
    {
        "flights": [len(year), len(some)],
        "three hours late": [year["late"].sum(), y.sum()],
        "three hours late (%)": [
            round(100 * year["late"].mean(), 2),
            round(100 * y.mean(), 2),
        ],
    },
    index=["the year", "our sample"],
)

# %% [markdown]
# ## Commit to a guess
#
# Drop punctual flights at random until half of the training rows are late. Fit a logistic regression to what is left, and let it predict *all* flights of the test fold, dropped or not.

# %%
guess = nb.predict(
    "ch04-12-mean-probability",
    (
        "1.2 % of the flights are three hours late. What does the model say "
        "on average?"
    ),
    options=["about 1 %", "about 5 %", "about 40 %", "exactly 50 %"],
    why=(
        "The model believes the world it was trained in, where every second "
        "flight is late. It lowers the figure somewhat, because the test "
        "flights look more like the punctual ones."
    ),
)
guess

# %% [markdown]
# ## No sampler ranks the flights better than doing nothing
#
# `compare_resampling` gives every sampler the same chance. In each fold a sampler sees the training rows and nothing else, the model is fitted to what it returns, and the *untouched* test rows judge. Two rows of the table need no sampler: "nothing", and "threshold moved", which is the same model with a threshold chosen on training rows. A third, "class weight", counts late flights more in the loss.
#
# The flights of one day share one storm, so a day must not be in two folds: `groups`. And SMOTE measures distances, so the features are scaled first: `before` says at which step of the pipeline to resample. The prices are those of notebook 11: a crew called in vain costs 1, a missed delay 25.

# %%
prices = CostMatrix.binary(false_positive=1, false_negative=25)
logistic = make_pipeline(StandardScaler(), LogisticRegression(C=1_000))
samplers = {
    "random over": RandomOverSampler(random_state=0),
    "random under": RandomUnderSampler(random_state=0),
    "SMOTE": SMOTE(random_state=0),
    "Tomek links": TomekLinks(),
    "NearMiss": NearMiss(),
}
folds = StratifiedGroupKFold(4, shuffle=True, random_state=0)
trial = compare_resampling(
    logistic,
    X,
    y,
    samplers,
    folds,
    prices,
    groups=some["day"].to_numpy(),
    before="logisticregression",
    threshold_cv=2,
    random_state=0,
)
ranking = ["pr_auc", "pr_auc_low", "pr_auc_high", "roc_auc", "rows"]
table = trial.frame
(table[ranking].round(3) + 0.0).astype({"rows": int})

# %% [markdown]
# `pr_auc_low` and `pr_auc_high` are the ends of an interval for the *difference* to "nothing" in the same fold. Training parts of folds overlap, so the plain formula would be too sure of itself; the 95 % interval here is widened for that (Nadeau & Bengio 2003). Look at the rows:
#
# - class weight, random over, random under, SMOTE: 0 lies inside every interval, so nobody can say that the ranking has become better or worse;
# - Tomek links (drop a punctual flight whose nearest neighbour is a late one, if that holds the other way round, too) removes so few rows that nothing happens, in either direction;
# - NearMiss keeps the punctual flights that look most like late ones, and ranks hardly better than a coin: area under ROC 0.56 instead of 0.74.
#
# Is the helper right? The library for production, imbalanced-learn, has a pipeline that resamples in `fit` and leaves `predict` alone. The next cell holds that its areas under ROC are those of the helper, fold by fold.
#
# ## The percentages are gone
#
# The *calibration intercept* says how far the level is off, on the scale of log-odds: 0 is right, below 0 the model says too much. The *calibration slope* says whether the spread is right: 1 is right, below 1 high probabilities are too high and low ones too low.

# %%
chain = make_imblearn_pipeline(
    StandardScaler(), SMOTE(random_state=0), LogisticRegression(C=1_000)
)
by_library = cross_val_score(
    chain, X, y, groups=some["day"], cv=folds, scoring="roc_auc"
)
by_helper = trial.folds.query("remedy == 'SMOTE'")["roc_auc"].to_numpy()
assert np.allclose(by_library, by_helper, rtol=0, atol=1e-9)

probability = [
    "mean_probability",
    "event_rate",
    "calibration_intercept",
    "calibration_slope",
]
table[probability].round(3)

# %%
guess.reveal(
    "about 40 %",
    measured=f"{100 * table.loc['random under', 'mean_probability']:.0f} %",
)

# %%
# alt: Left: the difference of PR-AUC to doing nothing is around 0 for all but NearMiss. Right: the calibration intercept is 0 without resampling and below -4 with it.
trial.plot().set_title("What resampling buys, and what it costs")
plt.show()

# %% [markdown]
# Whoever balances the classes tells the duty manager that a flight has on average a chance of 40 % or more to be three hours late.
#
# The slope of "random under" has another reason: it threw away 98 % of the training rows, and a model of few rows is too sure of itself.
#
# ## Balanced classes are a price that nobody set
#
# Why do people swear by it? Because `predict` cuts at 0.5, and without resampling no flight ever gets there. Compare decisions at 0.5 first, and then give every model its own threshold, chosen on training rows.

# %%
decisions = 1000 * table[["cost", "cost_best_threshold"]]
decisions.columns = ["as it decides", "with its best threshold"]
decisions.columns.name = "cost of 1,000 flights"
decisions.round(0).astype(int)

# %% [markdown]
# Never to call a crew costs 298. At 0.5 the model without resampling does practically that, and the balanced models call so many crews in vain that they cost *more*. With a threshold of its own each of them costs the same as "threshold moved", give or take 3 % (NearMiss apart). So balancing did move the threshold, but blindly. Where to? Take the six flights below, with their true chances, and follow the odds: in balanced data late flights count 83 times as much, that is $\frac{1 - \pi}{\pi}$ with $\pi$ the share of late flights.

# %%
pi = y.mean()
by_hand = pd.DataFrame({"true chance": [0.002, 0.005, pi, 0.03, 0.1, 0.4]})
by_hand["odds"] = by_hand["true chance"] / (1 - by_hand["true chance"])
by_hand["odds, balanced"] = by_hand["odds"] * (1 - pi) / pi
odds = by_hand["odds, balanced"]
by_hand["says, balanced"] = odds / (1 + odds)
by_hand["alarm at 0.5"] = by_hand["says, balanced"].round(9) >= 0.5
by_hand.round(4)

# %% [markdown]
# The balanced model alarms wherever the true chance is above the *average*, 1.2 %. That is the right threshold if a miss costs 83 false alarms (Elkan 2001). Perhaps it does. But then somebody should say so; our price was 25.
#
# ## The odds can be mapped back, if rows were drawn at random
#
# Read the table from right to left and you have the repair: divide the odds by 83. `PriorCorrectedClassifier` does that: it resamples, fits, remembers the shares before and after, and corrects what it predicts. Its probabilities are those of the formula.

# %%
under = RandomUnderSampler(random_state=0)
corrected = PriorCorrectedClassifier(logistic, under).fit(X, y)
says = corrected.estimator_.predict_proba(X)[:, 1]
(_, was), (_, share) = corrected.resampled_prior_, corrected.prior_
odds = says / (1 - says) * (share / (1 - share)) / (was / (1 - was))
assert np.allclose(odds / (1 + odds), corrected.predict_proba(X)[:, 1])
six = pd.DataFrame(
    {
        "balanced model": says[:6],
        "by hand": (odds / (1 + odds))[:6],
        "corrected": corrected.predict_proba(X)[:6, 1],
    }
)
six.round(4)

# %% [markdown]
# The formula needs one thing: *within* each class, the training rows must look as they did before. Dropping or copying at random keeps that, apart from chance. SMOTE does not: it fills the space between late flights with flights that never flew. The helper warns of that (silenced below, where we want to see what happens). Gradient boosting, every third day of the year to train on, the other days to test.

# %%
train = (year["day"] % 3 == 1).to_numpy()
X_train, X_test = year.loc[train, known], year.loc[~train, known]
X_train, X_test = X_train.astype(float), X_test.astype(float)
y_train, y_test = year.loc[train, "late"], year.loc[~train, "late"]
y_train, y_test = y_train.to_numpy(), y_test.to_numpy()


def boosting():
    """Return a small gradient boosting."""
    return HistGradientBoostingClassifier(
        max_iter=30, max_leaf_nodes=15, early_stopping=False, random_state=0
    )


kinds = {
    "random over": RandomOverSampler,
    "random under": RandomUnderSampler,
    "SMOTE": SMOTE,
}


def both_probabilities(kind, ratio):
    """Return probabilities of the test flights, as they are and corrected."""
    sampler = kinds[kind](sampling_strategy=ratio, random_state=0)
    chain = PriorCorrectedClassifier(boosting(), sampler)
    scaler = StandardScaler().fit(X_train)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PriorCorrectionWarning)
        chain.fit(scaler.transform(X_train), y_train)
    scaled = scaler.transform(X_test)
    raw = chain.estimator_.predict_proba(scaled)[:, 1]
    return raw, chain.predict_proba(scaled)[:, 1]


plain = boosting().fit(X_train, y_train).predict_proba(X_test)[:, 1]
fitted = {kind: both_probabilities(kind, 1.0) for kind in kinds}
repair = pd.DataFrame(
    {
        "says (%)": {
            kind: 100 * raw.mean() for kind, (raw, _) in fitted.items()
        },
        "corrected (%)": {
            kind: 100 * back.mean() for kind, (_, back) in fitted.items()
        },
    }
)
repair.loc["no sampler"] = 100 * plain.mean()
repair["really late (%)"] = 100 * y_test.mean()
repair.round(2)

# %% [markdown]
# Undersampling is repaired: the corrected model says 1.18 %, and 1.20 % are late. (Without any sampler boosting says 1.38 %: no model is perfect.) Oversampling by copies ends at 0.97 %, too low: the shares are undone exactly, but boosting has learned some copies by heart. After SMOTE the "corrected" model promises 55 % of the late flights there are. Its made-up flights fill regions where no flight was late, the model learned to tell them apart too easily, and no division by 83 brings that back. (A logistic regression is fooled less: it has one slope for each feature, and cannot learn where the made-up rows lie.)
#
# ## Try it: how much to resample, and what can be undone
#
# Each curve compares what the model says with what happened, in ten groups of flights, on logarithmic axes; on the dashed line both agree. `late` is the share of late flights in the training rows. Look for two things: without the correction, more balance lifts the curve further to the right; with it, the curve of "random under" returns to the line whatever the share, and that of "SMOTE" stays left of it.

# %%
shares = {"1 in 10": 1 / 9, "1 in 4": 1 / 3, "1 in 2": 1.0}
cells = {(kind, "1 in 2"): pair for kind, pair in fitted.items()}
for kind in ("random under", "SMOTE"):
    for name in ("1 in 10", "1 in 4"):
        cells[kind, name] = both_probabilities(kind, shares[name])


def tenths(prob):
    """Return the mean probability and the late share of ten groups."""
    group = pd.qcut(prob, 10, labels=False, duplicates="drop")
    pairs = pd.DataFrame({"said": prob, "happened": y_test}).groupby(group)
    return 100 * pairs.mean()


curves = {key: [tenths(p) for p in pair] for key, pair in cells.items()}


def reliability(sampler, late, corrected):
    """Draw what the model says against what happened."""
    curve = curves[sampler, late][int(corrected)]
    figure, ax = plt.subplots(figsize=(5, 3.4))
    ax.plot([-1.3, 2], [-1.3, 2], "--", color="0.5")
    ax.plot(*np.log10(curve.T.to_numpy()), "o-", color="C0")
    ticks = [0.1, 1, 10, 100]
    ax.set_xticks(np.log10(ticks), ticks)
    ax.set_yticks(np.log10(ticks[:3]), ticks[:3])
    ax.set(
        xlabel="the model says (%)",
        ylabel="three hours late (%)",
        xlim=(-1.3, 2),
        ylim=(-1.3, 1.3),
    )
    mean = 100 * cells[sampler, late][int(corrected)].mean()
    ax.set_title(f"Says {mean:.1f} %, is {100 * y_test.mean():.1f} %")
    return figure


explorer = nb.explore(
    reliability,
    title="Resample, correct, compare",
    sampler=["random under", "SMOTE"],
    late=list(shares),
    corrected=(False, True),
    start={"sampler": "SMOTE", "late": "1 in 2", "corrected": True},
)
explorer

# %% [markdown]
# ## Where the truth is known, the result is the same
#
# Real flights might be a special case. So draw rows from a known logistic model with 1 % events, as van den Goorbergh and others did (2022), and put everything into one table.

# %%
rng = np.random.default_rng(0)
X_known = rng.normal(size=(20_000, 4))
true_odds = np.exp(-5.42 + X_known @ [1.0, 0.7, 0.4, 0.0])
y_known = rng.random(20_000) < true_odds / (1 + true_odds)
simulated = compare_resampling(
    LogisticRegression(C=1_000),
    X_known,
    y_known,
    {name: samplers[name] for name in kinds},
    StratifiedKFold(5),
    random_state=0,
)
areas = simulated.frame["roc_auc"]
assert areas.max() - areas.min() < 0.01
assert round(1 / y_known.mean(), -1) == 100
simulated.frame[["pr_auc", "roc_auc", *probability]].round(3)

# %% [markdown]
# The areas under ROC lie within one hundredth of each other. The calibration is ruined: the model says about one in three where the truth is one in a hundred. And SMOTE is the only one that also bends the slope clearly, the part that a correction of the level cannot reach.
#
# ## Resampled before the split, everything looks wonderful
#
# Then where do the glowing reports on resampling come from? From a mistake that takes one line in the wrong place. Three ways to score the same boosting with the same SMOTE:
#
# 1. resample all rows, then split: made-up neighbours of a test flight are in the training part, and the test part is half made up;
# 2. split, then resample both parts: no row leaks, but half of the test part is made up;
# 3. split, resample the training part only: the honest one.

# %%
half = {"test_size": 0.3, "random_state": 0}
to_fit, _ = train_test_split(X, stratify=y, **half)
scaled = StandardScaler().fit(to_fit).transform(X)


def score(X_fit, y_fit, X_judge, y_judge):
    """Return PR-AUC and ROC-AUC of a boosting."""
    prob = boosting().fit(X_fit, y_fit).predict_proba(X_judge)[:, 1]
    return (
        average_precision_score(y_judge, prob),
        roc_auc_score(y_judge, prob),
        100 * np.mean(y_judge),
    )


def small_tree():
    """Return a tree that is small enough to generalise."""
    return DecisionTreeClassifier(max_depth=6, random_state=0)


def three_ways(sampler):
    """Score resampling before the split, in both parts, in one."""
    X_all, y_all = sampler.fit_resample(scaled, y)
    a, b, y_a, y_b = train_test_split(X_all, y_all, stratify=y_all, **half)
    before = score(a, y_a, b, y_b)
    a, b, y_a, y_b = train_test_split(scaled, y, stratify=y, **half)
    a, y_a = sampler.fit_resample(a, y_a)
    both = score(a, y_a, *sampler.fit_resample(b, y_b))
    return {
        "1 resample, then split": before,
        "2 split, resample both": both,
        "3 split, resample training": score(a, y_a, b, y_b),
    }


a, b, y_a, y_b = train_test_split(scaled, y, stratify=y, **half)
ways = three_ways(SMOTE(random_state=0))
ways["no resampling"] = score(a, y_a, b, y_b)
flattery = pd.DataFrame(
    ways, index=["PR-AUC", "ROC-AUC", "late in the test part (%)"]
).T
flattery.round(2)

# %% [markdown]
# An area under ROC of 0.97 would get the model into production the same day. It is worth 0.70, a little less than without SMOTE. The second way is hardly better than the first: the model has learned what made-up flights look like, and the test part is full of them. PR-AUC falls from 0.98 to 0.04, and part of that fall is the share of late flights in the test part: where every second one is late, even a coin has 0.5.
#
# `compare_resampling` cannot make this mistake: it gets samplers, not resampled rows, and the test rows of a fold never reach them. It checks what it is given, too. Plant five rows of a test fold among the training rows, and it names the first of them. (Rows that somebody has resampled *before* it cannot recognise. Nobody can.)

# %%
train_rows, test_rows = next(StratifiedKFold(4).split(X, y))
planted = [(np.r_[train_rows, test_rows[:5]], test_rows)]
try:
    compare_resampling(logistic, X, y, samplers, planted)
except ValueError as error:
    message = str(error)
message

# %% [markdown]
# ## Check yourself

# %%
nb.quiz(
    (
        "After random undersampling to half and half, a model says 50 % for "
        "a flight. One flight in 84 is late. What is the flight's chance?"
    ),
    {
        "50 %": (
            "That holds in the world of the training rows, where every second "
            "flight is late."
        ),
        "the average, about 1.2 %": (
            "Odds of 1 in the balanced world are the average odds in the true "
            "one."
        ),
        "25 %, half of what it says": (
            "Probabilities do not scale; odds do, and the factor is not 2."
        ),
    },
    answer="the average, about 1.2 %",
)

# %%
nb.quiz(
    (
        "You need no probabilities, only the 100 riskiest flights of each "
        "day. What do you lose with random undersampling?"
    ),
    {
        "nothing at all": (
            "The calibration does not matter here, but most training rows "
            "are gone, and with them some of the ranking."
        ),
        "some of the ranking, for lack of rows": (
            "The order is all you use, and it comes from fewer rows. Where "
            "rows are plenty, that is a fair price for a faster fit."
        ),
        "everything, the probabilities are wrong": (
            "A shift of all log-odds by one number leaves the order alone."
        ),
    },
    answer="some of the ranking, for lack of rows",
)

# %% [markdown]
# ## Exercises
#
# ★ In the cell with `prices`, set a miss to 83. Which column of the table of decisions changes its verdict on balancing, and why?
#
# ★★ Write the honest loop yourself. `honest_auc(X, y, cv)` returns one area under ROC for each fold of `cv.split(X, y)`, of a decision tree that was trained on oversampled rows. Use `RandomOverSampler(random_state=0)` and `small_tree()`. The check compares with the helper.


# %% tags=["exercise"] exercise="ch04-12-honest-auc"
def honest_auc(X, y, cv):
    """Return one area under ROC per fold, of a tree on oversampled rows."""
    ...


# %%
few = np.r_[np.flatnonzero(y == 1), np.flatnonzero(y == 0)[:2_000]]
X_few, y_few = scaled[few], y[few]
three = StratifiedKFold(3, shuffle=True, random_state=0)


def areas_by_helper(X, y, remedy):
    """Return what the helper finds for one remedy, fold by fold."""
    over = {"over": RandomOverSampler(random_state=0)}
    report = compare_resampling(small_tree(), X, y, over, three)
    return report.folds.query("remedy == @remedy")["roc_auc"].tolist()


X_twice, y_twice = RandomOverSampler(random_state=0).fit_resample(
    X_few, y_few
)
right = areas_by_helper(X_few, y_few, "over")
as_they_are = areas_by_helper(X_few, y_few, "nothing")
before_split = areas_by_helper(X_twice, y_twice, "over")
nb.check(
    "ch04-12-honest-auc",
    honest_auc(X_few, y_few, three),
    right,
    mistakes={
        "You resample before the split: copies of test rows are trained "
        "on.": before_split,
        "The tree was trained on the rows as they are; oversample "
        "them.": as_they_are,
        "Return one number per fold, not their mean.": np.mean(right),
    },
)

# %% [markdown] tags=["solution"] exercise="ch04-12-honest-auc"
# <details><summary>Solution</summary>
#
# The sampler sees the training rows of the fold, and nothing else. The test rows are judged as they are.
#
# ```python
# def honest_auc(X, y, cv):
#     """Return one area under ROC per fold, of a tree on oversampled rows."""
#     areas = []
#     for train, test in cv.split(X, y):
#         sampler = RandomOverSampler(random_state=0)
#         X_fit, y_fit = sampler.fit_resample(X[train], y[train])
#         tree = small_tree().fit(X_fit, y_fit)
#         areas.append(roc_auc_score(y[test], tree.predict_proba(X[test])[:, 1]))
#     return areas
# ```
#
# </details>

# %% [markdown]
# ★★★ A supplier reports an area under ROC of 0.97 for a fraud model "with SMOTE". Write the three questions you would ask before you believe it, and say which answer to each would end the talk.

#
# ## You have now
#
# - compared eight remedies on the same folds: no sampler ranked flights better than doing nothing, and NearMiss fell from 0.74 to 0.56;
# - seen balanced data turn 1.2 % into 40 % and more, and cost more than calling no crew, because half and half is a price of 83 that nobody set;
# - undone undersampling (1.18 % against 1.20 %), and seen that SMOTE cannot be undone (0.66 %);
# - taken an area of 0.97 apart, down to the 0.70 that was real.
#
# **In practice.** Start with no resampling, probabilities, and a threshold from prices. Undersample when the data are too many to fit: at random, with the correction, on more rows than here. If a sampler is said to help, give it a fair trial inside the folds, in `imblearn.pipeline`, and look at the calibration, too. A large trial found that balancing can help weak learners, and hardly ever strong ones (Elor & Averbuch-Elor 2022).
#
# **Read on.** R. van den Goorbergh, M. van Smeden, D. Timmerman and B. Van Calster (2022), *The harm of class imbalance corrections for risk prediction models*. C. Elkan (2001), *The foundations of cost-sensitive learning*. A. Dal Pozzolo and others (2015), *Calibrating probability with undersampling for unbalanced classification*. N. V. Chawla and others (2002), *SMOTE: synthetic minority over-sampling technique*.

# %% tags=["claims", "remove-cell"]
nb.claim("84", 1 / year["late"].mean())
nb.claim("20,000", len(some))
nb.claim("20,000", len(y_known))
nb.claim("1.2 %", year["late"].mean())
nb.claim("25", prices.costs[1, 0])
nb.claim("0.5", by_hand.loc[2, "says, balanced"])
nb.claim("1 %", y_known.mean())
nb.claim("0.56", table.loc["NearMiss", "roc_auc"])
nb.claim("0.74", table.loc["nothing", "roc_auc"])
nb.claim("40 %", table.loc["SMOTE", "mean_probability"])
nb.claim("98 %", 1 - table.loc["random under", "rows"] / len(y) / 0.75)
nb.claim("298", 1000 * prices.costs[1, 0] * y.mean())
best = table["cost_best_threshold"].drop("NearMiss")
nb.claim("3 %", (best / best["threshold moved"] - 1).abs().max())
nb.claim("83", (1 - pi) / pi)
nb.claim("1.18 %", fitted["random under"][1].mean())
nb.claim("1.20 %", y_test.mean())
nb.claim("1.38 %", plain.mean())
nb.claim("0.97 %", repair.loc["random over", "corrected (%)"] / 100)
nb.claim("0.66 %", fitted["SMOTE"][1].mean())
nb.claim("55 %", fitted["SMOTE"][1].mean() / y_test.mean())
nb.claim("0.97", flattery.iloc[0]["ROC-AUC"])
nb.claim("0.98", flattery.iloc[0]["PR-AUC"])
nb.claim("0.70", flattery.iloc[2]["ROC-AUC"])
nb.claim("0.04", flattery.iloc[2]["PR-AUC"])
