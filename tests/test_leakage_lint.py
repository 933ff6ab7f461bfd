"""Notebooks and scripts with and without leaks, read without running them."""

import json
import subprocess
import sys

import pytest

from mlworkbench.leakage import KINDS, lint_notebook
from mlworkbench.leakage.__main__ import main
from mlworkbench.leakage._lint_flow import Flow

# ruff: noqa: E501
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
    "imblearn_pipe": """
X, y = make_classification()
pipe = imblearn.pipeline.make_pipeline(StandardScaler(), SMOTE(), SVC())
print(cross_val_score(pipe, X, y))
X_train, X_test, y_train, y_test = train_test_split(X, y)
pipe.fit(X_train, y_train)
print(pipe.score(X_test, y_test))
""",
    "train_test_csv": """
train = pd.read_csv("train.csv")
test = pd.read_csv("test.csv")
sc = StandardScaler().fit(train[["a"]])
m = SVC().fit(sc.transform(train[["a"]]), train["t"])
out = m.predict(sc.transform(test[["a"]]))
pd.DataFrame({"id": test.id, "t": out}).to_csv("s.csv")
""",
    "func_train_only": """
def prep(tr, te):
    sc = StandardScaler()
    return sc.fit_transform(tr), sc.transform(te)
X, y = make_classification()
X_train, X_test, y_train, y_test = train_test_split(X, y)
A, B = prep(X_train, X_test)
m = SVC().fit(A, y_train)
print(m.score(A, y_train), m.score(B, y_test))
""",
    "kfold_fold_scaler": """
X, y = make_classification()
aucs = []
for fold, (tr, te) in enumerate(KFold(5).split(X)):
    A, B = X[tr], X[te]
    sel = SelectKBest(k=3).fit(A, y[tr])
    m = SVC().fit(sel.transform(A), y[tr])
    aucs.append(roc_auc_score(y[te], m.decision_function(sel.transform(B))))
print(np.mean(aucs))
""",
    "oof_numpy": """
X, y = make_classification()
oof = np.zeros(len(y))
for tr, te in KFold(5).split(X):
    m = SVC().fit(X[tr], y[tr])
    oof[te] = m.predict_proba(X[te])[:, 1]
print(roc_auc_score(y, oof))
""",
    "cross_val_predict": """
X, y = make_classification()
p = cross_val_predict(make_pipeline(StandardScaler(), SVC()), X, y)
print(accuracy_score(y, p))
""",
    "several_metrics": """
X, y = make_classification()
X_train, X_test, y_train, y_test = train_test_split(X, y)
m = SVC().fit(X_train, y_train)
p = m.predict_proba(X_test)[:, 1]
print(roc_auc_score(y_test, p), f1_score(y_test, p > 0.5), log_loss(y_test, p))
fpr, tpr, thr = roc_curve(y_test, p)
plt.plot(fpr, tpr, label=auc(fpr, tpr))
plt.plot(*precision_recall_curve(y_test, p)[:2])
""",
    "y_standard": """
df = pd.read_csv("a.csv")
df["high"] = (df["price"] > df["price"].median()).astype(int)
X = df.drop(columns=["price", "high"]); y = df["high"]
X_train, X_test, y_train, y_test = train_test_split(X, y)
SVC().fit(X_train, y_train).score(X_test, y_test)
""",
    "eda_stats": """
df = pd.read_csv("a.csv")
means = df.groupby("city")["t"].mean()
means.plot.bar()
print(df["t"].mean(), df.corr())
X = df[["a"]]; y = df["t"]
X_train, X_test, y_train, y_test = train_test_split(X, y)
print(SVC().fit(X_train, y_train).score(X_test, y_test), "base", max(y.mean(), 1 - y.mean()))
""",
    "target_log": """
df = pd.read_csv("a.csv")
y = np.log1p(df["price"])
X = df.drop(columns=["price"])
cross_val_score(Ridge(), X, y)
""",
    "other_frame_same_name": """
a = pd.read_csv("a.csv")
b = pd.read_csv("b.csv")
y = b["t"]
cross_val_score(SVC(), a, y)
""",
    "permutation_importance_by_hand": """
X, y = make_classification()
X_train, X_test, y_train, y_test = train_test_split(X, y)
m = SVC().fit(X_train, y_train)
base = m.score(X_test, y_test)
for j in range(5):
    Z = X_test.copy()
    Z[:, j] = rng.permutation(Z[:, j])
    print(base - m.score(Z, y_test))
""",
    "bootstrap_ci": """
X, y = make_classification()
X_train, X_test, y_train, y_test = train_test_split(X, y)
p = SVC().fit(X_train, y_train).predict(X_test)
scores = []
for _ in range(200):
    i = rng.integers(0, len(y_test), len(y_test))
    scores.append(accuracy_score(y_test[i], p[i]))
""",
    "filters_before": """
df = pd.read_csv("a.csv")
df = df[df["a"] > 0].dropna().drop_duplicates().reset_index(drop=True)
df["year"] = pd.to_datetime(df["date"]).dt.year
df["age"] = 2020 - df["year"]
X = df[["age"]]; y = df["t"]
X_train, X_test, y_train, y_test = train_test_split(X, y)
print(SVC().fit(X_train, y_train).score(X_test, y_test))
""",
    "search_inside_loop": """
X, y = make_classification()
X_train, X_test, y_train, y_test = train_test_split(X, y)
best = None
for name, (m, grid) in {"a": (SVC(), {"C": [1]}), "b": (Ridge(), {"alpha": [1]})}.items():
    s = GridSearchCV(m, grid).fit(X_train, y_train)
    if best is None or s.best_score_ > best.best_score_:
        best = s
print(best.score(X_test, y_test))
""",
    "group_kfold": """
df = pd.read_csv("a.csv")
X, y, g = df[["a"]], df["t"], df["g"]
cv = GroupKFold(5)
for tr, te in cv.split(X, y, groups=g):
    m = make_pipeline(StandardScaler(), SVC()).fit(X.iloc[tr], y.iloc[tr])
    print(m.score(X.iloc[te], y.iloc[te]))
""",
    "time_masks": """
df = pd.read_csv("a.csv")
is_train = df["month"] <= 9
pipe = make_pipeline(SimpleImputer(), SVC())
pipe.fit(df.loc[is_train, ["a"]], df.loc[is_train, "t"])
print(roc_auc_score(df.loc[~is_train, "t"], pipe.decision_function(df.loc[~is_train, ["a"]])))
""",
    "index_split": """
df = pd.read_csv("a.csv")
tr, te = train_test_split(df.index)
mean = df.loc[tr, "a"].mean()
df["a"] = df["a"].fillna(mean)
m = SVC().fit(df.loc[tr, ["a"]], df.loc[tr, "t"])
print(m.score(df.loc[te, ["a"]], df.loc[te, "t"]))
""",
    "two_datasets": """
for load in [load_iris, load_wine]:
    X, y = load(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X, y)
    for m in [SVC(), LogisticRegression()]:
        print(m.fit(X_train, y_train).score(X_test, y_test))
""",
    "final_model_all": """
df = pd.read_csv("a.csv")
X = df.drop(columns="t"); y = df.t
model = make_pipeline(StandardScaler(), SVC())
print(cross_val_score(model, X, y).mean())
model.fit(X, y)
joblib.dump(model, "m.pkl")
new = pd.read_csv("new.csv")
print(model.predict(new))
""",
    "rename_scaler_two": """
X, y = make_classification()
scaler = StandardScaler()
Z = scaler.fit_transform(X)
KMeans(3).fit_predict(Z)
X_train, X_test, y_train, y_test = train_test_split(X, y)
A = scaler.fit_transform(X_train)
m = SVC().fit(A, y_train)
print(m.score(scaler.transform(X_test), y_test))
""",
    "torch_epochs": """
X, y = make_classification()
X_train, X_test, y_train, y_test = train_test_split(X, y)
net = Net()
for epoch in range(10):
    loss = criterion(net(X_train), y_train)
    loss.backward()
pred = net(X_test).argmax(1)
print(accuracy_score(y_test, pred))
""",
    "sgd_curve": """
X, y = make_classification()
X_train, X_test, y_train, y_test = train_test_split(X, y)
X_fit, X_val, y_fit, y_val = train_test_split(X_train, y_train)
m = SGDClassifier()
for e in range(5):
    m.partial_fit(X_fit, y_fit, classes=[0, 1])
    print(m.score(X_val, y_val))
print(m.score(X_test, y_test))
""",
    "nested_cv": """
X, y = make_classification()
inner = GridSearchCV(make_pipeline(StandardScaler(), SVC()), {"svc__C": [1, 2]})
print(cross_val_score(inner, X, y))
""",
    "make_columns": """
df = pd.read_csv("a.csv")
num = df.select_dtypes("number").columns.drop("t")
X_train, X_test, y_train, y_test = train_test_split(df[num], df["t"])
m = make_pipeline(StandardScaler(), SVC()).fit(X_train, y_train)
print(m.score(X_test, y_test))
""",
    "columns_isin": """
df = pd.read_csv("a.csv")
y = df["t"]
X = df.loc[:, df.columns != "t"]
cross_val_score(SVC(), X, y)
""",
    "columns_difference": """
df = pd.read_csv("a.csv")
X = df[df.columns.difference(["t"])]
cross_val_score(SVC(), X, df["t"])
""",
    "comp_not_in": """
df = pd.read_csv("a.csv")
skip = {"id", "t"}
X = df[[c for c in df.columns if c not in skip]]
cross_val_score(SVC(), X, df["t"])
""",
    "iloc_target": """
df = pd.read_csv("a.csv")
X, y = df.iloc[:, :-1], df.iloc[:, -1]
cross_val_score(SVC(), X, y)
""",
    "values_target": """
data = pd.read_csv("a.csv").values
X, y = data[:, :8], data[:, 8]
X_train, X_test, y_train, y_test = train_test_split(X, y)
sc = MinMaxScaler()
X_train = sc.fit_transform(X_train)
X_test = sc.transform(X_test)
m = SVC().fit(X_train, y_train)
print(confusion_matrix(y_test, m.predict(X_test)))
""",
    "sets_names": """
df = pd.read_csv("a.csv")
features = list(set(df.columns) - {"t"})
X_train, X_test, y_train, y_test = train_test_split(df[features], df["t"])
print(SVC().fit(X_train, y_train).score(X_test, y_test))
""",
    "remove_name": """
df = pd.read_csv("a.csv")
features = df.columns.tolist()
features.remove("t")
X_train, X_test, y_train, y_test = train_test_split(df[features], df["t"])
print(SVC().fit(X_train, y_train).score(X_test, y_test))
""",
    "calibrate": """
X, y = make_classification()
X_train, X_rest, y_train, y_rest = train_test_split(X, y)
X_cal, X_test, y_cal, y_test = train_test_split(X_rest, y_rest)
m = SVC().fit(X_train, y_train)
c = CalibratedClassifierCV(FrozenEstimator(m)).fit(X_cal, y_cal)
print(brier_score_loss(y_test, c.predict_proba(X_test)[:, 1]))
""",
    "tuned_threshold": """
X, y = make_classification()
X_train, X_test, y_train, y_test = train_test_split(X, y)
m = TunedThresholdClassifierCV(SVC()).fit(X_train, y_train)
print(f1_score(y_test, m.predict(X_test)))
""",
    "knn_elbow_val": """
X, y = make_classification()
X_dev, X_test, y_dev, y_test = train_test_split(X, y)
X_tr, X_va, y_tr, y_va = train_test_split(X_dev, y_dev)
err = []
for k in range(1, 30):
    m = KNeighborsClassifier(k).fit(X_tr, y_tr)
    err.append(np.mean(m.predict(X_va) != y_va))
best = int(np.argmin(err)) + 1
print(KNeighborsClassifier(best).fit(X_dev, y_dev).score(X_test, y_test))
""",
    "val_scored_loop": """
X, y = make_classification()
X_dev, X_test, y_dev, y_test = train_test_split(X, y)
X_tr, X_va, y_tr, y_va = train_test_split(X_dev, y_dev)
for c in (1, 2):
    m = SVC(C=c).fit(X_tr, y_tr)
    print(f1_score(y_va, m.predict(X_va)))
""",
    "adversarial": """
train = pd.read_csv("train.csv").assign(is_test=0)
test = pd.read_csv("test.csv").assign(is_test=1)
both = pd.concat([train, test])
X = both.drop(columns="is_test"); y = both["is_test"]
print(cross_val_score(RandomForestClassifier(), X, y).mean())
""",
    "predict_all": """
X, y = make_classification()
X_train, X_test, y_train, y_test = train_test_split(X, y)
m = SVC().fit(X_train, y_train)
print(m.score(X_test, y_test))
out = m.predict(X)
""",
    "keras_plain": """
X, y = make_classification()
X_train, X_test, y_train, y_test = train_test_split(X, y)
model = Sequential([Dense(3)])
model.compile(loss="mse")
h = model.fit(X_train, y_train, validation_split=0.2, epochs=3)
print(model.evaluate(X_test, y_test))
""",
    "same_helper_both": """
def add(d):
    d = d.copy()
    d["r"] = d["a"] / d["b"]
    return d
train, test = train_test_split(pd.read_csv("a.csv"))
train, test = add(train), add(test)
m = SVC().fit(train[["r"]], train["t"])
print(m.score(test[["r"]], test["t"]))
""",
    "train_groups_map": """
df = pd.read_csv("a.csv")
train, test = train_test_split(df, stratify=df["t"])
means = train.groupby("city")["t"].mean()
for part in (train, test):
    part["enc"] = part["city"].map(means)
m = Ridge().fit(train[["enc"]], train["t"])
print(m.score(test[["enc"]], test["t"]))
""",
}

