# %% [markdown]
# # Ask for the right labels
#
# *15 minutes · data: digits (from scikit-learn), flights*
#
# **You will** let a model choose which rows a person should label next, measure what that saves, and see it do worse than chance.
#
# **You will learn to**
#
# - compute how unsure a model is, in three ways, and pick queries with `select_queries`;
# - measure the labels saved, with a band, with `simulate_active_learning`;
# - recognise the pools in which asking the model backfires: duplicates, junk, and classes that overlap.
#
# **You need** classifiers with `predict_proba`, and what a learning curve is.

# %%
import warnings

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.datasets import load_digits
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from mlworkbench import datasets
from mlworkbench import notebook as nb
from mlworkbench.labeling import select_queries, simulate_active_learning

nb.setup()
# A class with a single label so far has no spread of its own; scikit-learn says so each time.
warnings.filterwarnings("ignore", message="Only one sample available")

# %% [markdown]
# ## A person can label 150 scans, and 1,297 are waiting
#
# A post office pays for labels of scanned digits, one by one. The usual way is to draw scans at random. But most scans are easy, and the hundredth clean zero teaches nothing. *Active learning* fits a model to the labels so far and asks for those it is least sure of (Settles 2012).

# %%
X, y = load_digits(return_X_y=True)
X = X / 16
order = np.random.default_rng(0).permutation(len(y))
test, pool = order[:500], order[500:]
pd.DataFrame(
    {"rows": [len(pool), len(test)]}, index=["waiting for a label", "test"]
)

# %% [markdown]
# ## Commit to a guess
#
# A well-known illustration: 400 points from two Gaussians, 30 labels. One draw gave 70 % accuracy with labels drawn at random, and 90 % with labels asked for (Settles 2012). One draw is one draw. Repeat it 100 times: what is the *mean* gain?

# %%
guess = nb.predict(
    "ch04-10-gain",
    "Two Gaussians, 400 points, 30 labels, 100 draws: how much better is asking than drawing at random, on average?",
    options=[
        "about 20 points",
        "about 10 points",
        "1 to 3 points",
        "less than 1 point",
    ],
    why="With 30 random labels the model is close to the best there is in nearly every draw, so little "
    "is left to gain. A draw with a bad random model exists, and makes a fine picture.",
)
guess

# %% [markdown]
# ## Unsure, said in three ways
#
# Three scans, three classes, and the probabilities of a model. *Least confidence* looks at the largest probability only, *margin* at the two largest, *entropy* at all.

# %%
y_prob = np.array([[0.5, 0.5, 0.0], [0.4, 0.3, 0.3], [0.9, 0.1, 0.0]])
largest = np.sort(y_prob, axis=1)[:, ::-1]
safe = np.where(y_prob > 0, y_prob, 1)
by_hand = pd.DataFrame(
    {
        "least_confidence": 1 - largest[:, 0],
        "margin": 1 - (largest[:, 0] - largest[:, 1]),
        "entropy": -(y_prob * np.log(safe)).sum(axis=1),
    },
    index=["scan A", "scan B", "scan C"],
)
for strategy in by_hand:
    assert np.allclose(
        select_queries(y_prob, strategy=strategy).utilities, by_hand[strategy]
    )
by_hand.round(2)

# %% [markdown]
# All three leave scan C alone. Margin asks for A, a toss-up between two classes; the other two ask for B, where nothing is known. With two classes the three always agree on the order.

# %% [markdown]
# ## The mean of a hundred draws is less exciting than one draw
#
# Two Gaussians, three standard deviations apart, a fresh draw each time; both strategies start from the same two labels, and ask for seven at a time until they have 30. The test set is 2,000 points more.


# %%
def two_gaussians(n, seed):
    """Draw n points, half from each of two Gaussians."""
    y = np.arange(n) % 2
    points = np.random.default_rng(seed).normal(size=(n, 2))
    points[:, 0] += np.where(y == 1, 1.5, -1.5)
    return points, y


