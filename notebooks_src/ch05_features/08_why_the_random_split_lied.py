# %% [markdown]
# # Find out why the random split lied
#
# *18 minutes · data: flights*
#
# **You will** take apart the distance between a test on flights drawn at random and a test on the flights that came next, piece by piece, on the same rows.
#
# **You will learn to**
#
# - measure how much of a score comes from other rows of the same day, the same week, the same season;
# - say what a model knows about a day, and what it knows within a day;
# - choose the split that asks the question you will really ask.
#
# **You need** ROC AUC (the chance that a late flight is ranked above a punctual one), and the notebook on features that generalise.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score

from mlworkbench import datasets
from mlworkbench import notebook as nb
from mlworkbench.leakage import temporal_split

nb.setup()

# %% [markdown]
# ## One model, two promises
#
# Two colleagues have a year of flights, and the same model: it warns of flights 30 minutes late or more, from the timetable and the weather. One puts a quarter of the year aside at random, trains on the rest, and reports an area under the ROC curve (AUC) of 0.80. The other trains on January to September and reports 0.72 for October to December. The planners ask: *which of the two will we get?*
#
# We repeat both. The two tests are equally large, and the model is histogram boosting with its defaults, 100 trees.

# %%
data = datasets.load("flights", target="late_30").labelled()
readings = ["temp", "dewp", "humid", "wind_speed"]
readings += ["precip", "pressure", "visib"]
weather = data.tables["weather"][["origin", "time_hour", *readings]]
flights = data.frame.merge(weather, on=["origin", "time_hour"], how="left")
late = data.target.to_numpy()
time = flights["time_hour"]
names = ["carrier", "origin", "dest"]
X = flights.astype(dict.fromkeys(names, "category"))
schedule = ["month", "day", "hour", *names]

past, _, judged = temporal_split(flights, "time_hour", "2013-10-01", None, 0)
before = np.isin(flights.index, past.index)
after = np.isin(flights.index, judged.index)
assert np.array_equal(before, flights["month"] <= 9)
assert np.array_equal(after, flights["month"] >= 10)
rng = np.random.default_rng(0)
drawn = np.isin(np.arange(len(X)), rng.permutation(len(X))[: after.sum()])


def boost(train, columns=(*schedule, *readings), trees=26):
    """Train on the rows of a mask; return model and columns."""
    model = HistGradientBoostingClassifier(
        max_iter=trees,
        categorical_features="from_dtype",
        early_stopping=False,
        random_state=0,
    )
    columns = list(columns)
    return model.fit(X.loc[train, columns], late[train]), columns


def ask(fitted, rows):
    """Return the chance of a delay for the rows of a mask."""
    model, columns = fitted
    return model.predict_proba(X.loc[rows, columns])[:, 1]


tests = {"drawn at random": drawn, "October to December": after}
staged, says = {}, {}
for name, rows in tests.items():
    model, columns = boost(~rows, trees=100)
    stages = model.staged_predict_proba(X.loc[rows, columns])
    for trees, p in enumerate(stages, start=1):
        if trees in (26, 50, 100):
            staged[trees, name] = roc_auc_score(late[rows], p[:, 1])
            says[trees, name] = p[:, 1]
growth = pd.Series(staged).unstack()[list(tests)].rename_axis("trees")
growth.round(3)

# %% [markdown]
# The planners will get flights that nobody has seen yet, so the second test asks their question. The first one is not only too high. Going from 50 trees to 100, it says, gains almost a point of AUC; for the flights that came next the additional trees gain nothing. Whoever tunes a model on the random test **tunes its memory**.
#
# ## Which flights did the test ask about?
#
# Two things changed at once: what the model had seen, and which flights it was asked about. Other flights can be easier. So from here on *the judged flights stay the same*: all those of October to December. Only the training rows change, and 26 trees, about a quarter, are enough to see the steps.
#
# - **the past**: January to September;
# - **other weeks**: the past, and every other week of the quarter. Flights of the odd weeks are judged by a model that knows the even ones, and the other way round;
# - **other days**: the same with every other day;
# - **other flights**: the same, with the flights of the quarter dealt at random, as a random split does.
#
# Each model after the first has seen the past and half of the quarter, also parts that lie after the judged flights. No forecast has those; here they are the point. The first step adds the season (and a few more rows), the second the days next door, the third other flights of *the same day*.

