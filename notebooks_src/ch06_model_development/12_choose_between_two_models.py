# %% [markdown]
# # Choose between two models
#
# *15 minutes · data: flights*
#
# **You will** compare two models that are half a point apart, promise what the next test set will say, and then look at six of them.
#
# **You will learn to**
#
# - test a difference on the flights on which the models differ, and on whole days;
# - say how likely a second test set agrees, and when that promise is too good;
# - correct cross-validation for folds that share rows, and find the step of a chain that is worth improving.
#
# **You need** accuracy, the standard error of a mean, and p-values.

# %%
import textwrap

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from scipy.stats import binomtest, norm, t
from sklearn.compose import make_column_transformer
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
)
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from statsmodels.stats.contingency_tables import mcnemar

from mlworkbench import datasets
from mlworkbench import notebook as nb
from mlworkbench.evaluation import (
    compare_cv_scores,
    compare_models,
    oracle_substitution,
)

nb.setup()

# %% [markdown]
# ## Half a point in June
#
# When a flight leaves New York, the airport at the other end wants to know: will it arrive 15 minutes late or more? Its delay at departure is known by then. Two teams built an alarm from the same 30,000 flights of January to May: a logistic regression, and boosted trees. June was kept for the test. The airport asks: *one is half a point better. Is that real, and will it be there next month?*

# %%
flights = datasets.load("flights").frame
flights = flights[flights["arr_delay"].notna()].reset_index(drop=True)
late = (flights["arr_delay"] >= 15).to_numpy()
month = flights["month"].to_numpy()
day = flights["time_hour"].dt.strftime("%m-%d").to_numpy()
X = flights[["carrier", "origin", "dest", "hour", "distance"]].copy()
X["dep_delay"] = flights["dep_delay"].astype(float)

rng = np.random.default_rng(0)
train = rng.choice(np.flatnonzero(month <= 5), 30_000, replace=False)
logistic = make_pipeline(
    make_column_transformer(
        (StandardScaler(), ["hour", "distance", "dep_delay"]),
        (OneHotEncoder(handle_unknown="ignore"), ["carrier", "origin"]),
    ),
    LogisticRegression(max_iter=500),
)
trees = HistGradientBoostingClassifier(
    max_iter=60, categorical_features="from_dtype", random_state=0
)
test = np.flatnonzero(month >= 6)  # June to December
says, right = {}, {}
for name, model in (("logistic", logistic), ("trees", trees)):
    model.fit(X.loc[train], late[train])
    says[name] = model.predict(X.loc[test])
    right[name] = says[name] == late[test]
names = ("logistic", "trees")
june = month[test] == 6
pd.DataFrame(
    {"accuracy in June (%)": {n: 100 * right[n][june].mean() for n in names}}
).round(1)

# %%
guess = nb.predict(
    "ch06-12-differ",
    (
        f"June has {june.sum():,} flights. On how many of them is exactly "
        "one of the two models right?"
    ),
    options=["about 70", "about 700", "about 3,000", "about 7,000"],
    why="Both models mostly read the delay at departure. They agree on "
    "nearly all flights, also where both are wrong.",
)
guess

# %% [markdown]
# ## By hand: only the flights on which they differ can decide
#
# A flight that both have right says nothing about which one is better, nor does one that both have wrong. McNemar (1947) looks at the others: if the models are equally good, each of these flights is a fair coin.

# %%
a, b = right["logistic"][june], right["trees"][june]
four = pd.crosstab(
    pd.Series(np.where(a, "right", "wrong"), name="logistic"),
    pd.Series(np.where(b, "right", "wrong"), name="trees"),
)
only_logistic, only_trees = (a & ~b).sum(), (~a & b).sum()
coin = binomtest(only_logistic, only_logistic + only_trees, 0.5).pvalue
by_library = mcnemar(four.to_numpy(), exact=True).pvalue
assert np.isclose(coin, by_library)
four

# %%
guess.reveal("about 700", measured=f"{only_logistic + only_trees:,} flights")

