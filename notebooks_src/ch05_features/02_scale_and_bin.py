# %% [markdown]
# # Scale and bin a column, and look at the edges
#
# *17 minutes · data: diamonds, flights*
#
# **You will** give a linear model the weight of a diamond in six shapes, find out which of them are worth having, and see what each does with a stone heavier than all stones it has learned from.
#
# **You will learn to**
#
# - say which models notice a change of scale, and which cannot;
# - choose a log because it straightens a line, not because it removes a skew;
# - measure what bins buy, and what they cost at every edge;
# - predict what a scaler, a bin and a spline do outside the training range.
#
# **You need** linear regression, scikit-learn pipelines, and logarithms.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.compose import TransformedTargetRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    MinMaxScaler,
    PowerTransformer,
    QuantileTransformer,
    SplineTransformer,
    StandardScaler,
)
from sklearn.tree import DecisionTreeRegressor

from mlworkbench import datasets
from mlworkbench import notebook as nb

nb.setup()

# %% [markdown]
# ## A jeweller wants a price formula
#
# A jeweller asks for a formula for the till: weight in, usual price out. The till can add and multiply, so the model has to be linear in the columns it gets; the columns may be anything you can compute from the weight. She sells stones under 2 carats (a carat is a fifth of a gram). We fit on seven stones in ten, and judge on the rest. Heavier stones are put aside for later.

# %%
stones = datasets.load("diamonds").frame.drop_duplicates()
light = stones[stones["carat"] < 2]
heavy = stones[stones["carat"] >= 2]
train, test = train_test_split(light, test_size=0.3, random_state=0)
X, price = train[["carat"]], train["price"]
pd.DataFrame(
    {
        "stones": [len(train), len(test), len(heavy)],
        "median price ($)": [
            part["price"].median() for part in (train, test, heavy)
        ],
    },
    index=["to fit", "to judge", "put aside"],
).astype(int)

# %% [markdown]
# Most stones are small and a few are large: the weights have a *skew* of 0.66, where 0 is symmetric. Of the logarithm of the weight, the skew is -0.01. "Take the log of a skewed column" is advice that you will find everywhere.

# %%
guess = nb.predict(
    "ch05-02-log-of-carat",
    (
        "A straight line from carat to price is off by 941 dollars on "
        "average. How far off is a straight line from log carat to price?"
    ),
    options=[
        "about 500 dollars",
        "about 700 dollars",
        "about 940 dollars: the log keeps the order",
        "about 1,300 dollars",
    ],
    why=(
        "Price rises faster and faster with weight. The log makes equal "
        "steps of heavy weights smaller, so price bends up even more. "
        "The line needs a straight relation; it does not ask for a "
        "symmetric column."
    ),
)
guess

# %% [markdown]
# ## Four ways to write down the same six weights
#
# - **Standardise**: take off the mean, divide by the standard deviation.
# - **Min-max**: put the smallest at 0 and the largest at 1.
# - **Log**: equal *factors* become equal steps.
# - **Bins**: write down only which of three groups the stone is in. Here the edges are put so that each group gets the same number of stones.

# %%
six = pd.DataFrame({"carat": [0.3, 0.4, 0.5, 0.7, 1.0, 1.9]})
c = six["carat"].to_numpy()
spread = np.sqrt(((c - c.mean()) ** 2).mean())
edges = np.array([0.45, 0.85])
by_hand = six.assign(
    standardised=(c - c.mean()) / spread,
    min_max=(c - c.min()) / (c.max() - c.min()),
    log=np.log(c),
    bin=(c[:, None] >= edges).sum(axis=1),
)


def bins(k, strategy="quantile", encode="onehot"):
    """Make bins; the method says what to do when an edge meets a value."""
    return KBinsDiscretizer(
        k,
        strategy=strategy,
        encode=encode,
        quantile_method="averaged_inverted_cdf",
    )


