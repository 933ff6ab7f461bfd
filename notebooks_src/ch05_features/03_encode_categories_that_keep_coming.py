# %% [markdown]
# # Encode categories that keep coming
#
# *20 minutes · data: flights*
#
# **You will** turn aircraft, and later whole flight schedules, into numbers for a model, while new ones keep arriving after it has been trained.
#
# **You will learn to**
#
# - measure how much of the traffic falls on categories that a model has never seen, month by month;
# - encode with a bucket for the rare, with the target (without letting a row see its own answer), and by hashing;
# - say what a hash collision costs, in the unit that matters: the gain that the column itself brings.
#
# **You need** logistic regression, log loss, and cross-validation.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.model_selection import KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, TargetEncoder
from sklearn.utils import murmurhash3_32

from mlworkbench import datasets
from mlworkbench import notebook as nb
from mlworkbench.features import HashEncoder, category_drift, hash_collisions

nb.setup()

# %% [markdown]
# ## "Some aircraft are always late"
#
# The head of maintenance is sure of it, and wants the tail number, the aircraft's registration, in the model that warns of flights 30 minutes late. A model needs numbers, so somebody makes a table in January: one code per aircraft. It works in the demo. Then February comes, with aircraft that are not in the table.

# %%
flights = datasets.load("flights").frame
flights = flights[flights["arr_delay"].notna()].reset_index(drop=True)
late = (flights["arr_delay"] >= 30).to_numpy().astype(int)
by_aircraft = flights["tailnum"].value_counts()
few = by_aircraft < 20

pd.DataFrame(
    {
        "flights that landed": [len(flights)],
        "aircraft": [len(by_aircraft)],
        "aircraft with fewer than 20 flights": [few.sum()],
        "their share of the flights (%)": [
            round(100 * by_aircraft[few].sum() / len(flights), 1)
        ],
    },
    index=["the whole year"],
)

# %%
guess = nb.predict(
    "ch05-03-december",
    (
        "A table of codes is made from January's aircraft. In December, "
        "which share of the flights is by an aircraft without a code?"
    ),
    options=["about 1 %", "about 10 %", "about 25 %", "more than half"],
    why="More than a fifth of the year's aircraft appear after January, but an "
    "airline flies most of its fleet all the time: count flights, not "
    "aircraft.",
)
guess

# %% [markdown]
# ## Count flights, not aircraft
#
# By hand, on four flights that the model has learnt from and four that came later: how many of the later *flights*, and how many of the later *aircraft*, are new?

# %%
known = pd.DataFrame({"tailnum": ["N14228", "N24211", "N619AA", "N804JB"]})
later = pd.DataFrame({"tailnum": ["N804JB", "N668DN", "N804JB", "N14228"]})

is_new = ~later["tailnum"].isin(set(known["tailnum"]))
new_aircraft = later.loc[is_new, "tailnum"].nunique()
by_hand = is_new.mean()
pd.DataFrame(
    {
        "later": [len(later), later["tailnum"].nunique()],
        "new": [is_new.sum(), new_aircraft],
        "share": [
            by_hand,
            round(new_aircraft / later["tailnum"].nunique(), 3),
        ],
    },
    index=["flights", "aircraft"],
)

# %% [markdown]
# ## Every month adds aircraft, and no table keeps up
#
# `category_drift` does the same count, for any columns and over time. `unseen_share` is of flights whose aircraft is not in January's table; `first_seen_share` is what would be left if the table were brought up to date at the end of each month.

# %%
# alt: From February to December the share of flights by aircraft that January never had triples to a tenth; with a table brought up to date it shrinks but does not vanish.
small = category_drift(known, later, columns=["tailnum"]).frame.loc[0]
assert small["unseen_share"] == by_hand
assert small["unseen_values"] == new_aircraft

january = flights["month"] == 1
drift = category_drift(
    flights[january], flights[~january], columns=["tailnum"], time="month"
)
shown = drift.over_time.set_index("period").drop(columns="column")
figure, ax = plt.subplots(figsize=(7, 3))
for name, label, style in [
    ("unseen_share", "table made in January", "o-"),
    ("first_seen_share", "table brought up to date every month", "s--"),
]:
    ax.plot(shown.index, 100 * shown[name], style, label=label)
