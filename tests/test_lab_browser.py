"""JupyterLab itself: a notebook runs, and its explorer answers a key."""

from pathlib import Path

import nbclient
import nbformat
import pytest
from _browser import run_all

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOK = ROOT / "notebooks/ch04_training_data/02_keep_a_fair_sample_of_a_stream.ipynb"
VIEW = "application/vnd.jupyter.widget-view+json"
PROBE = """
import matplotlib.pyplot as plt
from mlworkbench import notebook as nb
nb.setup()
---
def bars(k, grid):
    fig, ax = plt.subplots()
    ax.bar(range(k), range(k))
    ax.grid(grid)
    ax.set(title=f"{k} bars", xlabel="bar", ylabel="height (cm)")
    return fig

nb.explore(bars, k=[2, 4, 8], grid=True, title="Bars")
---
guess = nb.predict("probe", "How high is the last of 4 bars?", unit="cm")
guess
---
plt.plot([1, 2, 3])
plt.show()
---
guess.reveal(3)
"""

pytestmark = pytest.mark.browser


def write_probe(path):
    cells = [nbformat.v4.new_code_cell(c.strip()) for c in PROBE.split("---\n")]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(notebook, path)
    return path


def move_first_slider(page):
    """Press a key on the first slider; give the picture before and after."""
    live = (
        page.locator(".jp-OutputArea-output .widget-vbox")
        .filter(has=page.locator(".widget-slider"))
        .first
    )
    handle = live.locator(".noUi-handle").first
    handle.scroll_into_view_if_needed()
    shown = live.locator(".widget-html-content").last
    before = shown.inner_html()
    handle.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "([box, before]) => box.innerHTML !== before",
        arg=[shown.element_handle(), before],
    )
    return before, shown.inner_html()


def assert_explorer_lives(jupyterlab, notebook):
    """Open a notebook in JupyterLab, run all, move its first slider."""
    with jupyterlab.open(notebook) as page:
        run_all(page)
        before, after = move_first_slider(page)
        assert "<" in before
        assert before != after


def test_an_explorer_answers_a_key_in_jupyterlab(jupyterlab, tmp_path):
    notebook = NOTEBOOK if NOTEBOOK.exists() else write_probe(tmp_path / "probe.ipynb")
    assert_explorer_lives(jupyterlab, notebook)


def test_a_guess_is_locked_in_and_answered_in_jupyterlab(jupyterlab, tmp_path):
    with jupyterlab.open(write_probe(tmp_path / "guess.ipynb")) as page:
        run_all(page)
        assert page.get_by_text("Measured: 3 cm.").count() == 1
        assert page.locator(".jp-OutputArea-output img[src*='image/png']").count() == 2
        button = page.get_by_role("button", name="Lock in my guess")
        button.click()
        page.get_by_text("Write a number, such as 12.5, first.").wait_for()
        page.get_by_placeholder("a number").fill("4 cm")
        button.click()
        page.get_by_text("Your guess was 4 cm, too high by 1 cm.").wait_for()
        assert button.is_disabled()


def test_before_it_is_run_an_explorer_shows_its_stored_picture(jupyterlab, tmp_path):
    notebook = nbformat.read(write_probe(tmp_path / "stored.ipynb"), as_version=4)
    nbclient.NotebookClient(notebook, timeout=120).execute()
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        for output in cell.outputs:
            output.get("data", {}).pop(VIEW, None)
    nbformat.write(notebook, tmp_path / "stored.ipynb")
    with jupyterlab.open(tmp_path / "stored.ipynb") as page:
        page.get_by_alt_text("2 bars. k = 2, grid = yes").wait_for()
        assert page.get_by_text("Run this cell to move the controls.").count() == 1
        assert page.locator(".jp-Notebook summary").count() == 1
