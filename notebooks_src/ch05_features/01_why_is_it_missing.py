# %% [markdown]
# # Ask why a value is missing
#
# *15 minutes · data: flights, hmda*
#
# **You will** find out, as far as data can tell, why values are missing in a year of flights, and what happens to an answer when the rows are dropped.
#
# **You will learn to**
#
# - tell three reasons for a gap apart, and say which of them data can show;
# - measure what dropping rows costs: the mean that moves, the group that vanishes;
# - fill gaps inside the folds, and judge whether a "was missing" column is worth having.
#
# **You need** pandas, and scikit-learn pipelines with cross-validation.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.experimental import enable_iterative_imputer  # noqa: F401
from sklearn.impute import IterativeImputer, KNNImputer, SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mlworkbench import datasets
from mlworkbench import notebook as nb
from mlworkbench.features import (
    compare_imputation,
    deletion_cost,
    diagnose_missing,
    little_mcar_test,
    simulate_missing,
)

nb.setup()

# %% [markdown]
# ## The worst day of the year looks better than average
#
# The operations desk of New York's airports asks: *how bad was 9 February?* An analyst drops the rows without an arrival delay, as the code that everybody copies does, and counts the flights that landed 30 minutes late or more.

# %%
data = datasets.load("flights")
flights = data.frame
flights["date"] = flights["time_hour"].dt.strftime("%d %B")
flights["cancelled"] = flights["dep_time"].isna()
landed = flights.dropna(subset=["arr_delay"])
late = landed["arr_delay"] >= 30

day = pd.DataFrame(
    {
        "planned": flights.groupby("date").size(),
        "cancelled (%)": 100 * flights.groupby("date")["cancelled"].mean(),
        "late, of those that landed (%)": 100
        * late.groupby(landed["date"]).mean(),
    }
)
day.loc["the whole year"] = [
    len(flights),
    100 * flights["cancelled"].mean(),
    100 * late.mean(),
]
worst = day.loc[["09 February", "the whole year"]]
worst.astype({"planned": int}).round(1)

# %% [markdown]
# A blizzard had closed the airports. 57 % of the flights never left; the delay is missing *because* the day was bad. Nearly all that landed were planned for the afternoon, when the runways were clear again, and they make 9 February look better than the year.
#
# Nothing warned the analyst. The code ran, the number is right for the rows that it has seen. So, before you drop or fill anything, ask why it is missing.

# %% [markdown]
# ## Commit to a guess
#
# The weather table has no air pressure for about one hour in ten. Of all flights that landed, 16 % were 30 minutes late. How many of those that were planned in an hour *without* a pressure?

# %%
guess = nb.predict(
    "ch05-01-pressure",
    (
        "Of the flights planned in an hour without a pressure reading, "
        "how many landed 30 minutes late or more?"
    ),
    options=[
        "about 10 %",
        "about 16 %, as everywhere: instruments fail at random",
        "about 20 %",
        "about 30 %",
    ],
    why="The reading goes missing in rain and fog, and in rain and fog "
    "flights are late. A gap in the weather table is itself a report "
    "about the weather.",
)
guess

# %% [markdown]
# ## Eight answers to a survey
#
# First a table small enough to read whole: eight invented people and what they said about themselves, with gaps. (The jobs: engineer, teacher, doctor, student.)

# %%
people = pd.DataFrame(
    {
        "age": [None, 27, None, 40, 35, None, 33, 20],
        "gender": list("ABABBABB"),
        "income": [150, 50, 100, None, None, 50, 60, 10],
        "married": [None, None, "yes", None, "no", None, "no", None],
        "children": [1, None, 2, 2, 0, 0, None, None],
        "job": [*"ET", None, *"EDTTS"],
        "buys": ["no", "no", "yes", "yes", "yes", "no", "no", "no"],
    },
    index=pd.Index(range(1, 9), name="person"),
)
people["income"] *= 1000
people

