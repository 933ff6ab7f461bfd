# %% [markdown]
# # Audit a split that somebody else made
#
# *16 minutes · data: flights*
#
# **You will** get two files and a score that is too good, and find out from the files alone what is wrong with them.
#
# **You will learn to**
#
# - ask four questions of any split, by hand and with one call;
# - read a finding: a fact about rows, a kind, a grade, and a question that only you can answer;
# - say what two tables cannot show.
#
# **You need** ROC AUC (the chance that a late flight is ranked above a punctual one), and notebook 8, where the random split lied.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import TargetEncoder

from mlworkbench import datasets
from mlworkbench import notebook as nb
from mlworkbench.leakage import (
    KINDS,
    audit_split,
    check_duplicates,
    check_groups,
    check_preprocessing,
    check_target,
    check_time,
)

nb.setup()

# %% [markdown]
# ## Two files, one number, no code
#
# An airport pays a contractor for a model that warns, *an hour before the planned departure*, of flights that will arrive 30 minutes late or more. The contractor hands over `train`, `test`, and a score: AUC 0.98. The code stays with the contractor. The airport asks you: *can we believe the number?*
#
# You cannot see how the files were made. You can ask what they hold. (We are the contractor here, so every mistake is known. The flights are real, a sample of 20,000.)

# %%
data = datasets.load("flights", target="late_30").labelled()
readings = ["temp", "humid", "wind_speed", "precip", "visib"]
weather = data.tables["weather"][["origin", "time_hour", *readings]]
year = data.frame.merge(weather, on=["origin", "time_hour"], how="left")
year["late"] = data.target.to_numpy() == 1


