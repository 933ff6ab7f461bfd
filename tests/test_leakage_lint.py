"""Notebooks and scripts with and without leaks, read without running them."""

import json
import subprocess
import sys

import pytest

from mlworkbench.leakage import KINDS, lint_notebook
from mlworkbench.leakage.__main__ import main

# name: code of the kind, line of the fault, script
LEAKY = {
    "scaler_before_split": (
        "L1.2",
        3,
        """
df = pd.read_csv("a.csv"); X = df[["a", "b"]]; y = df["t"]
X = StandardScaler().fit_transform(X)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
m = LogisticRegression().fit(X_train, y_train)
print(m.score(X_test, y_test))
""",
    ),
    "fit_then_transform": (
        "L1.2",
        4,
        """
X, y = load_iris(return_X_y=True)
sc = StandardScaler()
sc.fit(X)
a, b, c, d = train_test_split(X, y)
m = SVC().fit(sc.transform(a), c)
p = m.predict(sc.transform(b))
print(accuracy_score(d, p))
""",
    ),
    "fit_transform_test": (
        "L1.2",
        5,
        """
X, y = load_iris(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y)
sc = StandardScaler()
X_train = sc.fit_transform(X_train); X_test = sc.fit_transform(X_test)
m = SVC().fit(X_train, y_train)
m.score(X_test, y_test)
""",
    ),
    "manual_mean": (
        "L1.2",
        3,
        """
df = pd.read_csv("a.csv")
df["age"] = df["age"].fillna(df["age"].median())
train, test = train_test_split(df)
m = SVC().fit(train[["age"]], train["t"])
m.score(test[["age"]], test["t"])
""",
    ),
    "manual_std_numpy": (
        "L1.2",
        3,
        """
X, y = make_classification()
X = (X - X.mean(axis=0)) / X.std(axis=0)
X_train, X_test, y_train, y_test = train_test_split(X, y)
""",
    ),
    "inplace_fillna": (
        "L1.2",
        3,
        """
df = pd.read_csv("a.csv")
df["age"].fillna(df["age"].mean(), inplace=True)
X = df[["age"]]; y = df.t
X_train, X_test, y_train, y_test = train_test_split(X, y)
""",
    ),
    "target_encoding_by_hand": (
        "L1.2",
        3,
        """
df = pd.read_csv("a.csv")
means = df.groupby("city")["t"].mean()
df["enc"] = df["city"].map(means)
X = df[["enc"]]; y = df.t
X_train, X_test, y_train, y_test = train_test_split(X, y)
""",
    ),
    "select_before_cv": (
        "L1.3",
        3,
        """
X, y = make_classification()
Xs = SelectKBest(k=10).fit_transform(X, y)
print(cross_val_score(LogisticRegression(), Xs, y, cv=5).mean())
""",
    ),
    "select_by_corr": (
        "L1.3",
        3,
        """
df = pd.read_csv("a.csv")
corr = df.corr()["t"].abs()
keep = corr[corr > 0.1].index
X = df[keep]; y = df["t"]
X_train, X_test, y_train, y_test = train_test_split(X, y)
""",
    ),
    "select_then_split": (
        "L1.3",
        3,
        """
X, y = make_classification()
sel = SelectFromModel(RandomForestClassifier()).fit(X, y)
X_train, X_test, y_train, y_test = train_test_split(sel.transform(X), y)
""",
    ),
    "smote_before_split": (
        "L1.2",
        3,
        """
X, y = make_classification()
X_res, y_res = SMOTE(random_state=0).fit_resample(X, y)
X_train, X_test, y_train, y_test = train_test_split(X_res, y_res)
""",
    ),
    "smote_before_cv": (
        "L1.2",
        3,
        """
X, y = make_classification()
Xr, yr = RandomOverSampler().fit_resample(X, y)
cross_validate(LogisticRegression(), Xr, yr)
""",
    ),
    "target_in_features": (
        "L2",
        5,
        """
df = pd.read_csv("a.csv")
y = df["t"]
X_train, X_test, y_train, y_test = train_test_split(df, y)
m = RandomForestClassifier().fit(X_train, y_train)
m.score(X_test, y_test)
""",
    ),
    "target_source": (
        "L2",
        5,
        """
df = pd.read_csv("a.csv")
df["late"] = (df["arr_delay"] > 30).astype(int)
X = df.drop(columns=["late"]); y = df["late"]
cross_val_score(RandomForestClassifier(), X, y)
""",
    ),
    "target_derived": (
        "L2",
        5,
        """
df = pd.read_csv("a.csv")
df["log_price"] = np.log(df["price"])
X = df.drop("price", axis=1); y = df["price"]
LinearRegression().fit(X, y)
""",
    ),
    "target_list": (
        "L2",
        4,
        """
df = pd.read_csv("a.csv")
features = ["a", "b", "t"]
m = LinearRegression().fit(df[features], df["t"])
""",
    ),
    "loop_models": (
        "L1.1",
        7,
        """
X, y = make_classification()
X_train, X_test, y_train, y_test = train_test_split(X, y)
best = 0
for depth in range(1, 20):
    tree = DecisionTreeClassifier(max_depth=depth)
    acc = tree.fit(X_train, y_train).score(X_test, y_test)
    if acc > best: best = acc
""",
    ),
    "loop_threshold": (
        "L1.1",
        5,
        """
X, y = make_classification()
X_train, X_test, y_train, y_test = train_test_split(X, y)
p = SVC().fit(X_train, y_train).predict_proba(X_test)[:, 1]
scores = [f1_score(y_test, p > t) for t in np.linspace(0, 1, 11)]
""",
    ),
    "loop_function": (
        "L1.1",
        5,
        """
X, y = make_classification()
X_train, X_test, y_train, y_test = train_test_split(X, y)
def evaluate(model):
    return accuracy_score(y_test, model.fit(X_train, y_train).predict(X_test))
for m in [SVC(), LogisticRegression()]:
    print(evaluate(m))
""",
    ),
    "threshold_curve": (
        "L1.1",
        5,
        """
X, y = make_classification()
X_train, X_test, y_train, y_test = train_test_split(X, y)
p = SVC().fit(X_train, y_train).predict_proba(X_test)[:, 1]
prec, rec, thr = precision_recall_curve(y_test, p)
best = thr[np.argmax(prec * rec)]
print(f1_score(y_test, p >= best))
""",
    ),
    "trained_on_all": (
        "L1.1",
        4,
        """
X, y = make_classification()
X_train, X_test, y_train, y_test = train_test_split(X, y)
m = SVC().fit(X, y)
m.score(X_test, y_test)
""",
    ),
    "in_sample": (
        "L1.1",
        3,
        """
X, y = make_classification()
m = SVC().fit(X, y)
print(m.score(X, y))
""",
    ),
    "function_prep": (
        "L1.2",
        4,
        """
def prepare(d):
    d = d.copy()
    d[["a", "b"]] = MinMaxScaler().fit_transform(d[["a", "b"]])
    return d
df = prepare(pd.read_csv("x.csv"))
train, test = train_test_split(df)
""",
    ),
    "early_stopping": (
        "L1.1",
        5,
        """
X, y = make_classification()
X_train, X_test, y_train, y_test = train_test_split(X, y)
m = XGBClassifier(early_stopping_rounds=5)
m.fit(X_train, y_train, eval_set=[(X_test, y_test)])
m.score(X_test, y_test)
""",
    ),
    "concat_then_fit": (
        "L1.2",
        5,
        """
X, y = make_classification()
X_train, X_test, y_train, y_test = train_test_split(X, y)
both = np.vstack([X_train, X_test])
sc = StandardScaler().fit(both)
m = SVC().fit(sc.transform(X_train), y_train)
m.score(sc.transform(X_test), y_test)
""",
    ),
    "kfold_loop_scaled_outside": (
        "L1.2",
        3,
        """
X, y = make_classification()
X = StandardScaler().fit_transform(X)
for tr, te in KFold(5).split(X):
    m = SVC().fit(X[tr], y[tr])
    print(m.score(X[te], y[te]))
""",
    ),
    "two_samples": (
        "L1.1",
        5,
        """
df = pd.read_csv("a.csv")
train = df.sample(frac=0.8, random_state=0)
test = df.sample(frac=0.2, random_state=1)
m = SVC().fit(train[["a"]], train["t"])
m.score(test[["a"]], test["t"])
""",
    ),
    "pca_before_grid": (
        "L1.2",
        3,
        """
X, y = make_classification()
Z = PCA(5).fit_transform(X)
g = GridSearchCV(SVC(), {"C": [1, 2]}).fit(Z, y)
print(g.best_score_)
""",
    ),
    "tfidf": (
        "L1.2",
        4,
        """
df = pd.read_csv("a.csv")
vec = TfidfVectorizer()
X = vec.fit_transform(df["text"])
X_train, X_test, y_train, y_test = train_test_split(X, df["t"])
""",
    ),
    "time_cut": (
        "L1.2",
        3,
        """
df = pd.read_csv("a.csv").sort_values("date")
df["x"] = SimpleImputer().fit_transform(df[["x"]])
train, test = df[df.month <= 9], df[df.month > 9]
m = SVC().fit(train[["x"]], train.t)
print(roc_auc_score(test.t, m.predict_proba(test[["x"]])[:, 1]))
""",
    ),
}