# %% [markdown]
# Look at age. Who has not said it, and who is left if we drop them?

# %%
gaps_by_gender = people["age"].isna().groupby(people["gender"]).mean()
with_age = people.dropna(subset=["age"])
by_hand = pd.DataFrame(
    {
        "age missing": gaps_by_gender,
        "people": people["gender"].value_counts(),
        "left when rows without age are dropped": with_age[
            "gender"
        ].value_counts(),
    }
).fillna(0)
by_hand.astype(int)

# %% [markdown]
# Age is missing exactly for gender A. Nobody of gender A is left when the rows without age are dropped: whatever you learn about who buys, you learn about B. There are three kinds of reason for a gap (Rubin 1976), and they differ in what may explain it:
#
# - **Missing completely at random (MCAR)**: nothing does. A page was lost, a cable was loose.
# - **Missing at random (MAR)**: other columns *that you have* do, as gender does here. The name is unlucky, nothing is random about it; it says that once those columns are known, the gap has no more to tell.
# - **Missing not at random (MNAR)**: the missing value itself does, as when people with high incomes keep them to themselves.
#
# `diagnose_missing` looks at each column with gaps: can the others predict where they are, and does the answer differ where they are? It also takes the value that you mean to fill in.

# %%
survey = diagnose_missing(people, target="buys", fill_values={"children": 0})
gender = survey.deletion.query("missing_in == 'age' & quantity == 'gender'")
assert survey.frame.loc["age", "exactly_where"] == "gender is A"
assert list(gender["after"]) == [0, 1]
assert survey.frame.loc["married", "n_missing"] == 5

print("note:", survey.notes[0])
print("note:", survey.frame.loc["children", "flags"])
survey.frame[["n_missing", "exactly_where"]]

# %% [markdown]
# It finds what you found by hand, and does not claim more than eight rows allow. And it warns of the zero: two people *have* no children. Filled with 0, those who did not answer become people without children, and nobody can tell them apart again.
#
# ## The reason decides what dropping does to the mean
#
# To see what each kind of gap does, you need to know the values behind it. So take a complete column and make the gaps yourself. In 2,380 mortgage applications, `payments` are all monthly debt payments in percent of the income, and `housing` is the part that goes into the house. `simulate_missing` takes values of `payments` out: at random, where `housing` is high, or where `payments` itself is high.

# %%
loans = datasets.load("hmda").frame[["pirat", "hirat", "lvrat", "unemp"]]
loans = 100 * loans.rename(columns={"pirat": "payments", "hirat": "housing"})
loans["unemp"] /= 100
truth = loans["payments"].mean()
mechanisms = {
    "at random (MCAR)": {"mechanism": "mcar"},
    "housing is high (MAR)": {"mechanism": "mar", "driver": "housing"},
    "payments are high (MNAR)": {"mechanism": "mnar"},
}


def take_out(why, rate):
    """Return the loans with gaps in payments."""
    return simulate_missing(
        loans, "payments", rate=rate, random_state=0, **mechanisms[why]
    )


def fill_from_others(frame):
    """Fill by regression on the other columns; return the payments."""
    filled = IterativeImputer(random_state=0).fit_transform(frame)
    return pd.Series(filled[:, 0], frame.index)


rows = {}
for why in mechanisms:
    gappy = take_out(why, 0.3)
    left = gappy["payments"]
    rows[why] = {
        "rows dropped": left.mean(),
        "filled with the mean": left.fillna(left.mean()).mean(),
        "filled from the other columns": fill_from_others(gappy).mean(),
    }
means = pd.DataFrame(rows).T
means.insert(0, "the truth", truth)
means.round(1)

