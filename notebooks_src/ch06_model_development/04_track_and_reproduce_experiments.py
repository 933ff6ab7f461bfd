# %% [markdown]
# # Track an experiment, and make it again bit for bit
#
# *15 minutes · data: flights*
#
# **You will** write a tracker in 27 lines that keeps every run in a plain folder, and use it to repeat a run to the last bit.
#
# **You will learn to**
#
# - record what a result depends on: code, data, parameters, seed, versions;
# - write records that a crash cannot leave half written, and compare two of them;
# - find out why a run cannot be repeated, from its record.
#
# **You need** functions and dictionaries in Python, ROC AUC and log loss, and gradient descent by name.

# %%
import hashlib
import inspect
import json
import os
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import sklearn
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import log_loss, roc_auc_score

from mlworkbench import datasets
from mlworkbench import notebook as nb

nb.setup()

# %% [markdown]
# ## "Which run was that?"
#
# In March a colleague wrote in a report that a model tells flights that will be 30 minutes late from the others with a ROC AUC of 0.694. Now the colleague has moved on. The auditor of the airline asks you: *make that number again, and tell us what was different in the run that you use today.*
#
# The model is a logistic regression on the hour, the distance and the weather, fitted by stochastic gradient descent. It learns from January to June and is judged on July to December, on every 20th flight with complete weather.

# %%
data = datasets.load("flights", target="late_30").labelled()
readings = ["temp", "dewp", "humid", "wind_speed", "precip"]
readings += ["pressure", "visib"]
weather = data.tables["weather"][["origin", "time_hour", *readings]]
flights = data.frame.merge(weather, on=["origin", "time_hour"], how="left")
table = flights[["month", "hour", "distance", *readings]].astype(float)
table["late"] = data.target.to_numpy().astype(int)
EVERY = 20
table = table.dropna().iloc[::EVERY].reset_index(drop=True)


def standardise(X, like):
    """Give every column mean 0 and spread 1, measured on some rows."""
    return (X - like.mean()) / like.std()


def train(table, *, rate, penalty, epochs, seed):
    """Fit from January to June; give metrics and the loss per epoch."""
    first_half = table["month"] <= 6
    X = table.drop(columns=["late", "month"])
    X = standardise(X, X[first_half]).to_numpy()
    y = table["late"].to_numpy()
    learn, judge = np.flatnonzero(first_half), np.flatnonzero(~first_half)
    model = SGDClassifier(
        loss="log_loss",
        learning_rate="constant",
        eta0=rate,
        alpha=penalty,
        random_state=seed,
    )
    rng, curve = np.random.default_rng(seed), []
    for _ in range(epochs):
        rows = rng.permutation(learn)
        model.partial_fit(X[rows], y[rows], classes=[0, 1])
        chance = model.predict_proba(X[judge])[:, 1]
        curve.append(float(log_loss(y[judge], chance)))
    auc = float(roc_auc_score(y[judge], chance))
    return {"log loss": curve[-1], "roc auc": auc}, curve


march = {"rate": 0.01, "penalty": 0.0, "epochs": 10, "seed": 2}
metrics, curve = train(table, **march)
pd.DataFrame([metrics]).round(3)

# %% [markdown]
# The number is back. That was luck: somebody had kept the line with the four parameters. What else would have had to be the same?
#
# ## Commit to a guess

# %%
guess = nb.predict(
    "ch06-04-bits",
    (
        "Same code, same data, same parameters and seed, same machine. You "
        "run the training again. How far does the new ROC AUC agree?"
    ),
    options=[
        "to 2 digits",
        "to 3 digits",
        "to about 10 digits",
        "to the last bit",
    ],
    why="Nothing in it is left to chance. With a seed, the random numbers "
    "are a fixed list, and the same sums in the same order round alike.",
)
guess

# %%
again, curve_again = train(table, **march)
guess.reveal(
    "to the last bit",
    measured="equal to the last bit"
    if (again, curve_again) == (metrics, curve)
    else "not equal",
)

# %% [markdown]
# ## A record is a small file, and a tracker is 27 lines
#
# A result is a function of five things: the code, the data, the parameters, the seed, and the libraries underneath. Keep all five beside the result. For code and data a *fingerprint* will do: the function `sha256` makes 64 hexadecimal digits from any bytes, and whatever changes in the bytes, the digits change.


# %%
def fingerprint(frame):
    """Return the SHA-256 of column names, types, index and cells."""
    cells = pd.util.hash_pandas_object(frame).to_numpy()
    names = repr([(str(c), str(t)) for c, t in frame.dtypes.items()])
    return hashlib.sha256(names.encode() + cells.tobytes()).hexdigest()


