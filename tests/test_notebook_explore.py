import base64
import html
import io
import json
import re
import sys

import html5lib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure
from PIL import Image

from mlworkbench._report import Report
from mlworkbench.notebook import Explorer, explore

VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.fixture(autouse=True)
def no_figures_of_other_tests():
    plt.close("all")


def bars(k, grid=False):
    figure, axes = plt.subplots(figsize=(4, 2))
    axes.bar(range(k), range(k))
    axes.grid(grid)
    axes.set(title=f"{k} bars & <more>", xlabel="bar", ylabel="height (cm)")
    return figure


def table(k, by):
    return pd.DataFrame({"k": [k] * 2, "by": by, "share": [k / 7, 0.5]})


def data_of(explorer):
    """Read what the still page stores, as its script does."""
    found = re.search(
        r'<script type="application/json">(.*?)</script>',
        explorer._repr_html_(),
        re.DOTALL,
    )
    return json.loads(found[1])


# ---- controls ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "kind", "labels", "first"),
    [
        ([10, 20], "slider", ("10", "20"), 10),
        ((0.5, 1), "slider", ("0.5", "1"), 0.5),
        (range(1000, 3000, 1000), "slider", ("1,000", "2,000"), 1000),
        (np.linspace(0, 1, 3), "slider", ("0", "0.5", "1"), 0.0),
        (pd.Series([3, 1]), "slider", ("3", "1"), 3),
        ([0.12341, 0.12342], "slider", ("0.12341", "0.12342"), 0.12341),
        (["a", "b"], "dropdown", ("a", "b"), "a"),
        ({"few": [1], "many": [1, 2]}, "dropdown", ("few", "many"), [1]),
        ((True, False), "checkbox", ("no", "yes"), True),
        (False, "checkbox", ("no", "yes"), False),
        (np.bool_(True), "checkbox", ("no", "yes"), True),
    ],
)
def test_values_choose_their_control(values, kind, labels, first):
    explorer = explore(lambda x: f"{x}", x=values)
    assert explorer._controls[0].kind == kind
    assert explorer._controls[0].labels == labels
    assert explorer.value == {"x": first}
    assert not isinstance(explorer.value["x"], np.generic)


@pytest.mark.parametrize(
    ("values", "error", "message"),
    [
        ([10], ValueError, r"control x has 1 value\(s\); pass two or more"),
        ([], ValueError, r"control x has 0 value"),
        ([1, 1], ValueError, r"control x has the same value twice: \['1'\]"),
        ([1, float("nan")], ValueError, "not finite"),
        ([1, "a"], TypeError, "values of type int, str; pass numbers"),
        ([True, True], ValueError, r"pass \(True, False\)"),
        ("abc", TypeError, "control x is 'abc'; pass the values it can take"),
        (7, TypeError, "control x is 7; pass the values it can take"),
        ([None, None], TypeError, "NoneType"),
        ({1, 2}, TypeError, "pass the values it can take"),
    ],
)
def test_bad_values_are_explained(values, error, message):
    with pytest.raises(error, match=message):
        explore(lambda x: f"{x}", x=values)


@pytest.mark.parametrize(
    ("start", "message"),
    [
        ({"j": 1}, "no control called j; there is k"),
        ({"k": 15}, "k is 15; this control takes 10, 20"),
        ({"k": "many"}, "k is 'many'"),
    ],
)
def test_a_bad_start_is_explained(start, message):
    with pytest.raises(ValueError, match=message):
        explore(lambda k: f"{k}", k=[10, 20], start=start)


def test_a_dropdown_takes_the_label_or_the_value():
    explorer = explore(lambda w: f"{sum(w)}", w={"even": [1, 1], "odd": [1, 3]})
    explorer.set(w="odd")
    assert explorer.text == "4"
    explorer.set(w=[1, 1])
    assert explorer.text == "2"


def test_a_slider_forgives_the_last_bit():
    explorer = explore(lambda t: f"{t:.1f}", t=[0.1 + 0.2, 0.5])
    explorer.set(t=0.5)
    explorer.set(t=0.3)
    assert explorer.text == "0.3"


