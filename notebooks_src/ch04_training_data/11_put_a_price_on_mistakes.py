# %% [markdown]
# # Put a price on mistakes
#
# *15 minutes · data: flights*
#
# **You will** decide for which flights a spare crew should stand by, when one flight in a hundred arrives three hours late.
#
# **You will learn to**
#
# - tell which metrics say something about a rare class, and which do not;
# - turn a price for each mistake into a threshold, by hand and with `bayes_decision`;
# - find a threshold in data as well, say how well it is known, and notice when it is wrong.
#
# **You need** classifiers with `predict_proba`, and what precision and recall are.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import (
    FixedThresholdClassifier,
    PredefinedSplit,
    StratifiedKFold,
    TunedThresholdClassifierCV,
)

from mlworkbench import datasets
from mlworkbench import notebook as nb
from mlworkbench.imbalance import (
    CostMatrix,
    bayes_decision,
    break_even_threshold,
    cost_scorer,
    expected_cost,
    threshold_report,
)

nb.setup()

# %% [markdown]
# ## One flight in a hundred is three hours late
#
# Some delays eat up the day: passengers sleep at the airport, a crew runs out of hours. The duty manager of New York's airports can put a spare crew on stand-by for a flight, the evening before, and asks: *for which flights?* She knows the timetable and the weather forecast. We have no forecasts, so the weather measured at the planned hour stands in for them.
#
# The model learns from January to June. Everything is judged on July to December: a threshold is for flights to come (chapter 5 shows what goes wrong otherwise).

# %%
data = datasets.load("flights", target="late_180").labelled()
readings = ["temp", "dewp", "humid", "wind_speed", "wind_dir", "precip"]
readings += ["pressure", "visib"]
weather = data.tables["weather"][["origin", "time_hour", *readings]]
flights = data.frame.merge(weather, on=["origin", "time_hour"], how="left")
flights["weekday"] = flights["time_hour"].dt.day_of_week
flights["wind_dir"] = flights["wind_dir"].astype(float)

known = ["origin", "carrier", "distance", "weekday", "hour", *readings]
late = data.target.to_numpy()
assert len(flights) == len(late)
train = (flights["month"] <= 6).to_numpy()
X_train, y_train = flights.loc[train, known], late[train]
X_test, y_test = flights.loc[~train, known], late[~train]
train_month = flights.loc[train, "month"].to_numpy()
test_month = flights.loc[~train, "month"].to_numpy()
test_day = flights.loc[~train, "time_hour"].dt.day_of_year.to_numpy()
days = len(np.unique(test_day))

pd.DataFrame(
    {
        "flights": [train.sum(), (~train).sum()],
        "three hours late (%)": 100
        * np.array([y_train.mean(), y_test.mean()]),
    },
    index=["January to June", "July to December"],
).round(2)

# %% [markdown]
# ## Accuracy cannot see a rare class
#
# Say "never late" about every flight from July on and you are right 98.9 % of the time. Accuracy has no room left to reward a model that finds something.
#
# Nor can it tell apart two models that could not differ more. A screening sees 100 samples with CANCER and 900 NORMAL. Model A finds 10 of the 100 and gets 890 of the 900 right; model B finds 90 and gets 810 right. Count, and compute everything from the four counts.

# %%
screened = np.repeat(["CANCER", "NORMAL"], [100, 900])
answers = {
    "A": np.repeat(
        ["CANCER", "NORMAL", "CANCER", "NORMAL"], [10, 90, 10, 890]
    ),
    "B": np.repeat(
        ["CANCER", "NORMAL", "CANCER", "NORMAL"], [90, 10, 90, 810]
    ),
}


def four_counts(truth, answer, positive):
    """Return accuracy, precision, recall and F1 from the four counts."""
    hit = np.sum((truth == positive) & (answer == positive))
    false_alarm = np.sum((truth != positive) & (answer == positive))
    miss = np.sum((truth == positive) & (answer != positive))
    quiet = np.sum((truth != positive) & (answer != positive))
    return {
        "accuracy": (hit + quiet) / len(truth),
        "precision": hit / (hit + false_alarm),
        "recall": hit / (hit + miss),
        "F1": 2 * hit / (2 * hit + false_alarm + miss),
    }


