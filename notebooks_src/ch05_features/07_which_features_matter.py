# %% [markdown]
# # Ask which features matter
#
# *18 minutes · data: flights*
#
# **You will** rank the columns of a delay model in three ways, see the three disagree, and find out who is right about what.
#
# **You will learn to**
#
# - say what shuffling, leaving out and SHAP each measure, and in which units;
# - notice columns that hide each other, and judge them as one;
# - distrust a ranking in which pure noise does well.
#
# **You need** cross-validation, and the area under the ROC curve (AUC): the chance that the model ranks a late flight above a punctual one.

# %%
import inspect

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.inspection import permutation_importance
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder

from mlworkbench import datasets
from mlworkbench import notebook as nb
from mlworkbench.features import importance_report

nb.setup()

# %% [markdown]
# ## "Which columns may we stop paying for?"
#
# A model tells the duty manager which flights will arrive 30 minutes late or more. It reads the timetable, the aircraft and the weather. Every source has a bill, and somebody must repair it when it breaks. She asks: *which columns does the model need?*
#
# We take 8,000 flights, and plant a spy among the columns: `ticket`, a number drawn at random for every flight. It knows nothing. Whatever a method says about `ticket`, it says about noise.

# %%
data = datasets.load("flights", target="late_30").labelled()
readings = [
    "temp",
    "dewp",
    "humid",
    "pressure",
    "wind_speed",
    "precip",
    "visib",
]
weather = data.tables["weather"][["origin", "time_hour", *readings]]
year = data.frame.merge(weather, on=["origin", "time_hour"], how="left")
year["late"] = data.target.to_numpy()
year["weekday"] = year["time_hour"].dt.day_of_week
year["ticket"] = np.random.default_rng(0).permutation(len(year))
some = year.sample(8_000, random_state=0).sort_index()

texts = ["carrier", "dest", "origin", "tailnum"]
timetable = ["hour", "sched_arr_time", "month", "weekday", "distance"]
numbers = [*timetable, *readings, "ticket"]
X = some[texts + numbers].astype(dict.fromkeys(numbers, float))
for name in texts:  # numbered in the order of the alphabet: quicker to encode
    X[name] = X[name].rank(method="dense").astype("category")
y = some["late"].to_numpy() == 1
day = some["time_hour"].dt.day_of_year
splitter = GroupKFold(3, shuffle=True, random_state=0)
folds = list(splitter.split(X, y, day))  # no day in two folds


def tidy(table):
    """Round what is not whole."""
    part = table.select_dtypes("float").round(3) + 0.0  # no -0.0
    return table.assign(**part)


def pipeline(model):
    """Return a model that reads the raw columns."""
    coder = OrdinalEncoder(
        handle_unknown="use_encoded_value", unknown_value=-1
    )
    head = make_column_transformer((coder, texts), remainder="passthrough")
    return make_pipeline(head, model)


boosting = pipeline(
    HistGradientBoostingClassifier(
        max_iter=40, max_leaf_nodes=8, early_stopping=False, random_state=0
    )
)
print(len(X), "flights,", X.shape[1], "columns")

# %% [markdown]
# ## Commit to a guess
#
# Flights late in the day are late more often: delays pile up. `hour`, the planned hour of departure, will turn out to be the column with the most weight. The model has an AUC of 0.73. Now delete `hour` and fit again.

# %%
guess = nb.predict(
    "ch05-07-drop-hour",
    "By how much does the AUC fall when the model never sees `hour`?",
    options=["not at all", "by about 0.03", "by about 0.09", "to 0.5"],
    why=(
        "The model reads the time of day from another column: the planned "
        "hour of arrival. Deleting a column asks what nobody else can say."
    ),
)
guess

# %% [markdown]
# ## By hand: shuffle one column, count pairs
#
# Fit on the first fold's training rows, take eight test flights, four of them late. AUC is the share of the 16 pairs (one late, one punctual) in which the late flight has the higher probability. Then move the hours around among the eight flights, leave everything else, and ask the same model again.