def test_nothing_moves_when_one_value_is_wrong():
    explorer = explore(lambda a, b: f"{a}{b}", a=[1, 2], b=["x", "y"])
    with pytest.raises(ValueError, match="b is 'z'"):
        explorer.set(a=2, b="z")
    assert explorer.value == {"a": 1, "b": "x"}


# ---- the function -----------------------------------------------------------


def test_what_is_not_a_function_or_has_no_control_is_refused():
    with pytest.raises(TypeError, match="explore got a str; pass a function"):
        explore("text", k=[1, 2])
    with pytest.raises(TypeError, match="explore has no control"):
        explore(lambda: "x")
    with pytest.raises(TypeError, match=r"the controls \(j\) do not fit the function"):
        explore(lambda k: "x", j=[1, 2])


def test_an_error_says_for_which_values():
    def fails(k, by):
        return f"{1 / (k - 2)}"

    with pytest.raises(ZeroDivisionError) as caught:
        explore(fails, k=[1, 2], by=["a", "b"])
    assert caught.value.__notes__ == [
        "explore was computing the frame for k = 2, by = a"
    ]


@pytest.mark.parametrize(
    ("result", "message"),
    [(None, "returned nothing"), ({1: 2}, "returned a dict"), (object(), "object")],
)
def test_a_result_that_cannot_be_shown_is_explained(result, message):
    with pytest.raises(TypeError, match=message):
        explore(lambda k: result, k=[1, 2])


def test_each_combination_is_computed_once_and_never_again():
    calls = []

    def count(a, b):
        calls.append((a, b))
        return "x"

    explorer = explore(count, a=[1, 2], b=["x", "y", "z"])
    explorer.set(a=2)
    explorer._repr_mimebundle_()
    assert sorted(calls) == [(a, b) for a in (1, 2) for b in "xyz"]


def test_too_many_frames_name_the_control_to_thin_before_any_call():
    def never(k, j):
        raise AssertionError("called")

    message = r"1,000 frames, 100 \(k\) × 10 \(j\); at most 200 .* give k fewer"
    with pytest.raises(ValueError, match=message):
        explore(never, k=range(100), j=range(10))


def test_too_many_figures_are_refused_after_the_first():
    calls = []

    def draw(k):
        calls.append(k)
        return bars(2)

    with pytest.raises(
        ValueError, match=r"41 figures.* at most 40 .* fewer .* than 41"
    ):
        explore(draw, k=range(41))
    assert calls == [0]
    assert plt.get_fignums() == []


def test_frames_too_heavy_for_a_notebook_are_refused():
    with pytest.raises(ValueError, match=r"the 4 frames take \d+ KB; .* room for 300"):
        explore(lambda k: str(k) * 100_000, k=range(4))


# ---- results ----------------------------------------------------------------


class Audit(Report):
    title = "An audit <of> it"


@pytest.mark.parametrize(
    ("result", "inside", "text"),
    [
        ("a < b, `code`", "a &lt; b, <code>code</code>", "a < b, `code`"),
        (0.72134, "0.7213", "0.7213"),
        (np.int64(336776), "336,776", "336,776"),
        (pd.DataFrame({"a": [0.12345]}), "<td>0.123</td>", "a\n0.123"),
        (pd.Series([1.5], index=["JFK"], name="s"), "<th>JFK</th>", "s\nJFK  1.5"),
        (Audit(pd.DataFrame({"a": [1]})), "An audit &lt;of&gt; it", None),
    ],
)
def test_results_are_shown(result, inside, text):
    explorer = explore(lambda k: result, k=[1, 2])
    assert inside in explorer.result
    if text is not None:
        lines = [line.strip() for line in explorer.text.splitlines()]
        assert lines == text.splitlines()