def write_json(path, record):
    """Write a record whole or not at all."""
    temporary = path.with_suffix(".tmp")
    with temporary.open("w", encoding="utf-8") as file:
        json.dump(record, file, indent=1, allow_nan=False)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def track(path, train, table, **parameters):
    """Run an experiment and leave a record, even if it stops halfway."""
    if path.exists():
        raise FileExistsError(f"run {path.stem} is on record already")
    code = hashlib.sha256(inspect.getsource(train).encode()).hexdigest()
    record = {"state": "started", "code": code, "data": fingerprint(table)}
    record["parameters"] = parameters
    record["versions"] = {
        m.__name__: m.__version__ for m in (np, pd, sklearn)
    }
    write_json(path, record)
    metrics, curve = train(table, **parameters)
    done = {"state": "finished", "metrics": metrics, "curve": curve}
    write_json(path, record | done)


# %% [markdown]
# The record is written twice. A run that crashes leaves one that says "started", and failed runs are results, too. Now ten runs, two learning rates with five seeds each, go into a folder. (Here it is a temporary one. In a project call it `runs` and put it beside the code.)

# %%
kept = tempfile.TemporaryDirectory()
folder = Path(kept.name)
for rate, letter in [(0.01, "fast"), (0.001, "slow")]:
    for seed in range(5):
        parameters = march | {"rate": rate, "seed": seed}
        track(folder / f"{letter}-{seed}.json", train, table, **parameters)


def read(name):
    """Read a record back."""
    return json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))


shown = read("fast-2")
assert (shown["metrics"], shown["curve"]) == (metrics, curve)
for part in ("code", "data"):
    shown[part] = f"({len(shown[part])} hexadecimal digits)"
shown["versions"] = dict.fromkeys(shown["versions"], "(its version)")
shown["curve"] = [round(loss, 3) for loss in shown["curve"][:3]] + ["..."]
shown["metrics"] = {k: round(v, 3) for k, v in shown["metrics"].items()}
print(json.dumps(shown, indent=1))

# %% [markdown]
# (Fingerprints and versions differ from machine to machine and are not shown, the metrics are rounded for the page.) In the file the numbers have all their digits. Python writes the shortest decimal that reads back as the same float, so text loses nothing: the assertion compares every bit. A record that says "0.694" would not allow that.
#
# ## A crash halfway must not leave half a record
#
# Why does `write_json` go through a second file? Take a record with a mistake that is easy to make: a number that numpy made. First write it straight into its place, then with ours.

# %%
before = read("fast-2")
bad = before | {"best epoch": np.argmin(before["curve"])}
outcome = {}
copy = folder / "copy.json"
for name in ("straight into place", "write_json"):
    write_json(copy, before)
    try:
        if name == "write_json":
            write_json(copy, bad)
        else:
            with copy.open("w", encoding="utf-8") as file:
                json.dump(bad, file)
    except TypeError as error:
        raised = str(error)
    try:
        left = json.loads(copy.read_text(encoding="utf-8"))
        outcome[name] = "the old record" if left == before else "another"
    except json.JSONDecodeError:
        outcome[name] = "half a record, unreadable"
    copy.unlink()
print(raised)
pd.DataFrame({"what is left": outcome})

# %% [markdown]
# The mistake is the same, the damage is not. `replace` swaps a finished file in, in one step (*atomically*): a reader sees the old record or the new one, never a part. `fsync` asks the disk to have the bytes before the swap.
#
# > **Tip.** `allow_nan=False` makes a loss of NaN an error. Without it, Python writes `NaN`, which is no JSON, and other programs refuse the file.
#
# ## The folder answers questions
#
# A table of all runs is a loop over files.


# %%
def runs_table(folder):
    """Read all records into a table, one run per row."""
    rows = {}
    for path in sorted(folder.glob("*.json")):
        record = json.loads(path.read_text(encoding="utf-8"))
        rows[path.stem] = {"state": record["state"]} | record["parameters"]
        rows[path.stem] |= record.get("metrics", {})
    return pd.DataFrame(rows).T.infer_objects()


runs = runs_table(folder)
runs.round({"log loss": 4, "roc auc": 4})

# %%
# alt: Log loss after each of ten epochs for ten runs. The five fast runs jump up and down from epoch to epoch; the five slow ones come down smoothly and lie close together at the end.
figure, ax = plt.subplots(figsize=(7, 3.2))
for name in runs.index:
    fast = name.startswith("fast")
    ax.plot(
        range(1, 11),
        read(name)["curve"],
        color="C1" if fast else "C0",
        ls="--" if fast else "-",
        lw=1.3,
    )
