# %% [markdown]
# # Combine noisy votes
#
# *20 minutes · data: breast_cancer, email*
#
# **You will** label 569 biopsies with nine rules of thumb and no diagnosis, train a model on the result, and find out how many labels by hand it is worth.
#
# **You will learn to**
#
# - weigh sources against each other without knowing the truth, by majority and by a label model;
# - say when the label model beats the majority, and when it loses to it;
# - decide between rules and labels by hand, with bands over repeats.
#
# **You need** conditional probabilities, and the labeling functions of notebook 04.

# %%
import warnings

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import display
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.naive_bayes import CategoricalNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mlworkbench import datasets
from mlworkbench import notebook as nb
from mlworkbench.labeling import (
    LabelModel,
    LabelModelWarning,
    MajorityVote,
    apply_lfs,
    find_dependent_lfs,
    rule_lf,
    summarize_lfs,
)

nb.setup()

# %% [markdown]
# ## Thirty measurements of each biopsy, and no diagnosis
#
# A hospital has 569 digitised needle biopsies. Software has measured the nuclei in each: radius, texture, dents in the outline, and so on, as a mean, a spread ("error") and the mean of the three largest ("worst"). Only a pathologist can say which are malignant, and her hours are dear. She has one afternoon. She can label slides, or she can write down what she looks for.
#
# These are the data of scikit-learn's `breast_cancer`. The diagnoses are in them. We hide them from every model that learns without labels, and use them to measure.

# %%
bunch = load_breast_cancer(as_frame=True)
cells = bunch.data
malignant = 1 - bunch.target.to_numpy()

guess = nb.predict(
    "ch04-05-worth",
    (
        "A model is trained on labels that nine rules of thumb gave. A "
        "second one is trained on labels by hand. How many of those does "
        "it take to be as accurate?"
    ),
    options=["fewer than 10", "10 to 20", "20 to 50", "more than 200"],
    why=(
        "The rules reach every slide at once, so many labels make up for "
        "noisy ones. But the clear slides are all they label, and each "
        "label by hand is right."
    ),
)
guess

# %% [markdown]
# ## Nine rules of thumb cover nine slides in ten
#
# Cancer makes nuclei large, uneven in size, and dented. She says which way each measurement points. The cuts are round numbers near the quarter or third of the slides at that end, read off the measurements alone: no diagnosis was looked at, and none was tuned afterwards. Each rule votes for one class (1 is malignant) or keeps silent.

# %%
rules = {
    "large": ("`worst radius` > 18", 1),
    "uneven": ("`area error` > 50", 1),
    "dented": ("`worst concave points` > 0.16", 1),
    "deep dents": ("`worst concavity` > 0.4", 1),
    "coarse": ("`worst texture` > 30 and `worst smoothness` > 0.14", 1),
    "small": ("`worst radius` < 13.5", 0),
    "even": ("`area error` < 20", 0),
    "round": ("`worst concave points` < 0.08", 0),
    "flat": ("`worst concavity` < 0.15", 0),
}


def vote(rules, frame):
    """Apply rules; one column of votes each."""
    return apply_lfs(
        [rule_lf(rule, label, name=k) for k, (rule, label) in rules.items()],
        frame,
    )


votes = vote(rules, cells)
covered = (votes >= 0).any(axis=1).to_numpy()
summary = summarize_lfs(votes)
summary.frame[["Polarity", "Coverage", "Overlaps", "Conflicts"]].round(2)

# %% [markdown]
# Together they vote on 91 % of the slides. Where two rules contradict each other, or where one speaks alone, how sure should we be? Nobody has told us how good each one is.
#
# ## The accuracy of a source shows in how it agrees with the others
#
# Take three rules, and count how often each combination of votes occurs. Guess the class of each combination from its votes. From the guesses, reckon how often each rule speaks on malignant and on benign slides. With those, guess again: each rule that speaks multiplies the odds by P(speaks | malignant) / P(speaks | benign), each silent one by the ratio for silence. Repeat until nothing moves. This is expectation-maximisation (Dawid & Skene 1979).

