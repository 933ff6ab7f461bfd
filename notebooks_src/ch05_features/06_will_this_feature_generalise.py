# %% [markdown]
# # Ask whether a feature will generalise
#
# *18 minutes · data: flights*
#
# **You will** find, before any model is trained, the columns of nine months of flights that will not mean the same in the last three.
#
# **You will learn to**
#
# - compare a column's coverage, its values and its distribution in training and in new data;
# - tell a value that is *new* from one that is merely *rare*, with what chance would do;
# - read a flag as a question, and measure what the flagged column does to the score.
#
# **You need** ROC AUC, and boosted trees as something that finds splits in numbers.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from scipy.stats import ks_2samp
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import OneHotEncoder

from mlworkbench import datasets
from mlworkbench import notebook as nb
from mlworkbench.features import category_drift, feature_generalization

nb.setup()

# %% [markdown]
# ## Three points of AUC, for one more column
#
# It is the end of September. The planners want a model that warns of flights 30 minutes late, for October to December. A colleague has added the day of the year to the schedule and the weather, and tested on flights put aside at random. The score has jumped. "Seasons matter", says the colleague, and they do.

# %%
data = datasets.load("flights")
weather = data.tables["weather"].drop(
    columns=["year", "month", "day", "hour"]
)
flights = data.frame.merge(weather, on=["origin", "time_hour"], how="left")
flights = flights[flights["arr_delay"].notna()].reset_index(drop=True)
flights["day_of_year"] = flights["time_hour"].dt.day_of_year
late = (flights["arr_delay"] >= 30).to_numpy()

rng = np.random.default_rng(0)
until_september = (flights["month"] <= 9).to_numpy()
order = rng.permutation(np.flatnonzero(until_september))
learn, same = np.sort(order[:60_000]), np.sort(order[60_000:90_000])
later = np.flatnonzero(~until_september)

names = ["carrier", "origin", "dest"]
X = flights.astype(dict.fromkeys(names, "category"))
base = [*names, "hour", "dewp", "humid", "wind_speed", "precip", "visib"]

predicted = {}


def scores(columns):
    """Train until September; score the same months, and the later ones."""
    model = HistGradientBoostingClassifier(
        max_iter=50, categorical_features="from_dtype", random_state=0
    )
    model.fit(X.iloc[learn][columns], late[learn])
    p = [model.predict_proba(X.iloc[i][columns])[:, 1] for i in (same, later)]
    predicted[columns[-1]] = p[1]
    return {
        "AUC, same months": roc_auc_score(late[same], p[0]),
        "AUC, later months": roc_auc_score(late[later], p[1]),
        "predicted late, later (%)": 100 * p[1].mean(),
    }


table = {
    "schedule and weather": scores(base),
    "+ day of the year": scores([*base, "day_of_year"]),
}
pd.DataFrame(table).T[["AUC, same months"]].round(2)

# %%
guess = nb.predict(
    "ch05-06-day-of-year",
    (
        "On the flights of October to December, what does the day of the "
        "year do to the AUC?"
    ),
    options=[
        "it gains about as much",
        "it gains, but less",
        "it changes nothing",
        "it loses",
    ],
    why=(
        "The trees learned stretches of the days 1 to 273. Every later day "
        "falls into the last stretch: late September, the calmest days of "
        "the year. The column also took splits away from columns that last."
    ),
)
guess

# %% [markdown]
# ## Three questions to a column need no model
#
# A feature can help only if new rows look, in this column, like rows the model has learned from. So ask:
#
# 1. **Coverage.** What share of the rows has a value? Is it the same on both sides?
# 2. **Overlap.** What share of the new rows has a value that training never saw? For a measured number: that lies outside the range of training.
# 3. **Distance.** Are the shares of the known values the same?
#
# By hand, on eight real flights: six from Monday to Saturday to learn from, two of the Sunday to be predicted. Sets are all you need.

# %%
january = flights[flights["month"] == 1].drop_duplicates(["day", "hour"])
wanted = [(7, 6), (8, 9), (9, 8), (10, 14), (11, 17), (12, 20)]
wanted += [(13, 7), (13, 16)]
eight = january.set_index(["day", "hour"]).loc[wanted].reset_index()
eight["day_of_week"] = eight["time_hour"].dt.day_name()
eight = eight[["day_of_week", "hour", "carrier"]]
train, test = eight[:6], eight[6:]
eight

# %%
by_hand = pd.DataFrame(
    {
        "day_of_week": {
            "filled in train": train["day_of_week"].notna().mean(),
            "filled in test": test["day_of_week"].notna().mean(),
            "unseen rows": 1
            - test["day_of_week"].isin(set(train["day_of_week"])).mean(),
        },
        "hour": {
            "filled in train": train["hour"].notna().mean(),
            "filled in test": test["hour"].notna().mean(),
            "unseen rows": 1
            - test["hour"]
            .between(train["hour"].min(), train["hour"].max())
            .mean(),
        },
    }
)
by_hand.round(2)