CLEAN = {
    "pipeline_cv": """
X, y = make_classification()
cross_val_score(make_pipeline(StandardScaler(), SelectKBest(), SVC()), X, y)
""",
    "pipeline_split": """
df = pd.read_csv("a.csv")
X = df.drop(columns=["t"]); y = df["t"]
X_train, X_test, y_train, y_test = train_test_split(X, y)
pipe = Pipeline([("s", StandardScaler()), ("m", SVC())])
pipe.fit(X_train, y_train)
print(pipe.score(X_train, y_train), pipe.score(X_test, y_test))
""",
    "scaler_on_train": """
X, y = make_classification()
X_train, X_test, y_train, y_test = train_test_split(X, y)
sc = StandardScaler().fit(X_train)
m = SVC().fit(sc.transform(X_train), y_train)
print(m.score(sc.transform(X_test), y_test))
""",
    "grid_then_test": """
X, y = make_classification()
X_train, X_test, y_train, y_test = train_test_split(X, y)
g = GridSearchCV(make_pipeline(StandardScaler(), SVC()), {"svc__C": [1, 2]}, cv=5)
g.fit(X_train, y_train)
print(classification_report(y_test, g.predict(X_test)))
""",
    "explore_only": """
df = pd.read_csv("a.csv")
print(df.describe(), df.age.mean())
Z = PCA(2).fit_transform(StandardScaler().fit_transform(df[["a", "b"]]))
plt.scatter(Z[:, 0], Z[:, 1])
X_train, X_test, y_train, y_test = train_test_split(df[["a", "b"]], df["t"])
m = SVC().fit(X_train, y_train)
m.score(X_test, y_test)
""",
    "label_encoder": """
df = pd.read_csv("a.csv")
y = LabelEncoder().fit_transform(df["t"]); X = df[["a"]]
X_train, X_test, y_train, y_test = train_test_split(X, y)
SVC().fit(X_train, y_train).score(X_test, y_test)
""",
    "refit_on_all": """
X, y = make_classification()
X_train, X_test, y_train, y_test = train_test_split(X, y)
m = SVC().fit(X_train, y_train)
print(m.score(X_test, y_test))
final = SVC().fit(X, y)
dump(final, "m.joblib")
""",
    "loop_on_validation": """
X, y = make_classification()
X_train, X_rest, y_train, y_rest = train_test_split(X, y)
X_val, X_test, y_val, y_test = train_test_split(X_rest, y_rest)
for c in [1, 2, 3]:
    m = SVC(C=c).fit(X_train, y_train)
    print(m.score(X_val, y_val))
m = SVC(C=2).fit(X_train, y_train)
print(m.score(X_test, y_test))
""",
    "loop_over_cv": """
X, y = make_classification()
X_train, X_test, y_train, y_test = train_test_split(X, y)
for c in [1, 2, 3]:
    print(cross_val_score(SVC(C=c), X_train, y_train).mean())
SVC(C=1).fit(X_train, y_train).score(X_test, y_test)
""",
    "loop_over_seeds": """
X, y = make_classification()
for seed in range(5):
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=seed)
    m = SVC().fit(X_train, y_train)
    print(m.score(X_test, y_test))
""",
    "loop_over_metrics": """
X, y = make_classification()
X_train, X_test, y_train, y_test = train_test_split(X, y)
p = SVC().fit(X_train, y_train).predict(X_test)
for metric in [accuracy_score, f1_score]:
    print(metric(y_test, p))
for name in ["micro", "macro"]:
    print(f1_score(y_test, p, average=name))
""",
    "loop_over_slices": """
X, y = make_classification()
X_train, X_test, y_train, y_test = train_test_split(X, y)
p = SVC().fit(X_train, y_train).predict(X_test)
for g in [0, 1]:
    here = groups == g
    print(f1_score(y_test[here], p[here]))
""",
    "kfold": """
X, y = make_classification()
for tr, te in StratifiedKFold(5).split(X, y):
    sc = StandardScaler().fit(X[tr])
    m = SVC().fit(sc.transform(X[tr]), y[tr])
    print(m.score(sc.transform(X[te]), y[te]))
""",
    "train_mean_fill": """
df = pd.read_csv("a.csv")
train, test = train_test_split(df)
mean = train["age"].mean()
train["age"] = train["age"].fillna(mean)
test["age"] = test["age"].fillna(mean)
m = SVC().fit(train[["age"]], train["t"])
m.score(test[["age"]], test["t"])
""",
    "smote_in_train": """
X, y = make_classification()
X_train, X_test, y_train, y_test = train_test_split(X, y)
Xr, yr = SMOTE().fit_resample(X_train, y_train)
m = SVC().fit(Xr, yr)
m.score(X_test, y_test)
""",
    "column_transformer_whole_frame": """
df = pd.read_csv("a.csv")
pre = ColumnTransformer([("n", StandardScaler(), ["a"])])
m = make_pipeline(pre, SVC())
X_train, X_test, y_train, y_test = train_test_split(df, df["t"])
m.fit(X_train, y_train)
m.score(X_test, y_test)
""",
    "row_wise": """
df = pd.read_csv("a.csv")
df["ratio"] = df.a / df.b
df["log"] = np.log1p(df["a"])
df = pd.get_dummies(df, columns=["city"]).fillna(0)
y = df.pop("t")
X_train, X_test, y_train, y_test = train_test_split(df, y)
SVC().fit(X_train, y_train).score(X_test, y_test)
""",
    "days_since_first": """
df = pd.read_csv("a.csv")
df["days"] = df["date"] - df["date"].min()
X = df[["days"]]; y = df["t"]
X_train, X_test, y_train, y_test = train_test_split(X, y)
SVC().fit(X_train, y_train).score(X_test, y_test)
""",
    "threshold_on_val": """
X, y = make_classification()
X_train, X_test, y_train, y_test = train_test_split(X, y)
X_train, X_val, y_train, y_val = train_test_split(X_train, y_train)
m = SVC().fit(X_train, y_train)
pv = m.predict_proba(X_val)[:, 1]
prec, rec, thr = precision_recall_curve(y_val, pv)
best = thr[np.argmax(prec)]
print(f1_score(y_test, m.predict_proba(X_test)[:, 1] > best))
""",
    "time_cut_train_only": """
df = pd.read_csv("a.csv").sort_values("date")
train, test = df[df.month <= 9], df[df.month > 9]
imp = SimpleImputer().fit(train[["x"]])
m = SVC().fit(imp.transform(train[["x"]]), train.t)
print(roc_auc_score(test.t, m.predict_proba(imp.transform(test[["x"]]))[:, 1]))
""",
    "sample_and_drop": """
df = pd.read_csv("a.csv")
train = df.sample(frac=0.8, random_state=0)
test = df.drop(train.index)
m = SVC().fit(train[["a"]], train["t"])
m.score(test[["a"]], test["t"])
""",
    "derived_dropped": """
df = pd.read_csv("a.csv")
df["late"] = df["arr_delay"] > 30
X = df.drop(columns=["late", "arr_delay"]); y = df["late"]
cross_val_score(RandomForestClassifier(), X, y)
""",
    "lag_features": """
df = pd.read_csv("a.csv")
df["lag"] = df["sales"].shift(1)
df["roll"] = df["sales"].shift(1).rolling(7).mean()
X = df[["lag", "roll"]]; y = df["sales"]
for tr, te in TimeSeriesSplit(5).split(X):
    m = Ridge().fit(X.iloc[tr], y.iloc[tr])
    print(mean_absolute_error(y.iloc[te], m.predict(X.iloc[te])))
""",
    "magics": """
%matplotlib inline
!pip install x
files = !ls
X, y = make_classification()
X_train, X_test, y_train, y_test = train_test_split(X, y)
%time m = SVC().fit(X_train, y_train)
m.score(X_test, y_test)
m?
""",
}


