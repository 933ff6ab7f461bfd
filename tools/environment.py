"""Write environment.yml from the facts in pyproject.toml, constraints.txt and Makefile.

`python tools/environment.py` writes the file; a test compares it.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def text(root: Path = ROOT) -> str:
    """Give what environment.yml must say."""
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    python = project["requires-python"].removeprefix(">=")
    makefile = (root / "Makefile").read_text()
    extras = re.search(r"^EXTRAS := (.+)$", makefile, re.MULTILINE)
    index = re.search(r"^TORCH_INDEX \?= (.+)$", makefile, re.MULTILINE)
    if extras is None or index is None:
        raise LookupError("the Makefile defines no EXTRAS or no TORCH_INDEX")
    return f"""\
# Written by tools/environment.py: change pyproject.toml, constraints.txt or the
# Makefile, then run it again. Binder and JupyterHub images read this file too.
name: {project["name"]}
channels:
  - conda-forge
dependencies:
  - python={python}
  - pip
  - make
  - pip:
      - --extra-index-url {index.group(1)}
      - -c constraints.txt
      - -e .[{extras.group(1)}]
"""


if __name__ == "__main__":
    (ROOT / "environment.yml").write_text(text())
