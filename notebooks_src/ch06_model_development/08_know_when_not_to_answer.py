# %% [markdown]
# # Know when not to answer
#
# *15 minutes · data: flights*
#
# **You will** let a model answer only where it is sure, with a promise about its errors, and see what breaks the promise.
#
# **You will learn to**
#
# - read a risk-coverage curve and the area under it;
# - choose a threshold whose error is promised, not only seen;
# - decide what happens to the rows below it, and tell this promise from that of a conformal set.
#
# **You need** predicted probabilities, and what an interval is.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from mapie.classification import SplitConformalClassifier
from sklearn.ensemble import HistGradientBoostingClassifier

from mlworkbench import datasets
from mlworkbench import notebook as nb
from mlworkbench.evaluation import selective_report

nb.setup()

# %% [markdown]
# ## A desk that may say "I do not know"
#
# An information desk tells passengers whether their flight will arrive 30 minutes late or more. The manager says: *wrong answers are worse than no answer. Nine of ten answers must be right; where the model cannot do that, send people to an agent.*
#
# The model knows the timetable and the weather at the planned hour. It learns from January to September. Of the same months, 10,000 other flights serve to choose the threshold, and 60,000 to see what comes of it.

# %%
data = datasets.load("flights")
readings = ["temp", "humid", "wind_speed", "precip", "visib"]
weather = data.tables["weather"][["origin", "time_hour", *readings]]
flights = data.frame[data.frame["arr_delay"].notna()]
flights = flights.merge(weather, on=["origin", "time_hour"], how="left")
late = (flights["arr_delay"] >= 30).to_numpy().astype(int)
X = flights[["carrier", "origin", "hour", "distance", *readings]].copy()
X["weekday"] = flights["time_hour"].dt.day_of_week
for name in ("carrier", "origin"):
    X[name] = X[name].cat.codes
X = X.to_numpy(dtype=float)

month = flights["month"].to_numpy()
mixed = np.random.default_rng(0).permutation(np.flatnonzero(month <= 9))
train, choose, fresh = np.split(mixed[:110_000], [40_000, 50_000])
december = np.flatnonzero(month == 12)
model = HistGradientBoostingClassifier(
    max_iter=50, categorical_features=[0, 1], random_state=0
)
model.fit(X[train], late[train])
parts = {"choose": choose, "fresh": fresh, "December": december}
prob = {name: model.predict_proba(X[p])[:, 1] for name, p in parts.items()}
truth = {name: late[p] for name, p in parts.items()}
sure = {name: np.maximum(p, 1 - p) for name, p in prob.items()}
wrong = {name: (prob[name] > 0.5) != truth[name] for name in parts}
pd.DataFrame(
    {
        "flights": [len(p) for p in parts.values()],
        "late (%)": [100 * truth[name].mean() for name in parts],
        "answer wrong (%)": [100 * wrong[name].mean() for name in parts],
    },
    index=list(parts),
).round(1)

# %% [markdown]
# Of the answers to all 60,000 fresh flights, 15 % are wrong. Never saying "late" would be wrong for 17 %: the model is only a little better. But it knows where it is sure.

# %%
guess = nb.predict(
    "ch06-08-coverage",
    (
        "How many of the flights can the desk answer, if at most 10 % of its "
        "answers may be wrong?"
    ),
    options=["about 10 %", "about 40 %", "about 70 %", "about 95 %"],
    why="The errors are not spread evenly: most flights are easy, and "
    "leaving out the least sure ones takes out many errors.",
)
guess

# %% [markdown]
# ## By hand: answer the surest first
#
# Eight flights. The *confidence* is the larger of the two probabilities. Sort by it, answer from the top, and count.

# %%
eight = pd.DataFrame(
    {
        "confidence": [0.97, 0.94, 0.90, 0.90, 0.81, 0.70, 0.62, 0.55],
        "wrong": [0, 0, 0, 1, 0, 0, 1, 1],
    }
)
eight["answered"] = np.arange(1, 9)
eight["coverage (%)"] = 100 * eight["answered"] / 8
eight["error (%)"] = (
    100 * eight["wrong"].cumsum() / eight["answered"]
).round(1)
eight