def lint(tmp_path, text, name="script.py"):
    path = tmp_path / name
    path.write_text(text)
    return lint_notebook(path)


def notebook(*sources, counts=None):
    cells = [
        {
            "cell_type": "code",
            "source": source.splitlines(keepends=True),
            "execution_count": counts[at] if counts else None,
        }
        for at, source in enumerate(sources)
    ]
    cells.insert(0, {"cell_type": "markdown", "source": ["# Title"]})
    return json.dumps({"cells": cells, "nbformat": 4, "metadata": {}})


@pytest.mark.parametrize("name", LEAKY)
def test_each_fault_is_named_at_its_line_and_nothing_else(name, tmp_path):
    code, line, text = LEAKY[name]
    report = lint(tmp_path, text)
    grave = report.frame[report.frame["severity"] != "note"]
    assert not report.ok
    assert set(zip(grave["code"], grave["line"], strict=True)) == {(code, line)}
    assert (grave["cell"] == 1).all()


@pytest.mark.parametrize("name", CLEAN)
def test_no_clean_script_is_flagged_above_a_note(name, tmp_path):
    report = lint(tmp_path, CLEAN[name])
    assert report.ok, list(report.frame["what"])


SPLIT = "X_train, X_test, y_train, y_test = train_test_split(X, y)\n"
CELLS = (
    "X, y = make_classification()",
    "# scale\nsc = StandardScaler()\nX = sc.fit_transform(X)",
    SPLIT,
    "print(SVC().fit(X_train, y_train).score(X_test, y_test))",
)


