"""Label models, and applying labeling functions, against their peers.

Run with ``python benchmarks/labeling.py``; two minutes on one core. Everything
runs on one thread. Accuracy, log loss: rows with at least one vote; a tie counts
as its share. "balance" says what was told of the shares of the classes: nothing
(own: learned; Snorkel: assumed equal), or the truth.
"""

import os

for variable in ("OMP", "MKL", "OPENBLAS", "NUMEXPR"):
    os.environ[f"{variable}_NUM_THREADS"] = "1"

import sys
import warnings

import numpy as np
import pandas as pd
import torch
from _bench import best_of, show_table, show_versions
from _votes import ABSTAIN, CASES, make
from crowdkit.aggregation import DawidSkene
from snorkel.labeling import LabelingFunction, PandasLFApplier
from snorkel.labeling.model import LabelModel as SnorkelModel

from mlworkbench.datasets import make_triage_notes
from mlworkbench.labeling import (
    LabelModel,
    LabelModelWarning,
    MajorityVote,
    apply_lfs,
    keyword_lf,
    labeling_function,
)

SEEDS = 4
PEERS = ("own", "Snorkel", "majority", "crowd-kit", "oracle")


def own(case, balance):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LabelModelWarning)
        model = LabelModel(len(case.prior), class_balance=balance).fit(case.votes)
    return model.predict_proba(case.votes), model.accuracies_


def snorkel(case, balance):
    k = len(case.prior)
    model = SnorkelModel(cardinality=k, verbose=False)
    told = None if balance is None else list(balance)
    model.fit(case.votes, class_balance=told, seed=0, progress_bar=False)
    tables = model.get_conditional_probs()[:, 1:, :]  # function, vote, class
    prior = np.full(k, 1 / k) if balance is None else balance
    right = np.einsum("jcc,c->j", tables, prior)
    return model.predict_proba(case.votes), right / (tables @ prior).sum(axis=1)


def majority(case, balance):
    model = MajorityVote(len(case.prior)).fit(case.votes)
    proba = model.predict_proba(case.votes)
    agreeing = [proba[v != ABSTAIN, v[v != ABSTAIN]].mean() for v in case.votes.T]
    return proba, np.array(agreeing)


def crowdkit(case, balance):
    rows, columns = np.nonzero(case.votes != ABSTAIN)
    records = pd.DataFrame(
        {"task": rows, "worker": columns, "label": case.votes[rows, columns]}
    )
    model = DawidSkene(n_iter=100).fit(records)
    k = len(case.prior)
    proba = np.full((len(case.votes), k), 1 / k)
    found = model.probas_.reindex(columns=range(k), fill_value=0.0)
    proba[found.index] = found.to_numpy()
    return proba, np.full(case.votes.shape[1], np.nan)


def scores(case, proba):
    rows = case.covered
    proba, truth = proba[rows], case.truth[rows]
    best = proba >= proba.max(axis=1, keepdims=True) - 1e-9
    at = np.arange(len(truth)), truth
    accuracy = (best / best.sum(axis=1, keepdims=True))[at].mean()
    return accuracy, -np.log(np.clip(proba[at], 1e-6, 1)).mean()


def measure(name, model, told, runs):
    """Give accuracy, log loss, error of the accuracies and seconds, seeds' means."""
    lines = []
    for seed in range(SEEDS if name != "large" else 1):
        case = make(name, seed)
        balance = case.prior if told else None
        seconds, (proba, accuracies) = best_of(lambda: model(case, balance), runs)  # noqa: B023
        off = np.abs(accuracies - case.accuracies).mean()
        lines.append((*scores(case, proba), off, seconds))
    return np.mean(lines, axis=0)


def oracle_accuracy(name):
    cases = [make(name, seed) for seed in range(SEEDS if name != "large" else 1)]
    known = [scores(c, c.oracle)[0] for c in cases if c.oracle is not None]
    return np.mean(known) if known else np.nan