# %%
train, test = folds[0]
model = clone(boosting).fit(X.iloc[train], y[train])
late, fine = test[y[test]][:4], test[~y[test]][:4]
eight = X.iloc[[*late, *fine]]
moved = eight.assign(hour=eight["hour"].to_numpy()[[5, 0, 7, 4, 1, 2, 3, 6]])
by_hand = pd.DataFrame(
    {
        "late": y[[*late, *fine]],
        "hour": eight["hour"].astype(int),
        "probability": model.predict_proba(eight)[:, 1],
        "hour, shuffled": moved["hour"].astype(int),
        "probability, shuffled": model.predict_proba(moved)[:, 1],
    }
).reset_index(drop=True)


def right_pairs(probability):
    """Count pairs in which the late flight is ranked higher."""
    above = by_hand.loc[by_hand["late"], probability].to_numpy()[:, None]
    return int(
        (above > by_hand.loc[~by_hand["late"], probability].to_numpy()).sum()
    )


pairs = right_pairs("probability"), right_pairs("probability, shuffled")
print("right pairs of 16:", pairs[0], "before,", pairs[1], "after")
by_hand.round(2)

# %% [markdown]
# The difference, divided by 16, is the *permutation importance* of `hour` on eight flights (Breiman 2001). On all test rows, several times, in every fold, it becomes a number to rely on. Two rules come with it: use rows that the model was not fitted on, and remember that the model is the same one. It was fitted with `hour` and never had a chance to do without.
#
# ## Three methods, three questions
#
# | method | what is done | what it asks |
# |---|---|---|
# | permutation | shuffle the column in the test rows | how much does *this* model lean on it? |
# | drop | leave the column out, fit again | what does nobody else know? |
# | SHAP | share out each prediction among the columns | what moves the *prediction*? |
#
# SHAP (Lundberg & Lee 2017) never looks at the target. It gives every column its part of the distance between a prediction and the average one, here in log-odds; the mean of the absolute parts is the importance. `importance_report` measures all three on the same folds.

# %%
report = importance_report(
    boosting,
    X,
    y,
    cv=folds,
    scoring="roc_auc",
    n_repeats=5,
    max_shap_rows=600,
    random_state=0,
)
columns = report.by_column
names = ["permutation", "drop", "shap"]
ranks = [f"{name}_rank" for name in names]
tidy(columns[[*names, *ranks]])

# %%
guess.reveal(
    "not at all",
    measured=f"a change of {-columns.loc['hour', 'drop']:+.3f}",
)

# %% [markdown]
# By permutation and by SHAP, `hour` comes first with a wide lead: shuffled, it costs 0.09 of AUC. Left out, it costs nothing. Both are right. Below, the agreement of the rankings (Kendall's τ: 1 for the same order, 0 for none).
#
# First, though: can the numbers be believed? Leaving a column out is three lines of scikit-learn, and shuffling is in `sklearn.inspection`; the next cell holds that they say the same.

# %%
full = cross_val_score(boosting, X, y, cv=folds, scoring="roc_auc")


def auc_with(kept):
    """Return the AUC, fold by fold, of a model that reads these columns."""
    coder = clone(
        boosting.named_steps["columntransformer"].transformers[0][1]
    )
    head = make_column_transformer(
        (coder, [c for c in kept if c in texts]), remainder="passthrough"
    )
    part = make_pipeline(head, clone(boosting[-1]))
    return cross_val_score(part, X[kept], y, cv=folds, scoring="roc_auc")


without = auc_with([c for c in X if c != "hour"])
assert np.isclose((full - without).mean(), columns.loc["hour", "drop"])

by_library = [
    permutation_importance(
        clone(boosting).fit(X.iloc[learn], y[learn]),
        X.iloc[hold],
        y[hold],
        scoring="roc_auc",
        n_repeats=3,
        random_state=0,
    ).importances_mean
    for learn, hold in folds
]
gap = np.mean(by_library, axis=0) - columns["permutation"][X.columns]
assert np.abs(gap).max() < 0.02  # other shuffles, same answer
agreement = report.agreement(by_column=True)
agreement.loc[names, names].round(2) + 0.0