library = {
    "standardised": StandardScaler(),
    "min_max": MinMaxScaler(),
    "log": FunctionTransformer(np.log),
    "bin": bins(3, encode="ordinal"),
}
for name, transformer in library.items():
    same = np.ravel(transformer.fit_transform(six))
    assert np.allclose(same, by_hand[name])
assert np.allclose(library["bin"].bin_edges_[0][1:-1], edges)
by_hand.round(2)

# %% [markdown]
# scikit-learn gives the same numbers. Each transformer has *learned* something that it will reuse for the next stone: a mean and a spread, two ends, or two edges. Only the log learns nothing.
#
# ## A line does not notice its scale; neighbours live by it
#
# Standardise the weight, and least squares divides its coefficient by what you multiplied the column with. The predictions stay the same. So we look for a model that does notice, and for two columns with different units: will a flight be 30 minutes late, from its hour (spread 4.7) and its distance (spread 728 miles)? We fit on even weeks; the score is the area under ROC in odd weeks, where 0.5 is guessing.

# %%
line = LinearRegression().fit(X, price)
scaled_line = make_pipeline(StandardScaler(), LinearRegression())
scaled_line.fit(X, price)
assert np.allclose(
    line.predict(test[["carat"]]), scaled_line.predict(test[["carat"]])
)

flights = datasets.load("flights").frame.dropna(subset=["arr_delay"])
sample = flights.sample(16_000, random_state=0)
odd = (sample["time_hour"].dt.day_of_year - 1) // 7 % 2 == 1
plan = sample[["hour", "distance"]].astype(float)
late = sample["arr_delay"] >= 30
models = {
    "200 nearest flights": KNeighborsClassifier(200),
    "logistic regression": LogisticRegression(max_iter=1_000),
}
scalers = {
    "as they are": "passthrough",
    "standardised": StandardScaler(),
    "min-max": MinMaxScaler(),
}
auc = pd.DataFrame(index=scalers, columns=models, dtype=float)
for name, scaler in scalers.items():
    for kind, model in models.items():
        pipeline = make_pipeline(scaler, model)
        pipeline.fit(plan[~odd], late[~odd])
        prob = pipeline.predict_proba(plan[odd])[:, 1]
        auc.loc[name, kind] = roc_auc_score(late[odd], prob)
in_bins = make_pipeline(bins(10), models["logistic regression"])
prob = in_bins.fit(plan[~odd], late[~odd]).predict_proba(plan[odd])[:, 1]
auc.loc["ten bins each"] = [np.nan, roc_auc_score(late[odd], prob)]
auc.round(3).astype(object).where(auc.notna(), "–")

# %% [markdown]
# Unscaled, an hour counts as much as a mile, so the "nearest" flights are those that go equally far, at any time of day. Scaled, the neighbours are nearly as good as the logistic model: 0.658 instead of 0.612. The logistic model stays at 0.662. (It has a penalty on its coefficients, and a penalty does depend on the scale; here it is too weak to show.) Rule: scale for distances, penalties and gradient descent. For plain least squares it changes only how the coefficients read.
#
# The last row is a warning for later. Ten bins for each column *cost* the logistic model a little, because the risk of a delay rises nearly in a straight line with the hour. Bins can buy only what a line cannot do.
#
# ## The log must straighten the line
#
# Now the jeweller's formula, in six shapes. "Log price" means that the line predicts the log, and the exponential turns it back into dollars. `PowerTransformer` and `QuantileTransformer` look for a bell shape by themselves.

# %%


def log_carat():
    """Make a step that takes the log."""
    return FunctionTransformer(np.log, feature_names_out="one-to-one")


def for_log_price(model):
    """Let a model predict the log of the price, and turn it back."""
    return TransformedTargetRegressor(model, func=np.log, inverse_func=np.exp)


