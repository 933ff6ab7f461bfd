"""What a second reader tried on `lint_notebook`: scripts, odd files, the course."""

import json
from pathlib import Path

import pytest

from mlworkbench.leakage import lint_notebook
from mlworkbench.leakage.__main__ import main

# ruff: noqa: E501
ROOT = Path(__file__).parents[1]
X_Y = """df = pd.read_csv("a.csv")
X = df.drop("target", axis=1)
y = df["target"]
"""
PARTS = X_Y + "X_train, X_test, y_train, y_test = train_test_split(X, y)\n"
# name: code of the kind, script; the line of the fault ends in "# !"
LEAKY = {
    "a column called target": (
        "L2",
        """df = pd.read_csv("a.csv")
y = df.target
print(cross_val_score(RandomForestClassifier(), df.drop(columns=["id"]), y))  # !
""",
    ),
    "a share of errors as the score": (
        "L1.1",
        PARTS
        + """errors = []
for k in range(1, 40):
    knn = KNeighborsClassifier(n_neighbors=k).fit(X_train, y_train)
    errors.append(np.mean(knn.predict(X_test) != y_test))  # !
""",
    ),
    "a mean of absolute gaps as the score": (
        "L1.1",
        PARTS
        + """for a in (1, 10, 100):
    gap = Ridge(a).fit(X_train, y_train).predict(X_test) - y_test
    print(a, gap.abs().mean())  # !
""",
    ),
    "predictions in a table of pairs": (
        "L1.1",
        PARTS
        + """p = SVC().fit(X_train, y_train).predict(X_test)
q = p * 2
q *= y_train.mean()
ways = {"plain": (p, 0.5), "moved": (q, 0.3)}
print({name: f1_score(y_test, says > t) for name, (says, t) in ways.items()})  # !
""",
    ),
    "train of a booster": (
        "L1.1",
        PARTS
        + """data, held = xgb.DMatrix(X_train, label=y_train), xgb.DMatrix(X_test, label=y_test)
model = xgb.train({"eta": 0.1}, data, 1000, evals=[(held, "test")], early_stopping_rounds=10)  # !
print(roc_auc_score(y_test, model.predict(held)))
""",
    ),
    "stopping by a named callback": (
        "L1.1",
        PARTS
        + """stop = EarlyStopping(patience=5)
model = Sequential()
model.fit(X_train, y_train, validation_data=(X_test, y_test), callbacks=[stop])  # !
print(model.evaluate(X_test, y_test))
""",
    ),
    "the best of a search on all rows": (
        "L1.1",
        PARTS
        + """search = GridSearchCV(SVC(), {"C": [1, 10]})
search.fit(X, y)  # !
print(accuracy_score(y_test, search.best_estimator_.predict(X_test)))
""",
    ),
    "a centred window": (
        "L3.1",
        """df = pd.read_csv("a.csv")
df["level"] = df["close"].rolling(5, center=True).mean()  # !
X_train, X_test, y_train, y_test = train_test_split(df[["level"]], df["next"], shuffle=False)
print(Ridge().fit(X_train, y_train).score(X_test, y_test))
""",
    ),
    "a loop over the columns of a type": (
        "L1.2",
        """def fill(d):
    for c in d.select_dtypes("number"):
        d[c] = d[c].fillna(d[c].mean())  # !
    return d
d = fill(pd.read_csv("a.csv"))
X_train, X_test, y_train, y_test = train_test_split(d.drop(columns="y"), d["y"])
""",
    ),
    "a scaler for each of some columns": (
        "L1.2",
        """df = pd.read_csv("a.csv")
for col in ["a", "b"]:
    df[col] = MinMaxScaler().fit_transform(df[[col]])  # !
X_train, X_test, y_train, y_test = train_test_split(df[["a", "b"]], df["y"])
""",
    ),
    "windows cut in a function, of a series scaled whole": (
        "L1.2",
        """scaled = MinMaxScaler().fit_transform(pd.read_csv("a.csv")[["close"]])  # !
train, test = scaled[:800], scaled[800:]
def windows(a, k=60):
    X, y = [], []
    for i in range(k, len(a)):
        X.append(a[i - k : i, 0])
        y.append(a[i, 0])
    return np.array(X), np.array(y)
X_train, y_train = windows(train)
X_test, y_test = windows(test)
model = Sequential()
model.fit(X_train, y_train, epochs=3)
print(model.evaluate(X_test, y_test))
""",
    ),
    "training times tried on the test rows": (
        "L1.1",
        PARTS
        + """for epochs in (5, 10, 20):
    net = build_model()
    net.fit(X_train, y_train, epochs=epochs)
    print(net.evaluate(X_test, y_test))  # !
""",
    ),
    "a match statement": (
        "L1.2",
        X_Y
        + """match "standard":
    case "standard":
        X = StandardScaler().fit_transform(X)  # !
    case _:
        pass
X_train, X_test, y_train, y_test = train_test_split(X, y)
""",
    ),
    "each part centred by itself": (
        "L1.2",
        PARTS
        + """X_train, X_test = [(part - part.mean()) / part.std() for part in (X_train, X_test)]  # !
print(SVC().fit(X_train, y_train).score(X_test, y_test))
""",
    ),
    "stacked, scaled, cut": (
        "L1.2",
        """train, test = pd.read_csv("train.csv"), pd.read_csv("test.csv")
both = pd.concat([train, test])
both[["a"]] = StandardScaler().fit_transform(both[["a"]])  # !
model = SVC().fit(both[: len(train)][["a"]], train["y"])
print(model.score(both[len(train) :][["a"]], test["y"]))
""",
    ),
}
CLEAN = {
    "parts of a test set by group": PARTS
    + """model = SVC().fit(X_train, y_train)
told = X_test.assign(says=model.predict(X_test), y=y_test)
for city, part in told.groupby("city"):
    print(city, accuracy_score(part["y"], part["says"]))
""",
    "two parts of a data set that a function returns": """(x_train, y_train), (x_test, y_test) = mnist.load_data()
mean, std = x_train.mean(), x_train.std()
x_train, x_test = (x_train - mean) / std, (x_test - mean) / std
model = Sequential()
model.fit(x_train, y_train, validation_split=0.1)
model.evaluate(x_test, y_test)
""",
    "the same model on both parts": PARTS
    + """model = SVC().fit(X_train, y_train)
for name, A, b in [("train", X_train, y_train), ("test", X_test, y_test)]:
    print(name, model.score(A, b))
parts = {"train": (X_train, y_train), "test": (X_test, y_test)}
print({name: model.score(A, b) for name, (A, b) in parts.items()})
""",
    "parts through one fitted scaler": PARTS
    + """scaler = StandardScaler().fit(X_train)
X_train, X_test = (scaler.transform(part) for part in (X_train, X_test))
print(SVC().fit(X_train, y_train).score(X_test, y_test))
""",
    "columns that are mostly empty": """df = pd.read_csv("a.csv")
df = df.loc[:, df.isna().mean() < 0.5]
X_train, X_test, y_train, y_test = train_test_split(df.drop(columns="y"), df["y"])
print(SVC().fit(X_train, y_train).score(X_test, y_test))
""",
    "stacked for dummies, and cut": """train, test = pd.read_csv("train.csv"), pd.read_csv("test.csv")
both = pd.get_dummies(pd.concat([train, test]).drop(columns="y"))
X_train, X_test = both[: len(train)], both[len(train) :]
scaler = StandardScaler().fit(X_train)
model = SVC().fit(scaler.transform(X_train), train["y"])
print(model.score(scaler.transform(X_test), test["y"]))
""",
    "means of predictions": PARTS
    + """p = LogisticRegression().fit(X_train, y_train).predict_proba(X_test)[:, 1]
for t in (0.3, 0.5):
    print(t, (p > t).mean(), p.mean() - y_test.mean())
""",
    "a booster that watches validation rows": PARTS
    + """X_tr, X_val, y_tr, y_val = train_test_split(X_train, y_train)
stop = lgb.early_stopping(5)
model = lgb.train({}, lgb.Dataset(X_tr, y_tr), 100, valid_sets=[lgb.Dataset(X_val, y_val)], callbacks=[stop])
print(roc_auc_score(y_test, model.predict(X_test)))
""",
}
SCALE = "X = StandardScaler().fit_transform(pd.read_csv('a.csv'))"
SPLIT = "a, b = train_test_split(X)"


