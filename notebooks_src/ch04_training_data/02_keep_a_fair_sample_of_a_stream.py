# %% [markdown]
# # Keep a fair sample of a stream you cannot store
#
# *15 minutes · data: flights*
#
# **You will** watch a year of departures go by once, and hold a fair sample of them at every moment, in a fixed amount of memory.
#
# **You will learn to**
#
# - explain why a reservoir gives every item the same chance without knowing how many will come;
# - keep one with `ReservoirSampler`, stop at any time, and merge two;
# - recognise the samples that look fair and are not: the first, the latest, and two reservoirs poured together.
#
# **You need** probability as far as "the product of independent chances", and a little pandas.

# %%
import itertools

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from mlworkbench import datasets
from mlworkbench import notebook as nb
from mlworkbench.sampling import ReservoirSampler

nb.setup()

# %% [markdown]
# ## A year of departures, seen once
#
# The operations team of New York's airports wants a panel on the wall: 500 past flights that stand for all flights so far, this second and every second of the year. The departures arrive one by one. The machine behind the panel is small; it can hold a few thousand flights, not a year of them. And nobody can tell it in advance how many there will be.

# %%
flights = datasets.load("flights").frame
stream = flights[flights["arr_delay"].notna()].reset_index(drop=True)
assert stream["time_hour"].is_monotonic_increasing
late = (stream["arr_delay"] >= 30).to_numpy()
month = stream["month"].to_numpy()
n = len(stream)

pd.DataFrame(
    {
        "flights that landed": [n],
        "30 minutes late or more": [late.mean().round(4)],
    },
    index=["the whole year"],
)

# %% [markdown]
# We have the whole year here, so that we can tell how wrong each sample is. The machine does not: in what follows it may look at each row once, in order.

# %% [markdown]
# ## Commit to a guess
#
# The reservoir of this notebook holds 500 flights. When the last flight of the year has gone by, how likely is it that the *very first* one, of January the 1st, is still in it?

# %%
guess = nb.predict(
    "ch04-02-first-flight",
    (
        "How likely is it that the first flight of the year is in the "
        "reservoir at the end?"
    ),
    options=[
        "almost certain",
        "about one in two",
        "about 1 in 650",
        "practically impossible",
    ],
    why="Every flight has the same chance, k/n: a fair sample cannot "
    "prefer early flights "
    "or late ones. With 500 places and 327,346 flights that is 1 in 655.",
)
guess

# %% [markdown]
# ## A new item gets in with chance k/i, and pushes out one at random
#
# The rule is short (Waterman's algorithm R, published by Vitter 1985). Keep the first $k$ items. When item $i$ arrives, let it in with chance $k/i$; if it gets in, it takes the place of one of the $k$, each equally likely.
#
# Follow one item by hand, with $k = 2$ places and 6 flights. An item that gets in at step $i$ has to survive all later steps. At step $j$ a given place is lost with chance $\frac{k}{j} \cdot \frac{1}{k} = \frac{1}{j}$.

# %%
k, items = 2, 6
rows = []
for i in range(1, items + 1):
    gets_in = min(1, k / i)
    survives = [1 - 1 / j for j in range(max(i, k) + 1, items + 1)]
    rows.append(
        [
            i,
            gets_in,
            " · ".join(f"{s:.2f}" for s in survives) or "–",
            gets_in * np.prod(survives),
        ]
    )
by_hand = pd.DataFrame(
    rows,
    columns=[
        "item",
        "gets in",
        "survives each later step",
        "still there at the end",
    ],
)
by_hand.round(3)

# %% [markdown]
# The products telescope: $\frac{k}{i} \cdot \frac{i}{i+1} \cdot \frac{i+1}{i+2} \cdots \frac{n-1}{n} = \frac{k}{n}$. The last column is the same for all, and nothing in it needed to know $n$ before the end. That is the whole trick.

# %% [markdown]
# ## The helper follows the same law and draws far fewer numbers
#
# `ReservoirSampler` takes items one at a time with `add`, or many with `extend`. Below, 20,000 reservoirs watch the same 6 items. Each item should be found in a third of them.

# %%
trials = 20_000
counts = np.zeros(items)
rng = np.random.default_rng(0)
for _ in range(trials):
    sampler = ReservoirSampler(k, random_state=rng)
    sampler.extend(range(items))
    counts[sampler.sample] += 1

