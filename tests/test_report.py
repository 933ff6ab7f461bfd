"""Reports: what is shown, saved and turned into plain values."""

import datetime as dt
import json
from dataclasses import FrozenInstanceError, dataclass, field
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest

from mlworkbench._report import Report, Verdict, VerdictError, _show


@dataclass(frozen=True, eq=False, repr=False)
class Bare(Report):
    n: int
    rate: float
    hidden: int = field(repr=False, default=7)
    values: np.ndarray = field(default=None)

    title: ClassVar[str] = "Bare <report>"


@dataclass(frozen=True, eq=False, repr=False)
class Drawn(Verdict):
    limit: float = 1.0

    @property
    def ok(self):
        return bool(self.frame["x"].max() <= self.limit)

    def plot(self, ax=None):
        import matplotlib.pyplot as plt

        ax = plt.subplots()[1] if ax is None else ax
        ax.plot(self.frame["x"])
        return ax


@pytest.fixture
def bare():
    frame = pd.DataFrame({"a<b": [1 / 3, 2.0], "s": ["x & y", None]})
    return Bare(frame, 12345, 1 / 3, values=np.ones(3), notes=("take <care>",))


def test_text_shows_facts_table_and_notes(bare):
    lines = str(bare).splitlines()
    assert lines[:4] == ["Bare <report>", "=" * 13, "n: 12,345", "rate: 0.333"]
    assert lines[5].split() == ["a<b", "s"]
    assert lines[6].split()[0] == "0.333"
    assert lines[-1] == "note: take <care>"
    assert repr(bare) == str(bare)


def test_nothing_is_rounded_in_the_frame_and_the_fields(bare):
    str(bare)
    assert bare.frame["a<b"][0] == 1 / 3
    assert bare.rate == 1 / 3


def test_facts_are_the_scalar_fields_in_order(bare):
    assert bare.facts == {"n": 12345, "rate": 1 / 3}
    assert list(bare.facts) == ["n", "rate"]


def test_html_is_escaped_and_stable(bare):
    page = bare._repr_html_()
    assert "Bare &lt;report&gt;" in page
    assert "take &lt;care&gt;" in page
    assert "a&lt;b" in page
    assert "x &amp; y" in page
    assert "<li>n: 12,345</li>" in page
    assert "id=" not in page
    assert page == bare._repr_html_()


def test_an_index_with_meaning_is_shown():
    named = Report(pd.DataFrame({"x": [1]}, index=pd.Index(["EWR"], name="origin")))
    assert "EWR" in str(named)
    assert "EWR" in named._repr_html_()
    assert named.to_dict()["frame"] == [{"origin": "EWR", "x": 1}]
    plain = Report(pd.DataFrame({"x": [17]}))
    assert str(plain).splitlines()[-1].split() == ["17"]
    assert plain.to_dict()["frame"] == [{"x": 17}]


def test_an_empty_table_is_left_out():
    report = Report(pd.DataFrame({"x": []}))
    assert str(report) == "Report\n======"
    assert "<table" not in report._repr_html_()


def test_to_dict_is_json(bare):
    result = json.loads(json.dumps(bare.to_dict(), allow_nan=False))
    assert result == {
        "title": "Bare <report>",
        "facts": {"n": 12345, "rate": 1 / 3},
        "notes": ["take <care>"],
        "frame": [
            {"a<b": 1 / 3, "s": "x & y"},
            {"a<b": 2.0, "s": None},
        ],
    }
    assert "hidden" not in result["facts"]


def test_to_dict_turns_numpy_and_not_a_number_into_plain_values():
    report = Bare(
        pd.DataFrame({"t": [pd.Timestamp("2013-01-01")]}), np.int64(3), np.nan
    )
    result = report.to_dict()
    assert type(result["facts"]["n"]) is int
    assert result["facts"]["rate"] is None
    assert result["frame"] == [{"t": "2013-01-01T00:00:00"}]


def test_to_dict_keeps_every_digit_and_names_infinity():
    numbers = [4.56789e-14, 1 / 3, 1.7e308, np.inf, -np.inf, np.nan]
    report = Bare(pd.DataFrame({"x": numbers}), 1, np.float64("-inf"))
    result = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    found = [row["x"] for row in result["frame"]]
    assert found[:5] == [4.56789e-14, 1 / 3, 1.7e308, "inf", "-inf"]
    assert found[5] is None
    assert result["facts"]["rate"] == "-inf"
    np.testing.assert_array_equal([float(x) for x in found[:5]], numbers[:5])


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (pd.to_timedelta(["90min", None]), ["P0DT1H30M0S", None]),
        (
            pd.to_datetime(["2013-01-01 05:00"]).tz_localize("America/New_York"),
            ["2013-01-01T05:00:00-05:00"],
        ),
        (pd.array([1, None], dtype="Int64"), [1, None]),
        (pd.array([True, None], dtype="boolean"), [True, None]),
        (pd.Categorical(["a", None]), ["a", None]),
        ([dt.date(2013, 1, 1), dt.timedelta(minutes=1)], ["2013-01-01", "P0DT0H1M0S"]),
        ([pd.Period("2013-01"), dt.time(5, 30)], ["2013-01", "05:30:00"]),
        ([(1, np.nan), np.array([2.5])], [[1, None], [2.5]]),
        ([{1: np.int64(2)}, "x"], [{"1": 2}, "x"]),
        ([np.float32(0.5), np.datetime64("2013-01-01")], [0.5, "2013-01-01T00:00:00"]),
    ],
)
def test_to_dict_turns_every_kind_into_plain_values(values, expected):
    column = pd.Series(values, dtype=None if hasattr(values, "dtype") else object)
    result = Report(column.to_frame("v")).to_dict()["frame"]
    assert json.loads(json.dumps(result)) == [{"v": value} for value in expected]


