# %% [markdown]
# # Sample from what you have
#
# *18 minutes · data: flights*
#
# **You will** answer questions about flights you have no fair sample of, with rows that were collected for something else.
#
# **You will learn to**
#
# - compute the weight of a row: its share in the world, divided by its share in your data;
# - judge a weighted estimate by its standard error, by what its rows are worth, and by what they never saw;
# - predict how `sample_weight` moves the decision boundary of a classifier, and what it does to the probabilities.
#
# **You need** notebook 01 of this chapter, and logarithms. For the classifier: logistic regression.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import display
from matplotlib.colors import ListedColormap
from scipy.stats import norm
from sklearn.linear_model import LogisticRegression

from mlworkbench import datasets
from mlworkbench import notebook as nb
from mlworkbench.sampling import importance_estimate, importance_weights

nb.setup()

# %% [markdown]
# ## The delay desk has a file, and it is not a fair one
#
# The delay desk of New York's airports works in the evening. Its file holds every flight from 17:00 on, and one in ten of the earlier ones. The director asks: what share of *all* flights lands 30 minutes late or more?

# %%
data = datasets.load("flights").labelled()
evening = data.frame["hour"] >= 17
flights = data.frame.assign(late=data.target, evening=evening)

kept = evening | (np.random.default_rng(0).random(len(flights)) < 0.1)
desk = flights[kept]

pd.DataFrame(
    {
        "flights": [len(flights), len(desk)],
        "from 17:00 on (%)": [
            100 * evening.mean(),
            100 * evening[kept].mean(),
        ],
        "late (%)": [100 * flights["late"].mean(), 100 * desk["late"].mean()],
    },
    index=["the year", "the desk's file"],
).round(1)

# %% [markdown]
# The file says 22.5 %, the truth is 16.1 %. We hold the whole year, so that we can tell; the desk does not. All it knows is the share of flights that leave in the evening, from the timetable.
#
# ## By hand: a row counts for what it stands for
#
# Eight rows, two of them red and six blue: 25 % and 75 %. In the world it is half and half. A row's weight is its share in the world divided by its share in the data, so a red row counts three times a blue one.

# %%
rows = pd.DataFrame(
    {"colour": ["red"] * 2 + ["blue"] * 6, "late": [1, 0, 1, 0, 0, 0, 0, 0]}
)
in_data = rows["colour"].map({"red": 0.25, "blue": 0.75})
in_world = rows["colour"].map({"red": 0.50, "blue": 0.50})
weight = in_world / in_data

plain = rows["late"].mean()
weighted = (weight * rows["late"]).sum() / weight.sum()
worth = weight.sum() ** 2 / (weight**2).sum()

print(
    f"plain mean {plain:.3f}, weighted mean {weighted:.3f}, worth {worth:.1f} rows"
)
rows.assign(in_data=in_data, in_world=in_world, weight=weight.round(3))

# %% [markdown]
# Check it with a pencil: half of the red rows are late and a sixth of the blue ones, and the middle of the two is a third.
#
# The last number, $(\sum w)^2 / \sum w^2$, is the *effective sample size* (Kish 1965). Unequal weights waste rows: these eight say as much as six drawn from the world itself.
#
# ## The helper does it with logarithms, so that nothing overflows
#
# Densities are often tiny, and often known only up to a constant. `importance_weights` takes their logarithms. Add 1,000 to one side, as a forgotten constant would, and the plain formula breaks; the helper does not notice.

# %%
log_world, log_data = np.log(in_world), np.log(in_data)
report = importance_estimate(rows["late"], log_world, log_data)

assert np.isclose(report.estimate, weighted)
assert np.isclose(report.effective_sample_size, worth)
assert np.allclose(
    importance_weights(log_world, log_data), weight / weight.sum()
)

forgotten = 1000
with np.errstate(over="ignore", invalid="ignore"):
    naive = np.exp(log_world + forgotten - log_data)
    naive = naive / naive.sum()
helper = importance_weights(log_world + forgotten, log_data)
pd.DataFrame(
    {"colour": rows["colour"], "naive": naive, "helper": helper.round(3)}
).iloc[[0, 7]]