def judge(model, part):
    """Say how far off the predicted prices are."""
    gap = model.predict(part[["carat"]]) - part["price"]
    return {
        "off on average ($)": gap.abs().mean(),
        "half are off by less than (%)": (
            100 * (gap.abs() / part["price"]).median()
        ),
        "total of all prices (%)": 100
        + 100 * gap.sum() / part["price"].sum(),
    }


formulas = {
    "carat": LinearRegression(),
    "log carat": make_pipeline(log_carat(), LinearRegression()),
    "power of carat": make_pipeline(PowerTransformer(), LinearRegression()),
    "quantile of carat": make_pipeline(
        QuantileTransformer(output_distribution="normal", random_state=0),
        LinearRegression(),
    ),
    "carat → log price": for_log_price(LinearRegression()),
    "log carat → log price": for_log_price(
        make_pipeline(log_carat(), LinearRegression())
    ),
}
for formula in formulas.values():
    formula.fit(X, price)
shapes = pd.DataFrame(
    {name: judge(formula, test) for name, formula in formulas.items()}
).T
shapes.round(1)

# %%
off = shapes["off on average ($)"]
guess.reveal(
    "about 1,300 dollars", measured=f"{off['log carat']:,.0f} dollars"
)

# %%
# alt: Median price by weight: against log carat the dots bend upwards away from the line, on two log axes they lie along a straight line.
every = test.groupby(test["carat"].round(1))["price"].median().loc[0.3:1.9]
figure, axes = plt.subplots(1, 2, figsize=(8, 3), sharex=True)
panels = {
    "log carat": "Skew gone, and bent more",
    "log carat → log price": "Straight",
}
grid = pd.DataFrame({"carat": np.linspace(0.3, 1.95, 100)})
for ax, (name, title) in zip(axes, panels.items(), strict=True):
    ax.plot(
        every.index, every, "o", color="0.6", label="median of test stones"
    )
    ax.plot(grid["carat"], formulas[name].predict(grid), label="formula")
    ax.set(
        xscale="log",
        xlabel="carat (log axis)",
        ylabel="price ($)",
        title=title,
    )
    ax.set_xticks([0.3, 0.5, 1, 2], ["0.3", "0.5", "1", "2"])
    ax.minorticks_off()
axes[1].set(yscale="log", ylabel="price ($, log axis)")
axes[1].set_yticks([500, 2_000, 8_000], ["500", "2,000", "8,000"])
axes[1].minorticks_off()
figure.legend(
    *axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2
)
plt.show()

# %% [markdown]
# The log of the weight alone makes the formula *worse*, and so do the two automatic transformers. With both logs the relation is straight: prices go with a power of the weight, here 1.7. Half of all prices are now off by less than 17 %, where the plain line has 29 %.
#
# The log has a price of its own, in the last column: the total is 4 % too low. The exponential of a mean log is closer to the median than to the mean, and prices have a long upper tail. The usual repair is one factor, the mean of `exp(residual)` in the training rows (Duan 1983).

# %%
both = formulas["log carat → log price"]
residual = np.log(price) - np.log(both.predict(X))
smear = np.exp(residual).mean()
repaired = both.predict(test[["carat"]]).sum() * smear
pd.DataFrame(
    {
        "factor": [1.0, smear],
        "total of all prices (%)": [
            shapes.loc["log carat → log price", "total of all prices (%)"],
            100 * repaired / test["price"].sum(),
        ],
    },
    index=["as fitted", "with Duan's factor"],
).round(2)

# %% [markdown]
# ## Bins buy a curve with steps, a spline one without
#
# Bins let a linear model follow any curve: each bin has a price of its own. More bins follow more closely. A *spline* puts smooth bumps where the bins were, and so follows a curve that has no steps.

# %%


def spline(knots, extrapolation="constant"):
    """Make a smooth curve with knots at quantiles, as many as asked."""
    return SplineTransformer(
        knots,
        knots="quantile",
        extrapolation=extrapolation,
        include_bias=False,
    )


