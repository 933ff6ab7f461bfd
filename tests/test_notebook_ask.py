"""Questions (`quiz`) and guesses (`predict`)."""

import re

import html5lib
import numpy as np
import pytest

from mlworkbench import notebook as nb
from mlworkbench.notebook._ledger import ledger
from mlworkbench.notebook._live import VIEW, read_number

OPTIONS = {"yes": "3 × 3 is 9.", "`no` < 1": "3 divides it."}


@pytest.fixture
def kept(monkeypatch):
    events = []
    monkeypatch.setattr(
        type(ledger), "add", lambda self, *facts, **more: events.append((*facts, more))
    )
    return events


def valid(markup):
    html5lib.HTMLParser(strict=True).parse(f"<!doctype html><title>t</title>{markup}")
    assert not re.search(r"<script|\bid=|https?:", markup)
    return markup


# ---- quiz -------------------------------------------------------------------


def test_a_quiz_gives_a_verdict_and_a_reason_for_every_option():
    asked = nb.quiz("Is `9` prime?", OPTIONS, answer="`no` < 1")
    markup = valid(asked._repr_html_())
    assert markup.count("<details") == 2
    assert "<summary" in markup
    assert "Is <code>9</code> prime?" in markup
    assert "B. <code>no</code> &lt; 1" in markup
    assert "<strong>Not this one.</strong> 3 × 3 is 9." in markup
    assert "<strong>Right.</strong> 3 divides it." in markup
    assert markup == nb.quiz("Is `9` prime?", OPTIONS, answer="`no` < 1")._repr_html_()


def test_the_text_of_a_quiz_gives_nothing_away():
    asked = nb.quiz("Is `9` prime?", OPTIONS, answer="yes")
    assert repr(asked) == "Is `9` prime?\n  A. yes\n  B. `no` < 1"


@pytest.mark.parametrize(
    ("options", "answer", "message"),
    [
        ({"a": "b"}, "a", r"1 option\(s\); pass between 2 and 26"),
        ({"a": "b", "c": "d"}, "e", "answer is 'e'; pass one of 'a', 'c'"),
        ({"a": "b", "c": " "}, "a", "option 'c' has no reason"),
    ],
)
def test_a_badly_made_quiz_is_an_error(options, answer, message):
    with pytest.raises(ValueError, match=message):
        nb.quiz("?", options, answer=answer)


# ---- predict ----------------------------------------------------------------


def test_without_a_guess_the_measured_value_is_shown(kept):
    asked = nb.predict("rate", "What share is late?", unit="%", why="It is a lot.")
    shown = asked.reveal(np.float64(23.941234))
    assert repr(shown) == "Measured: 23.94 % (no guess recorded)"
    assert shown._repr_html_().endswith("Measured: 23.94 %. It is a lot.</p>")
    assert kept == []


@pytest.mark.parametrize(
    ("guess", "said"),
    [
        (30, "Your guess was 30 %, too high by 6 percentage points."),
        (20.5, "Your guess was 20.5 %, too low by 3.5 percentage points."),
        (24.05, "Your guess was 24.05 %: spot on."),
    ],
)
def test_a_number_is_set_beside_the_guess(kept, guess, said):
    asked = nb.predict("rate", "What share is late?", unit="%")
    asked.guess(guess)
    assert repr(asked.reveal(24)) == f"Measured: 24 %. {said}"
    assert kept == [("guess", "rate", {"guess": guess, "late": False})]


@pytest.mark.parametrize(
    ("guess", "said"),
    [("b", "You guessed it: quota."), ("week", "Your guess was: week.")],
)
def test_an_option_is_set_beside_the_guess(kept, guess, said):
    asked = nb.predict("best", "Which is nearest?", ["week", "quota"])
    assert repr(asked) == "Which is nearest?\n  A. week\n  B. quota"
    asked.guess(guess)
    assert repr(asked.reveal("quota")) == f"Measured: quota. {said}"


