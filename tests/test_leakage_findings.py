"""Findings of leakage and the report that holds them."""

import pandas as pd
import pytest

from mlworkbench._report import VerdictError
from mlworkbench.leakage import KINDS, Finding, LeakageReport
from mlworkbench.leakage._findings import make_report


@pytest.fixture
def report():
    pairs = pd.DataFrame({"train": [3], "test": [7]})
    return make_report(
        [
            Finding("sampling bias", "note", "hour", 2, 0.1, "more nights", "look"),
            Finding("L1.4", "leak", "equal rows", 5, 0.25, pairs, "drop them"),
            Finding("duplicates", "warning", "near rows", 9, 0.45, pairs, "look"),
        ],
        notes=["seen", "seen"],
    )


def test_the_taxonomy_has_eight_kinds():
    assert list(KINDS) == ["L1.1", "L1.2", "L1.3", "L1.4", "L2", "L3.1", "L3.2", "L3.3"]


def test_the_gravest_finding_comes_first(report):
    assert isinstance(report, LeakageReport)
    assert list(report.frame["severity"]) == ["leak", "warning", "note"]
    assert list(report.frame["code"]) == ["L1.4", "L1.4", "L3.3"]
    assert report.frame["evidence"][2] == "more nights"
    assert report.frame["n_rows"].tolist() == [5, 9, 2]
    assert report.notes == ("seen",)


def test_ok_means_nothing_above_a_note(report):
    assert not report.ok
    assert (report.n_leaks, report.n_warnings, report.n_notes) == (1, 1, 1)
    with pytest.raises(VerdictError, match="equal rows"):
        report.raise_if_failed()
    assert not make_report([Finding("L2", "warning", "x")]).ok
    assert make_report([Finding("L2", "note", "x")]).ok
    assert make_report([]).ok
    assert make_report([]).frame.empty


def test_rows_by_kind_code_and_name(report):
    assert report.rows("equal rows")["test"].tolist() == [7]
    both = report.rows("duplicates")
    assert both["finding"].tolist() == ["equal rows", "near rows"]
    assert report.rows("L1.4").equals(both)
    assert report.rows("sampling bias")["evidence"].tolist() == ["more nights"]
    assert report.rows("temporal").empty
    with pytest.raises(KeyError, match=r"kinds are .* findings \['equal rows'"):
        report.rows("doubles")


def test_rows_are_a_copy(report):
    rows = report.rows("equal rows")
    rows["test"] = 0
    assert report.rows("equal rows")["test"].tolist() == [7]


def test_a_kind_or_severity_outside_the_lists_is_refused():
    with pytest.raises(ValueError, match="kind is 'L9'; pass one of"):
        Finding("L9", "leak", "x")
    with pytest.raises(ValueError, match="severity is 'bad'; pass one of"):
        Finding("L2", "bad", "x")


def test_the_picture_has_a_bar_per_finding(report):
    axes = report.plot()
    assert [round(bar.get_width()) for bar in axes.patches] == [10, 45, 25]
    assert axes.get_title() == "1 leak(s), 1 warning(s)"
    said = [text.get_text() for text in axes.texts]
    assert said == ["note 10 %", "warning 45 %", "leak 25 %"]
    small = make_report([Finding("L2", "note", "x", 1, 1e-5)]).plot()
    assert small.texts[0].get_text() == "note under 0.1 %"
    assert make_report([]).plot().get_title() == "Nothing above a note"


def test_the_report_is_text_html_and_json(report):
    assert "ok: no" in str(report)
    assert "equal rows" in report._repr_html_()
    assert report.to_dict()["frame"][0]["n_rows"] == 5