# %% [markdown]
# Two flights share the confidence 0.90: no threshold can part them, so the table of the helper has one row for both. The mean of the error column would be the *area under the risk-coverage curve* (AURC), were it not for this tie; the helper averages over both orders.

# %%
small = selective_report(
    np.zeros(8, dtype=int),
    1 - eight["confidence"],
    y_pred=eight["wrong"].to_numpy(),
    score=eight["confidence"].to_numpy(),
)
last = eight.groupby("confidence", sort=False)["error (%)"].last()
assert np.allclose(100 * small.frame["error"], last, atol=0.06)
orders = [[0, 0, 0, 1, 0, 0, 1, 1], [0, 0, 1, 0, 0, 0, 1, 1]]
areas = [np.mean(np.cumsum(o) / np.arange(1, 9)) for o in orders]
assert np.isclose(small.aurc, np.mean(areas))
print(f"area: {small.aurc:.3f}")

# %% [markdown]
# ## Two flights in three can be answered

# %%
report = selective_report(truth["choose"], prob["choose"], target_error=0.1)
report

# %%
guess.reveal("about 70 %", measured=f"{report.coverage:.0%}")

# %%
# alt: Error among the answered flights against the share answered, with an interval. It rises to 16 % where all are answered. The threshold lies at about two thirds of the flights, left of where the curve crosses the target of 10 %.
report.plot()
plt.show()

# %% [markdown]
# The dotted line is a model that is least sure of exactly its errors; the gap to it is the *excess* in the report (E-AURC, Geifman et al. 2019). It measures the confidence; the error of all rows measures the answers.
#
# ## A threshold by the error seen fails every second time
#
# The curve crosses 10 % further to the right, at 73 % of the flights. Why not answer those? Because the curve is a measurement, and wiggles. The next cell chooses both thresholds on 200 samples of 2,000 flights and looks up the error among all 60,000.

# %%
order = np.argsort(-sure["fresh"])
levels = sure["fresh"][order]
error_above = np.cumsum(wrong["fresh"][order]) / np.arange(1, 60_001)


def true_error(threshold):
    """Return the error of all fresh flights at or above a threshold."""
    answered = np.searchsorted(-levels, -threshold, side="right")
    return error_above[answered - 1] if answered else 0.0


draw, size = np.random.default_rng(1), 2_000
tried = []
for _ in range(200):
    some = draw.choice(60_000, size, replace=False)
    one = selective_report(
        truth["fresh"][some], prob["fresh"][some], target_error=0.1
    )
    tried.append(
        {
            "seen": true_error(one.naive_threshold),
            "promised": true_error(one.threshold),
            "coverage seen": one.naive_coverage,
            "coverage promised": one.coverage,
        }
    )
tried = pd.DataFrame(tried)
pd.DataFrame(
    {
        "above 10 % (% of samples)": [
            100 * (tried[name] > 0.1).mean() for name in ("seen", "promised")
        ],
        "flights answered (%)": [
            100 * tried[f"coverage {name}"].mean()
            for name in ("seen", "promised")
        ],
    },
    index=["error seen is 10 %", "error promised to be 10 %"],
).round(1)

# %% [markdown]
# The promise uses the exact binomial bound of Clopper and Pearson: a threshold passes if so few errors would be a rare luck, were the true error 10 %. Trying many thresholds gives luck many chances, so the allowed 5 % of failures are shared among them (Geifman and El-Yaniv 2017 describe this for networks; the report names its way of sharing). The price is some coverage; with more flights to choose on, it shrinks.
#
# ## What happens below the threshold has a price
#
# Three things can be done with the other flights. Say that a wrong answer costs 1. Then *leaving it open* may cost 0.3, an *agent* 0.15, and she is wrong for 8 %. Or *wait* until the plane has left, and answer from its delay at departure: 0.05, and the errors can be counted.