screening = pd.DataFrame(
    {
        (f"model {name}", f"{positive} is positive"): four_counts(
            screened, answer, positive
        )
        for positive in ("CANCER", "NORMAL")
        for name, answer in answers.items()
    }
).T
screening.round(2)

# %% [markdown]
# Same accuracy. F1 tells them apart, 0.17 against 0.64, as long as the *rare* class is called positive; with NORMAL as positive model A, which misses nearly every cancer, has 0.95 and wins. Before you believe an F1, ask which class is the positive one.
#
# ## ROC looks fine while nearly all alarms are false
#
# Now the flights. The model is a small gradient boosting; it has never seen the departure delay.


# %%
# alt: The ROC curve rises well above chance; precision stays under a tenth as soon as a tenth of the late flights is found.
def boosting(**options):
    """Return a small model that trains in about a second."""
    return HistGradientBoostingClassifier(
        max_iter=50,
        max_leaf_nodes=8,
        min_samples_leaf=500,
        l2_regularization=10,
        categorical_features="from_dtype",
        early_stopping=False,
        random_state=0,
        **options,
    )


model = boosting().fit(X_train, y_train)
y_prob = model.predict_proba(X_test)[:, 1]

ranking = threshold_report(y_test, y_prob, random_state=0)
assert np.isclose(ranking.roc_auc, roc_auc_score(y_test, y_prob))
figure, axes = plt.subplots(1, 2, figsize=(8, 3.2))
ranking.plot_curves(axes)
figure.suptitle("One model, two pictures: most alarms are false")
plt.show()

# %% [markdown]
# An area under the ROC curve of 0.79 sounds like a model to rely on. The average precision is 0.05. Both are right. ROC divides the false alarms by the flights on time, and those are so many that hundreds of false alarms do not show. Precision divides by the alarms, which is what the crew on stand-by sees.
#
# ## What does a mistake cost?
#
# Nobody has a bill for us, so here is an *assumption*, and it is ours: a crew that stands by for nothing costs 1, and a three-hour delay that nobody was ready for costs 25. The unit does not matter, only the ratio does. Ask for the ratio: "how many crews would you call in vain to be ready for one such delay?" is a question that a duty manager can answer. In the table, rows are what happened, columns what we said, and 1 stands for late.

# %%
costs = CostMatrix.binary(false_positive=1, false_negative=25)
print(costs)

screening_costs = pd.Series(
    {
        name: 1000
        * expected_cost(screened == "CANCER", answer == "CANCER", costs)
        for name, answer in answers.items()
    },
    name="cost of 1,000 samples at these prices",
)
screening_costs.to_frame("cost of 1,000 samples")

# %% [markdown]
# At these prices the two models of equal accuracy are far apart.
#
# > **Note.** A cost is money, time or harm; a price of 25 for a missed cancer would be somebody's decision, not a default. Write down who decided it.
#
# ## Commit to a guess
#
# Never calling a crew costs 25 for each late flight. Suppose we use the model with the best threshold there is, found with hindsight. How much of that cost does it save?

# %%
guess = nb.predict(
    "ch04-11-saving",
    (
        "Area under ROC 0.79, a miss costs 25 false alarms: how much "
        "cheaper than never calling a crew is the best threshold?"
    ),
    options=[
        "about 80 %",
        "about 50 %",
        "about 15 %",
        "nothing at all",
    ],
    why="Even among the flights that deserve an alarm most are on time, "
    "so much of what is saved on late flights is paid out again to crews "
    "that wait for nothing.",
)
guess

# %% [markdown]
# ## The threshold follows from the prices alone
#
# Six flights, and what the model says about each. Calling a crew costs 1 if the flight turns out on time, which has probability $1 - p$. Staying quiet costs 25 with probability $p$. Do what is cheaper.

# %%
levels = [0.05, 0.5, 0.9, 0.94, 0.98, 0.999]
p = np.quantile(y_prob, levels).round(3)
by_hand = pd.DataFrame({"p": p, "if called": 1 - p, "if quiet": 25 * p})
by_hand["cheaper"] = np.where(
    by_hand["if called"] <= by_hand["if quiet"], "call", "quiet"
)
by_hand["bayes_decision"] = bayes_decision(p, costs)

