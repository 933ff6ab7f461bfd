"""The still explorer in a real browser, without a kernel and without a network."""

import pandas as pd
import pytest

from mlworkbench import notebook as nb
from mlworkbench.notebook import _setup

pytestmark = pytest.mark.browser


def bars(k, colour):
    import matplotlib.pyplot as plt

    with plt.style.context(_setup.STYLE):
        figure, axes = plt.subplots()
        axes.bar(range(k), range(k), color=colour)
        axes.set(title=f"{k} bars", xlabel="bar", ylabel="height (cm)")
    return figure


def table(share, weighted):
    return pd.DataFrame({"share": [share], "weighted": [weighted]})


@pytest.fixture(scope="module")
def page_file(tmp_path_factory):
    """Write one page with two explorers, one of them twice, a quiz and a guess."""
    one = nb.explore(
        bars, k=[2, 4, 8], colour=["C0", "C1"], start={"k": 4}, title="Bars"
    )
    two = nb.explore(table, share=[0.1, 0.2, 0.3], weighted=True, title="Shares")
    parts = [one, two, one]
    quiz = nb.quiz(
        "Is 9 prime?", {"yes": "It is 3 × 3.", "no": "So it is."}, answer="no"
    )
    guess = nb.predict("x", "Which?", ["a", "b"], why="Because of the sea.")
    body = "".join(part._repr_html_() for part in [*parts, quiz, guess])
    path = tmp_path_factory.mktemp("still") / "page.html"
    path.write_text(
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>t</title>'
        '<meta name="viewport" content="width=device-width"></head>'
        f"<body><main><h1>Page</h1>{body}</main></body></html>",
        encoding="utf-8",
    )
    return path


@pytest.fixture
def page(offline_page, page_file):
    offline_page.goto(page_file.as_uri())
    yield offline_page
    assert offline_page.troubles == []
    asked = [url for url in offline_page.asked if not url.startswith("data:")]
    assert asked == [page_file.as_uri()]


def explorers(page):
    return page.locator("div[role=group]").all()


def shown(explorer):
    return explorer.locator("[data-mlw=view]").inner_html()


def test_a_key_moves_one_explorer_and_no_other(page):
    one, two, three = explorers(page)
    before = [shown(each) for each in (one, two, three)]
    assert 'alt="4 bars. k = 4, colour = C0"' in before[0]
    one.get_by_label("k").press("ArrowRight")
    assert 'alt="8 bars. k = 8, colour = C0"' in shown(one)
    assert one.locator("output").inner_text() == "8"
    assert one.get_by_label("k").get_attribute("aria-valuetext") == "8"
    assert [shown(two), shown(three)] == before[1:]
    one.get_by_label("k").press("ArrowLeft")
    assert shown(one) == before[0]


def test_every_kind_of_control_answers_the_keyboard(page):
    one, two, _ = explorers(page)
    one.get_by_label("colour").press("ArrowDown")
    assert "colour = C1" in shown(one)
    two.get_by_label("weighted").press("Space")
    assert ">False<" in shown(two)
    two.get_by_label("share").press("End")
    assert ">0.3<" in shown(two)
    two.get_by_label("share").press("Home")
    two.get_by_label("weighted").press("Space")
    assert ">0.1<" in shown(two)
    assert ">True<" in shown(two)


def test_tab_reaches_the_controls_in_their_order(page):
    names = []
    for _ in range(4):
        page.keyboard.press("Tab")
        names.append(
            page.evaluate("document.activeElement.closest('label').innerText.trim()")
        )
    assert [name.split("\n")[0].split(" ")[0] for name in names] == [
        "k",
        "colour",
        "share",
        "weighted",
    ]


def test_the_hint_to_run_the_cell_is_gone_and_changes_are_announced(page):
    assert page.get_by_text("Run this cell").count() == 0
    assert page.locator("[data-mlw=view][aria-live=polite]").count() == 3


def test_the_hint_stays_where_scripts_do_not_run(chromium, page_file):
    context = chromium.new_context(java_script_enabled=False, offline=True)
    page = context.new_page()
    page.goto(page_file.as_uri())
    assert page.get_by_text("Run this cell").count() == 3
    assert page.get_by_alt_text("4 bars. k = 4, colour = C0").count() == 2
    context.close()


def test_quiz_and_guess_open_without_a_script(chromium, page_file):
    context = chromium.new_context(java_script_enabled=False, offline=True)
    page = context.new_page()
    page.goto(page_file.as_uri())
    assert not page.get_by_text("It is 3 × 3.").is_visible()
    page.get_by_text("A. yes").press("Enter")
    assert page.get_by_text("It is 3 × 3.").is_visible()
    page.get_by_text("B. b").click()
    assert page.get_by_text("Because of the sea.").nth(1).is_visible()
    context.close()


@pytest.mark.parametrize("width", [320, 390, 900])
def test_nothing_is_wider_than_the_screen(page, width):
    page.set_viewport_size({"width": width, "height": 800})
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width


def test_axe_finds_nothing_to_object_to(page):
    from axe_playwright_python.sync_playwright import Axe

    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
