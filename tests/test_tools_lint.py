"""Each lint rule fires on a bad notebook, and only there."""

# ruff: noqa: E402  (the tools are no package: their folder goes on the path first)

import copy
import sys
from pathlib import Path

import pytest
from nbformat.v4 import (
    new_code_cell,
    new_markdown_cell,
    new_notebook,
    new_output,
)

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

from _lint_claims import needs_claim, numerals
from _lint_lesson import read_blocks
from _notebook_files import code_hash
from _notebook_lint import RULES, lint_notebook
from _notebook_normalise import WIDGET_VIEW, normalise

PATH = Path("notebooks/ch04_training_data/02_keep_a_sample.ipynb")
WORDS = "A sentence of eight plain words stands here. " * 80
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


def good():
    """A notebook with which every rule is content."""
    cells = [
        text(
            "# Keep a sample\n\n*12 minutes · data: flights*\n\n"
            "**You will** keep a sample.\n\n" + WORDS
        ),
        code("from mlworkbench import notebook as nb\n\nnb.setup()"),
        text("## The rate is 23.9 %\n\nOf 336,776 departures, 3 are in (Vitter 1985)."),
        code("guess = nb.predict('ch04-02-guess', 'How many?')\nguess"),
        code("guess.reveal(42)", shown(text_plain="no guess recorded")),
        code(
            "# alt: Bars that rise from left to right.\nfig, ax = plt.subplots()\n"
            "ax.plot([1, 2])\nplt.show()",
            new_output("display_data", data=PNG),
        ),
        code("nb.explore(panel, k=[10, 20], title='t', start={'k': 20})"),
        *[code(f"value_{i} = {i}") for i in range(6)],
        text("## Exercises\n\nGive the rate."),
        code("answer = ...", tags=["exercise"], exercise="ch04-02-rate"),
        code(
            'nb.check("ch04-02-rate", answer, rate)', shown(text_plain="not attempted")
        ),
        text(
            "<details><summary>Solution</summary>\n\n```python\nanswer = rate\n```\n\n"
            "</details>",
            tags=["solution"],
            exercise="ch04-02-rate",
        ),
        text("## You have now\n\n- kept a sample."),
        code(
            'nb.claim("23.9 %", late.mean())\nnb.claim("336,776", len(flights))',
            tags=["claims", "remove-cell"],
        ),
    ]
    notebook = new_notebook(cells=cells)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.execution_count = 1
    return normalise(notebook, code_hash(notebook))


def rules(notebook, path=PATH, size=1000, mistakes=("ch04-02-rate",)):
    return [p.rule for p in lint_notebook(notebook, path, size, mistakes)]


def add(cell, position=7):
    """Make a change that puts one more cell into the good notebook."""

    def change(notebook):
        notebook.cells.insert(position, cell)

    return change


def replace(position, source):
    """Make a change that gives a cell of the good notebook another source."""

    def change(notebook):
        notebook.cells[position].source = source

    return change


def drop(*positions):
    def change(notebook):
        for position in sorted(positions, reverse=True):
            del notebook.cells[position % len(notebook.cells)]

    return change


def tag(position, *tags):
    def change(notebook):
        notebook.cells[position].metadata["tags"] = list(tags)

    return change


def count_wrong(notebook):
    notebook.cells[-1].execution_count = 99


def error(name, *, tags=()):
    output = new_output("error", ename=name, evalue="no", traceback=[])
    return add(code("f()", output, tags=tags))


SECOND_CHECK = 'nb.check("ch04-02-other", answer, rate)'

