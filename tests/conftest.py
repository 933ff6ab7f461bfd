"""Fixtures that several test files share."""

import sys
from pathlib import Path

# The folder of the tests is no package; what they share lies beside this file.
sys.path.insert(0, str(Path(__file__).parent))

from _browser import chromium, jupyterlab, offline_page  # noqa: F401