share = counts / trials
four_errors = 4 * np.sqrt(1 / 3 * 2 / 3 / trials)
assert np.all(np.abs(share - by_hand["still there at the end"]) < four_errors)
pd.DataFrame(
    {"item": range(1, items + 1), "share of reservoirs": share.round(2)}
)

# %% [markdown]
# The helper does not toss a coin for each item. It draws how many items to *skip* until the next one gets in (Li 1994). The skips grow as the stream goes on: the last flight of the year gets in with a chance of 1 in 655, so it would be a waste to ask each.

# %%
expected_entries = 500 + 500 * (1 / np.arange(501, n + 1)).sum()
pd.DataFrame(
    {"flights": [n, round(expected_entries)]},
    index=["one coin each", "ever get in: one skip each"],
)

# %%
guess.reveal("about 1 in 650", measured=f"1 in {n / 500:.0f}")

# %% [markdown]
# ## On the wall: the sample follows the year
#
# Move the two controls. `k` is the size of the reservoir, `until` the last month that has gone by. The bars are the stream so far, the dots the reservoir. Look for two things: the dots follow the bars at *every* moment, not only at the end; and they scatter less as `k` grows.

# %%
ends = {
    m: int(np.searchsorted(month, m, side="right")) for m in (2, 4, 6, 9, 12)
}


def panel(k, until):
    """Draw the months of the stream so far and of the reservoir."""
    seen = ends[until]
    sampler = ReservoirSampler(k, random_state=1)
    sampler.extend(np.arange(seen))
    rows = np.asarray(sampler.sample)
    months = np.arange(1, 13)
    figure, ax = plt.subplots(figsize=(6, 3))
    stream_share = 100 * np.bincount(month[:seen], minlength=13)[1:] / seen
    sample_share = 100 * np.bincount(month[rows], minlength=13)[1:] / k
    ax.bar(months, stream_share, color="0.8", label="stream so far")
    ax.plot(months, sample_share, "o", color="C0", label=f"reservoir of {k}")
    ax.set(xlabel="month of departure", ylabel="share (%)", xticks=months)
    inside, so_far = 100 * late[rows].mean(), 100 * late[:seen].mean()
    ax.set_title(
        f"Late: {inside:.1f} % in the reservoir, {so_far:.1f} % in the stream"
    )
    figure.legend(loc="outside lower center", ncols=2)
    return figure


explorer = nb.explore(
    panel,
    title="The panel on the wall",
    k=[50, 200, 500, 2000],
    until=list(ends),
    start={"k": 500, "until": 12},
)
explorer

# %% [markdown]
# ## The first 500 and the latest 500 are not a sample
#
# The lazy ways to have 500 flights are to keep the first, or the latest. Repeat each scheme and compare what the panel would say at the end of the year. The reservoir is refilled 300 times from the same stream; the other two have no chance in them, so once is enough.

# %%
repeats = 300
reservoir_rates = np.empty(repeats)
pandas_rates = np.empty(repeats)
for i in range(repeats):
    sampler = ReservoirSampler(500, random_state=i)
    sampler.extend(np.arange(n))
    reservoir_rates[i] = late[np.asarray(sampler.sample)].mean()
    pandas_rates[i] = late[stream.sample(500, random_state=i).index].mean()

first, latest = late[:500].mean(), late[-500:].mean()
four_errors = 4 * np.sqrt(late.mean() * (1 - late.mean()) / 500 / repeats)
assert abs(reservoir_rates.mean() - late.mean()) < four_errors
assert abs(pandas_rates.mean() - late.mean()) < four_errors
schemes = {
    "the truth": (late.mean(), 0),
    "first 500": (first, 0),
    "latest 500": (latest, 0),
    "reservoir of 500": (reservoir_rates.mean(), reservoir_rates.std()),
    "DataFrame.sample(500)": (pandas_rates.mean(), pandas_rates.std()),
}
columns = ["late (%)", "spread over repeats (points)"]
(100 * pd.DataFrame(schemes.values(), schemes, columns)).round(1)

# %%
# alt: Histogram of the late rate in 300 reservoirs, centred on the truth; the first 500 flights lie far below it.
figure, ax = plt.subplots(figsize=(7, 3))
ax.hist(100 * reservoir_rates, bins=15, color="0.8", label="300 reservoirs")
ax.axvline(100 * late.mean(), color="C0", label="the truth")
ax.axvline(100 * first, color="C1", linestyle="--", label="first 500")
ax.axvline(100 * latest, color="C2", linestyle=":", label="latest 500")
ax.set(
    xlabel="late in the sample (%)",
    ylabel="reservoirs",
    title="Reservoirs scatter around the truth",
)
ax.legend()
plt.show()

