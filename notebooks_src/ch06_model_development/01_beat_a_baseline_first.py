# %% [markdown]
# # Beat a baseline first
#
# *15 minutes · data: flights*
#
# **You will** judge a model that is right for 85 % of flights, beside answers that cost nothing.
#
# **You will learn to**
#
# - compute by hand what a guess scores, on accuracy and on F1;
# - put a model beside guesses, rules and the system in use with `baseline_table`, and read its verdict;
# - notice when a baseline was made weak.
#
# **You need** accuracy, precision and recall, and what a training and a test part are.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import RidgeCV
from sklearn.metrics import f1_score

from mlworkbench import datasets
from mlworkbench import notebook as nb
from mlworkbench.evaluation import baseline_table

nb.setup()

# %% [markdown]
# ## "It is right for 85 % of flights"
#
# A company offers the airports of New York a model that says the evening before which flights will arrive 30 minutes late or more. The head of passenger service wants to text those passengers. The offer says: *right for 85 % of flights*. She asks you: *is that good?*
#
# We rebuild the model. It knows the timetable, and the weather measured at the planned hour, which stands in for a forecast. It learns from January to June and is judged on July to December, on every fifth flight of each part.

# %%
data = datasets.load("flights", target="late_30").labelled()
readings = ["temp", "dewp", "humid", "wind_speed", "precip"]
readings += ["pressure", "visib"]
weather = data.tables["weather"][["origin", "time_hour", *readings]]
flights = data.frame.merge(weather, on=["origin", "time_hour"], how="left")
flights["weekday"] = flights["time_hour"].dt.day_of_week
flights[["origin", "carrier"]] = flights[["origin", "carrier"]].astype(
    "category"
)
known = ["origin", "carrier", "distance", "weekday", "hour", *readings]
late = data.target.to_numpy().astype(int)
first_half = (flights["month"] <= 6).to_numpy()
train = np.flatnonzero(first_half)[2::5]
test = np.flatnonzero(~first_half)[2::5]
X_train, y_train = flights.loc[train, known], late[train]
X_test, y_test = flights.loc[test, known], late[test]

model = HistGradientBoostingClassifier(
    max_iter=80, categorical_features="from_dtype", random_state=0
).fit(X_train, y_train)
accuracy = (model.predict(X_test) == y_test).mean()
pd.DataFrame(
    {
        "flights": [len(train), len(test)],
        "late (%)": 100 * np.array([y_train.mean(), y_test.mean()]),
        "model is right (%)": ["", f"{100 * accuracy:.1f}"],
    },
    index=["January to June", "July to December"],
).round(1)

# %% [markdown]
# The offer is true. But 15 % of these flights are late, so whoever says "not late" about every flight is right for 85 % as well. A score means nothing until you know what no work at all would score.
#
# ## Commit to a guess
#
# For a rare class people often report F1, which is 1 for a perfect model and 0 for one that finds nothing. It is the harmonic mean of precision (how many alarms are right) and recall (how many late flights get an alarm).

# %%
guess = nb.predict(
    "ch06-01-coin",
    (
        "15 % of flights are late. A coin decides for each flight whether "
        "to call it late. What F1 does the coin get for the late class?"
    ),
    options=["0", "about 0.15", "about 0.23", "0.5"],
    why="Half of the late flights get an alarm: recall 0.5. Of the "
    "alarms, 15 % are right, as of all flights. The harmonic mean of "
    "0.5 and 0.15 is 0.23.",
)
guess

# %% [markdown]
# ## What a guess scores can be computed
#
# Take 100 flights, 15 of them late, and somebody who calls a flight late with a chance $q$ without looking at it. On average the four counts are products: of the 15 late flights, $15q$ get an alarm, and of the 85 others, $85q$. Everything follows from the counts.

# %%
chances = {
    "uniform random": 0.5,
    "label-distribution random": 0.15,
    "zero rule": 0.0,
    "always late": 1.0,
}
rows = []
for q in chances.values():
    hit, missed = 15 * q, 15 * (1 - q)
    false_alarm, quiet = 85 * q, 85 * (1 - q)
    f1 = 2 * hit / (2 * hit + false_alarm + missed)
    rows.append([q, hit, missed, false_alarm, quiet])
    rows[-1] += [(hit + quiet) / 100, f1]
