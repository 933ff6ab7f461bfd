"""The book's text: admonitions, links, and which names a notebook uses."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tools"))

import _book_api
import _book_text


@pytest.mark.parametrize("kind", _book_text.KINDS)
def test_a_blockquote_with_a_bold_kind_becomes_an_admonition(kind):
    text = f"Before.\n\n> **{kind.capitalize()}.** One\n> two.\n\nAfter."
    wanted = f"Before.\n\n:::{{{kind}}}\nOne\ntwo.\n:::\n\nAfter."
    assert _book_text.admonitions(text) == wanted


def test_an_admonition_keeps_paragraphs_code_and_fences_of_its_own():
    text = "> **Tip.** A\n>\n> ```python\n> x = 1\n> ```\n> :::{note}\n> in\n> :::"
    inside = "A\n\n```python\nx = 1\n```\n:::{note}\nin\n:::"
    assert _book_text.admonitions(text) == f"::::{{tip}}\n{inside}\n::::"


@pytest.mark.parametrize(
    "text",
    [
        "> A plain quote.\n> **Note.** in its second line",
        "```\n> **Note.** in code\n```",
        "~~~~\n```\n> **Note.** in code\n~~~~",
        "**Note.** no quote",
        "> **Moral.** an unknown kind",
        "",
    ],
)
def test_other_text_is_left_alone(text):
    assert _book_text.admonitions(text) == text


def test_two_admonitions_in_a_row_stay_two():
    text = "> **Note.** a\n\n> **Tip.** b"
    assert _book_text.admonitions(text) == ":::{note}\na\n:::\n\n:::{tip}\nb\n:::"


def test_the_first_mention_of_a_name_is_a_link_and_only_the_first():
    names, seen = {"find": "p.r.find", "r.find": "p.r.find"}, set()
    text = "# `find`\n\nCall `r.find()`, then `find`.\n\n```\n`find`\n```"
    linked = _book_text.first_mentions(text, names, seen)
    assert linked == text.replace("`r.find()`", "{py:obj}`r.find() <p.r.find>`")
    assert _book_text.first_mentions("`find`", names, seen) == "`find`"


@pytest.mark.parametrize(
    "text", ["[`find`](x)", "{py:obj}`find`", "``find``", "`fond`"]
)
def test_no_link_inside_a_link_a_role_or_another_word(text):
    assert _book_text.first_mentions(text, {"find": "p.r.find"}, set()) == text


def test_the_line_under_the_title_says_minutes_and_links_the_data():
    text = "# T\n\n*12 minutes · data: flights, hmda*\n\nMore."
    minutes, linked = _book_text.minutes_line(
        text, lambda name: f"{name}.md" if name == "hmda" else None
    )
    assert minutes == 12
    assert linked == text.replace("hmda", "[hmda](hmda.md)")
    assert _book_text.minutes_line("# T\n\n*some minutes*") == (
        None,
        "# T\n\n*some minutes*",
    )


# Names ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("from mlworkbench import sampling as s\ns.Draw(3)", ["sampling.Draw"]),
        ("import mlworkbench\nmlworkbench.datasets.load('a')", ["datasets.load"]),
        ("import mlworkbench.sampling as s\ns.draw.x", ["sampling.draw"]),
        ("from mlworkbench.sampling import a as b\nb()", ["sampling.a"]),
        ("%matplotlib inline\nfrom mlworkbench import notebook as nb\nnb.setup()",
         ["notebook.setup"]),
        ("from mlworkbench import sampling", []),
        ("import numpy as sampling\nsampling.zeros(3)", []),
        ("this is not python", []),
    ],
)  # fmt: skip
def test_the_names_a_notebook_uses_are_found(source, names):
    assert _book_api.used([source]) == {f"mlworkbench.{name}" for name in names}


def test_a_name_imported_in_one_cell_is_found_in_the_next():
    cells = ["from mlworkbench import sampling", "sampling.draw()"]
    assert _book_api.used(cells) == {"mlworkbench.sampling.draw"}


def test_a_word_that_two_rooms_share_means_neither():
    names = _book_api.short_names(["p.a.one", "p.b.one", "p.b.two", "p.notebook.check"])
    assert "one" not in names
    assert "check" not in names
    assert names["a.one"] == "p.a.one"
    assert names["two"] == names["b.two"] == "p.b.two"
    assert names["nb.check"] == "p.notebook.check"


def test_the_reference_shows_the_members_that_are_ours():
    from mlworkbench import imbalance
    from mlworkbench._report import Report, Verdict

    classifier = _book_api.members(imbalance.PriorCorrectedClassifier)
    assert classifier == ["fit", "predict_proba", "predict"]
    assert "sizes_" in _book_api.members(imbalance.TwoPhaseSampler)
    assert "binary" in _book_api.members(imbalance.CostMatrix)
    assert _book_api.members(imbalance.QuantileBands) == ["plot"]
    assert "save" in _book_api.members(Report)
    assert _book_api.members(Verdict) == ["ok", "raise_if_failed"]
