# %% [markdown]
# # Search hyperparameters, and doubt the winner
#
# *15 minutes · data: flights*
#
# **You will** fit one model in 144 settings, let three methods search among them, and measure how much of the winner's score is luck.
#
# **You will learn to**
#
# - compare grid, random and model-based search at an equal number of tries, over many repeats;
# - say why the best validation score is too high, and more so the more you try;
# - tell a setting that matters from a lucky seed.
#
# **You need** training, validation and test sets, and to have used boosted trees.

# %%
import itertools

import matplotlib.pyplot as plt
import numpy as np
import optuna
import pandas as pd
from scipy.special import expit
from scipy.stats import rankdata
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GridSearchCV, PredefinedSplit

from mlworkbench import datasets
from mlworkbench import notebook as nb
from mlworkbench.evaluation import compare_models

nb.setup()
optuna.logging.set_verbosity(optuna.logging.WARNING)

# %% [markdown]
# ## "We tried 144 settings. Is it as good as the board says?"
#
# On the day before, the desk of an airport wants to know which flights will arrive 15 minutes late or more, from the timetable alone. A colleague tuned boosted trees: 144 settings, each scored on the same 400 flights, the best one kept. The head of the desk asks: *will it be as good on next week's flights? And was the search worth it?*
#
# The score is the AUC in per cent: of 100 pairs of a late and a punctual flight, in how many does the late one get the higher score? Guessing gives 50.
#
# We train on 1,000 flights. Another 7,000 stand for all flights to come. A search never sees them all: it draws 400 of them as its validation set. So we know something that nobody knows at work: the *true* AUC of every setting, on all 7,000.

# %%
flights = datasets.load("flights").frame
flights = flights[flights["arr_delay"].notna()].reset_index(drop=True)
late = (flights["arr_delay"] >= 15).to_numpy()
X = flights[["month", "day", "hour", "distance"]].astype(float)
X["weekday"] = flights["time_hour"].dt.day_of_week
for name in ("carrier", "origin", "dest"):
    X[name] = flights[name].cat.codes
X = X.to_numpy(float)

order = np.random.default_rng(0).permutation(len(X))
train, world, spare = np.split(order[:28_000], [1_000, 8_000])
fixed = {"max_iter": 20, "max_features": 0.5, "early_stopping": False}


def scores_of(setting, rows=world, learn_from=train, seed=0):
    """Fit one setting; give its scores of the rows, higher for later."""
    model = HistGradientBoostingClassifier(
        **fixed, **setting, random_state=seed
    )
    model.fit(X[learn_from], late[learn_from])
    return model.decision_function(X[rows])


def auc(truth, scores):
    """Give the AUC in per cent, for each row of scores."""
    ranks = rankdata(scores, axis=-1)[..., truth]
    n = truth.sum()
    wins = ranks.sum(axis=-1) - n * (n + 1) / 2
    return 100 * wins / (n * (len(truth) - n))


# %% [markdown]
# ## By hand: eight random tries
#
# Draw a setting, fit, score, keep the best. That is random search. The learning rate is drawn on a log scale: 0.01 to 0.1 is as long as 0.1 to 1.

# %%
rng = np.random.default_rng(5)
validation = rng.choice(len(world), 400, replace=False)
truth = late[world]
tries = []
for _ in range(8):
    setting = {
        "learning_rate": 10 ** rng.uniform(-2, 0),
        "max_leaf_nodes": int(2 ** rng.uniform(1, 4.1)),
        "min_samples_leaf": int(10 ** rng.uniform(0.31, 2.4)),
    }
    scores = scores_of(setting)
    setting["validation"] = auc(truth[validation], scores[validation])
    setting["true"] = auc(truth, scores)
    tries.append(setting)
assert np.isclose(tries[-1]["true"], 100 * roc_auc_score(truth, scores))
tries = pd.DataFrame(tries, index=range(1, 9)).rename_axis("try")
tries.round({"learning_rate": 3, "validation": 1, "true": 1})

# %% [markdown]
# Try 8 comes second on the 400 flights and last in truth. To learn more than one draw can tell, we need hundreds of searches. So fit a fine grid of settings once, in sight of everybody, and keep the scores: from then on a try is a look into a table (as in Ying et al. 2019).