# %%
three = ["dented", "coarse", "even"]
patterns = votes[three].value_counts().sort_index().reset_index()
spoke = (patterns[three] >= 0).to_numpy()
rows = patterns["count"].to_numpy()


def step(share):
    """Take a share of malignant per combination to a better one."""
    mass = np.column_stack([1 - share, share]) * rows[:, None]
    prior = mass.sum(axis=0) / mass.sum()
    speaks = spoke.T @ mass / mass.sum(axis=0)
    ratio = np.where(
        spoke,
        speaks[:, 1] / speaks[:, 0],
        (1 - speaks[:, 1]) / (1 - speaks[:, 0]),
    )
    odds = prior[1] / prior[0] * ratio.prod(axis=1)
    return odds / (1 + odds), speaks


yes, no = (
    (patterns[three] == 1).sum(axis=1),
    (patterns[three] == 0).sum(axis=1),
)
share = ((1 + yes) / (2 + yes + no)).to_numpy()
by_hand = patterns.assign(start=share)
for i in range(1, 301):
    share, speaks = step(share)
    if i in (1, 2, 300):
        by_hand[f"step {i}"] = share
by_hand.round(3)

# %% [markdown]
# Look at the row where "coarse" says malignant and "even" says benign while "dented" keeps silent. Majority calls it a tie. The steps learn that "dented" speaks on most malignant slides, so that its silence speaks for benign, and that benign is the larger class. That settles the tie.
#
# The helper runs the same steps for any number of functions and classes. There is an old friend inside: one step is scikit-learn's naive Bayes, fitted with every row once for each class and the chances as weights. In a loop on its own predictions it ends where the label model ends. The first row is the one difference: where nobody votes, the helper gives the share of the class and no more, so that such rows can be told and left out.

# %%
exact = {"smoothing": 0, "dependencies": None, "tol": 1e-12}
small = LabelModel(max_iter=1000, **exact).fit(votes[three])
found = small.predict_proba(patterns[three])[:, 1]
assert np.allclose(found[1:], by_hand["step 300"][1:], atol=1e-3)

label_model = LabelModel(max_iter=1000, **exact).fit(votes)
posterior = label_model.predict_proba(votes)[covered]

codes = votes.to_numpy() + 1  # silence is 0
classes = np.repeat([0, 1], len(codes))
start = MajorityVote(n_classes=2).fit(votes).predict_proba(votes)
chance = 0.1 + 0.8 * start
bayes = CategoricalNB(alpha=1e-12, force_alpha=True, min_categories=3)
for _ in range(400):
    weights = chance.T.ravel()
    bayes.fit(np.vstack([codes, codes]), classes, sample_weight=weights)
    chance = bayes.predict_proba(codes)
assert np.allclose(chance[covered], posterior, atol=1e-3)
print(f"largest difference: {np.abs(chance[covered] - posterior).max():.3f}")

# %% [markdown]
# ## On nine good rules the majority is as good
#
# Fit both on the votes of all slides, and only now compare with the diagnoses, on the slides that at least one rule votes on. A tie of the majority counts as half right.


# %%
def label_with(votes, **options):
    """Return the chance of class 1, row by row, from a label model."""
    with warnings.catch_warnings():  # it warns when in doubt; read below
        warnings.simplefilter("ignore", LabelModelWarning)
        model = LabelModel(n_classes=2, **options).fit(votes)
    return model.predict_proba(votes)[:, 1]


def majority(votes):
    """Return the share of malignant among the votes; 0.5 where none is cast."""
    return MajorityVote(n_classes=2).fit(votes).predict_proba(votes)[:, 1]