by_hand = pd.DataFrame(
    rows,
    index=list(chances),
    columns=[
        "says late with chance",
        "late, alarm",
        "late, no alarm",
        "on time, alarm",
        "on time, no alarm",
        "accuracy",
        "F1",
    ],
)
by_hand.round(3)

# %% [markdown]
# The rows have names in the field. *Uniform random* is the coin. *Label-distribution random* guesses as often as flights are late. The *zero rule* always says the most common class. Which is best depends on the metric: the coin beats the zero rule on F1, and the zero rule beats the coin on accuracy. "Always late" has the best F1 of the four.
#
# ## The helper computes the same, and says how lucky a guess can be
#
# `baseline_table` takes the target of the training rows (all that a guesser knows), the test rows, and metrics by the names of scikit-learn's scorers. The number of a guesser is the expected one. The band behind it holds 95 % of 1,000 simulated guessers.

# %%
hundred = np.repeat([1, 0], [15, 85])
small = baseline_table(
    hundred,
    None,
    hundred,
    metrics=["accuracy", "f1"],
    heuristics={"always late": 1},
    random_state=0,
)
in_table = small.frame.pivot(
    index="baseline", columns="metric", values="score"
).loc[by_hand.index]
assert np.allclose(in_table, by_hand[["accuracy", "F1"]])
small

# %%
guess.reveal(
    "about 0.23", measured=f"{in_table.loc['uniform random', 'f1']:.2f}"
)

# %% [markdown]
# With 100 test flights, luck alone carries a coin's F1 from below 0.15 to above 0.3. Move the two controls: `late` is the share of late flights in percent, `rows` the number of test flights. Look for two things: on F1 the label-distribution guesser scores exactly the share; and the bands close as rows are added, but the dots stay.

# %%


def guessers(late, rows):
    """Draw what the guessers score on two metrics."""
    positives = round(rows * late / 100)
    y = np.repeat([1, 0], [positives, rows - positives])
    report = baseline_table(
        y, None, y, metrics=["accuracy", "f1"], n_boot=500, random_state=0
    )
    figure, axes = plt.subplots(1, 2, figsize=(7, 2), sharey=True)
    for ax, metric in zip(axes, ["accuracy", "f1"], strict=True):
        report.plot(ax, metric=metric)
        ax.set(xlim=(-0.03, 1.03), title="", xlabel=metric)
    figure.suptitle(f"{late} % late, {rows:,} test flights")
    return figure


nb.explore(
    guessers,
    title="What no work scores",
    late=[5, 15, 50, 85],
    rows=[40, 400, 4000],
    start={"late": 15, "rows": 400},
)

# %% [markdown]
# > **Warning.** Swap the classes and F1 changes sides. Call "not late" the positive class, 85 % of the flights, and the same blind guesser has an F1 of 0.85. An F1 near the share of its positive class is the score of a guess. Always ask which class was positive.
#
# ## On accuracy, the model is not shown to beat saying nothing
#
# Now the real table. Two more kinds of answer join it. A person's *rule*: afternoons are worse, so call every flight late that leaves at 5 pm or later. And an *existing system*; the airports' own is not in our data, so a lookup table stands in: how often flights of this airline in this hour were late from January to June, where there were 50 of them, and else how often all were. (Had dispatchers made their own calls, they would go in as `human`, with gaps where nobody looked.)

# %%
lookup = (
    X_train.assign(late=y_train)
    .groupby(["carrier", "hour"], observed=True)["late"]
    .agg(["mean", "size"])
)
lookup = lookup.loc[lookup["size"] >= 50, "mean"]
cells = pd.MultiIndex.from_frame(X_test[["carrier", "hour"]])
existing = lookup.reindex(cells).fillna(y_train.mean()).to_numpy()


def after_five(X):
    """Call a flight late when it leaves at 5 pm or later."""
    return (X["hour"] >= 17).astype(int)


judge = {
    "heuristics": {"5 pm or later": after_five},
    "existing": existing,
    "random_state": 0,
}
decisions = baseline_table(
    y_train,
    X_test,
    y_test,
    metrics=["accuracy", "f1"],
    model=model,
    **judge,
)
decisions

# %%
# alt: Accuracy of every answer. The model, the zero rule and the existing system lie on one vertical line at 0.85; the guesses and the rule lie far to the left.
decisions.plot(metric="accuracy")
plt.title("The zero rule is as accurate as the model")
plt.show()