# %% [markdown]
# ## What was sampled too rarely is repaired
#
# Back to the desk. The two functions below are all we need for the rest of the notebook. `log_share` looks up the share of each row's cell (its part of the day, its carrier, …) in some table of flights; `weigh` estimates the late rate of one table with the rows of another.


# %%
def log_share(rows, world, by):
    """Return, for each row, the log share of its cell in the world."""
    log_shares = np.log(world.groupby(by, observed=True).size() / len(world))
    found = rows[by].merge(
        log_shares.reset_index(name="log_share"), how="left"
    )
    return found["log_share"].fillna(-np.inf).to_numpy()


def weigh(have, world, by):
    """Estimate the late rate of the world with the rows we have."""
    return importance_estimate(
        have["late"], log_share(have, world, by), log_share(have, have, by)
    )


desk_report = weigh(desk, flights, ["evening"])
assert np.isclose(
    desk_report.estimate,
    np.average(desk["late"], weights=desk_report.weights),
)
desk_report

# %% [markdown]
# 15.9 %, with a standard error of 0.2 points; the year's 16.1 % is about one such error away. Only two numbers about the world went in: 29 % of its flights leave in the evening, the other 71 % earlier. `np.average(weights=)` gives the same estimate; what the helper adds is the judgement. The 118,674 rows are worth 44,504, because most of them repeat what the evening already said.
#
# ## Newark's flights say something about LaGuardia
#
# The next question is harder. A carrier at LaGuardia wants to know the late rate there, and all we have is Newark. Nobody *sampled* these flights for us, but the airports differ in their carriers, and that we can weigh.

# %%
newark = flights[flights["origin"] == "EWR"]
laguardia = flights[flights["origin"] == "LGA"]

at_newark = 100 * newark["carrier"].value_counts(normalize=True)
at_laguardia = 100 * laguardia["carrier"].value_counts(normalize=True)
carriers = pd.DataFrame(
    {
        "share at Newark (%)": at_newark,
        "share at LaGuardia (%)": at_laguardia,
        "weight": at_laguardia / at_newark,
        "late at Newark (%)": 100
        * newark.groupby("carrier", observed=True)["late"].mean(),
    }
).sort_values("share at LaGuardia (%)", ascending=False)
carriers[carriers["share at LaGuardia (%)"] >= 0.5].round(2)

# %% [markdown]
# Newark lives on UA and EV, LaGuardia on DL, MQ and AA; so a Newark flight of DL counts 6.15 times, one of UA 0.20 times. Three carriers have no late rate at all and an infinite weight: they never fly from Newark. Keep them in mind.
#
# Which columns should decide the weight? Try four choices, and the last one again with the rows of a single day, the first of November. "Seen" is the share of LaGuardia's flights whose cell exists among the rows; "error" is the standard error.

# %%
truth = laguardia["late"].mean()
one_day = newark[(newark["month"] == 11) & (newark["day"] == 1)]
runs = {
    "nothing": (newark, ["year"]),
    "hour": (newark, ["hour"]),
    "carrier": (newark, ["carrier"]),
    "hour and carrier": (newark, ["hour", "carrier"]),
    "… from one day": (one_day, ["hour", "carrier"]),
}
reports = {
    name: weigh(have, laguardia, by) for name, (have, by) in runs.items()
}
seen = {
    name: np.isfinite(log_share(laguardia, have, by)).mean()
    for name, (have, by) in runs.items()
}
table = pd.DataFrame(
    {
        "rows": {name: r.n for name, r in reports.items()},
        "worth": {
            name: round(r.effective_sample_size)
            for name, r in reports.items()
        },
        "late (%)": {name: 100 * r.estimate for name, r in reports.items()},
        "error (points)": {
            name: 100 * r.standard_error for name, r in reports.items()
        },
        "verdict": {
            name: "ok" if r.ok else "misses" for name, r in reports.items()
        },
        "seen (%)": {name: 100 * share for name, share in seen.items()},
    }
).round(1)
table