# %% [markdown]
# Three applications in ten have lost their value. At random, that costs precision and nothing else. In the other two cases the mean of what is left is too low, and filling with the mean repeats the error, only with more rows to make it look certain.
#
# A fill that uses the other columns (here a regression, `IterativeImputer`) repairs the second case, where `housing` is the reason. In the third it gets about half-way: `housing` knows something about `payments`, but among applicants of equal `housing` it is still the high payments that are gone.
#
# ## Move the reason and the rate
#
# Grey are all applications, the line is those whose value is left. Look for two things: which side of the hill is missing, and how the error of the mean in the title grows with the rate, for dropping and for filling from the other columns.

# %%
bins = np.arange(0, 72, 3)
rates = [10, 30, 50, 70]


def gaps_explorer(why, missing):
    """Draw the payments that are left, and the error of their mean."""
    gappy = take_out(why, missing / 100)
    left = gappy["payments"].dropna()
    repaired = fill_from_others(gappy).mean()
    figure, ax = plt.subplots(figsize=(5.6, 2.8))
    ax.hist(loans["payments"], bins=bins, color="0.8", label="all")
    ax.hist(left, bins=bins, histtype="step", color="C0", label="left")
    ax.set(
        xlabel="monthly payments (% of income)",
        ylabel="applications",
        title=f"Error: dropped {left.mean() - truth:+.1f}, "
        f"filled {repaired - truth:+.1f}",
    )
    ax.legend()
    return figure


explorer = nb.explore(
    gaps_explorer,
    title="What the reason does to the mean",
    why=list(mechanisms),
    missing={f"{rate} %": rate for rate in rates},
    start={"why": "housing is high (MAR)", "missing": "50 %"},
)
explorer

# %% [markdown]
# ## The probe finds what is there to be found
#
# In practice you have one table and not the truth. Two instruments look for a reason.
#
# - The **probe** inside `diagnose_missing` predicts the gaps from the values of the other columns. Its AUC is the chance that a row with a gap gets a higher score than a row without; 0.5 is guessing.
# - **Little's test** (Little 1988) compares the column means between patterns of gaps. A small p-value speaks against MCAR; it does not say what it is instead.
#
# A fourth table joins the three: from the unemployment rate in the applicant's industry (`unemp`), high values go missing.

# %%
tables = {why: take_out(why, 0.3) for why in mechanisms}
tables["unemp is high (MNAR)"] = simulate_missing(
    loans, "unemp", "mnar", 0.3, random_state=0
)
evidence = {}
for why, table in tables.items():
    report = diagnose_missing(table)
    column = report.frame.index[0]
    evidence[why] = {
        "AUC": report.frame["auc"].iloc[0],
        "Little's p": little_mcar_test(table).p_value,
        "verdict": report.frame["verdict"].iloc[0],
        "true mean": loans[column].mean(),
        "rows dropped": table[column].mean(),
    }
evidence = pd.DataFrame(evidence).T.infer_objects()

again = []  # the last row could be luck: draw its gaps ten times more
for seed in range(1, 11):
    table = simulate_missing(loans, "unemp", "mnar", 0.3, random_state=seed)
    report = diagnose_missing(table)
    again.append(
        {
            "probe": report.frame["p_value"].iloc[0] < 0.05,
            "Little": report.little_p_value < 0.05,
            "low": 1 - table["unemp"].mean() / loans["unemp"].mean(),
        }
    )
again = pd.DataFrame(again)
print(
    "unemp in ten more draws: the probe finds something in "
    f"{again['probe'].sum()}, Little's test in {again['Little'].sum()}"
)
evidence.round(2)

# %% [markdown]
# ## Nothing in the data can prove MNAR
#
# Compare the second row with the third: the same verdict in the same words, and only one of the two can be repaired. In the fourth row both instruments are silent, since hardly anything else in the table goes with `unemp`, and the mean is off by about a tenth. That is no lucky draw: in ten more the probe finds nothing, Little's test something in one, as tests do by chance, and the mean is too low in all.
#
# > **Warning.** Values that go missing because of themselves leave no trace of their own. The trace would be in the values that nobody has. "No evidence against MCAR" is not "MCAR", and "evidence for MAR" does not rule out MNAR. No test, no helper and no model can prove MNAR from the data, or exclude it. People who know how the data came about can say something; asking again a few of those who did not answer can settle it.
#
# ## Three gaps in the flights, three reasons
#
# Back to New York. Take 8,000 flights that landed, with the weather at the planned hour and the seats of the aircraft, and ask about three columns with gaps: air pressure, wind direction, seats.