elkan = break_even_threshold(costs)
assert np.isclose(elkan, 1 / (1 + 25))
assert np.array_equal(by_hand["bayes_decision"], by_hand["cheaper"] == "call")
fixed = FixedThresholdClassifier(FrozenEstimator(model), threshold=elkan)
fixed.fit(X_train, y_train)
assert np.array_equal(fixed.predict(X_test), bayes_decision(y_prob, costs))
by_hand

# %% [markdown]
# The two are equal where $1 - p = 25\,p$, that is at $p = \frac{1}{1 + 25}$, or 3.8 %. This is Elkan's threshold (Elkan 2001). It needs no data, only the prices, and *probabilities that mean what they say*. `bayes_decision` does the same for any number of classes. In production you would wrap the model once, in scikit-learn's `FixedThresholdClassifier`: the last assertion holds that its answers are those of `bayes_decision`, on every flight.
#
# ## On the later months, 15 % of the cost is saved

# %%
report = threshold_report(
    y_test,
    y_prob,
    costs=costs,
    cv=PredefinedSplit(test_month),
    random_state=0,
)
assert np.isclose(
    report.optima["value"].iloc[-1],
    expected_cost(y_test, costs=costs, y_prob=y_prob),
)
best = report.optima.set_index("criterion")
shown = ["threshold", "threshold_low", "threshold_high"]
shown += ["fold_min", "fold_max", "value", "alerts_per_1000"]
best[shown].round(dict.fromkeys(shown, 3) | {"alerts_per_1000": 0})

# %%
never = 25 * y_test.mean()
guess.reveal(
    "about 15 %",
    measured=f"{100 * (1 - best.loc['cost', 'value'] / never):.0f} %",
)

# %% [markdown]
# `break_even` is Elkan's threshold, `cost` the best one with hindsight. The two cost practically the same. The columns with `low` and `high` are from a bootstrap of the flights, those with `fold` say what single months would have chosen. F1 has no idea of our prices, and its best threshold is another one. (The `value` of `f1` is an F1, the other two are costs per flight.)
#
# ## Move the price
#
# The curve is the cost of every threshold. Change the price of a miss, then the months. Look for two things: *the price* moves Elkan's threshold, *the months* do not; and the alerts of a day follow both.

# %%
prices = [5, 25, 50, 100]
grid = [1 / (1 + miss) for miss in prices]
grid = np.sort(np.append(np.geomspace(0.002, 0.4, 100), grid))
periods = {
    "July to December": (7, 12),
    "July": (7, 7),
    "October": (10, 10),
}
curves = {}
for name, (first, last) in periods.items():
    rows = (test_month >= first) & (test_month <= last)
    on_time = np.sort(y_prob[rows & (y_test == 0)])
    were_late = np.sort(y_prob[rows & (y_test == 1)])
    curves[name] = pd.DataFrame(
        {
            "false alarms": len(on_time) - np.searchsorted(on_time, grid),
            "misses": np.searchsorted(were_late, grid),
            "late": len(were_late),
            "flights": rows.sum(),
            "days": len(np.unique(test_day[rows])),
        },
        index=grid,
    )


def price_list(miss, period):
    """Draw the cost of each threshold, with Elkan's and the best one."""
    curve = curves[period]
    cost = 1000 * (curve["false alarms"] + miss * curve["misses"])
    cost /= curve["flights"]
    threshold, best = 1 / (1 + miss), cost.idxmin()
    near = np.abs(np.log(grid / threshold)).argmin()
    alerts = curve["false alarms"] + curve["late"] - curve["misses"]
    figure, ax = plt.subplots(figsize=(5.6, 2.8))
    ax.plot(100 * grid, cost, color="C0", label="cost")
    never = 1000 * miss * curve["late"].iloc[0] / curve["flights"].iloc[0]
    ax.axhline(never, color="0.6", linestyle=":", label="never call")
    ax.axvline(100 * threshold, color="C1", label="Elkan's threshold")
    ax.plot(
        100 * best, cost.min(), "o", color="C0", label="best in hindsight"
    )
    ax.set(
        xscale="log",
        xlabel="call a crew from this probability on (%)",
        ylabel="cost of 1,000 flights",
        ylim=(0, 2 * never),
    )
    ax.set_xticks([0.2, 1, 5, 20], labels=["0.2", "1", "5", "20"])
    per_day = alerts.iloc[near] / curve["days"].iloc[near]
    saved = 100 * (1 - cost.iloc[near] / never)
    ax.set_title(f"Elkan: {per_day:.0f} alerts a day, {saved:.0f} % saved")
    figure.legend(loc="outside lower center", ncols=4, fontsize="small")
    return figure