# %%
# alt: The late rate estimated from Newark with four choices of weights, and LaGuardia's true rate; weighing by carrier comes close, none hits it.
figure, ax = plt.subplots(figsize=(6.4, 2.6))
names = list(runs)[:4]
x, error = np.array(
    [
        [100 * reports[n].estimate, 200 * reports[n].standard_error]
        for n in names
    ]
).T
ax.errorbar(x, names, xerr=error, fmt="o", color="C0", capsize=4)
ax.axvline(
    100 * truth, color="C1", linestyle="--", label="LaGuardia, the truth"
)
ax.invert_yaxis()
ax.set(xlabel="late (%), with two standard errors", ylabel="weighted by")
ax.set_title("Carriers explain most of the difference")
ax.legend(loc="center right")
plt.show()

# %% [markdown]
# Newark itself says 17.7 %. Weighted by carrier it says 15.6 %, and LaGuardia's truth is 14.9 %: three quarters of the gap are closed. The rest is three standard errors wide, if flights are taken as independent (delays come by the day, so the true error is larger). Two things are in it:
#
# - **Carriers that were never seen.** 4.4 % of LaGuardia's flights belong to carriers that Newark does not have, and 22.4 % of those are late. No weight brings them back. The estimate silently speaks of the other flights.
# - **Another relation.** The flights it speaks of are 14.5 % late, so it misses them by more than it misses the truth: the same carrier is not equally late at both airports. The two errors partly cancel, which is luck.
#
# More columns explain more and cost more. With hour and carrier, 117,127 rows are worth 5,267, and 14.8 % of LaGuardia's flights fall into a cell that Newark never saw. Here the verdict warns: one row in a hundred carries 19 % of the weight, and the standard error itself cannot be trusted (`tail_shape` is above one half). It warns of the single day, too: 326 rows are worth 76.
#
# > **Warning.** With carriers the verdict is "ok", and 4.4 % of the flights are out of sight. `ok` judges the rows you have. Rows cannot show what was never sampled; only a look at the target can, as in the last column.
#
# ## A changed relation is not repaired
#
# It is the first of February, and the planners want to know what July will be like. In January 14.6 % of flights were late. July's schedule is printed, so hours and carriers are known. Weight January by hour and carrier to look like July; July's true rate is 23.8 %.

# %%
guess = nb.predict(
    "ch04-03-july",
    (
        "January is weighted to July's mix of hours and carriers. What "
        "late rate comes out?"
    ),
    options=[
        "about 24 %, as in July",
        "about half-way, 19 %",
        "about 14 %, nothing gained",
    ],
    why="The mix of hours and carriers is almost the same in both "
    "months, so there is little to weigh. "
    "What differs is how late a flight is at the same hour, with "
    "the same carrier: weights cannot know that.",
)
guess

# %%
january, july = flights[flights["month"] == 1], flights[flights["month"] == 7]
winter = weigh(january, july, ["hour", "carrier"])
in_january, in_july = january["late"].mean(), july["late"].mean()
guess.reveal(
    "about 14 %, nothing gained",
    measured=f"{100 * winter.estimate:.1f} %; January {100 * in_january:.1f} "
    f"%, July {100 * in_july:.1f} %",
)

# %%
# alt: Late rate by hour of departure in January and in July; equal in the morning, twice as high in July from the afternoon on.
by_hour = {
    name: month.groupby("hour")["late"].mean()
    for name, month in [("January", january), ("July", july)]
}
figure, ax = plt.subplots(figsize=(6.4, 3.2))
for name, rate in by_hour.items():
    ax.plot(100 * rate.loc[5:22], marker="o", label=name)
ax.set(
    xlabel="hour of departure",
    ylabel="late (%)",
    xticks=range(6, 23, 4),
    ylim=(0, None),
)
ax.set_title("The same hour is another hour in July")
ax.legend()
plt.show()

# %% [markdown]
# The estimate is 14.3 %. It has a standard error of 0.2 points, 22,281 effective rows, the verdict "ok", and it is wrong by 9.5 points. At 18:00, 19 % of January's flights are late and 42 % of July's: the clock shows the same, and what comes with it (storms, heat, a day's delays piled up) does not.
#
# Importance weights rest on one assumption: given the columns you weigh by, the answer behaves the same here and there. At the desk it held by design. Between two airports it held roughly. Between two seasons it did not, and nothing in January's rows could say so.
#
# ## When you may choose what to draw, draw where it matters
#
# So far the rows were given. In a simulation you choose the proposal. How often does a standard normal variable exceed 4? Plain draws hardly ever see it. Draw around 4 instead and weight back; or be careful, and draw half from each (Hesterberg 1995).