# %%
readings = ["temp", "humid", "wind_speed", "wind_dir", "precip"]
readings += ["visib", "pressure"]
weather = data.tables["weather"]
seats = data.tables["planes"][["tailnum", "seats"]]
joined = flights.merge(
    weather[["origin", "time_hour", *readings]], on=["origin", "time_hour"]
).merge(seats, on="tailnum", how="left")
joined = joined[joined["arr_delay"].notna()]
joined["late"] = (joined["arr_delay"] >= 30).astype(bool)

known = ["origin", "carrier", "distance", "hour", *readings, "seats"]
sample = joined.sample(8_000, random_state=0).sort_index()
report = diagnose_missing(
    sample[known],
    target=sample["late"],
    columns=["pressure", "wind_dir", "seats"],
    fill_values={"wind_dir": 0},
)
shown = report.frame[["coverage", "auc"]].round(2)
shown["depends most on"] = [", ".join(d[:2]) for d in report.frame["drivers"]]
late_where = 100 * report.frame[["label_missing", "label_present"]]
shown[["late, missing (%)", "late, present (%)"]] = late_where
print(report.frame.loc["wind_dir", "flags"])
shown.round(1).assign(auc=shown["auc"], coverage=shown["coverage"])

# %%
no_pressure = joined["pressure"].isna()
guess.reveal(
    "about 30 %",
    measured=f"{100 * joined.loc[no_pressure, 'late'].mean():.0f} %",
)

# %%
# alt: Bars: the pressure is missing in one hour in twenty with full visibility, and in about half of the hours with three miles or less.
sight = pd.cut(
    weather["visib"], [-1, 3, 6, 9, 11], labels=["0-3", "4-6", "7-9", "10"]
)
blind = weather["pressure"].isna().groupby(sight, observed=True).mean()
figure, ax = plt.subplots(figsize=(6, 2.8))
ax.bar(blind.index, 100 * blind, color="C0")
ax.set(
    xlabel="visibility (miles)",
    ylabel="hours without a pressure (%)",
    title="The less one can see, the less is reported",
)
plt.show()

# %% [markdown]
# Three columns, three stories:
#
# - **Pressure** goes missing in damp air and rain. Where it is missing, the share of late flights is nearly twice as high (27.5 % in this sample, 30 % in the year). The gap is *informative*.
# - **Wind direction** goes missing in a light wind, which has no steady direction. Filling it with 0 would be a mistake: in this table 0 is written for a calm, when there is no wind at all.
# - **Seats** go missing with the carrier: American Airlines (AA) and Envoy Air (MQ) report their own fleet numbers instead of registrations, so most of their aircraft are not found in the planes table.
#
# None of it needs the word "random", and for all three a column that we have explains most of it. Whether that is all, ask the people who run the station.
#
# ## Dropping rows drops a carrier
#
# What would `dropna` cost? `deletion_cost` compares before and after, here on all flights that landed.

# %%
gapped = ["pressure", "wind_dir", "seats"]
cost = deletion_cost(joined, gapped, target="late", groups=["carrier"])
names = cost["quantity"].where(cost["quantity"] != "carrier", cost["level"])
after = cost.assign(what=names).pivot(
    index="missing_in", columns="what", values="after"
)
before = cost.assign(what=names).groupby("what")["before"].first()
bill = pd.concat([before.rename("nothing").to_frame().T, after])
bill = bill.loc[["nothing", *gapped, "any column"]]
bill = pd.DataFrame(
    {
        "flights left": bill["rows"].astype(int),
        "late (%)": 100 * bill["target mean"],
        "share of MQ (%)": 100 * bill["MQ"],
        "share of AA (%)": 100 * bill["AA"],
    }
).rename_axis("rows dropped for")
bill.round(1)

