# %% [markdown]
# # Let models vote, and know why it works
#
# *15 minutes · data: digits (from scikit-learn), flights*
#
# **You will** check a vendor's promise that three models that are right for 70 % make one that is right for 78.4 %, and find out what it hangs on.
#
# **You will learn to**
#
# - compute what a vote of independent models would be right for, by hand;
# - measure the correlation of models' errors, and predict from it how much a vote gains;
# - choose between bagging, boosting and stacking, and say when none is worth its price.
#
# **You need** accuracy, decision trees, and to have fitted a model with scikit-learn.

# %%
from itertools import product

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from scipy.stats import betabinom, binom
from sklearn.datasets import load_digits
from sklearn.ensemble import (
    BaggingClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from mlworkbench import datasets
from mlworkbench import notebook as nb
from mlworkbench.evaluation import compare_models

nb.setup()

# %% [markdown]
# ## "Buy all three and let them vote"
#
# A post office wants to read handwritten digits. Three vendors each offer a reader that is right for about 70 % of scans. A fourth company offers to tie the three together: each scan goes to all of them, and the answer that at least two give is taken. *That makes 78.4 %*, says the leaflet. The head of sorting asks you: *is that true, and would nine readers be better still?*

# %% [markdown]
# ## Three independent voters at 70 % are right for 78.4 %
#
# Write down all that can happen. A 1 means that the reader is right. Independent means that the chances multiply.

# %%
patterns = pd.DataFrame(product([1, 0], repeat=3), columns=["A", "B", "C"])
right_readers = patterns.sum(axis=1)
patterns["chance"] = 0.7**right_readers * 0.3 ** (3 - right_readers)
patterns["vote is right"] = (right_readers >= 2).astype(int)
patterns.round(3)

# %%
all_three = patterns.loc[right_readers == 3, "chance"].sum()
just_two = patterns.loc[right_readers == 2, "chance"].sum()
majority = all_three + just_two
assert np.isclose(majority, binom.sf(1, 3, 0.7))
print(f"{all_three:.3f} + {just_two:.3f} = {majority:.3f}")

# %% [markdown]
# So the arithmetic of the leaflet is right: 0.343 + 0.441 = 0.784. With more voters it gets better and better, on one condition. This is the jury theorem (Condorcet 1785), and it cuts both ways.

# %%
voters = [1, 3, 9, 25, 101]
jury = pd.DataFrame(
    {
        f"each right for {p:.0%}".replace("%", " %"): [
            100 * binom.sf(n // 2, n, p) for n in voters
        ]
        for p in (0.4, 0.5, 0.55, 0.7)
    },
    index=pd.Index(voters, name="voters"),
)
jury.round(1)

# %% [markdown]
# Voters who are right for less than half of the scans make a vote that is worse than one of them. And coins stay coins.
#
# ## Hard scans are hard for everybody, and that eats the gain
#
# The word that carries the promise is *independent*. Suppose instead that half of the scans are neat, and every reader is right for 90 % of them. The other half is scrawled, and every reader is right for 50 %. Each reader is still right for 70 % of all scans. *Given the kind of scan*, let them be independent. By hand:

# %%
kinds = pd.DataFrame(
    {"share of scans": [0.5, 0.5], "one reader": [0.9, 0.5]},
    index=["neat", "scrawled"],
)
kinds["vote of 3"] = binom.sf(1, 3, kinds["one reader"])
kinds["vote of 101"] = binom.sf(50, 101, kinds["one reader"])
share = kinds["share of scans"]
overall = kinds.iloc[:, 1:].mul(share, axis=0).sum()
spread = (share * (kinds["one reader"] - 0.7) ** 2).sum()
rho_by_hand = spread / (0.7 * 0.3)
kinds.loc["all scans"] = [1.0, *overall]
kinds.round(3)

# %% [markdown]
# The vote of three is right for 73.6 %, not 78.4 %: of 8.4 promised points, 3.6 are left. And 101 voters are right for 75 %, and no more: on a scrawled scan a vote of coins is a coin.
#
# What the two kinds did is to make the readers *correlated*: when A is right, the scan is probably neat, and then B is right, too. Write 1 for right and 0 for wrong; the correlation ρ of two readers' columns is the variance of the difficulty over $p(1-p)$, here 0.04 / 0.21 = 0.19.
#
# Real difficulty comes in all shades. A handy law: each scan has its own chance of being read right, drawn from a beta distribution with mean $p$; then ρ alone sets how far the chances spread, and the number of right readers has the *beta-binomial* law. Move the two controls. Watch the ends of the figure: as ρ grows, the middle empties, and readers are right together or wrong together.


# %%
def vote_law(p, rho, voters):
    """Give the chance that most of some correlated voters are right."""
    if rho == 0:
        return binom.sf(voters // 2, voters, p)
    spread = 1 / rho - 1
    return betabinom.sf(voters // 2, voters, p * spread, (1 - p) * spread)


def draw_votes(rho, voters):
    """Draw how many of the voters are right, and what the vote is worth."""
    number = np.arange(voters + 1)
    if rho == 0:
        chance = binom.pmf(number, voters, 0.7)
    else:
        a, b = np.array([0.7, 0.3]) * (1 / rho - 1)
        chance = betabinom.pmf(number, voters, a, b)
    wins = number > voters / 2
    figure, ax = plt.subplots(figsize=(6, 2.6))
    ax.bar(number[wins], chance[wins], color="C0", label="vote is right")
    ax.bar(number[~wins], chance[~wins], color="0.7", label="vote is wrong")
    ax.set(
        xlabel="voters that are right",
        ylabel="chance",
        title=f"ρ = {rho}: the vote is right for "
        f"{100 * vote_law(0.7, rho, voters):.1f} % (one voter: 70 %)",
    )
    ax.locator_params(axis="x", integer=True)
    figure.legend(loc="outside lower center", ncols=2)
    return figure


rhos = [0, 0.1, 0.2, 0.5, 0.8]
assert np.isclose(vote_law(0.7, 0, 3), majority)
nb.explore(
    draw_votes,
    title="A vote of correlated models",
    rho=rhos,
    voters=[3, 9, 51],
    start={"rho": 0.2},
)

# %% [markdown]
# With ρ = 0.2, three voters gain 4.5 points, not 8.4, and 51 voters gain 11.1. With ρ = 0.5 even 51 voters gain only 2.7 points.
#
# ## Real readers err on the same scans
#
# Now real readers: logistic regression, one nearest neighbour, and naive Bayes. To get down to about 70 %, each learns from 35 scans only. Once all vendors learn from the *same* 35 scans, once each has 35 of its *own*. We repeat this with 20 shuffles and test on 1,000 other scans. As in the formula, the vote counts as right when at least two of the three are.

# %%
guess = nb.predict(
    "ch06-03-vote",
    (
        "Three different programs learn from the same 35 scans, and each is "
        "right for 70 % of new ones. How often are at least two right?"
    ),
    options=["about 70 %", "about 74 %", "about 78 %", "about 85 %"],
    why="What 35 scans do not show, no program can learn from them. The "
    "three err on the same new scans (ρ = 0.65), and two who agree on a "
    "mistake outvote the third.",
)
guess

# %%
pixels, digit = load_digits(return_X_y=True)
pixels = pixels / 16


SCANS = 35


def correlation(right):
    """Give the mean correlation of the rows, over all pairs."""
    return np.corrcoef(right)[np.triu_indices(len(right), 1)].mean()


def three_readers(order, step):
    """Fit three readers; give who is right about the last 1,000 scans."""
    new = order[-1_000:]
    right = []
    for i, reader in enumerate(
        [
            LogisticRegression(max_iter=1_000),
            KNeighborsClassifier(1),
            GaussianNB(var_smoothing=0.05),
        ]
    ):
        learn = order[i * step : i * step + SCANS]
        reader.fit(pixels[learn], digit[learn])
        right.append(reader.predict(pixels[new]) == digit[new])
    return np.array(right)


results = {}
for name, step in {
    "the same 35 scans": 0,
    "35 scans of its own": SCANS,
}.items():
    runs = []
    for seed in range(20):
        order = np.random.default_rng(seed).permutation(len(digit))
        right_of_three = three_readers(order, step)
        vote = (right_of_three.sum(axis=0) >= 2).mean()
        runs.append(
            [right_of_three.mean(), correlation(right_of_three), vote]
        )
    p, rho, vote = np.mean(runs, axis=0)
    results[name] = {
        "one reader (%)": 100 * p,
        "correlation ρ": rho,
        "vote (%)": 100 * vote,
        "law with ρ (%)": 100 * vote_law(p, rho, 3),
        "if independent (%)": 100 * vote_law(p, 0, 3),
    }
real = pd.DataFrame(results).T
real.round(2)

# %%
guess.reveal("about 70 %", measured=f"{real['vote (%)'].iloc[0]:.1f} %")

# %% [markdown]
# Three readers that share their training scans share their errors: ρ is 0.65, and the vote is no better than one reader. Give each its own scans, and the vote gains 6.8 points. It is still short of the leaflet, since a scrawl stays a scrawl. The law with the measured ρ foretells both votes to within 2 points (it supposes that the three are equally good, which they are not quite).
#
# That is the answer for the head of sorting: *three different programs are not three independent readers. Ask the vendors for their answers on the same thousand scans, and measure ρ before you sign.*
#
# > **Note.** A vote between ten digits can be kinder than this: when the two wrong readers disagree, three different answers tie, and a tie-break may pick the right one. We counted ties as wrong.
#
# ## Bagging makes many different models out of one data set
#
# Own data for every voter is a luxury. *Bagging* (Breiman 1996) imitates it: draw the training rows anew with replacement, fit a full tree to each draw, let the trees vote. A *random forest* (Breiman 2001) also shows each split only some of the columns, to make the trees differ more.
#
# The data are flights from New York: half of ours arrived 30 minutes late or more, half did not. Known beforehand are the hour, the weekday, the distance, the origin, the size of the carrier and the weather. The models learn from 4,000 flights of the first half of the year and are judged on 6,000 of the second half, because flights of one day share their weather.

# %%
data = datasets.load("flights", target="late_30").labelled()
readings = ["temp", "dewp", "humid", "wind_speed", "precip"]
readings += ["pressure", "visib"]
weather = data.tables["weather"][["origin", "time_hour", *readings]]
flights = data.frame.merge(weather, on=["origin", "time_hour"], how="left")
late = data.target.to_numpy().astype(int)
table = flights[["hour", "distance", *readings]].astype(float)
table["weekday"] = flights["time_hour"].dt.day_of_week
first_half = (flights["month"] <= 6).to_numpy()
sizes = flights.loc[first_half, "carrier"].value_counts()
table["carrier"] = flights["carrier"].map(sizes).astype(float)
for origin in ("EWR", "JFK"):
    table[origin] = (flights["origin"] == origin).astype(float)

rng = np.random.default_rng(0)


def half_late(where, size):
    """Draw positions of flights, half of them late."""
    sides = [np.flatnonzero(where & (late == side)) for side in (0, 1)]
    drawn = [rng.choice(side, size // 2, replace=False) for side in sides]
    return rng.permutation(np.concatenate(drawn))


learn, judge = half_late(first_half, 4_000), half_late(~first_half, 6_000)
typical = table.iloc[learn].median()
X, y = table.iloc[learn].fillna(typical).to_numpy(), late[learn]
X_new, y_new = table.iloc[judge].fillna(typical).to_numpy(), late[judge]

# %%
full_tree = DecisionTreeClassifier(random_state=0)
several = [1, 3, 5, 9, 15, 25, 35, 51]
groves, curves = {}, {}
for name, grove in {
    "bagged trees": BaggingClassifier(full_tree, 51, random_state=0),
    "random forest": RandomForestClassifier(51, random_state=0),
}.items():
    grove.fit(X, y)
    right = np.array([t.predict(X_new) == y_new for t in grove.estimators_])
    p, rho = right.mean(), correlation(right)
    votes = [(right[:n].mean(axis=0) > 0.5).mean() for n in several]
    assert abs(votes[-1] - grove.score(X_new, y_new)) < 0.003
    curves[name] = [
        100 * np.array(votes),
        100 * np.array([vote_law(p, rho, n) for n in several]),
    ]
    groves[name] = {
        "one tree (%)": 100 * p,
        "correlation ρ": rho,
        "vote of 51 (%)": 100 * votes[-1],
        "law with ρ (%)": 100 * vote_law(p, rho, 51),
        "if independent (%)": 100 * vote_law(p, 0, 51),
    }
groves = pd.DataFrame(groves).T
groves.round(2)

# %%
# alt: Accuracy against number of trees. Votes of bagged trees and of the forest rise from 57 % and flatten after about 25 trees near 64 % and 65 %, close to the dashed law with their correlation; the dotted curve for independent trees climbs on to 85 %.
figure, ax = plt.subplots(figsize=(7, 3.4))
styles = zip(curves.items(), "os", ("C0", "C1"), strict=True)
for (name, (measured, law)), marker, color in styles:
    ax.plot(several, measured, color=color, marker=marker, label=name)
    ax.plot(several, law, color=color, ls="--", lw=1)
p = groves.loc["random forest", "one tree (%)"] / 100
free = [100 * vote_law(p, 0, n) for n in several]
ax.plot(several, free, color="0.4", ls=":", label="if independent")
ax.plot([], [], color="0.4", ls="--", lw=1, label="law with measured ρ")
ax.set(
    xlabel="trees that vote",
    ylabel="right (%)",
    title="Votes of real trees flatten where their correlation says",
)
figure.legend(loc="outside lower center", ncols=2)
plt.show()

# %% [markdown]
# One tree that has learnt its flights by heart is right for 57 % of new ones. The vote of 51 is right for 64 %, that of the forest for 65 %. A tree of the forest is no better than a bagged one, but the trees are less alike: ρ is 0.12, not 0.15. (scikit-learn's own `predict` averages the trees' probabilities. With full trees that is the same vote, but for a few flights.)
#
# ## Boosting mends what is too simple, bagging calms what is too nervous
#
# *Boosting* does not vote among equals. It fits a small tree, looks at what is still wrong, fits the next small tree to that, and adds it (Friedman 2001). So the two do different work. Try both on a *stump*, a tree with one split.

# %%
stump = DecisionTreeClassifier(max_depth=1, random_state=0)
boosted = GradientBoostingClassifier(
    max_depth=1, n_estimators=51, random_state=0
)
fitted = {
    "one stump": stump,
    "51 stumps, bagged": BaggingClassifier(stump, 51, random_state=0),
    "51 stumps, boosted": boosted,
    "one full tree": full_tree,
}
scores = {name: m.fit(X, y).score(X_new, y_new) for name, m in fitted.items()}
scores["51 full trees, bagged"] = (
    groves.loc["bagged trees", "vote of 51 (%)"] / 100
)
pd.DataFrame({"right (%)": 100 * pd.Series(scores)}).round(1)

# %% [markdown]
# Bagged stumps all say nearly the same thing: what a stump cannot see, a vote of stumps cannot see. Boosted, they add up. A full tree is the opposite. It is too nervous, and a vote calms it. Boosting has nothing to add, since a full tree leaves nothing wrong in its training rows.
#
# ## Stacking learns whom to trust
#
# A vote gives everybody the same say. *Stacking* (Wolpert 1992) fits one more model, whose inputs are the members' probabilities. Those must come from rows that the members did not learn from, or a member that has learnt its rows by heart looks perfect and gets all the trust; scikit-learn makes them by cross-validation.


# %%
def booster(seed=0, share=1.0):
    """Make boosted trees; a share of the columns for each split."""
    return HistGradientBoostingClassifier(
        max_iter=60,
        max_leaf_nodes=8,
        max_features=share,
        random_state=seed,
    )


members = [
    ("logistic", make_pipeline(StandardScaler(), LogisticRegression())),
    ("tree", DecisionTreeClassifier(min_samples_leaf=50, random_state=0)),
    ("boosting", booster()),
]
offers = dict(members) | {
    "vote of the three": VotingClassifier(members),
    "their mean probability": VotingClassifier(members, voting="soft"),
    "stack of the three": StackingClassifier(members, cv=3),
    "vote of three boosters": VotingClassifier(
        [(str(seed), booster(seed, share=0.8)) for seed in range(3)]
    ),
}
answers = {
    name: model.fit(X, y).predict(X_new) for name, model in offers.items()
}
by_hand = np.sum([answers[name] for name, _ in members], axis=0) >= 2
assert (by_hand == answers["vote of the three"]).all()

n_fits = [1, 1, 1, 3, 3, 3 * (1 + 3) + 1, 3]
price = pd.DataFrame(
    {
        "models fitted": n_fits,
        "right (%)": [100 * (a == y_new).mean() for a in answers.values()],
    },
    index=list(answers),
)
price.round(1)

# %% [markdown]
# The vote pulls the best of the three down: where the tree and the logistic regression err together, they win. The stack asks for 13 fits, rests on boosting almost alone (its weights are below), and ends level with it. Is any of these small differences more than luck? `compare_models` draws the judged days anew and looks at both on the same flights.

# %%
day = flights["time_hour"].dt.normalize().iloc[judge].to_numpy()
stack_or_not = compare_models(
    y_new,
    answers["stack of the three"],
    answers["boosting"],
    names=("stack", "boosting"),
    groups=day,
    random_state=0,
)
trust = offers["stack of the three"].final_estimator_.coef_[0]
for (name, _), weight in zip(members, trust, strict=True):
    print(f"the stack's weight of {name}: {weight:.1f}")
answers_right = [answers[name] == y_new for name, _ in members]
print(f"correlation of the three: {correlation(answers_right):.2f}")
stack_or_not

# %% [markdown]
# ## When an ensemble is not worth it
#
# The same question for every offer, against the best single model:

# %%
answers["forest of 51"] = grove.predict(X_new)
rows = {}
for name in ["logistic", *list(answers)[3:]]:
    result = compare_models(
        y_new, answers[name], answers["boosting"], groups=day, random_state=0
    ).frame.iloc[0]
    rows[name] = {
        "minus boosting (points)": round(100 * result["difference"], 1),
        "from": round(100 * result["low"], 1),
        "to": round(100 * result["high"], 1),
        "shown": "yes" if result["shown"] else "no",
    }
boosters = offers["vote of three boosters"].estimators_
alike = correlation([b.predict(X_new) == y_new for b in boosters])
print(f"correlation of the three boosters' errors: {alike:.2f}")
pd.DataFrame(rows).T

# %% [markdown]
# No vote, mean or stack is shown to beat the boosted trees that stand alone. The reasons are those of the first half:
#
# - **The members are alike.** Even three different kinds of model have ρ = 0.49. Three boosters with other seeds have ρ = 0.90. There is next to nothing to gain, at three times the price.
# - **One member is better than the rest.** An equal vote pulls it towards them.
# - **A simpler model was not tried.** The forest of 51 trees is shown to be *worse* than boosting here. One logistic regression, at 66.6 %, is not.
#
# (Boosting became the yardstick because it is the best of the three on these very flights, which flatters it a little. A fresh test part would be fairer; notebook 12 of chapter 5 says by how much.)
#
# To the price of fitting comes the price of every answer, 51 trees instead of one line, and of explaining it. An ensemble pays where the members are good, different and about equal, and where a point of accuracy is worth money.
#
# ## Check yourself

# %%
nb.quiz(
    (
        "Nine models are right for 70 % each, and so is their vote. What do "
        "you look at first?"
    ),
    {
        "whether the vote was counted wrongly": (
            "Possible, but there is a more common reason: they err on the "
            "same rows."
        ),
        "the correlation of their errors": (
            "With ρ near 1 a vote is one model, asked nine times. Look for "
            "other rows, other columns or another kind of model."
        ),
        "whether 90 models would do": (
            "More voters of the same kind change little: the curve "
            "flattens where ρ says."
        ),
    },
    answer="the correlation of their errors",
)

# %%
nb.quiz(
    "You bag 100 logistic regressions on 4,000 rows. What happens?",
    {
        "accuracy rises as it did for trees": (
            "A full tree changes a lot when the rows are drawn anew. A "
            "logistic regression hardly changes."
        ),
        "hardly anything": (
            "The 100 models are nearly the same model. Bagging calms what "
            "is nervous; this is not."
        ),
        "accuracy falls, as each sees fewer different rows": (
            "Each sees about 63 % of the different rows. With 4,000 that "
            "costs next to nothing."
        ),
    },
    answer="hardly anything",
)

# %% [markdown]
# ## Exercises
#
# ★ Give the random forest `max_features=1`. What happens to one tree, to ρ, and to the vote?
#
# ★★ Write `vote_of_three(a, b, c)`: how often at least two of three *independent* models are right when they are right with chances `a`, `b` and `c`. Then try one good model with two poor ones: 0.95, 0.6 and 0.6.


# %% tags=["exercise"] exercise="ch06-03-vote-of-three"
def vote_of_three(a, b, c):
    """Return the chance that at least two of three are right."""
    ...


# %%
def rightly(a, b, c):
    """Return the chance, by inclusion and exclusion."""
    return a * b + a * c + b * c - 2 * a * b * c


good_and_poor = (0.95, 0.6, 0.6)
nb.check(
    "ch06-03-vote-of-three",
    vote_of_three,
    rightly,
    cases=[(0.7, 0.7, 0.7), good_and_poor, (0.9, 0.8, 0.3)],
    mistakes={
        "That is exactly two; three right readers win as well.": (
            lambda a, b, c: a * b + a * c + b * c - 3 * a * b * c
        ),
        "That is at least one; one right reader is outvoted.": (
            lambda a, b, c: 1 - (1 - a) * (1 - b) * (1 - c)
        ),
        "You counted all three right once for each pair.": (
            lambda a, b, c: a * b + a * c + b * c
        ),
        "The mean chance is not enough when the three differ.": (
            lambda a, b, c: binom.sf(1, 3, (a + b + c) / 3)
        ),
    },
)

# %% [markdown] tags=["solution"] exercise="ch06-03-vote-of-three"
# <details><summary>Solution</summary>
#
# Add the four patterns in which two or three are right. With 0.95, 0.6 and 0.6 the vote is right for 81.6 %: the good model alone would have been better.
#
# ```python
# def vote_of_three(a, b, c):
#     """Return the chance that at least two of three are right."""
#     exactly_two = a * b * (1 - c) + a * (1 - b) * c + (1 - a) * b * c
#     return a * b * c + exactly_two
# ```
#
# </details>

# %% [markdown]
# ★★★ Your team has one boosted model in service. A colleague has a stack that is a little better in cross-validation and takes five times as long to answer. Write down what you would want to know before you change, and who should decide.
#
# ## You have now
#
# - computed that three independent voters at 70 % make 78.4 %, and that hard scans alone bring it down to 73.6 %;
# - measured ρ of three readers: 0.65 with shared training scans, where the vote gains nothing, and 0.16 with their own, where it gains 6.8 points;
# - seen 51 trees rise from 57 % to 64 % (bagged) and 65 % (forest), and flatten where the law with their ρ says;
# - seen boosting lift stumps from 62.1 % to 65.1 %, where bagging lifts them by nothing;
# - found no vote or stack that is shown to beat boosting alone on flights.
#
# **In practice.** Start with one boosted model and a simple one. Before you build an ensemble, save the answers of what you have on the same rows, and compute ρ: it takes a minute and no new model. Different data, other columns and other targets bring more difference than other seeds. Teams that win contests by a tiny margin often stack dozens of models; teams that run a service seldom do.
#
# **Read on.** L. Breiman (1996), *Bagging predictors*. L. Breiman (2001), *Random forests*. J. Friedman (2001), *Greedy function approximation: a gradient boosting machine*. D. Wolpert (1992), *Stacked generalization*. L. Kuncheva and C. Whitaker (2003), *Measures of diversity in classifier ensembles and their relationship with the ensemble accuracy*.

# %% tags=["claims", "remove-cell"]
same, own = real.iloc[0], real.iloc[1]
bag, forest = groves.iloc[0], groves.iloc[1]
chance_of_one = patterns.loc[patterns["A"] == 1, "chance"].sum()
nb.claim("78.4 %", majority)
nb.claim("0.343", all_three)
nb.claim("0.441", just_two)
nb.claim("0.784", majority)
nb.claim("70 %", chance_of_one)
nb.claim("90 %", kinds.loc["neat", "one reader"])
nb.claim("50 %", kinds.loc["scrawled", "one reader"])
nb.claim("73.6 %", overall["vote of 3"])
nb.claim("8.4", 100 * (majority - 0.7))
nb.claim("3.6", 100 * (overall["vote of 3"] - 0.7))
nb.claim("75 %", overall["vote of 101"])
nb.claim("101", voters[-1])
nb.claim("0.04", spread)
nb.claim("0.21", chance_of_one * (1 - chance_of_one))
nb.claim("0.19", rho_by_hand)
nb.claim("0.2", rhos[2])
nb.claim("4.5", 100 * (vote_law(0.7, rhos[2], 3) - 0.7))
late_by = data.frame.loc[late == 1, "arr_delay"].min()
nb.claim("30", late_by)
nb.claim("0.15", bag["correlation ρ"])
nb.claim("0.12", forest["correlation ρ"])
nb.claim("51", len(grove.estimators_))
nb.claim("11.1", 100 * (vote_law(0.7, rhos[2], 51) - 0.7))
nb.claim("0.5", rhos[3])
nb.claim("2.7", 100 * (vote_law(0.7, rhos[3], 51) - 0.7))
nb.claim("35", SCANS)
nb.claim("20", len(runs))
nb.claim("1,000", right_of_three.shape[1])
nb.claim("0.65", same["correlation ρ"])
nb.claim("0.16", own["correlation ρ"])
nb.claim("6.8", own["vote (%)"] - own["one reader (%)"])
nb.claim("4,000", len(y))
nb.claim("6,000", len(y_new))
nb.claim("57 %", bag["one tree (%)"] / 100)
nb.claim("57 %", forest["one tree (%)"] / 100)
nb.claim("64 %", bag["vote of 51 (%)"] / 100)
nb.claim("65 %", forest["vote of 51 (%)"] / 100)
nb.claim("62.1 %", scores["one stump"])
nb.claim("62.1 %", scores["51 stumps, bagged"])
nb.claim("65.1 %", scores["51 stumps, boosted"])
nb.claim("25", several[5])
nb.claim("85 %", bag["if independent (%)"] / 100)
nb.claim("85 %", free[-1] / 100)
nb.claim("63 %", 1 - (1 - 1 / len(y)) ** len(y))
nb.claim("13", n_fits[5])
nb.claim("0.49", correlation(answers_right))
nb.claim("0.90", alike)
nb.claim("66.6 %", price.loc["logistic", "right (%)"] / 100)
nb.claim("0.95", good_and_poor[0])
nb.claim("0.6", good_and_poor[1])
nb.claim("81.6 %", rightly(*good_and_poor))