# %%
guess = nb.predict(
    "ch05-08-largest-step",
    "Which step adds most to the AUC, on the same judged flights?",
    options=[
        "the season: other weeks of the quarter",
        "the days next door",
        "other flights of the same day",
    ],
    why=(
        "A storm, a fog, a failed computer: whatever delays one flight "
        "delays its neighbours. A model that has seen half of a day need "
        "not forecast it any more."
    ),
)
guess

# %% [markdown]
# ## Half of a day tells the other half
#
# By hand first. Two days of December, five flights each, of which three go to training. Our "model" is a lookup: the share of late flights among the training flights *of the same day*. It knows no timetable and no weather.

# %%
two_days = flights[(flights["month"] == 12) & flights["day"].isin([5, 25])]
ten = two_days.groupby("day").sample(5, random_state=6)
ten = ten[["day", "hour", "carrier"]].assign(late=late[ten.index])
ten["part"] = ["train", "train", "train", "test", "test"] * 2
known = ten[ten["part"] == "train"].groupby("day")["late"].mean()
ten["lookup"] = ten["day"].map(known).where(ten["part"] == "test")
ten.reset_index(drop=True).round(2)

# %% [markdown]
# Here three flights are enough to tell a bad day from a quiet one. Now the same lookup on the whole year, for the random test.

# %%
day = time.dt.day_of_year.to_numpy()
share = pd.Series(late[~drawn]).groupby(day[~drawn]).mean()
lookup = share.loc[day[drawn]].to_numpy()
small = ten[ten["part"] == "test"]
assert (small["lookup"] == small["day"].map(known)).all()
by_day = roc_auc_score(late[drawn], lookup)
print(f"AUC of a table of {len(share)} numbers: {by_day:.3f}")
days_known = np.isin(day[after], day[before]).sum()
print("later flights whose day is in January to September:", days_known)

# %% [markdown]
# A table with one number per day reaches an AUC of 0.735 in the random test, more than the whole model reaches on the flights that came next. For those the table has no line: it would be worth 0.5, a coin. No column names the answer, no row is in both parts; the rows are not *independent*, that is all.
#
# ## Shared days first, season second
#
# Now the real model, and the four kinds of training.

# %%
week = (day - 1) // 7
halves = {
    "other weeks": week % 2,
    "other days": day % 2,
    "other flights": rng.integers(0, 2, len(X)),
}
answers = {"the past": says[26, "October to December"]}
for name, half in halves.items():
    p = np.empty(len(X))
    for k in (0, 1):
        rows = after & (half == k)
        p[rows] = ask(boost(~rows & (before | (half != k))), rows)
    answers[name] = p[after]

truth, date = late[after], day[after]
ladder = pd.Series(
    {name: roc_auc_score(truth, p) for name, p in answers.items()}
)
steps = 100 * ladder.diff()

# %% [markdown]
# How sure are these steps? The 92 days are what repeats, not the flights, so the bootstrap draws *days*. AUC is a function of counts: sort the answers into 200 bins, count the late and the punctual flights of each day in each bin, and a draw of days is a product of matrices. `from` and `to` hold 95 % of the draws of a step.


# %%
def day_counts(p):
    """Count late and punctual flights by day and bin of the answer."""
    edges = np.quantile(p, np.linspace(0, 1, 201)[1:-1])
    cell = (date - date.min()) * 200 + np.searchsorted(edges, p)
    n = 200 * len(np.unique(date))
    return [
        np.bincount(cell[truth == k], minlength=n).reshape(-1, 200)
        for k in (1, 0)
    ]


def auc_of_counts(positive, negative):
    """Return the AUC of each row of counts; ties count half."""
    below = negative.cumsum(axis=1) - negative / 2
    wins = (positive * below).sum(axis=1)
    return wins / positive.sum(axis=1) / negative.sum(axis=1)


draws = rng.multinomial(92, np.full(92, 1 / 92), size=2_000)
repeated = pd.DataFrame(
    {
        name: auc_of_counts(*(draws @ part for part in day_counts(p)))
        for name, p in answers.items()
    }
)
spread = 100 * repeated.diff(axis=1).quantile([0.025, 0.975])
result = pd.DataFrame({"AUC": ladder.round(3), "step (points)": steps})
result["from"], result["to"] = spread.loc[0.025], spread.loc[0.975]
result.round({"step (points)": 1, "from": 1, "to": 1})