# %% [markdown]
# Fair coins fall as unevenly as this about 4 times in a million. The helper finds the same, and says it in words.

# %%
by_flight = compare_models(
    late[test][june],
    says["logistic"][june],
    says["trees"][june],
    names=names,
    random_state=0,
)
assert np.isclose(by_flight.mcnemar_exact, coin)
assert by_flight.only_a_right == only_logistic
print(textwrap.fill(by_flight.verdict, 78))

# %% [markdown]
# ## Errors come in days, so the interval is wider than flights make it
#
# Flights are no coins that fall one by one. On the evening of a thunderstorm hundreds of flights go wrong together, and one model may be better on all of them. What repeats independently, more or less, is the day. So resample days: draw 30 of the 30 days with replacement, keep all flights of a drawn day, and look at the difference. Both models are scored on the same days, so what is hard for both cancels out.

# %%
gap = right["logistic"].astype(int) - right["trees"].astype(int)
days = (
    pd.DataFrame({"day": day[test], "month": month[test], "gap": gap})
    .groupby("day")
    .agg(month=("month", "first"), gap=("gap", "sum"), n=("gap", "size"))
)
in_june = days[days["month"] == 6]
drawn = np.random.default_rng(0).integers(0, 30, (4_000, 30))
total = in_june["gap"].to_numpy()[drawn].sum(axis=1)
drawn_gap = total / in_june["n"].to_numpy()[drawn].sum(axis=1)

by_day = compare_models(
    late[test][june],
    says["logistic"][june],
    says["trees"][june],
    groups=day[test][june],
    names=names,
    random_state=0,
)
first = {"flights": by_flight.frame.iloc[0], "days": by_day.frame.iloc[0]}
assert abs(np.quantile(drawn_gap, 0.025) - first["days"]["low"]) < 4e-4
pd.DataFrame(
    {
        f"by {unit}": 100 * row[["difference", "low", "high"]].astype(float)
        for unit, row in first.items()
    }
).T.round(2)

# %% [markdown]
# All in points. By days the interval is a third wider and still leaves 0 out (the helper widens it a little more, since 30 days are few). McNemar's test knows no days; with `groups` the helper leaves it out.
#
# > **Tip.** Ask what was drawn independently: patients, users, days, machines. That is the unit to resample.
#
# ## A second test set: the sign comes back, the size does not
#
# A second June would have noise of its own. Two differences with standard error $s$ lie about $s\sqrt 2$ apart, so the chance of the same sign is $\Phi(|d| / (s\sqrt 2))$ (Killeen 2005). The helper gives it:

# %%
print(textwrap.fill(by_day.verdict, 78))

# %% [markdown]
# We have no second June. We have July to December.


# %%
def compare_month(wanted, n_days=31, by_days=True, n_boot=2_000):
    """Compare the two models on the first days of a month."""
    rows = (month[test] == wanted) & (
        flights["day"].to_numpy()[test] <= n_days
    )
    return compare_models(
        late[test][rows],
        says["logistic"][rows],
        says["trees"][rows],
        groups=day[test][rows] if by_days else None,
        names=names,
        n_boot=n_boot,
        random_state=0,
    )


