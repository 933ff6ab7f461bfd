"""Calibrated lists: shares as wanted, ties, inputs, greedy against all lists."""

import itertools

import numpy as np
import pandas as pd
import pytest

from mlworkbench.calibration import calibrated_rerank

SCORES = {f"romance {i}": 1 - i / 100 for i in range(20)}
SCORES |= {f"comedy {i}": 0.5 - i / 100 for i in range(20)}
GENRES = {item: item.split()[0] for item in SCORES}
WANTED = {"romance": 0.8, "comedy": 0.2}


def shares(report):
    return dict(zip(report.frame["genre"], report.frame["got"], strict=True))


def test_eighty_percent_romance_and_twenty_comedy():
    report = calibrated_rerank(SCORES, GENRES, WANTED, 0.95)
    assert shares(report) == pytest.approx(WANTED)
    assert report.kl_divergence == pytest.approx(0, abs=1e-12)
    assert set(report.items) == {f"romance {i}" for i in range(8)} | {
        "comedy 0",
        "comedy 1",
    }
    # By hand: q = (1, 0) smoothed is (.998, .002).
    by_hand = 0.8 * np.log(0.8 / 0.998) + 0.2 * np.log(0.2 / 0.002)
    assert report.kl_by_score == pytest.approx(by_hand)
    assert report.total_score == pytest.approx(8 - 0.28 + 0.99)
    assert report.best_total_score == pytest.approx(9.55)
    assert report.verdict == (
        "0 % of the list would have to change genre to match the history, by score "
        "alone 20 %; the list gives up 8.8 % of the score."
    )
    assert report.notes == ()
    assert str(report).splitlines()[2:5] == [
        report.verdict,
        "distance from the history (KL divergence, 0 is a match): 0.000, by score "
        "alone 0.744",
        "sum of scores: 8.71, by score alone 9.55",
    ]


def test_trade_off_0_is_by_score_and_1_by_calibration():
    by_score = calibrated_rerank(SCORES, GENRES, WANTED, 0)
    assert by_score.items == tuple(f"romance {i}" for i in range(10))
    assert by_score.kl_divergence == by_score.kl_by_score
    backwards = {item: -score for item, score in SCORES.items()}
    calibrated = calibrated_rerank(backwards, GENRES, WANTED, 1)
    assert shares(calibrated) == pytest.approx(WANTED)
    # Within a genre ties go to the higher score.
    first = next(item for item in calibrated.items if item.startswith("romance"))
    assert first == "romance 19"


def test_ties_go_to_the_item_named_first():
    report = calibrated_rerank([1, 1, 1, 1], ["a", "b", "a", "b"], {"a": 1}, 0, k=3)
    assert report.items == (0, 1, 2)
    report = calibrated_rerank([1, 1, 1, 1], ["b", "a", "b", "a"], {"a": 1}, 1, k=2)
    assert report.items == (1, 3)


def test_divergence_falls_as_the_trade_off_rises():
    rng = np.random.default_rng(0)
    genres = pd.DataFrame(rng.dirichlet(np.full(5, 0.3), 200), columns=list("vwxyz"))
    steps = [0, 0.3, 0.6, 0.9, 0.99, 1]
    wish = dict(zip("vwxyz", [0.5, 0.2, 0.1, 0.1, 0.1], strict=True))
    reports = [calibrated_rerank(rng.random(200), genres, wish, t) for t in steps]
    assert reports[-1].kl_divergence < 0.01 < 0.05 < reports[0].kl_divergence


def objective(items, scores, table, wanted, trade_off):
    mixed = 0.99 * table[list(items)].mean(axis=0) + 0.01 * wanted
    kl = np.sum(wanted * np.log(wanted / mixed))
    return (1 - trade_off) * scores[list(items)].sum() - trade_off * kl