# %%
n, rng = 10_000, np.random.default_rng(0)
around_0, around_4 = rng.normal(0, 1, n), rng.normal(4, 1, n)
both = np.where(rng.random(n) < 0.5, around_0, around_4)

log_p = norm.logpdf
proposals = {
    "around 0": (around_0, log_p(around_0)),
    "around 4": (around_4, log_p(around_4, 4)),
    "half from each": (
        both,
        np.logaddexp(log_p(both), log_p(both, 4)) + np.log(0.5),
    ),
}
tail = {
    name: importance_estimate(x > 4, log_p(x), log_q, self_normalized=False)
    for name, (x, log_q) in proposals.items()
}
print(f"exact: {1e6 * norm.sf(4):.1f} in a million")
pd.DataFrame(
    {
        "draws beyond 4": [int((x > 4).sum()) for x, _ in proposals.values()],
        "in a million": [round(1e6 * r.estimate, 1) for r in tail.values()],
        "standard error": [
            round(1e6 * r.standard_error, 1) for r in tail.values()
        ],
        "worth": [round(r.effective_sample_size) for r in tail.values()],
        "verdict": ["ok" if r.ok else "misses" for r in tail.values()],
    },
    index=list(proposals),
)

# %% [markdown]
# Plain draws answer 0, with a standard error of 0 and the verdict "ok": draws cannot show what they never reached. The draws around 4 get within 2 % of the exact 31.7, and yet the verdict says no. It judges the weights: as a stand-in for the *whole* bell, these draws are worth 5. The careful mixture is good at both.
#
# ## In a classifier, weights on the answer move the boundary
#
# Most scikit-learn estimators take `sample_weight` in `fit`, and a row of weight 5 is the same as five equal rows. Predict Newark's late flights from the hour and the humidity. Unweighted, the model flags 1.0 % of flights: the chance to be late is rarely above one half.

# %%
guess_flagged = nb.predict(
    "ch04-03-flagged",
    (
        "Every late flight now weighs five times. What share of all "
        "flights is flagged late?"
    ),
    options=[
        "about 1 %, as before",
        "about 5 %, five times as many",
        "about 40 %",
    ],
    why="Five times the weight is five times the odds, so a flight is "
    "flagged as soon as its own "
    "chance exceeds one in six. That is less than the average "
    "flight's chance of 17.7 %.",
)
guess_flagged

# %%
weather = data.tables["weather"][["origin", "time_hour", "humid"]]
hourly = newark.merge(weather, on=["origin", "time_hour"]).dropna(
    subset="humid"
)
X, y = hourly[["hour", "humid"]].to_numpy(float), hourly["late"].to_numpy()


def fit(weight):
    """Fit a line between late and not, in hour and humidity."""
    return LogisticRegression().fit(X, y, sample_weight=weight)


models = {
    "unweighted": fit(None),
    "late flights × 5": fit(np.where(y == 1, 5, 1)),
}
chance = {
    name: model.predict_proba(X)[:, 1] for name, model in models.items()
}
flagged = {name: p > 0.5 for name, p in chance.items()}

by_model = pd.DataFrame(
    {
        name: {
            "flagged late (%)": 100 * f.mean(),
            "late ones caught (%)": 100 * f[y == 1].mean(),
            "flags that are right (%)": 100 * y[f].mean(),
            "mean predicted chance (%)": 100 * chance[name].mean(),
        }
        for name, f in flagged.items()
    }
).round(1)
display(by_model)
guess_flagged.reveal(
    "about 40 %", measured=f"{100 * flagged['late flights × 5'].mean():.1f} %"
)


# %%
# alt: Late rate by hour and humidity, darker in humid evenings. The unweighted boundary cuts off one corner; with late flights weighing five times it runs through the middle.
humid_edges = np.arange(20, 101, 10)
cells_of = [pd.cut(hourly["humid"], humid_edges), "hour"]
late_rate = (
    hourly.groupby(cells_of, observed=True)["late"]
    .mean()
    .unstack()[range(6, 22)]
)
greys = ListedColormap(
    [str(grey) for grey in np.linspace(0.97, 0.5, 6).round(2)]
)


