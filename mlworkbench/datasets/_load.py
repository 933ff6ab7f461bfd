"""From a name to a `Dataset`."""

from __future__ import annotations

import difflib
import io
from pathlib import Path

import pandas as pd

from mlworkbench.datasets._card import Card, card_names, cards_folder, read_card
from mlworkbench.datasets._dataset import Dataset, target_of
from mlworkbench.datasets._errors import ChecksumError, DatasetError
from mlworkbench.datasets._remote import check_hash, find_file
from mlworkbench.datasets._triage import make_triage_notes

__all__ = ["card", "catalog", "fetch", "load", "names"]


def names(tier: str | None = None) -> list[str]:
    """List the data sets.

    Parameters
    ----------
    tier : {"embedded", "remote", "synthetic"}, optional
        Only those of one tier; all by default.

    Returns
    -------
    names : list of str
        In alphabetical order.

    Raises
    ------
    ValueError
        When there is no such tier.

    Examples
    --------
    >>> from mlworkbench import datasets
    >>> datasets.names("embedded")
    ['admissions', 'diamonds', 'email', 'flights', 'hmda']
    """
    if tier not in (None, "embedded", "remote", "synthetic"):
        raise ValueError(
            f"tier is {tier!r}; pass 'embedded', 'remote', 'synthetic' or None for all"
        )
    return [n for n in card_names() if tier is None or read_card(n).tier == tier]


def card(name: str) -> Card:
    """Give a data set's card without loading its rows.

    Parameters
    ----------
    name : str
        One of `names()`.

    Returns
    -------
    card : Card
        Origin, licence, columns, faults.

    Raises
    ------
    ValueError
        With the closest match, when there is no such data set.
    """
    known = card_names()
    if name not in known:
        close = difflib.get_close_matches(str(name).lower(), known, n=1)
        hint = f"did you mean {close[0]!r}?" if close else "see datasets.catalog()"
        raise ValueError(f"there is no data set {name!r}: {hint} (known are {known})")
    return read_card(name)


def catalog() -> pd.DataFrame:
    """Give one row a data set.

    Returns
    -------
    catalog : pandas.DataFrame
        Indexed by name: `title`, `tier`, `rows`, `columns`, `target`,
        `positive_rate` (missing where the target is not yes/no), `licence`.

    Examples
    --------
    >>> from mlworkbench import datasets
    >>> datasets.catalog().loc["flights", ["rows", "columns"]].tolist()
    [336776, 19]
    """
    rows = []
    for c in map(read_card, card_names()):
        target = c.facts["targets"][c.default_target]
        rows.append(
            {
                "name": c.name,
                "title": c.title,
                "tier": c.tier,
                "rows": c.rows,
                "columns": len(c.columns),
                "target": c.default_target,
                "positive_rate": target.get("positive_rate"),
                "licence": c.licence,
            }
        )
    return pd.DataFrame(rows).set_index("name").astype({"positive_rate": "float64"})


def fetch(name: str) -> list[Path]:
    """Make sure that a data set's files are on this machine.

    Useful before going offline, and to find out whether a remote one can be
    had.

    Parameters
    ----------
    name : str
        One of `names()`.

    Returns
    -------
    paths : list of pathlib.Path
        The files, checked; empty for a synthetic data set.

    Raises
    ------
    DatasetError
        When a file cannot be had or is not the right one.
    """
    c = card(name)
    if c.tier == "remote":
        return [find_file(name, file, entry) for file, entry in c.files.items()]
    paths = [cards_folder() / name / file for file in c.files]
    for path, entry in zip(paths, c.files.values(), strict=True):
        if not path.is_file():
            raise DatasetError(
                f"{name}/{path.name} is missing from the installed package; install "
                "mlworkbench again"
            )
        if not check_hash(path, entry["sha256"]):
            raise ChecksumError(
                f"{name}/{path.name} is not the file its card describes (SHA-256 "
                f"differs from {entry['sha256'][:16]}…); install mlworkbench again, "
                "or restore it from the repository"
            )
    return paths


def load(name: str, *, target: str | None = None) -> Dataset:
    """Load a data set.

    Parameters
    ----------
    name : str
        One of `names()`; `catalog()` describes them.
    target : str, optional
        One of the targets on the card, or any column; the card's default target
        otherwise. Flights know "late_30" (default), "late_180" and "cancelled".

    Returns
    -------
    dataset : Dataset
        `frame`, `target`, `card`, `tables`, `features`.

    Raises
    ------
    ValueError
        When there is no such data set (with the closest match) or target.
    DatasetError
        When a file is missing, damaged or cannot be fetched.

    Notes
    -----
    Checksums are compared at the first load of a process. Embedded sets need no
    network; remote ones are fetched once, or read from the folder that the
    environment variable `MLWORKBENCH_DATA` names (laid out as NAME/FILE).

    *Used in:* every notebook, from `00_start_here` on.

    Examples
    --------
    >>> from mlworkbench import datasets
    >>> flights = datasets.load("flights", target="late_180").labelled()
    >>> len(flights.frame), round(float(flights.target.mean()), 3)
    (327346, 0.012)
    """
    c = card(name)
    chosen = _choose_target(c, target)
    frame, tables = _read(c)
    return Dataset(name, frame, target_of(frame, *chosen), c, tables)


def _choose_target(c: Card, target: str | None) -> tuple[str, dict[str, object]]:
    rules, columns = c.facts["targets"], c.facts["columns"]
    wanted = c.default_target if target is None else target
    if wanted in rules:
        return wanted, rules[wanted]["rule"]
    if wanted in columns:
        return wanted, {"column": wanted}
    raise ValueError(
        f"{c.name} has no target {wanted!r}; pass one of {list(rules)} or a column"
    )


def _read(c: Card) -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
    if c.tier == "synthetic":
        return make_triage_notes(c.rows), {}
    paths = fetch(c.name)
    if c.tier == "remote":
        return _read_csvs(paths, c.columns["dtype"]), {}
    found = {
        path.stem: pd.read_parquet(io.BytesIO(path.read_bytes())) for path in paths
    }
    return found.pop(c.name), found


def _read_csvs(paths: list[Path], dtypes: pd.Series) -> pd.DataFrame:
    """Read the published files, one below the other, typed as the card says."""
    frames = [pd.read_csv(path) for path in paths]
    if len(paths) > 1:
        for path, frame in zip(paths, frames, strict=True):
            frame["split"] = path.stem
    frame = pd.concat(frames, ignore_index=True)
    return frame.astype(dtypes.to_dict())