def test_a_notebook_says_cell_and_line_and_shows_the_code(tmp_path):
    report = lint(tmp_path, notebook(*CELLS), "a.ipynb")
    assert report.frame[["cell", "line"]].to_numpy().tolist() == [[2, 3]]
    assert "read from top to bottom" not in " ".join(report.notes)
    lines = report.rows("preprocessing on both")
    assert lines["code"].tolist()[0] == "X = sc.fit_transform(X)"
    assert sorted(lines["cell"]) == [2, 3, 4]


def test_cells_of_a_percent_script_are_counted(tmp_path):
    text = "# %% [markdown]\n# # Title\n\n" + "\n".join(f"# %%\n{c}" for c in CELLS)
    report = lint(tmp_path, text)
    assert report.frame["cell"].tolist() == [2]
    assert report.frame["line"].tolist() == [9]


def test_the_order_of_cells_matters(tmp_path):
    first, scale, split, score = CELLS
    late = lint(tmp_path, notebook(first, split, score, scale), "late.ipynb")
    assert late.ok


def test_cells_run_in_another_order_are_mentioned(tmp_path):
    report = lint(tmp_path, notebook(*CELLS, counts=[1, 3, 2, 4]), "a.ipynb")
    assert any("another order" in note for note in report.notes)


def test_a_cell_that_is_not_python_is_a_finding_and_the_rest_is_read(tmp_path):
    text = notebook(CELLS[0], "x = 1\nif x\n    y = 2", *CELLS[1:])
    report = lint(tmp_path, text, "a.ipynb")
    broken = report.frame[report.frame["what"].str.startswith("syntax error")]
    assert broken[["cell", "line"]].to_numpy().tolist() == [[2, 2]]
    assert "preprocessing on both" in report.frame["kind"].tolist()


