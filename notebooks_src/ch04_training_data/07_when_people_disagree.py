# %% [markdown]
# # Settle it when people disagree
#
# *25 minutes · data: triage_notes*
#
# **You will** measure how far people agree, make one label out of several, and find the source of wrong ones.
#
# **You will learn to**
#
# - compute percent agreement, kappa and alpha, and say why they differ;
# - combine annotators by how far each is right, and notice when that misleads;
# - keep the source of every label, and find a bad source with it.
#
# **You need** probability of independent events, and scikit-learn's `fit` and `predict`. Beside the triage notes we use scikit-learn's handwritten digits, and a table from a paper.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC

from mlworkbench import datasets
from mlworkbench import notebook as nb
from mlworkbench.labeling import (
    annotator_agreement,
    audit_labels,
    consensus,
    label_source,
    longest_spans,
    span_agreement,
)

nb.setup()

# %% [markdown]
# ## Commit to a guess
#
# You have 200 images of digits with correct labels. Somebody offers 878 more, labelled by a crowd, and one label in five is wrong. The answer comes at the end.

# %%
guess = nb.predict(
    "ch04-07-batch",
    "You train on all of them together. What happens to the accuracy?",
    options=[
        "it falls, with every model",
        "it rises, with every model",
        "it falls with some models and rises with others",
    ],
    why=(
        "A model that can follow a single label follows the wrong ones. "
        "One that averages over many rows outvotes them."
    ),
)
guess

# %% [markdown]
# ## Eight in ten is less than it sounds
#
# Two nurses rate ten notes, emergency or not. They agree on eight. But both say "no" to eight of ten notes, so they would often agree by chance. Cohen's kappa (Cohen 1960) and Krippendorff's alpha (Krippendorff 2011) ask: what share of the agreement *that chance leaves open* did they reach?

# %%
ann = np.array(list("----------"))
ann[[8, 9]] = "E"
ben = np.array(list("----------"))
ben[[7, 8]] = "E"

agree = (ann == ben).mean()
by_chance = sum((ann == c).mean() * (ben == c).mean() for c in "-E")
kappa = (agree - by_chance) / (1 - by_chance)

pool = np.concatenate([ann, ben])  # alpha: one pool, two drawn from it
n_no, n_yes = (pool == "-").sum(), (pool == "E").sum()
differ_by_chance = 2 * n_no * n_yes / (len(pool) * (len(pool) - 1))
alpha = 1 - (1 - agree) / differ_by_chance

two = annotator_agreement(pd.DataFrame({"ann": ann, "ben": ben}))
assert np.isclose(two.agreement, agree)
assert np.isclose(two.frame["cohen_kappa"][0], kappa)
assert np.isclose(two.alpha, alpha)
steps = {
    "they agree": agree,
    "so would chance": by_chance,
    "kappa": kappa,
    "alpha": alpha,
}
pd.Series(steps).round(3).rename("share").to_frame()

# %% [markdown]
# Kappa takes chance from each person's own habits, alpha from the pool of all ratings; alpha also works for many people, with ratings missing. Both are 1 for full agreement and 0 for chance.
#
# ## Doctors disagree, mostly by one step
#
# Before an operation, 5 anaesthetists judged from the same forms how fit 45 patients were, from 1 (fit) to 4. Observer 1 judged three times, some weeks apart (Dawid and Skene 1979). Each group below is a patient: three ratings of observer 1, then one each of observers 2 to 5.

# %%
published = (
    "1111111 3334334 1122122 2223121 2223222 2223322 1222111 3333433 2222223 "
    "2322223 4444444 2223343 1111111 2223212 1211111 1112111 1111111 1111111 "
    "2222221 2221322 2222222 2222221 2223222 2212222 1111111 1111111 2322222 "
    "1111111 1111111 1121121 1111111 3333233 1111111 2222222 2223232 4334343 "
    "2212232 2323233 3333432 1111111 1111111 1212111 2322222 1211111 2222222"
)
records = pd.DataFrame(
    [
        (patient, observer, int(rating))
        for patient, group in enumerate(published.split(), start=1)
        for observer, rating in zip([1, 1, 1, 2, 3, 4, 5], group, strict=True)
    ],
    columns=["patient", "observer", "rating"],
)
keys = ["patient", "observer"]
first = records.drop_duplicates(keys)
ratings = first.pivot(index="patient", columns="observer", values="rating")
doctors = annotator_agreement(ratings, random_state=0)
ordinal = annotator_agreement(ratings, level="ordinal", random_state=0)
again = records[records["observer"] == 1].groupby("patient")["rating"]
changed = (again.nunique() > 1).sum()

