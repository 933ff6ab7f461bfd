"""The parts of the book's tool, and small books that show what it refuses."""

# ruff: noqa: E402  (the tools are no package: their folder goes on the path first)

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / "tools"
sys.path.insert(0, str(TOOLS))

import _book_check
import _book_notebooks
import _book_stage

import book

WIDGET = "application/vnd.jupyter.widget-view+json"


def markdown(source):
    return {"cell_type": "markdown", "id": "m", "metadata": {}, "source": source}


def code(source, *outputs, **metadata):
    data = [
        {"output_type": "display_data", "metadata": {}, "data": one} for one in outputs
    ]
    return {
        "cell_type": "code",
        "id": "c",
        "metadata": metadata,
        "source": source,
        "execution_count": 1,
        "outputs": data,
    }


def notebook(*cells):
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [{**cell, "id": f"cell-{i}"} for i, cell in enumerate(cells)]
    return {
        "cells": cells,
        "metadata": {"kernelspec": kernel, "widgets": {"state": {}}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def staged(*cells, names=None, cards=()):
    one = _book_notebooks.Notebook("notebooks/ch01_x/01_y", notebook(*cells))
    return json.loads(one.staged(names or {}, set(cards)))


# Staging --------------------------------------------------------------------


def test_the_first_line_with_alt_text_moves_to_the_picture():
    cell = staged(code("# alt: a line that falls\nplt.plot(x)", {"image/png": ""}))
    assert cell["cells"][0]["source"] == "plt.plot(x)"
    assert cell["cells"][0]["metadata"]["mystnb"] == {
        "image": {"alt": "a line that falls"}
    }


def test_claims_are_removed_and_live_widgets_give_way():
    cells = staged(
        code("nb.claim('1', 1)", tags=["claims"]),
        code("nb.explore(f)", {WIDGET: {}, "text/html": "<p>", "text/plain": "p"}),
    )["cells"]
    assert "remove-cell" in cells[0]["metadata"]["tags"]
    assert set(cells[1]["outputs"][0]["data"]) == {"text/html", "text/plain"}


def test_a_notebook_ends_with_the_way_to_its_helpers():
    source = "from mlworkbench import sampling\nsampling.draw()"
    names = {"draw": "mlworkbench.sampling.draw"}
    last = staged(code(source), names=names)["cells"][-1]
    assert "{py:obj}`sampling.draw <mlworkbench.sampling.draw>`" in last["source"]
    assert len(staged(code("1"), names=names)["cells"]) == 1


def test_notebooks_are_read_in_the_order_of_the_folders(tmp_path):
    for name in ("ch02_b/01_x", "00_start", "ch01_a/02_x", "ch01_a/01_x"):
        path = tmp_path / f"{name}.ipynb"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(notebook(markdown(f"# {name}"))), encoding="utf-8")
    hidden = tmp_path / ".ipynb_checkpoints"
    hidden.mkdir()
    (hidden / "x.ipynb").write_text("{}", encoding="utf-8")
    titles = [one.title for one in _book_notebooks.read_all(tmp_path)]
    assert titles == ["00_start", "ch01_a/01_x", "ch01_a/02_x", "ch02_b/01_x"]


def test_sync_writes_what_changed_and_removes_what_is_gone(tmp_path):
    assert _book_stage.sync({"a/b": b"1", "c": b"2"}, tmp_path) == 2
    before = (tmp_path / "c").stat().st_mtime_ns
    assert _book_stage.sync({"a/b": b"1", "c": b"2"}, tmp_path) == 0
    assert _book_stage.sync({"c": b"2", "d": b"3"}, tmp_path) == 2
    assert (tmp_path / "c").stat().st_mtime_ns == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["c", "d"]


def test_buttons_for_a_repository_exist_only_where_there_is_one():
    def options(repository):
        text = _book_stage._config(_book_stage.Book(ROOT, repository))
        return yaml.safe_load(text)["sphinx"]["config"]["html_theme_options"]

    assert "launch_buttons" not in options("")
    assert options("")["use_repository_button"] is False
    assert options("https://example.org/a/b")["repository_url"].endswith("/a/b")
    assert options("https://example.org/a/b")["launch_buttons"]["binderhub_url"]


# Checking -------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        '<script src="https://x.org/a.js"></script>',
        '<link rel="stylesheet" href="//x.org/a.css">',
        "<link rel='preconnect' href='https://x.org'>",
        '<img alt="a" src="http://x.org/a.png">',
        '<img alt="a" srcset="a.png 1x, https://x.org/b.png 2x">',
        '<p style="background: url(https://x.org/a.png)">a</p>',
        '<style>@import "https://x.org/a.css";</style>',
        '<style>@font-face {src: url("//x.org/a.woff")}</style>',
        '<script type="module">import x from "https://x.org/a.js";</script>',
        '<script>fetch("https://x.org/a")</script>',
        '<form action="https://x.org/search"></form>',
        '<object data="https://x.org/a"></object>',
    ],
)
def test_a_remote_reference_is_found(tmp_path, text):
    (tmp_path / "a.html").write_text(text, encoding="utf-8")
    (fault,) = _book_check.faults(tmp_path)
    assert "x.org" in fault
    assert "elsewhere" in fault


def test_a_remote_reference_in_a_stylesheet_is_found(tmp_path):
    text = "@import url(https://x.org/a.css); p {color: red}"
    (tmp_path / "a.css").write_text(text, encoding="utf-8")
    assert _book_check.faults(tmp_path) == [
        "a.css: fetches https://x.org/a.css from elsewhere"
    ]


