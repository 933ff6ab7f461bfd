import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mlworkbench.notebook import claim


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("23.9 %", 0.23941),
        ("23.9%", np.float32(0.2394)),
        ("about 24 % of flights", 0.23941),
        ("336,776", 336776),
        ("336,776 departures", np.int64(336776)),
        ("336776", 336776.0),
        ("0.72", 0.7213),
        ("1.2 %", 0.01178),
        ("4.5 minutes", 4.4821),
        ("3×", 3.2),
        ("×3", 2.6),
        ("-0.3", -0.3111),
        ("−0.3", -0.3111),
        ("+7 points", 7.2),
        ("0", 0.4),
        ("0.0", -0.04),
        ("1.2 million", 1_161_000),
        ("12 thousand", 12_345),
        ("2 billion", 1.9e9),
        ("1e-3", 0.00103),
        ("1.2e6", 1_161_000),
        ("5", np.array(5)),
        ("2013", 2013),
    ],
)
def test_a_true_claim_is_silent(text, value):
    assert claim(text, value) is None


# A half may be rounded up, down, or to the even digit (IEEE 754 and school
# differ), and 2.675 is stored below the half: all are accepted.
@pytest.mark.parametrize(
    ("text", "value"),
    [("3", 2.5), ("2", 2.5), ("2.67", 2.675), ("2.68", 2.675), ("12.5 %", 0.1245)],
)
def test_a_half_goes_either_way(text, value):
    claim(text, value)


@pytest.mark.parametrize(
    ("text", "value", "right"),
    [
        ("24.0 %", 0.23941, "23.9 %"),
        ("23.9 %", 23.941, "2,394.1 %"),
        ("336,777", 336776, "336,776"),
        ("0.72", 0.7262, "0.73"),
        ("3×", 3.51, "4×"),
        ("-0.3", 0.3, "0.3"),
        ("1.2 million", 1_300_000, "1.3 million"),
        ("1.2", float("nan"), "nan"),
        ("1.2", float("inf"), "inf"),
        ("2.67", 2.6751, "2.68"),
    ],
)
def test_a_false_claim_says_what_is_right(text, value, right):
    with pytest.raises(AssertionError) as caught:
        claim(text, value)
    assert f'the text says "{text}", the code gives {right} (' in str(caught.value)


@pytest.mark.parametrize(
    ("text", "value", "error", "message"),
    [
        ("none", 1, ValueError, r"holds 0 numbers \(none\)"),
        ("", 1, ValueError, "holds 0 numbers"),
        ("1 in 40", 1, ValueError, r"holds 2 numbers \(1, 40\); make one claim"),
        (0.72, 0.72, TypeError, "claim got 0.72; pass the numeral as text"),
        ("0.72", "0.72", TypeError, "got a str; pass one number"),
        ("1", True, TypeError, "got a bool"),
        ("1", None, TypeError, "got a NoneType"),
        ("1", [1.0], TypeError, "got a list"),
        ("1", np.array([1.0]), TypeError, "got a ndarray"),
    ],
)
def test_a_claim_that_cannot_be_checked_is_an_error(text, value, error, message):
    with pytest.raises(error, match=message):
        claim(text, value)


VALUES = st.floats(-1e9, 1e9, allow_nan=False)
PLACES = st.integers(0, 6)


@given(VALUES, PLACES)
def test_python_s_own_rounding_is_accepted(value, places):
    claim(f"{value:.{places}f}", value)
    claim(f"{value:,.{places}f} minutes", value)
    claim(f"{value / 1e9:.{places}%}", value / 1e9)
    claim(f"{value:.{places}e}", value)


@given(st.floats(-1e6, 1e6), PLACES, st.sampled_from([-1, 1]))
def test_one_unit_of_the_last_place_is_refused(value, places, step):
    stated = round(value, places) + step * 10.0**-places
    off = abs(stated - value) / 10.0**-places
    assume(abs(off - 0.5) > 0.01)  # a hair about the half is either way's
    if off > 0.5:
        with pytest.raises(AssertionError, match="correct the text"):
            claim(f"{stated:.{places}f}", value)
    else:
        claim(f"{stated:.{places}f}", value)