encoders = {
    "equal counts": bins,
    "equal widths": lambda k: bins(k, "uniform"),
    "spline": spline,
}
fitted = {
    (name, k): make_pipeline(make(k), LinearRegression()).fit(X, price)
    for name, make in encoders.items()
    for k in (4, 10, 20)
}
binned = pd.Series(
    {key: judge(m, test)["off on average ($)"] for key, m in fitted.items()}
)
binned.unstack(0)[list(encoders)].rename_axis("bins or knots").round(
    0
).astype(int)

# %% [markdown]
# Four bins are worse than the plain line (941 dollars). Ten or more are better, and four knots of a spline are ahead of ten bins. Where is the loss of the bins? At their edges. Take the ten bins of equal counts, and two stones that are nearly the same: one just below an edge, one just above. How much more does the formula ask for the second, and how much more do sellers ask, comparing stones within 0.03 carat on each side? (The second is an upper limit: part of it is the weight.)

# %%
ten = fitted["equal counts", 10]
edge = ten[0].bin_edges_[0][1:-1]
step, close = [], 0.03
for e in edge:
    beside = pd.DataFrame({"carat": [e - 0.005, e]})
    below, above = ten.predict(beside)
    near = stones[(stones["carat"] - e).abs().round(3) <= close]
    over = near["carat"] >= e
    step.append(
        {
            "edge (carat)": e,
            "step in the formula ($)": above - below,
            "step in the prices ($)": near.loc[over, "price"].mean()
            - near.loc[~over, "price"].mean(),
            "stones below": (~over).sum(),
            "stones above": over.sum(),
        }
    )
steps = pd.DataFrame(step).set_index("edge (carat)")
steps.index = steps.index.map("{:.2f}".format)
steps.round(0).astype(int)

# %% [markdown]
# At the last edge the formula asks thousands of dollars more for a stone that hardly differs. A customer who holds both stones will ask why. Yet one step is mostly real, at exactly one carat, and about half of the one at 0.70. Few stones weigh a little less than a full carat, and those cost clearly less; "one carat" is a threshold of the trade. An edge that the world has made belongs into the model. An edge that a quantile has made is an accident of your training rows.
#
# ## Move the bins, and look where it hurts
#
# Each formula was fitted below 2 carats. Look for three things: near one carat, which curve follows the real step; how many bins it takes before the steps are small; and, beyond 2 carats, what each curve does where it has seen nothing.

# %%
views = {
    "around 1 carat": (0.85, 1.2, 0.01, 8_000),
    "beyond 2 carats": (1.5, 3.1, 0.1, 19_000),
}


def look(bins_or_knots, encoding, where):
    """Draw one formula in one range of weights."""
    start, end, width, top = views[where]
    seen = pd.concat([test, heavy])
    seen = seen[seen["carat"].between(start, end)]
    model = fitted[encoding, bins_or_knots]
    group = (seen["carat"] / width).round() * width
    dots = seen.groupby(group)["price"].agg(["mean", "size"])
    dots = dots[dots["size"] >= 5]["mean"]
    curve = pd.DataFrame({"carat": np.linspace(start, end, 351)})
    figure, ax = plt.subplots(figsize=(5, 2.8))
    ax.plot(dots.index, dots, "o", color="0.6", label="mean of new stones")
    ax.plot(curve["carat"], model.predict(curve), label="formula")
    if end > 2:
        ax.axvline(2, color="C1", ls="--", label="training ends")
    off = judge(model, seen)["off on average ($)"]
    ax.set(
        xlabel="carat",
        ylabel="price ($)",
        ylim=(0, top),
        title=f"Off by {off:,.0f} dollars on average here",
    )
    figure.legend(loc="outside lower center", ncols=3)
    return figure


