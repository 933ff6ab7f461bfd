"""Many tests of behaviour in one table, and an assertion for pytest."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from mlworkbench._report import Verdict, VerdictError
from mlworkbench._validation import check_choice
from mlworkbench.evaluation._behaviour import (
    directional_test,
    invariance_test,
    perturbation_test,
)
from mlworkbench.evaluation._behaviour_cases import minimum_functionality_test
from mlworkbench.evaluation._behaviour_report import BehaviourReport

__all__ = ["BehaviourSuite", "SuiteReport", "assert_behaviour"]

_TESTS = {
    "minimum functionality": minimum_functionality_test,
    "invariance": invariance_test,
    "directional": directional_test,
    "perturbation": perturbation_test,
}
_ENDS = {"rate": "failure_rate", "upper": "high", "lower": "low"}
_SHOWN_FAILURES = 5


def assert_behaviour(
    report: Any, max_failure_rate: float = 0.0, *, by: str = "rate"
) -> None:
    """Fail a test, in pytest or a pipeline, when too many rows fail.

    Parameters
    ----------
    report : BehaviourReport or SuiteReport
        What a test found. A suite is held to the rates it was given.
    max_failure_rate : float, default=0.0
        The share of rows that may fail, in [0, 1].
    by : {"rate", "upper", "lower"}, default="rate"
        What is compared with it: the share of the rows at hand, which says
        nothing of others; the upper end of the interval, so that passing shows
        that the rate is small enough; or its lower end, so that failing shows
        that it is too large.

    Raises
    ------
    VerdictError
        An AssertionError with the report and the first rows that failed. Also
        when no row could fail, for then nothing was tested.
    TypeError, ValueError
        When `report` is no report, or the rate is outside [0, 1].

    Notes
    -----
    With `by="upper"` a maximum of 0 can never be met: of n rows without a
    failure Wilson's interval still reaches to 3.84 / (n + 3.84) at 95 %.

    *Used in:* ``ch06_model_development/07_test_behaviour_not_only_accuracy``.

    Examples
    --------
    >>> import pandas as pd
    >>> from mlworkbench.evaluation import directional_test
    >>> stones = pd.DataFrame({"carat": [0.5, 0.9, 1.4, 2.0]})
    >>> def price(rows):
    ...     return 5000.0 * rows["carat"]
    >>> report = directional_test(price, stones, change={"carat": 0.15})
    >>> assert_behaviour(report, max_failure_rate=0.01)
    """
    if isinstance(report, SuiteReport):
        report.raise_if_failed()
        return
    if not isinstance(report, BehaviourReport):
        raise TypeError(
            f"report is a {type(report).__name__}; pass what a test of behaviour gave"
        )
    check_choice(by, "by", tuple(_ENDS))
    limit = _limit(max_failure_rate)
    value = float(getattr(report, _ENDS[by]))
    if value <= limit:
        return
    what = {
        "rate": f"failure rate {value:.2%}",
        "upper": f"upper end of the interval {value:.2%}",
        "lower": f"lower end of the interval {value:.2%}",
    }[by]
    reason = f"{what} > max_failure_rate {limit:.2%}"
    if value != value:
        reason = "no row could fail, so nothing was tested"
    rows = report.failures.head(_SHOWN_FAILURES)
    shown = f"\nfirst failing rows:\n{rows.to_string()}" if len(rows) else ""
    raise VerdictError(f"{reason}\n{report}{shown}")


class BehaviourSuite:
    """Tests of behaviour, written once and run on any model.

    Parameters
    ----------
    name : str, default="behaviour"
        What is tested.

    Attributes
    ----------
    tests : list of dict
        The tests added, in order.

    Notes
    -----
    The table that a run prints has what the model must be able to do
    (capability) in its rows and the kind of test in its columns, as in
    CheckList [1]_: an empty cell is a test that nobody wrote. A
    cross marks a test that fails more rows than it may.

    *Used in:* ``ch06_model_development/07_test_behaviour_not_only_accuracy``.

    References
    ----------
    .. [1] M. T. Ribeiro, T. Wu, C. Guestrin, S. Singh (2020), Beyond accuracy:
       behavioral testing of NLP models with CheckList, ACL.

    Examples
    --------
    >>> import pandas as pd
    >>> stones = pd.DataFrame({"carat": [0.5, 0.9], "name": ["Hope", "Sancy"]})
    >>> suite = BehaviourSuite("prices")
    >>> _ = suite.add("size", "directional", stones, change={"carat": 0.1})
    >>> _ = suite.add("no story", "invariance", stones, swap="name")
    >>> result = suite.run(lambda rows: 5000.0 * rows["carat"])
    >>> result.table
               invariance directional
    size                –  0 % (of 2)
    no story  0 % (of 2)           –
    """

    def __init__(self, name: str = "behaviour") -> None:
        self.name = name
        self.tests: list[dict[str, Any]] = []

    def add(
        self,
        capability: str,
        test: Any,
        X: Any = None,
        *,
        name: str | None = None,
        max_failure_rate: float = 0.0,
        **options: Any,
    ) -> BehaviourSuite:
        """Add a test.

        Parameters
        ----------
        capability : str
            What the model must be able to do.
        test : str, callable or BehaviourReport
            The kind ("minimum functionality", "invariance", "directional",
            "perturbation"), or one of the four functions, or a report made
            before, which a run takes as it is.
        X : DataFrame, array, list
            The rows, or the cases.
        name : str, optional
            What to call the test; by default its capability and kind.
        max_failure_rate : float, default=0.0
            The share of rows that may fail.
        **options
            Further arguments of the test.

        Returns
        -------
        suite : BehaviourSuite
            The same suite.

        Raises
        ------
        TypeError, ValueError
            When the test is unknown, has no rows, or has the name of another.
        """
        kinds = {function: kind for kind, function in _TESTS.items()}
        if isinstance(test, BehaviourReport):
            kind = test.kind
        elif callable(test) and test in kinds:
            kind = kinds[test]
        else:
            text = isinstance(test, str)
            plain = test.removesuffix("_test").replace("_", " ") if text else test
            kind = check_choice(plain, "test", tuple(_TESTS))
        if X is None and not isinstance(test, BehaviourReport):
            raise TypeError(f"the {kind} test of {capability!r} has no rows; pass X")
        name = f"{capability}: {kind}" if name is None else name
        taken = [one["name"] for one in self.tests]
        if name in taken:
            raise ValueError(f"the suite has a test {name!r}; pass another name=")
        limit = _limit(max_failure_rate)
        one = {"name": name, "capability": capability, "kind": kind, "X": X}
        report = test if isinstance(test, BehaviourReport) else None
        self.tests.append(one | {"limit": limit, "options": options, "report": report})
        return self

    def run(self, predict: Any = None) -> SuiteReport:
        """Run all tests on a model.

        Parameters
        ----------
        predict : callable or estimator, optional
            The model, as in `invariance_test`; not needed for reports made
            before.

        Returns
        -------
        report : SuiteReport
            One row per test, and the table of capabilities by kinds.

        Raises
        ------
        ValueError
            When the suite is empty.
        Exception
            What a test raises, with a note that names the test.
        """
        if not self.tests:
            raise ValueError("the suite has no tests; add one with .add")
        reports = {one["name"]: _run(one, predict) for one in self.tests}
        rows = []
        for one in self.tests:
            report = reports[one["name"]]
            names = ("n", "n_failed", "failure_rate", "low", "high")
            facts = {name: getattr(report, name) for name in names}
            passed = bool(report.failure_rate <= one["limit"])
            known = {k: one[k] for k in ("capability", "kind", "name")}
            rows.append(known | facts | {"allowed": one["limit"], "passed": passed})
        frame = pd.DataFrame(rows)
        wrong = int((~frame["passed"]).sum())
        finding = (
            f"{wrong} of {len(frame)} tests fail more rows than allowed"
            if wrong
            else f"all {len(frame)} tests fail no more rows than allowed"
        )
        return SuiteReport(frame, finding, self.name, reports, notes=_notes(frame))


@dataclass(frozen=True, eq=False, repr=False)
class SuiteReport(Verdict):
    """What a suite found: capability by kind of test.

    The frame has one row per test: capability, kind, name, n, n_failed,
    failure_rate, low, high, allowed and passed.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per test.
    finding : str
        What is shown, in a sentence.
    suite : str
        The name of the suite.
    reports : dict of str to BehaviourReport
        The report of each test by its name.
    notes : tuple of str
        What to know before believing it.
    """

    finding: str
    suite: str
    reports: dict[str, BehaviourReport] = field(repr=False)

    title: ClassVar[str] = "Behaviour by capability and kind of test"

    @property
    def ok(self) -> bool:
        """Whether no test fails more rows than it may."""
        return bool(self.frame["passed"].all())

    @property
    def table(self) -> pd.DataFrame:
        """The failure rates as text, capabilities by kinds of test."""
        kinds = [kind for kind in _TESTS if kind in set(self.frame["kind"])]
        capabilities = list(dict.fromkeys(self.frame["capability"]))
        cells: dict[tuple[str, str], list[str]] = {}
        for _, row in self.frame.iterrows():
            cells.setdefault((row["capability"], row["kind"]), []).append(_cell(row))
        return pd.DataFrame(
            [
                [", ".join(cells.get((c, k), ["–"])) for k in kinds]
                for c in capabilities
            ],
            index=capabilities,
            columns=kinds,
        )

    def plot(self, ax: Any = None) -> Any:
        """Draw the failure rate of every test beside what is allowed.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure by default.

        Returns
        -------
        ax : matplotlib.axes.Axes
            The axes drawn on: dots with intervals, and a bar at the rate
            allowed.
        """
        import matplotlib.pyplot as plt

        table, k = self.frame, len(self.frame)
        if ax is None:
            size = (7, 1.6 + 0.35 * max(k, 2))
            ax = plt.subplots(figsize=size, layout="constrained")[1]
        place = np.arange(k)
        rate = 100 * table["failure_rate"].to_numpy()
        low, high = (100 * table[end].to_numpy() for end in ("low", "high"))
        ends = np.abs(np.vstack([rate - low, high - rate]))
        ax.errorbar(
            rate, place, xerr=ends, fmt="o", color="#0b5394", label="rows that fail"
        )
        allowed = 100 * table["allowed"]
        ax.plot(allowed, place, "|", color="#b45f06", markersize=16, label="allowed")
        ax.set_yticks(place, list(table["name"]))
        ax.set_ylim(k - 0.5, -0.5)
        ax.set_xlabel("rows that fail, %")
        ax.set_title(self.finding)
        ax.figure.legend(loc="outside lower center", ncols=2)
        return ax

    def _shown(self) -> pd.DataFrame:
        return self.table.rename_axis("capability").reset_index()

    def _fact_lines(self) -> list[str]:
        failing = self.frame[~self.frame["passed"]]
        return [
            f"ok: {'yes' if self.ok else 'no'}",
            self.finding,
            *(
                f"{row['name']}: {_cell(row)}, allowed {100 * row['allowed']:g} %"
                for _, row in failing.iterrows()
            ),
        ]


def _run(one: dict[str, Any], predict: Any) -> BehaviourReport:
    if one["report"] is not None:
        return one["report"]  # type: ignore[no-any-return]
    options = dict(one["options"])
    more = [options.pop("perturb")] if "perturb" in options else []
    test: Any = _TESTS[one["kind"]]
    try:
        return test(predict, one["X"], *more, **options)  # type: ignore[no-any-return]
    except Exception as error:
        error.add_note(f"this was the test {one['name']!r} of the suite")
        raise


def _cell(row: pd.Series) -> str:
    if not row["n"]:
        return "nothing could fail"
    rate = row["failure_rate"]
    share = "0 %" if rate == 0 else f"{100 * rate:.1f} %"
    mark = "" if row["passed"] else "✗ "
    return f"{mark}{share} (of {row['n']:,})"


def _notes(frame: pd.DataFrame) -> tuple[str, ...]:
    if frame["n"].all():
        return ()
    return ("a test in which no row could fail has shown nothing, and fails",)


def _limit(value: Any) -> float:
    number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    if not number or not 0 <= value <= 1:
        raise ValueError(
            f"max_failure_rate is {value!r}; pass a share in [0, 1], 0.02 for 2 %"
        )
    return float(value)