@pytest.mark.parametrize("kind", ["figure", "axes", "many", "bare", "inner"])
def test_whatever_belongs_to_a_figure_is_drawn(kind):
    def draw(k):
        if kind == "bare":
            figure = Figure(figsize=(4, 2))
            figure.subplots().set_title(f"{k} bars")
            return figure
        if kind == "inner":
            return bars(k).add_subfigure(plt.GridSpec(1, 1)[0])
        axes = bars(k).axes[0]
        return {"figure": axes.figure, "axes": axes, "many": np.array([axes])}[kind]

    explorer = explore(draw, k=[2, 3])
    assert explorer.result.startswith("<img alt=")
    assert plt.get_fignums() == []


def test_a_figure_that_was_open_before_stays_open():
    mine = plt.figure()
    explore(bars, k=[2, 3])
    assert plt.get_fignums() == [mine.number]
    plt.close(mine)


def picture_of(markup):
    code = re.search(r"base64,([A-Za-z0-9+/=]+)", markup)[1]
    return Image.open(io.BytesIO(base64.b64decode(code)))


def test_pictures_are_small_and_say_what_they_show():
    explorer = explore(bars, k=[2, 9], grid=True)
    explorer.set(k=9, grid=False)
    picture = picture_of(explorer.result)
    assert picture.size == (400, 200)
    assert picture.mode == "P"
    assert len(picture.getcolors()) <= 32
    assert picture.convert("RGB").getpixel((399, 0)) == (255, 255, 255)
    assert len(explorer.result) < 7 * 1024
    assert explorer.text == "9 bars & <more>. k = 9, grid = no"
    assert f'alt="{html.escape(explorer.text)}"' in explorer.result


def test_a_wide_figure_is_at_most_640_pixels_and_transparency_becomes_white():
    def wide(k):
        figure, axes = plt.subplots(figsize=(16, 4), facecolor="none")
        figure.suptitle("Wide")
        axes.plot([0, k])
        return figure

    explorer = explore(wide, k=[1, 2])
    picture = picture_of(explorer.result)
    assert picture.size == (640, 160)
    assert picture.convert("RGB").getpixel((0, 0)) == (255, 255, 255)
    assert explorer.text == "Wide. k = 1"


# ---- the still page ---------------------------------------------------------


def test_the_page_is_valid_html_and_refers_to_nothing_outside():
    explorer = explore(
        table, k=[1, 2, 3], by={"<b>&\"'": "x", "y": "y"}, title="A & <B>"
    )
    page = f"<!doctype html><title>t</title>{explorer._repr_html_()}"
    html5lib.HTMLParser(strict=True).parse(page)
    assert not re.search(r"https?:|//|\bid=|\bsrc=\"(?!data:)", page)
    assert 'aria-label="A &amp; &lt;B&gt;"' in page


def test_the_page_is_the_same_every_time():
    one, two = (explore(bars, k=[2, 3])._repr_html_() for _ in range(2))
    assert one == two


def test_equal_frames_are_stored_once_and_the_first_only_in_the_page():
    explorer = explore(lambda k: f"{k % 2}", k=range(6), start={"k": 3})
    data = data_of(explorer)
    assert data["index"] == [0, 1, 0, 1, 0, 1]
    assert data["frames"][1] is None
    assert ">0</p>" in data["frames"][0]
    assert data["start"] == 3


def test_the_stored_frames_follow_the_controls_like_the_live_ones():
    explorer = explore(table, k=[1, 2, 3], by=["x", "y"], start={"k": 2})
    data, first = data_of(explorer), explorer.result
    for i, k in enumerate([1, 2, 3]):
        for j, by in enumerate("xy"):
            explorer.set(k=k, by=by)
            stored = data["frames"][data["index"][i * 2 + j]]
            assert (first if stored is None else stored) == explorer.result


@given(st.text(max_size=60))
def test_no_text_can_end_the_script(text):
    explorer = explore(lambda k: f"{k}{text}", k=[1, 2], title="T")
    data = data_of(explorer)
    explorer.set(k=2)
    assert data["frames"][1] == explorer.result