# %%
gone = (flights["dep_delay"].to_numpy(dtype=float) >= 30).astype(int)
actions = {
    "leave it open": 0.3,
    "ask an agent": (0.15, 0.08),
    "wait for departure": (0.05, gone[choose] != truth["choose"]),
}
costs = report.cost_table(actions)
costs.round(2)

# %% [markdown]
# Each action has its own cheapest threshold: a dear one is worth it only for the least sure flights. Where the model is wrong with a chance of more than 15 % + 8 %, the agent is cheaper (Chow 1970); with calibrated probabilities that is a confidence below 0.77. The promised threshold serves the manager's rule, not the sum of costs. Move both.


# %%
def desk(threshold, agent_cost):
    """Return what happens to 1,000 flights, and what it costs."""
    answered = sure["fresh"] >= threshold
    errors = wrong["fresh"][answered].sum() / 60
    asked = 1_000 - answered.mean() * 1_000
    total = errors + asked * (agent_cost + 0.08)
    error = wrong["fresh"][answered].mean()
    return pd.DataFrame(
        {
            "of 1,000 flights": [
                f"{1_000 - asked:.0f}",
                f"{errors:.0f} ({error:.1%})",
                f"{asked:.0f}",
                f"{asked * 0.08:.0f}",
                f"{total:.0f}",
            ]
        },
        index=[
            "answered",
            "answered wrongly",
            "sent to an agent",
            "wrong at the agent",
            "cost (wrong answer = 1)",
        ],
    )


nb.explore(
    desk,
    title="Who answers?",
    threshold=[0.5, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95],
    agent_cost=[0.02, 0.05, 0.15, 0.3],
    start={"threshold": 0.8, "agent_cost": 0.15},
)

# %% [markdown]
# ## A conformal set makes another promise
#
# A *conformal set* lists the answers that are not ruled out: {on time}, {late}, or both. It holds the truth for 90 % of the flights, whatever the model. By hand: take how improbable the truth was for each of the 10,000 flights, and rule out what is more improbable than nine tenths of those. MAPIE, the library for production, does the same.

# %%
classes = np.column_stack([1 - prob["choose"], prob["choose"]])
surprise = 1 - classes[np.arange(10_000), truth["choose"]]
limit = np.sort(surprise)[int(np.ceil(10_001 * 0.9)) - 1]
by_hand = np.column_stack([1 - prob["fresh"], prob["fresh"]]) >= 1 - limit

level = 0.9
mapie = SplitConformalClassifier(model, confidence_level=level, prefit=True)
mapie.conformalize(X[choose], late[choose])
sets = mapie.predict_set(X[fresh])[1][:, :, 0]
assert (sets == by_hand).mean() > 0.9999

answers = sets.sum(axis=1)
holds = sets[np.arange(60_000), truth["fresh"]]
flights_late = truth["fresh"] == 1
pd.DataFrame(
    {
        "flights (%)": [
            100 * rows.mean()
            for rows in (
                answers > 0,
                answers == 1,
                answers == 2,
                flights_late,
            )
        ],
        "set holds the truth (%)": [
            100 * holds[rows].mean()
            for rows in (
                answers > 0,
                answers == 1,
                answers == 2,
                flights_late,
            )
        ],
    },
    index=["all", "one answer", "both answers", "truly late"],
).round(1)

# %% [markdown]
# The sets keep their word: 90 % of all flights. But a set of both is never wrong, so all the errors fall on the sets with one answer: they are right for 89 %. And of the flights that turn out late, less than half get a set that holds "late". Who acts on single answers needs the other promise, about the answered rows.
#
# Neither is a promise for each kind of flight. Look at the last line, and at the desk's answers:

# %%
answered = sure["fresh"] >= report.threshold
says_late = prob["fresh"] > 0.5
missed = (answered & flights_late & ~says_late).sum()
print(f"answers that are wrong: {wrong['fresh'][answered].mean():.1%}")
print(f"answers 'late': {says_late[answered].mean():.1%}")
print(
    "late flights among the answered, told 'on time': "
    f"{missed / (answered & flights_late).sum():.0%}"
)