# %% [markdown]
# ## Columns hide each other
#
# `drop` does not agree with anybody. No column costs more when left out than the folds differ among themselves (`drop_sd` in the report), so the order is mostly chance. And where one column does matter, another hides it: `hour` and `sched_arr_time` say nearly the same. When one goes, the other stands in. A ranking by `drop` would let you delete `hour`, and by the same argument `sched_arr_time`, and then the model is blind to the time of day.
#
# So the helper looks for columns that go together and treats them as one. Two numbers are compared by Spearman's rank correlation, two categories by Cramér's V, one of each by the correlation ratio; columns with an average association of 0.7 or more form a group. A group is shuffled as one, with one order of rows, and left out as one.

# %%
hour_group = report.groups["hour + sched_arr_time"]
alone = columns.loc[
    hour_group, ["permutation", "permutation_conditional", "drop"]
]
together = report.frame.loc[
    ["hour + sched_arr_time"], ["permutation", "drop"]
]
tidy(pd.concat([alone, together]))

# %% [markdown]
# Together they cost 0.06 when left out, and 0.12 when shuffled, more than any other group. `permutation_conditional` shuffles `hour` only among flights with nearly the same planned arrival: it asks what `hour` *adds* to its group, and finds next to nothing. The report says so in a note.

# %%
print(report.notes[0])
groups = report.frame
tidy(groups[["columns", *names, *ranks]])

# %% [markdown]
# ## A few features hold most of the importance
#
# In a model of clicks on advertisements, the ten best features held half of all importance, and the last 300 less than 1 % (He et al. 2014). Add up the shares of our groups, best first, and the same curve appears. How steep it is depends on the method, so never quote it without one.

# %%
# alt: Three curves rise steeply and flatten out. By drop the first group holds over 90 percent; by permutation over half; by SHAP a third.
ax = report.plot(kind="cumulative")
ax.set_title("A few groups hold most of the importance")
ax.set_xlabel("groups of columns, the most important first")
plt.show()

# %%
report.cumulative().loc[[1, 2, 3, 5, 8, 12]].round(2)

# %% [markdown]
# By permutation five of the 13 groups hold 90 %; by SHAP they hold 77 %; by `drop` the first alone holds 92 %. A share says what the *method* hands out. What a model of only the best groups would score, you have to measure.
#
# ## Try it: keep only the best
#
# Choose the method that ranks and the number of groups to keep; the title tells the AUC of a model fitted with nothing else. Look for the smallest model that comes within a hundredth of the full one, and whether the method matters.

# %%
scores = {}
for name in names:
    order = groups.sort_values(name, ascending=False).index
    for k in (1, 2, 4, 7):
        kept = [c for c in X if any(c in report.groups[g] for g in order[:k])]
        key = tuple(kept)
        if key not in scores:
            scores[key] = auc_with(kept).mean()
        scores[name, k] = scores[key]


def keep(rank_by, keep):
    """Draw the shares; the groups that are kept are dark."""
    rows = groups.sort_values(rank_by, ascending=False)
    shares = rows[f"{rank_by}_share"]
    figure, ax = plt.subplots(figsize=(5, 3.2))
    colors = ["C0" if i < keep else "0.8" for i in range(len(rows))]
    ax.barh(np.arange(len(rows)), shares, color=colors)
    ax.set_yticks(np.arange(len(rows)), rows.index)
    ax.invert_yaxis()
    ax.set(xlabel=f"share of importance, {rank_by}", xlim=(0, 1))
    part, whole = scores[rank_by, keep], report.score
    ax.set_title(f"AUC {part:.2f} (with all: {whole:.2f})")
    return figure


explorer = nb.explore(
    keep,
    title="Keep only the best",
    rank_by=names,
    keep=[1, 2, 4, 7],
    start={"rank_by": "permutation", "keep": 4},
)
explorer

