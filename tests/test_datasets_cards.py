"""Cards: complete, shown alike everywhere, and right about their data."""

import pickle

import pytest

from mlworkbench import datasets

ALL = sorted(datasets.names())


@pytest.fixture(scope="module")
def flights():
    return datasets.load("flights")


def loaded(name):
    try:
        return datasets.load(name)
    except datasets.DatasetError as error:
        pytest.skip(f"{name} cannot be had here: {error}")


@pytest.mark.parametrize("name", ALL)
def test_every_card_is_complete(name):
    facts = datasets.card(name).facts
    for key in ("title", "summary", "licence", "licence_note", "origin", "collected"):
        assert len(facts[key]) > 2, key
    assert facts["faults"]
    assert facts["not_for"]
    assert facts["name"] == name
    assert facts["default_target"] in facts["targets"]
    for column in facts["columns"].values():
        assert column["meaning"]
        assert column["known"] in ("before", "after")
    after = {c for c, f in facts["columns"].items() if f["known"] == "after"}
    assert {t["rule"]["column"] for t in facts["targets"].values()} <= after
    if facts["tier"] == "embedded":
        assert set(facts["source"]) == {"package", "version", "file"}
    for file in facts["files"].values():
        assert len(file["sha256"]) == 64
        assert file.get("address", "https://").startswith("https://")


def numbers_on_flights_card(data):
    f, weather = data.frame, data.tables["weather"]
    flew = f["dep_time"].notna()
    strange = (
        ~f["tailnum"].isin(data.tables["planes"]["tailnum"]) & f["tailnum"].notna()
    )
    joined = f.merge(weather, on=["origin", "time_hour"], how="left", validate="m:1")
    return {
        "8,255 flights": (~flew).sum(),
        "1,175 more left": (flew & f["arr_delay"].isna()).sum(),
        "29 departures": (f["dep_time"] == 2400).sum(),
        "150 arrivals": (f["arr_time"] == 2400).sum(),
        "50,094 flights": strange.sum(),
        "721 aircraft": f.loc[strange, "tailnum"].nunique(),
        "7,602 flights": (~f["dest"].isin(data.tables["airports"]["faa"])).sum(),
        "1,573 flights": joined["temp"].isna().sum(),
        "1,048 miles": int(weather["wind_speed"].max()),
        "17 miles": f["distance"].min(),
    }


def numbers_on_other_cards():
    h, e, d = (datasets.load(n).frame for n in ("hmda", "email", "diamonds"))
    zero = (d[["x", "y", "z"]] == 0).any(axis=1)
    return {
        "hmda": {
            "29 loans": (h["lvrat"] > 1).sum(),
            "44 of the 48": (h["insurance"] & h["deny"]).sum(),
            "3 rows repeat": h.duplicated().sum(),
        },
        "email": {
            "1,090 messages": e["sent_email"].sum(),
            "5 rows repeat": e.duplicated().sum(),
        },
        "diamonds": {
            "20 stones": zero.sum(),
            "3 one of 31 mm": (d[["x", "y", "z"]] > 31).any(axis=1).sum(),
            "146 rows repeat": d.duplicated().sum(),
        },
    }


def test_numbers_in_the_prose_of_the_cards_are_in_the_data(flights):
    found = {"flights": numbers_on_flights_card(flights), **numbers_on_other_cards()}
    for name, numbers in found.items():
        prose = " ".join(datasets.card(name).faults)
        for text, value in numbers.items():
            assert text in prose
            assert int(text.split()[0].replace(",", "")) == value, text
    hmda, email = datasets.load("hmda").frame, datasets.load("email").frame
    assert hmda["insurance"].sum() == 48
    assert not (email["sent_email"] & email["spam"]).any()
    assert email["from"].sum() == len(email) - 3
    prices = datasets.load("diamonds").frame["price"]
    assert not prices.between(1456, 1544).any()


def test_numbers_in_the_prose_of_the_remote_cards():
    e, b = loaded("elec2").frame, loaded("banking77").frame
    assert e["vicprice"].ne(e["vicprice"].iloc[0]).idxmax() == 17_424
    same = (e["class"] == e["class"].shift()).mean()
    assert round(100 * same) == 85
    parts = dict(list(b.groupby("split", observed=True)))
    text = {part: rows["text"].str.lower().str.strip() for part, rows in parts.items()}
    assert text["test"].isin(text["train"]).sum() == 6
    assert (parts["test"]["category"].value_counts() == 40).all()
    sizes = parts["train"]["category"].value_counts()
    assert sizes.max() > 5 * sizes.min()
    assert b["category"].nunique() == 77


@pytest.mark.parametrize("name", ALL)
def test_card_shows_the_same_content_everywhere(name):
    card = datasets.card(name)
    plain, page, markdown = str(card), card._repr_html_(), card.to_markdown()
    for text in (plain, page, markdown):
        for heading in ("Licence", "Known faults", "Must not be used for"):
            assert heading in text
        for column in card.columns.index:
            assert column in text
    # In a notebook the list would change with every notebook that is added.
    shown = [
        text for text in (plain, page, markdown) if "Notebooks that use it" in text
    ]
    assert shown == [markdown]
    assert repr(card) == plain
    assert markdown.startswith(f"# {card.title}\n")
    assert card.to_markdown(level=2).startswith(f"## {card.title}\n")
    assert "href" not in page
    assert "nan" not in plain.lower().split()


def test_card_escapes_html_and_pipes():
    facts = {**datasets.card("hmda").facts, "title": "a <b> & c"}
    facts["columns"] = {"x|y": {**facts["columns"]["deny"], "meaning": "<i>|"}}
    card = datasets.Card(facts)
    page = card._repr_html_()
    assert "a &lt;b&gt; &amp; c" in page
    assert "<i>" not in page
    assert r"| `x\|y` |" in card.to_markdown()


def test_card_attributes():
    card = datasets.card("flights")
    assert card.licence == "CC0 1.0"
    assert isinstance(card.faults, tuple)
    assert "faults" in dir(card)
    with pytest.raises(AttributeError, match="the card has no 'license'"):
        _ = card.license
    with pytest.raises(KeyError, match="flights has no table 'trains'"):
        card.table_columns("trains")
    assert pickle.loads(pickle.dumps(card)).rows == 336_776