# (rule, what is changed, fragment of the advice)
BAD = [
    ("title", replace(0, "Keep a sample\n\n" + WORDS), "first line is the title"),
    ("title", replace(0, "# Keep\n\n**You will** keep. " + WORDS), "12 minutes"),
    ("title", replace(0, "# K\n\n*2 minutes · data: hmda*\n\n" + WORDS), "You will"),
    ("title", drop(*range(19)), "markdown cell"),
    ("headings", add(text("# Another title")), "second H1"),
    ("headings", add(text("#### Too deep")), "jumps from level 2 to 4"),
    ("headings", add(text("## Break it")), "says nothing"),
    ("setup", replace(1, "import numpy"), "nb.setup"),
    ("setup", replace(1, "from mlworkbench import notebook as nb"), "nb.setup"),
    ("claims-cell", drop(-1), "ends without a claims cell"),
    ("claims-cell", tag(-1, "claims"), "remove-cell"),
    ("claims-cell", add(code("x = 1"), 99), "must be the last code cell"),
    ("length", drop(*range(7, 13)), "at least 15"),
    ("length", replace(0, good().cells[0].source.replace(WORDS, "")), "at least 600"),
    ("length", add(text(WORDS * 4)), "at most 2000"),
    ("activity", drop(3, 4, 6, 13, 14, 15, 16), "asks nothing"),
    ("predictions", drop(4), "reveal"),
    ("controls", replace(6, "nb.explore(f, a=A, b=B, c=C, d=D)"), "4 controls"),
    ("exercises", drop(15), "check it in the next code cell"),
    ("exercises", replace(15, SECOND_CHECK), "check it in the next code cell"),
    ("exercises", drop(16), "has 0 solutions"),
    ("exercises", replace(16, "answer = rate"), "fold the solution"),
    ("exercises", replace(16, "<details>\n\n`x`\n</details>"), "fold the solution"),
    ("exercises", drop(14), "no exercise of this notebook"),
    ("exercises", add(good().cells[14]), "two exercises"),
    ("ignored-outputs", add(code("f()", tags=["nbval-skip"])), "only the tags"),
    ("ignored-outputs", add(code("# NBVAL_IGNORE_OUTPUT\nf()")), "only the tags"),
    ("python", add(code("%time f()")), "magic"),
    ("python", add(code("%%capture\nf()")), "magic"),
    ("python", add(code("x = 1\n%%watch")), "magic"),
    ("python", add(code("%load_ext autoreload")), "magic"),
    ("python", add(code("!ls")), "magic"),
    ("python", add(code("print?")), "magic"),
    ("python", add(code("x = 1\n  !ls")), "magic"),
    ("python", add(code("x = (")), "is no Python"),
    ("semicolon", add(code("f();")), "semicolon"),
    ("semicolon", add(code("f();  # quiet")), "semicolon"),
    ("semicolon", add(code("f();\ng()")), "semicolon"),
    ("widgets", add(code("interact(f, x=3)")), "interact"),
    ("widgets", add(code("widgets.interactive(f)")), "interactive"),
    ("widgets", add(code("from ipywidgets import interact")), "interact"),
    ("widgets", add(code("out = widgets.Output()")), "Output"),
    ("styler", add(code("frame.style.format('{:.1f}')")), ".style"),
    ("timers", add(code("start = time.perf_counter()")), "perf_counter"),
    ("timers", add(code("timeit.timeit(f)")), "measures time"),
    ("sets", add(code("{1, 2}")), "shows a set"),
    ("sets", add(code("print(set(values))")), "shows a set"),
    ("sets", add(code("{x for x in values}")), "shows a set"),
    ("plot-show", replace(5, "# alt: Bars that rise a lot.\nax.plot(1)"), "plt.show"),
    ("plot-show", add(code("report.plot()")), "plt.show"),
    ("plot-show", add(code("for a in b:\n    frame.plot.bar()")), "plt.show"),
    ("plot-show", add(code("RocCurveDisplay.from_predictions(y, p)")), "plt.show"),
    ("plot-show", add(code("f()", new_output("display_data", data=PNG))), "plt.show"),
    ("errors", error("ValueError"), "fails with ValueError"),
    ("errors", error("ValueError", tags=["raises-exception"]), "catch it and print"),
    ("errors", add(code("f()", tags=["raises-exception"])), "take the tag away"),
    ("counts", count_wrong, "execution count 99, expected"),
    ("stderr", add(code("f()", stream("UserWarning: no", "stderr"))), "UserWarning"),
    ("media", add(code("f()", shown(**{"image_svg+xml": "<svg/>"}))), "SVG"),
    ("media", add(code("f()", shown(text_html='<table id="T_1">'))), "Styler"),
    ("media", add(code("f()", shown(**{WIDGET_VIEW.replace("/", "_"): {}}))), "view"),
    ("compared-text", add(code("f", shown(text_plain="<A at 0x7f3a2b1c>"))), "address"),
    ("compared-text", add(code("f", shown(text_html="<p>0x7f3a2b1c"))), "address"),
    ("compared-text", add(code("f", stream("in /home/a/b.csv"))), "a path"),
    ("compared-text", add(code("f", stream(r"C:\data"))), "a path"),
    ("compared-text", add(code("f", stream("took 3.2 s"))), "a timing"),
    ("compared-text", add(code("f", stream("12 ms"))), "a timing"),
    ("compared-text", add(code("f", stream(" 10%|█ | 1/10"))), "progress"),
    ("compared-text", add(code("f", stream("{'a', 'b'}"))), "a set"),
    ("compared-text", add(code("f", stream("{np.int64(1), 2}"))), "a set"),
    ("alt", replace(5, "plt.plot(x)\nplt.show()"), "# alt:"),
    ("alt", replace(5, "# alt: Bars.\nplt.plot(x)\nplt.show()"), "# alt:"),
    ("alt", add(text("![](figure.png)")), "without alternative text"),
    ("alt", add(text('<img src="figure.png">')), "without alternative text"),
    ("alt", add(code("f()", shown(text_html='<img src="a" alt="">'))), "<img>"),
    ("claims", add(text("It is 17.2 minutes.")), 'says "17.2"'),
    ("claims", add(text("It is 23.8 %.")), 'says "23.8 %"'),
    ("claims", add(text("- 1,000 rows\n- more")), 'says "1,000"'),
    ("claims", add(text("| a |\n|---|\n| 0.72 |")), 'says "0.72"'),
    ("claims", add(text("> **Note.** It is −23.9 %.")), 'says "-23.9 %"'),
    ("claims", add(text("<p>It is 12 by 3</p>")), 'says "12"'),
    ("claims", add(code("# alt: A curve that falls to 41.\nf()")), 'says "41"'),
    (
        "claims",
        replace(3, "guess = nb.predict('n', 'q', why='It is 55 of 60.')"),
        'says "55"',
    ),
    ("claims-honest", replace(-1, 'nb.claim("23.9 %", 0.239)'), "literal"),
    ("claims-honest", replace(-1, 'nb.claim("23.9 %", 2 - 1.761)'), "literal"),
    ("claims-honest", replace(-1, "nb.claim(said, rate)"), "plain string"),
    ("claims-honest", replace(-1, 'nb.claim("most", rate)'), "holds no number"),
    ("claims-used", replace(-1, 'nb.claim("77.1", rate)'), "says nowhere"),
]