ax.set(
    xlabel="month",
    ylabel="flights without a code (%)",
    title="The table grows old, and is never complete",
    xticks=shown.index,
    ylim=(0, None),
)
figure.legend(loc="outside lower center", ncols=2)
plt.show()

# %%
guess.reveal(
    "about 10 %", measured=f"{100 * shown['unseen_share'].iloc[-1]:.1f} %"
)

# %% [markdown]
# The encoder must do something sensible with them, on the day they come, without being trained again. There are three usual answers.
#
# ## First answer: a bucket for the rare also takes the new
#
# One-hot encoding gives each category a column, and has none for a new one. `handle_unknown="ignore"` turns a new aircraft into zeros everywhere: a linear model then answers with its intercept alone, which it has never tried on an aircraft. Better to pour all *rare* categories into one bucket, learn that bucket's weight from data, and let the new ones fall into it: most new categories are rare, too.

# %%
fleet = pd.DataFrame({"tailnum": list("AAAABBBCD")})
bucket = OneHotEncoder(
    min_frequency=2,
    handle_unknown="infrequent_if_exist",
    sparse_output=False,
)
bucket.fit(fleet)
arrivals = pd.DataFrame({"tailnum": ["A", "C", "a new one"]})
pd.DataFrame(
    bucket.transform(arrivals).astype(int),
    index=arrivals["tailnum"],
    columns=bucket.get_feature_names_out(),
)

# %% [markdown]
# > **Warning.** If no category is rare at fit, there is no bucket, and a new one becomes zeros in silence. Check `infrequent_categories_`.
#
# ## Second answer: the late rate of each aircraft, which leaks
#
# Target encoding replaces an aircraft by its late rate in training, pulled towards the mean of all flights when it has flown little. One column instead of thousands; a new aircraft gets the mean. The trap: the rate of a training flight contains *its own answer*. An aircraft with a single flight, late, gets a high rate, and the model learns to trust such rates.
#
# The remedy is to compute the rate of each row from *other* rows: cut the training flights into folds, and encode each fold with the rates of the others. By hand, with two folds and rates smoothed by one average flight:

# %%
toy = pd.DataFrame(
    {
        "tailnum": ["A", "A", "A", "A", "B", "C"],
        "late": [1, 1, 0, 0, 1, 1],
        "fold": [0, 1, 0, 1, 0, 1],
    }
)


def rate(rows, aircraft):
    """Return the late rate of an aircraft, smoothed by one average flight."""
    own = rows.loc[rows["tailnum"] == aircraft, "late"]
    return (own.sum() + rows["late"].mean()) / (len(own) + 1)


toy["from all rows"] = [rate(toy, a) for a in toy["tailnum"]]
toy["from the other fold"] = [
    rate(toy[toy["fold"] != f], a)
    for a, f in zip(toy["tailnum"], toy["fold"], strict=True)
]

rows = np.arange(len(toy))
folds = [(rows[toy["fold"] != f], rows[toy["fold"] == f]) for f in (0, 1)]
encoder = TargetEncoder(smooth=1.0, cv=folds)
for_training = encoder.fit_transform(toy[["tailnum"]], toy["late"]).ravel()
for_later = encoder.transform(toy[["tailnum"]]).ravel()
assert np.allclose(for_training, toy["from the other fold"])
assert np.allclose(for_later, toy["from all rows"])
toy.round(2)

# %% [markdown]
# B and C flew once, late, and are told so by the first column. The second column knows nothing of them but the average. scikit-learn's `TargetEncoder` gives both: `fit_transform` the second, for training, and `transform` the first, for flights that come later. They are different on purpose, which is rare in scikit-learn.
#
# ## On the training rows the leak looks like skill
#
# Now all tail numbers. Two days of three are for training, every third day is held out: the same fleet on other days. The code below trains a logistic regression on the encoded column: once rightly, once on `transform` of the training rows (the leak), and both again on tail numbers shuffled among the flights, which know nothing at all.

# %%
train = (flights["day"] % 3 != 0).to_numpy()
base = log_loss(late[~train], np.full((~train).sum(), late[train].mean()))
shuffled = flights[["tailnum"]].copy()
shuffled["tailnum"] = np.random.default_rng(0).permutation(
    shuffled["tailnum"].to_numpy()
)