# %%
guess.reveal(
    "other flights of the same day",
    measured=f"{steps['other flights']:+.1f} points of AUC",
)

# %%
# alt: Points with intervals climb from the past over other weeks and other days to other flights, the last step being the largest.
low, high = repeated.quantile([0.025, 0.975]).to_numpy()
figure, ax = plt.subplots(figsize=(6.5, 2.8))
at = np.arange(len(ladder))
ax.vlines(at, low, high, color="0.7", linewidth=5)
ax.plot(at, ladder, "o", color="C0")
ax.set_xticks(at, labels=ladder.index)
ax.set(
    xlabel="what training adds to January to September",
    ylabel="AUC, October to December",
    xlim=(-0.5, 3.5),
    title="The closer the neighbours, the better the score",
)
plt.show()

# %% [markdown]
# Knowing the season is worth 1.2 points, the days next door 1.0, and other flights of the same day 1.9. All three intervals lie above zero. (The grey bars overlap, and yet the steps are sure: the bars say how far the AUC moves with the days drawn, and all four models face the same days.) That the last step is the largest is likely, not certain: it is larger than the first in more than four draws out of five.
#
# What is left of the distance? At 26 trees the random test had 0.78. Its training has three quarters of each day, not half: that is worth another 0.9 points on its flights of October to December. The rest is that it also asks about the other months, which are easier here.
#
# ## What the neighbours tell: which days are bad
#
# Bars are the share of late flights of each day, the line is what the model expected on average. Move from the past to other flights. Look for the days that the past cannot know, and for `r`, the correlation between bars and line.

# %%
daily = pd.DataFrame(answers)
daily = 100 * daily.assign(late=truth).groupby(date).mean()
months = {"October": (274, 304), "November": (305, 334)}
months["December"] = (335, 365)


def calendar(training, month):
    """Draw the late flights of each day, and what was expected."""
    first, last = months[month]
    part = daily.loc[first:last]
    r = part["late"].corr(part[training])
    figure, ax = plt.subplots(figsize=(5, 2.4))
    ax.bar(part.index - first + 1, part["late"], color="0.8")
    ax.plot(part.index - first + 1, part[training], ".-", color="C0")
    ax.set(
        xlabel=f"day of {month} (bars: late; line: expected)",
        ylabel="flights (%)",
        ylim=(0, 60),
        title=f"{training}: r = {r:.2f}",
    )
    return figure


explorer = nb.explore(
    calendar,
    title="What the model expects of a day",
    training=list(answers),
    month=list(months),
    start={"training": "the past", "month": "October"},
)
explorer

# %% [markdown]
# The neighbours also help a little to order the flights within a day, since a storm has hours, too.

# %%
inside = pd.DataFrame(answers).groupby(date)
pairs = pd.Series(truth).groupby(date).agg(lambda y: y.sum() * (1 - y).sum())
knows = pd.DataFrame(
    {
        "days: r of expected and late": daily[list(answers)].corrwith(
            daily["late"]
        ),
        "within a day: mean AUC": [
            np.average(
                [
                    roc_auc_score(truth[date == d], p[date == d])
                    for d in pairs.index
                ],
                weights=pairs,
            )
            for p in answers.values()
        ],
    }
)
knows.round(2)

# %% [markdown]
# ## Dropping the date does not help
#
# "Then take out month and day", says a colleague, "and the model cannot recognise the day". It can: the weather is a fingerprint.

# %%
hours = flights.groupby(readings, dropna=False)["time_hour"].transform(
    "nunique"
)
fingerprint = (hours == 1).mean()
no_date = [c for c in (*schedule, *readings) if c not in ("month", "day")]
at_departure = [*schedule, *readings, "dep_delay"]
table = {"timetable and weather": growth.loc[26].to_dict()}
for name, columns, trees in (
    ("without month and day", no_date, 26),
    ("with the departure delay", at_departure, 10),
):
    table[name] = {
        test: roc_auc_score(
            late[rows], ask(boost(~rows, columns, trees), rows)
        )
        for test, rows in tests.items()
    }