# %% [markdown]
# The reservoir has the mean and the spread of `DataFrame.sample`, which needs the whole table in memory. It is not a better sample than that one: it is the *same* sample, without the table.
#
# ## Two reservoirs poured together are not a reservoir
#
# The stream now runs on two machines: one handled January to March, the other the rest of the year. Each holds a fair 500. Somebody puts the two together and draws 500 of the 1,000.

# %%
early = month <= 3
left = ReservoirSampler(500, random_state=0)
right = ReservoirSampler(500, random_state=1)
left.extend(np.flatnonzero(early))
right.extend(np.flatnonzero(~early))

both = [*left.sample, *right.sample]
poured = np.random.default_rng(2).permutation(both)[:500]
left.merge(right)
merged = np.asarray(left.sample)

truth, wrong, repaired = (
    early.mean(),
    early[poured].mean(),
    early[merged].mean(),
)
pd.DataFrame(
    {
        "share of January to March (%)": 100
        * np.array([truth, wrong, repaired])
    },
    index=["the stream", "poured together", "merge"],
).round(0)

# %% [markdown]
# Poured together, a flight of the short stream counts more than twice its fair share. `merge` knows how many items each reservoir has *seen* (`n_seen`), and takes from each its fair share, drawn from the hypergeometric law. After a merge you can go on adding.
#
# ## Fair is not the same as useful
#
# Flights three hours late are rare. A fair 500 holds a handful of them, too few to study. A *weighted* reservoir (Efraimidis & Spirakis 2006) gives some items a better chance, here 30 times. It finds the rare flights, and its plain mean is now badly wrong: you must weight it back, and say so on the panel.

# %%
very_late = (stream["arr_delay"] >= 180).to_numpy()
weight = np.where(very_late, 30.0, 1.0)
boosted = ReservoirSampler(500, weighted=True, random_state=0)
boosted.extend(np.arange(n), weights=weight)
rows = np.asarray(boosted.sample)
plain = very_late[rows].mean()
weighted_back = np.average(very_late[rows], weights=1 / weight[rows])
pd.DataFrame(
    {
        "three hours late (%)": 100
        * np.array([very_late.mean(), plain, weighted_back])
    },
    index=[
        "the stream",
        "weighted reservoir, plain mean",
        "weighted reservoir, weighted back",
    ],
).round(1)

# %% [markdown]
# > **Warning.** With weights, the chance to be in the reservoir is not exactly proportional to the weight: nothing can be drawn twice, so heavy items saturate. Weighting back by 1/weight is close while the reservoir is a small part of the stream, as here, and wrong when it is a large one.

# %% [markdown]
# ## Check yourself

# %%
nb.quiz(
    (
        "A reservoir of 100 has seen 1,000 items. 1,000 more arrive. "
        "What is the chance that the item seen first is in it "
        "afterwards?"
    ),
    {
        "10 %: it got in early, later items cannot change that": (
            "Every newcomer that gets in pushes somebody out; nobody's "
            "place is safe."
        ),
        "5 %, as for every other item": (
            "k/n with k = 100 and n = 2,000, whatever the position in the "
            "stream."
        ),
        "less than 5 %: early items had more chances to be pushed out": "They did, and they got in more easily; the two cancel exactly.",
    },
    answer="5 %, as for every other item",
)

# %%
nb.quiz(
    (
        "You keep every 700th flight instead. When is that worse than "
        "a reservoir?"
    ),
    {
        "never, it is spread evenly over the year": (
            "Evenly spread is often better, but the size grows with the "
            "stream, and a stream has rhythms."
        ),
        "when the stream has a rhythm that 700 fits": (
            "If 700 flights are about a day's work, you see the same hour "
            "every day."
        ),
        "only when the stream is short": (
            "A short stream makes the sample small; the rhythm misleads at "
            "any length."
        ),
    },
    answer="when the stream has a rhythm that 700 fits",
)