def right(chance, votes, truth=malignant):
    """Return the share of right labels among rows that have a vote."""
    label = np.where(np.isclose(chance, 0.5), 0.5, chance > 0.5)
    return 1 - np.abs(label - truth)[(votes >= 0).any(axis=1)].mean()


fitted = LabelModel(n_classes=2, dependencies=None).fit(votes)
real = summarize_lfs(votes, malignant).frame["Emp. Acc."]
quality = pd.DataFrame({"estimated": fitted.accuracies_, "real": real})
combined = pd.DataFrame(
    {
        "right where a rule votes": [
            right(majority(votes), votes),
            right(label_with(votes, dependencies=None), votes),
            right(label_with(votes), votes),
        ]
    },
    index=["majority vote", "label model", "label model, copies once"],
)
display(combined.round(3))
quality.round(2)

# %% [markdown]
# The label model found out, without a diagnosis, how good each rule is: the largest error is 5 points. ("Copies once" is the default; it saw that "round" and "flat" agree too much and lets them share a vote.) But where all rules are good there is little to gain from knowing. So why bother? Because nobody has only good rules. A student adds five more, on texture, smoothness and symmetry, with cuts made in the same way.

# %%
careless = {
    "texture": ("`mean texture` > 20", 1),
    "smoothness": ("`mean smoothness` > 0.1", 1),
    "symmetry": ("`worst symmetry` > 0.3", 1),
    "fractal": ("`mean fractal dimension` > 0.063", 1),
    "symmetry spread": ("`symmetry error` > 0.02", 1),
}
more = vote(careless, cells)
table = []
for k in range(6):
    both = pd.concat([votes, more.iloc[:, :k]], axis=1)
    table.append([right(majority(both), both), right(label_with(both), both)])
added = pd.DataFrame(table, columns=["majority vote", "label model"])
added.rename_axis("careless rules added").round(2)

# %% [markdown]
# The majority lets the careless ones outvote the good. The label model learns that they speak nearly as often on either class, and gives them little weight.
#
# ## Two copies of one function count twice, and the label model falls first
#
# It pays for this with an assumption: that the functions err independently. Somebody adds "round" again under another name, then once more. Move the controls, and look for the setting in which each method falls.

# %%
twin = votes["round"].to_numpy()


def compare(careless, copies, dependent):
    """Return how often each method is right."""
    both = pd.concat([votes, more.iloc[:, :careless]], axis=1)
    for i in range(copies):
        both[f"round copy {i + 1}"] = twin
    chances = {
        "majority vote": majority(both),
        "label model": label_with(both, dependencies=dependent),
    }
    rows = {
        name: {
            "right (%)": round(100 * right(chance, both), 1),
            "called malignant (%)": round(100 * (chance > 0.5).mean(), 1),
        }
        for name, chance in chances.items()
    }
    return pd.DataFrame(rows).T


explorer = nb.explore(
    compare,
    title="Careless rules and copies",
    careless=[0, 2, 5],
    copies=[0, 1, 2, 3],
    dependent={"ignored": None, "looked for": "auto"},
)
explorer

# %% [markdown]
# Each method has its own fall. With five careless rules the majority is right on 76 % and the label model on 94 %. With two copies of "round" it is the other way round, 96 % against 77 %, as long as copies are ignored: the label model takes three rules that always agree for three witnesses, builds its classes around them, and the other rules become noise. With `dependent` on "looked for", the default, copies share a vote and nobody falls.
#
# `find_dependent_lfs` looks for pairs that agree more than independent functions would:

# %%
twice = votes.assign(**{"round again": twin, "and again": twin})
pairs = find_dependent_lfs(twice)
shown = ["lf_a", "lf_b", "agreement", "expected", "excess"]
pairs.frame[shown].round(2)

# %% [markdown]
# ## Rules for one class only leave the size of the classes open
#
# Keep only the rules that vote malignant, or only those that vote benign. Every vote is for the same class, so only silence can speak for the other.