# %% [markdown]
# Read a row from the right. "Model minus it" is the difference on the same test flights, and its interval comes from drawing the flights anew, 1,000 times, for both at once (a paired bootstrap). Where the interval has zero inside, the table says *not shown*: with these flights you cannot tell the two apart. `ok` is "yes" only when no baseline is left unbeaten.
#
# On accuracy the model is not shown to beat the zero rule or the lookup table; the first never gives an alarm, the second hardly ever. On F1 it beats both, but is not shown to beat a rule of one line. So the answer to the head of passenger service is: *no, 85 % is what you get for free*.
#
# The guessers are those of scikit-learn. Its `DummyClassifier` makes one draw; the table has the mean of all draws and the band.

# %%
names = {
    "uniform random": "uniform",
    "label-distribution random": "stratified",
}
f1_rows = decisions.frame.query("metric == 'f1'").set_index("baseline")
draws = {}
for name, strategy in names.items():
    dummy = DummyClassifier(strategy=strategy, random_state=1)
    said = dummy.fit(X_train, y_train).predict(X_test)
    draws[name] = f1_score(y_test, said)
parity = f1_rows.loc[list(names), ["score", "score_low", "score_high"]]
parity.insert(0, "one draw of DummyClassifier", pd.Series(draws))
assert (
    parity.iloc[:, 0].between(parity["score_low"], parity["score_high"]).all()
)
parity.round(3)

# %% [markdown]
# ## The same model beats every baseline once it is used well
#
# Not shown to be better is not shown to be useless. The model gives probabilities, and accuracy looks at them only through one threshold, 0.5, that few flights reach. Judge the probabilities themselves: *log loss* (how surprised they are by the truth) and *average precision* (how well they rank). For the first less would be better; scikit-learn's `neg_log_loss` turns the sign, so that more is better again. A rule that only says yes or no has neither, and the table says so.

# %%
probabilities = baseline_table(
    y_train,
    X_test,
    y_test,
    metrics=["neg_log_loss", "average_precision"],
    model=model,
    n_boot=300,
    **judge,
)
probabilities

# %% [markdown]
# And give the alarms their own threshold. Choose it such that, in the training part, there would have been as many alarms as late flights. The test rows have no say in it. The lookup table gets the same treatment: a baseline deserves the care that the model had.

# %%


def alarms(prob_train, prob_test):
    """Give alarms above the threshold that fits the training rows."""
    return prob_test > np.quantile(prob_train, 1 - y_train.mean())


train_cells = pd.MultiIndex.from_frame(X_train[["carrier", "hour"]])
existing_train = lookup.reindex(train_cells).fillna(y_train.mean()).to_numpy()
prob_train, prob_test = (
    model.predict_proba(X)[:, 1] for X in (X_train, X_test)
)
tuned = baseline_table(
    y_train,
    X_test,
    y_test,
    metrics="f1",
    model=alarms(prob_train, prob_test),
    **{**judge, "existing": alarms(existing_train, existing)},
)
tuned

# %% [markdown]
# Now the sentence for the head of passenger service can be written: *with a threshold of its own, the model has an F1 of 0.40; a rule of one line has 0.31, and chance does not explain the difference.* Whether that is worth the price depends on what a false alarm costs (notebook 11 of chapter 4).
#
# ## A baseline must know what the model knows
#
# The next question is about days. A model predicts the mean delay of a day's flights, in minutes, from the means one, two and seven days before and of the week before. It learns from January to June. For amounts the table has other baselines: the training *mean* and *median*, the *last value*, and the *seasonal naive* value, a period ago (7 days here).
#
# How far ahead do the last two look? By default nothing after the training rows is known: they repeat the last days of June until December.

# %%
daily = (
    flights.assign(delay=flights["arr_delay"].astype(float))
    .groupby(flights["time_hour"].dt.normalize())["delay"]
    .mean()
)
table = pd.DataFrame({f"{k} ago": daily.shift(k) for k in (1, 2, 7)})
table["week"] = daily.shift(1).rolling(7).mean()
table = table.dropna()
delay = daily.loc[table.index]
half = table.index < "2013-07-01"
days = RidgeCV().fit(table[half], delay[half])