far_away = two_gaussians(2_000, seed=10_000)
draws = []
for seed in range(100):
    points, label = two_gaussians(400, seed)
    report = simulate_active_learning(
        LogisticRegression(),
        points,
        label,
        X_test=far_away[0],
        y_test=far_away[1],
        strategies=["random", "least_confidence"],
        budget=30,
        n_initial=2,
        batch=7,
        n_repeats=1,
        random_state=seed,
    )
    draws.append(100 * report.frame["score"])
draws = pd.DataFrame(draws).reset_index(drop=True)
draws["gain"] = draws["least_confidence"] - draws["random"]
gaussians = draws.agg(
    ["mean", lambda v: v.quantile(0.05), lambda v: v.quantile(0.95)]
).T
gaussians.columns = ["mean", "5 % of draws below", "5 % of draws above"]
gaussians.round(1)

# %%
guess.reveal(
    "less than 1 point", measured=f"{draws['gain'].mean():.1f} points"
)

# %% [markdown]
# The band is the point: the gain of *one* draw tells next to nothing. What asking does here is narrow the bad side: compare the second column of the two strategies.

# %% [markdown]
# ## On the scans, asking saves half of the labels
#
# Now the post office. Ten classes, and a model that needs far more labels. Each repeat starts from 20 random labels, the same for all strategies, and asks for ten at a time. `committee` lets five models vote that were fitted to bootstrap samples of the labels.


# %%
def classifier():
    return LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.3)


digits = simulate_active_learning(
    classifier(),
    X[pool],
    y[pool],
    X_test=X[test],
    y_test=y[test],
    strategies=["random", "least_confidence", "margin", "committee"],
    budget=150,
    batch=10,
    n_initial=20,
    n_repeats=8,
    random_state=0,
)
table = digits.frame[
    [
        "score",
        "gain",
        "gain_low",
        "gain_high",
        "labels_saved",
        "saved_low",
        "saved_high",
    ]
]
table.round({name: 0 if "saved" in name else 2 for name in table})

# %%
# alt: Learning curves of four strategies with bands; the strategies that ask pass the random one early.
digits.plot()
plt.show()

# %% [markdown]
# `gain` is the mean difference from `random`, repeat by repeat, and the two columns after it say how well that *mean* is known. `labels_saved` reads the curves sideways: how many labels fewer for the accuracy that random labels reach at the end.
#
# Move the controls: pick a strategy, then shrink the budget. With few labels the model does not know yet what it does not know, and the gain is small or none.

# %%
curves = digits.curves["mean"].unstack("strategy")
bands = digits.curves


def at_budget(strategy, budget):
    """Draw a strategy against random labels, up to a budget."""
    figure, ax = plt.subplots(figsize=(6, 3))
    for name, color in (("random", "0.5"), (strategy, "C0")):
        part = bands.loc[name].loc[:budget]
        ax.plot(part.index, 100 * part["mean"], color=color, label=name)
        ax.fill_between(
            part.index,
            100 * part["low"],
            100 * part["high"],
            color=color,
            alpha=0.15,
            linewidth=0,
        )
    gain = 100 * (curves.loc[budget, strategy] - curves.loc[budget, "random"])
    ax.set(
        xlim=(15, 155),
        ylim=(45, 100),
        xlabel="labels",
        ylabel="accuracy (%)",
        title=f"{budget} labels: {gain:+.1f} points against random",
    )
    ax.legend(loc="lower right")
    return figure


explorer = nb.explore(
    at_budget,
    strategy=["least_confidence", "margin", "committee"],
    budget=[30, 50, 80, 110, 150],
    start={"strategy": "margin", "budget": 150},
)
explorer

# %% [markdown]
# ## Duplicates fill a batch with one question
#
# The scans arrive five times each, as rows of logs and web pages often do. The model is exactly as unsure of all copies, so a batch of 20 holds few different questions. `diversity` picks rows that are unsure *and* far from those already chosen.