def draw(ax, lines):
    """Draw the late rate by hour and humidity, and where each model says one half."""
    hours = np.arange(5.5, 22)
    mesh = ax.pcolormesh(
        hours, humid_edges, 100 * late_rate, cmap=greys, vmin=0, vmax=60
    )
    for number, (name, model) in enumerate(lines.items()):
        (a, b), c = model.coef_[0], model.intercept_[0]
        line = -(c + b * humid_edges) / a
        style = {"color": f"C{number}", "linestyle": ["-", "--"][number]}
        ax.plot(line, humid_edges, label=name, **style)
    ax.set(xlim=(5.5, 21.5), ylim=(20, 100))
    ax.set(xlabel="hour of departure", ylabel="humidity (%)")
    ax.legend(loc="lower left", frameon=True)
    return mesh


figure, ax = plt.subplots(figsize=(6.4, 3.6))
figure.colorbar(draw(ax, models), label="late (%)")
ax.set_title("Weights on late flights move the line to the left")
plt.show()

# %% [markdown]
# The lines are almost parallel. The weight changes little but the starting point: five times the weight is five times the odds, a chance above one half in the new model is one above $\frac{1}{6}$ in the old. Compare the two and 98.3 % of flights are decided alike. So if all you want is more flags, move the threshold; it needs no new fit.
#
# And look at the last row of the table. The weighted model says 48.0 % on average where 17.7 % are late. Its scores still rank, but they are no longer chances.
#
# ## Weights on an input that the model knows move it little
#
# Move both controls. What weighs more: the late flights, those of the evening, those in humid air? Look for which of them slides the line, and which barely turns it.

# %%
groups = {
    "late flights": y == 1,
    "evening flights": X[:, 0] >= 17,
    "flights in humid air": X[:, 1] >= 70,
}


def boundary(heavier, weight):
    """Draw the boundary when some flights weigh more."""
    model = fit(np.where(groups[heavier], weight, 1))
    figure, ax = plt.subplots(figsize=(4.6, 2.8))
    draw(
        ax,
        {"unweighted": models["unweighted"], f"{heavier} × {weight}": model},
    )
    ax.set_title(f"{100 * model.predict(X).mean():.1f} % flagged late")
    return figure


explorer = nb.explore(
    boundary,
    title="Where the model draws the line",
    heavier=list(groups),
    weight=[1, 2, 5, 8],
    start={"weight": 5},
)
explorer

# %% [markdown]
# At weight 5, the share flagged is 40.6 % when late flights weigh more, 0.6 % with evening flights and 2.4 % with humid ones; unweighted it was 1.0 %. A model that has the right form does not need weights on its inputs: given the hour, the chance is the same whether you saw that hour often or rarely. Weights help when the form is too simple, and they pay for it with variance (Shimodaira 2000).
#
# ## Check yourself

# %%
nb.quiz(
    (
        "In your data 10 % of users are on phones, in the world 60 %. "
        "How do a phone row and another row weigh?"
    ),
    {
        "6 : 1": (
            "6 is the weight of the phone row; the other row weighs 0.4 / "
            "0.9, less than 1."
        ),
        "13.5 : 1": "0.6 / 0.1 = 6 against 0.4 / 0.9 = 0.44.",
        "1 : 6": "Upside down: a row that is too rare in the data counts more.",
    },
    answer="13.5 : 1",
)

# %%
nb.quiz(
    (
        "A model was trained on hospital A, with no patient under 18. "
        "Hospital B treats children. What do weights do?"
    ),
    {
        "They make the youngest adults stand for the children": (
            "Only if you put them in one cell, and then it is an "
            "assumption, not a repair."
        ),
        "They match everything but the children": (
            "The estimate speaks of B's adults. Count the share that it "
            "leaves out, and say so."
        ),
        "The report's verdict will warn": (
            "The verdict sees the rows of A. None of them is a child, and "
            "it cannot miss them."
        ),
    },
    answer="They match everything but the children",
)

# %% [markdown]
# ## Exercises
#
# ★ In the cell with the four choices, exchange the airports: what does LaGuardia say about Newark? Which direction is better covered, and why?
#
# ★★ Write the weights yourself. `shift_weights(have, world)` gets two Series, such as two columns of carriers, and returns a weight for each row of `have`: share in `world` divided by share in `have`. A value that `world` does not hold has weight 0.