def test_the_good_notebook_is_clean():
    assert lint_notebook(good(), PATH, 1000, ["ch04-02-rate"]) == []


@pytest.mark.parametrize(("rule", "change", "advice"), BAD)
def test_a_rule_fires(rule, change, advice):
    notebook = good()
    change(notebook)
    found = [p for p in lint_notebook(notebook, PATH, 1000, []) if p.rule == rule]
    assert any(advice in problem.advice for problem in found), [*map(str, found)]


def test_rules_on_size_mistakes_and_names_fire():
    assert rules(good(), size=300_001) == ["size"]
    assert rules(good(), mistakes=[]) == ["exercises"]
    other = Path("notebooks/ch05_features/01_join.ipynb")
    problems = lint_notebook(good(), other, 1000, ["ch04-02-rate"])
    assert [p.rule for p in problems] == ["exercises"]
    assert 'exercise="ch05-01-…"' in problems[0].advice


def test_too_many_ignored_outputs():
    notebook = good()
    assert sum(cell.cell_type == "code" for cell in notebook.cells) == 14
    tag(7, "nbval-ignore-output")(notebook)
    assert rules(notebook) == []
    tag(8, "nbval-ignore-output")(notebook)
    assert rules(notebook) == ["ignored-outputs"]


def test_every_rule_has_a_bad_sample():
    assert {rule for rule, _, _ in BAD} | {"size"} == set(RULES)


