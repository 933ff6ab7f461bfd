# %% [markdown]
# # Make probabilities mean something
#
# *18 minutes · data: flights, hmda*
#
# **You will** find out whether a model's percentages can be believed, repair them without touching the model, and learn when nobody needs them.
#
# **You will learn to**
#
# - compute a calibration error by hand, and tell it from noise;
# - choose a repair by what it can bend and by how many rows it needs;
# - say what a calibrated model may still get wrong.
#
# **You need** `predict_proba`, train and test sets, and the area under the ROC curve.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.calibration import CalibratedClassifierCV, calibration_curve
from sklearn.frozen import FrozenEstimator
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mlworkbench import datasets
from mlworkbench import notebook as nb
from mlworkbench.calibration import (
    BetaCalibration,
    ReliabilityDisplay,
    VennAbers,
    calibrated_rerank,
    calibration_report,
    expected_calibration_error,
)

nb.setup()

# %% [markdown]
# ## The model says 90 %, and the manager counts
#
# The duty manager of New York's airports gets a percentage for each flight: the chance that it will arrive 30 minutes late or more. She does not rank flights. She *adds up*: a hundred flights at 90 % are ninety late ones, and she orders hotel rooms for them. She asks: *may I do that?*
#
# The model is naive Bayes, on the timetable and the weather at the planned hour. Flights of one day share their storms, so whole days are dealt to three parts: one to fit the model, one for repairs, one to test.

# %%
data = datasets.load("flights", target="late_30").labelled()
readings = ["temp", "humid", "wind_speed", "precip", "visib"]
weather = data.tables["weather"][["origin", "time_hour", *readings]]
year = data.frame.merge(weather, on=["origin", "time_hour"], how="left")
year["late"] = data.target.to_numpy().astype(int)
year["jfk"] = (year["origin"] == "JFK").astype(int)
year["ewr"] = (year["origin"] == "EWR").astype(int)
known = ["hour", "distance", "jfk", "ewr", *readings]
year = year.dropna(subset=known)
deal = np.random.default_rng(0).permutation(367) % 3
part_of = deal[year["time_hour"].dt.day_of_year]
fit = year[part_of == 0].sample(20_000, random_state=0)
repair = year[part_of == 1].sample(20_000, random_state=0)
test = year[part_of == 2].sample(20_000, random_state=0)

model = GaussianNB().fit(fit[known], fit["late"])
p = model.predict_proba(test[known])[:, 1]
y = test["late"].to_numpy()
pd.DataFrame(
    {
        "flights": [len(part) for part in (fit, repair, test)],
        "days": [
            part["time_hour"].dt.day_of_year.nunique()
            for part in (fit, repair, test)
        ],
        "late (%)": [
            round(100 * part["late"].mean(), 1)
            for part in (fit, repair, test)
        ],
    },
    index=["fit", "repair", "test"],
)

# %%
guess = nb.predict(
    "ch06-09-ninety",
    (
        "The model gave 90 % or more to 1,159 test flights. How many of "
        "them were late?"
    ),
    options=["about 95 %", "about 75 %", "about 45 %", "about 15 %"],
    why=(
        "Naive Bayes takes rain, wind and bad sight for independent pieces "
        "of evidence. They are one storm, so it counts the same evidence "
        "several times."
    ),
)
guess

# %%
sure = p >= 0.9
guess.reveal("about 45 %", measured=f"{100 * y[sure].mean():.0f} %")

# %% [markdown]
# ## A calibration error is an average of gaps
#
# A model is **calibrated** when, among all flights that got the same percentage, that percentage is late. No two flights get quite the same number, so one collects them in bins. Ten test flights, with two bins:

# %%
low_ten = np.flatnonzero(p < 0.5)[:6]
high_ten = np.flatnonzero(p > 0.5)[:4]
ten = pd.DataFrame(
    {
        "said": p[[*low_ten, *high_ten]].round(2),
        "late": y[[*low_ten, *high_ten]],
        "bin": ["up to 0.5"] * 6 + ["above 0.5"] * 4,
    }
)
ten