# %% [markdown]
# ## A forest ranks noise above the hour
#
# Many people read importance from `feature_importances_` of a random forest. It comes for free, because it is counted in training: how much each column's splits tidied up the *training* rows. That is its fault. A forest grown to the last row must split on something, and a column with thousands of different values always offers a place to cut (Strobl et al. 2007). Where will the spy end up?

# %%
forest = pipeline(RandomForestClassifier(40, random_state=0)).fit(X, y)
impurity = pd.Series(
    forest[-1].feature_importances_, texts + numbers, name="impurity"
)
noise = pd.DataFrame(
    {
        "values": X.nunique(),
        "impurity": impurity,
        "impurity_rank": impurity.rank(ascending=False).astype(int),
        "permutation": columns["permutation"],
        "permutation_rank": columns["permutation_rank"],
        "shap_rank": columns["shap_rank"],
    }
).sort_values("impurity_rank")
tidy(noise)

# %% [markdown]
# The forest ranks a random number above the hour of departure, the column that matters most on new rows. Permutation on held-out rows gives `ticket` nothing. (Impurity is that of the forest, permutation and SHAP are those of the boosting: two ways to work, not one model measured twice.) Use the spy in your own work: whatever ranks below a column of noise has not shown that it matters.
#
# ## The question was about bills, so ask about bills
#
# Nobody pays for `humid`. The airport pays for a weather feed. Name the groups by source, and the report answers the duty manager's question; nothing needs to be found.

# %%
feeds = {
    "timetable": [*timetable, "dest", "origin"],
    "weather feed": readings,
    "aircraft and airline": ["carrier", "tailnum"],
}
bills = importance_report(
    boosting,
    X,
    y,
    feeds,
    folds,
    methods="drop",
    scoring="roc_auc",
    random_state=0,
)
tidy(bills.frame[["columns", "drop", "drop_sd"]])

# %% [markdown]
# Without the weather the AUC falls by 0.045, though the dearest single reading costs 0.002: they, too, stand in for one another. Without carrier and aircraft it does not fall. Three folds of one year are little evidence for a decision; it is a reason to try a season without.
#
# ## Check yourself

# %%
nb.quiz(
    (
        "Two columns are copies of each other, and the model needs what they "
        "say. What does leaving out one of them cost?"
    ),
    {
        "half of what both cost": (
            "The model that is fitted again simply reads the copy."
        ),
        "nothing": (
            "Right, and the same holds for the other one. Leave out both to "
            "see what they are worth."
        ),
        "as much as both": "Then the copy would have to go as well.",
    },
    answer="nothing",
)

# %%
nb.quiz(
    ("SHAP gives a column of noise more than 0. Is SHAP wrong?"),
    {
        "yes, noise must get 0": (
            "It would have to, if SHAP measured use. It measures what moves "
            "the prediction."
        ),
        "no: the model listens to the noise": (
            "SHAP describes the model, mistakes included. Whether listening "
            "pays is asked by a score on new rows."
        ),
        "no: the noise predicts the target": (
            "It was drawn at random; nothing can be predicted from it."
        ),
    },
    answer="no: the model listens to the noise",
)

# %% [markdown]
# ## Exercises
#
# ★ Pass `group_threshold=0.3` to the first report. Which groups grow, and would you still want to judge them as one?
#
# ★★ Write the joint shuffle. `loss(model, X, y, columns, order)` returns the AUC of `model` on `X, y`, minus its AUC when all of `columns` are put into the order `order` (row numbers) and the other columns stay.


# %% tags=["exercise"] exercise="ch05-07-joint-shuffle"
def loss(model, X, y, columns, order):
    """Return what shuffling the columns together costs in AUC."""
    ...


# %%
X_test, y_test = X.iloc[test], y[test]
order = np.random.default_rng(1).permutation(len(test))


def auc(table):
    """Return the AUC of the fitted model on the test flights."""
    return roc_auc_score(y_test, model.predict_proba(table)[:, 1])