# %%
kinds = {"malignant": votes.columns[:5], "benign": votes.columns[5:]}
sided = {}
for name, columns in kinds.items():
    some = votes[columns]
    for balance in (None, [0.63, 0.37]):
        chance = label_with(some, class_balance=balance)
        known = "balance learned" if balance is None else "balance given"
        sided[f"only {name}", known] = [
            (chance > 0.5).mean(),
            1 - np.abs((chance > 0.5) - malignant).mean(),
        ]
sided["the truth", ""] = [malignant.mean(), 1]
with warnings.catch_warnings(record=True) as said:
    warnings.simplefilter("always")
    LabelModel(n_classes=2).fit(votes[kinds["benign"]])
print(str(said[0].message).split(";")[0])
pd.DataFrame(sided, ["called malignant", "right, all slides"]).T.round(2)

# %% [markdown]
# The helper warns, and it has reason to. With the benign rules alone it takes their silence for cancer and calls 61 % malignant. Given the true balance it calls none malignant: there is nothing left to find them by. The malignant rules alone do better, since "no sign of cancer" is a fair description of a benign slide. Write rules for every class.
#
# ## A model trained on the labels is worth about 20 to 50 labels by hand
#
# Nobody wants to apply nine rules for ever. Train logistic regression on the covered slides of a pool, with the labels of the label model, and test it on slides that stay outside, with their diagnoses. Beside it: the same model on a few slides of the pool that the pathologist labelled by hand (drawn so that both classes are there). All of it on 30 random splits.


# %%
def train(rows, labels):
    """Fit the end model."""
    model = make_pipeline(StandardScaler(), LogisticRegression())
    return model.fit(cells.iloc[rows], labels)


def one_split(seed, sizes=(10, 20, 50, 200)):
    """Return accuracy and ROC AUC of each way to label the pool."""
    pool, test = train_test_split(
        np.arange(len(cells)),
        test_size=0.3,
        stratify=malignant,
        random_state=seed,
    )
    chance = label_with(votes.iloc[pool])
    clear = covered[pool]
    trained = {"rules": train(pool[clear], chance[clear] > 0.5)}
    for n in sizes:
        some, _ = train_test_split(
            pool, train_size=n, stratify=malignant[pool], random_state=seed
        )
        trained[f"{n} by hand"] = train(some, malignant[some])
    truth, silent, scores = malignant[test], ~covered[test], {}
    for name, model in trained.items():
        p = model.predict_proba(cells.iloc[test])[:, 1]
        scores[name, "accuracy"] = np.mean((p > 0.5) == truth)
        scores[name, "ROC AUC"] = roc_auc_score(truth, p)
        scores[name, "silent"] = roc_auc_score(truth[silent], p[silent])
    return scores


runs = pd.DataFrame([one_split(seed) for seed in range(30)])
runs.columns = pd.MultiIndex.from_tuples(runs.columns)
table = runs.mean().unstack()[["accuracy", "ROC AUC"]]
table["worst of 30"] = runs.xs("accuracy", axis=1, level=1).min()
order = ["rules", "10 by hand", "20 by hand", "50 by hand", "200 by hand"]
table = table.loc[order]
print(guess.reveal("20 to 50"))
(100 * table).round(1)

# %%
# alt: Accuracy on test slides against the number of hand labels, with a band over 30 splits; the model trained on rules is a level line with its own band, which the curve crosses between 20 and 50.
sizes = [10, 20, 50, 200]
accuracy = runs.xs("accuracy", axis=1, level=1)
low, middle, high = accuracy.quantile([0.1, 0.5, 0.9]).to_numpy() * 100
figure, ax = plt.subplots(figsize=(6.5, 3.4))
ax.plot(sizes, middle[1:], "o-", color="C0", label="labels by hand")
ax.fill_between(sizes, low[1:], high[1:], color="C0", alpha=0.2)
ax.axhline(
    middle[0], color="C1", linestyle="--", label="nine rules, no labels"
)
ax.axhspan(low[0], high[0], color="C1", alpha=0.15)
ax.set_xscale("log")
ax.set_xticks(sizes, sizes)
ax.minorticks_off()
ax.set(
    xlabel="slides labelled by hand",
    ylabel="accuracy on test slides (%)",
    title="Nine rules are worth 20 to 50 labels",
)
ax.legend(loc="lower right")
plt.show()

