# %% [markdown]
# # Draw a fair sample
#
# *20 minutes · data: flights*
#
# **You will** choose 2,000 flights in eight ways, and measure how far each is from all of them.
#
# **You will learn to**
#
# - tell bias from spread, and say which of the two more rows repair;
# - share a sample out over strata, draw it, and weight it back;
# - recognise convenience, quota and snowball samples, above all the quota that looks right.
#
# **You need** a little pandas, and the mean and standard deviation of a sample.

# %%
import functools
import itertools

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split

from mlworkbench import datasets
from mlworkbench import notebook as nb
from mlworkbench.sampling import (
    compare_samples,
    quota_sample,
    snowball_sample,
    stratified_sample,
)

nb.setup()

# %% [markdown]
# ## A year of flights, and money for 2,000 checks
#
# An insurer wants to sell a policy that pays when a flight from New York lands 30 minutes late or more. To set a price it needs the late rate, and what a typical flight looks like. It trusts no record that a person has not checked by hand, and there is money for 2,000 checks. Which 2,000?
#
# We hold the whole year, so that we can tell how wrong each sample is. The insurer cannot.

# %%
data = datasets.load("flights").labelled()
columns = ["month", "carrier", "origin", "dest", "tailnum", "distance"]
columns += ["hour", "sched_dep_time"]
flights = data.frame[columns].reset_index(drop=True)
flights["month"] = flights["month"].astype("category")
flights["day"] = data.frame["time_hour"].dt.day_of_year.to_numpy()
names = ["before 12", "12 to 21", "from 21"]
flights["part"] = pd.cut(flights["hour"], [0, 11, 20, 24], labels=names)
flights["late"] = data.target.to_numpy()

values = flights[["late", "distance"]].to_numpy(dtype=float)
truth = values.mean(axis=0)
year = pd.DataFrame(index=["the whole year"])
year["flights that landed"] = len(flights)
year["late (%)"] = (100 * truth[0]).round(1)
year["mean distance (miles)"] = round(truth[1])
year

# %% [markdown]
# ## Commit to a guess
#
# A *quota* sample has the right number of flights of each carrier, filled by the first that come. The desk works through 20 days drawn at random, from the first departure of the morning on.

# %%
guess = nb.predict(
    "ch04-01-quota",
    (
        "The truth is 16 % late. What does a quota sample of 2,000 "
        "flights say, with each carrier's share right?"
    ),
    options=["about 6 %", "about 12 %", "about 16 %", "about 22 %"],
    why=(
        "The quota fixes who flies, not when. The first flights of the "
        "day fill it, and delay builds up during the day."
    ),
)
guess

# %% [markdown]
# ## Three samples that are easy to get
#
# - **Convenience**: January's file is ready; draw from it.
# - **Quota**: fill each carrier's share with the first flights of the day.
# - **Snowball**: start with one aircraft, ask for the routes it flies, then for other aircraft on those routes, and so on; draw from the flights of the aircraft reached.
#
# Each scheme is a function that returns row numbers, and weights where a row stands for more than itself.

# %%
january = np.flatnonzero(flights["month"] == 1)
flights_of = flights.groupby("tailnum").indices
aircraft = np.array(sorted(flights_of))
origin, dest = flights["origin"].astype(str), flights["dest"].astype(str)
routes = origin + "-" + dest
links = pd.DataFrame({"aircraft": flights["tailnum"], "route": routes})
links = links.drop_duplicates()


def first_month(n, rng):
    """Draw from January."""
    return rng.choice(january, n, replace=False), None


def quota(n, rng):
    """Take the first flights of 20 days until each carrier has its share."""
    days = rng.choice(365, 20, replace=False) + 1
    met = flights[flights["day"].isin(days)]
    report = quota_sample(met, "carrier", n=n, order="sched_dep_time")
    return report.sample.index.to_numpy(), None


