"""What every test run needs: unit tests, doctests and the kernels of notebooks."""

import os
import sys
import tempfile
from pathlib import Path

import pytest

# Spinning OpenMP threads slow scikit-learn's boosting 10 to 30 times on small
# machines; figures need no screen (nb.setup turns them on in a notebook).
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("MPLBACKEND", "Agg")

# A check or a guess in a test is not the learner's, and the learner's IPython
# profile is not the test's.
_home = tempfile.TemporaryDirectory(prefix="mlworkbench-")
os.environ["MLWORKBENCH_HOME"] = _home.name
os.environ["IPYTHONDIR"] = _home.name


def pytest_collection_modifyitems(items):
    """Skip the notebooks whose data cannot be had here, and say why."""
    notebooks = {item.path for item in items if item.path.suffix == ".ipynb"}
    if not notebooks:
        return
    tools = str(Path(__file__).parent / "tools")  # no package: put on the path
    if tools not in sys.path:
        sys.path.insert(0, tools)
    from _notebook_data import out_of_reach
    from _notebook_files import read_notebook

    reasons = {path: out_of_reach(read_notebook(path)) for path in notebooks}
    for item in items:
        if reason := reasons.get(item.path):
            item.add_marker(pytest.mark.skip(reason=reason))