ax.plot([], [], color="C1", ls="--", label="rate 0.01")
ax.plot([], [], color="C0", label="rate 0.001")
ax.set(
    xlabel="epoch",
    ylabel="log loss, July to December",
    title="A fast run ends wherever it stands at that moment",
)
figure.legend(loc="outside lower center", ncols=2)
plt.show()

# %% [markdown]
# So that is why curves belong in the record. One number per run hides that a fast run has not settled: it is stopped at a better or worse moment.
#
# ## Two runs compared: what differs, and what came of it
#
# To compare two records, put the nested names in one line and keep what is not equal.


# %%
def flat(record, before=""):
    """Give a nested record as one level: {'parameters.rate': 0.01}."""
    result = {}
    for key, value in record.items():
        if isinstance(value, dict):
            result |= flat(value, f"{before}{key}.")
        else:
            result[before + key] = value
    return result


def differences(a, b):
    """Give what differs between two records, as a table."""
    a, b = flat(a), flat(b)
    names = [name for name in a | b if a.get(name) != b.get(name)]
    pairs = [[a.get(name, "-"), b.get(name, "-")] for name in names]
    return pd.DataFrame(pairs, index=names, columns=["A", "B"])


def compare(A, B):
    """Compare two runs of the folder, their curves aside."""
    found = differences(read(A), read(B)).drop("curve", errors="ignore")
    if found.empty:
        return "Nothing differs."
    return found.astype(float).round(4)


assert set(compare("fast-2", "slow-2").index) == {
    "parameters.rate",
    "metrics.log loss",
    "metrics.roc auc",
}
nb.explore(
    compare,
    title="What differs between two runs",
    A=list(runs.index),
    B=list(runs.index),
    start={"A": "fast-2", "B": "slow-2"},
)

# %% [markdown]
# Choose a few pairs. Look at `fast-2` and `slow-2` first: one parameter differs, and the slow run has the better ROC AUC by a hair. Then compare `fast-0` and `fast-2`. Nothing differs but the seed, and the metrics are further apart than before.
#
# A comparison of two single runs therefore says little. Compare the settings over their seeds:

# %%
seeds = runs.groupby("rate")["roc auc"].agg(["mean", "min", "max"])
seeds["max - min"] = seeds["max"] - seeds["min"]
seeds.round(4)

# %% [markdown]
# The report's 0.694 was the best of the five fast runs. This is the answer to the second half of the auditor's question: *today's run has a tenth of the learning rate; its average is 0.007 higher, and it hardly depends on the seed any more.*
#
# ## A run made again from its record
#
# Reproduce means: first compare what went in, then run, then compare what came out, without any tolerance.


# %%
SMALL = 0.0001


def reproduce(name, table):
    """Run a record again; give what differs going in, and coming out."""
    old = read(name)
    path = folder / "again.json"
    track(path, train, table, **old["parameters"])
    new = read("again")
    path.unlink()
    going_in = [
        what
        for what in ("code", "data", "parameters", "versions")
        if old[what] != new[what]
    ]
    same = all(old[what] == new[what] for what in ("metrics", "curve"))
    moves = abs(new["metrics"]["roc auc"] - old["metrics"]["roc auc"])
    size = f"{moves:.4f}" if moves > SMALL else f"less than {SMALL}"
    return {
        "the record notices": ", ".join(going_in) or "nothing",
        "same to the last bit": "yes" if same else "no",
        "ROC AUC moves by": "0" if same else size,
    }


trials = {"no change": reproduce("fast-2", table)}
assert trials["no change"]["same to the last bit"] == "yes"
pd.DataFrame(trials).T

# %% [markdown]
# ## What breaks it: the record sees most causes, not all
#
# Now break it on purpose, one thing at a time:
#
# - *no seed*: a run is recorded with `seed=None` and repeated;
# - *one row*: somebody corrects the temperature of a single flight by 1 degree;
# - *row order*: the same rows, sorted by distance;
# - *types*: the same table stored as `float32`;
# - *version*: the record was made with another scikit-learn. (We cannot install another one here, so we change the record.)
# - *a helper*: somebody "improves" `standardise`, which `train` calls.

# %%
track(folder / "no-seed.json", train, table, **march | {"seed": None})
trials["no seed"] = reproduce("no-seed", table)