series = {
    "metrics": "mean_absolute_error",
    "model": days.predict(table[~half]),
    "period": 7,
    "block": 7,
    "random_state": 0,
}
weak = baseline_table(delay[half], table[~half], delay[~half], **series)
weak

# %% [markdown]
# For errors less is better, so here a minus is in the model's favour. Against the last value it looks splendid. But the comparison is not fair: the model sees yesterday, this baseline only the 30th of June, which was a bad day. Say how far ahead you predict, `horizon=1`, and the baseline may look at yesterday as well.

# %%
fair = baseline_table(
    delay[half], table[~half], delay[~half], horizon=1, **series
)
fair

# %%
# alt: Mean delay per day from July to December, jumping from day to day. The last value of June is a flat line far above nearly all days, the median a flat line in their middle, the model a line that moves a little.
figure, ax = plt.subplots(figsize=(7, 3))
ax.plot(delay[~half], color="0.6", lw=1, label="what happened")
ax.plot(
    delay[~half].index, series["model"], color="C0", lw=1.2, label="model"
)
ax.axhline(delay[half].iloc[-1], color="C1", ls="--", label="end of June")
ax.axhline(delay[half].median(), color="C2", ls=":", label="median")
ax.set(
    xlabel="day",
    ylabel="mean delay (minutes)",
    title="The end of June is easy to beat, the median is not",
)
figure.legend(loc="outside lower center", ncols=4)
plt.show()

# %% [markdown]
# The 27 minutes of advantage are gone, and so is the proof: beside yesterday's value and beside the plain median, the model is *not shown* to be better. Weather comes in spells, so neighbouring days resemble each other, and days drawn one by one would make the intervals too narrow; `block=7` draws whole weeks.
#
# ## Check yourself

# %%
nb.quiz(
    (
        "A paper reports an F1 of 0.90 for a class that 90 % of the rows "
        "belong to. What do you know?"
    ),
    {
        "the model is good, F1 corrects for imbalance": (
            "F1 looks at one class only. When that class is common, any "
            "guess has a high F1."
        ),
        "nothing yet: guessing with the label distribution scores 0.90": (
            "Precision and recall of that guess are both 0.90. Ask for the "
            "F1 of the other class."
        ),
        "it must be wrong, accuracy would be 0.82 at most": (
            "0.82 is the accuracy of the guess by label distribution; a "
            "model can have more."
        ),
    },
    answer="nothing yet: guessing with the label distribution scores 0.90",
)

# %%
nb.quiz(
    (
        "The table says “not shown to beat zero rule”. What may you write "
        "in the report?"
    ),
    {
        "the model is no better than the zero rule": (
            "That is a claim too. A small advantage may hide inside the "
            "interval."
        ),
        "these test rows cannot tell the model and the zero rule apart": (
            "Yes, on this metric. Give the interval, so that a reader sees "
            "how large a difference is left open."
        ),
        "the model is better, but not significantly": (
            "The sign of the difference is exactly what is not known."
        ),
    },
    answer="these test rows cannot tell the model and the zero rule apart",
)

# %% [markdown]
# ## Exercises
#
# ★ In the call that makes `decisions`, make "on time" the positive class: add `pos_label=0`, and `existing=1 - existing` (take it out of `judge`), for an array of probabilities is about the positive class. Which baselines get a high F1 now, and what does the verdict say?
#
# ★★ Write `guess_f1(share, chance)`: the F1 that a guesser can expect on many rows, when a share of them is positive and it says "positive" with a chance. Start from precision and recall.


# %% tags=["exercise"] exercise="ch06-01-guess-f1"
def guess_f1(share, chance):
    """Return the F1 of a guesser that does not look."""
    ...


# %%
def right(share, chance):
    return 2 * share * chance / (share + chance)


nb.check(
    "ch06-01-guess-f1",
    guess_f1,
    right,
    cases=[(0.1, 0.5), (0.1, 0.1), (0.9, 0.5), (0.15, 1.0)],
    mistakes={
        "That is accuracy; it counts the quiet rows too.": lambda s, q: (
            s * q + (1 - s) * (1 - q)
        ),
        "F1 is the harmonic mean: twice the product over the sum.": (
            lambda s, q: (s + q) / 2
        ),
        "That is the share of hits; start from precision and recall.": (
            lambda s, q: s * q
        ),
    },
)