explorer = nb.explore(
    look,
    title="The formula at its edges",
    bins_or_knots=[4, 10, 20],
    encoding=list(encoders),
    where=list(views),
    start={"bins_or_knots": 10},
)
explorer

# %% [markdown]
# ## Outside the training range, the encoding decides
#
# The shop now takes in heavy stones. First, what the transformers say of 3 carats, and then what the formulas ask. Nothing warns: every number below is a valid output.

# %%
three = pd.DataFrame({"carat": [3.0]})
outside = {
    "min-max (training: 0 to 1)": MinMaxScaler(),
    "quantile (training: 0 to 1)": QuantileTransformer(random_state=0),
    "bin (training: 0 to 9)": bins(10, encode="ordinal"),
}
pd.DataFrame(
    {
        "3 carats become": {
            name: t.fit(X).transform(three)[0, 0]
            for name, t in outside.items()
        }
    }
).round(2)

# %%
shown = {
    "line": line,
    "both logs": both,
    "10 bins": ten,
    "spline, constant": fitted["spline", 10],
    "spline, linear": make_pipeline(spline(10, "linear"), LinearRegression()),
    "spline, continued": make_pipeline(
        spline(10, "continue"), LinearRegression()
    ),
}
weights = [1.5, 2.0, 2.5, 3.0, 4.0]
columns = [*(f"{w} carat" for w in weights), "off on average"]
beyond = pd.DataFrame(index=shown, columns=columns, dtype=float)
for name, model in shown.items():
    model.fit(X, price)
    told = model.predict(pd.DataFrame({"carat": weights}))
    beyond.loc[name] = [*told, judge(model, heavy)["off on average ($)"]]
asked = [
    stones.loc[(stones["carat"] - w).abs().round(3) <= 0.05, "price"].median()
    for w in weights
]
beyond.loc["median of what is asked"] = [*asked, np.nan]
rounded = beyond.round(-2).astype("Int64").astype(object)
rounded.where(beyond.notna(), "–").rename_axis("dollars")

# %% [markdown]
# - **Min-max** goes on past 1, and the line with it. Code that trusts "between 0 and 1" breaks at the first heavy stone.
# - **Bins** and **quantiles** clip: a stone of 4 carats costs what the last bin costs, much too little.
# - **Both logs** go on bending up, and ask three times the usual price at 4 carats.
# - **Splines** do what you tell them. Constant is the default, and clips. Linear follows the slope at the last knot, and nothing holds that slope steady: with ten knots it points down, and the shop would pay its customers; with six it points up. Continuing the cubic is worse.
#
# On all heavy stones together (last column) the plain line is best, which was the worst of these below 2 carats. That is no merit: this seller's list ends at 18,823 dollars, so heavy stones are in it only when they are cheap ones. The data cannot tell you the right shape where there are none. What you can do is count the rows outside the training range, and flag them or refuse to answer.
#
# ## A tree sees only the order
#
# A tree asks "is it above this value?". A transformation that keeps the order keeps every question. The same tree with 50 leaves, fitted to 1,000 stones with three columns:

# %%
columns = ["carat", "depth", "table"]
few = train.iloc[:1_000]


def tree(step):
    """Fit a tree of 50 leaves after a step."""
    leaves = DecisionTreeRegressor(max_leaf_nodes=50, random_state=0)
    return make_pipeline(step, leaves).fit(few[columns], few["price"])


plain = tree("passthrough")
changed = {}
for name, scaler in {
    "standardised": StandardScaler(),
    "log": log_carat(),
    "power": PowerTransformer(),
    "10 bins of equal width": bins(10, "uniform", "ordinal"),
}.items():
    other = tree(scaler)
    moved = [
        other.predict(part[columns]) != plain.predict(part[columns])
        for part in (few, test)
    ]
    changed[name] = [moved[0].sum(), round(100 * moved[1].mean())]
changed = pd.DataFrame(
    changed,
    index=["training predictions changed", "test predictions changed (%)"],
).T
changed

