"""What every test run needs before numpy or scikit-learn is loaded."""

import os
import sys
import tempfile
from pathlib import Path

# Spinning OpenMP threads slow scikit-learn's boosting 10 to 30 times on small
# machines; figures need no screen.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("MPLBACKEND", "Agg")

# A check or a guess in a test is not the learner's: their ledger stays as it is.
_progress = tempfile.TemporaryDirectory(prefix="mlworkbench-")
os.environ["MLWORKBENCH_HOME"] = _progress.name

# The folder of the tests is no package; what they share lies beside this file.
sys.path.insert(0, str(Path(__file__).parent))

from _browser import chromium, jupyterlab, offline_page  # noqa: E402, F401