one_row = table.copy()
one_row.loc[0, "temp"] += 1
trials["one row"] = reproduce("fast-2", one_row)
trials["row order"] = reproduce("fast-2", table.sort_values("distance"))
trials["types"] = reproduce("fast-2", table.astype("float32"))

older = read("fast-2")
older["versions"]["sklearn"] = "1.0"
write_json(folder / "older.json", older)
trials["version"] = reproduce("older", table)

right_standardise = standardise


def standardise(X, like):
    """Give every column a middle half that is 1 wide."""
    middle = like.quantile(0.75) - like.quantile(0.25)
    return (X - like.median()) / middle.replace(0, 1)


trials["a helper"] = reproduce("fast-2", table)
standardise = right_standardise

trials["no seed"]["ROC AUC moves by"] = "differs each time"
broken = pd.DataFrame(trials).T
broken

# %% [markdown]
# Read the first column. Three of the causes (row, order, types) change what `fingerprint` sees. A version is noticed even where it did no harm: that is what a record is for, it tells you where to look. Two causes escape.
#
# - *No seed.* The record honestly says `seed: null`, before and after. Refuse such a run, or draw a seed and record it.
# - *A helper.* We took the fingerprint of `train` alone. A function that it calls is code, too. In a repository, record the commit instead (`git rev-parse HEAD`), and refuse to run while files are changed and not committed (`git status --porcelain` prints them). That covers every line.
#
# One corrected degree among 14,557 flights moves the ROC AUC by less than 0.0001, so nobody would see it in the metric. The fingerprint sees it.
#
# > **Warning.** Bit for bit is a promise for one machine and one set of libraries. Sums of floats depend on their order: `(0.1 + 0.2) + 0.3` and `0.1 + (0.2 + 0.3)` differ in the last bit. Another processor, another number of threads or a GPU may add in another order. Between machines, compare with a tolerance, and say which.

# %%
one_order, other_order = (0.1 + 0.2) + 0.3, 0.1 + (0.2 + 0.3)
assert one_order != other_order
print(one_order, other_order)

# %% [markdown]
# ## What a tracking server adds
#
# Tools such as MLflow or Weights & Biases keep the same five things, by the same idea. What they add is mostly for many people:
#
# | | folder of JSON | tracking server |
# |---|---|---|
# | one person, hundreds of runs | enough | comfortable |
# | many people and machines write | one shared disk, clumsy | one address for all |
# | search, filter, charts | you write them | in the browser, while the run goes on |
# | big files (weights, plots) | beside the record | a store with links from the run |
# | from run to service | by hand | a registry: which version serves, who approved |
# | who may see what | rights on the folder | users and roles |
# | works without network, in 10 years | yes | if somebody keeps it running |
#
# Neither reproduces anything by itself. A server that was told nothing about the data cannot say that a row has changed.
#
# ## Check yourself

# %%
nb.quiz(
    (
        "A record has code, data, parameters, seed and versions, all equal "
        "to today's, and the metric still differs. What is likely?"
    ),
    {
        "the metric was recorded with too few digits": (
            "Then it would agree in the digits that it has."
        ),
        "something that training reads is not in the record": (
            "A helper, a file read inside the function, a setting of the "
            "machine, the number of threads. Find it and record it."
        ),
        "SHA-256 gave the same digits for two different tables": (
            "No such pair has ever been found. Look elsewhere first."
        ),
    },
    answer="something that training reads is not in the record",
)

# %%
nb.quiz(
    (
        "Run A has a ROC AUC of 0.692, run B of 0.688. Other seeds move each "
        "of them by 0.012. What do you report?"
    ),
    {
        "A is better": (
            "The difference is a third of what the seed does. One run each "
            "cannot tell."
        ),
        "the settings are equally good": (
            "That is not known either. It has not been measured well enough."
        ),
        "nothing yet; run several seeds of each and compare their means": (
            "A run is one draw. The setting is what you want to compare."
        ),
    },
    answer="nothing yet; run several seeds of each and compare their means",
)

# %% [markdown]
# ## Exercises
#
# ★ Rename the column `temp` to `temperature` in a copy of the table. What does `fingerprint` say, and what does `reproduce`? Should they?
#
# ★★ Write `best_run(records, data)`. `records` maps names to records like ours, and the answer is the name of the *finished* run with the lowest log loss *on the data with this fingerprint*. Losses on different data cannot be compared, and a run that only started has no metrics.


# %% tags=["exercise"] exercise="ch06-04-best-run"
def best_run(records, data):
    """Return the name of the best finished run on this data."""
    ...