def encode_by_target(column, leak):
    """Return AUC in training and held out, and the gain in log loss."""
    encoder = TargetEncoder(cv=KFold(5, shuffle=True, random_state=0))
    old = encoder.fit_transform(column[train], late[train])
    if leak:
        old = encoder.transform(column[train])
    new = encoder.transform(column[~train])
    model = LogisticRegression(C=1e6).fit(old, late[train])
    prob = model.predict_proba(new)[:, 1]
    return (
        roc_auc_score(late[train], old),
        roc_auc_score(late[~train], new),
        100 * (1 - log_loss(late[~train], prob) / base),
    )


ways = {
    "fit_transform": (flights[["tailnum"]], False),
    "transform (leaks)": (flights[["tailnum"]], True),
    "fit_transform, shuffled": (shuffled, False),
    "transform (leaks), shuffled": (shuffled, True),
}
target = pd.DataFrame(
    [encode_by_target(*way) for way in ways.values()],
    ways,
    ["AUC in training", "AUC held out", "log loss saved (%)"],
)
target.round({"AUC in training": 3, "AUC held out": 3, target.columns[2]: 2})

# %% [markdown]
# With the leak, even shuffled tail numbers reach an AUC of 0.59 on the training rows, more than the real ones ever reach on held-out days (0.57). The model believes what it sees and ends up worse than no model: it *adds* 0.3 % to the log loss of always saying the base rate. Done rightly, the column saves 0.8 %. The head of maintenance has a point, a small one.
#
# > **Tip.** In a pipeline you get this right for free: `Pipeline.fit` calls `fit_transform`. You get it wrong by encoding the table first and fitting later.
#
# ## Third answer: a hash gives every value a slot, now and later
#
# `HashEncoder` keeps no table. A hash function turns the text `tailnum=N14228` into a large whole number; its remainder says which of $2^b$ slots, its sign whether to write 1 or −1 there. A new aircraft has a slot before it is built. By hand, in 8 slots:

# %%
planes = pd.DataFrame({"tailnum": ["N14228", "N24211", "N619AA", "N804JB"]})
hashes = [murmurhash3_32(f"tailnum={name}") for name in planes["tailnum"]]
by_hand = pd.DataFrame(
    {
        "hash": hashes,
        "slot": [abs(h) % 8 for h in hashes],
        "sign": [1 if h >= 0 else -1 for h in hashes],
    },
    index=planes["tailnum"],
)

hasher = HashEncoder(n_bits=3).fit(planes)
encoded = hasher.transform(planes).toarray()
eight = np.zeros((4, 8))
eight[np.arange(4), by_hand["slot"]] = by_hand["sign"]
assert np.array_equal(encoded, eight)
by_hand

# %% [markdown]
# Two values in one slot is a *collision*: the model has one weight for both (with opposite signs, one weight and its negative). $n$ values thrown into $m$ slots: a given value shares its slot unless the $n-1$ others all miss it, so the expected share is $1 - (1 - 1/m)^{n-1}$.
#
# To see what collisions cost we need a column that is worth something, with many values. A *service* is one: carrier, flight number and destination together, such as `UA 1545 IAH`.

# %%
flights["service"] = (
    flights["carrier"].astype(str)
    + " "
    + flights["flight"].astype(str)
    + " "
    + flights["dest"].astype(str)
)
bits = [6, 8, 10, 12, 13, 14, 16, 18]
collisions = hash_collisions(flights[["service"]], bits)
n = collisions.n_values
slots = collisions.frame["n_slots"]
assert np.allclose(
    collisions.frame["expected"], 1 - (1 - 1 / slots) ** (n - 1)
)
columns = ["n_bits", "n_slots", "expected", "measured", "rows_affected"]
collisions.frame[columns].round(3)

# %% [markdown]
# There are 11,553 services. The hash is as fair as the formula hopes. With 14 bits, half of the services share a slot; with 18 bits, 262,144 slots for 23 times fewer services, 4 % still do.
#
# ## Half of the values collide, and a tenth of the gain is lost
#
# At Booking.com, with half of the features colliding, a model lost less than .5 % (Bernardi 2018). Of what? Here are two answers to the same experiment: how much the *log loss* rises over one-hot encoding, and how much of the *gain* that the column brings over the base rate is lost.

# %%
one_hot = OneHotEncoder(handle_unknown="ignore")


def held_out_loss(encoder, train=train):
    """Return the log loss on held-out flights, from the service alone."""
    model = make_pipeline(encoder, LogisticRegression(max_iter=300))
    model.fit(flights.loc[train, ["service"]], late[train])
    prob = model.predict_proba(flights.loc[~train, ["service"]])[:, 1]
    return log_loss(late[~train], prob)


