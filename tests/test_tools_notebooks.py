"""The tools that pair, execute and normalise notebooks, and try exercises."""

# ruff: noqa: E402  (the tools are no package: their folder goes on the path first)

import re
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import (
    new_code_cell,
    new_markdown_cell,
    new_notebook,
    new_output,
)

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

from _notebook_exercises import exercises, load_mistakes, try_answers
from _notebook_files import code_hash, dumps, merge, read_notebook, read_text
from _notebook_normalise import WIDGET_VIEW, alt_text, normalise
from _notebook_pairs import find_pairs

import notebooks as tool

PNG = {"image/png": "iVBORw0KGgo=", "text/plain": "<Figure size 640x480 with 1 Axes>"}


def code(source, *outputs, tags=(), **metadata):
    if tags:
        metadata["tags"] = list(tags)
    return new_code_cell(source, outputs=list(outputs), metadata=metadata)


def text(source, *, tags=(), **metadata):
    if tags:
        metadata["tags"] = list(tags)
    return new_markdown_cell(source, metadata=metadata)


def stream(said, name="stdout"):
    return new_output("stream", name=name, text=said)


def shown(**data):
    data = {key.replace("_", "/"): value for key, value in data.items()}
    return new_output("display_data", data=data)


def test_alt_text_goes_where_readers_look():
    source = "# alt: A line that\n#   rises.\n# a comment\nplt.show()"
    assert alt_text(source) == "A line that rises."
    assert alt_text("x = 1\n# alt: too late") == ""
    notebook = new_notebook(cells=[code(source, new_output("display_data", data=PNG))])
    cell = normalise(notebook).cells[0]
    assert cell.metadata == {"mystnb": {"image": {"alt": "A line that rises."}}}
    assert cell.outputs[0].metadata == {"image/png": {"alt": "A line that rises."}}


def test_the_book_shows_the_alternative_text(tmp_path):
    pytest.importorskip("myst_nb")
    from docutils.core import publish_string
    from myst_nb.docutils_ import Parser

    source = "# alt: A line that rises.\nplt.show()"
    notebook = new_notebook(cells=[code(source, new_output("display_data", data=PNG))])
    notebook.cells[0].execution_count = 1
    html = publish_string(
        dumps(normalise(notebook)),
        source_path=str(tmp_path / "a.ipynb"),
        parser=Parser(),
        writer_name="html5",
        settings_overrides={
            "nb_execution_mode": "off",
            "nb_output_folder": str(tmp_path),
            "embed_stylesheet": False,
        },
    ).decode()
    assert 'alt="A line that rises."' in html


def test_normal_form():
    messy = new_notebook(
        metadata={
            "widgets": {"state": {}},
            "jupytext": {},
            "language_info": {"name": "python", "version": "3"},
        },
        cells=[
            code("f()", stream("a"), stream("b"), stream("w", "stderr"), stream("c")),
            code("f()", shown(**{WIDGET_VIEW.replace("/", "_"): {}})),
            code(
                "g()",
                new_output(
                    "execute_result",
                    data={WIDGET_VIEW: {"model_id": "1"}, "text/plain": "x"},
                    metadata={"image/png": {"width": 3}, "x": 1},
                    execution_count=7,
                ),
                tags=["claims"],
                execution={"iopub.execute_input": "2026-01-01"},
                trusted=True,
            ),
            code("not run"),
            code("h()", new_output("error", ename="E", evalue="v", traceback=["/tmp"])),
        ],
    )
    for number, position in [(5, 0), (6, 1), (7, 2), (9, 4)]:
        messy.cells[position].execution_count = number
    notebook = normalise(messy, "abc")
    cells = notebook.cells
    assert [c.execution_count for c in cells] == [1, 2, 3, None, 4]
    assert [o.text for o in cells[0].outputs] == ["ab", "w", "c"]
    assert cells[1].outputs == []
    assert cells[2].outputs[0].data == {"text/plain": "x"}
    assert cells[2].outputs[0].execution_count == 3
    assert cells[2].outputs[0].metadata == {}
    assert cells[2].metadata == {"tags": ["claims"], "jupyter": {"source_hidden": True}}
    assert cells[4].outputs[0].traceback == ["E: v"]
    assert cells[1].id == f"{cells[0].id}-2"
    assert sorted(notebook.metadata) == ["kernelspec", "language_info", "mlworkbench"]
    assert "version" not in notebook.metadata.language_info
    once = dumps(notebook)
    assert dumps(normalise(nbformat.reads(once, 4), "abc")) == once


# --- files ------------------------------------------------------------------

SOURCE = """# %% [markdown]
# # A title

# %%
import os
from pathlib import Path

print(Path.cwd().name, os.environ["MPLBACKEND"] == "Agg", os.environ["PYTHONHASHSEED"])

# %%
# alt: A line that rises from one to two.
import matplotlib.pyplot as plt

plt.plot([1, 2])
plt.show()

# %% exercise="ch01-01-x" tags=["exercise"]
answer = ...

# %% [markdown] exercise="ch01-01-x" tags=["solution"]
# Text.
"""