# %%
def made_up(state, data, loss):
    """Make a small record to try the function on."""
    record = {"state": state, "data": data}
    return record | ({"metrics": {"log loss": loss}} if loss else {})


def pick(records, data, choose=min, states=("finished",)):
    """Return the name of the chosen run on this data (None: any)."""
    losses = {
        name: record["metrics"]["log loss"]
        for name, record in records.items()
        if record["state"] in states and data in (None, record["data"])
    }
    return choose(losses, key=losses.get)


archive = {
    "run-1": made_up("finished", "old", 0.31),
    "run-2": made_up("finished", "new", 0.40),
    "run-3": made_up("started", "new", None),
    "run-4": made_up("finished", "new", 0.37),
    "run-5": made_up("finished", "new", 0.39),
}
later = archive | {"run-6": made_up("finished", "new", 0.36)}
nb.check(
    "ch06-04-best-run",
    best_run,
    pick,
    cases=[(archive, "new"), (later, "new")],
    mistakes={
        "That run saw other data; its loss cannot be compared.": (
            lambda records, data: pick(records, None)
        ),
        "That is the highest log loss; lower is better.": (
            lambda records, data: pick(records, data, max)
        ),
        "Return the name of the run, not its loss.": (
            lambda records, data: records[pick(records, data)]["metrics"][
                "log loss"
            ]
        ),
        "That is the latest run on this data, not the best.": (
            lambda records, data: [
                name
                for name, record in records.items()
                if record["data"] == data
            ][-1]
        ),
    },
)

# %% [markdown] tags=["solution"] exercise="ch06-04-best-run"
# <details><summary>Solution</summary>
#
# First keep what may be compared, then take the smallest.
#
# ```python
# def best_run(records, data):
#     """Return the name of the best finished run on this data."""
#     losses = {
#         name: record["metrics"]["log loss"]
#         for name, record in records.items()
#         if record["state"] == "finished" and record["data"] == data
#     }
#     return min(losses, key=losses.get)
# ```
#
# </details>

# %% [markdown]
# ★★★ A passenger asks an airline to delete all data about her, and the law is on her side. Some models were trained with her rows, and their records promise that every run can be repeated. Write down what you keep, what you delete, and what the records should say afterwards.
#
# ## You have now
#
# - written a tracker of 27 lines that records code, data, parameters, seed and versions, and survives a crash;
# - repeated a run to the last bit: a ROC AUC of 0.694 and ten losses;
# - seen that five seeds of one setting lie 0.012 apart, more than the 0.007 between the means of two settings;
# - broken a run in six ways, and seen the record notice four of them.
#
# **In practice.** Start the folder on the first day of a project; records cannot be written afterwards. Record the commit, and do not run with uncommitted changes. Pin the versions of all libraries in a lock file and put it under version control. Keep the data themselves, or the query and the date that give them: a fingerprint tells you that data have changed, and cannot bring them back. Move to a server when the second person joins.
#
# **Read on.** J. Pineau et al. (2021), *Improving reproducibility in machine learning research*. X. Bouthillier et al. (2021), *Accounting for variance in machine learning benchmarks*. O. Gundersen and S. Kjensmo (2018), *State of the art: reproducibility in artificial intelligence*. D. Goldberg (1991), *What every computer scientist should know about floating-point arithmetic*.

# %% tags=["claims", "remove-cell"]
tracker = [fingerprint, write_json, track]
sources = [inspect.getsource(f).splitlines() for f in tracker]
slow_mean, fast_mean = seeds["mean"]
slow_run, fast_run = read("slow-2")["metrics"], read("fast-2")["metrics"]
assert runs.loc[runs["rate"] == 0.01, "roc auc"].idxmax() == "fast-2"
assert slow_run["roc auc"] > fast_run["roc auc"]
assert broken.loc["one row", "ROC AUC moves by"] == "less than 0.0001"
nb.claim("27", sum(map(len, sources)))
late_by = data.frame.loc[data.target.to_numpy() == 1, "arr_delay"].min()
nb.claim("30", late_by)
nb.claim("20", EVERY)
nb.claim("0.694", metrics["roc auc"])
nb.claim("64", len(fingerprint(table)))
nb.claim("14,557", len(table))
nb.claim("0.012", seeds.loc[0.01, "max - min"])
nb.claim("0.007", slow_mean - fast_mean)
nb.claim("0.01", runs["rate"].max())
nb.claim("0.001", runs["rate"].min())
nb.claim("0.0001", SMALL)
kept.cleanup()
