"""Calibration errors against netcal and uncertainty-calibration.

Both sides run in one process, and must agree to 1e-6 before the clock starts.
Run with ``python benchmarks/calibration_errors.py``; about a minute on two cores.
"""

import warnings
from functools import partial

import numpy as np
from _bench import best_of, show_table, show_versions
from calibration import get_ece
from calibration.utils import (
    get_equal_bins,
    get_equal_prob_bins,
    lower_bound_scaling_ce,
)
from netcal.metrics import ECE, MCE

from mlworkbench.calibration import calibration_report, expected_calibration_error

BINS = 15


def make_scores(n, seed=0):
    rng = np.random.default_rng(seed)
    p = rng.beta(0.7, 2, n)
    return (rng.random(n) < 0.1 + 0.8 * p).astype(int), p


def compare(label, peer, theirs, own, runs=3):
    """Check that both give one number, then time both."""
    expected, found = theirs(), own()
    assert abs(expected - found) < 1e-6, (label, expected, found)
    return (label, peer, best_of(theirs, runs)[0], best_of(own, runs)[0])


def netcal_rows(n):
    y, p = make_scores(n)
    own = partial(expected_calibration_error, y, p, n_bins=BINS)
    mass = ECE(BINS, equal_intervals=False)
    three = np.random.default_rng(1).dirichlet([1, 2, 3], n)
    label = np.cumsum(three, axis=1)[:, :2] < np.random.default_rng(2).random((n, 1))
    top = label.sum(axis=1)
    return [
        compare(f"ECE, equal width, {n:,}", "netcal", partial(ECE(BINS).measure, p, y),
                own, 7),
        compare(f"MCE, {n:,}", "netcal", partial(MCE(BINS).measure, p, y),
                partial(own, norm="max"), 7),
        compare(f"ECE, equal mass, {n:,}", "netcal", partial(mass.measure, p, y),
                partial(own, strategy="quantile")),
        compare(f"ECE of the likeliest of 3, {n:,}", "netcal",
                partial(ECE(BINS).measure, three, top),
                partial(expected_calibration_error, top, three, n_bins=BINS)),
    ]  # fmt: skip


def uncertainty_rows(n):
    y, p = make_scores(n)
    own = partial(expected_calibration_error, y, p, n_bins=BINS)
    debiased = partial(own, norm="l2", debias=True)
    theirs = partial(lower_bound_scaling_ce, p, y, 2, True, BINS)
    peer = "uncertainty-calibration"
    return [
        compare(f"ECE, equal width, {n:,}", peer, partial(get_ece, p, y), own),
        compare(f"L2 debiased, {n:,}", peer, partial(theirs, get_equal_prob_bins),
                debiased),
        compare(f"L2 debiased, equal mass, {n:,}", peer,
                partial(theirs, get_equal_bins),
                partial(debiased, strategy="quantile")),
    ]  # fmt: skip


def bootstrap_row(n, n_boot=100):
    """One hundred resamples; the peer's interval resamples rows."""
    y, p = make_scores(n)
    rng = np.random.default_rng(0)

    def rows():
        places = (rng.integers(0, n, n) for _ in range(n_boot))
        return [get_ece(p[at], y[at]) for at in places]

    own = partial(calibration_report, y, p, n_boot=n_boot, random_state=0)
    found = own()
    again = np.array(rows())
    plain = 2 * found.ece - np.quantile(again, (0.975, 0.025))
    assert np.abs(plain - found.ci).max() < 0.005, (plain, found.ci)
    peer = "uncertainty-calibration"
    return (f"{n_boot} resamples of {n:,}", peer, best_of(rows, 1)[0], best_of(own)[0])


def rows():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [
            *netcal_rows(1_000_000),
            *uncertainty_rows(30_000),
            bootstrap_row(2_000),
        ]


def main():
    show_versions("numpy", "netcal", "uncertainty-calibration")
    show_table(rows())


if __name__ == "__main__":
    main()