def test_greedy_against_all_lists():
    rng = np.random.default_rng(0)
    short = []
    for _ in range(100):
        scores, trade_off = rng.random(8), rng.random()
        table = rng.dirichlet(np.full(4, 0.5), 8)
        wanted = rng.dirichlet(np.ones(4))
        ours = calibrated_rerank(scores, table, wanted, trade_off, k=4)
        every = [
            objective(c, scores, table, wanted, trade_off)
            for c in itertools.combinations(range(8), 4)
        ]
        mine = objective(ours.items, scores, table, wanted, trade_off)
        assert mine <= max(every) + 1e-12
        short.append(max(every) - mine)
    assert np.mean(np.array(short) < 1e-9) > 0.6
    assert np.mean(short) < 0.03
    assert np.max(short) < 0.5


def test_each_place_is_the_best_next_item():
    rng = np.random.default_rng(1)
    scores, table = rng.random(30), rng.dirichlet(np.full(3, 0.5), 30)
    wanted = np.array([0.6, 0.3, 0.1])
    report = calibrated_rerank(scores, table, wanted, 0.7, k=6)
    chosen: list[int] = []
    for item in report.items:
        values = {
            i: objective([*chosen, i], scores, table, wanted, 0.7)
            for i in set(range(30)) - set(chosen)
        }
        assert values[item] == pytest.approx(max(values.values()))
        chosen.append(item)


def test_genres_in_every_form_are_the_same():
    scores = {"x": 0.9, "y": 0.8, "z": 0.7, "w": 0.1}
    forms = [
        {"x": ["a", "b"], "y": "a", "z": ["a"], "w": {"b": 2.0}},
        pd.Series({"x": ["a", "b"], "y": ["a"], "z": ["a"], "w": ["b"]}),
        pd.DataFrame({"a": [1, 1, 1, 0], "b": [1, 0, 0, 1]}, index=list("xyzw")),
        pd.DataFrame({"a": [0, 3, 1, 2], "b": [5, 0, 1, 0]}, index=list("wyxz")),
    ]
    reports = [calibrated_rerank(scores, form, {"b": 1}, 0.9, k=2) for form in forms]
    assert {report.items for report in reports} == {("w", "x")}
    assert reports[0].ranking["genres"].tolist() == ["b", "a, b"]
    assert reports[0].ranking["place_by_score"].tolist() == [4, 1]
    lists = [["a", "b"], ["a"], "a", "b"]
    matrix = [[1, 1], [1, 0], [1, 0], [0, 1]]
    by_place = [0.9, 0.8, 0.7, 0.1]
    assert calibrated_rerank(by_place, lists, {"b": 1}, 0.9, k=2).items == (3, 0)
    assert calibrated_rerank(by_place, matrix, [0.0, 1.0], 0.9, k=2).items == (3, 0)
    frame = forms[2]
    assert calibrated_rerank(by_place, frame, {"b": 1}, 0.9, k=2).items == ("w", "x")
    by_item = pd.Series(scores)
    assert calibrated_rerank(by_item, frame, {"b": 1}, 0.9, k=2).items == ("w", "x")


def test_history_in_every_form_is_the_same():
    genres = GENRES | {"old romance": "romance", "old comedy": "comedy"}
    forms = [
        WANTED,
        {"romance": 8, "comedy": 2},
        pd.Series(WANTED),
        pd.Series({"romance": 8, "comedy": 2}),
        ["romance"] * 4 + ["comedy"],
        ["old romance"] * 4 + ["old comedy"],
        {"old romance": 4, "old comedy": 1},
        pd.Series(["old romance"] * 4 + ["old comedy"]),
        [f"romance {i}" for i in range(4)] + ["comedy 3"],
        pd.DataFrame({"romance": [1, 1, 1, 1, 0], "comedy": [0, 0, 0, 0, 1]}),
        np.array([[0, 1]] * 4 + [[1, 0]]),
        np.array([0.2, 0.8]),
    ]
    for history in forms:
        report = calibrated_rerank(SCORES, genres, history, 0.95)
        wanted = dict(zip(report.frame["genre"], report.frame["wanted"], strict=True))
        assert wanted == pytest.approx(WANTED)
    flags = np.zeros(40, bool)
    flags[[0, 1, 2, 3, 20]] = True
    report = calibrated_rerank(SCORES, GENRES, flags, 0.95)
    assert report.frame["wanted"].tolist() == pytest.approx([0.8, 0.2])