# %% [markdown]
# No Sunday was ever seen: whatever a model learned about days says nothing here. The hours are other hours, but they lie among those of training. The helper counts the same, and says it in words.

# %%
columns = ["day_of_week", "hour"]
small = feature_generalization(train, test, columns=columns)
found = small.frame.set_index("column")
assert np.allclose(found["train_coverage"], by_hand.loc["filled in train"])
assert np.allclose(found["test_coverage"], by_hand.loc["filled in test"])
assert np.allclose(found["unseen_share"], by_hand.loc["unseen rows"])
for column, row in found.iterrows():
    print(f"{column} {row['verdict']}: {row['reason']}")

# %% [markdown]
# ## The calendar fails, the schedule passes, the aircraft pass in part
#
# Now all flights: January to September against October to December.

# %%
columns = [
    *["month", "day_of_year", "hour", "carrier", "dest", "tailnum"],
    *["temp", "dewp", "humid", "pressure", "visib"],
]
before, after = flights[until_september], flights[~until_september]
report = feature_generalization(before, after, columns=columns)
assert list(report.flagged) == [
    *["month", "day_of_year", "tailnum", "temp", "pressure"]
]
shown = report.frame[["column", "verdict", "unseen_share", "distance"]]
shown.round({"unseen_share": 3, "distance": 2})

# %%
flags = report.frame[report.frame["flagged"]]
reasons = flags[["column", "reason"]]
print("\n".join(f"{c}: {r}" for c, r in reasons.to_numpy()))

# %% [markdown]
# - The **month** and the **day of the year** share no value with training. They are row numbers of time.
# - The **hour**, the **carrier** and the **destination** go on as before.
# - The **tail number** lasts for most rows: 1.1 % of the later flights use an aircraft that never flew before.
# - The **temperature** is known, every degree of it, but autumn has other shares: the distance is 0.33. The **pressure** reaches values that the first nine months never had, in 0.7 % of the rows.
#
# The distances are old friends. For a measured column it is the largest gap between the two cumulative distributions, the statistic of Kolmogorov and Smirnov; for names it is half the sum of the differences of the shares, the total variation. And an unseen name is what `OneHotEncoder` turns into a row of zeros.

# %%
found = report.frame.set_index("column")
temp = [part["temp"].dropna() for part in (before, after)]
assert np.isclose(ks_2samp(*temp).statistic, found.loc["temp", "distance"])

encoder = OneHotEncoder(handle_unknown="ignore").fit(before[["tailnum"]])
zeros = encoder.transform(after[["tailnum"]]).sum(axis=1) == 0
assert np.isclose(zeros.mean(), found.loc["tailnum", "unseen_share"])

# %% [markdown]
# ## The column that failed takes the score down with it
#
# What does each of them do to the model? The first column of the table is the test that the colleague ran; the other two are what the planners will live with.

# %%
table["+ month"] = scores([*base, "month"])
table["+ temperature"] = scores([*base, "temp"])
result = pd.DataFrame(table).T
result.round({"predicted late, later (%)": 0}).round(2)

# %%
plain, day = (result.loc[name] for name in list(table)[:2])
lost = day["AUC, later months"] - plain["AUC, later months"]
gained = day["AUC, same months"] - plain["AUC, same months"]
guess.reveal("it loses", measured=f"{100 * lost:+.1f} points of AUC")

# %% [markdown]
# The day of the year gained more than three points on the months it had seen, and lost almost two on those it had not. Worse for the planners is the level: that model expects 8 % of the flights to be late, where 14 % were. A calm September goes on for ever.
#
# The temperature was flagged too, and it does no harm: every value was seen, so the trees know what to do with a cold day. **A flag is a question, not a sentence.** "Does not generalise" needs a very good answer; "in part" needs a measurement such as this one.

# %%
# alt: Late flights by day of the year, with the predictions of the two models after September: with the day of the year they stay low to the end.
weekly = {"without": predicted["visib"], "with": predicted["day_of_year"]}
week_of = (flights["day_of_year"] - 1) // 7 * 7 + 1
figure, ax = plt.subplots(figsize=(7, 3))
truth = 100 * pd.Series(late).groupby(week_of).mean()
ax.plot(truth.index, truth, color="0.6", label="late")
for (name, p), style in zip(weekly.items(), ("C0-", "C1--"), strict=True):
    line = 100 * pd.Series(p, index=later).groupby(week_of[later]).mean()
    ax.plot(line.index, line, style, label=f"predicted {name} the day")
