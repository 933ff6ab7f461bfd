"""The magic of the notebook."""

import numpy as np
import pytest
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell

from mlworkbench.leakage import watch

SETUP = """
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
rng = np.random.default_rng(0)
X = rng.normal(size=(100, 3))
y = X[:, 0] > 0
"""
LEAK = """scaled = StandardScaler().fit_transform(X)
a, b, c, d = train_test_split(scaled, y, random_state=0)
score = LogisticRegression().fit(a, c).score(b, d)
"""


@pytest.fixture
def shell():
    made = InteractiveShell.instance()
    made.run_line_magic("load_ext", "mlworkbench.leakage")
    made.run_cell(SETUP)
    yield made
    InteractiveShell.clear_instance()


def test_the_cell_runs_and_the_line_is_that_of_the_cell(shell, capsys):
    done = shell.run_cell("%%watch seen\n" + LEAK, store_history=True)
    assert done.success
    assert "preprocessing on both" in capsys.readouterr().out
    assert 0 < shell.user_ns["score"] <= 1
    number = shell.execution_count - 1
    found = shell.user_ns["seen"].findings[0]
    assert found.what == f"StandardScaler at cell {number}, line 2"


def test_a_name_goes_on_in_the_next_cell(shell):
    first, last = LEAK.rsplit("score = ", 1)
    shell.run_cell("%%watch seen\n" + first, store_history=True)
    assert shell.user_ns["seen"].ok
    shell.run_cell("%%watch seen\nscore = " + last, store_history=True)
    assert not shell.user_ns["seen"].ok


def test_the_value_of_the_last_line_is_the_value_of_the_cell(shell):
    done = shell.run_cell("%%watch\nn = 6\nn * 7")
    assert done.result == 42


def test_an_error_comes_through_and_all_is_put_back(shell):
    from sklearn.preprocessing import StandardScaler

    before = StandardScaler.fit
    done = shell.run_cell("%%watch\n1 / 0")
    assert isinstance(done.error_in_exec, ZeroDivisionError)
    assert StandardScaler.fit is before
    assert np.isfinite(shell.user_ns["X"]).all()


def test_a_wrong_name_is_refused(shell, capsys):
    shell.run_cell("%%watch two words\n1")
    assert "takes one name or none" in capsys.readouterr().err


def test_a_repaired_cell_begins_anew(shell):
    shell.run_cell_magic("watch", "seen", LEAK)
    assert not shell.user_ns["seen"].ok
    right = LEAK.replace("StandardScaler().fit_transform(X)", "X")
    shell.run_cell_magic("watch", "seen", right)
    assert not shell.user_ns["seen"].ok
    shell.run_cell_magic("watch", "seen --new", right)
    assert shell.user_ns["seen"].ok


def test_a_named_watch_says_once_what_is_never_seen(shell, capsys):
    shell.run_cell_magic("watch", "seen", "1")
    assert "not seen:" in capsys.readouterr().out
    shell.run_cell_magic("watch", "seen", "2")
    assert "not seen:" not in capsys.readouterr().out


def test_a_cell_that_awaits_is_told_what_to_do(shell, capsys):
    with pytest.raises(UsageError, match="with watch"):
        shell.run_cell_magic("watch", "", "import asyncio\nawait asyncio.sleep(0)")


LOOP = """a, b, c, d = train_test_split(X, y, random_state=0)
told = {}
for C in (0.01, 1, 10):
    told[C] = LogisticRegression(C=C).fit(a, c).score(b, d)
"""


@pytest.mark.parametrize("last", ["max(told, key=told.get)", "list(told)[0]"])
def test_a_choice_in_a_later_cell_is_seen(shell, last):
    shell.user_ns["again"] = watched = watch(show=False)
    with watched:
        for cell in (LOOP, "told = dict(told)", last):
            shell.run_cell(cell, store_history=True)
    found = [f.what for f in watched.findings if f.severity == "warning"]
    assert [what[:24] for what in found] == ["model chosen on the test"] * (
        "max" in last
    )