def snowball(n, rng):
    """Go from aircraft to routes to aircraft; draw from their flights."""
    nodes, start = max(n // 50, 5), [rng.choice(aircraft)]
    report = snowball_sample(
        links, start, n=nodes, max_per_wave=nodes // 4, random_state=rng
    )
    reached = [node for node in report.sample["node"] if node in flights_of]
    rows = np.concatenate([flights_of[node] for node in reached])
    return rng.choice(rows, min(n, len(rows)), replace=False), None


print(f"{len(aircraft):,} aircraft, {links['route'].nunique()} routes")

# %% [markdown]
# ## Stratified: the largest remainders get what rounding leaves over
#
# A stratified sample fixes the shares too, and draws *at random* inside each. To share 10 places out over groups of 53, 34 and 13, give each its whole number first. One place is left; the largest remainder gets it. (Plain rounding would give 5 + 3 + 1, which is only 9.)

# %%
sizes = pd.Series({"A": 53, "B": 34, "C": 13})
by_hand = pd.DataFrame({"size": sizes})
by_hand["exact share"] = 10 * sizes / sizes.sum()
by_hand["whole"] = np.floor(by_hand["exact share"]).astype(int)
by_hand["remainder"] = (by_hand["exact share"] - by_hand["whole"]).round(2)
left = 10 - by_hand["whole"].sum()
place = by_hand["remainder"].rank(ascending=False, method="first")
by_hand["extra"] = (place <= left).astype(int)
by_hand["places"] = by_hand["whole"] + by_hand["extra"]

tiny = pd.DataFrame({"group": np.repeat(sizes.index, sizes)})
report = stratified_sample(tiny, "group", n=10, random_state=0)
assert report.frame["allocated"].tolist() == by_hand["places"].tolist()
by_hand

# %% [markdown]
# The helper agrees. On the flights we stratify by the part of the day, and share the 2,000 out in three ways: *proportional* to size; *equal*, to know the few late-evening flights as well as the others; and *Neyman's* (Neyman 1934), proportional to size times spread, which gives the overall mean its smallest error. Neyman needs the spread of the outcome inside each part. We take it from the year; you would take it from a pilot or from last year. The proportional shares are those of scikit-learn's `train_test_split(stratify=)`.


# %%
@functools.cache
def stratify(n, allocation):
    """Draw n flights from the parts of the day, once for each allocation."""
    return stratified_sample(
        flights,
        "part",
        n=n,
        allocation=allocation,
        target="late",
        random_state=0,
    )


kinds = ["proportional", "equal", "neyman"]
reports = {kind: stratify(2000, kind) for kind in kinds}
table = reports["equal"].frame.set_index("part")[["population", "std"]]
rate = 100 * flights.groupby("part", observed=True)["late"].mean()
table.insert(1, "late (%)", rate)
for kind in kinds:
    table[kind] = reports[kind].frame["allocated"].to_numpy()

part = flights["part"]
picked, _ = train_test_split(
    part, train_size=2000, stratify=part, random_state=0
)
assert picked.value_counts().to_dict() == table["proportional"].to_dict()
table.round({"late (%)": 1, "std": 2})

# %% [markdown]
# ## Weighted: with replacement, a weight is a number of tickets
#
# Give six items the weights 0.2 (four times) and 0.1 (twice). Drawing with replacement is the same as drawing from a list in which 1 to 4 stand twice.

# %%
items = pd.Series([1, 2, 3, 4, 100, 1000])
weights = np.array([0.2, 0.2, 0.2, 0.2, 0.1, 0.1])
tickets = pd.Series([1, 1, 2, 2, 3, 3, 4, 4, 100, 1000])
assert np.allclose(tickets.value_counts(normalize=True)[items], weights)

by_weight = items.sample(
    20_000, replace=True, weights=weights, random_state=0
)
by_ticket = tickets.sample(20_000, replace=True, random_state=1)
drawn = pd.DataFrame({"weight": weights}, index=items.rename("item"))
drawn["by weight"] = by_weight.value_counts(normalize=True).round(2)
drawn["by ticket"] = by_ticket.value_counts(normalize=True).round(2)
drawn

# %% [markdown]
# *Without* replacement each draw changes the odds of the next. Let us add up all orders in which 2 or 5 items can come, and compare with what the weights promise, $n \cdot w$.


# %%
def chance_to_be_drawn(weights, n):
    """Add up all orders in which n items can be drawn."""
    chance = np.zeros(len(weights))
    for order in itertools.permutations(range(len(weights)), n):
        p, left = 1.0, 1.0
        for i in order:
            p, left = p * weights[i] / left, left - weights[i]
        chance[list(order)] += p
    return chance


without = pd.DataFrame(index=items.rename("item"))
for n in (2, 5):
    without[f"promised, n={n}"] = n * weights
    without[f"real, n={n}"] = chance_to_be_drawn(weights, n).round(3)
for n in (2, 5, 6):
    try:
        some = items.sample(n, weights=weights, random_state=0)
        print(f"n={n}: drew {sorted(some)}")
    except ValueError as error:
        print(f"n={n}: ValueError: {str(error).split('.')[0]}.")
without

# %% [markdown]
# The heavy items fall short of their promise and the light ones exceed it. pandas 3 refuses only the promise that nobody can keep, a chance above 1; what lies below it draws in silence. With 2,000 of 327,346 flights the difference is too small to see. When a sample is a large part of its population, or exactness matters, draw with replacement, as we do now.

# %%
hour = flights["hour"]
rows_of = flights.groupby("part", observed=True).indices
size_of = flights["part"].value_counts(sort=False).to_dict()


def simple_random(n, rng):
    """Give every set of n flights the same chance."""
    return rng.choice(len(flights), n, replace=False), None


def by_part(allocation, n, rng):
    """Draw at random inside each part of the day."""
    table = stratify(n, allocation).frame.set_index("part")
    drawn = table["allocated"].to_dict()
    rows = [
        rng.choice(rows_of[p], k, replace=False) for p, k in drawn.items()
    ]
    weights = [size_of[p] / k for p, k in drawn.items()]
    return np.concatenate(rows), np.repeat(weights, list(drawn.values()))


def by_hour(n, rng):
    """Draw with weights equal to the hour of departure."""
    some = hour.sample(n, weights=hour, replace=True, random_state=rng)
    rows = some.index.to_numpy()
    return rows, 1 / hour.to_numpy()[rows]


schemes = {
    "first month": first_month,
    "quota by carrier": quota,
    "snowball": snowball,
    "simple random": simple_random,
    "proportional parts": functools.partial(by_part, "proportional"),
    "Neyman parts": functools.partial(by_part, "neyman"),
    "equal parts": functools.partial(by_part, "equal"),
    "late hours": by_hour,
}

# %% [markdown]
# > **Note.** "Late hours" gives each flight a weight equal to its hour of departure, because late flights gather in the evening. The parts are drawn again and again inside an allocation that the helper made once.
#
# ## The quota is right where you look
#
# `compare_samples` holds one sample of each kind against the year: for words and months, the share that is in the wrong place (total variation, 0 to 1); for numbers, the difference of the means in standard deviations. The last two columns are the error in the late rate (plain, without weights), and the size of error that chance alone explains.

# %%
columns = ["carrier", "month", "part", "distance"]
samples = {}
for name, scheme in schemes.items():
    rows, _ = scheme(2000, np.random.default_rng(0))
    samples[name] = flights.iloc[rows]
comparison = compare_samples(flights, samples, columns, outcome="late")
distances = comparison.summary.drop(columns=["n", "outcome_mean"])
distances.columns = [*columns, "late: error", "by chance"]
distances.round(3).add(0.0)

# %% [markdown]
# Look at the quota's row. On `carrier`, the column it was filled on, it beats every other sample. An audit that checks that column and no other would pass it. It is off on `part`, and off on the outcome.

# %%
# alt: Two panels. Left, by carrier: the quota sample sits on the bars of the year. Right, by hour: the quota sample is all in the first hours, the year is spread over the day.
figure, axes = plt.subplots(1, 2, figsize=(9, 3.2))
for ax, column in zip(axes, ["carrier", "hour"], strict=True):
    whole = 100 * flights[column].value_counts(normalize=True)
    whole = whole.head(8) if column == "carrier" else whole.sort_index()
    part = samples["quota by carrier"][column].value_counts(normalize=True)
    part = 100 * part.reindex(whole.index, fill_value=0)
    ax.bar(whole.index, whole, color="0.8", label="the year")
    ax.plot(whole.index, part, "o", color="C0", label="quota sample")
    ax.set_ylabel("share (%)")
axes[0].set_title("Right on the carrier ...")
axes[0].set_xlabel("carrier (the eight largest)")
axes[1].set_title("... and wrong on the hour")
axes[1].set_xlabel("scheduled hour of departure")
axes[1].set_xticks(range(5, 24, 3))
axes[1].legend()
plt.show()

# %% [markdown]
# ## Drawn 200 times, each scheme shows its own kind of error
#
# One sample may be right by luck. So draw again and again. **Bias** is how far its estimates lie from the truth on average, **spread** their standard deviation, and the **typical miss** both together: the root of bias² + spread².


# %%
def estimates(name, n, repeats):
    """Return late rate and mean distance of many samples, one row each."""
    scheme = schemes[name.removesuffix(", plain mean")]
    found = np.empty((repeats, 2))
    for i in range(repeats):
        rows, weights = scheme(n, np.random.default_rng(i))
        weights = None if name.endswith("plain mean") else weights
        found[i] = np.average(values[rows], axis=0, weights=weights)
    return found


runs, results = {}, {}
for name in [*schemes, "equal parts, plain mean", "late hours, plain mean"]:
    runs[name, 2000] = estimates(name, 2000, 200)
    miss = 100 * (runs[name, 2000][:, 0] - truth[0])
    results[name] = [miss.mean(), miss.std(), np.sqrt((miss**2).mean())]

results = pd.DataFrame(results, index=["bias", "spread", "typical miss"]).T
by_quota = 100 * truth[0] + results.loc["quota by carrier", "bias"]
results.round(2).add(0.0).rename_axis("late rate, in points")

# %%
guess.reveal(f"about {by_quota:.0f} %", measured=f"{by_quota:.1f} %")

# %% [markdown]
# Three kinds of wrong, and one of right:
#
# - *The first month and the quota are biased.* Draw again and you get nearly the same wrong answer. The error bar that comes with it does not know.
# - *The snowball hardly leans, but scatters.* Aircraft on the same routes are alike, so each tells little that the last one did not. Its 2,000 flights are worth about 200 drawn at random.
# - *Equal parts and late hours are unfair on purpose.* Their plain mean is off by 2.5 points. Weighted back (each row by one over its chance to be drawn), the bias is gone; the equal parts pay for it with a little spread.
# - *Simple random and proportional* need no weights and have no bias. (A bias measured on 200 draws is itself uncertain by the spread divided by √200, here 0.06 points.)
#
# In the single draw above, January was closer to the truth than the simple random sample. That was luck, and nothing inside a sample tells you so.
#
# > **Tip.** A spread measured on 200 repeats is itself uncertain by about 5 %. Do not read a ranking into the last digit; the formulas below settle it.
#
# ## More flights shrink the spread and leave the bias
#
# Move `n`: each dot is one sample of that size, the orange bar their mean, the line the truth; bias and spread stand on the right. Where flights are drawn at random, `n` four times as large makes the clouds half as wide, each around its own centre: January's ends up as narrow as the fair one, and beside the truth. The quota moves with `n`, because a larger one takes the desk further into the day; with 8,000 flights it is still off by 7 points. Then switch `measure`: the same quota is nearly right on distance, where the snowball is lost. A sample is fair for a question, not for all.

# %%
shown = ["first month", "quota by carrier", "snowball"]
shown += ["equal parts, plain mean", "equal parts", "simple random"]
numbers = [125, 500, 2000, 8000]
for name, n in itertools.product(shown, numbers):
    if n != 2000:
        runs[name, n] = estimates(name, n, 50)

measures = {
    "late rate": (0, 100, "late (%)", (0, 40)),
    "distance": (1, 1, "mean distance (miles)", (0, 3000)),
}


def clouds(n, measure):
    """Draw the estimates of many samples, a row for each scheme."""
    column, scale, label, limits = measures[measure]
    figure, ax = plt.subplots(figsize=(6.4, 3))
    for at, name in enumerate(shown[::-1]):
        found = scale * runs[name, n][:50, column]
        spots = at + np.linspace(-0.3, 0.3, len(found))
        ax.plot(found, spots, ".", markersize=3, color="C0")
        mean, spread = found.mean(), found.std()
        ax.plot(mean, at, "|", markersize=20, markeredgewidth=4, color="C1")
        said = f"{mean - scale * truth[column]:+.1f} ± {spread:.1f}"
        ax.text(limits[1], at, said, ha="right", va="center")
    ax.axvline(scale * truth[column], color="0", linewidth=1)
    ax.set(xlabel=label, xlim=limits, title=f"{n:,} flights: bias ± spread")
    ax.set_yticks(range(len(shown)), shown[::-1])
    return figure


title = "Each dot is one sample, 50 of each kind"
explorer = nb.explore(
    clouds, title=title, n=numbers, measure=list(measures), start={"n": 2000}
)
explorer

# %% [markdown]
# ## Strata only buy what they know
#
# Stratifying removes from the error what differs *between* the strata. If they know nothing of the outcome, nothing is removed. The formula for a proportional sample, relative to a simple random one, is $\sqrt{\sum_h W_h S_h^2 / S^2}$, with the share $W_h$ of each stratum and its variance $S_h^2$ (Cochran 1977, chapter 5).


# %%
def relative_spread(by, column):
    """Return the spread with proportional strata; simple random is 1."""
    groups = flights.groupby(by, observed=True)[column]
    share = groups.size() / len(flights)
    within = (share * groups.var(ddof=0)).sum()
    return np.sqrt(within / flights[column].var(ddof=0))


strata = {
    "odd or even flight number": "odd",
    "part of the day": "part",
    "carrier": "carrier",
    "day of the year": "day",
    "destination": "dest",
}
flights["odd"] = data.frame["flight"].to_numpy() % 2
gain = pd.DataFrame(index=pd.Index(strata, name="spread, simple random = 1"))
gain["strata"] = [flights[by].nunique() for by in strata.values()]
for column in ["late", "distance"]:
    gain[column] = [relative_spread(by, column) for by in strata.values()]
gain.round(2)

# %% [markdown]
# Odd and even flight numbers buy next to nothing, as they should. The same strata can be worth little for one question and much for another: carriers leave the late rate where it was, and cut the spread of the mean distance by 20 %, as much as 56 % more flights would. Destinations all but *are* the distance. For a yes or no like lateness no column in this table helps much; even the day, with its weather, takes off 6 %.
#
# ## Check yourself

# %%
nb.quiz(
    (
        "The insurer pays for 20,000 checks in place of 2,000, all "
        "from January. What happens to the estimate of the year's late "
        "rate?"
    ),
    {
        "its bias and its spread shrink": (
            "Spread shrinks with the number of rows. Bias does not: July "
            "is not in the file, however much of January is read."
        ),
        "its spread shrinks, its bias stays": (
            "So the answer is as wrong as before, with a smaller error "
            "bar. That is worse: it looks trustworthy."
        ),
        "nothing, January is January": "It becomes a better estimate of January.",
    },
    answer="its spread shrinks, its bias stays",
)

# %%
nb.quiz(
    (
        "Quota by carrier and proportional strata by carrier have nearly "
        "the same number of flights of each carrier. Why is only one of "
        "them fair?"
    ),
    {
        "strata use the largest remainder": "So do quotas; the shares differ by a few flights at most.",
        "the strata are drawn at random inside each carrier": (
            "Chance inside the group balances what you did not think of: "
            "hour, season, weather. Who comes first does not."
        ),
        "quotas forget small carriers": "They get their share too.",
    },
    answer="the strata are drawn at random inside each carrier",
)

# %% [markdown]
# ## Exercises
#
# ★ In `quota`, fill by `["carrier", "part"]` in place of `"carrier"`, and run the cells below it again. Which column of the comparison becomes right? Is the outcome right now?
#
# ★★ Write `weight_back(population, drawn, late)`. Each argument has one number for each stratum: how many flights there are, how many were drawn, how many of those were late. Return the estimated late rate of all flights.


# %% tags=["exercise"] exercise="ch04-01-weight-back"
def weight_back(population, drawn, late):
    """Return the late rate of the population."""
    ...


# %%
neyman = reports["neyman"]
population = neyman.frame["population"].to_numpy()
drawn = neyman.frame["allocated"].to_numpy()
late = neyman.sample.groupby("part", observed=True)["late"].sum().to_numpy()
nb.check(
    "ch04-01-weight-back",
    weight_back(population, drawn, late),
    np.average(neyman.sample["late"], weights=neyman.weights),
    mistakes={
        (
            "The plain mean of the sample; its parts were drawn at "
            "different rates."
        ): (late.sum() / drawn.sum()),
        "Every part counts the same here; let it count by its size.": (
            (late / drawn).mean()
        ),
        "The number of late flights; divide it by the number of all.": (
            (population * late / drawn).sum()
        ),
    },
)

# %% [markdown] tags=["solution"] exercise="ch04-01-weight-back"
# <details><summary>Solution</summary>
#
# A drawn flight stands for `population / drawn` flights of its part. Count the late ones that way, and divide by all.
#
# ```python
# def weight_back(population, drawn, late):
#     """Return the late rate of the population."""
#     return sum(late * population / drawn) / sum(population)
# ```
#
# </details>

# %% [markdown]
# ★★★ The insurer also wants the rate of flights three hours late, about one in a hundred, for each of the 16 carriers, out of the same 2,000 checks. Say which design you would choose, which number it cannot give, and what you would offer in its place.
#
# ## You have now
#
# - told bias from spread: a quota with all but perfect shares missed the late rate by 10.1 points, a snowball scattered by 2.5, a simple random sample by 0.9;
# - shared 2,000 flights out in three ways, and weighted an equal sample back from a miss of 2.6 points to 1.0;
# - seen that strata help with what they know about, and with nothing else.
#
# **In practice.** Quota samples look right in every audit of their quotas, and picked the wrong president of the United States in 1948 (Mosteller et al. 1949). Logs and click panels are convenience samples with a good name. Where you can draw, draw at random; `DataFrame.sample` and `groupby(...).sample` are enough. Where chances differ, store each row's chance beside it: without that column nobody can weight back. And when you judge a sample that somebody gives you, look at the columns it was *not* made to match.
#
# **Read on.** J. Neyman (1934), *On the two different aspects of the representative method*. F. Mosteller et al. (1949), *The pre-election polls of 1948*. L. A. Goodman (1961), *Snowball sampling*. W. G. Cochran (1977), *Sampling techniques*.

# %% tags=["claims", "remove-cell"]
bias, spread, miss = (
    results["bias"],
    results["spread"],
    results["typical miss"],
)
repeats = len(runs["snowball", 2000])
fair_error = np.sqrt(truth[0] * (1 - truth[0]) / 2000)
nb.claim("2,000", len(samples["simple random"]))
nb.claim("327,346", len(flights))
nb.claim("30 minutes", data.frame.loc[data.target == 1, "arr_delay"].min())
nb.claim("16 %", truth[0])
nb.claim("53", sizes["A"])
nb.claim("34", sizes["B"])
nb.claim("13", sizes["C"])
nb.claim("0.2", weights[0])
nb.claim("0.1", weights[-1])
nb.claim("200", repeats)
worth = 2000 * (100 * fair_error / spread["snowball"]) ** 2
assert 180 < worth < 230  # about 200
nb.claim("0.06", spread["simple random"] / np.sqrt(repeats))
nb.claim("2.5 points", bias["equal parts, plain mean"])
nb.claim("2.5 points", bias["late hours, plain mean"])
nb.claim("5 %", 1 / np.sqrt(2 * repeats))
nb.claim("20 %", 1 - gain.loc["carrier", "distance"])
nb.claim("56 %", 1 / gain.loc["carrier", "distance"] ** 2 - 1)
nb.claim("6 %", 1 - gain.loc["day of the year", "late"])
late_8000 = np.mean(runs["quota by carrier", 8000], axis=0)[0]
nb.claim("8,000", numbers[-1])
nb.claim("7 points", 100 * (truth[0] - late_8000))
assert comparison.summary["carrier"].idxmin() == "quota by carrier"
one_error = comparison.summary["outcome_error"].abs()
assert one_error["first month"] < one_error["simple random"]
nb.claim("16", flights["carrier"].nunique())
nb.claim("10.1 points", -bias["quota by carrier"])
nb.claim("2.5", spread["snowball"])
nb.claim("0.9", spread["simple random"])
nb.claim("2.6 points", miss["equal parts, plain mean"])
nb.claim("1.0", miss["equal parts"])