OK = [
    code('print("a; b;")'),
    code("for i in range(3):\n    x = 1; y = 2\n    f()"),
    code('note = """\n!ls;\n%time\n"""'),
    code("import math\n\n%load_ext mlworkbench.leakage"),
    code("%%watch team\nf()"),
    code("%%watch\nf()"),
    code('not_a_magic = (\n    "%d"\n    % 3\n)'),
    code("plt.style.use('ggplot')\nplt.close()"),
    code("frame.sort_values('time')"),
    code("sorted({1, 2})"),
    code("seen = {1, 2}"),
    code("print({'a': 1})", stream("{'a': 1}\n{}\n{1: 'x'}\n")),
    code("f()", stream("10 / 20 = 0.5; http://a.b/c/d; and/or; 5 minutes; 3 s\n")),
    code("f()", stream("rate of 3.2 seats, size 12, 1e-7\n")),
    code("def panel(k):\n    fig, ax = plt.subplots()\n    return fig\n\npanel"),
    code("f()", shown(text_html='<img src="a" alt="A curve">')),
    text("### A deeper section\n\n#### And one more\n\n## Up again"),
    text("![Bars that rise](figure.png)"),
    text("In 2013, 9 of 10 (`k = 50`, $n = 1000$, [30 days](a.html), https://a.b/77)."),
    text("```python\nx = 4711\n```\n\n$$x = 4711$$"),
    text("Each is kept with chance 0.015 (Li 1994). Three are not."),
    text("Efraimidis and Spirakis (2006) need 1,234 numbers."),
    text(
        "- Vitter, J. S. (1985). *Random sampling with a reservoir*. ACM 11(1), 37–57."
    ),
    text("See chapter 12, notebooks 02 and 13, and exercise 14."),
    text("## 4.12 The rate is 23.9 %"),
    text("Between 23.9 and 30 thousand (Munnell et al. 1996): all cited."),
]


@pytest.mark.parametrize("cell", OK)
def test_what_only_looks_bad_passes(cell):
    notebook = good()
    notebook.cells.insert(7, copy.deepcopy(cell))
    if cell.cell_type == "code":
        notebook.cells[7].execution_count = 1
    assert rules(normalise(notebook)) == []


def test_ignored_output_may_hold_a_timing():
    notebook = good()
    cell = code("time.time()", stream("took 3.2 s"), tags=["nbval-ignore-output"])
    notebook.cells[7:7] = [cell]
    cell.execution_count = 1
    assert rules(normalise(notebook)) == []


def test_the_first_notebook_may_be_short():
    notebook = good()
    notebook.cells = [notebook.cells[0], *notebook.cells[1:5]]
    notebook.cells[0].source = notebook.cells[0].source.replace(WORDS, "")
    notebook.cells[2].source = "## A rate"
    normalise(notebook)
    assert rules(notebook, path=Path("notebooks/00_start_here.ipynb")) == []
    assert set(rules(notebook)) == {"claims-cell", "length"}


@pytest.mark.parametrize(
    ("prose", "expected"),
    [
        ("23.9 % of 336,776", ["23.9 %", "336,776"]),
        ("1.2 percent, 7.8 percentage points", ["1.2 %", "7.8"]),
        ("from −0.5 to 12–15", ["-0.5", "12", "15"]),
        ("3 times, 10 rows, 5 %", ["5 %"]),
        ("in 1999, at 0.50", ["0.50"]),
        ("1,000,000 items", ["1,000,000"]),
        ("the A320, sha256 and x86", []),
        ("Found 40. Cited 50 (Vitter 1985). Found 60.", ["40", "60"]),
        ("Early (in March 2013) 42 came.", ["42"]),
        ("As J. S. Vitter (1985) says, 42 came.", []),
        ("30× as many, the 95th percentile", ["30", "95"]),
    ],
)
def test_numbers_that_need_a_claim(prose, expected):
    assert [str(numeral) for numeral in needs_claim(prose)] == expected


def test_numerals_of_a_claim():
    assert [n.digits for n in numerals("4.50 minutes")] == ["4.50"]
    assert next(numerals("1.2 %")).percent


def test_blocks_leave_code_links_and_formulas_out():
    blocks = read_blocks(
        "## A *b* `c`\n\ntext **bold** [l](u) $x$\n\n- item\n\n<b>h</b>"
    )
    assert [(b.kind, b.text.split()) for b in blocks] == [
        ("heading", ["A", "b"]),
        ("p", ["text", "bold"]),
        ("li", ["item"]),
        ("p", ["h"]),
    ]
    assert blocks[0].level == 2