both = X_test.copy()
both[hour_group] = X_test[hour_group].to_numpy()[order]
first = X_test.assign(hour=X_test["hour"].to_numpy()[order])
every = X_test.iloc[order]
nb.check(
    "ch05-07-joint-shuffle",
    loss(model, X_test, y_test, hour_group, order),
    auc(X_test) - auc(both),
    mistakes={
        "Only the first column was moved; move all of them.": auc(X_test)
        - auc(first),
        "You return the AUC after the shuffle; subtract it from the AUC "
        "before.": auc(both),
        "Nothing was shuffled: pandas put the rows back by their index. Use "
        "`.to_numpy()`.": 0.0,
        "Whole rows were moved; the other columns must stay.": auc(X_test)
        - auc(every),
    },
)

# %% [markdown] tags=["solution"] exercise="ch05-07-joint-shuffle"
# <details><summary>Solution</summary>
#
# `.to_numpy()` matters: pandas aligns by index, and a shuffled frame assigned to the old one falls back into place.
#
# ```python
# def loss(model, X, y, columns, order):
#     """Return what shuffling the columns together costs in AUC."""
#     moved = X.copy()
#     for column in columns:
#         moved[column] = X[column].to_numpy()[order]
#     before = roc_auc_score(y, model.predict_proba(X)[:, 1])
#     after = roc_auc_score(y, model.predict_proba(moved)[:, 1])
#     return before - after
# ```
#
# </details>

# %% [markdown]
# ★★★ A colleague shows that `carrier` has no importance and concludes that all airlines are equally punctual. Write down two reasons why that does not follow, and what you would measure instead.
#
# ## You have now
#
# - measured 17 columns in three ways on the same folds: `hour` costs 0.09 shuffled, nothing left out, and leads by SHAP;
# - found that `hour` and `sched_arr_time` hide each other: together 0.06 by leaving out, the most of all groups;
# - seen a forest rank a random number above the hour, and held-out shuffles give it nothing;
# - answered the question that was asked: 0.045 for the weather feed, nothing for the aircraft.
#
# **In practice.** Start with permutation on held-out rows, in groups, with a column of noise. Leave out and fit again before you delete a source. Use SHAP to explain single predictions. None of the three says what *causes* delays; for that you need an experiment.
#
# **Read on.** L. Breiman (2001), *Random forests*. C. Strobl and others (2007), *Bias in random forest variable importance measures*. S. Lundberg and S.-I. Lee (2017), *A unified approach to interpreting model predictions*. X. He and others (2014), *Practical lessons from predicting clicks on ads at Facebook*. A. Fisher, C. Rudin and F. Dominici (2019), *All models are wrong, but many are useful*.

# %% tags=["claims", "remove-cell"]
nb.claim("8,000", len(X))
nb.claim("17", X.shape[1])
nb.claim(
    "30", int(data.frame.loc[data.target.to_numpy() == 1, "arr_delay"].min())
)
nb.claim("0.73", report.score)
nb.claim("16", len(late) * len(fine))
nb.claim("0.09", columns.loc["hour", "permutation"])
assert abs(columns.loc["hour", "drop"]) < 0.005
assert (columns["drop"] < columns["drop_sd"]).all()
assert columns["permutation"].idxmax() == columns["shap"].idxmax() == "hour"
hour_both = groups.loc["hour + sched_arr_time"]
options = inspect.signature(importance_report).parameters
nb.claim("0.7", options["group_threshold"].default)
nb.claim("0.06", hour_both["drop"])
nb.claim("0.12", hour_both["permutation"])
assert (hour_both[ranks] == 1).all()
nb.claim("13", len(groups))
shares = report.cumulative()
nb.claim("90 %", shares.loc[5, "permutation"])
nb.claim("77 %", shares.loc[5, "shap"])
nb.claim("92 %", shares.loc[1, "drop"])
assert impurity["ticket"] > impurity["hour"]
assert abs(columns.loc["ticket", "permutation"]) < 0.002
nb.claim("0.045", bills.frame.loc["weather feed", "drop"])
nb.claim("0.002", columns.loc[readings, "drop"].max())
assert bills.frame.loc["aircraft and airline", "drop"] < 0.002