def test_cell_magics(tmp_path):
    shell = "%%bash\nif [ -f x ]; then echo 1; fi"
    timed = "%%time\n" + CELLS[1]
    text = notebook(CELLS[0], shell, timed, SPLIT, "%%html\n<b>x</b>")
    report = lint(tmp_path, text, "a.ipynb")
    assert report.frame[["cell", "line"]].to_numpy().tolist() == [[3, 4]]


def test_a_text_that_begins_with_a_percent_sign_is_no_magic(tmp_path):
    text = CELLS[0] + '\nt = """\n%not a magic\n!nor this\n"""\n' + CELLS[1]
    assert lint(tmp_path, text + "\n" + SPLIT).frame["line"].tolist() == [8]


def test_a_function_of_an_earlier_cell_is_read_where_it_is_called(tmp_path):
    prepare = "def prepare(table):\n    return MinMaxScaler().fit_transform(table)"
    leaky = notebook(prepare, CELLS[0], "X = prepare(X)", SPLIT)
    report = lint(tmp_path, leaky, "a.ipynb")
    assert report.frame[["cell", "line"]].to_numpy().tolist() == [[1, 2]]
    clean = notebook(prepare, CELLS[0], SPLIT, "A = prepare(X_train)")
    assert lint(tmp_path, clean, "b.ipynb").ok