# %%
by_bin = ten.groupby("bin", sort=False).agg(
    flights=("late", "size"), said=("said", "mean"), late=("late", "mean")
)
by_bin["gap"] = by_bin["late"] - by_bin["said"]
by_hand = (by_bin["flights"] * by_bin["gap"].abs()).sum() / len(ten)
helper = expected_calibration_error(ten["late"], ten["said"], n_bins=2)
assert np.isclose(by_hand, helper)
print(f"expected calibration error: {by_hand:.3f}")
by_bin.round(3)

# %% [markdown]
# The **expected calibration error** (ECE; Naeini et al. 2015) is the mean size of the gap, each bin weighted by its flights. Here the model says too little in the lower bin and far too much in the upper one. `calibration_report` does the same for all test flights and 15 bins.

# %%
report = calibration_report(y, p, random_state=0)
prob_true, prob_pred = calibration_curve(y, p, n_bins=15)
assert np.allclose(report.frame["observed"], prob_true, atol=1e-12)
assert np.allclose(report.frame["predicted"], prob_pred, atol=1e-12)
assert np.isclose(report.brier, brier_score_loss(y, p))
report

# %% [markdown]
# A row of the table is a bin: what was `predicted` on average, what share of flights was `observed` to be late, the 95 % interval of that share (from `low` to `high`), and the gap. The bins are those of scikit-learn's `calibration_curve` (asserted). Three things are in this report that a bare number would not tell you:
#
# - **What noise gives.** Even a model whose every percentage is true has gaps: of ten flights at an even chance, seven may be late. The report draws the outcomes anew from the percentages, a few hundred times. On average, noise makes an error of 0.004; ours is 0.117.
# - **Whether the model tells flights apart.** The Brier score (mean squared distance of percentage and outcome) splits into parts (Murphy 1973). *Reliability* is the squared gap, and can be repaired. *Resolution* is how far the bins differ from the mean, and is earned by knowing something. *Uncertainty* belongs to the flights.
# - **Which way it is wrong.** Log odds are `log(p / (1 - p))`: 0 at an even chance, without end on both sides. A slope of 0.12 says: a step in the model's log odds is worth an eighth of what it claims. An intercept above 0 says: too low on average.
#
# ## Ranking needs no calibration, counting does
#
# Two ads are clicked by 10 % and 8 % of those who see them. A model is too sure of itself: it squares the odds. Ad B pays more for a click.

# %%
truth = np.array([0.10, 0.08])
odds = (truth / (1 - truth)) ** 2
says = odds / (1 + odds)
pays = np.array([0.40, 0.52])
ads = pd.DataFrame(
    {
        "true chance (%)": 100 * truth,
        "model says (%)": 100 * says,
        "clicks in 10,000": 10_000 * truth,
        "model expects": 10_000 * says,
        "pays per click (€)": pays,
        "earns per 1,000 (€)": 1_000 * truth * pays,
        "model expects (€)": 1_000 * says * pays,
    },
    index=["A", "B"],
)
ads.round(2)

# %% [markdown]
# Which ad is clicked more often? Both columns say A: a repair that only bends the scale never changes an order, and the area under the ROC curve cannot see it. How many clicks will there be? The model says 122 where 1,000 come. And as soon as a percentage is *multiplied with money*, the order itself goes wrong: B earns more, the model shows A.
#
# The manager counts. So she needs a repair.
#
# ## A repair is fitted on other flights, and each can bend in its own way
#
# scikit-learn has three, behind `CalibratedClassifierCV`. `FrozenEstimator` says that the model itself is not to be fitted again. The fourth is ours, of Kull et al. (2017).
#
# | repair | what it learns | what it cannot do |
# |---|---|---|
# | sigmoid | two numbers: slope and shift of a logistic curve (Platt 1999) | leave a calibrated model as it is: here it bends percentages, not log odds |
# | temperature | one number: all log odds are divided by it (Guo et al. 2017) | move an even chance, or mend a wrong base rate |
# | beta | three numbers, one slope at each end | turn back, or step |
# | isotonic | any rising steps | be right with few rows |