def test_an_option_can_stand_for_a_measured_value(kept):
    asked = nb.predict("rate", "How many are late?", ["about 1 in 6", "about half"])
    asked.guess("A")
    shown = repr(asked.reveal("about 1 in 6", measured="16.1 %"))
    assert shown == "Measured: 16.1 % (about 1 in 6). You guessed it: about 1 in 6."


def test_a_guess_after_the_answer_is_kept_as_such(kept):
    asked = nb.predict("rate", "What share is late?")
    asked.reveal(24)
    asked.guess(24)
    assert kept == [("guess", "rate", {"guess": 24, "late": True})]


def test_a_new_run_starts_without_the_old_guess():
    nb.predict("rate", "What share is late?").guess(30)
    again = nb.predict("rate", "What share is late?")
    assert repr(again.reveal(24)) == "Measured: 24 (no guess recorded)"


@pytest.mark.parametrize(
    ("options", "value", "message"),
    [
        (None, "many", "rate takes a number; got 'many'"),
        (None, True, "rate takes a number; got True"),
        (None, float("nan"), "rate takes a finite number"),
        (["a", "b"], "c", "rate takes one of 'a', 'b'; got 'c'"),
        (["a", "b"], 1, "rate takes one of 'a', 'b'; got 1"),
    ],
)
def test_what_is_no_guess_is_refused(kept, options, value, message):
    asked = nb.predict("rate", "?", options)
    with pytest.raises(ValueError, match=message):
        asked.guess(value)
    with pytest.raises(ValueError, match=message):
        asked.reveal(value)
    assert kept == []


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        (" ", None, "name is ' '; pass a short text"),
        ("x", ["a"], "pass a list of 2 to 26 strings"),
        ("x", "ab", "pass a list of 2 to 26 strings"),
    ],
)
def test_a_badly_made_question_is_an_error(name, options, message):
    with pytest.raises(ValueError, match=message):
        nb.predict(name, "?", options)


def test_the_still_page_gives_the_reason_after_the_choice():
    why = "Airlines differ & so do hours."
    choice = nb.predict("x", "Which?", ["a<", "b"], why=why)._repr_html_()
    assert valid(choice).count("Airlines differ &amp; so do hours.") == 2
    assert "A. a&lt;" in choice
    number = nb.predict("x", "How many?", unit="%", why=why)._repr_html_()
    assert "Write down a number (in %), then open this" in valid(number)


# ---- live -------------------------------------------------------------------


def live(asked):
    bundle = asked._repr_mimebundle_()
    assert sorted(bundle) == [VIEW, "text/html", "text/plain"]
    return asked._live


def test_the_button_records_an_option_once(kept):
    asked = nb.predict("best", "Which is nearest?", ["week", "quota"])
    form = live(asked)
    form._button.click()
    assert form._said.value == "Choose one first."
    assert kept == []
    form._input.value = "quota"
    form._button.click()
    assert asked.value == "quota"
    assert form._input.disabled
    assert form._button.disabled
    assert "Recorded" in form._said.value
    assert "You guessed it" in repr(asked.reveal("quota"))


def test_the_button_records_a_number_and_answers_after_the_reveal(kept):
    asked = nb.predict("rate", "What share is late?", unit="%", why="A lot.")
    asked.reveal(24)
    form = live(asked)
    form._input.value = "many"
    form._button.click()
    assert "Write a number" in form._said.value
    form._input.value = "1,030 %"
    form._button.click()
    assert asked.value == 1030.0
    assert "too high by 1,006 percentage points. A lot." in form._said.value


@pytest.mark.parametrize(
    ("text", "number"),
    [("12.5", 12.5), ("−3 %", -3.0), ("1,000", 1000.0), ("", None), ("nan", None)],
)
def test_numbers_are_read_as_people_write_them(text, number):
    assert read_number(text, "%") == number