def test_one_hot_encoding_of_all_rows_is_a_note(tmp_path):
    text = CELLS[0] + "\nX = OneHotEncoder().fit_transform(X)\n" + SPLIT
    report = lint(tmp_path, text)
    assert report.ok
    assert report.frame["severity"].tolist() == ["note"]


@pytest.mark.parametrize(
    "text",
    [
        "def f(n):\n    return f(n - 1)\nf(3)\n",
        "a = []\na.append(a)\na[0] = a\nprint(a + a)\n",
        "x = lambda: x()\nx()\n",
        "for i in range(3):\n    d[i] = d\n",
        "class A(B):\n    def fit(self, X):\n        return self\nA().fit(X)\n",
        "match x:\n    case [a, *b]:\n        pass\n",
        "*a, b = c\nasync def f():\n    await g()\n",
        "del a, b[0], c.d\nx: int\ny: int = 3\n",
        "",
        "\n\n# nothing but a comment\n",
    ],
)
def test_any_python_is_read(text, tmp_path):
    assert lint(tmp_path, text).ok


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(FileNotFoundError):
        lint_notebook(tmp_path / "absent.ipynb")
    with pytest.raises(ValueError, match="not a Jupyter notebook"):
        lint(tmp_path, "{}", "a.ipynb")
    (tmp_path / "b.py").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ValueError, match="not a text"):
        lint_notebook(tmp_path / "b.py")


def test_command_line(tmp_path, capsys):
    leaky, clean = tmp_path / "leaky.ipynb", tmp_path / "clean.py"
    leaky.write_text(notebook(*CELLS))
    clean.write_text(CLEAN["pipeline_cv"])
    assert main([str(clean)]) == 0
    assert "nothing found" in capsys.readouterr().out
    assert main([str(leaky), str(clean)]) == 1
    out = capsys.readouterr().out
    assert "cell 2, line 3" in out
    assert "L1.2 preprocessing on both" in out
    assert main([str(leaky), "--json"]) == 1
    [found] = json.loads(capsys.readouterr().out)
    assert not found["ok"]
    assert [(f["cell"], f["line"]) for f in found["findings"]] == [(2, 3)]
    assert found["findings"][0]["kind"] in KINDS.values()
    assert main([str(tmp_path / "absent.py"), str(leaky)]) == 2
    assert "absent.py" in capsys.readouterr().err


def test_it_runs_as_a_module_and_runs_no_cell(tmp_path):
    path = tmp_path / "a.py"
    path.write_text("raise SystemExit(7)\n" + LEAKY["in_sample"][2])
    line = [sys.executable, "-m", "mlworkbench.leakage", str(path)]
    done = subprocess.run(line, capture_output=True, text=True)
    assert done.returncode == 1
    assert "no clean test set" in done.stdout
    assert done.stderr == ""