# %%
X_repair, y_repair = repair[known], repair["late"].to_numpy()
said = {"none": p}
for method in ("sigmoid", "temperature", "isotonic"):
    repaired = CalibratedClassifierCV(FrozenEstimator(model), method=method)
    repaired.fit(X_repair, y_repair)
    said[method] = repaired.predict_proba(test[known])[:, 1]
beta = BetaCalibration().fit(model.predict_proba(X_repair)[:, 1], y_repair)
said["beta"] = beta.predict(p)


def judge(named):
    """Return one row of figures for each set of percentages."""
    rows = {}
    for name, q in named.items():
        card = calibration_report(y, q, random_state=0)
        rows[name] = {
            "error": card.ece,
            "noise alone, up to": card.chance_high,
            "Brier": card.brier,
            "area under ROC": roc_auc_score(y, q),
            "late, expected": q.sum(),
        }
    return pd.DataFrame(rows).T


table = judge(said)
print(f"late, counted: {y.sum():,}")
expected = table["late, expected"].round().astype(int)
table.round(3).assign(**{"late, expected": expected})

# %%
# alt: Reliability diagram. Without a repair the curve rises steeply at first, then falls while the model's percentage goes on rising. Temperature only squeezes the same shape. The isotonic repair lies close to the diagonal and ends half-way.
figure, ax = plt.subplots(figsize=(6, 4.6), layout="constrained")
for name in ("none", "temperature", "isotonic"):
    ReliabilityDisplay.from_predictions(y, said[name], name=name, ax=ax)
ax.set_title("Isotonic steps mend what one number cannot")
plt.show()

# %% [markdown]
# Vertical bars are 95 % intervals; the histogram at the bottom shows where the flights are. Isotonic regression takes the error from 0.117 to 0.014, and expects 3,238 late flights where 3,497 were counted; the bare model expected 2,795. Temperature makes the count worse, at 5,524: it pulls everything towards an even chance, the one point that it cannot move. The area under the ROC curve hardly notices any of this.
#
# Yet 0.014 is still above noise. Why? The repair days had 15.7 % late flights, the test days 17.5 %. The report takes flights for independent, and they are not: a day has its own weather. Fit the same repair on *other flights of the test days*, which in real life nobody could:

# %%
others = year[part_of == 2].drop(index=test.index)
others = others.sample(20_000, random_state=1)
same_days = CalibratedClassifierCV(FrozenEstimator(model), method="isotonic")
same_days.fit(others[known], others["late"].to_numpy())
q_same = same_days.predict_proba(test[known])[:, 1]
print(calibration_report(y, q_same, random_state=0).verdict)

# %% [markdown]
# So the rest is not a fault of the curve. It is the difference between some days and others, and no repair knows the days to come. Calibration is a property of a model *and a population*: repeat the check when seasons change.
#
# ## With 300 rows, isotonic says "never", and is wrong
#
# Now a bank. The target: an application for a mortgage was denied (one in eight). Naive Bayes learns from 1,200 applications, a repair has 300, 880 are left to test. `VennAbers` (Vovk & Petej 2014) fits isotonic regression twice for each new row, as if it were denied and as if it were not. It gives *two* percentages; how far they lie apart shows how little the 300 rows say.