explorer = nb.explore(
    price_list,
    title="What the price does to the threshold",
    miss=prices,
    period=list(periods),
    start={"miss": 25, "period": "July to December"},
)
explorer

# %% [markdown]
# The bottom of the curve is flat: a threshold somewhat off costs little. With a price of 5 the threshold is so high that there is hardly an alert, and nothing is saved: at that price this model is not worth using. That is an answer, too.
#
# ## A threshold found in data is an estimate
#
# One can also *search* for the threshold, on the past: scikit-learn's `TunedThresholdClassifierCV` fits the model on parts of January to June and tries thresholds on what is left. `cost_scorer` tells it our prices. We cut by month, so that each month is judged by a model of the other five. And once as most people do it, with the default folds, `cv=5`.

# %%
tuned = {
    name: TunedThresholdClassifierCV(
        boosting(), scoring=cost_scorer(costs), cv=cv
    ).fit(X_train, y_train)
    for name, cv in {
        "tuned, months as folds": PredefinedSplit(train_month),
        "tuned, cv=5": 5,
    }.items()
}
thresholds = {"never call": 1.0, "Elkan's": elkan}
thresholds |= {name: float(t.best_threshold_) for name, t in tuned.items()}
thresholds |= {"best in hindsight": best.loc["cost", "threshold"]}


def judge(probability, threshold):
    """Return alerts a day, precision, recall and cost on the later months."""
    alert = probability >= threshold
    return {
        "threshold (%)": 100 * threshold,
        "alerts a day": alert.sum() / days,
        "late among alerts (%)": 100 * y_test[alert].mean()
        if alert.any()
        else np.nan,
        "late flights found (%)": 100 * alert[y_test == 1].mean(),
        "cost of 1,000 flights": 1000
        * expected_cost(y_test, alert.astype(int), costs),
    }


searched = pd.DataFrame(
    {name: judge(y_prob, t) for name, t in thresholds.items()}
).T
searched.round(1)

# %% [markdown]
# Elkan's threshold, for which no label was needed, is as good as the searched one; both are close to the best that hindsight could have chosen. But `cv=5` lost nearly all of the gain. Why?

# %%
time = flights.loc[train, "time_hour"].reset_index(drop=True)
_, fifth = next(StratifiedKFold(5).split(X_train, y_train))
pd.DataFrame(
    {
        "first": time[fifth].groupby(y_train[fifth]).min(),
        "last": time[fifth].groupby(y_train[fifth]).max(),
    }
).map("{:%B %d}".format).set_axis(["on time", "late"])

# %% [markdown]
# The rows are sorted by time. Stratified folds take the first fifth of the late flights and, *separately*, the first fifth of the others. The two do not cover the same weeks: from February 8 to March 6 the model was trained on flights on time only, and tested on the late ones. No metric warns of this: look at your folds.
#
# How well is a best threshold known? Look at the one that each month would have chosen for itself, with hindsight.

# %%
by_month = report.folds.pivot(
    index="fold", columns="criterion", values=["threshold", "value"]
)
months = pd.DataFrame(
    {
        "late (%)": 100 * pd.Series(y_test).groupby(test_month).mean(),
        "predicted (%)": 100 * pd.Series(y_prob).groupby(test_month).mean(),
    }
).rename_axis("month")
months["best threshold (%)"] = 100 * by_month["threshold", "cost"].to_numpy()
months["cost at best"] = 1000 * by_month["value", "cost"].to_numpy()
months["at Elkan's"] = 1000 * by_month["value", "break_even"].to_numpy()
months["never call"] = 25 * 10 * months["late (%)"]
months.round(1)

