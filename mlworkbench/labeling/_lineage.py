"""Where each label came from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlworkbench._validation import as_vector, check_same_index, check_same_length

__all__ = ["label_source"]


def label_source(
    sources: Mapping[str, Any], *, index: Any = None, missing: Any = None
) -> pd.DataFrame:
    """Combine labels of several sources, and keep which one each came from.

    Parameters
    ----------
    sources : mapping of name to array-like of shape (n,)
        Labels of each source, the most trusted first; None or NaN where it has
        none.
    index : Index or array-like, optional
        Labels of the rows. With it a source may be a Series over some of the
        rows, in any order; without it all sources have every row, in one order.
    missing : scalar, optional
        A value that stands for no label, such as `ABSTAIN`.

    Returns
    -------
    labels : DataFrame of shape (n, 4)
        `label`, of the first source that has one; `source`, its name (both
        missing where nobody has one); `n_sources`, how many have one; `conflict`,
        whether these differ.

    Raises
    ------
    TypeError
        When there is no source.
    KeyError
        When a source has rows that are not in `index`.
    ValueError
        When sources differ in length or index, or one has a row twice.

    *Used in:* ``ch04_training_data/07_when_people_disagree``.

    Examples
    --------
    >>> label_source({"doctor": [None, "sick", None], "crowd": ["well", "well", None]})
      label  source  n_sources  conflict
    0  well   crowd          1     False
    1  sick  doctor          2      True
    2   NaN     NaN          0     False
    """
    if not isinstance(sources, Mapping) or not sources:
        raise TypeError("sources is empty or no dict; pass {name: labels, ...}")
    table = _side_by_side(sources, index)
    if missing is not None:
        table = table.mask(table == missing)
    has = table.notna().to_numpy()
    first = np.where(has.any(axis=1), has.argmax(axis=1), -1)
    values = table.to_numpy(dtype=object)
    rows = np.arange(len(table))
    label = values[rows, first]
    label[first < 0] = None
    names = np.array([*map(str, table.columns), None], dtype=object)
    differs = has & (values != label[:, None])
    return pd.DataFrame(
        {
            "label": pd.Series(label, index=table.index, dtype=object).infer_objects(),
            "source": pd.Series(names[first], index=table.index, dtype="str"),
            "n_sources": has.sum(axis=1),
            "conflict": differs.any(axis=1),
        },
        index=table.index,
    )


def _side_by_side(sources: Mapping[str, Any], index: Any) -> pd.DataFrame:
    """Give one column of objects per source."""
    if index is None:
        check_same_length(**{str(k): v for k, v in sources.items()})
        check_same_index(**{str(k): v for k, v in sources.items()})
        series = [v for v in sources.values() if isinstance(v, pd.Series)]
        rows = series[0].index if series else None
        columns = {k: _objects(v, k) for k, v in sources.items()}
        return pd.DataFrame(columns, index=rows, dtype=object)
    wanted = pd.Index(index)
    columns = {}
    for name, given in sources.items():
        if not isinstance(given, pd.Series):
            check_same_length(index=wanted, **{str(name): given})
            columns[name] = _objects(given, name)
            continue
        if not given.index.is_unique:
            raise ValueError(f"source {name!r} has a row twice; keep one label per row")
        unknown = given.index[~given.index.isin(wanted)]
        if len(unknown):
            raise KeyError(
                f"source {name!r} has {len(unknown)} row(s) that are not in index "
                f"(first {unknown[0]!r})"
            )
        columns[name] = given.astype(object).reindex(wanted).to_numpy()
    return pd.DataFrame(columns, index=wanted, dtype=object)


def _objects(values: Any, name: str) -> npt.NDArray[Any]:
    return as_vector(pd.Series(values, dtype=object).to_numpy(), str(name))