# %% tags=["exercise"] exercise="ch04-03-shift-weights"
def shift_weights(have, world):
    """Return one weight per row of have."""
    ...


# %%
def reference(have, world):
    """Return one weight per row of have."""
    return [float((world == v).mean() / (have == v).mean()) for v in have]


def upside_down(have, world):
    """Divide the wrong way round."""
    return [1 / w if w else 0.0 for w in reference(have, world)]


def world_alone(have, world):
    """Forget to divide."""
    return [float((world == v).mean()) for v in have]


small = pd.Series(["red"] * 2 + ["blue"] * 6)
large = pd.Series(["red", "blue"] * 20 + ["green"] * 10)
nb.check(
    "ch04-03-shift-weights",
    shift_weights,
    reference,
    cases=[(small, large), (large, small)],
    mistakes={
        "Upside down: a row that is too rare must count more.": upside_down,
        "That is the share in `world`; divide it by that in `have`.": world_alone,
    },
)

# %% [markdown] tags=["solution"] exercise="ch04-03-shift-weights"
# <details><summary>Solution</summary>
#
# Two tables of shares, divided, and looked up for each row. A value that is not in `world` gives NaN in the division, which becomes 0.
#
# ```python
# def shift_weights(have, world):
#     """Return one weight per row of have."""
#     ratio = world.value_counts(normalize=True) / have.value_counts(normalize=True)
#     return have.map(ratio).fillna(0)
# ```
#
# </details>

# %% [markdown]
# ★★ Give the weighted classifier its chances back. `undo(p, k)` takes the chances of a model in which late flights weighed `k` times, and returns those for the flights as they are. Odds were multiplied by $k$; divide them.


# %% tags=["exercise"] exercise="ch04-03-undo"
def undo(p, k):
    """Return the chances without the weight k."""
    ...


# %%
nb.check(
    "ch04-03-undo",
    undo,
    lambda p, k: p / (p + k * (1 - p)),
    cases=[(0.5, 5), (0.9, 5), (np.array([0.0, 0.25, 0.75]), 2)],
    mistakes={
        "Divide the odds by k, not the chance.": lambda p, k: p / k,
        "Those are odds; turn them back: o / (1 + o).": lambda p, k: (
            p / (1 - p) / k
        ),
    },
)

# %% [markdown] tags=["solution"] exercise="ch04-03-undo"
# <details><summary>Solution</summary>
#
# With odds $o = p / (1 - p)$ the chance without the weight is $\frac{o/k}{1 + o/k}$. Multiply above and below by $k (1 - p)$; then nothing is divided by zero at $p = 1$.
#
# ```python
# def undo(p, k):
#     """Return the chances without the weight k."""
#     return p / (p + k * (1 - p))
# ```
#
# Try `undo(chance["late flights × 5"], 5).mean()`: it is Newark's late rate again.
#
# </details>

# %% [markdown]
# ★★★ Your company has labels from paying customers only, and wants the churn rate of trial users. Which columns would you weigh by? What would you have to believe, and which small sample could you buy to test it?
#
# ## You have now
#
# - weighted a file that said 22.5 % back to 15.9 %, where the truth is 16.1 %, knowing only the share of evening flights;
# - closed three quarters of the gap between two airports, found the 4.4 % of flights that no weight reaches, and a gap of 9.5 points between two seasons that weights do not touch;
# - moved a boundary from 1.0 % flagged to 40.6 %, and seen that a threshold of one in six does the same.
#
# **In practice.** Survey statisticians call this post-stratification and raking (packages `balance`, `samplics`). In machine learning it is correction of covariate shift; where the columns are many, a classifier that tells the two data sets apart gives the weights. Log the chance with which each row was kept: it is the one weight nobody can reconstruct later. Cap extreme weights, and say that you did.
#
# **Read on.** A. B. Owen (2013), *Monte Carlo theory, methods and examples*, on importance sampling. H. Shimodaira (2000), *Improving predictive inference under covariate shift by weighting the log-likelihood function*. T. Hesterberg (1995), *Weighted average importance sampling and defensive mixture distributions*. L. Kish (1965), *Survey Sampling*.