facts = {
    "pairs of ratings that agree": doctors.agreement,
    "Fleiss' kappa": doctors.fleiss_kappa,
    "alpha": doctors.alpha,
    "alpha, from": doctors.alpha_low,
    "alpha, to": doctors.alpha_high,
    "alpha, ordinal": ordinal.alpha,
}
pd.Series(facts).round(2).rename("five doctors").to_frame()

# %% [markdown]
# Alpha is 0.58, and 0.81 when a difference of one step counts as small: they disagree often, and rarely by much. Which of the two is yours depends on what a wrong step costs. And one person is no standard: observer 1 changed the rating of 13 of the 45 patients.
#
# ## A majority counts heads; a model weighs them
#
# Who is right? Dawid and Skene's idea: if we knew the true classes, we could count how each observer errs, the *confusion matrix*. If we knew the matrices, we could compute the probable true classes. Start with the shares of the ratings and do one after the other until nothing changes (the EM algorithm).

# %%
names = {"item": "patient", "annotator": "observer", "label": "rating"}
plain = consensus(records, **names, smoothing=0)
assert plain.class_prior.round(3).tolist() == [0.4, 0.422, 0.112, 0.067]

weighed = consensus(records, **names)
counted = consensus(records, **names, method="majority")
other = weighed.frame["label"] != counted.frame["label"]
table = pd.DataFrame({"ratings": published.split()}, index=ratings.index)
table["majority"] = counted.frame["label"]
table["weighed"] = weighed.frame["label"]
table["probability"] = weighed.frame["probability"].round(2)
table[other]

# %% [markdown]
# The shares of the classes are those published (Dawid and Skene 1979); by default the helper adds a little smoothing. The two rules differ on two patients. Most doctors called them 3, the model says 4. Look at the matrices to see why.

# %%
some = weighed.confusion.loc[[1, 2, 5]]
some.round(2)

# %% [markdown]
# When the truth is 4, the model believes, observer 1 says 3 in 51 % of the ratings. But when the truth is 3, these observers say 4 in 1 % at most. So a 4 from them is strong evidence, and two of them outweigh five 3s. That is sound reasoning from a shaky base: three patients are in class 4 and four in class 3, and the rows that decide are estimated from those.
#
# > **Warning.** The probability 1.00 holds *if the model is right*. It knows of no patient that is hard for everyone, and of no two doctors who trained together.
#
# ## The model trusts whoever agrees, copies included
#
# So let us take a truth that we know. Five imaginary nurses label 1,000 triage notes. The careful ones are wrong in 5 %, the careless ones in 40 %, by one step. Move `careless`, then switch `they_err` to "together": the careless ones copy each other's mistakes. Light bars are what is true of each nurse, dots what `consensus` believes.

# %%
notes = datasets.load("triage_notes").frame
order = ["routine", "urgent", "emergency"]
truth = notes["true_label"].astype(str).map(order.index).to_numpy()[:1000]


def imaginary(careless, they_err):
    """Return the labels of five nurses, a column each."""
    rng = np.random.default_rng(0)
    shared = rng.random((len(truth), 2))
    columns = []
    for nurse in range(5):
        own = rng.random((len(truth), 2))
        bad = nurse < careless
        luck = shared if bad and they_err == "together" else own
        moved = np.where(truth == 1, np.where(luck[:, 1] < 0.5, 0, 2), 1)
        wrong = luck[:, 0] < (0.4 if bad else 0.05)
        columns.append(np.where(wrong, moved, truth))
    return np.column_stack(columns)