full = held_out_loss(one_hot)
hashed = np.array([held_out_loss(HashEncoder(n_bits=b)) for b in bits])
cost = pd.DataFrame(
    {
        "bits": bits,
        "services that collide (%)": 100 * collisions.frame["measured"],
        "log loss": hashed,
        "rise of log loss (%)": 100 * (hashed / full - 1),
        "gain lost (%)": 100 * (hashed - full) / (base - full),
    }
)
(
    cost.set_index("bits").round(
        {
            "services that collide (%)": 0,
            "log loss": 4,
            "rise of log loss (%)": 1,
            "gain lost (%)": 0,
        }
    )
    + 0.0
)

# %%
# alt: Against the number of bits, the rise of the log loss and the share of the column's gain that is lost fall together to zero; at the size where half of the services collide, a tenth of the gain is lost.
figure, axes = plt.subplots(1, 2, figsize=(8, 3))
for ax, name, title in zip(
    axes,
    ["rise of log loss (%)", "gain lost (%)"],
    ["It looks like nothing", "It is a tenth of the column"],
    strict=True,
):
    ax.plot(cost["bits"], cost[name], "o-")
    ax.axvline(14, color="0.6", linestyle="--")
    ax.annotate(
        "half collide",
        (14, cost[name].max()),
        xytext=(4, 0),
        textcoords="offset points",
        va="top",
    )
    ax.set(
        xlabel="bits of the hash", ylabel=name, title=title, ylim=(0, None)
    )
plt.show()

# %% [markdown]
# At 14 bits, half of the services collide. The log loss rises by 0.7 %, which sounds like nothing. But knowing *nothing*, always saying the base rate, is only 6.2 % above one-hot encoding: of what the column is worth, 11 % is gone. Two more bits, for four times the memory, bring that down to 2 %; at 18 bits the table shows no loss. (One hash, one split of the days: take the small figures for their size, not for their digits.)
#
# The loss is smaller than the share of collisions because most services are rare: where a daily service meets one that flew twice, the first hardly notices. Trouble is two frequent ones in one slot that behave differently. `explain` shows who shares a slot, heaviest first. Here a service that is late on 4.9 % of its days and one that is late on 16.4 % have the same slot, the same sign, and so the same forecast.

# %%
hasher = HashEncoder(n_bits=14).fit(flights.loc[train, ["service"]])
busiest = hasher.slots_[hasher.slots_["count"] >= 200]
crowded = busiest[busiest.index.duplicated(keep=False)]
shared = hasher.explain(int(crowded.index[0]))
rates = pd.Series(late[train]).groupby(
    flights.loc[train, "service"].to_numpy()
)
shared["late (%)"] = (
    rates.mean().reindex(shared["value"]).mul(100).round(1).to_numpy()
)
shared

# %% [markdown]
# ## Look before you choose a size
#
# Collisions can be counted before any model is trained. Choose a column and a number of bits. Look for the size at which the collisions begin to fade: it follows the number of values, not the number of flights.

# %%
sizes = [6, 8, 10, 12, 14, 16, 18, 20]
counted = {
    name: hash_collisions(flights[[name]], sizes)
    for name in ["tailnum", "service", "dest"]
}


def slots_for(column, bits):
    """Return what hashing a column to 2**bits slots does."""
    report = counted[column]
    row = report.frame.set_index("n_bits").loc[bits]
    return pd.DataFrame(
        {
            column: [
                f"{report.n_values:,}",
                f"{2**bits:,}",
                f"{100 * row['expected']:.1f} %",
                f"{100 * row['measured']:.1f} %",
                f"{100 * row['rows_affected']:.1f} %",
                f"{row['fullest_slot']:.0f}",
            ]
        },
        index=[
            "values",
            "slots",
            "values that collide, expected",
            "values that collide, measured",
            "flights whose value collides",
            "values in the fullest slot",
        ],
    )


explorer = nb.explore(
    slots_for,
    title="How many slots?",
    column=list(counted),
    bits=sizes,
    start={"column": "service", "bits": 14},
)
explorer

# %% [markdown]
# ## A slot is not knowledge
#
# Hashing never fails on a new value, and that is its danger: nothing tells you that the value is new. So far, the held-out days had the same services as the training days. Now train on January to August and hold out the rest of the year, as the model will be used.

