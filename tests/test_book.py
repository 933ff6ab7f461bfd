"""The book of the course, built once: whole, offline, linked, and alive."""

# ruff: noqa: E402  (the tools are no package: their folder goes on the path first)

import importlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import html5lib
import pytest

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / "tools"
sys.path.insert(0, str(TOOLS))

import _book_api
import _book_check
import _book_notebooks

import book
from mlworkbench import datasets

HEAVIEST = 1_500_000  # bytes of a notebook page with its pictures


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """Build the book of the course once, also when several workers want it."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:  # the folder that all workers share
        folder = folder.parent
    with book._only_one(folder / "book.lock"):
        log = folder / "book.log"
        if not log.exists():
            options = ["--out", folder / "book", "--work", folder / "book-work"]
            run = subprocess.run(
                [sys.executable, TOOLS / "book.py", "build", *options],
                capture_output=True,
                encoding="utf-8",
                check=False,
            )
            words = {"code": run.returncode, "text": run.stdout + run.stderr}
            log.write_text(json.dumps(words), encoding="utf-8")
    return folder / "book" / "html", json.loads(log.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def site(built):
    """Give the folder of the built book."""
    folder, log = built
    if log["code"]:
        pytest.fail(f"the book does not build:\n{log['text'][-4000:]}", pytrace=False)
    return folder


@pytest.fixture(scope="session")
def pages(site):
    """Give what each page holds and refers to, by its path."""
    return {
        path.relative_to(site).as_posix(): _book_check.read_page(
            path.read_text(encoding="utf-8")
        )
        for path in site.rglob("*.html")
    }


@pytest.fixture(scope="session")
def notebooks():
    return _book_notebooks.read_all(ROOT / "notebooks")


def test_the_book_builds_without_a_warning(built):
    assert built[1]["code"] == 0, built[1]["text"][-4000:]
    assert "WARNING" not in built[1]["text"]


def test_nothing_is_fetched_from_elsewhere_and_every_link_leads_somewhere(site):
    assert _book_check.faults(site) == []


def test_no_page_breaks_the_grammar_of_html(site):
    found = []
    for path in site.rglob("*.html"):
        parser = html5lib.HTMLParser()
        parser.parse(path.read_text(encoding="utf-8"))
        found += [(path.name, *error[:2]) for error in parser.errors]
    assert found == []


def test_every_notebook_has_its_page_in_reading_order(site, pages, notebooks):
    names = [f"{notebook.page}.html" for notebook in notebooks]
    assert names, "there are no notebooks"
    assert set(names) <= set(pages)
    chapters = _book_notebooks.chapters(notebooks)
    assert {f"chapters/{name}.html" for name in chapters} <= set(pages)
    for name, members in chapters.items():
        order = [
            link.rsplit("/", 1)[-1] for link in pages[f"chapters/{name}.html"].links
        ]
        wanted = [f"{notebook.page.rsplit('/', 1)[-1]}.html" for notebook in members]
        places = [order.index(page) for page in wanted]
        assert places == sorted(places)


def test_every_card_has_its_page(site, pages):
    names = datasets.names()
    assert {f"cards/{name}.html" for name in names} <= set(pages)
    assert f"{names[0]}.html" in pages["cards/index.html"].links


@pytest.mark.parametrize("room", _book_api.rooms())
def test_every_public_name_has_an_anchor_that_stays(pages, room):
    page = pages[f"api/{room}.html"]
    names = [f"mlworkbench.{room}.{name}" for name in _book_api.public_names(room)]
    assert names
    assert set(names) <= page.ids
    listed = {link.partition("#")[2] for link in pages["api/index.html"].links}
    assert set(names) <= listed


def test_a_helper_and_its_notebooks_link_to_each_other(pages, notebooks):
    known = {name for name in _book_api.all_names() if ".notebook." not in name}
    pairs = [(name, n.page) for n in notebooks for name in n.uses & known]
    assert pairs, "no notebook uses a helper"
    for name, page in pairs:
        room, end = name.split(".")[1], page.removeprefix("notebooks/")
        there = [link for link in pages[f"{page}.html"].links if link.endswith(name)]
        back = [x for x in pages[f"api/{room}.html"].links if x.endswith(f"{end}.html")]
        assert there, f"{page} does not link to {name}"
        assert back, f"{name} does not link to {page}"


def test_used_in_stands_at_the_helper(site, notebooks):
    text = (site / "api" / "sampling.html").read_text(encoding="utf-8")
    first, second = _book_api.public_names("sampling")[:2]
    name = f"mlworkbench.sampling.{first}"
    start, end = (
        text.index(f'id="{name}"'),
        text.index(f'id="mlworkbench.sampling.{second}"'),
    )
    used_in = text[start:end].partition("Used in</p>")[2].partition("</p>")[0]
    users = [notebook.title for notebook in notebooks if name in notebook.uses]
    assert users
    assert all(title in used_in for title in users)


def test_the_search_index_knows_the_helpers_and_the_words_of_the_pages(site):
    text = (site / "searchindex.js").read_text(encoding="utf-8")
    index = json.loads(re.fullmatch(r"Search\.setIndex\((.*)\)\s*;?\s*", text)[1])
    names = {entry[-1] for entries in index["objects"].values() for entry in entries}
    assert set(_book_api.public_names("sampling")) <= names
    assert "reservoir" in index["terms"]
    assert "strata" in index["terms"]


def test_no_notebook_page_is_heavy(site, notebooks):
    for notebook in notebooks:
        path = site / f"{notebook.page}.html"
        text = path.read_text(encoding="utf-8")
        images = {
            path.parent / source for source in re.findall(r'src="([^"]*\.png)"', text)
        }
        weight = len(text.encode()) + sum(
            p.stat().st_size for p in images if p.exists()
        )
        assert weight < HEAVIEST, f"{notebook.page}: {weight} bytes"


def test_the_download_is_the_committed_notebook(site, notebooks):
    for notebook in notebooks:
        given = (site / "_sources" / f"{notebook.page}.ipynb").read_bytes()
        assert given == (ROOT / f"{notebook.page}.ipynb").read_bytes()


def test_claims_and_live_widgets_stay_out_of_the_pages(site, notebooks):
    for notebook in notebooks:
        text = (site / f"{notebook.page}.html").read_text(encoding="utf-8")
        assert "claim(" not in re.sub(r"<[^>]*>", "", text)
        assert "widget-view" not in text


def test_the_docstring_role_links_only_names_that_exist(site):
    text = (site / "api" / "sampling.html").read_text(encoding="utf-8")
    module = importlib.import_module("mlworkbench.sampling")
    assert 'title="mlworkbench.sampling.stratified_sample"' in text
    assert hasattr(module, "stratified_sample")


def explorer_page(site, notebooks):
    """Give the first notebook page with an explorer."""
    for notebook in notebooks:
        path = site / f"{notebook.page}.html"
        if 'data-mlw="control"' in path.read_text(encoding="utf-8"):
            return path
    raise AssertionError("no page of the book has an explorer")


@pytest.mark.browser
def test_an_explorer_answers_to_the_keyboard(site, notebooks, offline_page):
    page = offline_page
    page.goto(explorer_page(site, notebooks).as_uri())
    group = page.locator('[role=group]:has([data-mlw="control"])').first
    slider, view = group.locator("input").first, group.locator("[data-mlw=view]")
    before = view.inner_html()
    slider.focus()
    page.keyboard.press("End")
    moved = view.inner_html()
    if moved == before:  # it stood at its end
        page.keyboard.press("Home")
        moved = view.inner_html()
    assert moved != before
    assert group.get_by_text("Run this cell").count() == 0
    assert page.troubles == []


@pytest.mark.browser
def test_search_finds_reservoir_without_a_network(site, offline_page):
    page = offline_page
    page.goto(f"{(site / 'search.html').as_uri()}?q=reservoir")
    result = page.locator("#search-results li a").first
    result.wait_for()
    links = page.locator("#search-results li a").evaluate_all(
        "links => links.map(link => link.getAttribute('href'))"
    )
    assert any("ReservoirSampler" in link for link in links)
    assert any("notebooks/" in link for link in links)


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_pages_ask_for_nothing_and_fit_the_screen(
    site, notebooks, offline_page, scheme, width
):
    page = offline_page
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 844})
    for path in (
        site / "index.html",
        explorer_page(site, notebooks),
        site / "api" / "sampling.html",
        site / "cards" / "flights.html",
        site / "chapters" / "ch04_training_data.html",
    ):
        page.goto(path.as_uri())
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{path.name} is {wide} px wider than the screen"
        assert page.evaluate("document.documentElement.dataset.theme") == scheme
    away = [url for url in page.asked if not url.startswith(("file:", "data:"))]
    assert away == []
    assert page.troubles == []