def settle(careless, they_err):
    """Return real and believed accuracy, and that of both rules."""
    votes = imaginary(careless, they_err)
    long = pd.DataFrame(votes).melt(ignore_index=False).reset_index()
    long.columns = ["item", "annotator", "label"]
    by_weight = consensus(long)
    by_head = consensus(long, method="majority")
    right = [
        (report.frame["label"].to_numpy() == truth).mean()
        for report in (by_head, by_weight)
    ]
    real = (votes == truth[:, None]).mean(axis=0)
    return real, by_weight.annotators["accuracy"].to_numpy(), right


def ward(careless, they_err):
    """Draw what is true of the nurses, and what consensus believes."""
    real, believed, right = settle(careless, they_err)
    figure, ax = plt.subplots(figsize=(6, 3))
    people = [f"nurse {k + 1}" for k in range(5)]
    ax.bar(people, 100 * real, color="0.8", label="really right")
    ax.plot(people, 100 * believed, "o", color="C0", label="believed right")
    ax.set(ylabel="share of notes (%)", ylim=(0, 105))
    ax.set_title(
        f"right labels: majority {right[0]:.1%}, weighed {right[1]:.1%}"
    )
    figure.legend(loc="outside lower center", ncols=2)
    return figure


explorer = nb.explore(
    ward,
    title="Five nurses and a rule",
    careless=[0, 1, 2, 3, 4],
    they_err=["each alone", "together"],
    start={"careless": 3},
)
explorer

# %% [markdown]
# With three careless nurses who err alone, weighing is right on 98.5 % of the notes and the majority on 91.8 %; the dots sit on the bars. With three who copy, both fall to 60.7 %, and the picture turns over: the copies are believed perfect, the careful nurses careless. Nothing in the votes tells copies from experts. Guard against it outside of the votes: have people label apart, and slip in notes with a known answer.
#
# ## Three people, one sentence, 3, 6 and 4 entities
#
# Some disagreement is about the question. Three people mark the names in one sentence, and nobody is wrong.

# %%
text = (
    "Dr Ada Moreau of St Anne's Hospital in Lyon moved the clinic to the "
    "Old Mill on Rhone Street."
)
marked = {
    "ann": [
        "Dr Ada Moreau",
        "St Anne's Hospital in Lyon",
        "Old Mill on Rhone Street",
    ],
    "ben": [
        "Dr",
        "Ada Moreau",
        "St Anne's Hospital",
        "Lyon",
        "Old Mill",
        "Rhone Street",
    ],
    "cem": [
        "Ada Moreau",
        "St Anne's Hospital",
        "Lyon",
        "the Old Mill on Rhone Street",
    ],
}
spans = {
    who: [(text.index(name), text.index(name) + len(name)) for name in names]
    for who, names in marked.items()
}
agreed = span_agreement(spans)
agreed.frame.drop(columns=["exact_f1", "characters"]).round(2)

# %% [markdown]
# Ann shares not one exact span with anybody, and yet her three overlap everything that the others marked. `overlap_f1` is the share of spans that have a partner, each partner used once. When exact agreement is low and overlap is high, do not replace the people: write the missing rule. A common one is "the longest span wins".

# %%
settled = longest_spans(spans, text=text)
settled[["text", "exact", "replaced"]]

# %% [markdown]
# `exact` counts the people who marked just this, `replaced` the marks that it stands for. The rule is cheap and tells everyone what to do next time. It has a price: "Lyon" is no longer an entity. Settle such rules *before* the labelling, and measure agreement on a small pilot.
#
# ## Wrong labels point at their source
#
# In the triage notes every note was labelled by one nurse only, so there is nobody to compare with. A model can take the part of the second reader: let it predict each label from the others (cross-validation), and suspect labels where it is confident of another class. *Confident* means: the class has at least the probability that rows with that label have on average (Northcutt et al. 2021).