# %% [markdown]
# Dropping for seats removes MQ nearly completely, as dropping for age removed gender A. Dropping for pressure removes bad weather, and with it one late flight in five. Dropping for any of the three costs a quarter of the rows, and does both.
#
# ## Fill inside the folds, and ask what the indicator knows
#
# The question is now a prediction: will a flight be late? The filling is part of the model. It is learned from the training rows of each fold, never from all rows, or the test rows have a say in it. `compare_imputation` does so, for three imputers of scikit-learn: the mean, a regression on the other columns, and the mean of five similar rows. Each comes without and with **indicators**: for every column one more, which says "was missing". Days are kept whole, so that no storm is in the training and the test rows at once.
#
# The first model is not told about rain and fog.

# %%
linear = make_pipeline(StandardScaler(), LogisticRegression())
days = GroupKFold(5, shuffle=True, random_state=0)
folds = list(days.split(sample, groups=sample["date"]))
few = ["hour", "distance", "wind_speed", "pressure", "seats"]
imputers = {
    "mean": SimpleImputer(),
    "regression": IterativeImputer(random_state=0),
    "5 neighbours": KNNImputer(n_neighbors=5),
}
blind_model = compare_imputation(
    linear, sample[few], sample["late"], imputers, folds, scoring="roc_auc"
)
columns = ["score", "difference", "low", "high"]
blind_model.frame[columns].round(3)

# %% [markdown]
# `score` is the area under ROC, `difference` that to the first row, with its interval from `low` to `high`. How the gaps are filled makes no difference that could be told from chance. The indicators do: they let the model see the bad weather through the hole. ("drop rows" drops training rows only; a flight tomorrow cannot be dropped, so all are scored.)
#
# ## With the reason in the table, the indicator has nothing to add
#
# Now give the model temperature, humidity, rain and visibility too: the columns on which the gaps in the pressure depend. And try a model that takes gaps as they are.

# %%
numbers = [name for name in known if name not in ("origin", "carrier")]
seeing_model = compare_imputation(
    linear,
    sample[numbers],
    sample["late"],
    ["mean"],
    folds,
    scoring="roc_auc",
)
trees = HistGradientBoostingClassifier(
    max_iter=50, max_leaf_nodes=8, early_stopping=False, random_state=0
)
tree_model = compare_imputation(
    trees, sample[few], sample["late"], ["mean"], folds, scoring="roc_auc"
)
both = pd.concat(
    {
        "linear, with rain and fog": seeing_model.frame.query("folds > 0"),
        "trees, without": tree_model.frame,
    }
)[columns]
both.round(3)

# %% [markdown]
# The indicators' gain is gone: what they knew, the weather columns say better. This is what "missing at random, given the other columns" means for a model. The trees need no indicator either: all filled rows have exactly the same value, and a tree can cut it out, or send gaps to the side where they predict best. What hurts the trees is dropping rows: they had used the gaps, and now they never see one.
#
# > **Tip.** An indicator is cheap insurance for a linear model. It is also a bet that gaps will go on to mean the same. When the station is repaired, or another one is connected, the indicator changes its meaning overnight: watch its rate in production.
#
# ## Check yourself

# %%
nb.quiz(
    (
        "Little's test on your table gives p = 0.62, and the probe an AUC "
        "of 0.50. What may you write in the report?"
    ),
    {
        "the values are missing completely at random": (
            "That would need to be proven, and a test that finds nothing "
            "proves nothing. The gaps in unemp looked much like this."
        ),
        "the columns we have do not explain the gaps": (
            "That is what was measured. Then say what you know of how the "
            "data came about."
        ),
        "the values are not missing not at random": (
            "This is the one that no data can exclude: the evidence would "
            "be in the values that are missing."
        ),
    },
    answer="the columns we have do not explain the gaps",
)