def clock_minutes(clock):
    """Turn a clock time such as 1435 into minutes after midnight."""
    return (clock // 100 * 60 + clock % 100).astype(float)


minute = pd.to_timedelta(year["minute"], unit="min")
planned = year["time_hour"].dt.tz_localize(None) + minute
year["asked"] = planned - pd.Timedelta("1h")  # when the model is asked
year["day"] = year["asked"].dt.strftime("%m-%d")
year["planned_arrival"] = clock_minutes(year["sched_arr_time"])
year["arrival"] = clock_minutes(year["arr_time"])
some = year.sample(20_000, random_state=0).sort_index()

# %% [markdown]
# ## By hand: four questions on eight rows
#
# Eight flights, four on each side, in the order in which they happened. `dep_time` is the clock time of the real departure, `dep_delay` its delay in minutes.

# %%
fleet = {"N646DL": 3, "N969DL": 2, "N378NW": 2}
seven = [year[year["tailnum"] == t].head(n) for t, n in fleet.items()]
seven = pd.concat(seven)
columns = ["asked", "tailnum", "origin", "dest", "dep_time", "dep_delay"]
side = ["train", "train", "test", "train", "train", "test", "test"]
eight = seven[columns].assign(part=side)
again = eight.iloc[[0]].assign(part="test")  # one flight is in twice
eight = pd.concat([eight, again]).sort_values(["asked", "part"])
small = [eight[eight["part"] == p][columns] for p in ("train", "test")]
eight.reset_index(drop=True)

# %%
train, test = small
equal = test.merge(train)  # 1: the same row on both sides?
both = set(train["tailnum"]) & set(test["tailnum"])  # 2: an aircraft?
of_both = test["tailnum"].isin(both)
early = test["asked"] < train["asked"].max()  # 3: test before train ends?
rows = pd.concat(small)  # 4: a column stamped after the question?
stamp = rows["asked"].dt.normalize() + pd.to_timedelta(
    clock_minutes(rows["dep_time"]), unit="min"
)
too_late = stamp > rows["asked"]
by_hand = {
    "equal rows": len(equal),
    "test rows of an aircraft in train": of_both.sum(),
    "test rows before the end of train": early.sum(),
    "rows whose dep_delay is known too late": too_late.sum(),
}
pd.Series(by_hand, name="by hand").to_frame()

# %% [markdown]
# One function for each question; each works alone, and each returns the same kind of report. `available_at={"dep_delay": "dep_time"}` reads: *`dep_delay` is known at the moment written in `dep_time`*. Then every value can be compared with the moment of the question.

# %%
reports = [
    check_duplicates(*small),
    check_groups(*small, "tailnum"),
    check_time(*small, "asked"),
    check_time(
        *small,
        prediction_time="asked",
        available_at={"dep_delay": "dep_time"},
    ),
]
frames = pd.concat([r.frame for r in reports], ignore_index=True)
assert frames["n_rows"].tolist() == list(by_hand.values())
frames[["severity", "code", "kind", "what", "n_rows", "share"]]

# %% [markdown]
# The same counts. What the helper adds is a **kind** and a **severity**:
#
# - *leak*: the tables, and what you said about them, leave no doubt;
# - *warning*: probably wrong, and you must decide;
# - *note*: good to know.
#
# Why is the equal row only a note? Deal any two equal rows to two halves at random, and half of the time they end up on both sides. One pair is no evidence of a mistake. (`share` is the share of the rows looked at; the last line looks at both sides.)
#
# ## Eight kinds, and most of them leave a trace in the tables
#
# The kinds and their codes come from a survey that found leakage in 17 fields of science (Kapoor and Narayanan 2023). `KINDS` holds them.

#
# | code | kind | what two tables show of it |
# |---|---|---|
# | `L1.1` | no clean test set | nearly all of test is in train |
# | `L1.2` | preprocessing on both | numbers centred to the last digit over both files |
# | `L1.3` | feature selection on both | nothing |
# | `L1.4` | duplicates | more equal rows across than chance deals |
# | `L2` | illegitimate feature | stamps; a power far above the other columns |
# | `L3.1` | temporal | the moment of each row, if you name it |
# | `L3.2` | dependence | the group of each row, if you name it |
# | `L3.3` | sampling bias | other values, or other gaps, in test |
#
# ## The contractor's files
#
# `deliver` makes the files, with the mistakes that it is told. The contractor made seven. You may skip the code now, and guess the mistakes from the audit.


# %%
def deliver(mistakes, flights=some):
    """Split flights into train and test, with mistakes."""
    known = ["asked", "day", "carrier", "origin", "dest", "hour"]
    known += ["distance", *readings, "planned_arrival", "late"]
    late_columns = ("arrival", "dep_time", "dep_delay")
    known += [name for name in late_columns if name in mistakes]
    if "record of the aircraft" in mistakes:  # share of late flights
        code = TargetEncoder(target_type="binary")
        tail = flights[["tailnum"]].astype(str)
        record = code.fit(tail, flights["late"]).transform(tail)
        flights = flights.assign(record=record[:, 0])
        known += ["record"]
    in_test = flights["month"] >= 10
    if "dealt at random" in mistakes:
        in_test = np.random.default_rng(1).random(len(flights)) < 0.25
    train, test = flights.loc[~in_test, known], flights.loc[in_test, known]
    if "an airport missing" in mistakes:
        test = test[test["origin"] != "EWR"]
    if "flights copied" in mistakes:
        train = pd.concat([train, test[::20]])
    if "scaled together" in mistakes:
        scaled = ["temp", "wind_speed"]
        pool = pd.concat([train, test])[scaled]
        mean, spread = pool.mean(), pool.std()
        train, test = (
            part.assign(**(part[scaled] - mean) / spread)
            for part in (train, test)
        )
    return train.reset_index(drop=True), test.reset_index(drop=True)


def score(train, test):
    """Return the AUC of boosted trees, on all that may be a feature."""
    both = pd.concat([train, test]).drop(columns=["asked", "day", "late"])
    names = ["carrier", "origin", "dest"]
    both = both.astype(dict.fromkeys(names, "category"))
    model = HistGradientBoostingClassifier(
        max_iter=50,
        categorical_features="from_dtype",
        early_stopping=False,
        random_state=0,
    )
    model.fit(both[: len(train)], train["late"])
    says = model.predict_proba(both[len(train) :])[:, 1]
    return roc_auc_score(test["late"], says)


contractor = [
    "flights copied",
    "scaled together",
    "an airport missing",
    "dealt at random",
    "arrival",
    "dep_time",
    "dep_delay",
]
train, test = deliver(contractor)
promised = score(train, test)
print(f"train {train.shape}, test {test.shape}, AUC {promised:.2f}")

# %% [markdown]
# Three things about these tables only a person knows: `asked` is the moment of the question; flights of one day share their weather and their trouble (notebook 8), so `day` is a group; and `dep_delay` is known at `dep_time`. Say them, and the rest is one call.

# %%
told = {"target": "late", "time": "asked", "groups": "day"}
stamps = {"dep_delay": "dep_time"}
audit = audit_split(train, test, **told, available_at=stamps)
shown = ["severity", "code", "kind", "what", "n_rows", "share"]
audit.frame[shown].round(3)

# %% [markdown]
# ## Every finding brings its evidence
#
# Do not believe a report; look at the rows. Each name in the column `what` opens them.

# %%
copied = audit.findings[0]
print(f"{copied.what}: {copied.advice}")
for row in audit.rows("preprocessing on both").itertuples():
    means = f"{row.train:.4f} over train, {abs(row.both):.12f} over both"
    print(f"scaled {row.column}: mean {means}")
audit.rows("known too late: dep_delay").head(3)

# %% [markdown]
# - *Equal rows.* More flights are on both sides than dealing the same rows at random would put there: more than three times as many.
# - *Scaled.* Over both files together the means are 0 to the last digit, and over train they are not. That does not happen by chance.
# - *Known too late.* 99.6 % of the delays were written down after the question. The few others read as early because their clock had passed midnight: the count is a lower limit.
# - *`planned_arrival - arrival`.* Each of the two is an ordinary time of day. Their difference is the delay itself. `check_target` tries sums, differences, ratios and equality of all pairs, as two dates often hide a length of time.
# - *`dep_delay`* once more. You said that `dep_time` is a stamp, so it is no longer compared as a feature, and among the others `dep_delay` stands alone.
# - *Other values.* Test has no flight from Newark, and hence few of the airline at home there.
#
# The clearest finding, `dep_delay`, rests on what you said. What does the audit make of that column when nobody tells it?
#
# ## Three repairs leave the score where it was
#
# One mistake at a time. Each line is a new pair of files, a new audit and a new model. This time nobody tells the audit when `dep_delay` is known: what does it say on its own?

# %%
# alt: Eight rows, one per repair. The AUC stays at 0.98 while leaks and warnings go, and falls to 0.72 only when dep_delay is dropped last.
ladder = {}
for step in range(len(contractor) + 1):
    train, test = deliver(contractor[step:])
    report = audit_split(train, test, **told)
    target = report.frame.query("what == 'dep_delay'")["severity"]
    ladder["as delivered" if not step else contractor[step - 1]] = {
        "leaks": report.n_leaks,
        "warnings": report.n_warnings,
        "dep_delay": target.iloc[0] if len(target) else "",
        "AUC": score(train, test),
    }
ladder = pd.DataFrame(ladder).T.rename_axis("repaired, from the top")
assert report.ok

figure, ax = plt.subplots(figsize=(7.5, 3.6))
at = -np.arange(len(ladder))
ax.plot(ladder["AUC"].astype(float), at, "o", color="C0")
for y, row in zip(at, ladder.itertuples(), strict=True):
    text = f"{row.AUC:.2f}   {row.leaks} leaks, {row.warnings} warnings"
    if row.dep_delay:
        text += f"   (dep_delay: {row.dep_delay})"
    ax.text(1.01, y, text, va="center", fontsize=9)
ax.set(
    yticks=at,
    yticklabels=ladder.index,
    xlim=(0.7, 1),
    xlabel="AUC on the test file delivered",
    ylabel="repaired, from the top",
    title="Most repairs leave the score where it was",
)
plt.show()

# %% [markdown]
# Three things to learn from one figure. (Each line is judged on its own test file.)
#
# - **A repair need not move the score.** Three mistakes go, and the AUC stays, because the columns that came too late outshine everything. Whoever looks at the score alone sees no reason to repair them.
# - **Leaks vouch for each other.** "Too good" is judged against the other columns, alone and together. `dep_time` and `hour` together make up `dep_delay`, so it does not stand out: once `arrival` is gone the audit has *no warning at all*, at an AUC of 0.94. Only when `dep_time` goes, too, does `dep_delay` become a warning. So audit after each repair, and say when columns are known: with `available_at` the same column was a leak at once.
# - **The price is paid at the end.** What the hour before departure can give is 0.72, as in notebook 8.
#
# ## A clean split stays quiet
#
# A check that cries at everything is switched off within a week. The repaired files have no finding above a note. Now make it harder, and leave four columns: airline, airport, destination and hour. The repaired test has 5,015 flights.

# %%
guess = nb.predict(
    "ch05-09-natural-duplicates",
    (
        "On these four columns, how many flights of the repaired test have "
        "an equal row in train, and what does check_duplicates call it?"
    ),
    options=["few: a note", "many: a leak", "most: a note"],
    why=(
        "Airlines repeat their timetable every day. Equal rows are then "
        "what any two samples of flights share, by chance."
    ),
)
guess

# %%
lean = ["carrier", "origin", "dest", "hour"]
natural = check_duplicates(train, test, columns=lean)
twins = natural.findings[0]
assert natural.ok
print(twins.advice)
natural.frame[["severity", "what", "n_rows", "share"]].round(3)

# %%
guess.reveal("most: a note", measured=f"{100 * twins.share:.0f} % of test")

# %% [markdown]
# Equal rows prove nothing by themselves. What counts is whether there are *more* on both sides than dealing the same rows at random would give.
#
# The second false alarm to fear is a strong feature that is allowed. Two other questions:
#
# - The aircraft has just left its gate: *will it arrive behind the timetable at all?* Now `dep_delay` is known, and by far the best column.
# - The caterer asks the day before: *which flights will be in the air for three hours or more?* The distance is nearly perfect.

# %%
flown = some.assign(behind=some["arr_delay"] > 0)
minutes = pd.to_timedelta(some["dep_delay"].astype(float), unit="min")
flown["left"] = planned.loc[some.index] + minutes
features = ["carrier", "origin", "dest", "hour", "distance", *readings]
gate = check_target(flown[[*features, "dep_delay"]], flown["behind"])
by_moment = check_time(
    flown[flown["month"] <= 9],
    flown[flown["month"] >= 10],
    "left",
    available_at={"dep_delay": "left"},
)
single = {
    name: roc_auc_score(flown["behind"], flown[name])
    for name in ("dep_delay", "hour", "distance")
}
print("gate, AUC of one column:", pd.Series(single).round(2).to_dict())
print("gate: check_target ok:", gate.ok, "and check_time ok:", by_moment.ok)
meal = check_target(flown[features], flown["air_time"] >= 180)
assert not meal.n_leaks
for finding in meal.findings:
    print(f"caterer: {finding.severity}: {finding.evidence}")

# %% [markdown]
# At the gate both checks are quiet: same column, other moment, no leak. What makes a feature illegitimate is not its strength, it is the clock.
#
# The caterer gets a warning (the scale `2·AUC-1` is 0 for chance and 1 for a perfect order), for the distance and for the destination that stands for it. From the numbers alone this cannot be told from a leak. So the report asks, and you answer: the distance has been known for years; keep it, and write down why. **A warning is a question**; a team that deletes each column that raises one deletes its best features.
#
# ## What two tables cannot show
#
# The contractor comes back with repaired files and one new column: `record`, the share of late flights of each aircraft, smoothed. It was computed on all flights, test included.

# %%
asked_again = deliver(["record of the aircraft"])
second = audit_split(*asked_again, **told)
fair_train, fair_test = deliver([])
in_test = some["month"] >= 10
tail = some[["tailnum"]].astype(str)
folds = StratifiedKFold(5, shuffle=True, random_state=0)
code = TargetEncoder(target_type="binary", cv=folds)
fair_train["record"] = code.fit_transform(
    tail[~in_test], some.loc[~in_test, "late"]
)[:, 0]
fair_test["record"] = code.transform(tail[in_test])[:, 0]
blind = pd.Series(
    {
        "no record": score(*deliver([])),
        "record from train only": score(fair_train, fair_test),
        "record from all flights": score(*asked_again),
    },
    name="AUC",
)
print(f"audit: {second.n_leaks} leaks, {second.n_warnings} warnings")
blind.round(2).to_frame()

# %% [markdown]
# The record is worth nothing when it is computed fairly. Computed on all flights it gains 12 points of AUC, every one of them false, and the audit is silent. The column is a plausible share, not too strong, at the right moment. Nothing in the numbers says whose answers went into it. The *code* does, if you can get it: `check_preprocessing` runs it with and without the test rows.


# %%
def add_record(flights):
    """The contractor's feature, at last: it learns from all it is given."""
    code = TargetEncoder(target_type="binary")
    tail = flights[["tailnum"]].astype(str)
    record = code.fit(tail, flights["late"]).transform(tail)
    return pd.DataFrame({"record": record[:, 0]}, flights.index)


part = some.sample(4_000, random_state=0).reset_index(drop=True)
past = np.flatnonzero(part["month"] <= 9)
proof = check_preprocessing(add_record, part[["tailnum", "late"]], past)
assert proof.n_leaks
proof.frame[["severity", "kind", "what", "n_rows"]].head(1)

# %% [markdown]
# Tables also do not show that columns were *selected* with the help of test, that the best of forty models was picked on test (notebook 12), that rows were left out of both files, or that a column which was not named comes too late. And the order of test after train says nothing about a season that will not return. That nothing was found is evidence, not proof.
#
# ## Try it: which mistake is seen, and what must be said first
#
# One mistake at a time, on 4,000 flights. Look for the mistakes that show up without any help, for those that need a word from you, and for the one that no words turn into a warning.

# %%
few = some.sample(4_000, random_state=1).sort_index()
words = {
    "the target only": {"target": "late"},
    "also the time": {"target": "late", "time": "asked"},
    "also when dep_delay is known": {"target": "late", "time": "asked"},
}


def findings(mistake, told):
    """Audit files with one mistake."""
    files = deliver(mistake.split(" and "), few)
    train, test = (part.drop(columns="day") for part in files)
    more = {}
    if told.endswith("is known") and "dep_time" in train:
        more["available_at"] = stamps
    report = audit_split(train, test, **words[told], **more)
    if not len(report.frame):
        return "no finding"
    return report.frame[["severity", "kind", "what", "n_rows"]]


explorer = nb.explore(
    findings,
    title="What the audit says",
    mistake=[
        *("none", *contractor[:5], "dep_time and dep_delay"),
        "record of the aircraft",
    ],
    told=list(words),
    start={"mistake": "dealt at random", "told": "the target only"},
)
explorer

# %% [markdown]
# ## Check yourself

# %%
nb.quiz(
    (
        "An audit names no time and no groups, and finds nothing. The split "
        "was dealt at random, and the model will predict next month. What do "
        "you report?"
    ),
    {
        "the split is clean": (
            "What was not named was not checked; the notes of the report "
            "say so."
        ),
        "the audit must name the time, and be run again": (
            "Test rows that lie before the end of train are found as soon "
            "as the audit knows which column is the time."
        ),
        "the score is right, as nothing leaks": (
            "Notebook 8 had such a split: 0.80 promised, 0.72 delivered."
        ),
    },
    answer="the audit must name the time, and be run again",
)

# %%
nb.quiz(
    (
        "Train and test share most aircraft, and check_groups calls it a "
        "leak. The fleet will fly on next year. What do you do?"
    ),
    {
        "deal the aircraft to two sides": (
            "Then test asks about aircraft that the model has never met. "
            "Next year it will know nearly all of them."
        ),
        "do not name the aircraft as a group": (
            "To name a group is to say that the model will meet new ones. "
            "Here it will not; notebook 11 measured no inflation either."
        ),
        "drop the column tailnum": (
            "The rows of an aircraft stay where they are; a group is about "
            "rows, not about columns."
        ),
    },
    answer="do not name the aircraft as a group",
)

# %% [markdown]
# ## Exercises
#
# ★ In `deliver`, copy fewer flights: every fortieth, every eightieth, and so on. When does "equal rows" stop being a leak, and does the AUC notice?
#
# ★★ Write the number that tells copies from chance. `expected_on_both(sizes, q)`: `sizes` holds how many rows each group of equal rows has; every row goes to test with chance `q`, on its own. Return how many groups are expected to have a row on *both* sides.


# %% tags=["exercise"] exercise="ch05-09-expected-on-both"
def expected_on_both(sizes, q):
    """Return the expected number of groups with rows on both sides."""
    ...


# %%
def expected(sizes, q, train=1, test=1):
    sizes = np.asarray(sizes)
    return float(np.sum(1 - train * (1 - q) ** sizes - test * q**sizes))


nb.check(
    "ch05-09-expected-on-both",
    expected_on_both,
    expected,
    cases=[
        (np.array([2]), 0.5),
        (np.array([2, 2, 3, 7]), 0.25),
        (np.array([1, 1, 2]), 0.1),
    ],
    mistakes={
        "A group can also lie in test alone: take that away too.": (
            lambda sizes, q: expected(sizes, q, test=0)
        ),
        "A group can also lie in train alone: take that away too.": (
            lambda sizes, q: expected(sizes, q, train=0)
        ),
        "That is right for pairs only; a group may have more rows.": (
            lambda sizes, q: float(2 * q * (1 - q) * len(sizes))
        ),
    },
)

# %% [markdown] tags=["solution"] exercise="ch05-09-expected-on-both"
# <details><summary>Solution</summary>
#
# A group of `c` rows misses one of the sides when all of it is in train, with chance `(1 - q) ** c`, or all of it in test, `q ** c`. Both cannot happen at once. Sum what is left.
#
# ```python
# def expected_on_both(sizes, q):
#     """Return the expected number of groups with rows on both sides."""
#     total = 0.0
#     for size in sizes:
#         total += 1 - (1 - q) ** size - q**size
#     return total
# ```
#
# For the pair of the eight rows it gives one half: a note.
#
# </details>

# %% [markdown]
# ★★★ The contractor offers to sign that "the audit found nothing". Write the two sentences that you want to have signed instead. (Who named the columns? What do the tables not show?)
#
# ## You have now
#
# - asked four questions of eight rows by hand, and seen four functions count the same;
# - audited files that promised 0.98, found the traces of all seven mistakes in one call, and repaired them down to an honest 0.72;
# - seen a split with 91 % of equal rows stay quiet, a strong feature pass at one moment and fail at another, and a warning that had to be answered;
# - watched a leak of 12 points pass the audit, and fall to `check_preprocessing` as soon as the code was there.
#
# **In practice.** Put `audit_split(...).raise_if_failed()` where the split is made, so that it runs each time, and keep `available_at` beside the schema: it is the most useful table a team can write. `check_coverage`, `check_target` and the others are there alone for the one question you have. The next notebook turns from the tables to the code, and watches it run.
#
# **Read on.** S. Kapoor and A. Narayanan (2023), *Leakage and the reproducibility crisis in machine-learning-based science*. S. Kaufman, S. Rosset, C. Perlich and O. Stitelman (2012), *Leakage in data mining: formulation, detection, and avoidance*.

# %% tags=["claims", "remove-cell"]
nb.claim("30 minutes", some.loc[some["late"], "arr_delay"].min())
nb.claim("20,000", len(some))
wrong = pd.concat(deliver(contractor))
known_at = wrong["asked"].dt.normalize() + pd.to_timedelta(
    clock_minutes(wrong["dep_time"]), unit="min"
)
read_as_early = wrong[known_at <= wrong["asked"]]
assert (read_as_early["dep_delay"] > 0).all()
assert copied.what == "equal rows"
moved = audit.rows("preprocessing on both")
assert moved["both"].abs().max() < 1e-12 < moved["train"].abs().min()
nb.claim("0.98", promised)
shares = audit.frame.set_index("what")["share"]
nb.claim("99.6 %", shares["known too late: dep_delay"])
assert shares["planned_arrival - arrival"] == 1
assert (ladder["AUC"].astype(float).round(2).iloc[:4] == 0.98).all()
assert set(KINDS) >= {"L1.1", "L1.2", "L1.3", "L1.4", "L2"}
assert ladder["dep_delay"].loc[["arrival", "dep_time"]].tolist() == [
    "note",
    "warning",
]
vouched = ladder.loc["arrival"]
assert vouched["leaks"] == vouched["warnings"] == 0
nb.claim("0.94", vouched["AUC"])
nb.claim("5,015", len(test))
nb.claim("91 %", twins.share)
nb.claim("0.72", blind["no record"])
assert all(report.ok for report in (gate, by_moment, second))
assert single["dep_delay"] > max(list(single.values())[1:]) + 0.15
gain = blind["record from all flights"] - blind["no record"]
nb.claim("12", 100 * gain)
honest = blind["record from train only"] - blind["no record"]
assert abs(honest) < 0.01
nb.claim("4,000", len(few))