# %% [markdown]
# On the training stones not one prediction changes, to the last digit. On new stones fewer than one in a hundred do: a tree puts its threshold halfway between two training values, and halfway between logs is elsewhere. Between 1 and 4 the threshold is 2.5; between their logs it stands for 2. A new stone in such a gap can change sides. Bins do change the tree, because they merge values: the order is no longer all there.
#
# ## The scale is learned from training rows, though the leak is small
#
# A scaler fitted on all rows has seen the test rows. How much does that flatter? Below, 200 times: small samples, three nearest neighbours on the same three columns, the scaler fitted once on the training half, and once on both halves.

# %%
rng = np.random.default_rng(0)
table, asked_price = light[columns].to_numpy(), light["price"].to_numpy()
leaks = {}
for n in (10, 100):
    errors = []
    for _ in range(200):
        rows = rng.choice(len(light), 2 * n, replace=False)
        a, b = rows[:n], rows[n:]
        pair = []
        for fit_on in (a, rows):
            scaler = StandardScaler().fit(table[fit_on])
            knn = KNeighborsRegressor(3)
            knn.fit(scaler.transform(table[a]), asked_price[a])
            told = knn.predict(scaler.transform(table[b]))
            pair.append(np.abs(told - asked_price[b]).mean())
        errors.append(pair)
    honest, leaky = np.array(errors).T
    gain = honest - leaky
    leaks[n] = {
        "off, honest ($)": honest.mean(),
        "flattered by ($)": gain.mean(),
        "standard error": gain.std(ddof=1) / np.sqrt(len(gain)),
    }
leaks = pd.DataFrame(leaks).T.rename_axis("training stones")
leaks.round(0).astype(int)

# %% [markdown]
# With 10 training stones the leak flatters by 4 %; with 100 nothing can be told from chance. A mean and a spread are two numbers, and hard to cheat with. Fit the scaler inside the pipeline all the same: it costs nothing, it is right at every size, and the same pipeline will one day hold a step that looks at the target, where the leak can be large (the notebook on categories shows one).
#
# > **Tip.** A log needs values above 0. A delay can be negative: `PowerTransformer` has a shape for it (Yeo and Johnson 2000). Ask first whether the line needs it.
#
# ## Check yourself

# %%
nb.quiz(
    (
        "Income is very skewed. You are about to fit gradient-boosted "
        "trees. A colleague wants its log first. What changes?"
    ),
    {
        "the trees fit much better without the skew": (
            "A tree asks only whether a value is above a threshold; the "
            "log keeps the order."
        ),
        "next to nothing": (
            "All training rows fall on the same sides. Only a new value "
            "between two training values may change sides."
        ),
        "the trees fail on large incomes": (
            "They clip beyond the training range, with the log and "
            "without it."
        ),
    },
    answer="next to nothing",
)

# %%
nb.quiz(
    (
        "In production 3 % of the rows lie above the largest training "
        "value. The model uses ten quantile bins. What will you see?"
    ),
    {
        "an error: there is no bin for them": (
            "The transformer clips in silence. An error would be kinder."
        ),
        "missing predictions for these rows": (
            "Every row gets a bin, so every row gets a prediction."
        ),
        "ordinary predictions, those of the last bin": (
            "Nothing looks odd. Only a count of rows outside the training "
            "range shows it."
        ),
    },
    answer="ordinary predictions, those of the last bin",
)

# %% [markdown]
# ## Exercises
#
# ★ Put the width `y` of all `stones`, in mm, through `MinMaxScaler`. How large is the median stone now? Look at the largest width, and say what one mistyped stone does to the others.
#
# ★★ Write `standardise(train, new)`: for arrays with rows and columns, return `new` with the mean of each column of `train` taken off, divided by the standard deviation of that column of `train`. A column of `train` without any spread is only shifted, not divided. The check compares you with `StandardScaler`.