# %% [markdown]
# ## Exercises
#
# ★ In the cell with the two machines, give the first machine January only. How far off is the poured sample now, and why?
#
# ★★ Write algorithm R yourself. `reservoir(stream, k, rng)` returns a list of $k$ items; `rng.integers(i)` draws a whole number from 0 to $i - 1$. The check runs it 4,000 times on 6 items with 2 places, and compares how often each pair of items is kept: in a fair sample all 15 pairs are equally likely.


# %% tags=["exercise"] exercise="ch04-02-algorithm-r"
def reservoir(stream, k, rng):
    """Return k items of the stream, each with the same chance."""
    ...


# %%
pairs = list(itertools.combinations(range(6), 2))


def pair_shares(function, trials=4_000):
    """Return how often each pair of 6 items is kept; None: not written yet."""
    rng, counts = np.random.default_rng(0), dict.fromkeys(pairs, 0)
    for _ in range(trials):
        sample = function(iter(range(6)), 2, rng)
        if sample is None:
            return None
        pair = tuple(sorted(sample))
        if pair not in counts:
            return np.zeros(len(pairs))
        counts[pair] += 1
    return np.array(list(counts.values())) / trials


with_the_last = {(0, 5): 1, (1, 5): 1, (2, 5): 2, (3, 5): 4, (4, 5): 8}
nb.check(
    "ch04-02-algorithm-r",
    pair_shares(reservoir),
    np.full(len(pairs), 1 / len(pairs)),
    atol=0.02,
    mistakes={
        "Return exactly k different items of the stream.": [0] * 15,
        "You keep the first k items; let newcomers in with chance k/i.": [
            float(pair == (0, 1)) for pair in pairs
        ],
        "Every newcomer gets in; let item i in with chance k/i only.": [
            with_the_last.get(pair, 0) / 16 for pair in pairs
        ],
    },
)

# %% [markdown] tags=["solution"] exercise="ch04-02-algorithm-r"
# <details><summary>Solution</summary>
#
# Draw a place from 0 to i − 1. The item gets in when that place is one of the first k, which has chance k/i, and the place also says whom to push out.
#
# ```python
# def reservoir(stream, k, rng):
#     """Return k items of the stream, each with the same chance."""
#     sample = []
#     for i, item in enumerate(stream, start=1):
#         if i <= k:
#             sample.append(item)
#         else:
#             place = rng.integers(i)
#             if place < k:
#                 sample[place] = item
#     return sample
# ```
#
# </details>

# %% [markdown]
# ★★★ The team asks for four times as many flights, "to be safe". What gets better, by how much, and what does not? Write down what you would need to know before you say yes.
#
# ## You have now
#
# - seen why every item ends with chance $k/n$: for the first flight of the year that was 1 in 655;
# - kept a reservoir that says 16.1 % late on average, which is the truth; the first 500 flights say 13.0 % and the latest 500 say 13.2 %. Its spread over repeats, 1.7 points, is that of `DataFrame.sample` (1.8) but for chance;
# - merged two machines fairly: 23 % of the merged sample is from January to March, against 24 % of the stream and 51 % of the poured one.
#
# **In practice.** `TABLESAMPLE` in SQL and `sample` in Spark keep a *share* of the rows, of random size; where the size is fixed, as on a panel, you want a reservoir. At scale one reservoir runs on each worker and they are merged, as here. Keep `n_seen` with the sample; without it nobody can merge, or say what the sample stands for.
#
# **Read on.** J. S. Vitter (1985), *Random sampling with a reservoir*. K.-H. Li (1994), *Reservoir-sampling algorithms of time complexity O(n(1 + log(N/n)))*. P. S. Efraimidis and P. G. Spirakis (2006), *Weighted random sampling with a reservoir*.

# %% tags=["claims", "remove-cell"]
nb.claim("500", len(merged))
nb.claim("327,346", n)
nb.claim("655", n / len(merged))
nb.claim("20,000", trials)
nb.claim("300", len(reservoir_rates))
nb.claim("1,000", len(both))
nb.claim("30 times", weight.max())
nb.claim("4,000", pair_shares.__defaults__[-1])
nb.claim("15", len(pairs))
nb.claim("16.1 %", late.mean())
nb.claim("16.1 %", reservoir_rates.mean())
nb.claim("13.0 %", first)
nb.claim("13.2 %", latest)
nb.claim("1.7", 100 * reservoir_rates.std())
nb.claim("1.8", 100 * pandas_rates.std())
nb.claim("24 %", truth)
nb.claim("23 %", repaired)
nb.claim("51 %", wrong)