# %% tags=["claims", "remove-cell"]
reached = laguardia["carrier"].isin(newark["carrier"].unique())
gap = newark["late"].mean() - truth
by_carrier, cells = reports["carrier"], reports["hour and carrier"]
at_18 = {name: rate.loc[18] for name, rate in by_hour.items()}
five = "late flights × 5"
closed = (newark["late"].mean() - by_carrier.estimate) / gap
assert 0.7 < closed < 0.8  # three quarters
misses_truth = by_carrier.estimate - truth
misses_reached = by_carrier.estimate - laguardia.loc[reached, "late"].mean()
assert 2.5 < misses_truth / by_carrier.standard_error < 3.5
assert misses_reached > misses_truth
assert all(r.ok for r in [desk_report, winter, by_carrier])
assert not cells.ok
assert not reports["… from one day"].ok
assert (
    abs(desk_report.estimate - flights["late"].mean())
    < 1.5 * desk_report.standard_error
)
assert (
    1.9 < at_18["July"] / at_18["January"] < 2.3
)  # twice as high, says the alternative text
assert tail["around 0"].standard_error == tail["around 0"].estimate == 0

nb.claim("30", flights.loc[flights["late"] == 1, "arr_delay"].min())
nb.claim("1,000", forgotten)
nb.claim("25 %", (rows["colour"] == "red").mean())
nb.claim("75 %", (rows["colour"] == "blue").mean())
nb.claim("17", flights.loc[evening, "hour"].min())
nb.claim("22.5 %", desk["late"].mean())
nb.claim("16.1 %", flights["late"].mean())
nb.claim("15.9 %", desk_report.estimate)
nb.claim("0.2 points", 100 * desk_report.standard_error)
nb.claim("29 %", evening.mean())
nb.claim("71 %", 1 - evening.mean())
nb.claim("118,674", len(desk))
nb.claim("44,504", desk_report.effective_sample_size)
nb.claim("6.15", carriers.loc["DL", "weight"])
nb.claim("0.20", carriers.loc["UA", "weight"])
nb.claim("17.7 %", newark["late"].mean())
nb.claim("17.7 %", y.mean())
nb.claim("15.6 %", by_carrier.estimate)
nb.claim("14.9 %", truth)
nb.claim("4.4 %", 1 - seen["carrier"])
nb.claim("22.4 %", laguardia.loc[~reached, "late"].mean())
nb.claim("14.5 %", laguardia.loc[reached, "late"].mean())
nb.claim("117,127", len(newark))
one_percent = cells.frame["share_of_draws"].between(0.009, 0.011)
nb.claim("19 %", cells.frame.loc[one_percent, "share_of_weight"].item())
assert cells.tail_shape > 0.5
nb.claim("326", table["rows"].iloc[-1])
nb.claim("76", table["worth"].iloc[-1])
nb.claim("5,267", cells.effective_sample_size)
nb.claim("14.8 %", 1 - seen["hour and carrier"])
nb.claim("14.6 %", january["late"].mean())
nb.claim("23.8 %", july["late"].mean())
nb.claim("14.3 %", winter.estimate)
nb.claim("0.2 points", 100 * winter.standard_error)
nb.claim("22,281", winter.effective_sample_size)
nb.claim("9.5 points", 100 * (july["late"].mean() - winter.estimate))
nb.claim("18", by_hour["July"].loc[17:18].index[-1])
nb.claim("19 %", at_18["January"])
nb.claim("42 %", at_18["July"])
nb.claim("31.7", 1e6 * norm.sf(4))
nb.claim("2 %", abs(tail["around 4"].estimate / norm.sf(4) - 1))
nb.claim("1.0 %", flagged["unweighted"].mean())
nb.claim("40.6 %", flagged[five].mean())
nb.claim("98.3 %", ((chance["unweighted"] > 1 / 6) == flagged[five]).mean())
nb.claim("48.0 %", chance[five].mean())
evening_5 = fit(np.where(groups["evening flights"], 5, 1))
humid_5 = fit(np.where(groups["flights in humid air"], 5, 1))
nb.claim("0.6 %", evening_5.predict(X).mean())
nb.claim("2.4 %", humid_5.predict(X).mean())