def written(folder, name, text):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def book(*sources, **facts):
    cells = [{"cell_type": "code", "source": source} for source in sources]
    return json.dumps({"cells": cells, "nbformat": 4, **facts})


def grave(report):
    frame = report.frame
    return frame[frame["severity"] != "note"]


@pytest.mark.parametrize("name", LEAKY)
def test_a_leak_is_named_at_its_line(name, tmp_path):
    code, text = LEAKY[name]
    [line] = [n for n, line in enumerate(text.split("\n"), 1) if line.endswith("# !")]
    found = grave(lint_notebook(written(tmp_path, "a.py", text)))
    assert set(zip(found["code"], found["line"], strict=True)) == {(code, line)}


@pytest.mark.parametrize("name", CLEAN)
def test_a_clean_script_is_not_flagged(name, tmp_path):
    found = grave(lint_notebook(written(tmp_path, "a.py", CLEAN[name])))
    assert found["what"].tolist() == []


@pytest.mark.parametrize(
    ("name", "text", "place"),
    [
        ("upper.IPYNB", book(SCALE, SPLIT), [1, 1]),
        ("mark.ipynb", "\ufeff" + book(SCALE, SPLIT), [1, 1]),
        (
            "third.ipynb",
            json.dumps(
                {
                    "nbformat": 3,
                    "worksheets": [
                        {"cells": [{"cell_type": "code", "input": [text]}]}
                        for text in (SCALE, SPLIT)
                    ],
                }
            ),
            [1, 1],
        ),
        (
            "latin.py",
            f"# coding: latin-1\n# caf\xe9\n{SCALE}\n{SPLIT}".encode("latin-1"),
            [1, 3],
        ),
        ("feed.py", f"x = 1\n\x0c\ns = '\u2028'\n{SCALE}\n{SPLIT}", [1, 4]),
        ("windows.py", f"x = 1\r\n{SCALE}\r\n{SPLIT}\r\n", [1, 2]),
        ("spyder.py", f"#%%\nx = 1\n#%% scale\n{SCALE}\n# In[3]:\n{SPLIT}", [2, 4]),
        (
            "shell.ipynb",
            book("!pip install a \\\n  b \\\n  c\n" + SCALE, "%cd ..\nx?\n" + SPLIT),
            [1, 4],
        ),
    ],
)
def test_files_of_other_makes_are_read(name, text, place, tmp_path):
    found = lint_notebook(written(tmp_path, name, text)).frame
    assert found[["cell", "line"]].to_numpy().tolist() == [place]
    assert found["code"].tolist() == ["L1.2"]


