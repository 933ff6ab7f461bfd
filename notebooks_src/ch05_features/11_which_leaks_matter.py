# %% [markdown]
# # Measure which leaks matter
#
# *18 minutes · data: flights, hmda, diamonds*
#
# **You will** make the best-known leaks on purpose, on four data sets and ten random splits each, and measure by how much each of them flatters a model.
#
# **You will learn to**
#
# - measure a leak by a fair twin: the same split, the same model, the leak taken out;
# - sort leaks by what flows: values, answers, whole rows, or the days around a row;
# - decide which of two leaks to repair first, and which published score to doubt.
#
# **You need** ROC AUC, a train/test split, scaling (notebook 2) and target encoding (notebook 3).

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.datasets import load_breast_cancer
from sklearn.feature_selection import SelectKBest, f_classif
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import StandardScaler, TargetEncoder
from sklearn.tree import DecisionTreeClassifier

from mlworkbench import datasets
from mlworkbench import notebook as nb
from mlworkbench.leakage import check_duplicates, check_preprocessing

nb.setup()

# %% [markdown]
# ## Six reports to check, one afternoon
#
# You review the models of six teams before they go live. Each notebook has one leak, and each is of another kind: a scaler fitted on all rows, columns chosen on all rows, copies of test rows in training, and so on. There is time to have two of them redone this week. Which two?
#
# The data: flights 30 minutes late, mortgages denied, diamonds whose cut is "Ideal", and tumours that are malignant. From each, 1,000 rows are drawn (there are only 569 tumours); half of them train, half test.

# %%
flight_data = datasets.load("flights")
weather = ["temp", "dewp", "humid", "wind_speed", "precip", "visib"]
sky = flight_data.tables["weather"][["origin", "time_hour", *weather]]
flights = flight_data.frame.merge(sky, on=["origin", "time_hour"])
flights = flights.dropna(subset=[*weather, "arr_delay", "tailnum"])
flights = flights.reset_index(drop=True)
late = (flights["arr_delay"] >= 30).to_numpy().astype(int)

loans = datasets.load("hmda").frame
stones = datasets.load("diamonds").frame.drop_duplicates()
tumours = load_breast_cancer()
sets = {
    "flights": (flights[["hour", "distance", *weather]], late),
    "hmda": (loans.drop(columns=["deny", "afam"]), loans["deny"]),
    "diamonds": (
        stones[["carat", "depth", "table", "x", "y", "z"]],
        stones["cut"] == "Ideal",
    ),
    "breast cancer": (tumours.data, tumours.target == 0),
}
sets = {
    name: (np.asarray(X, dtype=float), np.asarray(y, dtype=int))
    for name, (X, y) in sets.items()
}
pd.DataFrame(
    {
        "rows": [len(y) for _, y in sets.values()],
        "columns": [X.shape[1] for X, _ in sets.values()],
        "positive (%)": [round(100 * y.mean()) for _, y in sets.values()],
    },
    index=list(sets),
)

# %% [markdown]
# ## By hand: a scaler that has seen the test rows
#
# Six temperatures, four to train and two, hot ones, to test. The mean over all six is not the mean of the four. So every *training* value moves, because of rows that training should not know.

# %%
temperature = pd.DataFrame({"temp": [40.0, 50.0, 60.0, 70.0, 90.0, 98.0]})
train_rows = np.arange(4)
four = temperature.loc[train_rows, "temp"]
moved = temperature["temp"].mean() - four.mean()
pd.DataFrame(
    {
        "train only": four - four.mean(),
        "all rows": four - temperature["temp"].mean(),
    }
)

# %%
report = check_preprocessing(
    lambda frame: frame - frame.mean(), temperature, train_rows
)
proof = report.rows("preprocessing on both")
dropped = proof[proof["seen with"] == "test rows dropped"].iloc[0]
assert not report.ok
assert np.isclose(dropped["largest change"], moved)
proof.round(3)

