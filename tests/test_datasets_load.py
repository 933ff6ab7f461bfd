"""Loading, cards, and the facts on the cards against the data themselves."""

import numpy as np
import pandas as pd
import pytest

from mlworkbench import datasets
from mlworkbench.datasets import _card, _load, _remote
from mlworkbench.datasets._card import Card
from mlworkbench.datasets._dataset import Dataset, target_of

EMBEDDED = ["admissions", "diamonds", "email", "flights", "hmda"]
ALL = [*EMBEDDED, "banking77", "elec2", "triage_notes"]
# Golden sizes: the documentation of nycflights13, AER, openintro and ggplot2,
# and the sum of the 24 counts in Bickel et al. (1975).
SHAPES = {
    "flights": (336_776, 19),
    "hmda": (2_380, 14),
    "admissions": (4_526, 3),
    "email": (3_921, 21),
    "diamonds": (53_940, 10),
    "banking77": (13_083, 3),
    "elec2": (45_312, 7),
    "triage_notes": (5_000, 12),
}


@pytest.fixture(scope="module")
def flights():
    return datasets.load("flights")


def loaded(name):
    try:
        return datasets.load(name)
    except datasets.DatasetError as error:
        pytest.skip(f"{name} cannot be had here: {error}")


def test_names_by_tier():
    assert datasets.names() == sorted(ALL)
    assert datasets.names("embedded") == EMBEDDED
    assert datasets.names("remote") == ["banking77", "elec2"]
    assert datasets.names("synthetic") == ["triage_notes"]
    with pytest.raises(ValueError, match="tier is 'local'; pass 'embedded'"):
        datasets.names("local")


@pytest.mark.parametrize("name", ALL)
def test_shape_and_facts_are_those_of_the_card(name):
    data = loaded(name)
    card = data.card
    assert data.frame.shape == SHAPES[name] == (card.rows, len(card.columns))
    assert data.frame.columns.tolist() == card.columns.index.tolist()
    assert data.frame.dtypes.astype(str).tolist() == card.columns["dtype"].tolist()
    assert data.frame.isna().sum().tolist() == card.columns["missing"].tolist()
    assert data.target.index.equals(data.frame.index)


@pytest.mark.parametrize("name", ALL)
def test_every_target_has_the_rate_on_the_card(name):
    data = loaded(name)
    for target, facts in data.card.facts["targets"].items():
        values = target_of(data.frame, target, facts["rule"])
        assert values.name == target
        assert values.notna().sum() == facts["rows"]
        if "positive_rate" in facts:
            assert set(values.dropna().unique()) == {0, 1}
            assert values.sum() == facts["positives"]
            assert facts["positive_rate"] == pytest.approx(values.mean(), abs=1e-6)


@pytest.mark.parametrize("name", EMBEDDED)
def test_tables_and_files_are_those_of_the_card(name):
    data = datasets.load(name)
    tables = data.card.facts.get("tables", {})
    assert list(data.tables) == list(tables)
    for table, facts in tables.items():
        frame, columns = data.tables[table], data.card.table_columns(table)
        assert len(frame) == facts["rows"]
        assert frame.dtypes.astype(str).to_dict() == columns["dtype"].to_dict()
        assert frame.isna().sum().to_dict() == columns["missing"].to_dict()
    sizes = {p.name: p.stat().st_size for p in datasets.fetch(name)}
    assert sizes == {f: facts["bytes"] for f, facts in data.card.files.items()}


def test_embedded_files_stay_small():
    total = sum(p.stat().st_size for n in EMBEDDED for p in datasets.fetch(n))
    assert total < 12_000_000


def test_berkeley_counts():
    # Bickel et al. (1975): 1,198 of 2,691 men and 557 of 1,835 women admitted.
    frame = datasets.load("admissions").frame
    counts = frame.groupby("gender", observed=True)["admitted"].agg(["sum", "size"])
    assert counts.loc["male"].tolist() == [1198, 2691]
    assert counts.loc["female"].tolist() == [557, 1835]
    cell = frame.query("department == 'A' and gender == 'female'")["admitted"]
    assert (cell.sum(), len(cell)) == (89, 108)