months_of_2013 = ["Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
name_of = dict(enumerate(months_of_2013, start=6))
months = pd.concat(
    [compare_month(k).frame for k in name_of], ignore_index=True
)
months.index = list(name_of.values())
shown = months[["difference", "low", "high"]].mul(100).round(2)
shown["shown"] = months["shown"].map({True: "yes", False: "no"})
shown

# %%
# alt: Difference in accuracy for June to December with intervals by days. All seven points lie above zero. June is the highest, December nearly as high, the others about half of it; the intervals of July and October include zero.
figure, ax = plt.subplots(figsize=(7, 3))
middle = 100 * months["difference"]
ends = [middle - 100 * months["low"], 100 * months["high"] - middle]
ax.errorbar(months.index, middle, yerr=ends, fmt="o", color="C0", capsize=4)
ax.axhline(0, color="0.4", linewidth=1)
ax.axhline(middle["Jun"], color="C1", linestyle="--", linewidth=1)
ax.text(6.3, middle["Jun"] + 0.02, "seen in June", color="C1")
ax.set(
    xlim=(-0.5, 7.4),
    ylabel="logistic - trees (points)",
    xlabel="month of 2013, interval by days",
    title="Ahead again in six of six months, by half as much",
)
plt.show()

# %% [markdown]
# Logistic regression is ahead in every month, as promised. But July to December have 0.24 points on average, not 0.45, and July alone shows nothing. The promise is about the *sign*, on rows of *the same kind*. About the size, look at the interval: its lower end was the better guide.
#
# Fewer days, and the picture blurs. Start with the first week of July, which has the trees ahead. Then look at the first week of October, by flights and by days (below ten days the helper calls nothing shown by days). And at the first two weeks of August: 0.86 points, shown by days as well; the whole month has 0.26. Weather lasts longer than a day, so days are not quite independent either.


# %%
def a_few_days(month, days):
    """Tabulate both comparisons for the first days of a month."""
    rows = {}
    for unit in ("flights", "days"):
        row = compare_month(month, days, unit == "days", 500).frame.iloc[0]
        rows[f"by {unit}"] = {
            "difference": f"{100 * row['difference']:+.2f}",
            "from": f"{100 * row['low']:+.2f}",
            "to": f"{100 * row['high']:+.2f}",
            "shown": "yes" if row["shown"] else "no",
            "same sign again": f"{100 * row['same_sign']:.0f} %",
        }
    return pd.DataFrame(rows).T


nb.explore(
    a_few_days,
    title="The first days of a month (points)",
    month={name: k for k, name in name_of.items()},
    days=[7, 14, 28],
    start={"month": 7, "days": 7},
)

# %% [markdown]
# ## Large promises are not kept
#
# Is the chance of the same sign itself to be believed? Draw a test set of 7 days from June to December at random, and a second one; compute the promise from the first, and look at the second. Do it 4,000 times.

# %%
totals, sizes = days["gap"].to_numpy(), days["n"].to_numpy()
order = np.random.default_rng(1).random((4_000, len(days))).argsort(axis=1)


def difference_of(which):
    """Return the difference and its standard error, by days."""
    n = sizes[which].sum(axis=1)
    d = totals[which].sum(axis=1) / n
    left = totals[which] - d[:, None] * sizes[which]
    k = which.shape[1]
    return d, np.sqrt((left**2).sum(axis=1) * k / (k - 1)) / n


one, error = difference_of(order[:, :7])
two, _ = difference_of(order[:, 7:14])
again = pd.DataFrame(
    {
        "promised": t.cdf(np.abs(one) / error / np.sqrt(2), df=6),
        "came true": np.sign(one) == np.sign(two),
        "size": np.abs(one) / np.abs(gap.mean()),
    }
)
again["promise"] = pd.cut(
    again["promised"],
    [0, 0.7, 0.9, 1],
    labels=["up to 0.7", "0.7 to 0.9", "above 0.9"],
)
promises = again.groupby("promise", observed=True).agg(
    tests=("size", "size"),
    promised=("promised", "mean"),
    came_true=("came true", "mean"),
    size=("size", "mean"),
)
promises.round(2).rename(columns={"came_true": "came true"})

# %% [markdown]
# `size` is the difference seen, as a multiple of the difference over all 214 days. Small and middling promises are kept. Those of 95 % come true in 84 % of the cases: who sees twice the true difference in a week has seen luck, and the formula takes luck for skill. The second look is smaller. So it is when you choose the best of many.
#
# ## The winner of twenty near-equals wins by a margin that is not there
#
# Twenty models of one recipe, each from 2,000 flights of its own; in July all lie within one point. Number 1 is in use. On each day of June we crown the best of the other nineteen, as a contest would, and look at its lead over number 1: on that day, and in the whole of July.

# %%
july = month[test] == 7
look = np.flatnonzero(june | july)
twins = []
for seed in range(20):
    mine = np.random.default_rng(seed).choice(train, 2_000, replace=False)
    twin = HistGradientBoostingClassifier(
        max_iter=20, categorical_features="from_dtype", random_state=0
    ).fit(X.loc[mine], late[mine])
    twins.append(twin.predict(X.loc[test[look]]))
twins = np.transpose(twins)
truth = late[test[look]]
correct = twins == truth[:, None]
in_july = correct[july[look]].mean(axis=0)

contests = []
for date in in_june.index:
    rows = day[test[look]] == date
    accuracy = correct[rows].mean(axis=0)
    best = 1 + accuracy[1:].argmax()
    found = compare_models(
        truth[rows],
        twins[rows, best],
        twins[rows, 0],
        n_boot=500,
        random_state=0,
    )
    lead = accuracy[best] - accuracy[0]
    later = in_july[best] - in_july[0]
    contests.append([lead, later, found.frame["shown"][0] and lead > 0])
contests = np.array(contests, dtype=float)
board = pd.DataFrame(
    {
        "lead over number 1 (points)": {
            "the winner, on the day that crowned it": contests[:, 0].mean(),
            "the same winner, in July": contests[:, 1].mean(),
            "any of the nineteen, in July": in_july[1:].mean() - in_july[0],
        }
    }
)
board.mul(100).round(2)

# %% [markdown]
# A full point, and nothing of it in July. On 9 of the 30 days `compare_models` even calls the lead shown, where one or two would be bad luck. It judges two models that were *chosen before the rows were seen*. Choose on one set, compare on another.
#
# ## Cross-validation: ten folds are not ten experiments
#
# Before June came, the teams had only January to May. They ran ten folds (of whole days) on 5,000 flights. Two training parts share eight ninths of their rows, so the ten differences move together, and $s/\sqrt{10}$ is too small. Nadeau and Bengio (2003) take $s\sqrt{1/10 + n_\text{test}/n_\text{train}}$ in its place.

# %%
rows_cv = train[:5_000]
folds = list(GroupKFold(10).split(rows_cv, groups=day[rows_cv]))
scores = {
    name: cross_val_score(model, X.loc[rows_cv], late[rows_cv], cv=folds)
    for name, model in (("logistic", logistic), ("trees", trees))
}
over = scores["logistic"] - scores["trees"]
corrected = compare_cv_scores(
    scores["logistic"],
    scores["trees"],
    n_train=4_500,
    n_test=500,
    names=names,
)
half = {
    "as if independent": t.ppf(0.975, 9) * over.std(ddof=1) / 10**0.5,
    "corrected": t.ppf(0.975, 9) * over.std(ddof=1) * (1 / 10 + 1 / 9) ** 0.5,
}
row = corrected.frame.iloc[0]
assert np.isclose((row["high"] - row["low"]) / 2, half["corrected"])
pd.DataFrame(
    {
        "difference": 100 * over.mean(),
        "from": [100 * (over.mean() - h) for h in half.values()],
        "to": [100 * (over.mean() + h) for h in half.values()],
    },
    index=list(half),
).round(2)

# %% [markdown]
# The corrected interval is 1.45 times as wide. It also answers another question than June did: which *recipe* is better with 4,500 flights to learn from, not which of the two fitted alarms is.
#
# ## Before you improve a step, replace it by the truth
#
# In the morning nobody knows the delay at departure. A chain predicts it from the timetable, then how many minutes change on the way, and adds the two. The arrival time is off by too much. Which step should the team work on? Put the truth in the place of one step and look at what the rest makes of it.

# %%
departure = flights["dep_delay"].to_numpy(float)
on_the_way = flights["arr_delay"].to_numpy(float) - departure
plan = X.drop(columns="dep_delay")
some = train[:10_000]
first_step, second_step = (
    HistGradientBoostingRegressor(
        loss="absolute_error",
        max_iter=30,
        categorical_features="from_dtype",
        random_state=0,
    )
    for _ in range(2)
)
first_step.fit(plan.loc[some], departure[some])
second_step.fit(
    plan.loc[some].assign(delay=departure[some]), on_the_way[some]
)

here = test[june]
steps = {
    "departure": lambda x: x.assign(delay=first_step.predict(x)),
    "on the way": lambda x: x.assign(change=second_step.predict(x)),
    "arrival": lambda x: (x["delay"] + x["change"]).to_numpy(),
}
truths = {
    "departure": lambda x: x.assign(delay=departure[here]),
    "on the way": lambda x: x.assign(change=on_the_way[here]),
}
chain = oracle_substitution(
    steps,
    plan.loc[here],
    departure[here] + on_the_way[here],
    truths,
    groups=day[here],
    random_state=0,
)
print(textwrap.fill(chain.verdict, 78))
columns = ["step", "score", "gain", "low", "high", "gain_alone"]
chain.frame[columns].round(1).head(2)

# %% [markdown]
# `score` is the mean error in minutes once the step and all before it are perfect, `gain` how many minutes that saves. The third step only adds, and has no error of its own. Predict departures better first. The gains one after another add up to the whole error. The gains alone do not: to know what happens on the way helps less while the departure is a guess.
#
# > **Note.** A gain is the most a step can bring. Whether a departure can be predicted hours ahead at all is another question; storms say no.

# %% [markdown]
# ## Check yourself

# %%
nb.quiz(
    (
        "Two models differ by one point on 500 patients with 20 X-rays "
        "each. What do you resample?"
    ),
    {
        "the 10,000 X-rays": (
            "X-rays of a patient resemble each other: the interval comes "
            "out too narrow."
        ),
        "the 500 patients, with all their X-rays": (
            "Patients were drawn independently; X-rays came with them."
        ),
        "the two models": (
            "They are fixed here. To judge recipes, train them again."
        ),
    },
    answer="the 500 patients, with all their X-rays",
)

# %%
nb.quiz(
    (
        "p = 0.05 for the difference. How likely does a second test set of "
        "the same size show p < 0.05 with the same sign?"
    ),
    {
        "95 %": ("p is no chance of coming back."),
        "92 %": (
            "That is the chance of the same sign, at whatever p, if "
            "nothing was chosen."
        ),
        "about one half": (
            "The second difference is as often smaller than the first as "
            "it is larger, and smaller means p above 0.05."
        ),
    },
    answer="about one half",
)

# %% [markdown]
# ## Exercises
#
# ★ Compare the trees with the plain rule "late at departure by 15 minutes or more" in June. Is a model needed at all?
#
# ★★ Write `same_sign(difference, standard_error)`: the chance that a second test set of the same size has the same model ahead. A difference of exactly one standard error should give you 0.76.


# %% tags=["exercise"] exercise="ch06-12-same-sign"
def same_sign(difference, standard_error):
    """Return the chance that a second test set shows the same sign."""
    ...


# %%
cases = [(0.01, 0.01), (-0.0045, 0.0013), (0.002, 0.002 / 1.96)]


def chances(function):
    """Return the answers for three differences; None: not written."""
    values = [function(*case) for case in cases]
    return None if any(value is None for value in values) else values


nb.check(
    "ch06-12-same-sign",
    chances(same_sign),
    [norm.cdf(abs(d) / (s * np.sqrt(2))) for d, s in cases],
    mistakes={
        "The second test set is noisy too: divide by s times the root of 2.": [
            norm.cdf(abs(d) / s) for d, s in cases
        ],
        "Either model may be ahead: take the size of the difference.": [
            norm.cdf(d / (s * np.sqrt(2))) for d, s in cases
        ],
        "The variances add, not the errors: the root of 2, not 2.": [
            norm.cdf(abs(d) / (2 * s)) for d, s in cases
        ],
    },
)

# %% [markdown] tags=["solution"] exercise="ch06-12-same-sign"
# <details><summary>Solution</summary>
#
# The second difference lies around the first with variance $2s^2$. It has the same sign where it does not cross 0.
#
# ```python
# def same_sign(difference, standard_error):
#     """Return the chance that a second test set shows the same sign."""
#     return norm.cdf(abs(difference) / (standard_error * np.sqrt(2)))
# ```
#
# </details>

# %% [markdown]
# ★★★ The trees need a server, the logistic regression fits into a spreadsheet. Write down, before the next month's data come, which difference in points would make you pay for the server, and how many days of test you need to see it.
#
# ## You have now
#
# - counted the flights on which two models differ, 684 of 27,075, and found that half a point on them is no coin toss;
# - resampled days, which makes the interval a third wider than flights do;
# - promised the same sign at above 99 %, and seen it in six of six months, with 0.24 points instead of 0.45;
# - seen promises of 95 % come true in 84 % of the cases, and a lead of 1.0 points over number 1 vanish in July;
# - corrected ten folds by a factor of 1.45, and found that a perfect departure saves 19.6 of 33.5 minutes of error.
#
# **In practice.** Fix the two models, the metric and the unit before you look, and write down the smallest difference that would change your decision. Report the interval, not only the verdict. A difference that is shown and too small to pay for is no reason to switch. The next month is a different kind of rows: keep comparing.
#
# **Read on.** Q. McNemar (1947), *Note on the sampling error of the difference between correlated proportions or percentages*. T. Dietterich (1998), *Approximate statistical tests for comparing supervised classification learning algorithms*. C. Nadeau and Y. Bengio (2003), *Inference for the generalization error*. P. Killeen (2005), *An alternative to null-hypothesis significance tests*. D. Parikh and C. L. Zitnick (2011), *Finding the weakest link in person detectors*.

# %% tags=["claims", "remove-cell"]
late_most, late_least = promises.iloc[-1], promises.iloc[0]
assert abs(late_least["promised"] - late_least["came_true"]) < 0.06
assert (months["difference"] > 0).all()
assert not months["shown"]["Jul"]
width = {unit: row["high"] - row["low"] for unit, row in first.items()}
assert 1.25 < width["days"] / width["flights"] < 1.45
assert by_day.survives > 0.99
assert 1.8 < late_most["size"] < 2.4
assert np.ptp(in_july) < 0.01
nb.claim("4", 1e6 * by_flight.mcnemar_exact)
nb.claim("15", flights.loc[late, "arr_delay"].min())
nb.claim("30,000", len(train))
nb.claim("30", len(in_june))
nb.claim("0.24", 100 * gap[~june].mean())
nb.claim("0.45", 100 * first["days"]["difference"])
nb.claim("4,000", len(one))
nb.claim("214", len(days))
nb.claim("95 %", late_most["promised"])
nb.claim("84 %", late_most["came_true"])
nb.claim("2,000", len(mine))
nb.claim("1.0", 100 * board.iloc[0, 0])
nb.claim("5,000", len(rows_cv))
nb.claim("4,500", np.mean([len(learn) for learn, _ in folds]))
nb.claim("9", contests[:, 2].sum())
august = [compare_month(8, n).frame["difference"][0] for n in (14, 31)]
nb.claim("0.86", 100 * august[0])
nb.claim("0.26", 100 * august[1])
assert compare_month(7, 7).frame["difference"][0] < 0
assert compare_month(8, 14, n_boot=500).frame["shown"][0]
nb.claim("1.45", half["corrected"] / half["as if independent"])
nb.claim("0.76", norm.cdf(1 / np.sqrt(2)))
nb.claim("684", only_logistic + only_trees)
nb.claim("27,075", june.sum())
nb.claim("99 %", by_day.survives)
nb.claim("19.6", chain.frame["gain"][0])
nb.claim("33.5", chain.as_it_is)