@pytest.mark.parametrize(
    ("index", "keys"),
    [
        (pd.Index(["EWR"]), ["index", "x"]),
        (pd.Index(["EWR"], name="x"), ["x (index)", "x"]),
        (pd.MultiIndex.from_tuples([(1, "a")]), ["level_0", "level_1", "x"]),
        (
            pd.MultiIndex.from_tuples([(1, "a")], names=["x", "x"]),
            ["x (index)", "x (index) (index)", "x"],
        ),
    ],
)
def test_to_dict_keeps_the_index_under_a_name_of_its_own(index, keys):
    (record,) = Report(pd.DataFrame({"x": [7]}, index=index)).to_dict()["frame"]
    assert list(record) == keys
    assert record["x"] == 7


def test_small_numbers_in_the_table_are_not_shown_as_none():
    frame = pd.DataFrame({"p": [0.00004, 0.5, 0.0, np.nan], "q": [0.1234] * 4})
    rows = [line.split() for line in str(Report(frame)).splitlines()[-4:]]
    assert rows == [
        ["4e-05", "0.123"],
        ["0.5", "0.123"],
        ["0", "0.123"],
        ["nan", "0.123"],
    ]
    assert "<td>4e-05</td>" in Report(frame)._repr_html_()
    assert frame["p"].dtype == float


def test_reports_are_frozen_and_compared_by_identity(bare):
    with pytest.raises(FrozenInstanceError):
        bare.n = 3
    assert bare == bare
    assert bare != Bare(bare.frame, 12345, 1 / 3)


def test_a_report_without_a_picture_says_so(bare, tmp_path):
    with pytest.raises(NotImplementedError, match=r"Bare has no picture; use \.frame"):
        bare.plot()
    assert "<img" not in bare.save(tmp_path / "bare.html").read_text("utf-8")


def test_save_writes_one_page_with_the_picture(tmp_path):
    import matplotlib.pyplot as plt

    before = plt.get_fignums()
    path = Drawn(pd.DataFrame({"x": [0.5, 1.0]})).save(tmp_path / "report.html")
    page = path.read_text("utf-8")
    assert page.startswith("<!doctype html>")
    assert 'src="data:image/png;base64,iVBOR' in page
    assert "http" not in page
    assert plt.get_fignums() == before


def test_a_failed_save_keeps_the_old_page(tmp_path):
    path = tmp_path / "report.html"
    path.write_text("old")
    with pytest.raises(KeyError):
        Drawn(pd.DataFrame({"y": [1]})).save(path)
    assert path.read_text() == "old"


def test_verdicts():
    good, bad = (Drawn(pd.DataFrame({"x": [x]})) for x in (1.0, 2.0))
    assert good.ok
    assert good.raise_if_failed() is None
    assert "ok: yes" in str(good)
    with pytest.raises(VerdictError, match="ok: no\nlimit: 1"):
        bad.raise_if_failed()
    assert issubclass(VerdictError, AssertionError)
    with pytest.raises(NotImplementedError, match="Verdict must say when it is ok"):
        Verdict(pd.DataFrame()).raise_if_failed()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "yes"),
        (np.False_, "no"),
        (1234567, "1,234,567"),
        (np.int64(1000), "1,000"),
        (0.5, "0.5"),
        (0.0, "0"),
        (-0.0, "0"),
        (100.0, "100"),
        (2 / 3, "0.667"),
        (0.00012345, "0.000123"),
        (-1e-7, "-1e-07"),
        (1.5e6, "1.5e+06"),
        (float("nan"), "nan"),
        (float("inf"), "∞"),
        (float("-inf"), "−∞"),
        (44504.349, "44,504"),
        (np.float32(0.25), "0.25"),
        ("text", "text"),
    ],
)
def test_how_values_are_shown(value, text):
    assert _show(value, 3) == text


def test_lengths_of_time_stand_beside_rounded_numbers():
    frame = pd.DataFrame({"wait": pd.to_timedelta(["90min"]), "share": [1 / 3]})
    text = str(Report(frame))
    assert "0 days 01:30:00" in text
    assert text.endswith("0.333")
