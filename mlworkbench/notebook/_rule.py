"""How strictly an answer is compared with what is right."""

from __future__ import annotations

from mlworkbench.notebook._mistakes import Tolerance

__all__ = ["Rule"]


class Rule:
    """How strictly to compare.

    Parameters
    ----------
    rtol : float or None
        Relative tolerance; None is 1e-3, and exact where whole numbers are
        expected.
    atol : float
        Absolute tolerance.
    ordered : bool
        Whether the order of values, or of rows, counts.
    """

    def __init__(self, rtol: float | None, atol: float, ordered: bool) -> None:
        self.rtol, self.atol, self.ordered = rtol, atol, ordered

    def tolerance(self, whole: bool) -> Tolerance:
        """Give the tolerance for one comparison.

        Parameters
        ----------
        whole : bool
            Whether the expected values are whole numbers by type.

        Returns
        -------
        tolerance : Tolerance
            With the numbers filled in. For whole numbers it forgives what
            floats round off, and never one item, however large the count.
        """
        if self.rtol is None and whole:
            return Tolerance(1e-12, self.atol, most=0.4)
        return Tolerance(1e-3 if self.rtol is None else self.rtol, self.atol)

    def in_order(self) -> Rule:
        """Give the same rule for values that have been brought into one order.

        Returns
        -------
        rule : Rule
            With `ordered`.
        """
        return Rule(self.rtol, self.atol, ordered=True)