# %%
nb.quiz(
    (
        "A colleague fills all gaps with the column means first, then "
        "cross-validates the model. What is wrong?"
    ),
    {
        "nothing: a mean is only one number": (
            "A small leak is a leak. With a regression or neighbours as "
            "imputer, or few rows, it is not small."
        ),
        "the test rows have helped to choose what they are filled with": (
            "Put the imputer into the pipeline, so that each fold learns it "
            "from training rows only."
        ),
        "means should be medians": (
            "That changes the number, not where it was learned."
        ),
    },
    answer="the test rows have helped to choose what they are filled with",
)

# %% [markdown]
# ## Exercises
#
# ★ In the explorer, let 70 % go missing because `housing` is high. How good is the repair now? Which rows does the regression learn from, and which does it have to guess?
#
# ★★ Fill seats by carrier, as a fold would. Write `fill_by_group(train, test, column, group)`: it returns `test[column]` with every gap filled by the mean of that `column` in `train` for the row's `group`. Where the group has no value in `train` (new, or all gaps, as for some carriers), use the mean over all of `train`.


# %% tags=["exercise"] exercise="ch05-01-fill-by-group"
def fill_by_group(train, test, column, group):
    """Return test[column] with gaps filled from the groups of train."""
    ...


# %%
seen = pd.DataFrame(
    {"carrier": list("AABBC"), "seats": [100, 140, 60, None, None]}
)
new = pd.DataFrame(
    {"carrier": list("ABCDAB"), "seats": [None, None, None, None, 20, 90]}
)
nb.check(
    "ch05-01-fill-by-group",
    fill_by_group(seen, new, "seats", "carrier"),
    [120, 60, 100, 100, 20, 90],
    mistakes={
        "The test rows help to fill themselves: learn the means from train "
        "only.": [20, 90, 55, 55, 20, 90],
        "Every gap gets the mean of all of train: use the mean of the row's "
        "group.": [100, 100, 100, 100, 20, 90],
        "A group without a value in train is still empty: use the mean of "
        "all of train there.": [120, 60, np.nan, np.nan, 20, 90],
    },
)

# %% [markdown] tags=["solution"] exercise="ch05-01-fill-by-group"
# <details><summary>Solution</summary>
#
# Two steps, and both learn from `train`. `map` gives each test row the mean of its group, or a gap where the group has none.
#
# ```python
# def fill_by_group(train, test, column, group):
#     """Return test[column] with gaps filled from the groups of train."""
#     means = train.groupby(group)[column].mean()
#     by_group = test[column].fillna(test[group].map(means))
#     return by_group.fillna(train[column].mean())
# ```
#
# </details>

# %% [markdown]
# ★★★ The desk wants one number for how bad a day was, to compare 9 February with other days. A cancelled flight has no delay. Would you count it as late, as very late, or give a second number? Write down what each choice tells a passenger, and who might prefer which.
#
# ## You have now
#
# - seen a day with 57 % of its flights cancelled pass for a good one: 13.7 % late against 16.1 % in the year, because the gaps were dropped;
# - taken values out for three reasons. Of a true mean of 33.1, dropping leaves 33.1, 31.8 and 31.0; filling from the other columns gives 33.1, 33.1 and 32.0. The last is MNAR, and its evidence reads like that of MAR;
# - diagnosed three columns: the pressure is missing in 56 % of the hours with little sight, and flights without it are late in 30 % of the cases. Dropping for any of three columns costs 26 % of the rows, and takes carrier MQ from 7.7 % to 0.3 %;
# - filled inside the folds: indicators raise the area under ROC from 0.66 to 0.68 for a linear model that does not know the weather, and by nothing for one that does.
#
# **In practice.** Keep three things beside every feature: the share missing, the reason as far as somebody knows it, and what it is filled with. Watch the first one: a share that jumps is often the first sign of a broken pipe. Put the imputer into the pipeline, and let trees have the gaps as they are. When an important number rests on a column that may be MNAR, do not report one value: report how far it moves when the missing values are assumed to be higher or lower (van Buuren 2018 calls it sensitivity analysis).
#
# **Read on.** D. B. Rubin (1976), *Inference and missing data*. R. J. A. Little (1988), *A test of missing completely at random for multivariate data with missing values*. S. van Buuren (2018), *Flexible imputation of missing data*. J. Josse and others (2024), *On the consistency of supervised learning with missing values*.