# %%
hmda = datasets.load("hmda")
denied = hmda.target.to_numpy().astype(int)
finances = ["pirat", "hirat", "lvrat", "chist", "mhist", "phist", "unemp"]
finances += ["selfemp", "condomin", "single", "hschool"]
X = hmda.frame[finances].astype(float)
order = np.random.default_rng(1).permutation(len(X))
a, b, c = np.split(order, [1_200, 1_500])
bank = GaussianNB().fit(X.iloc[a], denied[a])
score_b = bank.predict_proba(X.iloc[b])[:, 1]
score_c = bank.predict_proba(X.iloc[c])[:, 1]
steps = IsotonicRegression(out_of_bounds="clip").fit(score_b, denied[b])
venn = VennAbers().fit(score_b, denied[b])
curve = BetaCalibration().fit(score_b, denied[b])
few = {
    "none": score_c,
    "isotonic": steps.predict(score_c),
    "beta": curve.predict(score_c),
    "Venn-Abers, merged": venn.predict(score_c),
}
pd.DataFrame(
    {
        "log loss": {n: log_loss(denied[c], q) for n, q in few.items()},
        "said 0 %": {n: (q == 0).sum() for n, q in few.items()},
        "of these denied": {
            n: denied[c][q == 0].sum() for n, q in few.items()
        },
        "highest (%)": {n: 100 * q.max() for n, q in few.items()},
    }
).round({"log loss": 3, "highest (%)": 1})

# %%
shown = np.array([0.001, 0.01, 0.1, 0.5, 0.9, 0.999])
pair = pd.DataFrame(
    venn.predict_interval(shown), index=shown, columns=["from", "to"]
)
pair.rename_axis("score").round(2)

# %% [markdown]
# Isotonic regression told 127 applicants that they would *never* be denied; 4 were. The log loss takes the logarithm of the percentage that was given to what happened, so it is infinite for a "never" that happens; the library cuts it. Beta has three numbers to learn, and Venn-Abers never says never; the log loss of both is lower by a third. As a rule: a curve for hundreds of rows, steps for thousands.
#
# ## Calibrated on average, wrong for a group
#
# A logistic regression on the finances, which does not see the applicant's race. Every application is predicted by a model that was fitted on other applications.

# %%
folds = StratifiedKFold(5, shuffle=True, random_state=0)
logistic = make_pipeline(StandardScaler(), LogisticRegression())
fair = cross_val_predict(
    logistic, X, denied, cv=folds, method="predict_proba"
)[:, 1]
race = np.where(hmda.frame["afam"], "black", "white")
by_race = calibration_report(
    denied, fair, groups=race, strategy="quantile", n_bins=10, random_state=0
)
by_race

# %% [markdown]
# Over all applications no miscalibration is shown; one of the two groups is off. For black applicants 21 % were predicted and 28 % denied, a gap that chance hardly makes (p = 0.001, corrected for two groups). The average is right because white applicants outnumber them six to one. The table does not say why: a finding that the model lacks a reason the bank had, or that the bank did not treat equal finances equally, looks the same here.
#
# > **Tip.** Pass `groups=` whenever a percentage is used on one group at a time.
#
# ## The error depends on the bins, and a know-nothing has hardly any
#
# Move the controls; the dashed line is a calibrated model. Look for two things: the bare model is bad with any number of bins, and the more bins there are, the worse a good repair looks.


# %%
def diagram(repair, bins):
    """Draw one reliability diagram with its error in the title."""
    figure, ax = plt.subplots(figsize=(3.6, 3), layout="constrained")
    q = said[repair][:2_000]
    ReliabilityDisplay.from_predictions(
        y[:2_000], q, n_bins=bins, name=repair, ax=ax, show_histogram=False
    )
    error = expected_calibration_error(y[:2_000], q, n_bins=bins)
    ax.get_legend().remove()
    ax.set_title(f"{repair}, {bins} bins: error {error:.3f}")
    return figure


nb.explore(
    diagram,
    title="A repair and a number of bins, on 2,000 test flights",
    repair=["none", "sigmoid", "isotonic", "beta"],
    bins=[2, 15, 60],
    start={"repair": "isotonic", "bins": 15},
)

# %%
said["base rate"] = np.full(len(y), y_repair.mean())
sizes = {1: "1 bin", 15: "15 bins", 200: "200 bins"}
broken = pd.DataFrame(
    {
        label: {
            name: expected_calibration_error(y, said[name], n_bins=bins)
            for name in ("none", "isotonic", "base rate")
        }
        for bins, label in sizes.items()
    }
)
broken["area under ROC"] = [
    roc_auc_score(y, said[name]) for name in broken.index
]
broken.round(3)