def test_grades_of_diamonds_are_ordered():
    frame = datasets.load("diamonds").frame
    best = frame[["cut", "color", "clarity"]].max()
    assert best.tolist() == ["Ideal", "D", "IF"]


def test_flights_are_typed_and_in_time_order(flights):
    frame = flights.frame
    assert frame["time_hour"].is_monotonic_increasing
    local = frame["time_hour"].dt
    assert (local.hour == frame["hour"]).all()
    assert (local.month == frame["month"]).all()
    assert (frame["sched_dep_time"] == frame["hour"] * 100 + frame["minute"]).all()
    # Wide enough for what people compute: in 8 bits this would wrap in silence.
    minutes = frame["hour"] * 60 + frame["minute"]
    assert minutes.max() == 23 * 60 + 59
    # Daylight saving: 5:00 is 10:00 UTC in January and 9:00 in July.
    january = frame["time_hour"].iloc[0]
    assert (january.hour, january.tz_convert("UTC").hour) == (5, 10)
    july = frame.loc[frame["month"] == 7, "time_hour"].iloc[0]
    assert (july.hour, july.tz_convert("UTC").hour) == (5, 9)
    assert frame.memory_usage(deep=True).sum() < 100e6


def test_weather_joins_one_to_many_in_every_hour(flights):
    weather = flights.tables["weather"]
    assert not weather.duplicated(["origin", "time_hour"]).any()
    # Without the time zone the hour that daylight saving repeats would collide.
    naive = weather["time_hour"].dt.tz_localize(None)
    assert (
        weather.assign(time_hour=naive).duplicated(["origin", "time_hour"]).sum() == 3
    )


def test_cancelled_flights_have_no_late_target(flights):
    frame, target = flights.frame, flights.target
    assert (target.name, str(target.dtype)) == ("late_30", "Int64")
    assert target.isna().equals(frame["arr_delay"].isna())
    assert target[frame["arr_delay"] == 30].eq(1).all()
    assert target[frame["arr_delay"] == 29].eq(0).all()
    cancelled = datasets.load("flights", target="cancelled").target
    assert str(cancelled.dtype) == "int64"
    assert cancelled.sum() == 8_255


def test_labelled_keeps_index_and_gives_plain_integers(flights):
    known = flights.labelled()
    assert len(known.frame) == len(known.target) == 327_346
    assert known.frame.index.equals(known.target.index)
    assert known.target.dtype == np.int64
    assert known.frame.index.equals(flights.frame.index[flights.target.notna()])
    assert known.tables is flights.tables
    assert known.labelled().target.equals(known.target)


def test_features_leave_out_what_leaks(flights):
    left_out = set(flights.frame) - set(flights.features)
    assert left_out == {
        "dep_time", "dep_delay", "arr_time", "arr_delay", "air_time", "tailnum",
    }  # fmt: skip
    assert "insurance" not in datasets.load("hmda").features


def test_the_target_is_no_feature(flights):
    distance = datasets.load("flights", target="distance")
    assert "distance" in flights.features
    assert set(flights.features) - set(distance.features) == {"distance"}
    assert "distance" not in distance.labelled().features
    # A target of the card that is made from a column known before.
    facts = dict(flights.card.facts)
    facts["targets"] = {"far": {"rule": {"column": "distance", "at_least": 1000}}}
    far = target_of(flights.frame, "far", facts["targets"]["far"]["rule"])
    made = Dataset("flights", flights.frame, far, Card(facts))
    assert "distance" not in made.features


def test_any_column_can_be_the_target():
    data = datasets.load("diamonds", target="carat")
    assert data.target.equals(data.frame["carat"])
    with pytest.raises(ValueError, match=r"hmda has no target 'late'; pass one of"):
        datasets.load("hmda", target="late")