# %%
reader = make_pipeline(
    TfidfVectorizer(ngram_range=(1, 2), min_df=3),
    LogisticRegression(C=10, max_iter=500),
)
label = notes["label"].astype(str)
p_notes = cross_val_predict(
    reader, notes["note"], label, cv=5, method="predict_proba"
)
nurse = notes["annotator"].astype(str)
nurses = audit_labels(label, p_notes, source=nurse)

wrong = label != notes["true_label"].astype(str)
hit = wrong[nurses.frame.index].mean()
found = wrong[nurses.frame.index].sum() / wrong.sum()
table = nurses.by_source[["rows", "suspects"]].copy()
table["estimated wrong (%)"] = 100 * nurses.by_source["error_rate"]
table["really wrong (%)"] = 100 * wrong.groupby(nurse).mean()
table.round(1)

# %% [markdown]
# Of the suspects 98 % are really wrong, and 81 % of the wrong labels are among them. More useful than the list is the column beside it: `nurse_5`. One talk with one person mends the labels of tomorrow too, which no correction does. But it takes a column that many data sets do not have: who said so.
#
# ## A bad batch hurts a model that believes every row
#
# Now the offer from the start. Keep the source of each label from the first moment; `label_source` puts sources together, the most trusted first.

# %%
X, y = load_digits(return_X_y=True)


def draw(seed):
    """Return rows and labels of expert and crowd, and the test rows."""
    rng = np.random.default_rng(seed)
    expert, crowd, test = np.split(rng.permutation(len(y)), [200, 1078])
    bad = crowd[:176]
    given = y.copy()
    given[bad] = (y[bad] + rng.integers(1, 10, len(bad))) % 10
    sources = {
        "expert": pd.Series(y[expert], index=expert),
        "crowd": pd.Series(given[crowd], index=crowd),
    }
    rows = np.concatenate([expert, crowd])
    return label_source(sources, index=rows), test


def audit(labels):
    """Suspect labels with a model that averages over neighbours."""
    model, rows = KNeighborsClassifier(10), labels.index
    p = cross_val_predict(
        model, X[rows], labels["label"], cv=5, method="predict_proba"
    )
    p = pd.DataFrame(p, index=rows)
    return audit_labels(labels["label"], p, source=labels["source"])


labels, test = draw(0)
batch = audit(labels)
digits_wrong = labels["label"] != y[labels.index]
table = batch.by_source[["rows", "suspects"]].copy()
table["estimated wrong (%)"] = 100 * batch.by_source["error_rate"]
truly = digits_wrong.groupby(labels["source"]).mean()
table["really wrong (%)"] = 100 * truly
table.round(1)

# %% [markdown]
# The batch stands out before any model is trained on it. What would it have done? Accuracy on the other digits, mean of three draws: expert only, everything, everything but the suspects.

# %%
models = {
    "1 nearest neighbour": KNeighborsClassifier(1),
    "logistic regression, C=1": LogisticRegression(
        C=1, solver="newton-cholesky"
    ),
    "logistic regression, C=0.001": LogisticRegression(
        C=0.001, solver="newton-cholesky"
    ),
    "5 nearest neighbours": KNeighborsClassifier(5),
    "random forest": RandomForestClassifier(50, random_state=0),
    "support vector machine": SVC(),
}
parts = ["expert only", "all", "without suspects"]
accuracy = pd.DataFrame(0.0, index=list(models), columns=parts)
for seed in range(3):
    labels, test = draw(seed)
    sets = [
        labels[labels["source"] == "expert"],
        labels,
        labels.drop(audit(labels).frame.index),
    ]
    for name, model in models.items():
        for part, rows in zip(parts, sets, strict=True):
            model.fit(X[rows.index], rows["label"])
            score = model.score(X[test], y[test])
            accuracy.loc[name, part] += score / 3
accuracy.round(2)

# %%
change = 100 * (accuracy["all"] - accuracy["expert only"])
guess.reveal(
    "it falls with some models and rises with others",
    measured=f"from {change.min():.0f} to {change.max():+.0f} points",
)