ax.axvline(273.5, color="0.3", linewidth=0.8)
ax.set(
    xlabel="day of the year (training ends at the line)",
    ylabel="late in the week (%)",
    title="With the day of the year, September never ends",
)
figure.legend(loc="outside lower center", ncols=3)
plt.show()

# %% [markdown]
# ## When will you know?
#
# Move the month in which training ends, and the feature. Bars are the shares in training, the line those in the months after it. Look for features that need a whole cycle before they pass (the temperature), and for one that no waiting will help.


# %%
def compare(ends, feature):
    """Draw a feature before and after the end of training."""
    sides = [flights[flights["month"] <= ends]]
    sides.append(flights[flights["month"] > ends])
    row = feature_generalization(*sides, columns=[feature]).frame.iloc[0]
    values = flights[feature].dropna()
    step = {"temp": 6, "pressure": 4}.get(feature, 1)
    bins = np.arange(values.min(), values.max() + 2 * step, step) - step / 2
    shares = [np.histogram(s[feature].dropna(), bins)[0] for s in sides]
    shares = [100 * s / s.sum() for s in shares]
    figure, ax = plt.subplots(figsize=(5, 2.4))
    middle = bins[:-1] + step / 2
    ax.bar(middle, shares[0], width=0.9 * step, color="0.8")
    ax.step(middle, shares[1], where="mid", color="C0")
    ax.set(
        xlabel=f"{feature} (bars: until month {ends}; line: later)",
        ylabel="share (%)",
        title=f"{row['verdict']}: {100 * row['unseen_share']:.1f} % unseen",
    )
    return figure


explorer = nb.explore(
    compare,
    title="Train until a month, then go on",
    ends=[1, 3, 6, 9],
    feature=["month", "hour", "temp", "pressure"],
    start={"ends": 3, "feature": "temp"},
)
explorer

# %% [markdown]
# ## New is not the same as rare
#
# Aircraft come and go, and many fly seldom. Even two halves dealt at random differ in them. So the helper compares with what chance would do, and two random halves raise no flag. A small table of flights shows the difference best.

# %%
dealt = np.random.default_rng(1).random(len(flights)) < 0.5
halves = feature_generalization(flights[dealt], flights[~dealt])
assert halves.ok

few = flights.sample(3_000, random_state=0)
cut = np.arange(len(few)) < 1_500
rare = feature_generalization(few[cut], few[~cut], columns=["tailnum"])
row = rare.frame.iloc[0]
print(f"{row['verdict']}: {row['reason']}")

# %% [markdown]
# Half of these rows have an unseen aircraft, and nothing has changed: there are too few rows for so many names. More data would help; retraining would not. Whether aircraft are really *new* shows over time. Below, the list of aircraft is made in January and never touched.

# %%
early = flights["month"] == 1
drift = category_drift(
    flights[early], flights[~early], columns=["tailnum"], time="month"
)
over_time = drift.over_time
first, last = over_time["unseen_share"].iloc[[0, -1]]
shown = [
    "period",
    "rows",
    "unseen_share",
    "first_seen_share",
    "values_so_far",
]
over_time[shown].iloc[[0, 2, 4, 6, 8, 10]].round(3)

# %%
# alt: Share of flights by an aircraft not seen in January, by month: about 3 % in February, about 10 % in December; with a list renewed each month it falls and stays low.
figure, ax = plt.subplots(figsize=(7, 3))
at = over_time["period"]
ax.plot(at, 100 * over_time["unseen_share"], "o-", label="list of January")
renewed = 100 * over_time["first_seen_share"]
ax.plot(at, renewed, "s--", label="list renewed every month")
ax.set(
    xlabel="month of departure",
    ylabel="aircraft never seen (% of flights)",
    title="A list of January ages; a renewed one does not",
)
ax.legend(loc="upper left")
ax.set_ylim(0, 15)
plt.show()

# %% [markdown]
# ## A number that is a name passes when it should not
#
# The flight number is stored as a number. New ones lie between old ones, so its range is safe, and the check says so. As text it tells another story.

# %%
as_number = feature_generalization(before, after, columns=["flight"])
text = [part[["flight"]].astype(str) for part in (before, after)]
as_text = feature_generalization(*text)
pd.DataFrame(
    {
        "stored as": ["number", "text"],
        "verdict": [r.frame["verdict"][0] for r in (as_number, as_text)],
        "unseen rows (%)": [
            round(100 * r.frame["unseen_share"][0], 1)
            for r in (as_number, as_text)
        ],
    }
)

# %% [markdown]
# > **Warning.** The check sees values, not meaning. A carrier that changes what it does under the same code, a sensor that is replaced, a target that is defined anew: all pass. For those you need labels of the new months, and a score.
#
# ## Check yourself