def test_target_rules_keep_unknown_unknown():
    frame = pd.DataFrame({"x": pd.array([1, None, 3], dtype="Int64"), "w": list("aba")})
    late = target_of(frame, "t", {"column": "x", "at_least": 2})
    assert late.tolist()[0] == 0
    assert late.tolist()[2] == 1
    assert late.isna().tolist() == [False, True, False]
    missing = target_of(frame, "t", {"column": "x", "is_missing": True})
    assert missing.tolist() == [0, 1, 0]
    equal = target_of(frame, "t", {"column": "w", "equals": "a"})
    assert (equal.tolist(), str(equal.dtype)) == ([1, 0, 1], "int64")


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [("flight", "did you mean 'flights'"), ("HMDA", "did you mean 'hmda'"),
     ("zzz", "see datasets.catalog"), (3, "there is no data set 3")],
)  # fmt: skip
def test_unknown_name_gives_the_close_match(wrong, hint):
    with pytest.raises(ValueError, match=hint):
        datasets.load(wrong)
    with pytest.raises(ValueError, match=hint):
        datasets.card(wrong)


def test_loads_do_not_share_rows():
    first = datasets.load("hmda")
    first.frame.loc[:, "pirat"] = 0.0
    assert datasets.load("hmda").frame["pirat"].mean() > 0.3


def test_catalog_has_one_row_a_data_set():
    catalog = datasets.catalog()
    assert catalog.index.tolist() == sorted(ALL)
    assert catalog.loc["email", "positive_rate"] == pytest.approx(367 / 3921, abs=1e-6)
    assert np.isnan(catalog.loc["diamonds", "positive_rate"])


def copied_files(tmp_path, name="hmda"):
    """Copy one data set into a folder of its own, to be damaged."""
    source = _card.cards_folder() / name
    (tmp_path / name).mkdir()
    for path in source.iterdir():
        (tmp_path / name / path.name).write_bytes(path.read_bytes())
    return tmp_path / name


@pytest.fixture
def moved(tmp_path, monkeypatch):
    folder = copied_files(tmp_path)
    for module in (_card, _load):
        monkeypatch.setattr(module, "cards_folder", lambda: tmp_path)
    return folder


def test_damaged_file_is_refused_even_after_a_good_load(moved):
    assert len(datasets.load("hmda").frame) == 2380
    path = moved / "hmda.parquet"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(datasets.ChecksumError, match=r"hmda/hmda.parquet is not the"):
        datasets.load("hmda")


def test_missing_file_says_so(moved):
    (moved / "hmda.parquet").unlink()
    with pytest.raises(datasets.DatasetError, match="missing from the installed"):
        datasets.load("hmda")


def test_hash_is_computed_once_a_process(moved, monkeypatch):
    datasets.load("hmda")

    def forbidden(*_):
        raise AssertionError("hashed twice")

    monkeypatch.setattr(_remote.hashlib, "file_digest", forbidden)
    assert len(datasets.load("hmda").frame) == 2380


def test_incomplete_card_is_an_error(moved):
    path = moved / "card.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("licence:", "license:"), encoding="utf-8")
    with pytest.raises(ValueError, match=r"hmda/card.yaml lacks \['licence'\]"):
        datasets.card("hmda")


def test_errors_are_os_errors():
    assert issubclass(datasets.ChecksumError, datasets.DatasetError)
    assert issubclass(datasets.DatasetError, OSError)


def test_dataset_shows_stable_facts(flights):
    text = str(flights)
    assert "336,776 rows × 19 columns" in text
    assert "target late_30: 16.1% positive, unknown in 9,430 rows" in text
    assert "table weather: 26,115 rows × 15 columns" in text
    assert repr(flights) == text
    assert flights._repr_html_() == datasets.load("flights")._repr_html_()
    assert "mean 3,933" in str(datasets.load("diamonds"))
    assert "3 classes" in str(datasets.load("triage_notes"))
    with pytest.raises(AttributeError):
        flights.name = "other"
