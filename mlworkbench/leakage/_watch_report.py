"""From the log to findings: who was fitted on what later served as test."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from mlworkbench.leakage._findings import Finding, LeakageReport, make_report
from mlworkbench.leakage._watch_choice import shows_choice
from mlworkbench.leakage._watch_log import Fit, Log, Look, Split, inside

__all__ = ["judge"]

_KIND = {"selector": "L1.3", "model": "L1.1", "search": "L1.1"}
_OTHERS = {"harmless", "resampler", "stopping"}  # judged by rules of their own
_CURVES = {"precision_recall_curve", "roc_curve", "det_curve"}
_UNSEEN = (
    "not seen: other processes (n_jobs above 1 with a process backend) and other "
    "threads; code outside scikit-learn and imbalanced-learn (torch, a mean taken "
    "by hand, scores computed by hand); what happened before the watch began",
    "rows are followed by index label, by place in memory and through observed "
    "calls, and copies of which nothing else is known by values that stand once; a "
    "copy with changed values starts as new rows, and rows that are only equal are "
    "not taken for the same",
    "whether code picks a best one is read from the words of its function or cell, "
    "and of later cells that use what it made: a choice made by eye, or after this "
    "report, is not seen",
    "inside cross_val_score, a search or a pipeline, scikit-learn keeps train and "
    "test apart: only what went in is judged",
)
_ADVICE = {
    "L1.1": "Fit on training rows only, and score on rows that no fit has seen.",
    "L1.2": "Split first; fit this step on training rows only, or in a Pipeline.",
    "L1.3": "Select inside a Pipeline, so that test rows have no say in it.",
}


def judge(log: Log) -> LeakageReport:
    """Judge everything that was seen."""
    findings = [*_fitted_on_test(log), *_resampled_first(log), *_searched(log)]
    findings += [*_stopped(log), *_no_test(log), *_looked_often(log)]
    findings += [*_equal(log), *_refitted(log)]
    return make_report(findings, notes=[*_UNSEEN, *log.troubles])


def _declared(log: Log, look: Look, fit: Fit) -> bool:
    """Tell whether a split that came before made these rows test rows."""
    for split in log.splits:
        if split.number < look.number and inside(look.ids, split.test).all():
            one = split.name == "train_test_split"
            if one or len(np.setdiff1d(fit.ids, look.ids)):
                return True
    return False


def _in_sample(log: Log, look: Look) -> bool:
    """Tell whether a model is shown its own training rows, and no secret."""
    fits = [log.fits[number] for number in look.own if number in log.fits]
    return any(
        fit.role != "stopping"
        and inside(look.ids, fit.ids).all()
        and (
            not _declared(log, look, fit)
            or (not look.scored and not len(np.setdiff1d(fit.ids, look.ids)))
        )
        for fit in fits
    )


def _fitted_on_test(log: Log) -> Iterator[Finding]:
    """Find the estimators fitted on rows that later served as test rows."""
    seen: dict[int, tuple[Fit, Look, int]] = {}
    for look in log.looks:
        if not look.cross and _in_sample(log, look):
            continue
        for fit in log.chain(look.own | look.made_by):
            if fit.role in _OTHERS or fit.number > look.number:
                continue
            shared = int(inside(look.ids, fit.ids).sum())
            best = seen.get(fit.number)
            if shared and (best is None or (look.scored and not best[1].scored)):
                seen[fit.number] = (fit, look, shared)
    merged: dict[tuple[str, int], tuple[Fit, Look, int]] = {}
    for fit, look, shared in seen.values():
        merged.setdefault((fit.where.file, fit.where.line), (fit, look, shared))
    for fit, look, shared in merged.values():
        kind = _KIND.get(fit.role, "L1.2")
        if not fit.supervised and fit.number not in look.own:
            kind = _KIND["selector"] if fit.role == "selector" else "L1.2"
        how = "by identity" if fit.sure and look.sure else "by values that stand once"
        evidence = (
            f"{fit.name} fitted at {fit.where} on {len(fit.ids):,} rows; {shared:,} of "
            f"them are among the {len(look.ids):,} rows that served as test rows at "
            f"{look.where} ({look.name} of {look.model}): the same rows, {how}"
        )
        share = shared / len(look.ids)
        what = f"{fit.name} at {fit.where}"
        yield Finding(kind, "leak", what, shared, share, evidence, _ADVICE[kind])


def _resampled_first(log: Log) -> Iterator[Finding]:
    """Find resampling before the split, and resampled test rows."""
    told = set()
    events: list[Split | Look] = [*log.splits]
    events += [look for look in log.looks if not _in_sample(log, look)]
    for event in sorted(events, key=lambda e: e.number):
        for fit in log.chain(event.made_by):
            if fit.role != "resampler" or fit.number > event.number:
                continue
            if fit.number not in told:
                told.add(fit.number)
                yield _resampling(log, fit, event)


def _resampling(log: Log, fit: Fit, event: Split | Look) -> Finding:
    test = event.test if isinstance(event, Split) else event.ids
    known = int(inside(test, fit.ids).sum())
    share = known / max(len(test), 1)
    own = event.own if isinstance(event, Look) and not event.cross else frozenset()
    trained = [log.fits[number].ids for number in own if number in log.fits]
    began = f"{fit.name} at {fit.where} resampled {len(fit.ids):,} rows"
    if trained and not any(inside(ids, fit.ids).any() for ids in trained):
        what = f"resampled test rows: {fit.name} at {fit.where}"
        evidence = (
            f"{began}, and {event.name} at {event.where} judged on what came out: "
            "its share of classes is not that of the world"
        )
        advice = "Leave test rows as they are; resample training rows only."
        return Finding("L3.3", "warning", what, known, share, evidence, advice)
    evidence = (
        f"{began} before {event.name} at {event.where} set test rows apart: copies or "
        "mixtures of one row can lie on both sides, and the test rows no longer have "
        "the share of classes of the world"
    )
    advice = "Split first; resample training rows only, in imblearn's Pipeline."
    what = f"resampling before the split: {fit.name} at {fit.where}"
    return Finding("L1.2", "leak", what, known, share, evidence, advice)


def _searched(log: Log) -> Iterator[Finding]:
    """Find a search that saw the test rows of a model fitted apart from it."""
    told = set()
    for look in log.looks:
        if look.cross or not look.scored or _in_sample(log, look):
            continue
        chain = {fit.number for fit in log.chain(look.own | look.made_by)}
        for fit in log.fits.values():
            other = fit.role == "search" and fit.number not in chain
            if not other or fit.number > look.number or fit.number in told:
                continue
            shared = int(inside(look.ids, fit.ids).sum())
            rotates = any(
                s.name != "train_test_split" and inside(fit.ids, s.train).all()
                for s in log.splits
            )
            if not shared or rotates:
                continue
            told.add(fit.number)
            evidence = (
                f"{fit.name} at {fit.where} saw {shared:,} of the rows scored at "
                f"{look.where}: what it chose was chosen with them"
            )
            what = f"chosen on the test set: {fit.name} at {fit.where}"
            share = shared / len(look.ids)
            advice = "Search on training rows only, then score once."
            yield Finding("L1.1", "warning", what, shared, share, evidence, advice)


def _stopped(log: Log) -> Iterator[Finding]:
    """Find fits that were stopped by the rows they were then scored on."""
    for fit in [f for f in log.fits.values() if f.role == "stopping"]:
        mine = [k for k in log.looks if fit.number in k.own and not _in_sample(log, k)]
        same = [k for k in mine if inside(k.ids, fit.ids).any()]
        if not same or len(same) < len(mine):
            continue
        shared = int(inside(same[0].ids, fit.ids).sum())
        evidence = (
            f"{len(fit.ids):,} rows told {fit.name} at {fit.where} when to stop; "
            f"{shared:,} of them were scored at {same[0].where}, and no others"
        )
        what = f"stopped by the test set: {fit.name} at {fit.where}"
        share = shared / len(same[0].ids)
        advice = "Stop by validation rows; score the test rows once, at the end."
        yield Finding("L1.1", "warning", what, shared, share, evidence, advice)


def _no_test(log: Log) -> Iterator[Finding]:
    """Find scores that are all on training rows."""
    scored = [look for look in log.looks if look.scored]
    honest = [look for look in scored if look.cross or not _in_sample(log, look)]
    if honest or log.splits or not scored:
        return
    own = [log.fits[n] for look in scored for n in look.own if n in log.fits]
    if not any(fit.supervised and fit.role in {"model", "search"} for fit in own):
        return
    look = scored[-1]
    evidence = (
        f"every score seen, the last at {look.where} ({look.name} of {look.model}), "
        "is on rows that the model was fitted on"
    )
    what = "scored on training rows only"
    yield Finding(
        "L1.1", "warning", what, len(look.ids), 1.0, evidence, _ADVICE["L1.1"]
    )


def _looked_often(log: Log) -> Iterator[Finding]:
    """Count how often the same test rows were scored, and for what."""
    worn: list[tuple[int, int, list[str]]] = []
    ask = functools.cache(shows_choice)  # hundreds of looks come from one line
    groups: dict[int, list[Look]] = defaultdict(list)
    for look in log.looks:
        if not look.cross and not look.again and not _in_sample(log, look):
            groups[look.key].append(look)
    for looks in groups.values():
        scored = [look for look in looks if look.scored]
        used = {look.own for look in scored}
        scored += [k for k in looks if not k.scored and k.own not in used]
        if len(scored) < 2 and not (scored and scored[0].name in _CURVES):
            continue
        chosen = _choice(scored, ask)
        later = any(
            other[0].number > looks[-1].number
            and not inside(other[0].ids, looks[0].ids).any()
            and not any(_trained_on(log, look, other[0]) for look in looks)
            for other in groups.values()
        )
        n = len(looks[0].ids)
        lines = list(dict.fromkeys(str(look.where) for look in scored))
        if chosen and not later:
            evidence = (
                f"{len(scored)} scores of the same {n:,} rows, at "
                f"{', '.join(lines[:6])}, and the code there picks the best; "
                "no other rows were scored after"
            )
            advice = "Choose on validation rows; score the test rows once, at the end."
            what = f"{chosen} chosen on the test set at {lines[0]}"
            yield Finding("L1.1", "warning", what, n, 1.0, evidence, advice)
        elif len(scored) > 1:
            worn.append((len(scored), n, lines))
    if worn:
        times, n, lines = max(worn)
        evidence = f"the same {n:,} rows were scored at {', '.join(lines[:6])}"
        if len(worn) > 1:
            evidence += f"; {len(worn)} sets of rows were scored more than once"
        advice = "Every score wears a test set out: count them, and choose elsewhere."
        what = f"test rows scored {times} times"
        yield Finding("L1.1", "note", what, n, 1.0, evidence, advice)


def _trained_on(log: Log, look: Look, other: Look) -> bool:
    """Tell whether folds rotate: the rows of one look train for the other."""
    fits = [log.fits[number] for number in other.own if number in log.fits]
    rotates = any(
        s.name != "train_test_split" and inside(look.ids, s.test).all()
        for s in log.splits
    )
    return rotates and any(inside(look.ids, fit.ids).any() for fit in fits)


def _choice(looks: list[Look], ask: Callable[..., bool | None]) -> str:
    """Tell what was chosen by scores of one line in a loop, if anything."""
    lines: dict[tuple[str, int], list[Look]] = defaultdict(list)
    for look in looks:
        lines[look.where.file, look.where.line].append(look)
    for same in lines.values():
        place, curve = same[0].where, same[0].name in _CURVES
        shows = ask(place.file, place.line, curve=curve)
        if curve and shows:
            return "threshold"
        if len(same) >= 3 and shows is not False:
            fitted = {look.own for look in same}
            return "model" if len(fitted) > 1 else "threshold"
    return ""


def _equal(log: Log) -> Iterator[Finding]:
    """Find test rows with the values of another, training row."""
    worst: tuple[float, Look, Fit, int] | None = None
    tried: set[tuple[int, int]] = set()
    for look in log.looks:
        for number in look.own:
            fit = log.fits.get(number)
            if fit is None or fit.hashes is None or look.hashes is None:
                continue
            if (look.key, number) in tried or len(tried) > 50:
                continue
            tried.add((look.key, number))
            same = inside(look.hashes, fit.hashes) & ~inside(look.ids, fit.ids)
            n = int(same.sum())
            if n and (worst is None or n / len(look.ids) > worst[0]):
                worst = (n / len(look.ids), look, fit, n)
    if worst is None:
        return
    share, look, fit, n = worst
    evidence = pd.DataFrame(
        {
            "test_rows_at": [str(look.where)],
            "training_rows_at": [str(fit.where)],
            "rows_with_equal_values": [n],
        }
    )
    advice = "Other rows with equal values: ask check_duplicates whether by chance."
    yield Finding("L1.4", "note", "same values", n, share, evidence, advice)


def _refitted(log: Log) -> Iterator[Finding]:
    """Find models fitted on test rows after the last score: a final refit."""
    scored = [k for k in log.looks if k.scored and not k.cross]
    scored = [k for k in scored if not _in_sample(log, k)]
    if not scored:
        return
    last = scored[-1]
    for fit in log.fits.values():
        if fit.number > last.number and fit.role in {"model", "search"}:
            shared = int(inside(last.ids, fit.ids).sum())
            if shared == len(last.ids):
                evidence = (
                    f"{fit.name} at {fit.where}, after the last score: legitimate"
                )
                advice = "Report the score from before; this fit has no test rows left."
                what = f"final refit at {fit.where}"
                yield Finding("L1.1", "note", what, shared, 1.0, evidence, advice)
                return