table = pd.DataFrame(table).T
table["gap (points)"] = 100 * (table.iloc[:, 0] - table.iloc[:, 1])
print(f"readings seen in one hour only: {100 * fingerprint:.0f} % of rows")
table.round({"gap (points)": 1}).round(3)

# %% [markdown]
# For 99 % of the flights the seven readings together occur in one single hour of the year. The gap shrinks, and more than half of it stays. A random split is not repaired by taking columns away; the *rows* know each other.
#
# The last line (10 trees are enough for it) looks like the cure, as the gap is nearly gone and the score is splendid. But the departure delay is known when the aircraft has left, too late for a warning. **A small gap does not prove a clean model**: that leak is the same in both tests.
#
# ## Train again every month
#
# A test on three months asks for a model that is never renewed. If the team trains every month, test that: here December by a model of January to November.

# %%
month = flights["month"].to_numpy()
december = month == 12
p = ask(boost(month < 12), december)
renewed = pd.Series(
    {
        "trained until September": roc_auc_score(
            late[december], answers["the past"][december[after]]
        ),
        "trained until November": roc_auc_score(late[december], p),
    }
)
gain = 100 * renewed.diff().iloc[-1]
print(f"gain: {gain:.1f} points")
renewed.to_frame("AUC, December").round(2)

# %% [markdown]
# Almost a point: that is what training every month can give in December. It cannot give the other flights of the same day, and so the score stays far from 0.80. A second year would bring the season.
#
# > **Warning.** The month is a strong reason for a score to move, too: compare models on the same months, never a model's October with another's December.
#
# ## Check yourself

# %%
nb.quiz(
    (
        "A random split says 0.80, a split by day 0.75, a split by time "
        "0.72. The model will run for three months. What do you promise?"
    ),
    {
        "0.80": "No flight to come has neighbours of its day in training.",
        "0.75": (
            "Closer. But training then holds the days around each judged "
            "day, also the later ones."
        ),
        "about 0.72, with an interval over days": (
            "That test asks what will be asked: months that nobody has seen. "
            "One quarter is one draw, so say how sure you are."
        ),
        "the mean of the three": (
            "They answer three different questions; the mean answers none."
        ),
    },
    answer="about 0.72, with an interval over days",
)

# %%
nb.quiz(
    "For which of these tasks is dealing the rows at random the right test?",
    {
        "warn of delays of tomorrow": (
            "Training never holds tomorrow's flights."
        ),
        "fill in delays of last year that were lost one by one": (
            "Here the other flights of the same day are really there when "
            "the model is asked, before and after. The split asks the "
            "question of the task."
        ),
        "warn at noon of delays of the same evening": (
            "The morning is known, but a random split also deals flights of "
            "the night to training. Split at the hour of the warning."
        ),
    },
    answer="fill in delays of last year that were lost one by one",
)

# %% [markdown]
# ## Exercises
#
# ★ Let every third week be judged, with three folds instead of two. What happens to the steps, and why?
#
# ★★ Write the first thing to ask of any split. `shared_days(train_time, test_time)` takes two Series of moments and returns the share of the test *rows* whose calendar day also occurs in training.


# %% tags=["exercise"] exercise="ch05-08-shared-days"
def shared_days(train_time, test_time):
    """Return the share of test rows whose day has a training row."""
    ...


# %%
def right(train_time, test_time):
    known = train_time.dt.normalize()
    return float(test_time.dt.normalize().isin(known).mean())


toy = [
    pd.Series(pd.to_datetime(["2013-12-05 07:00", "2013-12-06 19:00"])),
    pd.Series(
        pd.to_datetime(
            [
                *["2013-12-05 07:00", "2013-12-05 14:00"],
                *["2013-12-05 23:00", "2013-12-25 08:00"],
            ]
        )
    ),
]
nb.check(
    "ch05-08-shared-days",
    shared_days,
    right,
    cases=[
        tuple(toy),
        (time[month <= 9], time[(month >= 9) & (month <= 11)]),
    ],
    mistakes={
        "That counts different days; count rows.": lambda a, b: (
            pd.Series(b.dt.normalize().unique()).isin(a.dt.normalize()).mean()
        ),
        "Compare the days, not the moments.": lambda a, b: b.isin(a).mean(),
        "The 5th of another month is another day.": lambda a, b: (
            b.dt.day.isin(a.dt.day).mean()
        ),
        "Other way round: which rows of the test?": lambda a, b: (
            a.dt.normalize().isin(b.dt.normalize()).mean()
        ),
    },
)