# %% [markdown] tags=["solution"] exercise="ch06-01-guess-f1"
# <details><summary>Solution</summary>
#
# The guesser does not look, so its alarms are right as often as rows are positive: precision is the share. And a positive row gets an alarm as often as any other: recall is the chance.
#
# ```python
# def guess_f1(share, chance):
#     """Return the F1 of a guesser that does not look."""
#     precision, recall = share, chance
#     return 2 * precision * recall / (precision + recall)
# ```
#
# </details>

# %% [markdown]
# ★★★ The company's next offer says: *better than experienced dispatchers*. Write down which rows, which metric and which information the dispatchers must have had before you believe it.
#
# ## You have now
#
# - computed what blind guesses score: where 15 % are late, a coin has an F1 of 0.23, and the zero rule an accuracy of 0.85;
# - seen a model with 84.6 % right that is not shown to beat the zero rule (84.7 %), nor, with an F1 of 0.32, a rule of one line (0.31);
# - repaired its use, not the model: with its own threshold the F1 is 0.40 and every baseline is beaten;
# - caught an unfair baseline: 27 minutes better than the end of June, 0.4 minutes, not shown to be more than chance, better than yesterday.
#
# **In practice.** Make the table before the first model: it says whether a model is worth the trouble, and it shows mistakes of the pipeline early, for a model that loses to the zero rule on log loss is most often broken. Keep the rule and the system in use in the table for good; they are what the model replaces. In a build, `report.raise_if_failed()` stops when a baseline is not beaten. The interval tells what other test rows could change; another training run or another year is not in it.
#
# **Read on.** R. C. Holte (1993), *Very simple classification rules perform well on most commonly used datasets*. R. J. Hyndman and G. Athanasopoulos (2021), *Forecasting: principles and practice*, on simple forecasting methods. B. Efron and R. J. Tibshirani (1993), *An introduction to the bootstrap*.


# %% tags=["claims", "remove-cell"]
def value(report, baseline, column="score", metric=None):
    found = report.frame[report.frame["baseline"] == baseline]
    found = found if metric is None else found[found["metric"] == metric]
    return found[column].iloc[0]


nb.claim("15 %", y_test.mean())
nb.claim("15", hundred.sum())
nb.claim("85 %", 1 - y_test.mean())
nb.claim("85 %", accuracy)
nb.claim("84.6 %", value(decisions, "model", metric="accuracy"))
nb.claim("84.7 %", value(decisions, "zero rule", metric="accuracy"))
nb.claim("0.85", value(decisions, "zero rule", metric="accuracy"))
nb.claim("85", (1 - hundred).sum())
nb.claim("100", len(hundred))
nb.claim("0.23", by_hand.loc["uniform random", "F1"])
nb.claim("0.23", value(decisions, "uniform random", metric="f1"))
nb.claim("95 %", small.confidence)
nb.claim("1,000", baseline_table.__kwdefaults__["n_boot"])
assert value(small, "uniform random", "score_low", "f1") < 0.15
assert value(small, "uniform random", "score_high", "f1") > 0.3
nb.claim("0.15", hundred.mean())
nb.claim("0.3", value(small, "uniform random", "score_high", "f1") - 0.02)
nb.claim("0.32", value(decisions, "model", metric="f1"))
nb.claim("0.31", value(tuned, "5 pm or later"))
nb.claim("0.40", value(tuned, "model"))
nb.claim("0.5", chances["uniform random"])
nb.claim(
    "50",
    X_train.groupby(["carrier", "hour"], observed=True)
    .size()[lookup.index]
    .min(),
)
nb.claim("30", data.frame.loc[late == 1, "arr_delay"].min())
nb.claim("27", -value(weak, "last value", "difference"))
nb.claim("0.4", -value(fair, "last value", "difference"))
assert value(decisions, "zero rule", "model_is", "accuracy") == "not shown"
assert value(decisions, "existing", "model_is", "accuracy") == "not shown"
after = value(decisions, "5 pm or later", "model_is", "f1")
assert after == "not shown"
assert set(tuned.frame["model_is"]) == {"better", ""}
assert value(fair, "last value", "model_is") == "not shown"
assert value(fair, "median", "model_is") == "not shown"
assert model.predict(X_test).mean() < 0.1
assert (existing > 0.5).mean() < 0.01