# %%
values = {
    "learning_rate": np.geomspace(0.01, 1, 9).round(3).tolist(),
    "max_leaf_nodes": [2, 4, 8, 16],
    "min_samples_leaf": [2, 10, 50, 250],
}
shape = tuple(len(choices) for choices in values.values())
settings = [
    dict(zip(values, choice, strict=True))
    for choice in itertools.product(*values.values())
]
table = np.array([scores_of(setting) for setting in settings])
true_auc = auc(truth, table)


def draw_flights(n, seed):
    """Draw n of the 7,000 flights, none twice."""
    return np.random.default_rng(seed).permutation(len(world))[:n]


def validate(n, seed):
    """Give the AUC of all settings on n flights, drawn with this seed."""
    rows = draw_flights(n, seed)
    return auc(truth[rows], table[:, rows])


pd.DataFrame(
    {"true AUC": np.quantile(true_auc, [0, 0.5, 1])},
    index=["worst setting", "median", "best setting"],
).round(1)

# %%
guess = nb.predict(
    "ch06-06-promise",
    (
        "The best of 144 settings is chosen on 400 flights. On average, how "
        "far is its score there above its true AUC?"
    ),
    options=["it is not", "half a point", "two to four points", "ten points"],
    why="With 400 flights, an AUC has a standard error of 3 points. The "
    "best of 144 is good, and it is lucky on these 400.",
)
guess

# %% [markdown]
# ## Three searches, 18 tries each, no winner
#
# *Grid*: three learning rates, three sizes of tree, two sizes of leaf. A second grid is placed with less luck: it takes the ends of each range. *Random*: 18 settings by lot. *TPE*, Optuna's default: it draws ten by lot, then prefers settings that look like the better ones so far (Bergstra et al. 2011). So 8 of its tries are guided.
#
# First, is our grid what scikit-learn would do?

# %%
budget = 18


def make_grid(*places):
    """Give the numbers of the settings at these places."""
    return np.array(
        [np.ravel_multi_index(p, shape) for p in itertools.product(*places)]
    )


grids = {
    "grid": make_grid((1, 4, 7), (0, 1, 3), (1, 2)),
    "grid of ends": make_grid((0, 4, 8), (0, 1, 3), (0, 3)),
}
seen = auc(truth[validation], table[:, validation])
by_hand = grids["grid"][seen[grids["grid"]].argmax()]

both = np.r_[train, world[validation]]
library = GridSearchCV(
    HistGradientBoostingClassifier(**fixed, random_state=0),
    {
        name: [values[name][k] for k in places]
        for name, places in zip(
            values, ((1, 4, 7), (0, 1, 3), (1, 2)), strict=True
        )
    },
    scoring="roc_auc",
    cv=PredefinedSplit([-1] * len(train) + [0] * len(validation)),
    refit=False,
).fit(X[both], late[both])
assert library.best_params_ == settings[by_hand]
assert np.isclose(100 * library.best_score_, seen[by_hand])
print(f"GridSearchCV chooses {library.best_params_}, as we do by hand")


# %%
def search_at_random(seen, seed):
    """Give 18 settings, drawn without replacement."""
    return np.random.default_rng(seed).permutation(len(seen))[:budget]


def search_by_tpe(seen, seed):
    """Give the 18 settings that Optuna's sampler asks for."""
    tried = []

    def objective(trial):
        place = [
            trial.suggest_int(name, 0, len(choices) - 1)
            for name, choices in values.items()
        ]
        tried.append(np.ravel_multi_index(place, shape))
        return seen[tried[-1]]

    study = optuna.create_study(
        direction="maximize", sampler=optuna.samplers.TPESampler(seed=seed)
    )
    study.optimize(objective, n_trials=budget)
    return np.array(tried)


def repeat_searches(n_repeats, draw):
    """Give the true AUC of each method's choice, in each repeat."""
    found = {"grid": [], "grid of ends": [], "random": [], "TPE": []}
    for seed in range(n_repeats):
        seen = draw(seed)
        asked = grids | {
            "random": search_at_random(seen, seed),
            "TPE": search_by_tpe(seen, seed),
        }
        for name, tried in asked.items():
            found[name].append(true_auc[tried[seen[tried].argmax()]])
    return pd.DataFrame(found)


noisy = repeat_searches(40, lambda seed: validate(400, seed))
exact = repeat_searches(40, lambda seed: true_auc)
less = noisy.sub(noisy["random"], axis=0)
(
    pd.DataFrame(
        {
            "validated on 400": noisy.mean(),
            "minus random": less.mean(),
            "± (95 %)": 1.96 * less.std() / np.sqrt(len(less)),
            "validated on all 7,000": exact.mean(),
        }
    ).round(1)
    + 0.0
)