# %%
nb.quiz(
    (
        "A column is filled in 90 % of the training rows and in 20 % of "
        "the test rows. Both sides come from the same three years. What "
        "do you look at first?"
    ),
    {
        "how the data were split": (
            "Rows of the same years should be filled alike. Something sorted "
            "them: a source, a site, a time."
        ),
        "a better imputer": (
            "It would hide the symptom: the model learns from values and is "
            "asked about fills."
        ),
        "a model that accepts missing values": (
            "It learns what to do with the missing tenth, and then gets four "
            "fifths, missing for another reason."
        ),
    },
    answer="how the data were split",
)

# %%
nb.quiz(
    "Month is flagged. What can you put in its place?",
    {
        "the month as a cycle, sine and cosine": (
            "October lies between September and January on the circle, but "
            "no training row lies there."
        ),
        "what the season brings: weather, holidays, traffic of last week": (
            "These come back with values that training has seen; a year of "
            "data is still better."
        ),
        "the month as twelve indicator columns": (
            "The columns of October to December are zero in all of training: "
            "nothing can be learned for them."
        ),
    },
    answer="what the season brings: weather, holidays, traffic of last week",
)

# %% [markdown]
# ## Exercises
#
# ★ Change `until_september` to the months until June and run the notebook again. Which columns are flagged now, and does the day of the year still lose?
#
# ★★ Write the heart of the check. `unseen_share(train, new)` takes two Series and returns the share of the rows of `new` *that have a value* whose value `train` never had.


# %% tags=["exercise"] exercise="ch05-06-unseen-share"
def unseen_share(train, new):
    """Return the share of known rows of new that train never had."""
    ...


# %%
def right(train, new):
    known = new.dropna()
    return float((~known.isin(train)).mean())


aircraft = [part["tailnum"] for part in (before.head(2_000), after.head(900))]
toy = [pd.Series(list("aabc")), pd.Series(["a", "d", "d", "e", None])]
nb.check(
    "ch05-06-unseen-share",
    unseen_share,
    right,
    cases=[tuple(toy), tuple(aircraft)],
    mistakes={
        "That counts different values; count rows.": lambda train, new: (
            1 - len(set(new.dropna()) & set(train)) / new.nunique()
        ),
        "A missing value is no new category; drop it first.": (
            lambda train, new: float((~new.isin(train)).mean())
        ),
        "Other way round: which rows of new are not in train?": (
            lambda train, new: float((~train.dropna().isin(new)).mean())
        ),
    },
)

# %% [markdown] tags=["solution"] exercise="ch05-06-unseen-share"
# <details><summary>Solution</summary>
#
# Drop the missing rows of `new`, and ask of each row that is left whether training has its value.
#
# ```python
# def unseen_share(train, new):
#     """Return the share of known rows of new that train never had."""
#     known = new.dropna()
#     return float((~known.isin(set(train))).mean())
# ```
#
# </details>

# %% [markdown]
# ★★★ The planners want to keep the tail number: "some aircraft *are* always late". It is known for certain only shortly before departure. Write down what you would measure before you agree, and how often the model would have to be trained.
#
# ## You have now
#
# - asked a column three questions, by hand on eight flights and on a whole year;
# - found that month and day of the year share nothing with the later months, that 1.1 % of the later flights use a new aircraft, and that hour, carrier and destination go on;
# - measured what a failed column does: more than three points of AUC gained where it does not matter, almost two lost where it does, and 8 % expected where 14 % came;
# - told new from rare: the aircraft outside a list of January grow from 3 % of the flights in February to 10 % in December.
#
# **In practice.** Run the check when you split and again on every batch before it is scored; `report.raise_if_failed()` stops a pipeline. TensorFlow Data Validation and pandera hold a schema of allowed values and shares in the same spirit. Drop what does not generalise, or replace it by what it stands for. A split by time shows the damage; a random split hides it.
#
# **Read on.** I. J. Good (1953), *The population frequencies of species and the estimation of population parameters*, on how much of the unseen to expect. E. Breck, N. Polyzotis, S. Roy, S. Whang and M. Zinkevich (2019), *Data validation for machine learning*.

# %% tags=["claims", "remove-cell"]
nb.claim("30 minutes", flights["arr_delay"][late].min())
nb.claim("1.1 %", found.loc["tailnum", "unseen_share"])
nb.claim("273", flights["day_of_year"].iloc[learn].max())
nb.claim("0.33", found.loc["temp", "distance"])
nb.claim("0.7 %", found.loc["pressure", "unseen_share"])
nb.claim("8 %", day["predicted late, later (%)"] / 100)
nb.claim("14 %", late[later].mean())
assert 0.03 < gained < 0.04
assert -0.02 < lost < -0.017
assert result.loc["+ temperature", "AUC, later months"] > (
    plain["AUC, later months"] - 0.005
)
assert 0.45 < row["unseen_share"] < 0.55
nb.claim("3 %", first)
nb.claim("10 %", last)
