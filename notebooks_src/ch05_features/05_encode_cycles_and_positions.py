# %% [markdown]
# # Encode cycles and positions
#
# *18 minutes · data: flights*
#
# **You will** give a model columns that start again, places in a sequence and places on a map, in a form in which it can see what is near.
#
# **You will learn to**
#
# - put a cycle on a circle, and say when a linear model needs it and when a tree does not;
# - give positions vectors that mean the same in a sequence of any length;
# - turn latitude and longitude into waves, and choose how fine they are;
# - recognise what a learned embedding adds.
#
# **You need** linear regression, decision trees, and sine and cosine.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import torch
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.metrics import roc_auc_score, root_mean_squared_error
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, SplineTransformer
from sklearn.tree import DecisionTreeRegressor

from mlworkbench import datasets
from mlworkbench import notebook as nb
from mlworkbench.features import (
    CyclicalEncoder,
    FourierFeatures,
    SinusoidalPositions,
)

nb.setup()

# %% [markdown]
# ## The de-icing crew wants a formula
#
# The crew that keeps New York's runways free of ice wants a small formula: hour and month in, expected temperature out. It has to fit in one cell of a spreadsheet, so a linear model is all they can use. We have every hour of 2013 at three airports. Even weeks are for fitting, odd weeks for judging.

# %%
data = datasets.load("flights")
weather = data.tables["weather"].dropna(subset=["temp"])