# %% [markdown]
# True AUC of the setting chosen, mean of 40 repeats; in each, all methods see the same 400 flights. No method is shown to be better than random: each difference lies within its own uncertainty. Without any noise, the better grid, random and TPE lie 0.2 points apart at most; the badly placed grid pays for its ends. With 400 flights to judge by, *every* method loses about a point. The validation set is the bottleneck, not the search.
#
# Then why prefer random to a grid? With 18 tries, the grid sees three learning rates, random nearly all nine (Bergstra and Bengio 2012). Nobody needs to know beforehand where to place it, and it can stop at any time. Model-based search pays when tries are dear, many more than ten, and measured well.
#
# ## The winner's score climbs, the truth hardly does
#
# Now only random search, with 1 to 144 tries, repeated on 200 validation sets. At each number of tries look at the best so far: what the board says, and what is true.

# %%
# alt: AUC of the best setting so far against the number of tries, on a log scale. The board's line climbs without end; the true line climbs for a few tries and then is nearly flat, far below.
n_tries = np.array([1, 2, 4, 8, 18, 36, 72, 144])


def follow_the_best(n, n_repeats=200):
    """Give the board's and the true AUC of the best after some tries."""
    board, true = [], []
    for seed in range(n_repeats):
        seen = validate(n, seed)
        turn = np.random.default_rng(seed).permutation(len(seen))
        best = [turn[seen[turn[:k]].argmax()] for k in n_tries]
        board.append(seen[best])
        true.append(true_auc[best])
    return pd.DataFrame(
        {"board": np.mean(board, axis=0), "true": np.mean(true, axis=0)},
        index=pd.Index(n_tries, name="tries"),
    )


curves = {n: follow_the_best(n) for n in (100, 400)}
curves[1_600] = follow_the_best(1_600, 60)
curve = curves[400]

figure, ax = plt.subplots(figsize=(7, 3.2))
ax.plot(curve["board"], marker="o", color="C1")
ax.plot(curve["true"], marker="o", color="C0")
ax.text(20, curve["board"][18] + 0.5, "on the board", color="C1", ha="right")
ax.text(20, curve["true"][18] - 0.9, "true", color="C0")
ax.set_xscale("log")
ax.set_xticks(n_tries, n_tries)
ax.minorticks_off()
ax.set(
    ylim=(61, 70),
    xlabel="tries (400 flights to validate on)",
    ylabel="AUC of the best so far (%)",
    title="After a few tries, the board rises, the truth hardly does",
)
plt.show()

# %%
guess.reveal(
    "two to four points",
    measured=f"{curve['board'][144] - curve['true'][144]:.1f} points",
)

# %% [markdown]
# The first try is judged fairly: nothing was chosen yet. From the second on, the best is chosen *because* it looks good on these 400 flights, and luck on them does not come along to the next 400. This is the winner's curse, or the optimizer's (Smith and Winkler 2006). The last 126 tries added 1.3 points to the board and 0.2 to the truth.
#
# More flights help, on both lines:


# %%
def promise(tries, flights):
    """Tabulate the best after some tries, judged on some flights."""
    row = curves[flights].loc[tries]
    return pd.DataFrame(
        {
            "AUC": {
                "on the board": row["board"],
                "true": row["true"],
                "promised too much": row["board"] - row["true"],
                "short of the best setting": true_auc.max() - row["true"],
            }
        }
    ).round(1)


nb.explore(
    promise,
    title="The best of some tries",
    tries=n_tries.tolist(),
    flights=[100, 400, 1_600],
    start={"tries": 144, "flights": 400},
)

# %% [markdown]
# ## A fresh test set repairs the score, if it is asked once
#
# After the choice, draw another 400 flights that the search has never seen, and score the winner, and only the winner.

# %%
reports = []
for seed in range(200):
    chosen_on, test = np.split(draw_flights(800, seed), 2)
    best = auc(truth[chosen_on], table[:, chosen_on]).argmax()
    tested = auc(truth[test], table[:, test])
    reports.append(
        [
            auc(truth[chosen_on], table[best, chosen_on]) - true_auc[best],
            tested[best] - true_auc[best],
            tested.max() - true_auc[tested.argmax()],
        ]
    )