# %%
def compare(rows, labels, strategies):
    return simulate_active_learning(
        classifier(),
        rows,
        labels,
        X_test=X[test],
        y_test=y[test],
        strategies=strategies,
        budget=100,
        batch=20,
        n_initial=20,
        n_repeats=8,
        random_state=0,
    )


repeated = compare(
    np.repeat(X[pool], 5, axis=0),
    np.repeat(y[pool], 5),
    {
        "random": "random",
        "margin": "margin",
        "margin, diverse": {"strategy": "margin", "diversity": 0.5},
    },
)
repeated.frame[["score", "gain", "gain_low", "gain_high"]].round(2)

# %% [markdown]
# Better still: drop the duplicates first.
#
# ## Junk is what a diverse strategy loves
#
# Now 130 sheets of noise are among the scans, and the tired person types *some* digit for each. A strategy that spreads its questions over clusters gives every oddity a cluster of its own.

# %%
rng = np.random.default_rng(0)
noise = rng.uniform(size=(130, 64))
junk = compare(
    np.vstack([X[pool], noise]),
    np.append(y[pool], rng.integers(0, 10, len(noise))),
    ["random", "margin", "cluster_margin"],
)
junk.frame[["score", "gain", "gain_low", "gain_high"]].round(2)

# %% [markdown]
# ## On flights, asking is worse than drawing at random
#
# Which flights will be 30 minutes late, from carrier, origin, hour, month and distance? Here the classes overlap nearly everywhere: a flight at even odds is not a gap in the model's knowledge, it is closer to a coin. Asking for the label of a coin teaches next to nothing.

# %%
flights = datasets.load("flights").frame
flights = flights[flights["arr_delay"].notna()].sample(4_000, random_state=0)
late = (flights["arr_delay"] >= 30).to_numpy()
columns = [
    flights[["hour", "month", "distance"]],
    pd.get_dummies(flights[["origin", "carrier"]].astype(str)),
]
Z = StandardScaler().fit_transform(pd.concat(columns, axis=1).astype(float))

delays = simulate_active_learning(
    LogisticRegression(C=0.1),
    Z,
    late,
    strategies=["random", "margin"],
    scoring="roc_auc",
    budget=200,
    batch=20,
    n_initial=20,
    n_repeats=10,
    random_state=0,
)
last = delays.runs[delays.runs["labels"] == delays.budget].groupby(
    "strategy", sort=False
)
result = delays.frame[["score", "gain", "gain_low", "gain_high"]].rename(
    columns={"score": "ROC AUC"}
)
result["late among the labelled"] = last["rarest_share"].mean()
result.round(2)

# %% [markdown]
# And look at the last column. In the pool 17 % of the flights are late; among the labels asked for it is more. Labels that were asked for are *not a sample*: a rate, a threshold or a calibration computed from them is off. Keep a random part for those.
#
# > **Tip.** Label two sets: a random one for the test, first, and the asked-for one for training. Never test on what was asked for.

# %% [markdown]
# ## Check yourself

# %%
nb.quiz(
    "A model gives a row 51 % against 49 %. Is its label worth asking for?",
    {
        "yes, always: nothing is less sure": "It may be a coin by nature, a copy of the row before, or junk.",
        "yes, if a label there would change the model elsewhere": "That is what uncertainty stands in for, and only sometimes is.",
        "no, a model learns from clear cases": "Clear cases are what it knows already.",
    },
    answer="yes, if a label there would change the model elsewhere",
)

# %%
nb.quiz(
    "You measured the error rate on 300 rows that the model asked for: 31 %. What is it on the stream?",
    {
        "about 31 %": "The rows were picked because the model is unsure of them.",
        "lower, most likely, and one cannot say by how much": "They are the hard ones. A random sample is needed for a number.",
        "higher, as those rows have labels now": "That is no reason: whether a label is known does not change how hard a row is.",
    },
    answer="lower, most likely, and one cannot say by how much",
)

# %% [markdown]
# ## Exercises
#
# ★ Set `diversity` to 1 in the run with duplicates. What does the strategy pay attention to then, and what not?
#
# ★★ Write `margin_queries(proba, n)`: the positions of the n rows with the smallest margin between the two likeliest classes, smallest first.