# %% [markdown]
# ## The model can rank the slides on which every rule is silent
#
# If the label model is right on 96 % of what it labels, why train anything? Because of the slides that no rule speaks about. For all of them it says the same. Here is the ROC AUC on those alone, averaged over the splits (0.5 is a coin).

# %%
silent = runs.xs("silent", axis=1, level=1).mean()[order]
silent = pd.concat([pd.Series({"label model itself": 0.5}), silent])
pd.DataFrame({"ROC AUC where no rule votes": silent}).round(2)

# %% [markdown]
# The model trained on the rules has learned from the clear slides that radius, texture and dents go together, and carries it over to the unclear ones. So do models trained on labels by hand, and 50 of those carry further. There is a second reason to train: rules may look at what will not be there in service, and the model need not.
#
# > **Note.** In accuracy the silent slides hide this. Most of them are benign, so "benign" throughout is right on 76 % of them, and the model is hardly better. Look at a ranking before you conclude that nothing was learned.
#
# ## In a mailbox the same craft loses to 50 labels
#
# `email` has counts and flags of 3,921 messages, without their text; 9.4 % are spam. Nine clues that anybody would write down:

# %%
email = datasets.load("email")
spam = email.target.astype(int).to_numpy()
clues = {
    "winner": ("winner", 1),
    "! in subject": ("exclaim_subj", 1),
    "urgent": ("urgent_subj", 1),
    "inherit, viagra": ("inherit > 0 or viagra > 0", 1),
    "dollar": ("dollar > 0", 1),
    "known sender": ("sent_email", 0),
    "reply": ("re_subj", 0),
    "in copy": ("cc > 0", 0),
    "attachment": ("attach > 0", 0),
}
mail_votes = vote(clues, email.frame)
mail = summarize_lfs(mail_votes, spam).frame
mail[["Polarity", "Coverage", "Correct", "Incorrect", "Emp. Acc."]].round(2)

# %% [markdown]
# The clues for good mail are excellent. Of those for spam, "urgent" stands in 7 messages; of the others the best is right in 31 % of its votes, and the two that speak most in 10 %, hardly more than the share of spam itself. No way of combining votes can find what is not in them. Give the label model the true share of spam, which is more than you would know, and compare:

# %%
facts = email.frame.drop(columns=["spam", "time", "from"])
facts["number"] = facts["number"].cat.codes
facts = np.log1p(facts.astype(float))
spoken = (mail_votes >= 0).any(axis=1).to_numpy()


def one_mailbox(seed):
    """Return the ROC AUC of a spam filter for each way to label."""
    pool, test = train_test_split(
        np.arange(len(spam)), test_size=0.3, stratify=spam, random_state=seed
    )
    chance = label_with(mail_votes.iloc[pool], class_balance=[0.9, 0.1])
    labelled = pool[spoken[pool]]
    ways = {"nine rules": (labelled, chance[spoken[pool]] > 0.5)}
    for n in (50, 200):
        some, _ = train_test_split(
            pool, train_size=n, stratify=spam[pool], random_state=seed
        )
        ways[f"{n} by hand"] = (some, spam[some])
    auc = {}
    for name, (rows, labels) in ways.items():
        model = make_pipeline(StandardScaler(), LogisticRegression())
        model.fit(facts.iloc[rows], labels)
        p = model.predict_proba(facts.iloc[test])[:, 1]
        auc[name] = roc_auc_score(spam[test], p)
    return auc