def show(title, names, rows, digits):
    print(title)
    width = max(map(len, CASES)) + 2
    print(" " * width + "".join(f"{name:>11}" for name in names))
    for name, values in rows.items():
        cells = (" " * 10 + "-" if np.isnan(v) else f"{v:11.{digits}f}" for v in values)
        print(name.ljust(width) + "".join(cells))
    print()


def compare_models(told):
    models = {"own": own, "Snorkel": snorkel}
    if not told:
        models |= {"majority": majority, "crowd-kit": crowdkit}
    results = {}
    for name in CASES:
        results[name] = {}
        for peer, model in models.items():
            if peer == "crowd-kit" and name == "large":
                continue  # minutes
            runs = 1 if peer == "crowd-kit" else 5
            results[name][peer] = measure(name, model, told, runs)
    heading = "true balance given" if told else "balance not given"
    names = [*models, "oracle"]
    nothing = np.full(4, np.nan)
    for column, (title, digits) in enumerate(
        [("accuracy", 4), ("log loss", 3), ("error of accuracies", 3), ("ms", 1)]
    ):
        factor = 1000 if title == "ms" else 1
        rows = {
            name: [result.get(peer, nothing)[column] * factor for peer in models]
            for name, result in results.items()
        }
        if column == 0:
            for name in rows:
                rows[name].append(oracle_accuracy(name))
        show(f"{title} ({heading})", names if column == 0 else models, rows, digits)
    gains = [r["own"][0] - r["Snorkel"][0] for r in results.values()]
    ratios = [r["Snorkel"][3] / r["own"][3] for r in results.values()]
    print(
        f"own - Snorkel accuracy: worst {min(gains):+.4f}, median "
        f"{np.median(gains):+.4f}, better on {sum(g > 0 for g in gains)} of "
        f"{len(gains)}\nSnorkel's time / own: median {np.median(ratios):.1f}, "
        f"worst {min(ratios):.1f}, best {max(ratios):.1f}\n"
    )


WORDS = {
    "pneumonia": (["pneumonia", "short of breath"], 1),
    "heart": (["chest pain", "palpitations"], 1),
    "minor": (["sore throat", "rash", "refill"], 0),
    "injury": (["sprain", "cut", "bruise"], 0),
}


def compare_application(rows=50_000):
    import re

    frame = make_triage_notes(rows, random_state=0)
    ours = [keyword_lf("note", w, label, name=n) for n, (w, label) in WORDS.items()]
    ours.append(
        labeling_function(lambda f: f["oxygen_saturation"] < 92, name="o2", label=1)
    )
    ours.append(labeling_function(lambda f: f["age"] < 5, name="child", label=1))

    def by_words(words, label):
        pattern = re.compile(r"\b(" + "|".join(map(re.escape, words)) + r")\b", re.I)
        return lambda row: label if pattern.search(row.note) else ABSTAIN

    theirs = [LabelingFunction(n, by_words(*rule)) for n, rule in WORDS.items()]
    theirs.append(
        LabelingFunction("o2", lambda r: 1 if r.oxygen_saturation < 92 else ABSTAIN)
    )
    theirs.append(LabelingFunction("child", lambda r: 1 if r.age < 5 else ABSTAIN))
    own_s, votes = best_of(lambda: apply_lfs(ours, frame, progress=False))
    applier = PandasLFApplier(theirs)
    peer_s, expected = best_of(
        lambda: applier.apply(frame, progress_bar=False), runs=1, warm_up=False
    )
    np.testing.assert_array_equal(votes.to_numpy(), expected)
    show_table([(f"apply 6 functions to {rows:,} rows", "snorkel", peer_s, own_s)])


def main():
    torch.set_num_threads(1)
    show_versions("numpy", "torch", "snorkel", "crowd-kit", "scikit-learn")
    compare_application()
    for told in (False, True):
        compare_models(told)


if __name__ == "__main__":
    warnings.simplefilter("ignore", FutureWarning)
    sys.exit(main())
