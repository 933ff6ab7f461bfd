"""Watch code while it runs, and say which rows leaked where."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Any

import pandas as pd

from mlworkbench.leakage._findings import Finding, LeakageReport
from mlworkbench.leakage._watch_listen import Listener
from mlworkbench.leakage._watch_patch import listen, stop_listening
from mlworkbench.leakage._watch_report import judge

__all__ = ["Watch", "watch"]


class Watch:
    """What `watch` gives: a context manager, and the report afterwards.

    Parameters
    ----------
    show : bool, default=True
        Show the report at the end, where something is graver than a note.

    Attributes
    ----------
    report : LeakageReport
        What was seen so far.
    """

    def __init__(self, *, show: bool = True) -> None:
        self.show = show
        self._listener = Listener()

    def __enter__(self) -> Watch:
        """Begin, or go on, to watch."""
        listen(self._listener)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Put everything back; let exceptions through."""
        stop_listening(self._listener)
        if self.show and kind is None and not self.report.ok:
            _show(self.report)

    @property
    def report(self) -> LeakageReport:
        """What was seen so far, judged."""
        return judge(self._listener.log)

    @property
    def ok(self) -> bool:
        """True when nothing is graver than a note: evidence, not proof."""
        return self.report.ok

    @property
    def frame(self) -> pd.DataFrame:
        """The findings as a table."""
        return self.report.frame

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings."""
        return self.report.findings

    @property
    def notes(self) -> tuple[str, ...]:
        """What could not be seen."""
        return self.report.notes

    def rows(self, what: str) -> pd.DataFrame:
        """Give the evidence of the findings of one kind.

        Parameters
        ----------
        what : str
            A kind, its code, or the `what` of a finding.

        Returns
        -------
        rows : pandas.DataFrame
            The evidence.
        """
        return self.report.rows(what)

    def plot(self, ax: Any = None) -> Any:
        """Draw the share of rows of every finding.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure by default.

        Returns
        -------
        ax : matplotlib.axes.Axes
            The axes drawn on.
        """
        return self.report.plot(ax)

    def raise_if_failed(self) -> None:
        """Stop a pipeline when something is graver than a note.

        Raises
        ------
        VerdictError
            With the report as its message.
        """
        self.report.raise_if_failed()

    def __str__(self) -> str:
        """Give the report for a terminal."""
        return str(self.report)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return self.report._repr_html_()


def watch(*, show: bool = True) -> Watch:
    """Watch code while it runs, and report which test rows leaked, and where.

    Every `fit`, `fit_transform`, `fit_resample`, `transform`, `predict`,
    `score`, splitter and metric of scikit-learn and imbalanced-learn that is
    called inside is observed. Rows are followed by identity: by index label,
    place in memory, and through observed calls. The code and its results do
    not change, and everything is put back at the end, after an exception too.

    Parameters
    ----------
    show : bool, default=True
        Show the report at the end, where something is graver than a note.

    Returns
    -------
    watched : Watch
        A context manager. Its `.report` is a `LeakageReport`; `.ok`,
        `.frame`, `.findings`, `.rows` and `.plot` are those of the report. It
        may be entered several times and then goes on where it stopped.

    Notes
    -----
    A leak: an estimator that takes part in a prediction was fitted on rows
    that the prediction is scored on (the model itself, a scaler or selector
    whose output it uses, a resampler before the split). A warning: a model or
    threshold picked by scores of the same rows, or a fit stopped by them
    (``X_val``, ``eval_set``), with no other rows scored afterwards; scores on
    training rows only. A note: rows scored more than
    once, a final refit on all rows after the last score, and the same values
    in other rows, which is not the same row.

    What is found is proof as far as the identity of rows goes; to find nothing
    is evidence only. It cannot see

    - other processes (``n_jobs`` above 1) and threads;
    - means taken and scores computed by hand, and libraries that do not follow
      scikit-learn;
    - what came before the watch began;
    - a choice made by eye, in an unwatched cell after the report, or in words
      it does not know (``max``, ``argmax``, ``best``, ...): whether code picks
      the best is read from its source, in the same function or cell, or in a
      later cell that uses what the loop has filled;
    - columns picked by other means than a selector's support, or than the
      highest coefficients or importances of a model;
    - rows that were renumbered (``reset_index``), or copied with an index that
      has no name any more, unless their values tell them: each row, or each
      value of a column of fractions, must stand once in the table they come
      from. The evidence then says "by values that stand once" in place of "by
      identity".

    O(rows × columns) for each new table, once; a column that is looked up by its
    values is sorted once.

    *Used in:* ``ch05_features/10_catch_a_leak_in_the_act``.

    References
    ----------
    .. [1] S. Kapoor and A. Narayanan (2023), Leakage and the reproducibility
       crisis in machine-learning-based science, Patterns 4(9).

    Examples
    --------
    The scaler is fitted before the split:

    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.model_selection import train_test_split
    >>> from sklearn.preprocessing import StandardScaler
    >>> X = np.random.default_rng(0).normal(size=(100, 3))
    >>> y = X[:, 0] > 0
    >>> with watch(show=False) as watched:
    ...     scaled = StandardScaler().fit_transform(X)
    ...     parts = train_test_split(scaled, y, random_state=0)
    ...     model = LogisticRegression().fit(parts[0], parts[2])
    ...     score = model.score(parts[1], parts[3])
    >>> watched.ok
    False
    >>> watched.findings[0].kind, watched.findings[0].n_rows
    ('preprocessing on both', 25)
    """
    return Watch(show=show)


def _show(report: LeakageReport) -> None:
    """Show a report in a notebook, or print it."""
    shell = None
    if "IPython" in sys.modules:
        shell = sys.modules["IPython"].get_ipython()
    if shell is None:
        print(report)
    else:
        from IPython.display import display

        display(report)
