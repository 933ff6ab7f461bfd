"""What every test run needs: unit tests, doctests and the kernels of notebooks."""

import os
import tempfile

# Spinning OpenMP threads slow scikit-learn's boosting 10 to 30 times on small
# machines; figures need no screen (nb.setup turns them on in a notebook).
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("MPLBACKEND", "Agg")

# A check or a guess in a test is not the learner's, and the learner's IPython
# profile is not the test's.
_home = tempfile.TemporaryDirectory(prefix="mlworkbench-")
os.environ["MLWORKBENCH_HOME"] = _home.name
os.environ["IPYTHONDIR"] = _home.name