mailboxes = pd.DataFrame([one_mailbox(seed) for seed in range(30)])
mailboxes.agg(["mean", "std"]).T.set_axis(
    ["ROC AUC", "spread"], axis=1
).round(2)

# %% [markdown]
# ## Check yourself

# %%
nb.quiz(
    (
        "Two rules agree on 99 % of the rows on which both vote. What "
        "does the label model make of it, on votes alone?"
    ),
    {
        "that both are good": (
            "Agreement is all it has, and it takes agreement for "
            "independent witnesses. Copies agree as well."
        ),
        "that one is a copy of the other": (
            "It would have to be told, or to look for it. The model "
            "itself assumes that they err independently."
        ),
        "nothing: without labels no quality can be known": (
            "With three independent functions it can: by hand above, and "
            "close to the truth on nine."
        ),
    },
    answer="that both are good",
)

# %%
nb.quiz(
    (
        "A rule votes spam on 8 % of the mail and is right in 10 % of "
        "its votes; 9 % of all mail is spam. What is it worth?"
    ),
    {
        "a little, it finds some of the spam": (
            "It finds as much as a rule that points at random mail."
        ),
        "practically nothing": (
            "A vote that is right as often as the share of spam tells "
            "you the share of spam."
        ),
        "much, turned round: it is right in 90 % as a vote for good mail": (
            "Good mail is 91 % of all. Turned round it is just as empty."
        ),
    },
    answer="practically nothing",
)

# %% [markdown]
# ## Exercises
#
# ★ Give the student two rules in place of five, and add one copy of "round". Which method would you use now? Check in the explorer.
#
# ★★ Write `weighted_vote(votes, accuracy, prior)`. `votes` is an array with 1, 0 and -1 (silent); `accuracy` has one number per function: how often it is right when it votes, whatever the class. Return the chance of class 1 in each row: start from the odds of `prior`; a vote for 1 multiplies them by accuracy / (1 - accuracy), a vote for 0 divides by it, silence does nothing.


# %% tags=["exercise"] exercise="ch04-05-weighted-vote"
def weighted_vote(votes, accuracy, prior):
    """Return the chance of class 1, row by row."""
    ...


# %%
ballots = np.array([[1, 0, 0], [1, -1, 0], [-1, -1, -1], [1, 1, 0]])
accuracy, prior = np.array([0.9, 0.6, 0.7]), 0.3
strength = np.log(accuracy / (1 - accuracy))


def chances(votes, strength, start):
    """Return chances from signed votes, weights and the log-odds before."""
    return 1 / (1 + np.exp(-(start + votes @ strength)))


signed = np.where(ballots < 0, 0, 2 * ballots - 1)
before = np.log(prior / (1 - prior))
nb.check(
    "ch04-05-weighted-vote",
    weighted_vote(ballots, accuracy, prior),
    chances(signed, strength, before),
    mistakes={
        "You start from even odds; start from those of the prior.": (
            chances(signed, strength, 0)
        ),
        "Silence counts as a vote for 0 here; it should do nothing.": (
            chances(np.where(ballots < 1, -1, 1), strength, before)
        ),
        "All functions weigh the same here; use their accuracy.": (
            np.array([1 / 3, 1 / 2, prior, 2 / 3])
        ),
    },
)

# %% [markdown] tags=["solution"] exercise="ch04-05-weighted-vote"
# <details><summary>Solution</summary>
#
# Add logarithms in place of multiplying odds, and turn the odds into a chance at the end.
#
# ```python
# def weighted_vote(votes, accuracy, prior):
#     """Return the chance of class 1, row by row."""
#     log_odds = np.full(len(votes), np.log(prior / (1 - prior)))
#     for column, right in zip(votes.T, accuracy):
#         weight = np.log(right / (1 - right))
#         log_odds += weight * (column == 1) - weight * (column == 0)
#     return 1 / (1 + np.exp(-log_odds))
# ```
#
# </details>

