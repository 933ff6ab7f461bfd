"""What the notebook room shows survives a strict comparison of outputs."""

import os
import re
import subprocess
import sys
from pathlib import Path

import nbclient
import nbformat
import pytest

SANITIZE = Path(__file__).with_name("nbval_sanitize.cfg")
CELLS = [
    "import matplotlib.pyplot as plt\n"
    "import pandas as pd\n"
    "from mlworkbench import notebook as nb\n"
    "nb.setup()",
    "def bars(k, grid):\n"
    "    fig, ax = plt.subplots()\n"
    "    ax.bar(range(k), range(k))\n"
    "    ax.grid(grid)\n"
    "    ax.set(title=f'{k} bars', xlabel='bar', ylabel='height (cm)')\n"
    "    return fig\n\n"
    "nb.explore(bars, k=[2, 4, 8], grid=True, start={'k': 4})",
    "nb.explore(lambda n: pd.DataFrame({'n': [n], 'half': [n / 2]}), n=range(9))",
    "guess = nb.predict('nbval-rate', 'What share?', unit='%', why='It is so.')\nguess",
    "guess.reveal(23.9)",
    "nb.predict('nbval-best', 'Which?', ['first', 'second'])",
    "nb.quiz('Is 9 prime?', {'yes': 'It is 3 × 3.', 'no': 'Right.'}, answer='no')",
    "nb.check('nbval-1', ..., 3)",
    "nb.check('nbval-1', -3, 3)",
    "nb.check('nbval-2', lambda v: 1 / 0, sum, cases=[([1],)])",
    "nb.claim('23.9 %', 0.239)\nnb.environment()",
    "plt.plot([1, 2])\nplt.show()",
]
VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """Run the probe and store it as the course does: no widget entries."""
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbclient.NotebookClient(notebook, timeout=120).execute()
    notebook.metadata.pop("widgets", None)
    live = 0
    for cell in notebook.cells:
        for output in cell.outputs:
            live += output.get("data", {}).pop(VIEW, None) is not None
    assert live == 4  # two explorers, two guesses
    path = tmp_path_factory.mktemp("nbval") / "probe.ipynb"
    nbformat.write(notebook, path)
    return path


def nbval(*paths):
    line = [sys.executable, "-m", "pytest", "--nbval", *map(str, paths), "-q"]
    line += ["-p", "no:cacheprovider", "-c", os.devnull]
    line += ["--rootdir", str(paths[0].parent)]
    line += ["--nbval-sanitize-with", str(SANITIZE)]
    return subprocess.run(
        line, cwd=paths[0].parent, capture_output=True, text=True, timeout=240
    )


def outputs(path, mime):
    notebook = nbformat.read(path, as_version=4)
    return [
        output["data"][mime]
        for cell in notebook.cells
        for output in cell.outputs
        if mime in output.get("data", {})
    ]


def test_a_strict_comparison_passes_and_finds_one_changed_number(executed):
    changed = executed.with_name("changed.ipynb")
    text = executed.read_text(encoding="utf-8")
    assert text.count("Measured: 23.9 %") == 2  # as text and as HTML
    changed.write_text(text.replace("Measured: 23.9 %", "Measured: 23.8 %"), "utf-8")
    run = nbval(executed, changed)
    assert run.returncode == 1, run.stdout[-4000:]
    assert f"1 failed, {2 * len(CELLS) - 1} passed" in run.stdout, run.stdout[-4000:]
    assert "FAILED changed.ipynb" in run.stdout


def test_pictures_come_as_png_and_nothing_runs_to_the_error_stream(executed):
    notebook = nbformat.read(executed, as_version=4)
    assert len(outputs(executed, "image/png")) == 1
    streams = [
        o for c in notebook.cells for o in c.outputs if o.output_type == "stream"
    ]
    assert streams == []
    assert notebook.cells[0].outputs == []


def test_the_stored_explorer_is_small(executed):
    assert max(map(len, outputs(executed, "text/html"))) < 80 * 1024


def test_the_sanitizer_masks_pictures_in_markup_and_in_scripts():
    text = SANITIZE.read_text(encoding="utf-8")
    rules = re.findall(r"^regex: (.*)$", text, re.MULTILINE)
    samples = {
        "<Figure at 0x7f5b62be2200>": "0x7f5b62be2200",
        "/tmp/ipykernel_123/4567.py:3: Warning": "/tmp/ipykernel_123/4567.py",
        'src="data:image/png;base64,AB+/9=="': "data:image/png;base64,AB+/9==",
        'src=\\"data:image/png;base64,AB+/9==\\"': "data:image/png;base64,AB+/9==",
    }
    for sample, masked in samples.items():
        found = [m[0] for rule in rules if (m := re.search(rule, sample))]
        assert found == [masked]
    assert not any(re.search(rule, "0x12 of 0.7213, 336,776") for rule in rules)
