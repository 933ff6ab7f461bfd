"""In a chain of models: which one to improve first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtr, stdtrit

from mlworkbench._validation import (
    FloatArray,
    RandomState,
    as_generator,
    check_integer,
)
from mlworkbench.evaluation._baseline_metrics import Metric, resolve_metrics
from mlworkbench.evaluation._compare_folds import check_level
from mlworkbench.evaluation._compare_inputs import Pair, read_pair
from mlworkbench.evaluation._compare_scores import Scorer, resample_scores
from mlworkbench.evaluation._substitution_report import OracleSubstitution
from mlworkbench.evaluation._substitution_run import (
    AS_IT_IS,
    Chain,
    Truths,
    as_probabilities,
    read_steps,
    read_truths,
    run_all,
)

__all__ = ["oracle_substitution"]


def oracle_substitution(
    steps: Any,
    X: Any,
    y_true: Any,
    truths: Any,
    *,
    metric: Any = None,
    pos_label: Any = None,
    sample_weight: Any = None,
    groups: Any = None,
    confidence: float = 0.95,
    n_boot: int = 1000,
    random_state: RandomState = None,
) -> OracleSubstitution:
    """Replace the steps of a chain by the truth, one at a time.

    Parameters
    ----------
    steps : dict, list of (name, step), or list of steps
        In order. A step is a function of the previous output, or has `predict`
        (else `transform`); the first one gets X.
    X : object
        What the first step takes.
    y_true : array-like of shape (n,)
        What the last step ought to give.
    truths : dict or list
        What each step ought to give, by name or in order: an array or frame in
        the form in which the step gives it, or a function that does the step
        without error, from the previous output (`lambda frame:
        frame.assign(language=true_language)`). None, or no entry, where the
        truth is not known; the last one is y_true unless given.
    metric : str or callable, optional
        Name of a scikit-learn scorer or metric, or a function of (y_true,
        y_pred). By default accuracy, or the mean absolute error for values.
    pos_label : scalar, optional
        The positive class.
    sample_weight, groups : array-like of shape (n,), optional
        Weights, and rows that are drawn together, as in `compare_models`.
    confidence : float, default=0.95
        Level of the intervals.
    n_boot : int, default=1000
        Resamples.
    random_state : int, Generator, RandomState or None
        For the bootstrap.

    Returns
    -------
    report : OracleSubstitution
        `.frame` (one row per step), `.improve_first`, `.verdict`, `.plot()`.

    Raises
    ------
    ValueError
        When a truth has another length or form than the output it replaces,
        names are unknown, or there are fewer than two steps.

    Notes
    -----
    With the first i steps replaced by the truth, the others run on it: the
    score rises from that of the chain to that of a perfect one, and the rise
    from i - 1 to i is what the errors of step i cost, on right input (the
    "ceiling analysis" of A. Ng's machine-learning course). The step with the
    largest rise is the one to improve first. A gain is what a perfect step
    would bring: whether it can be had, and at what price, is another question.
    It can be negative where a later step has learnt to undo an earlier error.

    With one step alone replaced, the steps before it run as they are. Where
    the truth is an array, it hides what they gave, and both numbers are the
    same; they differ where the truth is a function of the previous output, and
    then the gains alone do not add up.

    Intervals are paired bootstrap intervals: the chain as it is and the chain
    with the truth are scored on the same resamples. A chain of k steps is run
    at most 2 k times, on all rows at once; then O(n_boot · n · k). Steps that
    draw at random add their own noise to the gains.

    *Used in:* ``ch06_model_development/12_choose_between_two_models``.

    References
    ----------
    .. [1] D. Parikh, C. L. Zitnick (2011), Finding the weakest link in person
       detectors, CVPR.
    .. [2] B. Nushi, E. Kamar, E. Horvitz, D. Kossmann (2017), On human intellect
       and machine failures: troubleshooting integrative machine learning
       systems, AAAI.

    Examples
    --------
    Read a code, then look up its price; reading goes wrong more often.

    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> code = rng.integers(0, 10, 2000)
    >>> seen = np.where(rng.random(2000) < 0.8, code, (code + 1) % 10)
    >>> steps = {
    ...     "read": lambda rows: seen,
    ...     "look up": lambda codes: np.where(codes == 7, 0, codes % 3),
    ... }
    >>> found = oracle_substitution(
    ...     steps, np.arange(2000), code % 3, {"read": code}, random_state=0
    ... )
    >>> found.improve_first
    'read'
    >>> found.frame[["step", "score", "gain"]].round(3)
          step  score   gain
    0     read  0.896  0.149
    1  look up  1.000  0.104
    """
    chain = read_steps(steps)
    known = read_truths(truths, chain, y_true)
    check_level(confidence)
    check_integer(n_boot, "n_boot", 100)
    if isinstance(metric, list | tuple | Mapping) and len(metric) != 1:
        raise ValueError(f"metric is {metric!r}; pass one metric")
    outputs = run_all(chain, known, X)
    if metric is not None and resolve_metrics(metric)[0].soft:
        perfect = f"up to {chain[-1][0]}"
        outputs[perfect] = as_probabilities(outputs[perfect], y_true)
    pair = read_pair(
        y_true, outputs, metric, pos_label, sample_weight, groups, first_only=True
    )
    scores = Scorer(pair)(pair.problem.weights, strict=True)[0]
    drawn = resample_scores(pair, n_boot, as_generator(random_state))[:, 0]
    if not pair.metrics[0].greater:
        scores, drawn = -scores, -drawn
    return _report(pair, list(outputs), scores, drawn, chain, known, confidence)


def _report(
    pair: Pair,
    keys: list[str],
    scores: FloatArray,
    drawn: FloatArray,
    chain: Chain,
    known: Truths,
    confidence: float,
) -> OracleSubstitution:
    """Make the table, and say which step is first."""
    sign = 1 if pair.metrics[0].greater else -1
    m = pair.n_units
    tail = float(ndtr(stdtrit(m - 1, (1 - confidence) / 2) * np.sqrt(m / (m - 1))))
    rows, gains, last = [], {}, AS_IT_IS
    for name, _ in chain:
        row: dict[str, Any] = {"step": name}
        for start, key, end in (
            (last, f"up to {name}", ""),
            (AS_IT_IS, name, "_alone"),
        ):
            found = dict.fromkeys(("score", "gain", "low", "high"), np.nan)
            if key in keys:
                a, b = keys.index(start), keys.index(key)
                gap = drawn[:, b] - drawn[:, a]
                low, high = np.nanquantile(gap, [tail, 1 - tail])
                values = (sign * scores[b], scores[b] - scores[a], low, high)
                found = dict(zip(found, values, strict=True))
                if not end:
                    gains[name], last = gap, key
            row |= {part + end: float(value) for part, value in found.items()}
        rows.append(row)
    table = pd.DataFrame(rows)
    best = table.iloc[int(np.nanargmax(table["gain"]))]
    helps = bool(best["gain"] > 0 and table["gain"].sum() > 0)
    ranked = np.column_stack(list(gains.values()))
    share = float(np.mean(ranked.argmax(axis=1) == list(gains).index(best["step"])))
    unknown = [name for name, _ in chain if name not in gains]
    whole = float(sign * scores[keys.index(AS_IT_IS)])
    return OracleSubstitution(
        table,
        verdict=_verdict(best, share, pair.metrics[0], confidence, whole, helps),
        metric=pair.metrics[0].name,
        as_it_is=whole,
        improve_first=str(best["step"]) if helps else None,
        first_share=share if helps else np.nan,
        n_rows=pair.n,
        notes=_notes(unknown, table["step"][table["high"] < 0].tolist()),
    )


def _verdict(
    best: Any,
    share: float,
    metric: Metric,
    confidence: float,
    whole: float,
    helps: bool,
) -> str:
    name = metric.name.removeprefix("neg_").replace("_", " ")
    level = f"{100 * confidence:g} % interval"
    span = f"gain {best['gain']:.3g}, {level} {best['low']:.3g} to {best['high']:.3g}"
    if not helps:
        return f"No step gains from the truth: the {name} is {abs(whole):.3g} already."
    if best["low"] <= 0:
        return f"Not shown that any step gains; {best['step']} has the most ({span})."
    sure = f"It has the largest gain in {100 * share:.3g} % of the resamples" + (
        "" if share >= confidence else ": not shown that it is the first"
    )
    span = f"{level} {best['low']:.3g} to {best['high']:.3g}"
    falls = metric.name.startswith("neg_") or not metric.greater
    brings = (
        f"save {best['gain']:.3g} of {abs(whole):.3g} {name}"
        if falls
        else f"add {best['gain']:.3g} to the {name}, which is {whole:.3g}"
    )
    return f"Improve {best['step']} first: perfect, it would {brings} ({span}). {sure}."


def _notes(unknown: list[str], worse: list[str]) -> tuple[str, ...]:
    notes = [
        "a gain is what a perfect step would bring, not what a better one will",
    ]
    if worse:
        notes.append(
            f"the truth of {', '.join(worse)} makes the chain worse: a later step "
            "expects the errors; fit it again on the truth before anything is improved"
        )
    if unknown:
        notes.append(
            f"no truth is known for {', '.join(unknown)}: their errors count with "
            "the next step that has one"
        )
    return tuple(notes)