# %% tags=["claims", "remove-cell"]
assert day["cancelled (%)"].idxmax() == "09 February"
afternoon = landed.loc[landed["date"] == "09 February", "hour"] >= 12
assert afternoon.mean() > 0.9
bad_day, year = worst.iloc[0], worst.iloc[1]
nb.claim("57 %", bad_day["cancelled (%)"] / 100)
nb.claim("13.7 %", bad_day.iloc[2] / 100)
nb.claim("16.1 %", year.iloc[2] / 100)
nb.claim("16 %", year.iloc[2] / 100)
nb.claim("30", landed["arr_delay"][late].min())
assert abs(weather["pressure"].isna().mean() - 0.1) < 0.01
nb.claim("2,380", len(loans))
nb.claim("0.5", evidence["AUC"].iloc[0])
dropped, repaired = means["rows dropped"], means.iloc[:, -1]
nb.claim("33.1", truth)
nb.claim("33.1", dropped.iloc[0])
nb.claim("31.8", dropped.iloc[1])
nb.claim("31.0", dropped.iloc[2])
nb.claim("33.1", repaired.iloc[0])
nb.claim("33.1", repaired.iloc[1])
nb.claim("32.0", repaired.iloc[2])
assert tables["housing is high (MAR)"]["payments"].isna().mean() == 0.3
assert evidence["verdict"].iloc[1] == evidence["verdict"].iloc[2]
assert evidence["verdict"].iloc[0] == evidence["verdict"].iloc[3]
off = 1 - evidence["rows dropped"].iloc[3] / evidence["true mean"].iloc[3]
assert 0.08 < off < 0.13
assert (again["probe"].sum(), again["Little"].sum()) == (0, 1)
assert again["low"].between(0.08, 0.13).all()
nb.claim("8,000", len(sample))
nb.claim("27.5 %", late_where.iloc[0, 0] / 100)
ratio = late_where.iloc[0, 0] / late_where.iloc[0, 1]
assert 1.7 < ratio < 2
calm = weather["wind_dir"] == 0
assert (weather.loc[calm, "wind_speed"] == 0).all()
light = weather.loc[weather["wind_dir"].isna(), "wind_speed"]
assert light.median() < 0.6 * weather["wind_speed"].median()
nb.claim("56 %", blind.iloc[0])
nb.claim("30 %", joined.loc[no_pressure, "late"].mean())
share_left = bill["flights left"] / bill["flights left"].iloc[0]
nb.claim("26 %", 1 - share_left["any column"])
nb.claim("7.7 %", bill["share of MQ (%)"].iloc[0] / 100)
nb.claim("0.3 %", bill["share of MQ (%)"].iloc[-1] / 100)
late_flights = bill["flights left"] * bill["late (%)"]
one_in_five = 1 - late_flights["pressure"] / late_flights["nothing"]
assert round(1 / one_in_five) == 5
area = blind_model.frame
nb.claim("0.66", area["score"].iloc[0])
nb.claim("0.68", area["score"].iloc[1])
assert area.loc["mean + indicators", "low"] > 0
assert area.loc[["regression", "5 neighbours"], "low"].max() < 0
assert area.loc[["regression", "5 neighbours"], "high"].min() > 0
assert abs(seeing_model.frame["difference"].iloc[1]) < 0.0005
assert tree_model.frame.loc["drop rows", "high"] < 0
nb.claim("70 %", max(rates) / 100)