@pytest.mark.parametrize("name", ["R", "julia"])
def test_a_notebook_in_another_language_is_left_alone(name, tmp_path, capsys):
    text = book("x <- scale(df)", metadata={"language_info": {"name": name}})
    path = written(tmp_path, "a.ipynb", text)
    assert lint_notebook(path).ok
    assert main([str(path)]) == 0
    assert f"in {name.lower()}, not in Python" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("table.csv", "a,b\n1,2\n", "neither a notebook"),
        ("page.md", "# Title", "neither a notebook"),
        ("empty.ipynb", "", "not a Jupyter notebook"),
        ("list.ipynb", "[]", "not a Jupyter notebook"),
        ("hollow.ipynb", '{"cells": null}', "not a Jupyter notebook"),
        ("odd.ipynb", '{"cells": [3]}', "not a Jupyter notebook"),
        ("latin.py", b"# caf\xe9\n", "not a text in UTF-8"),
        ("wide.ipynb", book("x = 1").encode("utf-16"), "not a text in UTF-8"),
    ],
)
def test_what_is_no_notebook_is_said_to_be_none(name, text, message, tmp_path, capsys):
    path = written(tmp_path, name, text)
    with pytest.raises(ValueError, match=message):
        lint_notebook(path)
    assert main([str(path), "--json"]) == 2
    told = capsys.readouterr()
    assert json.loads(told.out) == []
    assert message in told.err


