import os
import subprocess
import sys
from importlib import metadata

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd
import pytest
import sklearn
from matplotlib.colors import to_rgb
from threadpoolctl import ThreadpoolController, threadpool_info

from mlworkbench import notebook as nb
from mlworkbench.notebook import _setup


@pytest.fixture
def own_settings(monkeypatch):
    """Undo what `setup` sets."""
    for name in ("TQDM_DISABLE", "OMP_WAIT_POLICY", *_setup._THREADS):
        if name in os.environ:
            monkeypatch.setenv(name, os.environ[name])
        else:
            monkeypatch.setenv(name, "")
            monkeypatch.delenv(name)
    before = {pool["filepath"]: pool["num_threads"] for pool in threadpool_info()}
    with mpl.rc_context(), sklearn.config_context():
        yield
    for pool in ThreadpoolController().lib_controllers:
        pool.set_num_threads(before.get(pool.filepath, 1))
    pd.reset_option("display")


def test_setup_prints_nothing_and_can_be_run_again(own_settings, capfd):
    nb.setup()
    nb.setup()
    assert capfd.readouterr() == ("", "")
    assert sklearn.get_config()["display"] == "text"
    assert pd.get_option("display.max_rows") == 20
    assert plt.rcParams["figure.figsize"] == [6.4, 3.6]
    assert os.environ["TQDM_DISABLE"] == "1"


def run(code):
    """Run code in a fresh Python with two threads; return what it prints."""
    environment = os.environ | dict.fromkeys(_setup._THREADS, "2")
    command = [sys.executable, "-c", code]
    return subprocess.run(
        command, capture_output=True, text=True, check=True, env=environment
    ).stdout.strip()


COUNT = (
    "import numpy, scipy.linalg, sklearn.ensemble, threadpoolctl\n"
    "count = lambda: {p['num_threads'] for p in threadpoolctl.threadpool_info()}\n"
)


@pytest.mark.parametrize(
    ("threads", "expected"),
    [("", "{1}"), ("threads=2", "{2}"), ("threads=None", "{2}")],
)
def test_libraries_use_one_thread_unless_told(threads, expected):
    setup = f"from mlworkbench import notebook as nb; nb.setup({threads})\n"
    show = "import gc; gc.collect(); print(count())"
    assert run(COUNT + "assert count() == {2}\n" + setup + show) == expected
    assert run(setup + COUNT + show) == expected


@pytest.mark.parametrize("when", ["before", "after"])
def test_torch_uses_one_thread_whenever_it_is_imported(when):
    pytest.importorskip("torch")
    lines = ["import torch", "from mlworkbench import notebook as nb; nb.setup()"]
    code = "\n".join(lines if when == "before" else lines[::-1])
    assert run(code + "\nprint(torch.get_num_threads())") == "1"


@pytest.mark.parametrize("threads", [0, "2"])
def test_a_wrong_number_of_threads_is_refused(own_settings, threads):
    with pytest.raises((TypeError, ValueError), match=f"threads is {threads!r}"):
        nb.setup(threads=threads)


@pytest.mark.parametrize("when", ["before", "after"])
def test_progress_bars_are_off_whenever_tqdm_is_imported(when):
    lines = ["import tqdm", "from mlworkbench import notebook as nb; nb.setup()"]
    code = "\n".join([*(lines if when == "before" else lines[::-1])])
    code += "\nlist(tqdm.tqdm(range(3))); list(tqdm.trange(3, desc='x'))"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert (run.stdout, run.stderr) == ("", "")


def test_an_old_environment_is_one_clear_error(monkeypatch, own_settings):
    versions = {"numpy": "1.26.4", "pandas": "2.2.0"}
    real = metadata.version
    monkeypatch.setattr(
        _setup.metadata, "version", lambda name: versions.get(name) or real(name)
    )
    message = (
        r"^this environment is too old: numpy is 1\.26\.4, needed is >=2\.0; "
        r"pandas is 2\.2\.0, needed is >=3\.0\. To repair it, run `make lab` again"
    )
    with pytest.raises(RuntimeError, match=message):
        nb.setup()
    report = nb.environment()
    assert not report.ok
    assert "numpy is 1.26.4" in str(report)


def test_a_missing_part_is_told_by_environment_only(monkeypatch, own_settings):
    real = metadata.version

    def version(name):
        if name == "ipywidgets":
            raise metadata.PackageNotFoundError(name)
        return real(name)

    monkeypatch.setattr(_setup.metadata, "version", version)
    nb.setup()
    states = nb.environment().frame.set_index("part")["state"]
    assert states["live controls"].startswith("ipywidgets is missing: run `make lab`")
    assert states["figures"] == "ready"


def test_the_environment_check_shows_no_version_and_no_path():
    report = nb.environment()
    assert report.ok
    assert set(report.frame["state"]) == {"ready"}
    assert not any(character.isdigit() for character in str(report))
    assert "/" not in str(report)


def test_not_installed_means_nothing_to_compare(monkeypatch):
    def requires(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(_setup.metadata, "requires", requires)
    assert _setup._packages() == ([], [])


def luminance(colour):
    """Give the relative luminance of WCAG 2.2."""
    channels = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in to_rgb(colour)
    ]
    return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]


def test_the_colours_survive_a_grey_copy():
    with plt.style.context(_setup.STYLE):
        cycle = list(plt.rcParams["axes.prop_cycle"])
    first = [luminance(entry["color"]) for entry in cycle[:3]]
    for one, two in [(0, 1), (1, 2), (0, 2)]:
        brighter, darker = sorted((first[one], first[two]), reverse=True)
        assert (brighter + 0.05) / (darker + 0.05) > 2
    looks = [(round(luminance(e["color"]), 1), e["linestyle"]) for e in cycle]
    assert len(set(looks)) == len(looks)