@pytest.fixture
def root(tmp_path):
    (tmp_path / "notebooks_src" / "ch01_a").mkdir(parents=True)
    (tmp_path / "notebooks").mkdir()
    write(tmp_path, SOURCE)
    return tmp_path


def write(root, source, name="01_a"):
    path = root / "notebooks_src" / "ch01_a" / f"{name}.py"
    path.write_text(source, encoding="utf-8")
    return path


def built(root, name="01_a"):
    return root / "notebooks" / "ch01_a" / f"{name}.ipynb"


def call(root, *arguments):
    return tool.main([*map(str, arguments), "--root", str(root)])


def test_run_is_deterministic_and_only_stale(root, capsys, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "Agg")
    assert call(root, "run") == 0
    first = built(root).read_bytes()
    cells = read_notebook(built(root)).cells
    assert cells[1].outputs[0].text == "ch01_a False 0\n"
    assert "image/png" in cells[2].outputs[0].data
    assert re.search(r"\[1/1\] notebooks/ch01_a/01_a.ipynb: \d+\.\d s", said(capsys))
    assert call(root, "run") == 0
    assert "up to date" in said(capsys)
    assert call(root, "run", "--all") == 0
    assert "same as before" in said(capsys)
    assert built(root).read_bytes() == first
    write(root, SOURCE.replace("# Text.", "# Other text."))
    assert call(root, "run") == 0
    assert "text updated" in said(capsys)
    assert "paired" not in lint(root, capsys)
    assert "stale" not in lint(root, capsys)


def said(capsys):
    return capsys.readouterr().err


def lint(root, capsys):
    call(root, "lint")
    return re.findall(r"\[([\w-]+)\]", capsys.readouterr().out)


def test_a_failing_cell_is_shown_and_nothing_written(root, capsys):
    write(root, "# %%\nx = 1\n\n# %%\nx / 0\n", "02_b")
    assert call(root, "run", "-j", "2") == 1
    message = said(capsys)
    assert "cell 2 of 2 (x / 0) failed" in message
    assert "ZeroDivisionError: division by zero" in message
    assert built(root).exists()
    assert not built(root, "02_b").exists()


def fake_run(root):
    """Give the built notebook outputs, as an execution would."""
    text = read_text(root / "notebooks_src" / "ch01_a" / "01_a.py")
    for cell in text.cells:
        if cell.cell_type == "code":
            cell.execution_count = 1
            cell.outputs = [stream(f"output of {cell.source[:9]}")]
    built(root).parent.mkdir(exist_ok=True)
    built(root).write_text(dumps(normalise(text, code_hash(text))), encoding="utf-8")


def test_sync_keeps_the_outputs_of_unchanged_cells(root, capsys):
    fake_run(root)
    assert call(root, "sync") == 0
    assert said(capsys) == ""
    assert not {"paired", "stale", "normal"} & set(lint(root, capsys))
    write(root, SOURCE.replace("answer = ...", "answer = 1").replace("Text", "More"))
    assert {"paired", "stale"} <= set(lint(root, capsys))
    assert call(root, "sync") == 0
    assert "written" in said(capsys)
    found = lint(root, capsys)
    assert "stale" in found
    assert "paired" not in found
    cells = read_notebook(built(root)).cells
    assert [len(c.outputs) for c in cells if c.cell_type == "code"] == [1, 1, 0]
    assert cells[-1].source == "More."


def test_equal_cells_keep_their_own_outputs():
    old = new_notebook(cells=[code("f()", stream("1")), code("f()", stream("2"))])
    for cell in old.cells:
        cell.execution_count = 1
    new = new_notebook(cells=[code("x"), code("f()"), code("f()"), code("f()")])
    merged = merge(new, old)
    assert [len(c.outputs) for c in merged.cells] == [0, 1, 1, 0]
    assert [o.text for c in merged.cells for o in c.outputs] == ["1", "2"]
    assert "mlworkbench" not in merged.metadata


def test_edits_in_jupyter_come_back(root, capsys):
    fake_run(root)
    notebook = read_notebook(built(root))
    notebook.cells[0].source = "# A better title"
    notebook.cells[1].metadata["trusted"] = True
    notebook.metadata["widgets"] = {}
    nbformat.write(notebook, built(root))
    assert {"paired", "normal"} <= set(lint(root, capsys))
    assert call(root, "sync", "--from-notebook", built(root)) == 0
    source = (root / "notebooks_src" / "ch01_a" / "01_a.py").read_text(encoding="utf-8")
    assert source == SOURCE.replace("# # A title", "# # A better title")
    assert not {"paired", "stale", "normal"} & set(lint(root, capsys))


def test_from_notebook_needs_a_path(root, capsys):
    with pytest.raises(SystemExit):
        call(root, "sync", "--from-notebook")
    assert "name the notebooks" in said(capsys)


def test_orphans_are_reported(root, capsys):
    fake_run(root)
    (root / "notebooks" / "09_alone.ipynb").write_text(
        dumps(normalise(new_notebook())), encoding="utf-8"
    )
    write(root, SOURCE, "02_text_only")
    assert call(root, "lint") == 1
    out = capsys.readouterr().out
    assert "09_alone.ipynb: [orphan] has no text" in out
    assert "02_text_only.py: [orphan] has no notebook" in out
    assert call(root, "sync") == 1
    assert "09_alone.ipynb: has no text" in said(capsys)
    assert built(root, "02_text_only").exists()