# %% tags=["exercise"] exercise="ch05-02-standardise"
def standardise(train, new):
    """Return new on the scale of train, column by column."""
    ...


# %%
def as_library(train, new):
    """Let StandardScaler do it."""
    return StandardScaler().fit(train).transform(new)


seen = np.array([[1.0, 7, 5], [3, 9, 5], [5, 2, 5], [5, 6, 5]])
unseen = np.array([[9.0, 7, 5], [3, 1, 6]])


def without_guard(train, new):
    """Divide by the spread even where it is 0."""
    with np.errstate(all="ignore"):
        return (new - train.mean(axis=0)) / train.std(axis=0)


nb.check(
    "ch05-02-standardise",
    standardise,
    as_library,
    cases=[(seen, unseen)],
    mistakes={
        "The new rows set their own scale: learn mean and spread from "
        "train.": lambda train, new: as_library(new, new),
        "That spread divides by n - 1; StandardScaler divides by n "
        "(ddof=0).": lambda train, new: (
            (new - train.mean(axis=0))
            / np.where(
                np.ptp(train, axis=0) > 0, train.std(axis=0, ddof=1), 1
            )
        ),
        "You divide by the variance; take its root.": lambda train, new: (
            (new - train.mean(axis=0))
            / np.where(np.ptp(train, axis=0) > 0, train.var(axis=0), 1)
        ),
        "One column of train has no spread: do not divide by 0, only shift "
        "it.": without_guard,
        "One mean for the whole table: work column by column "
        "(axis=0).": lambda train, new: (new - train.mean()) / train.std(),
    },
)

# %% [markdown] tags=["solution"] exercise="ch05-02-standardise"
# <details><summary>Solution</summary>
#
# Everything is learned from `train`; a spread of 0 becomes 1, so that nothing is divided by 0.
#
# ```python
# def standardise(train, new):
#     """Return new on the scale of train, column by column."""
#     spread = train.std(axis=0)
#     spread = np.where(spread == 0, 1, spread)
#     return (new - train.mean(axis=0)) / spread
# ```
#
# </details>

# %% [markdown]
# ★★★ A bank bins income at its quantiles and fits the edges anew each month. An applicant's income has not changed, and her score has. Who should choose the edges, how often, and what would you tell her? Write down what you gain and lose with edges that never move.
#
# ## You have now
#
# - scaled a line without any effect, and 200 nearest flights with much: an area under ROC of 0.658 instead of 0.612;
# - seen a log that removes all skew make the formula worse (1,302 dollars off instead of 941), and two logs that straighten it make it better (754), with a total 4 % too low that one factor brings to 99 %;
# - used ten bins (817 dollars) and a spline (766). At its last edge the bins' formula steps up by 3,719 dollars, where prices rise by 374 at most; at one carat the step is mostly real;
# - gone outside the training range: clipped at 10,200 dollars by bins, run up to 50,100 by two logs, below zero by a spline;
# - changed the shape of the columns under a tree without moving one training prediction, and measured the leak of a scaler: 4 % with 10 stones, none to be seen with 100.
#
# **In practice.** Give each column its own shape with `ColumnTransformer`, keep it in the pipeline, and store the smallest and largest training value beside it; the share of rows outside is one of the first numbers to watch. Prefer splines to bins where nothing in the world has an edge. Where a rule has one (a tax band, a full carat), write the edge down yourself.
#
# **Read on.** G. E. P. Box and D. R. Cox (1964), *An analysis of transformations*. N. Duan (1983), *Smearing estimate: a nonparametric retransformation method*. P. H. C. Eilers and B. D. Marx (1996), *Flexible smoothing with B-splines and penalties*. P. Royston, D. G. Altman and W. Sauerbrei (2006), *Dichotomizing continuous predictors in multiple regression: a bad idea*.