# %%
past = (flights["month"] <= 8).to_numpy()
services = flights["service"]
unseen = {
    "other days": (~services[~train].isin(set(services[train]))).mean(),
    "later months": (~services[~past].isin(set(services[past]))).mean(),
}
encoders = {
    "one-hot": OneHotEncoder(handle_unknown="ignore"),
    "one-hot with a bucket": OneHotEncoder(
        min_frequency=10, handle_unknown="infrequent_if_exist"
    ),
    "hash, 16 bits": HashEncoder(n_bits=16),
}
saved = {}
for name, rows in {"other days": train, "later months": past}.items():
    nothing = log_loss(late[~rows], np.full((~rows).sum(), late[rows].mean()))
    saved[name] = {
        f"log loss saved, {encoder} (%)": 100
        * (1 - held_out_loss(encoders[encoder], rows) / nothing)
        for encoder in encoders
    } | {
        "flights of a service never seen (%)": 100 * unseen[name],
        "late, learnt from (%)": 100 * late[rows].mean(),
        "late, held out (%)": 100 * late[~rows].mean(),
    }
saved = pd.DataFrame(saved)
saved.round(1)

# %% [markdown]
# What saved 5.8 % on other days saves 0.6 % on later months. Flight numbers change with the timetable: 29 % of the later flights belong to a service that the model never saw. And autumn is more punctual, for old services and new. All three encoders took the new services without a word; none knew anything about them. The cure is not in the encoder. Put `category_drift` beside the model, train again in time, and give it columns that carry over (carrier, destination, hour) besides one that is dealt anew.
#
# ## Check yourself

# %%
nb.quiz(
    (
        "You hash 40,000 customer numbers to 18 bits. About how many of "
        "them share a slot?"
    ),
    {
        "none: there are 262,144 slots": (
            "Slots are hit at random, and a birthday party of 23 often has "
            "two guests with one birthday."
        ),
        "about one in seven": (
            "1 − (1 − 1/262,144)^39,999 is about 0.14: close to values "
            "divided by slots while that is small."
        ),
        "about half": (
            "That takes about 0.7 values per slot, some 180,000 customers."
        ),
    },
    answer="about one in seven",
)

# %%
nb.quiz(
    (
        "You call TargetEncoder().fit(X, y), transform X, and cross-validate "
        "a model on the result. The score is superb. Why?"
    ),
    {
        "target encoding suits the data": (
            "It may, but this score cannot tell: every row carries its own "
            "answer in its code."
        ),
        "each row was encoded with its own answer, before the folds": (
            "Put the encoder into the pipeline, so that each fold is "
            "encoded from rows outside it."
        ),
        "the smoothing is too weak": (
            "Smoothing weakens the leak and does not close it."
        ),
    },
    answer="each row was encoded with its own answer, before the folds",
)

# %% [markdown]
# ## Exercises
#
# ★ Set `min_frequency` to `100` in the last comparison. What do the two numbers of that row become, and whose knowledge was poured away?
#
# ★★ Write `out_of_fold(category, y, fold)`: for each row, the mean of `y` over the rows of *other* folds with the same category, without smoothing; where there is none, the mean of `y` over all rows of the other folds. All three are arrays of the same length.


# %% tags=["exercise"] exercise="ch05-03-out-of-fold"
def out_of_fold(category, y, fold):
    """Return each row's mean of y over the same category in other folds."""
    ...


# %%
category = np.array(list("AAAABBBC"))
y = np.array([1, 0, 1, 1, 0, 1, 0, 1])
fold = np.array([0, 1, 2, 0, 0, 1, 0, 2])
right = np.array([1 / 2, 1, 2 / 3, 1 / 2, 1, 0, 1, 1 / 2])
nb.check(
    "ch05-03-out-of-fold",
    out_of_fold(category, y, fold),
    right,
    mistakes={
        "Each row sees its own answer: leave out the rows of its fold.": [
            np.mean(y[category == c]) for c in category
        ],
        "Leave out the whole fold of a row, not the row alone.": [
            np.mean(
                y[(category == c) & (np.arange(8) != i)]
                if (category == c).sum() > 1
                else y[np.arange(8) != i]
            )
            for i, c in enumerate(category)
        ],
        "C is in no other fold: it takes the mean of all other rows.": [
            *right[:-1],
            np.nan,
        ],
        "The fallback is the mean of the other folds, not of all rows.": [
            *right[:-1],
            y.mean(),
        ],
    },
)