# %% [markdown]
# The best threshold moves by a factor of eight between months. A month has between a hundred and seven hundred late flights, and in every month more than half of them fall on five days. The bootstrap in the table further up, `threshold_low` to `threshold_high`, promised far less: it draws flights one by one, as if each had weather of its own. A best threshold is an estimate, and its third digit is an illusion.
#
# The table shows something else, too: in August, October and November Elkan's threshold costs *more* than never calling. The model learned from a half-year in which the same weather went with more delays, and predicts about two to three times as many late flights as these months have. Elkan's rule takes probabilities at their word; when the season breaks the word, the rule pays. In December the model predicts too few.
#
# ## Weighted training breaks the threshold, not the ranking
#
# The usual advice for rare classes is `class_weight="balanced"`: late flights count as much in training as all others together. Fit it, and use the same threshold.

# %%
balanced = boosting(class_weight="balanced").fit(X_train, y_train)
y_raised = balanced.predict_proba(X_test)[:, 1]

odds = y_raised / (1 - y_raised)
odds *= y_train.mean() / (1 - y_train.mean())
y_back = odds / (1 + odds)

models = {
    "plain": (y_prob, elkan),
    "balanced": (y_raised, elkan),
    "balanced, threshold 0.5": (y_raised, 0.5),
    "balanced, odds put back": (y_back, elkan),
}
broken = pd.DataFrame(
    {
        name: {
            "area under ROC": roc_auc_score(y_test, probability),
            "mean probability (%)": 100 * probability.mean(),
            **judge(probability, threshold),
        }
        for name, (probability, threshold) in models.items()
    }
).T
columns = ["area under ROC", "mean probability (%)", "threshold (%)"]
columns += ["alerts a day", "cost of 1,000 flights"]
broken[columns].round({"area under ROC": 2} | dict.fromkeys(columns[1:], 1))

# %% [markdown]
# The ranking is as good as before, so ROC sees nothing. But the probabilities say on average that more than one flight in three is three hours late, and Elkan's threshold believes them: a crew for *every* flight. The default of 0.5 is no way out, it costs more than doing nothing.
#
# The repair needs two lines here, as we know what was done: weighting multiplied the odds by the ratio of on-time to late flights, so divide by it. When you do not know, recalibrate (`CalibratedClassifierCV`), and look at the mean probability first: here that is enough to raise the alarm. With the odds put back the balanced model is even a little cheaper than the plain one on these months. The weights were not useless, only unfinished; the next notebook asks when they help.
#
# ## When each flight has its own price
#
# A delay of a jumbo is not the delay of a commuter jet. Let a miss cost in proportion to the seats, 25 on average. Then each flight has its own threshold. The aircraft's registration gives the seats; for the 14 % where it is unknown we take the median.

# %%
seats = flights.loc[~train, ["tailnum"]].merge(
    data.tables["planes"][["tailnum", "seats"]], on="tailnum", how="left"
)["seats"]
unknown_seats = seats.isna().mean()
seats = seats.fillna(seats.median()).to_numpy()
seat_costs = CostMatrix.binary(
    false_positive=1, false_negative=25 * seats / seats.mean()
)
decisions = {
    "never call": np.zeros(len(y_test), int),
    "one threshold": bayes_decision(y_prob, costs),
    "a threshold for each flight": bayes_decision(y_prob, seat_costs),
}
by_seats = pd.DataFrame(
    {
        name: {
            "alerts a day": alert.sum() / days,
            "cost of 1,000 flights": 1000
            * expected_cost(y_test, alert, seat_costs),
        }
        for name, alert in decisions.items()
    }
).T
by_seats.round(1)

# %% [markdown]
# Fewer alerts and a lower cost, from the same model. An aircraft of 55 seats gets a crew from 9.2 % on, one of 200 from 2.7 %. No single tuned threshold can do this; probabilities and prices can.
#
# ## Check yourself