def test_a_folder_is_refused(tmp_path, capsys):
    with pytest.raises(IsADirectoryError, match="pass the files in it"):
        lint_notebook(tmp_path)
    assert main([str(tmp_path), str(tmp_path / "no.py")]) == 2
    first, second = capsys.readouterr().err.splitlines()
    assert first.endswith("is a folder; pass the files in it")
    assert second == f"{tmp_path / 'no.py'}: No such file or directory"


def test_counts_that_are_no_numbers_are_ignored(tmp_path):
    cells = [
        {"cell_type": "code", "source": "x = 1", "execution_count": count}
        for count in ("a", 2, None, 1)
    ]
    report = lint_notebook(written(tmp_path, "a.ipynb", json.dumps({"cells": cells})))
    assert any("another order" in note for note in report.notes)


@pytest.mark.parametrize(
    "text",
    [
        "x = " + " + ".join(["a"] * 900),
        "x = a" + ".b" * 900,
        "if a:\n    pass\n" + "elif b:\n    pass\n" * 900,
    ],
)
def test_what_nests_too_deep_is_left_out_and_the_rest_is_read(text, tmp_path):
    path = written(tmp_path, "a.py", f"{text}\n{SCALE}\n{SPLIT}\n")
    report = lint_notebook(path)
    assert report.frame["code"].tolist() == ["L1.2"]
    assert any("nests too deep" in note for note in report.notes)


# What the notebooks do on purpose, and why.
DECLARED = {
    # Six formulas, and six ways to draw up the hour, are shown side by side on
    # rows held out; none is chosen.
    "ch05_features/02_scale_and_bin": {"test rows scored in a loop"},
    "ch05_features/05_encode_cycles_and_positions": {"test rows scored in a loop"},
    # So are ways to encode, and numbers of bits; a later part judges them anew.
    "ch05_features/03_encode_categories_that_keep_coming": {
        "test rows scored in a loop"
    },
    # Four ways to use one model, with the threshold that theory gives.
    "ch04_training_data/11_put_a_price_on_mistakes": {"test rows scored in a loop"},
    # Resampling before the split and of the test rows is the subject.
    "ch04_training_data/12_does_resampling_help": {
        "SMOTE.fit_resample",
        "SMOTE.fit_resample on test rows",
    },
    # The contractor's table, made with mistakes that are then found.
    "ch05_features/09_audit_a_split": {
        "HistGradientBoostingClassifier.fit",
        "TargetEncoder.fit",
        "mean",
        "std",
    },
    # A plausible, wrong notebook, which is repaired step by step.
    "ch05_features/10_catch_a_leak_in_the_act": {
        "RandomOverSampler.fit_resample",
        "SelectKBest.fit_transform",
        "SimpleImputer.fit_transform",
        "StandardScaler.fit_transform",
        "test rows scored in a loop",
    },
    # Two guessers, two models and five repairs side by side; none is chosen.
    "ch06_model_development/01_beat_a_baseline_first": {"test rows scored in a loop"},
    "ch06_model_development/07_test_behaviour_not_only_accuracy": {
        "test rows scored in a loop"
    },
    "ch06_model_development/09_make_probabilities_mean_something": {
        "test rows scored in a loop"
    },
}
COURSE = sorted((ROOT / "notebooks").rglob("*.ipynb"))


def test_the_course_leaks_only_where_it_means_to():
    found = {}
    for path in COURSE:
        if ".ipynb_checkpoints" in path.parts:
            continue
        name = path.relative_to(ROOT / "notebooks").with_suffix("").as_posix()
        told = grave(lint_notebook(path))["what"].str.replace(
            r" \(cell.*", "", regex=True
        )
        if set(told):
            found[name] = set(told)
    there = {path.relative_to(ROOT / "notebooks").as_posix() for path in COURSE}
    assert found == {k: v for k, v in DECLARED.items() if f"{k}.ipynb" in there}