# The same kinds in other clothes: name: code of the kind, script
OTHERS = {
    "setitem_cols": (
        "L1.2",
        """
df = pd.read_csv("a.csv")
num = ["a", "b"]
scaler = StandardScaler()
df[num] = scaler.fit_transform(df[num])
X = df.drop("t", axis=1)
y = df["t"]
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3)
""",
    ),
    "df_fillna_mean": (
        "L1.2",
        """
df = pd.read_csv("a.csv")
df = df.fillna(df.mean())
X = df.drop("t", axis=1); y = df["t"]
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3)
""",
    ),
    "loop_columns_fill": (
        "L1.2",
        """
df = pd.read_csv("a.csv")
for col in ["a", "b"]:
    df[col] = df[col].fillna(df[col].median())
X = df.drop("t", axis=1); y = df["t"]
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3)
""",
    ),
    "loop_columns_scaler": (
        "L1.2",
        """
df = pd.read_csv("a.csv")
for col in df.columns:
    df[col] = (df[col] - df[col].mean()) / df[col].std()
train, test = train_test_split(df)
""",
    ),
    "apply_lambda_scale": (
        "L1.2",
        """
df = pd.read_csv("a.csv")
X = df[["a", "b"]].apply(lambda c: (c - c.mean()) / c.std())
X_train, X_test, y_train, y_test = train_test_split(X, df["t"])
""",
    ),
    "groupby_transform": (
        "L1.2",
        """
df = pd.read_csv("a.csv")
df["te"] = df.groupby("city")["price"].transform("mean")
X, y = df[["te"]], df["price"]
X_train, X_test, y_train, y_test = train_test_split(X, y)
""",
    ),
    "merge_stats": (
        "L1.2",
        """
df = pd.read_csv("a.csv")
agg = df.groupby("user")["t"].agg(["mean", "count"]).reset_index()
df = df.merge(agg, on="user")
X_train, X_test, y_train, y_test = train_test_split(df.drop(columns="t"), df["t"])
""",
    ),
    "array_slices": (
        "L1.2",
        """
data = np.loadtxt("a.csv")
X, y = data[:, :-1], data[:, -1]
X = MinMaxScaler().fit_transform(X)
n = int(0.8 * len(X))
X_train, X_test = X[:n], X[n:]
y_train, y_test = y[:n], y[n:]
m = LogisticRegression()
m.fit(X_train, y_train)
print(accuracy_score(y_test, m.predict(X_test)))
""",
    ),
    "select_full_then_test": (
        "L1.3",
        """
X, y = make_classification()
top = SelectKBest(f_classif, k=20).fit(X, y).get_support()
X = X[:, top]
X_tr, X_te, y_tr, y_te = train_test_split(X, y)
m = LogisticRegression().fit(X_tr, y_tr)
print(roc_auc_score(y_te, m.predict_proba(X_te)[:, 1]))
""",
    ),
    "importance_select": (
        "L1.3",
        """
df = pd.read_csv("a.csv")
X = df.drop(columns=["y"]); y = df["y"]
rf = RandomForestClassifier().fit(X, y)
top = X.columns[np.argsort(rf.feature_importances_)[-10:]]
X_train, X_test, y_train, y_test = train_test_split(X[top], y)
rf2 = RandomForestClassifier().fit(X_train, y_train)
print(rf2.score(X_test, y_test))
""",
    ),
    "corr_loop_select": (
        "L1.3",
        """
df = pd.read_csv("a.csv")
X = df.drop(columns="y"); y = df["y"]
keep = [c for c in X.columns if abs(X[c].corr(y)) > 0.2]
print(cross_val_score(LinearRegression(), X[keep], y, cv=5))
""",
    ),
    "rfe": (
        "L1.3",
        """
X, y = load_breast_cancer(return_X_y=True)
rfe = RFE(LogisticRegression(), n_features_to_select=5)
X = rfe.fit_transform(X, y)
scores = cross_val_score(LogisticRegression(), X, y)
""",
    ),
    "variance": (
        "L1.3",
        """
X, y = load_breast_cancer(return_X_y=True)
selector = SelectPercentile(mutual_info_classif, percentile=10)
selector.fit(X, y)
X_new = selector.transform(X)
Xa, Xb, ya, yb = train_test_split(X_new, y)
""",
    ),
    "selected_by_pvalues": (
        "L1.3",
        """
X, y = make_classification()
F, p = f_classif(X, y)
X = X[:, p < 0.05]
print(cross_val_score(SVC(), X, y).mean())
""",
    ),
    "adasyn": (
        "L1.2",
        """
df = pd.read_csv("a.csv")
X = df.drop("Class", axis=1); y = df["Class"]
ada = ADASYN()
X_res, y_res = ada.fit_resample(X, y)
X_train, X_test, y_train, y_test = train_test_split(X_res, y_res)
clf = RandomForestClassifier(); clf.fit(X_train, y_train)
print(classification_report(y_test, clf.predict(X_test)))
""",
    ),
    "manual_oversample": (
        "L1.4",
        """
df = pd.read_csv("a.csv")
minority = df[df.t == 1]
df = pd.concat([df, minority.sample(1000, replace=True)])
train, test = train_test_split(df)
""",
    ),
    "resample_util": (
        "L1.4",
        """
df = pd.read_csv("a.csv")
minority, majority = df[df.t == 1], df[df.t == 0]
up = resample(minority, replace=True, n_samples=len(majority))
df2 = pd.concat([majority, up])
X_train, X_test, y_train, y_test = train_test_split(df2.drop(columns="t"), df2.t)
""",
    ),
    "target_in_X_iloc": (
        "L2",
        """
df = pd.read_csv("a.csv")
X = df.copy()
y = df["t"]
X_train, X_test, y_train, y_test = train_test_split(X, y)
clf = DecisionTreeClassifier()
clf.fit(X_train, y_train)
""",
    ),
    "target_in_train_frames": (
        "L2",
        """
df = pd.read_csv("a.csv")
train, test = train_test_split(df)
clf = DecisionTreeClassifier()
clf.fit(train, train["t"])
print(clf.score(test, test["t"]))
""",
    ),
    "target_drop_forgotten": (
        "L2",
        """
df = pd.read_csv("a.csv")
target = "t"
y = df[target]
X = df.drop(columns=["id"])
m = HistGradientBoostingClassifier()
print(cross_val_score(m, X, y, cv=5).mean())
""",
    ),
    "target_scaled": (
        "L2",
        """
df = pd.read_csv("a.csv")
df["price_k"] = df["price"] / 1000
features = ["rooms", "price_k"]
X_train, X_test, y_train, y_test = train_test_split(df[features], df["price"])
LinearRegression().fit(X_train, y_train)
""",
    ),
    "np_where": (
        "L2",
        """
df = pd.read_csv("a.csv")
df["y"] = np.where(df["delay"] > 15, 1, 0)
X = df[["hour", "delay"]]
y = df["y"]
cross_val_score(SVC(), X, y)
""",
    ),
    "list_comp_cols": (
        "L2",
        """
df = pd.read_csv("a.csv")
X = df[[c for c in df.columns if c != "id"]]
y = df["t"]
cross_val_score(SVC(), X, y)
""",
    ),
    "select_dtypes": (
        "L2",
        """
df = pd.read_csv("a.csv")
X = df.select_dtypes("number")
y = df["t"]
cross_val_score(SVC(), X, y)
""",
    ),
    "dict_models": (
        "L1.1",
        """
X, y = make_classification()
X_train, X_test, y_train, y_test = train_test_split(X, y)
models = {"a": SVC(), "b": LogisticRegression()}
results = {}
for name, model in models.items():
    model.fit(X_train, y_train)
    results[name] = accuracy_score(y_test, model.predict(X_test))
best = max(results, key=results.get)
""",
    ),
    "while_loop": (
        "L1.1",
        """
X, y = make_classification()
X_train, X_test, y_train, y_test = train_test_split(X, y)
k = 1
while k < 20:
    m = KNeighborsClassifier(n_neighbors=k).fit(X_train, y_train)
    print(m.score(X_test, y_test))
    k += 1
""",
    ),
    "nested_grid": (
        "L1.1",
        """
X, y = make_classification()
X_train, X_test, y_train, y_test = train_test_split(X, y)
best = 0
for C in [0.1, 1]:
    for gamma in [0.1, 1]:
        svm = SVC(C=C, gamma=gamma)
        svm.fit(X_train, y_train)
        score = svm.score(X_test, y_test)
        if score > best:
            best, params = score, {"C": C, "gamma": gamma}
""",
    ),
    "product_grid": (
        "L1.1",
        """
from itertools import product
X, y = make_classification()
X_train, X_test, y_train, y_test = train_test_split(X, y)
scores = {(c, g): SVC(C=c, gamma=g).fit(X_train, y_train).score(X_test, y_test) for c, g in product([1, 2], [3, 4])}
""",
    ),
    "param_grid_obj": (
        "L1.1",
        """
X, y = make_classification()
X_train, X_test, y_train, y_test = train_test_split(X, y)
for params in ParameterGrid({"C": [1, 2]}):
    m = SVC(**params).fit(X_train, y_train)
    print(f1_score(y_test, m.predict(X_test)))
""",
    ),
    "set_params_loop": (
        "L1.1",
        """
X, y = make_classification()
X_train, X_test, y_train, y_test = train_test_split(X, y)
m = SVC()
for c in [1, 2]:
    m.set_params(C=c)
    m.fit(X_train, y_train)
    print(m.score(X_test, y_test))
""",
    ),
    "roc_threshold": (
        "L1.1",
        """
X, y = make_classification()
X_train, X_test, y_train, y_test = train_test_split(X, y)
m = LogisticRegression().fit(X_train, y_train)
proba = m.predict_proba(X_test)[:, 1]
fpr, tpr, thresholds = roc_curve(y_test, proba)
ix = np.argmax(tpr - fpr)
best_thresh = thresholds[ix]
y_hat = (proba > best_thresh).astype(int)
print(accuracy_score(y_test, y_hat))
""",
    ),
    "trained_on_everything": (
        "L1.1",
        """
df = pd.read_csv("a.csv")
X = df.drop(columns="t"); y = df["t"]
X_train, X_test, y_train, y_test = train_test_split(X, y)
pipe = make_pipeline(StandardScaler(), LogisticRegression())
pipe.fit(X, y)
print(roc_auc_score(y_test, pipe.predict_proba(X_test)[:, 1]))
""",
    ),
    "fit_test": (
        "L1.2",
        """
df = pd.read_csv("a.csv")
train, test = train_test_split(df)
vec = CountVectorizer()
A = vec.fit_transform(train["text"])
B = vec.fit_transform(test["text"])
""",
    ),
    "imputer_fit_test": (
        "L1.2",
        """
df = pd.read_csv("a.csv")
X_train, X_test, y_train, y_test = train_test_split(df[["a"]], df["t"])
imp = SimpleImputer()
imp.fit(X_train)
X_train = imp.transform(X_train)
imp.fit(X_test)
X_test = imp.transform(X_test)
""",
    ),
    "two_csv": (
        "L1.2",
        """
train = pd.read_csv("train.csv")
test = pd.read_csv("test.csv")
full = pd.concat([train, test])
scaler = StandardScaler().fit(full[["a"]])
m = SVC().fit(scaler.transform(train[["a"]]), train["t"])
print(m.score(scaler.transform(test[["a"]]), test["t"]))
""",
    ),
    "class_wrapped": (
        "L1.2",
        """
class Trainer:
    def __init__(self):
        self.scaler = StandardScaler()
    def run(self, X, y):
        X = self.scaler.fit_transform(X)
        X_train, X_test, y_train, y_test = train_test_split(X, y)
        return SVC().fit(X_train, y_train).score(X_test, y_test)
X, y = make_classification()
print(Trainer().run(X, y))
""",
    ),
    "main_guard": (
        "L1.2",
        """
def main():
    X, y = make_classification()
    X = StandardScaler().fit_transform(X)
    X_train, X_test, y_train, y_test = train_test_split(X, y)
    print(SVC().fit(X_train, y_train).score(X_test, y_test))
if __name__ == "__main__":
    main()
""",
    ),
    "uncalled_function": (
        "L1.2",
        """
def evaluate(df):
    X = StandardScaler().fit_transform(df[["a"]])
    X_train, X_test, y_train, y_test = train_test_split(X, df["t"])
    return SVC().fit(X_train, y_train).score(X_test, y_test)
""",
    ),
    "self_attr": (
        "L1.2",
        """
sc = preprocessing.StandardScaler()
iris = load_iris()
X = iris.data
y = iris.target
X_std = sc.fit(X).transform(X)
X_train, X_test, y_train, y_test = model_selection.train_test_split(X_std, y)
""",
    ),
    "temporal_negshift": (
        "L3.1",
        """
df = pd.read_csv("a.csv")
df["next"] = df["sales"].shift(-1)
X = df[["next", "a"]]; y = df["sales"]
X_train, X_test, y_train, y_test = train_test_split(X, y, shuffle=False)
Ridge().fit(X_train, y_train).score(X_test, y_test)
""",
    ),
    "keras": (
        "L1.1",
        """
X, y = make_classification()
X_train, X_test, y_train, y_test = train_test_split(X, y)
model = Sequential([Dense(3)])
model.compile(loss="mse")
model.fit(X_train, y_train, validation_data=(X_test, y_test), callbacks=[EarlyStopping(patience=3)])
print(model.evaluate(X_test, y_test))
""",
    ),
    "kmeans_feature": (
        "L1.2",
        """
X, y = make_classification()
km = KMeans(8).fit(X)
X = np.c_[X, km.labels_]
X_train, X_test, y_train, y_test = train_test_split(X, y)
""",
    ),
    "conditional": (
        "L1.2",
        """
df = pd.read_csv("a.csv")
X, y = df.drop("t", axis=1), df["t"]
if SCALE:
    X = StandardScaler().fit_transform(X)
else:
    X = X.to_numpy()
X_train, X_test, y_train, y_test = train_test_split(X, y)
""",
    ),
    "try": (
        "L1.2",
        """
try:
    df = pd.read_csv("a.csv")
except FileNotFoundError:
    df = pd.read_csv("b.csv")
X, y = df.drop("t", axis=1).values, df["t"].values
X = preprocessing.scale(X)
X_train, X_test, y_train, y_test = train_test_split(X, y)
""",
    ),
    "winsorize": (
        "L1.2",
        """
df = pd.read_csv("a.csv")
lo, hi = df["a"].quantile([0.01, 0.99])
df["a"] = df["a"].clip(lo, hi)
X_train, X_test, y_train, y_test = train_test_split(df[["a"]], df["t"])
""",
    ),
    "np_percentile": (
        "L1.2",
        """
X, y = make_regression()
q = np.percentile(X, 99, axis=0)
X = np.minimum(X, q)
X_train, X_test, y_train, y_test = train_test_split(X, y)
""",
    ),
    "minmax_by_hand": (
        "L1.2",
        """
df = pd.read_csv("a.csv")
df["a"] = (df["a"] - df["a"].min()) / (df["a"].max() - df["a"].min())
X_train, X_test, y_train, y_test = train_test_split(df[["a"]], df["t"])
""",
    ),
    "freq_encode": (
        "L1.2",
        """
df = pd.read_csv("a.csv")
df["freq"] = df["city"].map(df["city"].value_counts(normalize=True))
X_train, X_test, y_train, y_test = train_test_split(df[["freq"]], df["t"])
""",
    ),
    "target_encoder": (
        "L1.2",
        """
df = pd.read_csv("a.csv")
enc = TargetEncoder()
df["city"] = enc.fit_transform(df[["city"]], df["t"])
X = df[["city"]]
print(cross_val_score(Ridge(), X, df["t"]))
""",
    ),
    "ct_transform": (
        "L1.2",
        """
df = pd.read_csv("a.csv")
ct = ColumnTransformer([("n", StandardScaler(), ["a"]), ("c", OneHotEncoder(), ["b"])])
Z = ct.fit_transform(df)
Z_train, Z_test, y_train, y_test = train_test_split(Z, df["t"])
m = LogisticRegression().fit(Z_train, y_train)
print(m.score(Z_test, y_test))
""",
    ),
    "pipeline_prep": (
        "L1.2",
        """
df = pd.read_csv("a.csv")
num_pipe = Pipeline([("imp", SimpleImputer(strategy="median")), ("sc", StandardScaler())])
prepared = num_pipe.fit_transform(df.drop("t", axis=1))
X_train, X_test, y_train, y_test = train_test_split(prepared, df["t"])
""",
    ),
    "concat_dummies": (
        "L1.2",
        """
df = pd.read_csv("a.csv")
d = pd.get_dummies(df["c"])
s = pd.DataFrame(StandardScaler().fit_transform(df[["a"]]), columns=["a"])
X = pd.concat([d, s], axis=1)
X_train, X_test, y_train, y_test = train_test_split(X, df["t"])
""",
    ),
    "text_lsa": (
        "L1.2",
        """
docs = fetch_20newsgroups()
X = TfidfVectorizer().fit_transform(docs.data)
X = TruncatedSVD(50).fit_transform(X)
clf = LinearSVC()
print(cross_val_score(clf, X, docs.target, cv=5))
""",
    ),
    "kfold_select": (
        "L1.3",
        """
X, y = make_classification()
sel = SelectKBest(k=5)
X = sel.fit_transform(X, y)
kf = KFold(n_splits=5)
acc = []
for train_index, test_index in kf.split(X):
    X_train, X_test = X[train_index], X[test_index]
    y_train, y_test = y[train_index], y[test_index]
    m = SVC()
    m.fit(X_train, y_train)
    acc.append(accuracy_score(y_test, m.predict(X_test)))
""",
    ),
    "lasso_select": (
        "L1.3",
        """
df = pd.read_csv("a.csv")
X, y = df.drop(columns="y"), df["y"]
lasso = LassoCV().fit(X, y)
X = X.loc[:, lasso.coef_ != 0]
X_train, X_test, y_train, y_test = train_test_split(X, y)
print(LinearRegression().fit(X_train, y_train).score(X_test, y_test))
""",
    ),
    "drop_corr": (
        "L1.3",
        """
df = pd.read_csv("a.csv")
corr = df.corr().abs()
weak = corr.index[corr["y"] < 0.1]
df = df.drop(columns=weak)
X_train, X_test, y_train, y_test = train_test_split(df.drop(columns="y"), df["y"])
""",
    ),
    "nlargest": (
        "L1.3",
        """
df = pd.read_csv("a.csv")
top = df.corr()["y"].abs().nlargest(10).index.tolist()
X = df[top]; y = df["y"]
scores = cross_val_score(SVC(), X, y)
""",
    ),
    "y_pop_late": (
        "L2",
        """
df = pd.read_csv("a.csv")
X = df.loc[:, ["a", "b", "cancelled"]]
y = df.loc[:, "cancelled"]
Xa, Xb, ya, yb = train_test_split(X, y)
m = GradientBoostingClassifier().fit(Xa, ya)
print(m.score(Xb, yb))
""",
    ),
    "assign_target": (
        "L2",
        """
df = pd.read_csv("a.csv").assign(late=lambda d: d["arr_delay"] >= 30)
X = df[["hour", "arr_delay"]]; y = df["late"]
print(cross_val_score(SVC(), X, y))
""",
    ),
    "features_plus": (
        "L2",
        """
TARGET = "late"
NUM = ["a", "b"]
FEATURES = NUM + [TARGET]
df = pd.read_csv("a.csv")
pipe = make_pipeline(StandardScaler(), SVC())
train, test = train_test_split(df)
pipe.fit(train[FEATURES], train[TARGET])
print(pipe.score(test[FEATURES], test[TARGET]))
""",
    ),
    "drop_variable": (
        "L2",
        """
df = pd.read_csv("a.csv")
df.drop(["id", "name"], axis=1, inplace=True)
y = df["t"].values
X = df
clf = RandomForestClassifier()
print(cross_val_score(clf, X, df["t"]))
""",
    ),
    "score_lambda": (
        "L1.1",
        """
X, y = make_classification()
X_train, X_test, y_train, y_test = train_test_split(X, y)
models = [SVC(C=c).fit(X_train, y_train) for c in (1, 2, 3)]
best = max(models, key=lambda m: m.score(X_test, y_test))
""",
    ),
    "optuna": (
        "L1.1",
        """
X, y = make_classification()
X_train, X_test, y_train, y_test = train_test_split(X, y)
def objective(trial):
    m = SVC(C=trial.suggest_float("C", 0.1, 10)).fit(X_train, y_train)
    return accuracy_score(y_test, m.predict(X_test))
study = optuna.create_study()
study.optimize(objective, n_trials=50)
""",
    ),
    "thresholds_inner": (
        "L1.1",
        """
X, y = make_classification()
X_train, X_test, y_train, y_test = train_test_split(X, y)
m = LogisticRegression().fit(X_train, y_train)
best_f1 = 0
for t in np.arange(0.1, 0.9, 0.05):
    y_hat = (m.predict_proba(X_test)[:, 1] > t).astype(int)
    f1 = f1_score(y_test, y_hat)
    if f1 > best_f1:
        best_f1, best_t = f1, t
""",
    ),
    "train_includes_test": (
        "L1.1",
        """
df = pd.read_csv("a.csv")
test = df.sample(frac=0.2, random_state=0)
m = SVC().fit(df[["a"]], df["t"])
print(m.score(test[["a"]], test["t"]))
""",
    ),
    "metrics_module": (
        "L1.1",
        """
X, y = make_classification()
clf = RandomForestClassifier()
clf.fit(X, y)
pred = clf.predict(X)
print(metrics.accuracy_score(y, pred))
""",
    ),
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


@pytest.mark.parametrize("name", OTHERS)
def test_a_fault_in_other_clothes_has_the_same_kind(name, tmp_path):
    code, text = OTHERS[name]
    frame = lint(tmp_path, text).frame
    assert set(frame.loc[frame["severity"] != "note", "code"]) == {code}


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


def test_a_sample_drawn_by_a_split_is_not_a_training_part(tmp_path):
    text = "df = pd.read_csv('a.csv')\nsome, _ = train_test_split(df)\n"
    text += "X, y = some[['a']], some['t']\nX = StandardScaler().fit_transform(X)\n"
    for end in (SPLIT, "cross_val_score(SVC(), X, y)\n"):
        frame = lint(tmp_path, text + end).frame
        assert frame[["severity", "line"]].to_numpy().tolist() == [["leak", 4]]


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
        "[c for c in a.columns if c != 3 if c not in d if c > 'e']\n",
        "del a, b[0], c.d\nx: int\ny: int = 3\n",
        "",
        "\n\n# nothing but a comment\n",
    ],
)
def test_any_python_is_read(text, tmp_path):
    assert lint(tmp_path, text).ok


def test_loops_in_calls_in_loops_do_not_multiply(tmp_path):
    text = "def f0(x):\n    return x\n"
    for n in range(1, 9):
        text += f"def f{n}(x):\n    for i in x:\n        for j in x:\n"
        text += f"            x = f{n - 1}(f{n - 1}(f{n - 1}(x)))\n    return x\n"
    text += "for k in range(9):\n    f8(f8(k))\n"
    calls = []
    read = Flow.value

    def counted(self, node):
        calls.append(node)
        return read(self, node)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Flow, "value", counted)
        assert lint(tmp_path, text + LEAKY["in_sample"][2]).n_warnings == 1
    assert len(calls) < 400_000


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