reports = pd.DataFrame(
    reports,
    columns=[
        "the score that chose it",
        "fresh test set, winner only",
        "fresh test set, all 144 scored, best reported",
    ],
)
errors = reports.agg(["mean", "std"]).T
errors.columns = ["too high by", "give or take"]
errors.round(1)

# %% [markdown]
# The fresh set is right on average; one such set still errs by 3 points. And it is fresh only once: score all settings on it, and it is a second validation set. If there are too few rows for a third set, put the *whole search* inside each fold of an outer cross-validation and average the outer scores. This *nested* cross-validation (Varma and Simon 2006) judges the way of choosing; a search is then paid for as many times as there are outer folds.
#
# ## Break it: search over the seed
#
# Each tree looks at a random half of the columns at each split, so the seed changes the model. Leave one plain setting as it is and "tune" the seed, 40 tries.

# %%
plain = {
    "learning_rate": 0.1,
    "max_leaf_nodes": 8,
    "min_samples_leaf": 20,
}
by_seed = np.array([scores_of(plain, seed=seed) for seed in range(40)])
seed_auc = auc(truth, by_seed)
lucky = []
for seed in range(200):
    rows = draw_flights(400, seed)
    seen = auc(truth[rows], by_seed[:, rows])
    lucky.append([seen.max() - seen.mean(), seed_auc[seen.argmax()]])
lucky = np.mean(lucky, axis=0)

