"""Headless Chromium and a JupyterLab of its own, for tests that look at pages.

`conftest.py` imports the fixtures; a test asks for `chromium`, `offline_page` or
`jupyterlab` by name.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
NAMES = ["chromium", "chromium-browser", "google-chrome", "chrome"]
START_SECONDS = 90
RUN_SECONDS = 240
STOP_SECONDS = 15


def missing(reason):
    """Skip, or fail where the machine promised a browser."""
    if os.environ.get("MLWORKBENCH_REQUIRE_BROWSER") == "1":
        pytest.fail(f"MLWORKBENCH_REQUIRE_BROWSER is 1, but {reason}", pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def chromium():
    """Give a browser, started once; skip where there is none."""
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        missing("playwright is not installed")
    with sync_playwright() as playwright:
        installed = next(filter(None, map(shutil.which, NAMES)), None)
        try:
            browser = playwright.chromium.launch(
                executable_path=installed, args=ARGUMENTS
            )
        except Error as error:
            missing(f"Chromium does not start: {str(error).splitlines()[0]}")
        yield browser
        browser.close()


@pytest.fixture
def offline_page(chromium):
    """Give a page without a network; what it asked for is in `page.asked`."""
    context = chromium.new_context(offline=True, viewport={"width": 900, "height": 900})
    page = context.new_page()
    page.asked, page.troubles = [], []
    page.on("request", lambda request: page.asked.append(request.url))
    page.on("pageerror", lambda error: page.troubles.append(str(error)))
    yield page
    context.close()


@dataclass
class Lab:
    """A running JupyterLab: its address, its folder and the browser."""

    address: str
    token: str
    folder: Path
    browser: object

    @contextlib.contextmanager
    def open(self, notebook, width=1200, height=900):
        """Copy a notebook into the server's folder and open it in a page."""
        name = Path(notebook).name
        if Path(notebook).resolve() != (self.folder / name).resolve():
            shutil.copy(notebook, self.folder / name)
        context = self.browser.new_context(viewport={"width": width, "height": height})
        page = context.new_page()
        page.set_default_timeout(START_SECONDS * 1000)
        page.goto(f"{self.address}lab/tree/{name}?reset&token={self.token}")
        page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()
        try:
            yield page
        finally:
            context.close()


# Cells that wait show a star; after an error the rest show nothing again.
FINISHED = """() => {
    const found = document.querySelectorAll(".jp-Notebook .jp-InputPrompt");
    const prompts = [...found].map((prompt) => prompt.textContent);
    return prompts.some((text) => /\\d/.test(text)) &&
        !prompts.some((text) => text.includes("*"));
}"""
ERRORS = "[data-mime-type*='jupyter.error'], [data-mime-type*='jupyter.stderr']"


def run_all(page):
    """Run every cell from the menu, as a person does, and wait for the last one."""
    # The indicator of the toolbar says idle before there is a kernel; asked to run
    # then, JupyterLab would ask back which kernel to start. The status bar knows.
    page.locator("#jp-main-statusbar").get_by_text("| Idle").wait_for()
    # Numbers of an earlier run would look like the end of this one.
    page.get_by_role("menuitem", name="Edit", exact=True).click()
    page.get_by_role("menuitem", name="Clear Outputs of All Cells").click()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.wait_for_function(FINISHED, timeout=RUN_SECONDS * 1000)
    failed = page.locator(ERRORS)
    if failed.count():
        raise AssertionError(f"a cell failed:\n{failed.first.inner_text()}")


@pytest.fixture(scope="session")
def jupyterlab(chromium, tmp_path_factory):
    """Start JupyterLab with folders of its own; nothing of the user's is touched."""
    home = tmp_path_factory.mktemp("jupyterlab")
    folder = home / "notebooks"
    folder.mkdir()
    names = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
        "MLWORKBENCH_HOME": "progress",
    }
    folders = {name: str(home / value) for name, value in names.items()}
    _write_settings(home / "settings")
    # The kernel chooses how to draw by itself, as it does for a learner.
    environment = {k: v for k, v in os.environ.items() if k != "MPLBACKEND"}
    token = "browser-test"
    log = (home / "log.txt").open("w", encoding="utf-8")
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
            *("--ServerApp.port=0", "--ServerApp.ip=127.0.0.1"),
            f"--ServerApp.root_dir={folder}",
            f"--IdentityProvider.token={token}",
            "--ServerApp.jpserver_extensions=jupyterlab_jupytext=False",
            "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
            "--LabApp.news_url=",
        ],
        cwd=folder,
        env={**environment, **folders},
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    try:
        address = _address(home / "runtime", server, home / "log.txt")
        yield Lab(address, token, folder, chromium)
    finally:
        _stop(server)
        log.close()


def _stop(server):
    """End the server, which on a busy machine can hang while it closes kernels.

    Its kernels watch for their parent, and end when it is gone.
    """
    server.terminate()
    try:
        server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def _write_settings(folder):
    """Ask no question about news, and draw all cells, not only those in view."""
    wanted = {
        "apputils-extension/notification": {"fetchNews": "false"},
        "notebook-extension/tracker": {"windowingMode": "none"},
    }
    for name, values in wanted.items():
        path = folder / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(values), encoding="utf-8")


def _address(runtime, server, log):
    """Wait until the server has written down where it listens."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        for record in runtime.glob("jpserver-*.json"):
            with contextlib.suppress(ValueError, KeyError):  # not yet complete
                return json.loads(record.read_text(encoding="utf-8"))["url"]
        time.sleep(0.1)
    tail = log.read_text(encoding="utf-8", errors="replace")[-2000:]
    raise AssertionError(f"JupyterLab did not start:\n{tail}")