@pytest.mark.parametrize("text", ["</script>", "<!--<script>", "]]>", "\u2028"])
def test_markup_that_scripts_fear_stays_data(text):
    class Raw:
        def _repr_html_(self):
            return f"<p>{text}</p>"

    explorer = explore(lambda k: Raw() if k else "first", k=[0, 1])
    markup = explorer._repr_html_()
    script = markup[markup.index('<script type="application/json">') :]
    assert data_of(explorer)["frames"][1] == f"<p>{text}</p>"
    tree = html5lib.parse(script, namespaceHTMLElements=False)
    assert len(tree.findall(".//script")) == 2


def test_the_output_is_the_start_wherever_the_controls_stand():
    explorer = explore(lambda k: f"{k}", k=[1, 2, 3])
    before = explorer._repr_html_(), repr(explorer)
    explorer.set(k=3)
    assert (explorer._repr_html_(), repr(explorer)) == before


def test_the_plain_text_is_short():
    explorer = explore(lambda **_: "x", k=range(9), by=["a", "b"], log=True, title="T")
    assert repr(explorer) == (
        "Explorer: T\n  k: 0, 1, ..., 8 (9 values)\n  by: a, b\n  log: no, yes"
    )


def test_the_title_is_the_name_of_the_function():
    assert explore(bars, k=[1, 2]).title == "bars"
    assert explore(lambda k: "x", k=[1, 2]).title == "Explorer"


# ---- live -------------------------------------------------------------------


@pytest.fixture
def live():
    explorer = explore(
        table, k=[1, 2, 3], by=["x", "y"], start={"k": 2}, title="A table"
    )
    bundle = explorer._repr_mimebundle_()
    assert sorted(bundle) == [VIEW, "text/html", "text/plain"]
    return explorer


def test_a_widget_moves_the_explorer(live):
    slider, dropdown = live._live._widgets
    slider.value = 2
    dropdown.value = 1
    assert live.value == {"k": 3, "by": "y"}
    assert live.result in live._live._output.value


def test_the_explorer_moves_its_widgets(live):
    live.set(k=1, by="y")
    slider, dropdown = live._live._widgets
    assert (slider.value, slider.label, dropdown.label) == (0, "1", "y")
    assert live.result in live._live._output.value


def test_a_checkbox_lives_too():
    explorer = explore(lambda log: f"{log}", log=True)
    explorer._repr_mimebundle_()
    assert explorer._live._widgets[0].value is True
    explorer._live._widgets[0].value = False
    assert explorer.value == {"log": False}
    assert explorer.text == "False"


def test_showing_it_twice_shows_the_same_widgets(live):
    assert live._repr_mimebundle_()[VIEW] == live._repr_mimebundle_()[VIEW]


def test_without_ipywidgets_there_is_the_still_page(monkeypatch):
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    explorer = explore(lambda k: f"{k}", k=[1, 2])
    assert sorted(explorer._repr_mimebundle_()) == ["text/html", "text/plain"]


@given(
    st.lists(st.integers(-50, 50), min_size=2, max_size=6, unique=True),
    st.lists(st.sampled_from("abcdef"), min_size=2, max_size=4, unique=True),
    st.data(),
)
def test_any_move_gives_what_the_function_gives(numbers, words, data):
    explorer = explore(lambda n, w: f"{n}{w}", n=numbers, w=words)
    assert isinstance(explorer, Explorer)
    n, w = data.draw(st.sampled_from(numbers)), data.draw(st.sampled_from(words))
    explorer.set(n=n, w=w)
    assert explorer.value == {"n": n, "w": w}
    assert explorer.text == f"{n}{w}"


def test_tables_carry_their_own_style_in_both_modes():
    frame = pd.DataFrame({"kind": ["a"], "n": [1]})
    own = "<table style='color:red'><tr><td>1</td></tr></table>"

    class Shown:
        def _repr_html_(self):
            return own

    airy = '<table style="text-align:right;border-spacing:.75em .2em" class='
    for result in (frame, Report(frame), Report(frame.set_index("kind"))):
        explorer = explore(lambda k, result=result: result, k=[1, 2])
        assert explorer.result.count(airy) == 1
        assert explorer._repr_html_().count(airy) == 1
        explorer._repr_mimebundle_()
        assert airy in explorer._live._output.value
    assert explore(lambda k: Shown(), k=[1, 2]).result == own