# %% [markdown]
# One neighbour copies each wrong label to all images around it: −13 points. Five vote, and gain: +4. The same logistic regression loses 6 points with `C=1`, where it is free to bend, and gains 4 when it is held back (`C=0.001`). So "noisy labels hurt" and "more data helps" are both true, of different models. Without the suspects all six are better than on the expert's rows alone.
#
# > **Note.** The wrong labels here are random. That is the friendly case, because they rarely agree with each other.
#
# ## An error that all share is invisible
#
# Let the crowd misread the instruction: it calls every seven a one, and gets all else right.

# %%
labels, test = draw(0)
truth_here = pd.Series(y[labels.index], index=labels.index)
crowd = labels["source"] == "crowd"
misread = labels.assign(label=truth_here)
sevens = crowd & (truth_here == 7)
misread.loc[sevens, "label"] = 1
alone, together = audit(misread[crowd]), audit(misread)


def count(report, rows):
    """Return how many of some rows are suspected."""
    return len(report.frame.index.intersection(rows[rows].index))


experts = ~crowd & (truth_here == 7)
table = pd.DataFrame(
    {
        "rows": [sevens.sum(), experts.sum()],
        "suspected, crowd alone": [count(alone, sevens), "not there"],
        "suspected, with expert": [
            count(together, sevens),
            count(together, experts),
        ],
    },
    index=["crowd: sevens called one", "expert: sevens called seven"],
)
table

# %% [markdown]
# With the crowd's labels alone, no error is found: sevens *are* ones there. With the expert's beside them many are, and half of the expert's correct sevens are accused as well. An audit measures disagreement. Who is right, a person has to look up.
#
# ## Check yourself

# %%
nb.quiz(
    ("Two people agree on 95 % of the rows, kappa is 0.1. What is likely?"),
    {
        "the computation is wrong": (
            "It happens whenever one class is very common: chance alone "
            "explains nearly all of the agreement."
        ),
        "one class is rare, and on it they hardly agree": (
            "On the common class everyone agrees. If the rare one is what "
            "you are after, 95 % says next to nothing."
        ),
        "they copied from each other": "Then kappa would be high.",
    },
    answer="one class is rare, and on it they hardly agree",
)

# %%
nb.quiz(
    (
        "Consensus believes that two of five annotators are right in 99 % "
        "and the other three in 60 %. What do you do first?"
    ),
    {
        "drop the three": (
            "Two who copy each other, or share a misreading, look just "
            "like two experts."
        ),
        "compare some items with an answer that is known": (
            "The votes cannot tell experts from copies. A few dozen known "
            "answers can."
        ),
        "take the majority instead": (
            "Copies win there too, and you lose the hint that something "
            "is odd."
        ),
    },
    answer="compare some items with an answer that is known",
)

# %% [markdown]
# ## Exercises
#
# ★ In `draw`, let half of the crowd's labels be wrong (`crowd[:439]`). Which models still gain from the batch?
#
# ★★ Write `suspects(y, p)`. `y` are labels 0 to k − 1, `p` the probabilities, one column for each class. The threshold of a class is the mean of its probability over the rows that carry its label. A row is confidently of the most probable class among those that reach their threshold; it is a suspect when there is such a class and it is not the label. Return an array of booleans.


# %% tags=["exercise"] exercise="ch04-07-suspects"
def suspects(y, p):
    """Return True for each row whose label is suspect."""
    ...


# %%
codes = pd.factorize(label, sort=True)[0]
own = p_notes[np.arange(len(codes)), codes]
means = np.array([p_notes[codes == k, k].mean() for k in range(3)])
nb.check(
    "ch04-07-suspects",
    suspects(codes, p_notes),
    np.isin(np.arange(len(codes)), nurses.frame.index),
    mistakes={
        (
            "Every row where another class is more probable; ask also "
            "that it reaches its threshold."
        ): p_notes.argmax(axis=1) != codes,
        (
            "Rows unsure of their own label; look for another class that "
            "reaches its threshold."
        ): own < means[codes],
        "The other way round: these are the labels to keep.": ~np.isin(
            np.arange(len(codes)), nurses.frame.index
        ),
    },
)