# %% [markdown] tags=["solution"] exercise="ch05-08-shared-days"
# <details><summary>Solution</summary>
#
# Cut the moments down to their days, and ask of each test row whether training has its day. For the random split above the answer is that every row shares its day.
#
# ```python
# def shared_days(train_time, test_time):
#     """Return the share of test rows whose day has a training row."""
#     known = set(train_time.dt.floor("D"))
#     return float(test_time.dt.floor("D").isin(known).mean())
# ```
#
# </details>

# %% [markdown]
# ★★★ The planners want an interval for next year's AUC, from one year of data. Which rows would you draw, and which part of the uncertainty can no draw from this year show?
#
# ## You have now
#
# - seen one model score 0.80 on flights drawn at random and 0.72 on those that came next, and seen the random test ask for 100 trees where the later one has no use for them;
# - taken the distance apart on the same judged flights: 1.2 points for the season, 1.0 for the days next door, 1.9 for other flights of the same day;
# - scored 0.735 with one number per day, and seen the expected and the late share of a day agree with a correlation of 0.92, against 0.71 from the past;
# - found that dropping the date leaves more than half of the gap, and that the departure delay closes it and is of no use.
#
# **In practice.** Write down when the model will be asked, what is known then, and for how long it stays; then split so. `temporal_split` takes a `gap` for labels that arrive late. For tuning inside the training months use `TimeSeriesSplit` on sorted days, or `GroupKFold` with the week as the group, and know that the latter flatters a little. The next notebook audits a split that somebody else has made.
#
# **Read on.** S. Kapoor and A. Narayanan (2023), *Leakage and the reproducibility crisis in machine-learning-based science*. D. R. Roberts and others (2017), *Cross-validation strategies for data with temporal, spatial, hierarchical, or phylogenetic structure*. S. Kaufman, S. Rosset, C. Perlich and O. Stitelman (2012), *Leakage in data mining: formulation, detection, and avoidance*.

# %% tags=["claims", "remove-cell"]
random_test, later_test = tests
nb.claim("30 minutes", flights["arr_delay"][late == 1].min())
nb.claim("0.80", growth.loc[100, random_test])
nb.claim("0.72", growth.loc[100, later_test])
gains = growth.loc[100] - growth.loc[50]
assert 0.006 < gains[random_test] < 0.01
assert gains[later_test] < 0.001
nb.claim("100", growth.index.max())
nb.claim("26", boost.__defaults__[1])
nb.claim("50", growth.index[1])
nb.claim("0.735", by_day)
assert by_day > growth[later_test].max()
nb.claim("0.5", roc_auc_score(truth, np.zeros(len(truth))))
nb.claim("92", len(np.unique(date)))
nb.claim("200", day_counts(answers["the past"])[0].shape[1])
nb.claim("1.2", steps["other weeks"])
nb.claim("1.0", steps["other days"])
nb.claim("1.9", steps["other flights"])
assert (result["from"].dropna() > 0).all()
moves = repeated.diff(axis=1)
assert 0.8 < (moves["other flights"] > moves["other weeks"]).mean() < 0.95
shared = says[26, random_test][after[drawn]]
on_quarter = roc_auc_score(late[drawn & after], shared)
nb.claim("0.9", 100 * (on_quarter - ladder["other flights"]))
nb.claim("0.78", growth.loc[26, random_test])
easier = says[26, random_test][before[drawn]]
assert roc_auc_score(late[drawn & before], easier) > (on_quarter + 0.01)
nb.claim("95 %", spread.index.max() - spread.index.min())
nb.claim("10", trees)
nb.claim("0.92", knows.iloc[3, 0])
nb.claim("0.71", knows.iloc[0, 0])
nb.claim("99 %", fingerprint)
gaps = table["gap (points)"]
assert gaps.iloc[0] / 2 < gaps.iloc[1] < gaps.iloc[0] - 1
assert gaps.iloc[2] < 1
assert 0.5 < gain < 1
assert right(time[~drawn], time[drawn]) == 1
