"""What every test run needs before numpy or scikit-learn is loaded."""

import os

# Spinning OpenMP threads slow scikit-learn's boosting 10 to 30 times on small
# machines; figures need no screen.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("MPLBACKEND", "Agg")