# %% [markdown] tags=["solution"] exercise="ch04-07-suspects"
# <details><summary>Solution</summary>
#
# Hide the probabilities that do not reach their threshold, then take the largest that is left.
#
# ```python
# def suspects(y, p):
#     """Return True for each row whose label is suspect."""
#     k = p.shape[1]
#     thresholds = np.array([p[y == c, c].mean() for c in range(k)])
#     reach = p >= thresholds
#     best = np.where(reach, p, -1).argmax(axis=1)
#     return reach.any(axis=1) & (best != y)
# ```
#
# </details>

# %% [markdown]
# ★★★ Your budget pays for ten thousand labels. One reading of ten thousand rows, three readings of a third of them, or something between? Say what you would measure in a pilot of a few hundred, and which result would change your mind.
#
# ## You have now
#
# - told agreement from chance: 80 % agreement was a kappa of 0.38, and five doctors an alpha of 0.58;
# - weighed annotators: right on 98.5 % of the notes where the majority had 91.8 %, and both on 60.7 % once three copied each other;
# - kept the source of every label, and found with it a nurse with 11 % wrong labels and a batch with 20 %.
#
# **In practice.** Let some items be labelled twice, always, and by people who cannot see each other; watch alpha by week. Write the rule for the hard cases into the instruction, with examples. Keep item, annotator, label and time in long form: a table with one label per row has lost what you need for all of this. `cleanlab` finds suspects in the same way at scale, `crowd-kit` has more models of annotators.
#
# **Read on.** J. Cohen (1960), *A coefficient of agreement for nominal scales*. A. P. Dawid and A. M. Skene (1979), *Maximum likelihood estimation of observer error-rates using the EM algorithm*. K. Krippendorff (2011), *Computing Krippendorff's alpha-reliability*. C. G. Northcutt, L. Jiang and I. L. Chuang (2021), *Confident learning*.

# %% tags=["claims", "remove-cell"]
lone, copied = settle(3, "each alone"), settle(3, "together")
nb.claim("200", (labels["source"] == "expert").sum())
nb.claim("878", crowd.sum())
nb.claim("45", len(ratings))
nb.claim("0.58", doctors.alpha)
nb.claim("0.81", ordinal.alpha)
nb.claim("13", changed)
assert other.sum() == 2
nb.claim("1.00", weighed.frame.loc[other, "probability"].min())
assert 2.5 < 45 * weighed.class_prior[4] < 3.5
assert 3.5 < 45 * weighed.class_prior[3] < 4.5
nb.claim("51 %", some.loc[(1, 4), 3])
nb.claim("1 %", some.xs(3, level="true")[4].max())
nb.claim("1,000", len(truth))
real = lone[0]
nb.claim("5 %", 1 - real[3:].mean())
nb.claim("40 %", 1 - real[:3].mean())
nb.claim("98.5 %", lone[2][1])
nb.claim("91.8 %", lone[2][0])
nb.claim("60.7 %", copied[2][0])
nb.claim("60.7 %", copied[2][1])
assert np.abs(lone[1] - lone[0]).max() < 0.02
assert copied[1][:3].min() > 0.99 > 0.7 > copied[1][3:].max()
assert (agreed.frame.loc[:1, "exact"] == 0).all()
nb.claim("98 %", hit)
nb.claim("81 %", found)
assert (accuracy["without suspects"] > accuracy["expert only"]).all()
nb.claim("−13 points", change["1 nearest neighbour"])
nb.claim("+4", change["5 nearest neighbours"])
nb.claim("6 points", -change["logistic regression, C=1"])
nb.claim("4", change["logistic regression, C=0.001"])
nb.claim("0.001", models["logistic regression, C=0.001"].C)
assert count(alone, sevens) == 0
assert abs(count(together, experts) / experts.sum() - 0.5) < 0.06
nb.claim("80 %", agree)
nb.claim("0.38", kappa)
nb.claim("11 %", nurses.by_source["error_rate"].iloc[0])
nb.claim("20 %", digits_wrong[crowd].mean())