# %% tags=["exercise"] exercise="ch04-10-margin"
def margin_queries(proba, n):
    """Return the positions of the n rows with the smallest margin."""
    ...


# %%
proba = np.array(
    [[0.3, 0.1, 0.6], [0.05, 0.48, 0.47], [0.4, 0.3, 0.3], [0.15, 0.8, 0.05]]
)
nb.check(
    "ch04-10-margin",
    margin_queries(proba, 2),
    select_queries(proba, strategy="margin", n=2).positions,
    mistakes={
        "That is least confidence: take the second largest probability into account.": [
            2,
            1,
        ],
        "These are the surest rows: sort the other way round.": [3, 0],
        "That compares the first two columns: the likeliest classes differ from row to row.": np.argsort(
            proba[:, 0] - proba[:, 1]
        )[:2],
    },
)

# %% [markdown] tags=["solution"] exercise="ch04-10-margin"
# <details><summary>Solution</summary>
#
# Sort each row; the two last columns are the two likeliest classes.
#
# ```python
# def margin_queries(proba, n):
#     """Return the positions of the n rows with the smallest margin."""
#     ordered = np.sort(proba, axis=1)
#     margin = ordered[:, -1] - ordered[:, -2]
#     return np.argsort(margin, kind="stable")[:n]
# ```
#
# </details>

# %% [markdown]
# ★★★ Your team can pay for a thousand labels, once. How many would you draw at random, how many would you ask for, and in which order? Write down what would make you stop asking.
#
# ## You have now
#
# - seen that the mean gain of asking is 0.5 points on two Gaussians, with nine draws in ten between −1.0 and 2.7: one draw proves nothing;
# - saved 73 of 150 labels on scans by asking for the smallest margins, somewhere between 64 and 81;
# - watched it fail: 9.8 points below random with duplicates (and 3.8 above with a diverse batch), 17.7 below with junk and clusters, and 2.8 points of ROC AUC below on flights, with 22 % late among the labels in place of 17 %.
#
# **In practice.** Simulate on labels you have before you ask for new ones, with bands. Remove duplicates and junk first. Let a share of every batch be random: it keeps you honest about rates, and finds what the model does not know that it does not know (Attenberg & Provost 2011). `scikit-activeml` has dozens of strategies; few beat margin by much.
#
# **Read on.** B. Settles (2012), *Active Learning*. J. Attenberg and F. Provost (2011), *Inactive learning? Difficulties employing active learning in practice*. G. Citovsky et al. (2021), *Batch active learning at scale*.

# %% tags=["claims", "remove-cell"]
nb.claim("150", digits.budget)
nb.claim("1,297", len(pool))
nb.claim("400", len(points))
nb.claim("30", report.budget)
nb.claim("100", len(draws))
nb.claim("2,000", len(far_away[0]))
nb.claim("20", digits.runs["labels"].min())
nb.claim("20", np.diff(repeated.runs["labels"].unique())[0])
nb.claim("130", len(noise))
nb.claim("17 %", delays.rarest_share)
nb.claim("0.5", gaussians.loc["gain", "mean"])
nb.claim("−1.0", gaussians.loc["gain"].iloc[1])
nb.claim("2.7", gaussians.loc["gain"].iloc[2])
nb.claim("73", digits.frame.loc["margin", "labels_saved"])
nb.claim("64", digits.frame.loc["margin", "saved_low"])
nb.claim("81", digits.frame.loc["margin", "saved_high"])
nb.claim("9.8", -100 * repeated.frame.loc["margin", "gain"])
nb.claim("3.8", 100 * repeated.frame.loc["margin, diverse", "gain"])
nb.claim("17.7", -100 * junk.frame.loc["cluster_margin", "gain"])
nb.claim("2.8", -100 * delays.frame.loc["margin", "gain"])
nb.claim("22 %", result.loc["margin", "late among the labelled"])