# %% [markdown] tags=["solution"] exercise="ch05-03-out-of-fold"
# <details><summary>Solution</summary>
#
# ```python
# def out_of_fold(category, y, fold):
#     """Return each row's mean of y over the same category in other folds."""
#     encoded = np.empty(len(y))
#     for i in range(len(y)):
#         other = fold != fold[i]
#         same = other & (category == category[i])
#         encoded[i] = y[same].mean() if same.any() else y[other].mean()
#     return encoded
# ```
#
# </details>

# %% [markdown]
# ★★★ A shop hashes product numbers to `20` bits. Next year it will have ten times as many products, and the model must not be rebuilt. Write down what you would measure today, on which rows, and at which figure you would ask for more bits.
#
# ## You have now
#
# - measured that a table of January's 3,140 aircraft misses 10.0 % of December's flights, and that bringing it up to date every month still misses up to 3.1 %;
# - poured the rare and the new into one bucket, and encoded by target so that no row sees its own answer: the leak turned 0.8 % saved into 0.3 % lost;
# - counted collisions before training, and priced them: with half of the services colliding, the log loss rises by 0.7 %, and 11 % of the column's own gain is gone.
#
# **In practice.** Tens of categories: one-hot, with a bucket. Thousands, and a few columns: target encoding inside a pipeline, or a tree ensemble that takes categories as they are. Millions, a stream, or a service that must not keep a table: hash, with so many bits that collisions stay below a few percent at the size you will have in a year. Vowpal Wabbit hashes to 18 bits unless told otherwise. Whatever you choose, watch the unseen share: no encoder will.
#
# **Read on.** K. Weinberger and others (2009), *Feature hashing for large scale multitask learning*. D. Micci-Barreca (2001), *A preprocessing scheme for high-cardinality categorical attributes in classification and prediction problems*. L. Bernardi (2018), *Don't be tricked by the hashing trick*.

# %% tags=["claims", "remove-cell"]
rates_by_way = target["AUC in training"]
gain_by_way = target["log loss saved (%)"] / 100
at = cost.set_index("bits")
nb.claim("30 minutes", flights.loc[late == 1, "arr_delay"].min())
nb.claim("11,553", n)
nb.claim(
    "14", at.index[at["services that collide (%)"].sub(50).abs().argmin()]
)
nb.claim("18", np.log2(collisions.frame["n_slots"].iloc[-1]))
nb.claim("262,144", collisions.frame["n_slots"].iloc[-1])
nb.claim("23 times", collisions.frame["n_slots"].iloc[-1] / n)
nb.claim("4 %", collisions.frame["measured"].iloc[-1])
nb.claim("0.59", rates_by_way["transform (leaks), shuffled"])
nb.claim("0.57", target["AUC held out"]["fit_transform"])
nb.claim("0.3 %", -gain_by_way["transform (leaks)"])
nb.claim("0.8 %", gain_by_way["fit_transform"])
nb.claim("0.7 %", at.loc[14, "rise of log loss (%)"] / 100)
nb.claim("6.2 %", base / full - 1)
nb.claim("11 %", at.loc[14, "gain lost (%)"] / 100)
nb.claim("2 %", at.loc[16, "gain lost (%)"] / 100)
assert abs(at.loc[18, "gain lost (%)"]) < 2
nb.claim("4.9 %", shared["late (%)"][0] / 100)
nb.claim("16.4 %", shared["late (%)"][1] / 100)
assert shared["sign"][0] == shared["sign"][1]
one_hot_saved = saved.loc["log loss saved, one-hot (%)"] / 100
nb.claim("5.8 %", one_hot_saved["other days"])
nb.claim("0.6 %", one_hot_saved["later months"])
nb.claim("29 %", unseen["later months"])
nb.claim("3,140", flights.loc[january, "tailnum"].nunique())
nb.claim("10.0 %", shown["unseen_share"].iloc[-1])
nb.claim("3.1 %", shown["first_seen_share"].max())
assert round(1 - (1 - 1 / 2**18) ** 39_999, 2) == 0.14  # the first question
assert 0.2 < 1 - 3140 / len(by_aircraft) < 0.25