def test_positions_are_items():
    genres = ["a", "a", "b", "b"]
    report = calibrated_rerank([4, 3, 2, 1], genres, np.array([2, 3, 0]), 1, k=3)
    assert shares(report) == pytest.approx({"b": 2 / 3, "a": 1 / 3})


def test_what_cannot_be_had_is_said():
    report = calibrated_rerank(
        {"x": 1.0}, {"x": "a", "seen": "b"}, ["x", "seen"], 0.5, k=10
    )
    assert "no candidate has the genre b, 50 %" in report.notes[0]
    assert "1 candidates for 10 places" in report.notes[1]
    assert np.isfinite(report.kl_divergence)


def test_report_shows_and_draws():
    report = calibrated_rerank(SCORES, GENRES, WANTED, 0.95)
    assert "romance" in str(report)
    assert report.to_dict()["frame"][0] == {
        "genre": "romance",
        "wanted": pytest.approx(0.8),
        "got": pytest.approx(0.8),
        "by_score": 1.0,
    }
    axes = report.plot()
    assert [bar.get_height() for bar in axes.patches] == pytest.approx(
        [80, 20, 80, 20, 100, 0]
    )


@pytest.mark.parametrize(
    ("scores", "genres", "history", "message"),
    [
        (
            {"x": 1.0},
            {"y": "a"},
            ["y"],
            "1 item.s. of scores have no genres .first 'x'",
        ),
        ([1.0, 2.0], ["a"], {"a": 1}, "2 values for 1 items"),
        ([1.0, np.nan], ["a", "b"], {"a": 1}, "nan at place 1"),
        (["p", "q"], ["a", "b"], {"a": 1}, "no numbers"),
        ([1.0, 2.0], ["a", None], {"a": 1}, "item 1 has no genre"),
        ([1.0, 2.0], ["a", "b"], [], "history is empty"),
        ([1.0, 2.0], ["a", "b"], {"c": 1}, "'c', neither an item.*nor a genre"),
        ([1.0, 2.0], ["a", "b"], {"a": -1, "b": 2}, "below 0"),
        ([1.0, 2.0], ["a", "b"], {"a": 0}, "0 only"),
        ([1.0, 2.0], ["a", "b"], {"a": 1, 0: 1}, "not a mixture"),
        ([1.0, 2.0], ["a", "b"], [0.2, 0.3, 0.5], "3 shares for 2 genres"),
        ([1.0, 2.0], ["a", "b"], [True], "1 flags for 2 items"),
        ([1.0, 2.0], ["a", "b"], pd.DataFrame({"c": [1]}), "among the genres"),
        ([1.0, 2.0], [[1.0, -1.0], [0, 1]], {0: 1}, "negative or missing"),
        ([1.0], pd.DataFrame({"genre": ["a"]}), ["a"], "are no numbers"),
        ({}, {"x": "a"}, ["x"], "scores has no items"),
        (pd.Series([1.0, 2.0], ["x", "x"]), {"x": "a"}, ["x"], "item twice"),
        ([1.0, 2.0], pd.Series(["a", "b"], ["x", "x"]), {"a": 1}, "item twice"),
    ],
)
def test_bad_input_is_named(scores, genres, history, message):
    with pytest.raises(ValueError, match=message):
        calibrated_rerank(scores, genres, history, 0.5)


def test_parameters_are_checked():
    def call(trade_off=0.5, **options):
        return calibrated_rerank([1.0, 2.0], ["a", "b"], {"a": 1}, trade_off, **options)

    with pytest.raises(ValueError, match=r"trade_off is 1.5; pass 0 \(by score"):
        call(1.5)
    with pytest.raises(TypeError, match="trade_off is 'half'"):
        call("half")
    with pytest.raises(ValueError, match="k is 0"):
        call(k=0)
    with pytest.raises(ValueError, match="smoothing is 1, so every list matches"):
        call(smoothing=1)
    with pytest.raises(ValueError, match="smoothing is 0"):
        call(smoothing=0)
    with pytest.raises(TypeError, match="item_genres is one text"):
        calibrated_rerank([1.0], "a", ["a"], 0.5)
