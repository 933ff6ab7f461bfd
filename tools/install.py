"""Make a virtual environment with the project and its extras (stdlib only)."""

from __future__ import annotations

import argparse
import subprocess
import sys
import urllib.error
import urllib.request
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST = (3, 11)


def say(text: str) -> None:
    """Print a line at once, so that progress is visible in a pipe too."""
    print(f"\n== {text}", flush=True)


def reachable(url: str) -> bool:
    """Tell whether an index answers within a few seconds."""
    try:
        with urllib.request.urlopen(f"{url}/torch/", timeout=10):  # noqa: S310
            return True
    except (urllib.error.URLError, OSError, ValueError):
        return False


def install(folder: Path, extras: str, torch_index: str, newest: bool) -> None:
    """Create the environment when missing, and install into it."""
    python = folder / "bin" / "python"
    if not python.exists():
        say(f"1/3 Creating {folder.name}")
        venv.create(folder, with_pip=True)
    pip = [str(python), "-m", "pip", "install", "--disable-pip-version-check"]

    say("2/3 Installing PyTorch")
    index: list[str] = []
    if torch_index and reachable(torch_index):
        index = ["--extra-index-url", torch_index]
    elif torch_index:
        print(
            f"{torch_index} cannot be reached: taking torch from the default index.\n"
            "On Linux that may be the CUDA build, several gigabytes.",
            flush=True,
        )
    pins = [] if newest else ["-c", "constraints.txt"]
    subprocess.run([*pip, *pins, "torch", *index], check=True, cwd=ROOT)

    say(f"3/3 Installing mlworkbench[{extras}], some minutes the first time")
    subprocess.run([*pip, *pins, "-e", f".[{extras}]"], check=True, cwd=ROOT)


def main() -> int:
    """Read the command line and install."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--extras", default="course")
    parser.add_argument("--torch-index", default="")
    parser.add_argument("--newest", action="store_true", help="without constraints")
    options = parser.parse_args()
    if sys.version_info < OLDEST:
        version = ".".join(map(str, sys.version_info[:2]))
        print(
            f"This is Python {version}; mlworkbench needs 3.11 or newer. "
            "Say which one to take: make PYTHON=python3.11 …",
            file=sys.stderr,
        )
        return 2
    try:
        install(
            ROOT / options.folder, options.extras, options.torch_index, options.newest
        )
    except subprocess.CalledProcessError as error:
        print(
            "\nThe installation stopped (the lines above say why). Nothing is lost: "
            "run the same command again, or `make clean` first to start afresh.",
            file=sys.stderr,
        )
        return error.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