# %% [markdown]
# The desk keeps its promise by saying "on time" where that is nearly always true, and hardly anything else. Nearly all passengers of late flights who get an answer get the wrong one.
#
# ## December breaks the promise
#
# The promise is for flights drawn like those on which the threshold was chosen. Here are the months that came after.

# %%
months = {"fresh, January to September": fresh}
months |= {
    name: np.flatnonzero(month == number)
    for number, name in ((10, "October"), (11, "November"), (12, "December"))
}
lines = {}
for name, rows in months.items():
    p = model.predict_proba(X[rows])[:, 1]
    taken = report.answers(p)
    failed = (p > 0.5) != late[rows]
    lines[name] = [100 * taken.mean(), 100 * failed[taken].mean()]
later = pd.DataFrame(
    lines, index=["answered (%)", "wrong among them (%)"]
).T.round(1)
later

# %% [markdown]
# In December the model is about as sure as before: it answers 66 % of the flights. But 13 % of its answers are wrong. Confidence is an opinion of the model, made in the months it has seen; it does not notice that the world has changed. October and November happen to be better than promised.
#
# > **Warning.** Two conditions are easily broken in silence. The flights that chose the threshold must not have trained the model. And they must be drawn like those to come: here days were mixed at random. In a real desk tomorrow's flights share tomorrow's weather, so choose and check the threshold on whole later days, again and again.

# %% [markdown]
# ## Check yourself

# %%
nb.quiz(
    (
        "A model answers 60 % of the cases with a promised error of 5 %. "
        "What is true of the cases it does not answer?"
    ),
    {
        "it would be wrong for most of them": (
            "Unsure is not wrong. In this notebook it would be right for "
            "most of the flights below the threshold."
        ),
        "it would be wrong more often there, how often must be measured": (
            "The report says it: the error below the threshold. It is the "
            "price up to which another way of answering pays."
        ),
        "its error there is 5 %, too": (
            "The promise is about the answered cases only."
        ),
    },
    answer="it would be wrong more often there, how often must be measured",
)

# %%
nb.quiz(
    (
        "A threshold was chosen among 160 so that the error seen on 2,000 "
        "rows is 10 %. What will it be on new rows?"
    ),
    {
        "10 %, 2,000 rows are many": (
            "In the trial above it was more than 10 % in about every second "
            "sample."
        ),
        "as often above 10 % as below, by a little": (
            "It was chosen at the edge. Keep a margin, as the exact bound does."
        ),
        "below 10 % with a chance of 95 %": (
            "Only a bound on the true error gives such a promise."
        ),
    },
    answer="as often above 10 % as below, by a little",
)

# %% [markdown]
# ## Exercises
#
# ★ Choose the threshold with `score="margin"`, then with `score="entropy"`. Why does the coverage stay nearly the same with two classes?
#
# ★★ Write `ask(p_wrong, error_cost, agent_cost, agent_error)`: `True` for each flight that an agent should answer because it is cheaper on average. `p_wrong` is an array.


# %% tags=["exercise"] exercise="ch06-08-ask"
def ask(p_wrong, error_cost, agent_cost, agent_error):
    """Return where an agent is cheaper than the model's answer."""
    ...


# %%
chances = np.array([0.02, 0.1, 0.17, 0.24, 0.35, 0.5])
prices = [(1, 0.15, 0.08), (10, 1, 0.1), (5, 0.2, 0.3)]


def expected_ask(p_wrong, error_cost, agent_cost, agent_error):
    """Return where the agent, her errors included, costs less."""
    return p_wrong * error_cost > agent_cost + agent_error * error_cost


def decided(function):
    """Return the decisions for all prices; None: not written."""
    values = [function(chances, *price) for price in prices]
    if any(value is None for value in values):
        return None
    return np.array(values)