def odd_weeks(frame):
    """Say which rows lie in an odd week of the year."""
    return ((frame["time_hour"].dt.day_of_year - 1) // 7 % 2 == 1).to_numpy()


X, y = weather[["hour", "month"]], weather["temp"]
test = odd_weeks(weather)
mean_error = root_mean_squared_error(
    y[test], np.full(test.sum(), y[~test].mean())
)
pd.DataFrame(
    {"hours": [(~test).sum(), test.sum()]},
    index=["even weeks, to fit", "odd weeks, to judge"],
)

# %%
guess = nb.predict(
    "ch05-05-raw-numbers",
    (
        "Always saying the mean of the year is off by 18 °F (root mean "
        "square). How far off is a linear model that gets the hour (0-23) "
        "and the month (1-12) as numbers?"
    ),
    options=["about 4 °F", "about 8 °F", "about 12 °F", "about 18 °F"],
    why=(
        "A straight line over the months cannot go up to July and down "
        "again, and one over the hours cannot go up to the afternoon and "
        "down again. All it can do is tilt, and that hardly helps."
    ),
)
guess

# %% [markdown]
# ## As numbers, 23 and 0 are far apart; on a circle they are neighbours
#
# Put the day on a circle, like the face of a clock with 24 hours. Hour $h$ is the point $(\sin 2\pi h/24,\ \cos 2\pi h/24)$. Below are five hours by hand, and how far each is from hour 23.

# %%
hours = np.array([23, 0, 1, 6, 11])
sin = np.sin(2 * np.pi * hours / 24)
cos = np.cos(2 * np.pi * hours / 24)
by_hand = pd.DataFrame(
    {
        "hour": hours,
        "sine": sin,
        "cosine": cos,
        "from 23, as numbers": abs(hours - hours[0]),
        "from 23, on the circle": np.hypot(sin - sin[0], cos - cos[0]),
    }
)
by_hand.round(2)

# %% [markdown]
# Midnight is one step from 23, and 11 in the morning lies opposite, a diameter away. It takes *two* columns: the sine alone cannot tell midnight from noon.
#
# `CyclicalEncoder` takes the period of each column. It gives the same numbers, and finds the way back.

# %%
clock = CyclicalEncoder({"hour": 24}).set_output(transform="pandas")
points = clock.fit_transform(by_hand[["hour"]])
assert np.allclose(points, by_hand[["sine", "cosine"]])
back = clock.inverse_transform(points)
assert back["hour"].tolist() == hours.tolist()
one_day_on = clock.transform(by_hand[["hour"]] + 24)
assert np.allclose(one_day_on, points)
points.assign(back=back["hour"]).round(2)

# %% [markdown]
# ## The circle makes the linear model useful; trees do not care
#
# Four encodings of hour and month meet three models. One-hot gives every hour and every month a column of its own. The periodic spline gives a few smooth bumps that join at midnight and at New Year. The table shows how far each model is off in the odd weeks.

# %%


def bumps(period):
    """Make periodic splines with a knot in every sixth of the period."""
    knots = np.linspace(0, period, 7).reshape(-1, 1)
    return SplineTransformer(
        knots=knots, extrapolation="periodic", include_bias=False
    )


encodings = {
    "numbers": "passthrough",
    "circles": CyclicalEncoder({"hour": 24, "month": 12}),
    "periodic splines": make_column_transformer(
        (bumps(24), ["hour"]), (bumps(12), ["month"])
    ),
    "one-hot": make_column_transformer((OneHotEncoder(), ["hour", "month"])),
}
models = {
    "linear": LinearRegression(),
    "tree, 16 leaves": DecisionTreeRegressor(
        max_leaf_nodes=16, random_state=0
    ),
    "tree, 100 leaves": DecisionTreeRegressor(
        max_leaf_nodes=100, random_state=0
    ),
}
rows, formulas = {}, {}
for name, encoding in encodings.items():
    row = {}
    for kind, model in models.items():
        pipeline = make_pipeline(encoding, clone(model))
        pipeline.fit(X[~test], y[~test])
        row["columns"] = pipeline[-1].n_features_in_
        row[kind] = root_mean_squared_error(
            y[test], pipeline.predict(X[test])
        )
        if kind == "linear":
            formulas[name] = pipeline
    rows[name] = row
errors = pd.DataFrame(rows).T.astype({"columns": int})
errors.round(1)

# %%
guess.reveal(
    "about 18 °F", measured=f"{errors.loc['numbers', 'linear']:.1f} °F"
)

# %% [markdown]
# With four columns the linear model is off by 8.3 °F instead of 17.8. It is even ahead of one-hot (8.9 with 36 columns): the year *is* nearly a wave, and a model told so has less to learn from 26 weeks. The trees gain nothing. A tree with 100 leaves is off by 8.9 °F with numbers and with circles alike: it cuts the day wherever it likes, so it only ever loses one cut at the seam.

# %%
# alt: Mean temperature by month: dots rise to July and fall; the model with numbers is a gently rising line, the one with circles follows the dots.
months = pd.DataFrame({"hour": 12, "month": range(1, 13)})
noon = weather[test & (weather["hour"] == 12)]
measured = noon.groupby("month")["temp"].mean()
figure, ax = plt.subplots(figsize=(6, 2.9))
ax.plot(measured.index, measured, "o", color="0.5", label="measured")
for name, line in {"numbers": ":", "circles": "-"}.items():
    predicted = formulas[name].predict(months)
    ax.plot(months["month"], predicted, line, label=f"linear, {name}")
ax.set(
    xlabel="month",
    ylabel="temperature at noon (°F)",
    xticks=range(1, 13),
    title="A line cannot go up to July and down again",
)
figure.legend(loc="outside lower center", ncols=3)
plt.show()

# %% [markdown]
# ## Where nobody flies at night, there is nothing to join
#
# Encouraged, the flight desk encodes hour and day of week in its model of late arrivals (30 minutes or more) the same way: circles with the periods 24 and 7, into a logistic regression. The score is the area under ROC in the odd weeks; 0.5 is guessing.

# %%
flights = data.frame.dropna(subset=["arr_delay"])
late = flights["arr_delay"] >= 30
when = pd.DataFrame(
    {
        "hour": flights["hour"],
        "day_of_week": flights["time_hour"].dt.day_of_week,
    }
)
apart = odd_weeks(flights)
encodings = {
    "numbers": "passthrough",
    "circles": CyclicalEncoder({"hour": 24, "day_of_week": 7}),
    "one-hot": OneHotEncoder(),
}
auc = {}
for name, encoding in encodings.items():
    model = make_pipeline(encoding, LogisticRegression(max_iter=500))
    model.fit(when[~apart], late[~apart])
    prob = model.predict_proba(when[apart])[:, 1]
    auc[name] = roc_auc_score(late[apart], prob)
pd.DataFrame({"area under ROC": auc}).round(3)

# %%
# alt: Share of late flights by hour of departure from 5 to 23: it rises from 5 % to 28 % in the evening and ends lower at 23; no flights at night.
by_hour = late.groupby(flights["hour"]).mean()
night = sorted(set(range(24)) - set(by_hour.index))
figure, ax = plt.subplots(figsize=(6, 2.6))
ax.plot(by_hour.index, 100 * by_hour, "o-")
ax.axvspan(-0.5, 4.5, color="0.9")
ax.text(2, 15, "no flights", ha="center")
ax.set(
    xlabel="hour of departure",
    ylabel="late (%)",
    xticks=range(0, 24, 3),
    ylim=(0, 30),
    title="Delays build up all day: nearly a straight line",
)
plt.show()

# %% [markdown]
# The circle brings nothing here, it even loses a little. Nothing leaves between midnight and 5, so the seam of the number lies where there is no data, and in between the risk rises nearly in a straight line. One sine and cosine can draw one hill and one valley, and no more. One-hot is ahead by a hair: with hundreds of thousands of flights there is enough to learn each hour and day by itself.
#
# > **Tip.** A circle suits a linear model, a smooth curve and data all the way round. Where the curve is bumpy and data are many, take one-hot or a periodic spline. For a tree, leave the number.
#
# ## A position rescaled to [0, 1] changes when the sequence grows
#
# A place in a sequence, such as the stop of a bus or the word in a sentence, does not start again. The usual first idea is to divide it by the last position. Here are the places 0 to 7 in a sequence of 8 and in one of 12.

# %%
places = np.arange(8)
rescaled = pd.DataFrame(
    {
        "position": places,
        "in a sequence of 8": places / 7,
        "in a sequence of 12": places / 11,
    }
)
rescaled.round(3)

# %% [markdown]
# Position 3 is 0.429 in the one and 0.273 in the other; one step is 0.143 or 0.091. "The next one" is never the same number twice, and the last position has to be known before the first can be written. The count itself does not help either: it grows without bound, past anything seen in training.
#
# Vaswani et al. (2017) use several circles that turn at different speeds, like the hands of a clock. Column $2i$ is $\sin(p / 10000^{2i/d})$, column $2i+1$ the cosine. By hand, for $d = 4$:

# %%
d = 4
table = [
    [
        fn(p / 10_000 ** (2 * i / d))
        for i in range(d // 2)
        for fn in (np.sin, np.cos)
    ]
    for p in places
]
positions = SinusoidalPositions(d)
assert np.allclose(positions(8), table)
assert np.array_equal(positions(12)[:8], positions(8))

three_on = positions.shift_matrix(3)
long = positions(500)
assert np.allclose(long[:-3] @ three_on.T, long[3:])
names = positions.get_feature_names_out(["p"])
pd.DataFrame(table, columns=names).round(2).head(4)

# %% [markdown]
# The second assertion is what the rescaled number could not do: in a sequence of 12 the first eight vectors are the same. The third says that a step is the same everywhere. Three places further on is *one* matrix, a rotation of each circle, wherever you start, and a model with weights can learn one matrix.
#
# ## A place on the map becomes waves in all directions
#
# Latitude and longitude are positions too, in two dimensions and without whole numbers. How high is an airport, told only where it is? A plane laid over the United States says little. *Fourier features* (Tancik et al. 2020) draw random frequencies $B$ and give $[\cos 2\pi Bv,\ \sin 2\pi Bv]$; a linear model on them can draw hills. Every fifth airport is kept for judging.

# %%
airports = data.tables["airports"]
inside = (
    airports["lat"].between(24, 50)
    & airports["lon"].between(-125, -66)
    & airports["tz"].between(-8, -5)
)
airports = airports[inside].reset_index(drop=True)
place, height = airports[["lat", "lon"]], airports["alt"]
fifth = np.arange(len(airports)) % 5 == 0


def waves(n_features, scale):
    """Make a linear model on Fourier features."""
    features = FourierFeatures(n_features, scale, random_state=0)
    return make_pipeline(features, Ridge(0.1))


maps = {
    "latitude and longitude": LinearRegression(),
    "200 waves, scale 0.003": waves(200, 0.003),
    "200 waves, scale 0.05": waves(200, 0.05),
    "200 waves, scale 0.5": waves(200, 0.5),
    "five nearest airports": KNeighborsRegressor(5),
}
r2 = {}
for name, model in maps.items():
    model.fit(place[~fifth], height[~fifth])
    r2[name] = model.score(place[fifth], height[fifth])
features = FourierFeatures(20_000, 0.05, random_state=0)
gamma = features.fit_transform(place[:300])
kernel = features.kernel(place[:300])
assert np.abs(gamma @ gamma.T / 10_000 - kernel).max() < 0.05
pd.DataFrame({"share of variance explained": r2}).round(2)

# %% [markdown]
# The scale, in waves per degree, decides everything. At 0.003 the waves are longer than the country; at 0.5 they go up and down between one airport and the next, and the model knows by heart the airports it has seen and nothing between them. In the middle it is as good as the five nearest airports, and it is a formula. The table shows the judges' view of every scale; to *choose* one, cross-validate on the other airports and ask the judges once.
#
# The inner product of two rows of waves, divided by the number of frequencies, estimates a Gaussian kernel, a likeness that fades with distance (Rahimi and Recht 2007); `features.kernel` gives it exactly, and the cell above asserts that they agree.
#
# Move the scale and the number of features. Look for three things: a map too smooth to hold the Rocky Mountains, a map with stripes between the airports, and how more features help only where the scale is right. The dots are the airports it was fitted on. Over the sea there are none: whatever the map shows there, believe nothing of it.

# %%
lat, lon = np.mgrid[25:50:26j, -125:-66:60j]
grid = pd.DataFrame({"lat": lat.ravel(), "lon": lon.ravel()})


def relief(scale, n_features):
    """Draw the height that the waves expect over the country."""
    model = waves(n_features, scale).fit(place[~fifth], height[~fifth])
    r2 = model.score(place[fifth], height[fifth])
    figure, ax = plt.subplots(figsize=(4.4, 2.4))
    image = ax.imshow(
        model.predict(grid).reshape(lat.shape) / 1000,
        origin="lower",
        extent=(-125, -66, 25, 50),
        aspect="auto",
        vmin=0,
        vmax=7,
    )
    seen = place[~fifth]
    ax.plot(seen["lon"], seen["lat"], "w,")
    ax.grid(visible=False)
    figure.colorbar(image, label="height (1,000 feet)")
    ax.set(xlabel="longitude (°)", ylabel="latitude (°)", ylim=(25, 50))
    ax.set_title(f"Explained on the others: {r2:.2f}")
    return figure


explorer = nb.explore(
    relief,
    title="The relief of the United States, from its airports",
    scale=[0.003, 0.05, 0.5],
    n_features=[20, 100, 400],
    start={"scale": 0.05, "n_features": 100},
)
explorer

# %% [markdown]
# ## A network can learn the circle by itself
#
# Everything so far was designed by a person. A *learned embedding* starts from random vectors, one for each value, and moves them until the model's errors are small. Here each hour gets two numbers in `torch.nn.Embedding`, and from them a linear layer has to tell four readings of that hour: mean temperature, humidity, wind and pressure. Nobody tells it the order of the hours.

# %%
readings = ["temp", "humid", "wind_speed", "pressure"]
sound = weather[weather["wind_speed"] < 100].dropna(subset=readings)
means = sound.groupby("hour")[readings].mean()
wanted = torch.tensor(
    ((means - means.mean()) / means.std()).to_numpy(), dtype=torch.float32
)

torch.manual_seed(0)
embedding = torch.nn.Embedding(24, 2)
torch.nn.init.normal_(embedding.weight, std=0.01)
readout = torch.nn.Linear(2, len(readings))
optimizer = torch.optim.Adam(
    [*embedding.parameters(), *readout.parameters()], lr=0.05
)
for _ in range(400):
    optimizer.zero_grad()
    told = readout(embedding(torch.arange(24)))
    loss = ((told - wanted) ** 2).mean()
    loss.backward()
    optimizer.step()

learned = embedding.weight.detach().numpy()
gap = np.linalg.norm(learned[:, None] - learned, axis=2)
np.fill_diagonal(gap, np.inf)
step = np.abs(gap.argmin(axis=1) - np.arange(24))
beside = np.minimum(step, 24 - step) == 1
pd.DataFrame(
    {"hours": [beside.sum(), (~beside).sum()]},
    index=["nearest is the hour before or after", "nearest is another hour"],
)

# %%
# alt: The 24 learned points in the plane, joined in the order of the hours: a closed loop in which 23 lies beside 0.
figure, ax = plt.subplots(figsize=(4, 3.6))
loop = np.append(np.arange(24), 0)
ax.plot(*learned[loop].T, color="0.7", zorder=1)
ax.scatter(*learned.T, s=14, zorder=2)
for hour, (x, z) in enumerate(learned):
    ax.annotate(hour, (x, z), (4, 4), textcoords="offset points", fontsize=9)
ax.set(
    xlabel="first number",
    ylabel="second number",
    title="Learned hours lie in a loop",
)
plt.show()

# %% [markdown]
# The hours lie in a loop, and 23 is beside 0. It is no perfect circle: the hours after midnight sit close together, because the weather hardly changes then. That is what an embedding adds, a distance that fits the task. It also costs: it has to see each value many times, it knows nothing of values it has not seen, and another seed turns the loop around.
#
# ## Check yourself

# %%
nb.quiz(
    (
        "A gradient-boosted tree predicts the demand for taxis from the hour. "
        "A colleague replaces the hour by its sine and cosine. What do you "
        "expect?"
    ),
    {
        "a clear gain: trees cannot see that 23 and 0 are close": (
            "They need not: two leaves with the same value, one on each side "
            "of the seam, do the same."
        ),
        "next to no change": (
            "The tree cuts the day where it likes. The circle saves a cut at "
            "midnight and costs one elsewhere."
        ),
        "an error: trees need whole numbers": (
            "Trees cut any number; they use its order only."
        ),
    },
    answer="next to no change",
)

# %%
nb.quiz(
    "Why does the encoder need sine and cosine, not the sine alone?",
    {
        "the cosine makes the values positive": ("Both run from -1 to 1."),
        "linear models need an even number of columns": (
            "They take any number of columns."
        ),
        "two different hours have the same sine": (
            "Midnight and noon have the sine 0, and every other value but the "
            "top and the bottom occurs twice as well. The pair is unique."
        ),
    },
    answer="two different hours have the same sine",
)

# %% [markdown]
# ## Exercises
#
# ★ The largest hour is 23. Fit `CyclicalEncoder({"hour": 23})` on `weather[["hour"]]` and read the warning. Which two hours are now one point, and how would a model of the temperature at midnight suffer?
#
# ★★ Write `clock_distance(a, b, period)`: the shortest way round from a to b, in the unit of the column. From 23 to 1 it is 2 hours, and so it is from 1 to 23. The check compares it with the angle between the encoder's points.


# %% tags=["exercise"] exercise="ch05-05-clock-distance"
def clock_distance(a, b, period):
    """Return the shortest way round between arrays a and b."""
    ...


# %%
a, b = (m.ravel().astype(float) for m in np.mgrid[0:24:5, 0:24:7])
one, two = (clock.transform(pd.DataFrame({"hour": v})) for v in (a, b))
chord = np.linalg.norm(one.to_numpy() - two.to_numpy(), axis=1)
nb.check(
    "ch05-05-clock-distance",
    clock_distance(a, b, 24),
    np.arcsin(np.minimum(chord / 2, 1)) * 24 / np.pi,
    atol=1e-6,
    mistakes={
        "That is the way on the number line; it may be shorter over "
        "midnight.": abs(a - b),
        "That is always forwards; the way back may be shorter.": (b - a) % 24,
        "That is always backwards; the way on may be shorter.": (a - b) % 24,
        "That is the straight line between the points; follow the "
        "circle.": chord,
    },
)

# %% [markdown] tags=["solution"] exercise="ch05-05-clock-distance"
# <details><summary>Solution</summary>
#
# Go forwards, with the remainder taking care of the seam, or take the rest of the round, whichever is shorter.
#
# ```python
# def clock_distance(a, b, period):
#     """Return the shortest way round between arrays a and b."""
#     forwards = (b - a) % period
#     return np.minimum(forwards, period - forwards)
# ```
#
# </details>

# %% [markdown]
# ★★★ The wind comes from a direction in degrees (`wind_dir`). Should a model that predicts delays get it as a number, on a circle, or as wind along and across each runway? Write down what you would measure, and for which wind speeds the direction means nothing.
#
# ## You have now
#
# - put hour and month on circles: the linear model's error fell from 17.8 to 8.3 °F, with four columns; the tree with 100 leaves stayed at 8.9;
# - seen a circle that brings nothing: for late flights, an area under ROC of 0.641 against 0.648 with plain numbers and 0.651 with one-hot;
# - given positions vectors that do not depend on the length, and found the one matrix that moves them three places on;
# - explained 87 % of the height of airports from waves, where latitude and longitude alone explain 21 %;
# - watched an embedding find the loop of the day: all 24 hours lie nearest to the hour before or after.
#
# **In practice.** The periodic spline of scikit-learn, `SplineTransformer(extrapolation="periodic")`, is the next step when one wave per round is too stiff. Language models today mostly use *rotary* positions: the same rotation, applied to the vectors inside attention (Su et al. 2021). For maps, put latitude and longitude into kilometres first if directions matter, and tune the scale as you would any width of a kernel.
#
# **Read on.** A. Vaswani et al. (2017), *Attention is all you need*. A. Rahimi and B. Recht (2007), *Random features for large-scale kernel machines*. M. Tancik et al. (2020), *Fourier features let networks learn high frequency functions in low dimensional domains*. J. Su et al. (2021), *RoFormer: enhanced transformer with rotary position embedding*.

# %% tags=["claims", "remove-cell"]
rmse = errors["linear"]
nb.claim("24", clock.periods_["hour"])
nb.claim("8.3 °F", rmse["circles"])
nb.claim("17.8", rmse["numbers"])
nb.claim("8.9", rmse["one-hot"])
nb.claim("36", errors["columns"]["one-hot"])
nb.claim("8.9", errors["tree, 100 leaves"]["numbers"])
nb.claim("8.9 °F", errors["tree, 100 leaves"]["circles"])
nb.claim("100", models["tree, 100 leaves"].max_leaf_nodes)
assert errors["columns"]["circles"] == 4
assert (errors["tree, 16 leaves"] - errors.loc["numbers"]["tree, 16 leaves"])[
    "circles"
] > -0.1
assert rmse["circles"] < rmse["periodic splines"] < rmse["one-hot"]
nb.claim("26", len(weather[~test]["time_hour"].dt.day_of_year.unique()) / 7)
nb.claim("30", flights.loc[late, "arr_delay"].min())
nb.claim("0.5", roc_auc_score(late, np.zeros(len(late))))
nb.claim("0.641", auc["circles"])
nb.claim("0.648", auc["numbers"])
nb.claim("0.651", auc["one-hot"])
nb.claim("5 %", by_hour[5])
nb.claim("28 %", by_hour.max())
assert night == [0, 1, 2, 3, 4]
nb.claim("23", by_hour.index.max())
nb.claim("12", round(1 / rescaled["in a sequence of 12"][1]) + 1)
nb.claim("0.429", rescaled["in a sequence of 8"][3])
nb.claim("0.273", rescaled["in a sequence of 12"][3])
nb.claim("0.143", rescaled["in a sequence of 8"][1])
nb.claim("0.091", rescaled["in a sequence of 12"][1])
nb.claim("11", hours[by_hand["from 23, on the circle"].argmax()])
nb.claim("0.003", maps["200 waves, scale 0.003"][0].scale)
nb.claim("87 %", r2["200 waves, scale 0.05"])
nb.claim("21 %", r2["latitude and longitude"])
assert abs(r2["five nearest airports"] - r2["200 waves, scale 0.05"]) < 0.03
assert r2["200 waves, scale 0.5"] < 0.1
nb.claim("24", beside.sum())
assert gap[0].argmin() == 23
assert gap[1, 3] < gap[7, 9]