# %%
nb.quiz(
    (
        'A colleague trains with class_weight="balanced" and keeps the '
        "threshold 0.5. Which price of a miss has been assumed?"
    ),
    {
        "none: 0.5 is neutral": (
            "Every threshold is a price. The weights moved the odds, so 0.5 "
            "does not mean even odds any more."
        ),
        "1: a miss costs what a false alarm costs": (
            "That is 0.5 on probabilities as they are, not on raised ones."
        ),
        "as many false alarms as there are on-time flights per late one": (
            "The weights multiplied the odds by that number. Even odds now "
            "are plain odds of one to that many, and they break even at "
            "that price. Nobody chose it."
        ),
    },
    answer="as many false alarms as there are on-time flights per late one",
)

# %%
nb.quiz(
    (
        "Last quarter's data say that 0.0615 is the best threshold; the "
        "prices say 0.0385. Which one do you take?"
    ),
    {
        "0.0615: it was measured": (
            "So was every month's, and they differ by far more than this."
        ),
        "0.0385, if the probabilities are calibrated": (
            "It does not depend on the sample. Check the calibration, also "
            "later: a season can spoil it."
        ),
        "the mean of the two": (
            "Nothing speaks for that: one follows from the prices, the other "
            "from prices and chance."
        ),
    },
    answer="0.0385, if the probabilities are calibrated",
)

# %% [markdown]
# ## Exercises
#
# ★ Replace the folds of the tuned model by `StratifiedKFold(5, shuffle=True, random_state=0)`. How much does `best_score_` promise to save, and how much is saved on the later months? (`best_score_` is minus the cost of one flight; never calling costs 25 times the rate of late flights. And flights of one stormy evening are in all folds now.)
#
# ★★ A crew that stands by does not make a late flight free. Write `call_from(false_alarm, miss, caught)`: the probability from which on calling is cheaper, when a late flight costs `miss` without a crew and `caught` with one. A flight on time costs nothing, or `false_alarm` if a crew was called.


# %% tags=["exercise"] exercise="ch04-11-call-from"
def call_from(false_alarm, miss, caught):
    """Return the probability from which on calling a crew is cheaper."""
    ...


# %%
nb.check(
    "ch04-11-call-from",
    call_from,
    lambda false_alarm, miss, caught: break_even_threshold(
        CostMatrix.binary(
            false_positive=false_alarm,
            false_negative=miss,
            true_positive=caught,
        )
    ),
    cases=[(1, 25, 0), (1, 31, 6), (2, 30, 12)],
    mistakes={
        "A caught flight still costs something: what matters is how much "
        "the call saves on a late flight.": lambda f, m, c: f / (f + m),
        "That is the price ratio, the odds: turn it into a probability.": (
            lambda f, m, c: f / (m - c)
        ),
        "A caught flight makes the call less useful, not more: subtract "
        "its cost.": lambda f, m, c: f / (f + m + c),
    },
)

# %% [markdown] tags=["solution"] exercise="ch04-11-call-from"
# <details><summary>Solution</summary>
#
# Calling costs `(1 − p) · false_alarm + p · caught`, staying quiet costs `p · miss`. They are equal at `p · (miss − caught) = (1 − p) · false_alarm`. Only the differences matter: `miss=31, caught=6` gives the same threshold as `miss=25, caught=0`.
#
# ```python
# def call_from(false_alarm, miss, caught):
#     """Return the probability from which on calling a crew is cheaper."""
#     return false_alarm / (false_alarm + miss - caught)
# ```
#
# </details>

# %% [markdown]
# ★★★ The duty manager has ten crews a day, no more. Find the threshold that uses them up. Which price of a miss does it imply, and what would you tell her about buying the eleventh crew?
#
# ## You have now
#
# - seen two models of accuracy 0.90 whose F1 is 0.17 and 0.64, or 0.95 and 0.94 when the other class is called positive, and whose costs are 2,260 and 340; and an area under ROC of 0.79 with an average precision of 0.05;
# - turned a price of 25 into a threshold of 3.8 %: 67 alerts a day, of which 6 % are for late flights, 40 % of the late flights found, and 15 % of the cost saved (233.9 against 274.5 per 1,000 flights);
# - compared with a search: 235 with months as folds, 268 with `cv=5` on rows sorted by time. The best threshold of a single month lies anywhere from 1.9 % to 15 %;
# - broken it: with balanced weights the same threshold calls a crew for every flight and costs 989; with the odds put back it costs 220. A threshold for each flight, by its seats, saves 5 % more than one for all.
#
# **In practice.** Keep the model's probabilities and the prices apart: prices change with the season and the contract, and a new price needs no new training. Store the threshold beside the model in a `FixedThresholdClassifier`, watch the mean probability against the rate that arrives, and recalibrate when they part. Search for a threshold only when the probabilities cannot be trusted, on folds that look like the future.
#
# **Read on.** C. Elkan (2001), *The foundations of cost-sensitive learning*. T. Saito and M. Rehmsmeier (2015), *The precision-recall plot is more informative than the ROC plot when evaluating binary classifiers on imbalanced datasets*. J. Davis and M. Goadrich (2006), *The relationship between precision-recall and ROC curves*.