# %% [markdown]
# ★★★ The hospital offers the pathologist a second afternoon: five more rules, or 30 slides labelled by hand. Decide, say which numbers of this notebook you rely on, and what you would measure first.
#
# ## You have now
#
# - combined nine rules without a diagnosis: majority and label model both label 96 % of the covered slides right; with five careless rules it is 76 % against 94 %, with two copies of one rule 96 % against 77 %;
# - trained a model on those labels: 94 % right and an AUC of 0.99 on slides it had not seen. 20 labels by hand give 92.9 %, 50 give 95.5 %, 200 give 97.2 %;
# - seen the same craft lose on a mailbox: AUC 0.71, against 0.76 for 50 labels by hand.
#
# **In practice.** Rules pay where labels are dear, rows many, and somebody can say what to look for. Label 50 rows by hand anyway: without them you could not have told the hospital from the mailbox. Write rules for each class; keep their errors independent (other columns, other authors); compare with plain majority every time. Store votes beside labels: when a rule is mended, only its column changes.
#
# **Read on.** A. P. Dawid and A. M. Skene (1979), *Maximum likelihood estimation of observer error-rates using the EM algorithm*. A. Ratner et al. (2017), *Snorkel: rapid training data creation with weak supervision*. W. N. Street, W. H. Wolberg and O. L. Mangasarian (1993), *Nuclear feature extraction for breast tumor diagnosis*.

# %% tags=["claims", "remove-cell"]
accuracy = runs.xs("accuracy", axis=1, level=1).mean()
auc = mailboxes.mean()
five = compare(5, 0, "auto")["right (%)"] / 100
copied = compare(0, 2, None)["right (%)"] / 100
counted_once = compare(0, 2, "auto")["right (%)"] / 100
gaps = (quality["estimated"] - quality["real"]).abs()
nb.claim("569", len(cells))
assert speaks[0, 1] > 0.5
assert patterns["count"] @ share < len(cells) / 2
nb.claim("91 %", covered.mean())
nb.claim("5 points", 100 * gaps.max())
nb.claim("96 %", combined.loc["majority vote"].item())
nb.claim("96 %", combined.loc["label model"].item())
nb.claim("76 %", five["majority vote"])
nb.claim("94 %", five["label model"])
nb.claim("77 %", copied["label model"])
nb.claim("96 %", copied["majority vote"])
nb.claim("96 %", counted_once["label model"])
nb.claim("61 %", sided["only benign", "balance learned"][0])
assert sided["only benign", "balance given"][0] == 0
assert sided["only malignant", "balance learned"][1] > 0.85
assert accuracy["20 by hand"] < accuracy["rules"] < accuracy["50 by hand"]
nb.claim("30", len(runs))
nb.claim("20", sizes[1])
nb.claim("50", sizes[2])
nb.claim("200", sizes[3])
nb.claim("94 %", accuracy["rules"])
nb.claim("0.99", runs["rules", "ROC AUC"].mean())
nb.claim("92.9 %", accuracy["20 by hand"])
nb.claim("95.5 %", accuracy["50 by hand"])
nb.claim("97.2 %", accuracy["200 by hand"])
nb.claim("0.5", silent["label model itself"])
assert silent["rules"] < silent["50 by hand"]
nb.claim("76 %", 1 - malignant[~covered].mean())
nb.claim("3,921", len(spam))
nb.claim("9.4 %", spam.mean())
nb.claim("31 %", mail.loc["winner", "Emp. Acc."])
nb.claim("10 %", mail.loc["dollar", "Emp. Acc."])
nb.claim("10 %", mail.loc["! in subject", "Emp. Acc."])
nb.claim("7", mail.loc["urgent", ["Correct", "Incorrect"]].sum())
nb.claim("0.71", auc["nine rules"])
nb.claim("0.76", auc["50 by hand"])