# %% [markdown]
# `check_preprocessing` runs the function with and without the test rows and finds the same 13 degrees. That is *proof* that something flows, in all four rows. It does not say how much the score gains.

# %%
guess = nb.predict(
    "ch05-11-scaler",
    (
        "A scaler is fitted on all 1,000 rows and not on the 500 of training. "
        "By how much does that lift the AUC (1 point = 0.01), on average "
        "over the four data sets?"
    ),
    options=[
        "by more than 5 points",
        "by 1 to 5 points",
        "by less than 1 point, but surely upwards",
        "by nothing that ten splits can show",
    ],
    why=(
        "A mean of 1,000 rows and a mean of 500 are nearly the same "
        "number, and neither knows which rows are positive."
    ),
)
guess

# %% [markdown]
# ## Every leak gets a fair twin
#
# Each function below prepares a split in two ways: `leaky=False` learns from the training rows, `leaky=True` makes the mistake. To know the truth, we plant what the mistake feeds on. A fifth of all values is erased for the imputer; 500 columns of pure noise stand beside the real ones for the selection; a code without any meaning is there for the target encoding.


# %%
ROWS, NOISE, KEPT = 1_000, 500, 20


def on_train(X, train, test):
    """Scale fairly: with means and spreads of the training rows."""
    scaler = StandardScaler().fit(X[train])
    return scaler.transform(X[train]), scaler.transform(X[test])


def scaler(X, y, train, test, leaky, rng):
    seen = np.r_[train, test] if leaky else train
    step = StandardScaler().fit(X[seen])
    return (
        step.transform(X[train]),
        y[train],
        step.transform(X[test]),
        y[test],
    )


def imputer(X, y, train, test, leaky, rng):
    X = np.where(rng.random(X.shape) < 0.2, np.nan, X)
    seen = np.r_[train, test] if leaky else train
    A, B = on_train(SimpleImputer().fit(X[seen]).transform(X), train, test)
    return A, y[train], B, y[test]


def selection(X, y, train, test, leaky, rng):
    X = np.hstack([X, rng.normal(size=(len(X), NOISE))])
    seen = np.r_[train, test] if leaky else train
    step = SelectKBest(f_classif, k=KEPT).fit(X[seen], y[seen])
    A, B = on_train(step.transform(X), train, test)
    return A, y[train], B, y[test]