# %% tags=["claims", "remove-cell"]
nb.claim("2", light["carat"].max() + 0.01)
nb.claim("0.66", train["carat"].skew())
nb.claim("-0.01", np.log(train["carat"]).skew())
nb.claim("941", off["carat"])
nb.claim("1,302", off["log carat"])
nb.claim("754", off["log carat → log price"])
assert off[["power of carat", "quantile of carat"]].min() > off["carat"]
nb.claim("4.7", plan["hour"].std())
nb.claim("728", plan["distance"].std())
nb.claim("30", sample["arr_delay"][late].min())
nb.claim("0.5", roc_auc_score(late, np.zeros(len(late))))
neighbours, logistic = auc["200 nearest flights"], auc["logistic regression"]
nb.claim("200", models["200 nearest flights"].n_neighbors)
nb.claim("0.658", neighbours["standardised"])
nb.claim("0.612", neighbours["as they are"])
nb.claim("0.662", logistic["as they are"])
assert np.ptp(logistic.iloc[:3]) < 0.0005
assert logistic["ten bins each"] < logistic["as they are"] - 0.001
nb.claim("1.7", both.regressor_[-1].coef_[0])
half = shapes["half are off by less than (%)"]
nb.claim("17 %", half["log carat → log price"] / 100)
nb.claim("29 %", half["carat"] / 100)
total = shapes.loc["log carat → log price", "total of all prices (%)"]
nb.claim("4 %", 1 - total / 100)
nb.claim("99 %", repaired / test["price"].sum())
assert binned["equal counts", 4] > off["carat"]
assert binned["equal widths", 4] > off["carat"]
assert binned.drop([("equal counts", 4), ("equal widths", 4)]).max() < 900
assert binned["spline", 4] < binned["equal counts", 10]
nb.claim("817", binned["equal counts", 10])
nb.claim("766", binned["spline", 10])
formula_step = steps["step in the formula ($)"]
real_step = steps["step in the prices ($)"]
nb.claim("3,719", formula_step.iloc[-1])
nb.claim("374", real_step.iloc[-1])
assert real_step["1.00"] > 0.8 * formula_step["1.00"]
assert real_step.drop(["0.70", "1.00"]).max() < 400
assert steps["stones below"]["1.00"] < 0.05 * steps["stones above"]["1.00"]
nb.claim("0.03", close)
assert 0.4 < real_step["0.70"] / formula_step["0.70"] < 0.6
nb.claim("0.70", edge[4])
at_four = beyond["4.0 carat"]
nb.claim("10,200", round(at_four["10 bins"], -2))
nb.claim("50,100", round(at_four["both logs"], -2))
assert 3 < at_four["both logs"] / at_four.iloc[-1] < 3.5
assert at_four["spline, linear"] < 0
assert at_four["spline, continued"] < at_four["spline, linear"]
assert beyond["off on average"].iloc[:-1].idxmin() == "line"
six_knots = make_pipeline(spline(6, "linear"), LinearRegression())
rise = six_knots.fit(X, price).predict(pd.DataFrame({"carat": [2.0, 3.0]}))
assert rise[1] > rise[0]
assert off["carat"] > max(binned["spline", 10], binned["equal counts", 10])
nb.claim("18,823", stones["price"].max())
nb.claim("50", plain[-1].get_n_leaves())
nb.claim("1,000", len(few))
assert (changed.iloc[:3, 0] == 0).all()
assert (changed.iloc[:3, 1] == 0).all()
assert changed.iloc[3, 0] > 900
halfway = DecisionTreeRegressor().fit([[1], [4]], [0, 1]).tree_.threshold[0]
nb.claim("2.5", halfway)
flattered = leaks["flattered by ($)"]
nb.claim("4 %", (flattered / leaks["off, honest ($)"])[10])
assert flattered[100] < 2 * leaks["standard error"][100]
nb.claim("100", leaks.index[1])
assert flattered[10] > 2 * leaks["standard error"][10]
