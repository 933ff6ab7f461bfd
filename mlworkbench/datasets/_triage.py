"""Short triage notes with known truth: synthetic, and called so."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlworkbench._validation import RandomState, as_generator, check_integer
from mlworkbench.datasets import _phrases as bank
from mlworkbench.datasets._triage_text import write_texts

__all__ = ["make_triage_notes"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

_SHARES = (0.45, 0.35, 0.20)
_ANNOTATORS = ("nurse_1", "nurse_2", "nurse_3", "nurse_4", "nurse_5", "nurse_6")
# One annotator makes several times as many mistakes as the others.
_CARELESS = np.array([1.0, 1.0, 1.0, 1.0, 6.0, 1.0])
_START = np.datetime64("2024-01-01T00:00", "s")
_MEAN_GAP_SECONDS = 720.0
_URGENCY = np.array([bank.CLASSES.index(f.urgency) for f in bank.FINDINGS])
_NEVER_DENIED = {"", "repeat prescription", "stitches out", "sick note"}
_DENIABLE = np.array(
    [
        0.0 if f.term in _NEVER_DENIED else (0.15, 0.6, 1.0)[u]
        for f, u in zip(bank.FINDINGS, _URGENCY, strict=True)
    ]
)


def make_triage_notes(
    n: int = 1000,
    *,
    label_noise: float = 0.03,
    misspelling: float = 0.2,
    random_state: RandomState = 0,
) -> pd.DataFrame:
    """Write short triage notes with known urgency and planted label noise.

    The notes are synthetic: phrase banks written for this package, put together
    at random. No real note, patient or hospital stands behind them. They carry
    what makes real notes hard for rules: negations ("no chest pain", "pneumonia
    ruled out"), other people's and past illness ("mother had stroke last
    year"), abbreviations, misspellings, and urgent cases that no keyword gives
    away ("grey and sweaty, just not right").

    Parameters
    ----------
    n : int, default=1000
        Number of notes.
    label_noise : float in [0, 0.5], default=0.03
        Share of notes whose `label` is not the truth: exactly
        ``round(n * label_noise)`` notes. The wrong label is a neighbouring
        class, and one annotator (`nurse_5`) gives about half of them.
    misspelling : float in [0, 1], default=0.2
        Share of phrases that are abbreviated or misspelt where the banks know
        how.
    random_state : int, Generator, RandomState or None, default=0
        Seed. With the same seed, the first notes of a longer frame are those of
        a shorter one (all columns but `label`, whose noise is counted over the
        whole frame).

    Returns
    -------
    notes : pandas.DataFrame of shape (n, 12)
        In order of arrival. `note`, text; `label`, the urgency an annotator
        gave, and `true_label`, both ordered categories (routine < urgent <
        emergency); `annotator`; `arrived_at`, local time, `arrival_hour`, 0–23;
        `age` in years; `sex`; `arrival_mode`; `temperature` in °C (missing more
        often where the case is routine); `heart_rate` in beats per minute;
        `oxygen_saturation` in %.

    Raises
    ------
    TypeError, ValueError
        When `n` is not a whole number ≥ 0 or a share is out of its range.

    Notes
    -----
    The truth is the urgency of the most urgent finding the note asserts; what
    it denies or only mentions does not count. So a note that says "pneumonia"
    is an emergency unless the word is denied, remembered or feared. Costs
    O(n · 38) draws for 38 findings; 10,000 notes take a fraction of a second.

    Not for judging a model that is meant for real notes: real language is
    wider, and real urgency is not a function of phrases.

    *Used in:* the text notebooks of chapters 4 to 7.

    Examples
    --------
    >>> from mlworkbench.datasets import make_triage_notes
    >>> notes = make_triage_notes(200, random_state=0)
    >>> notes.shape
    (200, 12)
    >>> int((notes["label"] != notes["true_label"]).sum())
    6
    """
    n = check_integer(n, "n")
    noise = _check_share(label_noise, "label_noise", 0.5)
    typos = _check_share(misspelling, "misspelling", 1.0)
    rng = as_generator(random_state)
    # One row of uniform numbers a note, so that a longer frame begins with the
    # notes of a shorter one.
    draws = rng.random((n, 48))
    truth, hour, arrived = _arrivals(draws[:, :3])
    main, others = _findings(draws[:, 3:9], truth)
    table = _measurements(draws[:, 9:24], truth, main)
    texts = write_texts(draws[:, 25:], main, others, table, typos)
    annotator = (draws[:, 24] * len(_ANNOTATORS)).astype(np.intp)
    label = _plant_noise(rng.random((n, 2)), truth, annotator, noise)
    kind = pd.CategoricalDtype(list(bank.CLASSES), ordered=True)
    return pd.DataFrame(
        {
            "note": pd.Series(texts, dtype="str"),
            "label": pd.Categorical.from_codes(label, dtype=kind),
            "true_label": pd.Categorical.from_codes(truth, dtype=kind),
            "annotator": _category(annotator, _ANNOTATORS),
            "arrived_at": arrived,
            "arrival_hour": hour.astype(np.int64),
            **table,
        }
    )


def _check_share(value: Any, name: str, most: float) -> float:
    number = int | float | np.integer | np.floating
    if not isinstance(value, number) or isinstance(value, bool):
        raise TypeError(f"{name} is {value!r}; pass a share between 0 and {most:g}")
    if not 0 <= value <= most:
        raise ValueError(f"{name} is {value}; pass a share between 0 and {most:g}")
    return float(value)


def _category(codes: Ints, names: tuple[str, ...]) -> Any:
    return pd.Categorical.from_codes(codes, dtype=pd.CategoricalDtype(list(names)))


def _arrivals(draws: Floats) -> tuple[Ints, Ints, npt.NDArray[np.datetime64]]:
    """Draw arrival times, and the urgency: nights bring more emergencies."""
    seconds = np.cumsum(-np.log1p(-draws[:, 0]) * _MEAN_GAP_SECONDS)
    arrived = _START + seconds.astype(np.int64).astype("timedelta64[s]")
    hour = ((seconds // 3600) % 24).astype(np.intp)
    night = (hour < 6) | (hour >= 22)
    routine = np.where(night, _SHARES[0] - 0.1, _SHARES[0])
    urgent = np.full(len(draws), _SHARES[1])
    truth = (draws[:, 1] > routine).astype(np.intp) + (draws[:, 1] > routine + urgent)
    return truth, hour, arrived


def _pick(draw: Floats, weights: Floats) -> Ints:
    """Draw a column a row with probability in proportion to its weight."""
    total = np.cumsum(weights, axis=1)
    return np.asarray((total <= draw[:, None] * total[:, -1:]).sum(axis=1))


def _findings(draws: Floats, truth: Ints) -> tuple[Ints, Ints]:
    """Draw what is asserted, and three more findings to deny or mention.

    All four differ within a note; the second column of the result is asserted
    too in some notes and is never more urgent than the first.
    """
    n, rows = len(truth), np.arange(len(truth))
    main = _pick(draws[:, 0], (_URGENCY[None, :] == truth[:, None]).astype(float))
    taken = np.zeros((n, len(_URGENCY)))
    taken[rows, main] = 1
    allowed = (_URGENCY[None, :] <= truth[:, None]) * (1 - taken)
    picks = [_pick(draws[:, 1], allowed)]
    for column in (2, 3, 4):
        taken[rows, picks[-1]] = 1
        picks.append(_pick(draws[:, column], _DENIABLE[None, :] * (1 - taken)))
    return main, np.column_stack(picks)


def _measurements(draws: Floats, truth: Ints, main: Ints) -> dict[str, Any]:
    """Draw age, sex, way of arrival and vital signs that fit the finding."""
    sick = np.array([[f.temperature, f.heart_rate, f.oxygen] for f in bank.FINDINGS])
    effect = sick[main] * (0.6 + 0.8 * draws[:, :1])
    # The sum of three uniform numbers is bell-shaped and needs no scipy.
    bell = draws[:, 1:10].reshape(len(draws), 3, 3).sum(axis=2) * 2 - 3
    temperature = (36.8 + 0.35 * bell[:, 0] + effect[:, 0]).round(1)
    heart = 78 + 11 * bell[:, 1] + effect[:, 1]
    oxygen = np.minimum(97.6 + 1.2 * bell[:, 2] + effect[:, 2], 100)
    unknown = draws[:, 10] < np.array([0.25, 0.10, 0.03])[truth]
    age = 1 + 94 * np.clip(
        0.46 + 0.36 * bell.sum(axis=1) / 3 + 0.06 * (truth - 1), 0, 1
    )
    mode = (draws[:, 11] < np.array([0.03, 0.18, 0.62])[truth]).astype(np.intp)
    mode[(draws[:, 12] > 0.88) & (mode == 0)] = 2
    return {
        "age": age.astype(np.int64),
        "sex": _category((draws[:, 13] < 0.5).astype(np.intp), bank.SEXES),
        "arrival_mode": _category(mode, bank.MODES),
        "temperature": np.where(unknown, np.nan, temperature),
        "heart_rate": heart.round().astype(np.int64),
        "oxygen_saturation": oxygen.round().astype(np.int64),
    }


def _plant_noise(draws: Floats, truth: Ints, annotator: Ints, share: float) -> Ints:
    """Move exactly the share of labels to a neighbouring class."""
    label = truth.copy()
    count = round(len(truth) * share)
    # Exponential keys: a weighted sample without replacement (Efraimidis and
    # Spirakis 2006).
    keys = -np.log1p(-draws[:, 0]) / _CARELESS[annotator]
    wrong = np.argsort(keys, kind="stable")[:count]
    step = np.where(draws[wrong, 1] < 0.5, -1, 1)
    step[truth[wrong] == 0] = 1
    step[truth[wrong] == len(bank.CLASSES) - 1] = -1
    label[wrong] += step
    return label