# %% tags=["claims", "remove-cell"]
at_elkan, at_never = searched.loc["Elkan's"], searched.loc["never call"]
late_a_day = pd.Series(y_test).groupby([test_month, test_day]).sum()
late_a_month = late_a_day.groupby(level=0).sum()
worst_days = late_a_day.groupby(level=0).nlargest(5).groupby(level=0).sum()
assert (worst_days > late_a_month / 2).all()
assert late_a_month.between(100, 700).all()
eightfold = best.loc["cost", "fold_max"] / best.loc["cost", "fold_min"]
assert round(eightfold) == 8
assert list(months.index[months["at Elkan's"] > months["never call"]]) == [
    8,
    10,
    11,
]
at_five = CostMatrix.binary(false_positive=1, false_negative=5)
assert (
    expected_cost(y_test, None, at_five, y_prob=y_prob) >= 5 * y_test.mean()
)
nb.claim("98.9 %", 1 - y_test.mean())
nb.claim("100", (screened == "CANCER").sum())
nb.claim("900", (screened == "NORMAL").sum())
nb.claim("890", ((screened == "NORMAL") & (answers["A"] == "NORMAL")).sum())
nb.claim("90", ((screened == "CANCER") & (answers["B"] == "CANCER")).sum())
nb.claim("810", ((screened == "NORMAL") & (answers["B"] == "NORMAL")).sum())
nb.claim("0.90", screening["accuracy"].max())
nb.claim("0.17", screening["F1"].iloc[0])
nb.claim("0.64", screening["F1"].iloc[1])
nb.claim("0.95", screening["F1"].iloc[2])
nb.claim("0.94", screening["F1"].iloc[3])
nb.claim("2,260", screening_costs["A"])
nb.claim("340", screening_costs["B"])
nb.claim("0.79", roc_auc_score(y_test, y_prob))
nb.claim("0.05", ranking.average_precision)
nb.claim("25", costs.costs[1, 0])
nb.claim("3.8 %", elkan)
nb.claim("67", at_elkan["alerts a day"])
nb.claim("6 %", at_elkan["late among alerts (%)"] / 100)
nb.claim("40 %", at_elkan["late flights found (%)"] / 100)
nb.claim("15 %", 1 - at_elkan.iloc[-1] / at_never.iloc[-1])
nb.claim("233.9", at_elkan.iloc[-1])
nb.claim("274.5", at_never.iloc[-1])
nb.claim("235", searched.iloc[2, -1])
nb.claim("268", searched.iloc[3, -1])
nb.claim("989", broken["cost of 1,000 flights"].iloc[1])
nb.claim("220", broken["cost of 1,000 flights"].iloc[3])
nb.claim("14 %", unknown_seats)
nb.claim("1.9 %", best.loc["cost", "fold_min"])
nb.claim("15 %", best.loc["cost", "fold_max"])
by_size = dict(zip(seats, break_even_threshold(seat_costs), strict=True))
nb.claim("55", min(by_size, key=lambda n: abs(n - 55)))
nb.claim("200", min(by_size, key=lambda n: abs(n - 200)))
nb.claim("9.2 %", by_size[55])
nb.claim("2.7 %", by_size[200])
nb.claim("5 %", 1 - by_seats.iloc[2, -1] / by_seats.iloc[1, -1])
nb.claim("1,000", len(screened))
nb.claim("0.5", models["balanced, threshold 0.5"][1])