def target_encoding(X, y, train, test, leaky, rng):
    code = rng.integers(0, len(X) // 5, (len(X), 1))
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    step = TargetEncoder(smooth=1.0, cv=folds)
    if leaky:
        column = step.fit(code, y).transform(code)
    else:  # out of fold within the training rows, as in notebook 3
        column = np.empty((len(X), 1))
        column[train] = step.fit_transform(code[train], y[train])
        column[test] = step.transform(code[test])
    A, B = on_train(np.hstack([X, column]), train, test)
    return A, y[train], B, y[test]


def copies(X, y, train, test, leaky, rng):
    if leaky:  # a tenth of the test rows takes the place of training rows
        k = len(test) // 10
        train = np.r_[train[k:], test[:k]]
    A, B = on_train(X, train, test)
    return A, y[train], B, y[test]


def oversampling(X, y, train, test, leaky, rng):
    rows = np.r_[train, test] if leaky else train
    rare = rows[y[rows] == 1]
    more = rng.choice(rare, len(rows) - 2 * len(rare))
    rows = rng.permutation(np.r_[rows, more])
    if leaky:
        train, test = np.array_split(rows, 2)
    else:
        train = rows
    A, B = on_train(X, train, test)
    return A, y[train], B, y[test]


# %% [markdown]
# Two models that are opposites: logistic regression forgets single rows, nearest neighbours (weighted by closeness) remembers all of them. *Inflation* is the leaky AUC minus the AUC of the fair twin, in points (one point is a hundredth of AUC), here the mean of ten splits.

# %%
kinds = {
    "scaler fitted on all rows": scaler,
    "imputer fitted on all rows": imputer,
    "columns chosen on all rows": selection,
    "target encoding on all rows": target_encoding,
    "a tenth of test copied into train": copies,
    "oversampling before the split": oversampling,
}
models = {
    "logistic": LogisticRegression(max_iter=200),
    "neighbours": KNeighborsClassifier(15, weights="distance"),
}


def auc(model, A, a, B, b):
    """Fit on A, a; return the ROC AUC on B, b."""
    return roc_auc_score(b, model.fit(A, a).predict_proba(B)[:, 1])


rows = []
for name, (X, y) in sets.items():
    for seed in range(10):
        sample = np.random.default_rng(seed).permutation(len(y))[:ROWS]
        train, test = np.array_split(np.arange(len(sample)), 2)
        for kind, prepare in kinds.items():
            fair, leaky = (
                prepare(
                    X[sample],
                    y[sample],
                    train,
                    test,
                    wrong,
                    np.random.default_rng(100 + seed),
                )
                for wrong in (False, True)
            )
            for label, model in models.items():
                pair = auc(model, *fair), auc(model, *leaky)
                rows.append((kind, name, label, seed, *pair))
runs = pd.DataFrame(
    rows, columns=["leak", "data", "model", "seed", "fair", "leaky"]
)
runs["points"] = 100 * (runs["leaky"] - runs["fair"])
by_data = runs.pivot_table(
    "points", ["model", "leak"], "data", sort=False
).round(1)
by_data + 0.0

# %%
scaling = runs.loc[runs["leak"] == "scaler fitted on all rows", "points"]
guess.reveal(
    "by nothing that ten splits can show",
    measured=f"{scaling.mean() + 0:.1f} points",
)

# %%
# alt: For six leaks the inflation on four data sets. Scaler and imputer lie at zero; selection and target encoding reach 20 points; copies and oversampling lift the neighbours only.
figure, ax = plt.subplots(figsize=(6.5, 3.6))
for shift, label, marker in [
    (0.14, "logistic", "o"),
    (-0.14, "neighbours", "s"),
]:
    part = by_data.loc[label]
    for place, kind in enumerate(kinds):
        ax.plot(
            part.loc[kind],
            np.full(4, -place + shift),
            marker,
            color="C0" if label == "logistic" else "C1",
            alpha=0.8,
            label=label if place == 0 else None,
        )
ax.axvline(0, color="0.6", linewidth=1)
ax.set(
    yticks=-np.arange(len(kinds)),
    yticklabels=list(kinds),
    xlabel="inflation (points of AUC), one mark per data set",
    title="What never sees the answer costs nothing",
)
figure.legend(loc="outside lower center", ncols=2)
plt.show()

# %% [markdown]
# Read it by what flows.
#
# - **Values only** (scaler, imputer): nothing to see on any data set, with either model. No test *answer* was used, so there is nothing to be right about.
# - **Answers** (selection, target encoding): up to 14 and 17 points, with either model. On 500 noise columns some agree with the test answers by luck, and they are the ones that get chosen. The code is a hard case on purpose: five rows per value, each a fifth of its own mean.
# - **Whole rows** (copies, oversampling): 2.5 points at most for the logistic regression, up to 35 for the neighbours. A copy helps the model that remembers it. Oversampling is the worst: each late flight is then there about five times, and nearly every one in test has a copy in training. (AUC itself does not change with the share of positives.)
#
# And the same mistake is free on one data set and ruinous on the next. The tumours leave no room: the fair AUC is already 0.99, and 20 real columns beat every column of noise.
#
# Textbooks start with the scaler, the leak that is easiest to explain. Here they overstate. Over 2,047 data sets, fitting a scaler or its like on all rows moved AUC by at most 0.005, while selection and memorised rows mattered (Roth 2026); he calls the usual emphasis inverted. Keep the pipeline: it costs nothing, and it stops the leaks that do matter with the one that does not.
#
# ## A proof of a leak is not its price
#
# The tumours again, with their copies. `check_duplicates` names every copied row and calls it a leak, rightly.

# %%
X, y = sets["breast cancer"]
half = len(X) - len(X) // 2
table = pd.DataFrame(X)
train, test = table.iloc[:half], table.iloc[half:]
k = len(test) // 10
found = check_duplicates(pd.concat([train.iloc[k:], test.iloc[:k]]), test)
assert found.findings[0].n_rows == k
found.frame[["severity", "kind", "n_rows", "share"]].round(3)

# %% [markdown]
# Its price here was a tenth of a point at most, no more than chance does; on flights it was 7.5 points for the neighbours. A check tells you *that* something flows; only the fair twin tells what it was worth. Repair both, but withdraw the flight model first.
#
# ## Try it: select from pure noise
#
# No column knows anything; the true AUC is 0.5. The ten columns with the largest difference between the classes are kept, and a row's score adds them up. Look for two things: what more columns do, and how slowly more rows help.


# %%
def gap(X, y, rows):
    """Return how much higher each column is for the positive rows."""
    up, down = rows[y[rows] == 1], rows[y[rows] == 0]
    return X[up].mean(axis=0) - X[down].mean(axis=0)


def noise_twins(n_rows, n_columns):
    """Return fair and leaky AUC of ten draws of noise."""
    pairs = []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        X = rng.normal(size=(n_rows, n_columns)).astype("float32")
        y = np.arange(n_rows) % 2
        every = rng.permutation(n_rows)
        train, test = np.array_split(every, 2)
        pair = []
        for seen in (train, every):
            best = np.argsort(-np.abs(gap(X, y, seen)))[:10]
            weight = gap(X[:, best], y, train)
            pair.append(roc_auc_score(y[test], X[test][:, best] @ weight))
        pairs.append(pair)
    return np.array(pairs)


def noise_table(rows, columns):
    """Summarise ten draws of pure noise."""
    fair, leaky = noise_twins(rows, columns).T
    return pd.DataFrame(
        {
            "lowest": [fair.min(), leaky.min()],
            "mean": [fair.mean(), leaky.mean()],
            "highest": [fair.max(), leaky.max()],
        },
        index=["chosen on train", "chosen on all rows"],
    ).round(2)


explorer = nb.explore(
    noise_table,
    title="AUC on pure noise, ten draws",
    rows=[50, 100, 200, 500, 1000],
    columns=[20, 100, 500, 2000],
    start={"rows": 100, "columns": 2000},
)
explorer

# %% [markdown]
# With 100 rows and 2,000 columns, as in many a study of genes, noise reaches an AUC of 0.89. Two published data sets of this kind were analysed again with the genes chosen inside each fold: the error was no longer near zero (Ambroise and McLachlan 2002).
#
# ## Around the row: days count, aircraft hardly
#
# The next leaks need no mistake in the code. Rows of one day share their weather, rows of one season their storms, rows of one tail number their aircraft. The fair twin trains on flights from *outside*: January to September for a test in the last quarter, other days, other aircraft. The leaky one may train on any flight but the test flights themselves. Same test rows, same number of training rows, one tree, which sees the schedule, the weather and the tail number. In the last line both train on the same rows and the leaky one is given `dep_delay`, which nobody knows before departure.

# %%
codes = [
    flights[name].astype("category").cat.codes
    for name in ("carrier", "origin", "dest", "tailnum")
]
before = flights[["hour", "distance", *weather]].to_numpy(float)
known = np.column_stack([before, *codes]).astype("float32")
delay = flights["dep_delay"].to_numpy("float32")
too_late = np.column_stack([known, delay])
season = (flights["month"] >= 10).to_numpy()
day = flights["time_hour"].dt.day_of_year.to_numpy()
everyone = np.arange(len(flights))


def draw(groups, rng):
    """Mark the flights of a fifth of the groups."""
    names = np.unique(groups)
    chosen = rng.choice(names, len(names) // 5, replace=False)
    return np.isin(groups, chosen)


def tree_auc(columns, train, test):
    """Return the AUC of one tree."""
    tree = DecisionTreeClassifier(min_samples_leaf=20, random_state=0)
    return auc(tree, columns[train], late[train], columns[test], late[test])


def neighbours_twins(inside, n_train, rng):
    """Test inside; train outside, or anywhere but on the test rows."""
    test = rng.choice(np.flatnonzero(inside), 4_000, replace=False)
    fair = rng.choice(np.flatnonzero(~inside), n_train, replace=False)
    leaky = np.setdiff1d(everyone, test, assume_unique=True)
    leaky = rng.choice(leaky, n_train, replace=False)
    return [tree_auc(known, train, test) for train in (fair, leaky)]


def delay_twins(n_train, rng):
    """Train and test on the same rows, without and with the delay."""
    chosen = rng.choice(everyone, n_train + 4_000, replace=False)
    train, test = chosen[4_000:], chosen[:4_000]
    return [tree_auc(columns, train, test) for columns in (known, too_late)]


def season_twins(n_train, rng):
    return neighbours_twins(season, n_train, rng)


def day_twins(n_train, rng):
    return neighbours_twins(draw(day, rng), n_train, rng)


def aircraft_twins(n_train, rng):
    aircraft = codes[3].to_numpy()
    return neighbours_twins(draw(aircraft, rng), n_train, rng)


twins = {
    ("same season", 20_000): season_twins,
    ("same days", 2_000): day_twins,
    ("same days", 20_000): day_twins,
    ("same aircraft", 20_000): aircraft_twins,
    ("departure delay", 2_000): delay_twins,
}
around = {}
for (name, n_train), twin in twins.items():
    pairs = [twin(n_train, np.random.default_rng(s)) for s in range(10)]
    fair, leaky = np.array(pairs).T
    around[name, n_train] = {
        "fair AUC": fair.mean(),
        "leaky AUC": leaky.mean(),
        "points": 100 * (leaky - fair).mean(),
        "standard error": 100 * (leaky - fair).std(ddof=1) / np.sqrt(10),
    }
around = pd.DataFrame(around).T.rename_axis(["leak", "training rows"])
digits = {"fair AUC": 3, "leaky AUC": 3, "points": 1, "standard error": 1}
around.round(digits)

# %% [markdown]
# A column from the future is in another class: 27 points. The season gives 3 points and the days 2, several times their standard errors. More rows do not cure it: each test hour then has more neighbours in training. (The days with 2,000 rows: 0.9, hardly more than the error.) And the aircraft, which many would group by without asking, gives nothing that can be told from chance. Notebook 8 takes days and season apart on all flights.
#
# No check of the code can see the season. A random split does not either: *it* is the leak.
#
# ## With 20 rows the scaler moves the score, both ways
#
# Is the scaler harmless, then? On average. Here are 30 splits of the mortgages, smaller and smaller, five neighbours.

# %%
X, y = sets["hmda"]
five = KNeighborsClassifier(5)
small = {}
for n_train in (20, 100, 500):
    moves = []
    for seed in range(30):
        rng = np.random.default_rng(seed)
        sample = rng.permutation(len(y))[: 2 * n_train]
        train, test = np.array_split(np.arange(2 * n_train), 2)
        A, a = X[sample], y[sample]
        if min(a[train].sum(), a[test].sum()) == 0:
            continue  # no denied loan on one side: no AUC
        fair, leaky = (
            auc(five, *scaler(A, a, train, test, wrong, rng))
            for wrong in (False, True)
        )
        moves.append(100 * (leaky - fair))
    small[n_train] = {
        "splits": len(moves),
        "lowest": min(moves),
        "mean": np.mean(moves),
        "highest": max(moves),
        "went down": sum(move < 0 for move in moves),
        "went up": sum(move > 0 for move in moves),
    }
small = pd.DataFrame(small).T.rename_axis("training rows")
counts = ["splits", "went down", "went up"]
small.round(1).astype(dict.fromkeys(counts, int))

# %% [markdown]
# With 20 rows one split moves by up to 17 points: the distances change and other rows become neighbours. But it goes down at least as often as up, and no mean is above zero. That is noise, which a score of 20 rows has anyway, and no flattery. "Negligible" is a statement about the average and about a few hundred rows or more, not about your one split.
#
# ## Check yourself

# %%
nb.quiz(
    (
        "Two papers, 80 patients each. One standardised 30 columns over all "
        "patients before the split. The other picked 30 of 20,000 genes over "
        "all patients before the split. Whose AUC do you doubt?"
    ),
    {
        "the one that standardised": (
            "Its scaler never saw who is ill. With 80 rows the score is "
            "noisy, but not lifted."
        ),
        "the one that picked genes": (
            "Among 20,000 genes many agree with the test patients by luck, "
            "and those were picked. Noise alone can look excellent."
        ),
        "both equally: both fitted on the test rows": (
            "Both break the same rule. The rule says that something flows, "
            "not how much."
        ),
    },
    answer="the one that picked genes",
)

# %%
nb.quiz(
    (
        "Some test rows were copied into training, and a logistic regression "
        "scores the same with and without them. What follows?"
    ),
    {
        "the copies are harmless and may stay": (
            "For this model. The boosted trees or neighbours that you try "
            "next will remember them, and win for that reason."
        ),
        "there were no copies": (
            "A score cannot tell. check_duplicates finds them whatever "
            "the model."
        ),
        "this model does not remember single rows": (
            "Yes. And a comparison with one that does is unfair as long as "
            "the copies are there."
        ),
    },
    answer="this model does not remember single rows",
)

# %% [markdown]
# ## Exercises
#
# ★ In `selection`, let `NOISE` be ten times smaller, then ten times larger. What happens on the tumours, and why so late?
#
# ★★ Write the fair half of the explorer. `choose_fairly(X, y, train, k)` returns the sorted positions of the `k` columns whose class means are furthest apart, seen from the training rows only. `train` holds positions of rows.


# %% tags=["exercise"] exercise="ch05-11-choose-fairly"
def choose_fairly(X, y, train, k):
    """Return the k columns that separate the training rows best."""
    ...


# %%
def ranked(X, y, rows, k, size=np.abs):
    return np.sort(np.argsort(-size(gap(X, y, rows)))[:k])


rng = np.random.default_rng(5)
noise, answer = rng.normal(size=(60, 40)), np.arange(60) % 2
nb.check(
    "ch05-11-choose-fairly",
    choose_fairly,
    ranked,
    cases=[
        (noise, answer, np.arange(30), 6),
        (noise, answer, np.arange(20, 50), 3),
    ],
    mistakes={
        "The test rows helped to choose: use X[train] and y[train].": (
            lambda X, y, train, k: ranked(X, y, np.arange(len(y)), k)
        ),
        "Lower for the positives tells as much: take absolute values.": (
            lambda X, y, train, k: ranked(X, y, train, k, size=np.asarray)
        ),
    },
)

# %% [markdown] tags=["solution"] exercise="ch05-11-choose-fairly"
# <details><summary>Solution</summary>
#
# Cut both down to the training rows first; then nothing can flow.
#
# ```python
# def choose_fairly(X, y, train, k):
#     """Return the k columns that separate the training rows best."""
#     X, y = X[train], y[train]
#     apart = X[y == 1].mean(axis=0) - X[y == 0].mean(axis=0)
#     return np.sort(np.argsort(-np.abs(apart))[:k])
# ```
#
# </details>

# %% [markdown]
# ★★★ A seventh team imputed missing incomes with the mean of *denied* and of *granted* loans, over all rows. Is that a leak of values or of answers? Predict the inflation, then write the function and its fair twin. (What does the fair twin do with a test row, whose answer it does not know?)
#
# ## You have now
#
# - measured six leaks with fair twins: scaler and imputer 0.1 points at most, selection up to 14, target encoding up to 17, copies up to 7.5, oversampling up to 35;
# - seen the same mistake cost nothing on the tumours and ruin the flights, and a *proven* leak whose price is lost in chance;
# - pushed pure noise to an AUC of 0.89, and measured 3 points for the season, 2 for the days, 27 for a column from the future.
#
# So which two of the six are redone this week? The team that oversampled, if its model remembers rows, and of the two that let the answer in, the one with fewer rows. The scaler can wait.
#
# **In practice.** Ask of each step: does it see the answer, does it see whole rows, does it see the future? Steps that do go inside the pipeline or behind the split, without exception. In an audit report the twin's difference beside each finding. Our grid has four data sets, small samples and leaks made as plain as possible: take the order from it, not the digits.
#
# **Read on.** S. Roth (2026), *Which leakage types matter?*, arXiv 2604.04199. C. Ambroise and G. McLachlan (2002), *Selection bias in gene extraction on the basis of microarray gene-expression data*. S. Kapoor and A. Narayanan (2023), *Leakage and the reproducibility crisis in machine-learning-based science*.

# %% tags=["claims", "remove-cell"]
nb.claim("30 minutes", flights["arr_delay"][late == 1].min())
nb.claim("569", len(sets["breast cancer"][1]))
nb.claim("1,000", ROWS)
nb.claim("500", NOISE)
nb.claim("20", KEPT)
nb.claim("13", dropped["largest change"])
grid = runs.pivot_table("points", ["leak", "model"], "data", sort=False)
answers = grid.loc["columns chosen on all rows"].to_numpy()
nb.claim("14", answers.max())
nb.claim("17", grid.loc["target encoding on all rows"].to_numpy().max())
copied = grid.loc["a tenth of test copied into train"]
resampled = grid.loc["oversampling before the split"]
nb.claim("35", resampled.loc["neighbours"].max())
nb.claim("2.5", max(copied.loc["logistic"].max(), resampled.iloc[0].max()))
nb.claim("7.5", copied.loc["neighbours"].max())
nb.claim("5", (late == 0).sum() / (late == 1).sum())
values = grid.loc[["scaler fitted on all rows", "imputer fitted on all rows"]]
nb.claim("0.1", values.abs().to_numpy().max())
assert copied["breast cancer"].abs().max() < 0.15
assert abs(answers[:, -1]).max() < 0.05
best = runs.query("data == 'breast cancer' and model == 'logistic'")["fair"]
nb.claim("0.99", best.mean())
noise_fair, noise_leaky = noise_twins(100, 2_000).mean(axis=0)
nb.claim("0.5", noise_fair)
nb.claim("0.89", noise_leaky)
nb.claim("100", explorer.value["rows"])
nb.claim("2,000", explorer.value["columns"])
points = around["points"].droplevel(1)
nb.claim("3", points["same season"])
nb.claim("0.9", points["same days"].iloc[0])
nb.claim("2", points["same days"].iloc[1])
nb.claim("27", points["departure delay"])
errors = around["standard error"].droplevel(1)
assert points["same season"] > 3 * errors["same season"]
assert points["same days"].iloc[1] > 3 * errors["same days"].iloc[1]
assert points["same aircraft"] < 1.5 * errors["same aircraft"]
nb.claim("30", small["splits"].max())
nb.claim("17", max(-small["lowest"].min(), small["highest"].max()))
assert small["mean"].between(-2, 0).all()
assert (small["went down"] >= small["went up"]).all()