draws = spare[:15_000].reshape(15, 1_000)
elsewhere = auc(
    truth,
    np.array(
        [scores_of(plain, learn_from=draws[0], seed=s) for s in range(40)]
    ),
)
ten_best = seed_auc.argsort()[-10:]
kept = elsewhere[ten_best].mean() - elsewhere.mean()
draw_auc = [auc(truth, scores_of(plain, learn_from=rows)) for rows in draws]
better_half = np.sort(true_auc)[len(true_auc) // 2 :]
spreads = pd.DataFrame(
    {
        "spread of the true AUC": {
            "40 seeds of one setting": seed_auc.std(ddof=1),
            "15 draws of 1,000 training flights": np.std(draw_auc, ddof=1),
            "better half of the 144 settings": better_half.std(ddof=1),
            "all 144 settings": true_auc.std(ddof=1),
        }
    }
)
spreads.round(1)

# %% [markdown]
# On its 400 flights the best seed beats the average seed by 2.1 points. In truth it gains 0.4. Even this belongs to one fitted model and not to the seed: trained on 1,000 other flights, the ten best seeds are 0.03 points better than the average seed, which is nothing.
#
# Among settings that are any good, the spread (0.6) is not much larger than between seeds (0.4), and about half of what another training set of the same size makes (1.1). A report of "half a point by tuning" from one seed and one training set may be about nothing else.
#
# > **Tip.** Give every setting the same three or more seeds and compare means. Spend the tries you save on more rows to validate on.
#
# ## Which setting mattered
#
# With the full table no model is needed: average over the other two settings, and see how far the means spread. Their share of the variance is what functional ANOVA computes (Hutter et al. 2014).

# %%
# alt: Three panels of the true AUC of all settings. Means change little with the size of the tree, rise and fall with the learning rate, and drop sharply when a leaf needs 250 flights.
cube = true_auc.reshape(shape)
share = {}
figure, axes = plt.subplots(1, 3, figsize=(7.4, 3), sharey=True)
for k, (ax, (name, choices)) in enumerate(
    zip(axes, values.items(), strict=True)
):
    others = tuple(j for j in range(3) if j != k)
    means = cube.mean(axis=others)
    share[name] = means.var() / cube.var()
    spots = np.broadcast_to(np.arange(shape[k]), (144 // shape[k], shape[k]))
    dots = np.moveaxis(cube, k, -1).reshape(-1, shape[k])
    ax.scatter(spots, dots, s=8, color="0.7")
    ax.plot(means, color="C0", marker="o")
    step = 4 if k == 0 else 1
    ax.set_xticks(range(0, shape[k], step), choices[::step])
    ax.set_xlabel(name)
axes[0].set_ylabel("true AUC (%)")
figure.suptitle("The size of a leaf matters most; lines are means")
plt.show()

# %% [markdown]
# Optuna's importance asks another question: which settings separate the best tenth from the rest (PED-ANOVA, Watanabe et al. 2023)? Give it all 144 tries.

# %%
study = optuna.create_study(direction="maximize")
kinds = {
    name: optuna.distributions.CategoricalDistribution(choices)
    for name, choices in values.items()
}
study.add_trials(
    [
        optuna.trial.create_trial(
            params=setting, distributions=kinds, value=value
        )
        for setting, value in zip(settings, true_auc.tolist(), strict=True)
    ]
)
importance = optuna.importance.get_param_importances(study)
pd.DataFrame(
    {"share of variance (%)": share, "Optuna's importance (%)": importance}
).mul(100).round(0).astype(int)

# %% [markdown]
# The two columns disagree because the questions do. Leaves of 250 flights ruin a setting; that makes 47 % of the variance, and needs no search: leave them out. To be among the best 14, a setting needs other leaves *and*, in 12 of them, a learning rate between 0.03 and 0.32. And 36 % of the variance belongs to no setting alone: the larger the trees, the smaller the learning rate that suits them. Say which question you ask before you call a setting unimportant.
#
# ## In brief: stop the hopeless early
#
# *Successive halving* (Jamieson and Talwalkar 2016): give all 18 settings few rows, keep the best third, triple the rows, repeat. *Early stopping* does the same for the number of trees: one fit of 100 trees can be scored after every tree, so 100 values cost one fit.

# %%
many = spare[:4_500]
alive = search_at_random(true_auc, 0)
rows_used = 0
for n_rows in (500, 1_500, 4_500):
    rows_used += n_rows * len(alive)
    halved = {
        k: auc(
            truth[validation],
            scores_of(settings[k], world[validation], many[:n_rows]),
        )
        for k in alive
    }
    ranked = sorted(halved, key=halved.get, reverse=True)
    alive = ranked[: max(1, len(ranked) // 3)]
winner = ranked[0]
won = scores_of(settings[winner], learn_from=many)
full = np.array(
    [
        scores_of(settings[k], learn_from=many)
        for k in search_at_random(true_auc, 0)
    ]
)
full_winner = full[auc(truth[validation], full[:, validation]).argmax()]
long_run = HistGradientBoostingClassifier(
    max_iter=100, max_features=0.5, early_stopping=False, random_state=0
).fit(X[many], late[many])
staged = [
    auc(truth[validation], scores.ravel())
    for scores in long_run.staged_decision_function(X[world[validation]])
]
pd.Series(
    {
        "rows used by halving": rows_used,
        "rows for 18 full fits": 18 * len(many),
        "true AUC of its winner": round(auc(truth, won), 1),
        "true AUC of the winner of 18 full fits": round(
            auc(truth, full_winner), 1
        ),
        "best number of trees, from one fit": int(np.argmax(staged)) + 1,
    },
    dtype=object,
    name="halving",
).to_frame()

# %% [markdown]
# A third of the rows, and here the winner is as good. The danger is a setting that needs many rows to shine: with leaves of 250, the first 500 flights allow one split at most, and the setting is dropped.
#
# ## Was the search worth it?
#
# The head's second question. Compare the winner of the colleague's kind of search, 144 settings on 400 flights, with the plain setting, on 12,000 flights that neither has seen. Then compare the plain setting with itself, trained on 4,500 flights in place of 1,000.

# %%
judge = spare[8_000:]
chosen = settings[auc(truth[validation], table[:, validation]).argmax()]
chances = {
    "plain": scores_of(plain, judge),
    "tuned": scores_of(chosen, judge),
    "plain, 4,500 flights": scores_of(plain, judge, many),
}
verdicts, confidence = {}, 0.95
for name in ("tuned", "plain, 4,500 flights"):
    found = compare_models(
        late[judge],
        expit(chances[name]),
        expit(chances["plain"]),
        metrics={"AUC": roc_auc_score},
        names=(name, "plain"),
        confidence=confidence,
        n_boot=300,
        random_state=0,
    )
    verdicts[name] = found.frame.iloc[0]
worth = pd.DataFrame(verdicts).T[["difference", "low", "high"]]
worth = worth.astype(float).mul(100)
worth.round(1)

# %% [markdown]
# AUC points and 95 % intervals, by resampling flights. This winner is *worse* than the plain setting: a large learning rate and tiny leaves had shone on these 400 flights. That is one draw. Over the 200 validation sets above, the winner has 64.4 on average and the plain setting 64.1: the search was worth 0.3 points. More flights to learn from are worth 4.6.
#
# So the head gets two answers. *No: expect three points less than the board says.* And: *the search was cheap and gained little; ask for more flights.*
#
# ## Check yourself

# %%
nb.quiz(
    (
        "Two teams tuned the same model on the same 400 flights, one with "
        "10 tries, one with 1,000. Both boards show 67. Which do you take?"
    ),
    {
        "the team with 1,000 tries": (
            "It looked at more settings, and had a hundred times the "
            "chances to be lucky."
        ),
        "the team with 10 tries": (
            "The best of 10 needed less luck to reach 67. Still, test both "
            "on fresh flights."
        ),
        "either, the score is the same": (
            "The score is, what is behind it is not: the more tries, the "
            "more it promises too much."
        ),
    },
    answer="the team with 10 tries",
)

# %%
nb.quiz(
    (
        "Tuning gained half a point on the test set. Both models were "
        "trained once. What do you ask for first?"
    ),
    {
        "more tries": (
            "They raise the board's score. The doubt is about what the "
            "gain consists of."
        ),
        "both recipes with several seeds and training sets": (
            "If the gain is no larger than their spread, nothing is shown."
        ),
        "a better sampler": (
            "None was shown to be better here. Noise decided."
        ),
    },
    answer="both recipes with several seeds and training sets",
)

# %% [markdown]
# ## Exercises
#
# ★ Set `flights` to 100 in the explorer. After how many tries does the true AUC stop rising? By how much does the board rise from there on?
#
# ★★ How long should a random search be? Write `tries_needed(share, certainty)`: the smallest number of independent random tries so that, with at least this certainty, one or more of them is among the best `share` of all settings. Five per cent and 95 % should give you 59; the usual advice rounds this to sixty.


# %% tags=["exercise"] exercise="ch06-06-tries-needed"
def tries_needed(share, certainty):
    """Return how many random tries find one of the best settings."""
    ...


# %%
cases = [(0.05, 0.95), (0.1, 0.9), (0.01, 0.99), (0.5, 0.75)]


def all_needed(function):
    """Return the answers for four cases; None: not written."""
    values = [function(*case) for case in cases]
    return None if any(value is None for value in values) else values


def exactly(share, certainty):
    """Return the number of tries before it is rounded up."""
    return np.log(1 - certainty) / np.log(1 - share)


nb.check(
    "ch06-06-tries-needed",
    all_needed(tries_needed),
    [int(np.ceil(exactly(*case) - 1e-9)) for case in cases],
    mistakes={
        "Round up: one try fewer does not reach the certainty.": [
            int(np.floor(exactly(*case))) for case in cases
        ],
        "That is one hit on average, and often none.": [
            int(np.ceil(1 / share - 1e-9)) for share, _ in cases
        ],
        "All tries may miss with chance 1 − certainty, not certainty.": [
            int(np.ceil(np.log(c) / np.log(1 - share) - 1e-9))
            for share, c in cases
        ],
        "A whole number of tries: round up.": [
            exactly(*case) for case in cases
        ],
    },
)

# %% [markdown] tags=["solution"] exercise="ch06-06-tries-needed"
# <details><summary>Solution</summary>
#
# All $n$ tries miss with chance $(1 - \text{share})^n$. This must be at most $1 - \text{certainty}$. (The tiny number mends rounding errors: a whole number must not be rounded up.)
#
# ```python
# def tries_needed(share, certainty):
#     """Return how many random tries find one of the best settings."""
#     tries = np.log(1 - certainty) / np.log(1 - share)
#     return int(np.ceil(tries - 1e-9))
# ```
#
# </details>
#
# The rule promises a setting that *looks* good on your validation set. How good it is, you have seen above.

# %% [markdown]
# ★★★ Nested cross-validation: take a fifth of the 7,000 flights as all you have. Search 10 settings at random in an inner cross-validation, inside each of five outer folds, and compare three numbers: the best inner score, the mean outer score, and the AUC on the other flights.
#
# ## You have now
#
# - run three kinds of search for 18 tries and 40 repeats, and found none better than random when 400 flights judge;
# - seen the best of 144 promise 3.2 points too much, and a fresh test set of 400 be right on average, give or take 3;
# - tuned a seed and "gained" 2.1 points;
# - found that the leaf's size makes 47 % of the variance, and that the question decides what is important;
# - compared what the search brought, 0.3 points, with what more flights bring, 4.6.
#
# **In practice.** Start from plain settings and few tries. Use random search until tries are dear; then a sampler such as Optuna's, seeded, with every trial recorded. Report how many settings were tried, on how many rows, with how many seeds, and a score from rows that no choice has seen.
#
# **Read on.** J. Bergstra and Y. Bengio (2012), *Random search for hyper-parameter optimization*. J. Bergstra et al. (2011), *Algorithms for hyper-parameter optimization*. G. Cawley and N. Talbot (2010), *On over-fitting in model selection and subsequent selection bias in performance evaluation*. S. Varma and R. Simon (2006), *Bias in error estimation when using cross-validation for model selection*. T. Akiba et al. (2019), *Optuna: a next-generation hyperparameter optimization framework*. X. Bouthillier et al. (2021), *Accounting for variance in machine learning benchmarks*.

# %% tags=["claims", "remove-cell"]
assert (less.mean().abs() <= 1.96 * less.std() / np.sqrt(len(less))).all()
good = exact.mean().drop("grid of ends")
assert good.max() - good.min() < 0.3
assert exact.mean().idxmin() == "grid of ends"
assert ((exact.mean() - noisy.mean()).between(0.6, 1.3)).all()
assert tries["validation"].rank()[8] == 7
assert tries["true"].idxmin() == 8
assert worth.loc["tuned", "high"] < 0
assert chosen["learning_rate"] > 0.5
assert chosen["min_samples_leaf"] == 2
assert np.isclose(
    curve["board"][144] - curve["true"][144],
    errors.loc["the score that chose it", "too high by"],
)
assert 2.5 < curve["board"][144] - curve["true"][144] < 3.5
assert abs(errors.loc["fresh test set, winner only", "too high by"]) < 0.3
best_14 = [settings[k] for k in true_auc.argsort()[-14:]]
assert all(best["min_samples_leaf"] < 250 for best in best_14)
rates = np.array([best["learning_rate"] for best in best_14])
middle = rates[(rates > 0.03) & (rates < 0.32)]
by_size = cube[:, :, :3].mean(axis=2).argmax(axis=0)
assert (np.diff(by_size) < 0).all()
assert abs(auc(truth, won) - auc(truth, full_winner)) < 0.1
assert rows_used * 3 == 18 * len(many)
nb.claim("144", len(settings))
nb.claim("15", flights.loc[late, "arr_delay"].min())
nb.claim("50", auc(truth, np.zeros(len(truth))))
nb.claim("1,000", len(train))
nb.claim("7,000", len(world))
nb.claim("400", len(validation))
nb.claim("18", budget)
nb.claim("40", len(noisy))
nb.claim("200", len(reports))
nb.claim("0.01", min(values["learning_rate"]))
nb.claim("0.1", np.sqrt(np.prod(np.take(values["learning_rate"], [0, -1]))))
nb.claim("0.2", good.max() - good.min())
nb.claim("126", n_tries[-1] - budget)
nb.claim("1.3", curve["board"][144] - curve["board"][18])
nb.claim("0.2", curve["true"][144] - curve["true"][18])
nb.claim("3", errors.loc["fresh test set, winner only", "give or take"])
nb.claim("3.2", errors.loc["the score that chose it", "too high by"])
nb.claim("2.1", lucky[0])
nb.claim("0.4", lucky[1] - seed_auc.mean())
nb.claim("0.4", spreads.iloc[0, 0])
nb.claim("1.1", spreads.iloc[1, 0])
nb.claim("0.6", spreads.iloc[2, 0])
nb.claim("0.03", kept)
nb.claim("250", max(values["min_samples_leaf"]))
nb.claim("14", len(best_14))
nb.claim("12", len(middle))
nb.claim("0.03", middle.min())
nb.claim("0.32", middle.max())
nb.claim("36 %", 1 - sum(share.values()))
nb.claim("47 %", share["min_samples_leaf"])
nb.claim("100", long_run.n_iter_)
nb.claim("500", rows_used / 54)
nb.claim("12,000", len(judge))
nb.claim("4,500", len(many))
nb.claim("64.4", curve["true"][144])
nb.claim("64.1", seed_auc.mean())
nb.claim("0.3", curve["true"][144] - seed_auc.mean())
nb.claim("4.6", worth.loc["plain, 4,500 flights", "difference"])
nb.claim("95 %", confidence)
nb.claim("59", np.ceil(exactly(0.05, 0.95)))