nb.check(
    "ch06-08-ask",
    decided(ask),
    decided(expected_ask),
    mistakes={
        "The agent errs, too: her errors cost as much as the model's.": (
            np.array([chances * e > a for e, a, _ in prices])
        ),
        "Chances are no costs: multiply the model's by error_cost.": (
            np.array([chances > a + r * e for e, a, r in prices])
        ),
        "The other way round: True where the agent is cheaper.": (
            ~decided(expected_ask)
        ),
    },
)

# %% [markdown] tags=["solution"] exercise="ch06-08-ask"
# <details><summary>Solution</summary>
#
# ```python
# def ask(p_wrong, error_cost, agent_cost, agent_error):
#     """Return where an agent is cheaper than the model's answer."""
#     model_cost = p_wrong * error_cost
#     return model_cost > agent_cost + agent_error * error_cost
# ```
#
# </details>

# %% [markdown]
# ★★★ The manager wants the promise for late flights, too. What would you promise, on which rows would you choose the threshold, and how many flights can be answered then?
#
# <details><summary>One answer</summary>
#
# Promise an error for each *answer*: of flights told "on time", one in ten late at most; of flights told "late", one in three on time at most. Choose one threshold per answer on the rows with that answer, and share the allowed chance of failure between the two. Few flights get the answer "late" at all. A promise about all flights that *are* late cannot be kept by staying silent on most of them, unless silence counts as an error.
#
# </details>
#
# ## You have now
#
# - read a risk-coverage curve: answering the surest 69 % of fresh flights brings the error from 15 % down to 8.7 %;
# - chosen a threshold with a promise, and seen the one without a promise fail in more than half of 200 samples;
# - priced what happens below it, and told two promises apart;
# - seen December break the promise, with 13 % wrong answers and hardly a drop in confidence.
#
# **In practice.** Log every case that was not answered and what became of it: those rows are what the next model should learn from. Watch the share that is answered and, as soon as truths arrive, the error among them. For sets and intervals use MAPIE; for a promise about a whole system of settings see "learn then test" (Angelopoulos et al. 2021).
#
# **References**
#
# - C. K. Chow (1970), On optimum recognition error and reject tradeoff, IEEE Transactions on Information Theory.
# - Y. Geifman, R. El-Yaniv (2017), Selective classification for deep neural networks, NeurIPS.
# - A. N. Angelopoulos, S. Bates (2023), Conformal prediction: a gentle introduction, Foundations and Trends in Machine Learning.

# %% tags=["claims", "remove-cell"]
nb.claim("10,000", len(choose))
nb.claim("60,000", len(fresh))
nb.claim("30", flights.loc[late == 1, "arr_delay"].min())
nb.claim("16 %", report.error_all)
nb.claim("15 %", wrong["fresh"].mean())
nb.claim("17 %", truth["fresh"].mean())
nb.claim("10 %", report.target_error)
nb.claim("73 %", report.naive_coverage)
nb.claim("0.90", eight["confidence"][2])
nb.claim("200", len(tried))
nb.claim("2,000", size)
nb.claim("0.3", actions["leave it open"])
nb.claim("0.15", actions["ask an agent"][0])
nb.claim("15 %", actions["ask an agent"][0])
nb.claim("8 %", actions["ask an agent"][1])
nb.claim("0.05", actions["wait for departure"][0])
nb.claim("0.77", 1 - sum(actions["ask an agent"]))
nb.claim("90 %", level)
nb.claim("89 %", holds[answers == 1].mean())
assert holds[flights_late].mean() < 0.5
assert says_late[answered].mean() < 0.001
assert (tried["seen"] > 0.1).mean() > 0.5
assert (tried["promised"] > 0.1).mean() <= 0.06
nb.claim("66 %", lines["December"][0] / 100)
nb.claim("13 %", lines["December"][1] / 100)
nb.claim("69 %", answered.mean())
nb.claim("8.7 %", wrong["fresh"][answered].mean())