# %% [markdown]
# With one bin, gaps of both signs cancel, and the bare model looks three times better than it is. With 200 bins, noise adds to both models' errors. So an error without its bins means nothing, and two models are compared on the same bins only.
#
# And the base rate of the repair days, told to everybody, is nearly as calibrated as the best repair. It has no resolution: it cannot tell any two flights apart. Calibration is worth having *beside* a ranking, never in its place; the Brier score pays for both.
#
# ## The same word for a list: as much comedy as somebody watches
#
# A recommender that sorts by score gives a person who watches 80 % romance and 20 % comedy nothing but romance: each romance has a better score than each comedy. A list is *calibrated* when its genres have the shares of the history (Steck 2018). `calibrated_rerank` trades score against that.

# %%
films = {f"romance {i}": 1 - i / 100 for i in range(20)}
films |= {f"comedy {i}": 0.5 - i / 100 for i in range(20)}
genres = {film: film.split()[0] for film in films}
watched = {"romance": 0.8, "comedy": 0.2}


def ten_films(trade_off):
    """Return the report on a list of ten."""
    return calibrated_rerank(films, genres, watched, trade_off)


nb.explore(
    ten_films,
    title="Score against shares",
    trade_off=[0.0, 0.5, 0.8, 0.9, 0.95, 1.0],
    start={"trade_off": 0.95},
)

# %% [markdown]
# The distance from the history (KL divergence) falls as the score is given up. How much of the one is worth how much of the other, no formula knows; somebody has to choose.

# %% [markdown]
# ## Check yourself

# %%
nb.quiz(
    (
        "A shop sorts 50 products for each visitor by the predicted chance "
        "of a sale. Its model is badly calibrated, with a rising curve. "
        "What does a repair change?"
    ),
    {
        "the order of the products": (
            "A rising repair keeps every order; at most it makes ties."
        ),
        "nothing, until a chance is multiplied or added": (
            "Sorting by the chance alone is safe. Sorting by chance times "
            "profit is not."
        ),
        "the area under the ROC curve": (
            "That looks at the order only, and the order stays."
        ),
    },
    answer="nothing, until a chance is multiplied or added",
)

# %%
nb.quiz(
    (
        "A report on 200 rows says: no miscalibration is shown, error "
        "0.05, noise alone gives up to 0.08. What do you tell your boss?"
    ),
    {
        "the model is calibrated": (
            "An error of 0.05 may be real. 200 rows cannot tell it from noise."
        ),
        "each percentage is off by 0.05": (
            "Noise makes most of that number, and it is an average of bins."
        ),
        "200 rows are too few to see an error of this size": (
            "Say what size of error would have been seen, or collect more."
        ),
    },
    answer="200 rows are too few to see an error of this size",
)

# %% [markdown]
# ## Exercises
#
# ★ Fit the isotonic repair to the first 300 rows of `X_repair` instead of all. What happens to the error on the test flights?
#
# ★★ Write `ece(y, p, n_bins)`: the expected calibration error with bins of equal width. `np.ceil(p * n_bins)` numbers the bins well enough.


# %% tags=["exercise"] exercise="ch06-09-ece"
def ece(y, p, n_bins):
    """Return the mean gap over bins, weighted by their rows."""
    ...


# %%
def gaps(y, p, n_bins):
    """Return the table of bins."""
    return calibration_report(y, p, n_bins=n_bins, n_boot=0).frame


def with_middles(y, p, n_bins):
    """Return the error with the middle of a bin for its mean percentage."""
    t = gaps(y, p, n_bins)
    off = (t["observed"] - (t["lower"] + t["upper"]) / 2).abs()
    return (t["n"] * off).sum() / t["n"].sum()