def test_dead_links_and_mute_images_are_found_and_living_ones_are_not(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "b.html").write_text(
        '<p id="here">b</p><a href="../a.html#é">a</a>', encoding="utf-8"
    )
    (tmp_path / "a.html").write_text(
        '<p id="é">a</p><a href="#%C3%A9">x</a><a href="sub/b.html#here">y</a>'
        '<a href="https://doi.org/1">paper</a><a href="mailto:a@b.c">post</a>'
        '<a href="sub/b.html#gone">dead</a><a href="c.html">dead</a>'
        '<img src="a.png"><img src="b.png" alt="a bee"><img src="c.png" alt=" ">',
        encoding="utf-8",
    )
    assert _book_check.faults(tmp_path) == [
        "a.html: image a.png has no alt text",
        "a.html: image c.png has no alt text",
        "a.html: link to sub/b.html#gone, which has no such anchor",
        "a.html: link to c.html, which does not exist",
    ]


# A small book ---------------------------------------------------------------


@pytest.fixture
def small(tmp_path):
    """Write a book of two pages that builds."""
    (tmp_path / "book").mkdir()
    shutil.copytree(ROOT / "book" / "_static", tmp_path / "book" / "_static")
    shutil.copy(ROOT / "book" / "_config.yml", tmp_path / "book")
    (tmp_path / "book" / "index.md").write_text("# A small book\n", encoding="utf-8")
    cells = [
        markdown("# Title\n\n> **Note.** Mind this.\n\n$k/n$"),
        code("hidden_cell = 1", tags=["claims", "remove-cell"]),
        code("folded_cell = 1", tags=["hide-input"]),
        code(
            "show()", {WIDGET: {}, "text/html": "<b>still</b>", "text/plain": "plain"}
        ),
    ]
    folder = tmp_path / "notebooks" / "ch01_small"
    folder.mkdir(parents=True)
    text = json.dumps(notebook(*cells))
    (folder / "01_page.ipynb").write_text(text, encoding="utf-8")
    return tmp_path


def build(root):
    return book.build(root, root / "out", course=False)


def test_a_small_book_builds_again_and_a_faulty_page_changes_nothing(small, capfd):
    assert build(small) == 0
    page = small / "out" / "html" / "notebooks" / "ch01_small" / "01_page.html"
    text = page.read_text(encoding="utf-8")
    assert "admonition note" in text
    assert "<b>still</b>" in text
    assert "hidden_cell" not in text
    assert "folded_cell" in text[text.index("<details") :]
    assert 'src="../../_static/../vendor/mathjax/tex-chtml.js' in text
    assert (small / "out" / "html" / "vendor" / "mathjax" / "tex-chtml.js").exists()
    capfd.readouterr()

    assert build(small) == 0
    assert ", 0 changed" in capfd.readouterr().err
    assert page.read_text(encoding="utf-8") == text

    bad = "# A small book\n\n[gone](nowhere.md)\n\n![](x.png)\n"
    (small / "book" / "index.md").write_text(bad, encoding="utf-8")
    for _ in range(2):  # an incremental second run would not see the fault again
        assert build(small) == 1
        shown = capfd.readouterr()
        assert "nowhere.md" in shown.out
        assert "unchanged" in shown.err
    assert page.read_text(encoding="utf-8") == text


def test_a_picture_without_words_is_refused(small, capfd):
    shutil.copy(ROOT / "book" / "_static" / "favicon.svg", small / "book" / "_static")
    text = "# A small book\n\n![](_static/favicon.svg)\n"
    (small / "book" / "index.md").write_text(text, encoding="utf-8")
    assert build(small) == 1
    assert "has no alt text" in capfd.readouterr().err
    assert not (small / "out" / "html").exists()


# The command line -----------------------------------------------------------


def test_an_environment_without_the_extra_is_told_what_to_install(monkeypatch, capsys):
    monkeypatch.setattr(book.importlib.util, "find_spec", lambda name: None)
    assert book.main(["build"]) == 2
    assert "lacks jupyter_book" in capsys.readouterr().err


def test_a_folder_that_is_no_repository_is_refused(tmp_path, capsys):
    assert book.main(["build", "--root", str(tmp_path)]) == 2
    assert "book/_config.yml" in capsys.readouterr().err


def test_serving_needs_a_book_and_a_free_port(tmp_path, capsys):
    arguments = ["serve", "--no-browser", "--out", str(tmp_path)]
    assert book.main(arguments) == 2
    assert "make book" in capsys.readouterr().err
    (tmp_path / "html").mkdir()
    (tmp_path / "html" / "index.html").write_text("<p>", encoding="utf-8")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert book.main([*arguments, "--port", str(port)]) == 2
    assert f"port {port} cannot be used" in capsys.readouterr().err


@pytest.mark.skipif(os.name == "nt", reason="no SIGINT for one process")
def test_a_served_book_is_on_loopback_until_interrupted(tmp_path):
    (tmp_path / "html").mkdir()
    (tmp_path / "html" / "index.html").write_text("<p>hello", encoding="utf-8")
    command = [sys.executable, TOOLS / "book.py", "serve", "--no-browser"]
    with subprocess.Popen(
        [*command, "--port", "0", "--out", tmp_path],
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        line = process.stderr.readline()
        address = line.split()[4]
        assert address.startswith("http://127.0.0.1:")
        with urllib.request.urlopen(address) as answer:
            assert answer.read() == b"<p>hello"
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
    assert process.returncode == 0
    assert rest.endswith("stopped\n")