def test_pairs_are_found_from_either_side_and_in_reading_order(root, capsys):
    fake_run(root)
    (root / "notebooks_src" / "00_start_here.py").write_text("# %%\n", encoding="utf-8")
    assert [p.text.stem for p in find_pairs(root=root)] == ["00_start_here", "01_a"]
    for path in [built(root), root / "notebooks_src" / "ch01_a", built(root).parent]:
        assert [p.text.stem for p in find_pairs([path], root)] == ["01_a"]
    with pytest.raises(FileNotFoundError, match="is no notebook of this repository"):
        find_pairs([root / "README.md"], root)
    assert call(root, "lint", root / "README.md") == 2
    assert "pass a file or a folder" in said(capsys)


@pytest.mark.parametrize("content", ["<<<<<<< ours\n{", "[1]", "{}"])
def test_an_unreadable_notebook_is_named(root, capsys, content):
    built(root).parent.mkdir()
    built(root).write_text(content, encoding="utf-8")
    for command in ("lint", "sync", "run"):
        assert call(root, command) == 1
        assert "01_a.ipynb is not a readable notebook; delete it" in said(capsys)
    assert built(root).read_text(encoding="utf-8") == content


def test_nothing_to_do(tmp_path, capsys):
    assert call(tmp_path, "lint") == 0
    assert "no notebooks" in said(capsys)


# --- exercises --------------------------------------------------------------


def exercise_notebook(solution="answer = value * 2", stub="answer = ..."):
    name = "ch01-01-twice"
    check = f'nb.check("{name}", answer, value * 2)'
    fenced = f"<details>\n\n```python\n{solution}\n```\n\n</details>"
    return new_notebook(
        cells=[
            code("from mlworkbench import notebook as nb\nvalue = 21"),
            code(stub, tags=["exercise"], exercise=name),
            code(check),
            text(fenced, tags=["solution"], exercise=name),
            code("assert answer is ..."),
        ]
    )


@pytest.fixture
def own_ledger(tmp_path, monkeypatch):
    monkeypatch.setenv("MLWORKBENCH_HOME", str(tmp_path))


@pytest.mark.usefixtures("own_ledger")
def test_three_answers_are_tried():
    found = exercises(exercise_notebook())
    assert [(e.name, e.position, e.solution) for e in found] == [
        ("ch01-01-twice", 1, "answer = value * 2\n")
    ]
    mistakes = {"ch01-01-twice": "answer = value * 200"}
    verdicts = try_answers(exercise_notebook(), mistakes)["ch01-01-twice"]
    assert {kind: v["status"] for kind, v in verdicts.items()} == {
        "stub": "not attempted",
        "solution": "right",
        "mistake": "wrong",
    }
    assert "100" in verdicts["mistake"]["message"]


@pytest.mark.usefixtures("own_ledger")
def test_the_magic_of_the_course_is_tried_in_plain_python():
    notebook = exercise_notebook()
    notebook.cells[0].source += "\n\n%load_ext mlworkbench.leakage"
    notebook.cells.insert(1, code("%%watch team\nif value:\n    seen = value + 1"))
    notebook.cells.insert(2, code("%%watch team\nagain = seen"))
    notebook.cells.append(code("assert (again, team.ok) == (22, True)"))
    verdicts = try_answers(notebook, {})["ch01-01-twice"]
    assert verdicts["solution"]["status"] == "right"


@pytest.mark.usefixtures("own_ledger")
def test_a_notebook_may_read_the_source_of_its_functions():
    notebook = exercise_notebook()
    notebook.cells[0].source += "\n\ndef half(x):\n    return x / 2"
    read = "import inspect\nassert 'x / 2' in inspect.getsource(half)"
    notebook.cells.insert(1, code(read))
    verdicts = try_answers(notebook, {})["ch01-01-twice"]
    assert verdicts["solution"]["status"] == "right"


@pytest.mark.usefixtures("own_ledger")
def test_a_wrong_or_broken_solution_is_noticed():
    wrong = try_answers(exercise_notebook("answer = value"), {})["ch01-01-twice"]
    assert wrong["solution"]["status"] == "wrong"
    broken = try_answers(exercise_notebook("answer = 1 / 0"), {})["ch01-01-twice"]
    assert broken["solution"]["status"] == "error"
    assert "ZeroDivisionError" in broken["solution"]["message"]
    notebook = exercise_notebook()
    notebook.cells[2].source = "pass"
    unchecked = try_answers(notebook, {})["ch01-01-twice"]
    assert "no nb.check" in unchecked["stub"]["message"]


def test_mistakes_are_read(tmp_path):
    assert load_mistakes(tmp_path / "none.py") == {}
    path = tmp_path / "some.py"
    path.write_text("MISTAKES = {'a': ('x = 1', 'sign')}", encoding="utf-8")
    assert load_mistakes(path) == {"a": ("x = 1", "sign")}