nb.check(
    "ch06-09-ece",
    ece,
    lambda y, p, n_bins: expected_calibration_error(y, p, n_bins=n_bins),
    cases=[(y[:500], p[:500], 5), (y[500:800], p[500:800], 10)],
    mistakes={
        "Weigh each bin by its rows; empty bins count nothing.": (
            lambda y, p, n: gaps(y, p, n)["gap"].abs().mean()
        ),
        "Take the mean percentage of a bin, not its middle.": with_middles,
        "Gaps of both signs cancel; take their absolute values.": (
            lambda y, p, n: abs(y.mean() - p.mean())
        ),
        "That is the largest gap; take the weighted mean.": (
            lambda y, p, n: gaps(y, p, n)["gap"].abs().max()
        ),
    },
)

# %% [markdown] tags=["solution"] exercise="ch06-09-ece"
# <details><summary>Solution</summary>
#
# Within a bin the sum of outcomes minus the sum of percentages is its gap times its rows, so there is nothing to weigh and no bin to skip.
#
# ```python
# def ece(y, p, n_bins):
#     """Return the mean gap over bins, weighted by their rows."""
#     bins = np.maximum(np.ceil(p * n_bins).astype(int), 1)
#     return np.abs(np.bincount(bins, y - p)).sum() / len(y)
# ```
#
# </details>

# %% [markdown]
# ★★★ Your model is recalibrated every night on the day before. On the morning after a storm, all percentages are high. Write down what you would recalibrate on instead, how often, and what alarm tells you that the repair itself has gone stale.
#
# ## You have now
#
# - computed a calibration error by hand, and seen 0.117 on 20,000 flights where noise gives 0.004;
# - repaired it to 0.014 with isotonic steps on other days, and found out that the rest is the days;
# - seen 300 rows fail isotonic regression, and two repairs that stand it;
# - found a model calibrated on average that says 21 % to a group with 28 %;
# - seen that a base rate, which knows nothing, is hardly miscalibrated.
#
# **In practice.** Keep rows for the repair that neither model nor test has seen, or let `CalibratedClassifierCV` cross-validate. Judge by the Brier score or the log loss, read the calibration error beside it, by group, with its noise. Count clusters (days, users) when you say how many rows you have. Check again after every retraining, and monitor: the sum of the percentages against the count is the cheapest alarm there is.
#
# **Read on.** C. Guo, G. Pleiss, Y. Sun and K. Q. Weinberger (2017), *On calibration of modern neural networks*. A. Kumar, P. Liang and T. Ma (2019), *Verified uncertainty calibration*. M. Kull, T. Silva Filho and P. Flach (2017), *Beyond sigmoids*. H. Steck (2018), *Calibrated recommendations*.

# %% tags=["claims", "remove-cell"]
nb.claim("30", year.loc[year["late"] == 1, "arr_delay"].min())
nb.claim("90 %", p[sure].min())
nb.claim("1,159", sure.sum())
nb.claim("15", report.n_bins)
nb.claim("95 %", report.confidence)
nb.claim("0.004", report.chance)
nb.claim("0.117", report.ece)
nb.claim("0.12", report.slope)
nb.claim("10 %", truth[0])
nb.claim("8 %", truth[1])
nb.claim("122", 10_000 * says[0])
nb.claim("1,000", 10_000 * truth[0])
nb.claim("0.014", table.loc["isotonic", "error"])
nb.claim("3,238", said["isotonic"].sum())
nb.claim("3,497", y.sum())
nb.claim("2,795", p.sum())
nb.claim("5,524", said["temperature"].sum())
nb.claim("15.7 %", y_repair.mean())
nb.claim("17.5 %", y.mean())
nb.claim("300", len(b))
nb.claim("1,200", len(a))
nb.claim("880", len(c))
nb.claim("127", (few["isotonic"] == 0).sum())
group_rows = by_race.groups.set_index("group")
nb.claim("21 %", group_rows.loc["black", "predicted"])
nb.claim("28 %", group_rows.loc["black", "observed"])
nb.claim("0.001", group_rows.loc["black", "p_value"])
nb.claim("200", max(sizes))
nb.claim("80 %", watched["romance"])
nb.claim("20 %", watched["comedy"])
nb.claim("20,000", len(y))
