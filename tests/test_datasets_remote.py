"""Fetching: every way it can fail leaves a clear error and no file."""

import errno
import hashlib
import os
import socket
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pooch
import pytest

from mlworkbench import datasets
from mlworkbench.datasets import _remote

CONTENT = b"text,category\n" + b"where is my card,card_arrival\n" * 20_000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Handler(BaseHTTPRequestHandler):
    """Serves CONTENT, spoilt in the way the path asks for."""

    def do_GET(self):
        self.server.asked.append(self.path)
        if self.path == "/gone.csv":
            self.send_error(404)
            return
        if self.path == "/together.csv":
            # Answers only when two clients are waiting at the same time.
            self.server.barrier.wait(timeout=60)
        body = CONTENT[:-1] + b"?" if self.path == "/wrong.csv" else CONTENT
        self.send_response(200)
        if self.path != "/unsized.csv":
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        half = self.path in ("/cut.csv", "/unsized.csv")
        self.wfile.write(body[: len(body) // 2] if half else body)

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.asked, server.barrier = [], threading.Barrier(2)
        server.address = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setattr(pooch, "os_cache", lambda name: tmp_path / "cache" / name)
    monkeypatch.delenv("MLWORKBENCH_DATA", raising=False)
    return tmp_path / "cache" / "mlworkbench"


def files_below(folder):
    return sorted(p.name for p in folder.rglob("*") if p.is_file())


def entry(server, file="good.csv"):
    return {"address": f"{server.address}/{file}", "sha256": SHA256}


def test_a_file_is_fetched_once(server, cache):
    path = _remote.find_file("demo", "good.csv", entry(server))
    assert path == cache / "demo" / "good.csv"
    assert path.read_bytes() == CONTENT
    assert _remote.find_file("demo", "good.csv", entry(server)) == path
    assert server.asked == ["/good.csv"]
    assert files_below(cache) == ["good.csv"]


def test_a_spoilt_cache_is_fetched_anew(server, cache):
    (cache / "demo").mkdir(parents=True)
    (cache / "demo" / "good.csv").write_bytes(b"half a fi")
    path = _remote.find_file("demo", "good.csv", entry(server))
    assert path.read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("file", "error", "message"),
    [
        (
            "wrong.csv",
            datasets.ChecksumError,
            "demo/wrong.csv arrived from .* with SHA",
        ),
        ("unsized.csv", datasets.ChecksumError, "nothing was kept. Try again"),
        ("cut.csv", datasets.DatasetError, r"could not be fetched .*MLWORKBENCH_DATA"),
        ("gone.csv", datasets.DatasetError, r"\(HTTPError\); nothing was kept"),
    ],
)
def test_what_arrives_wrong_is_not_kept(server, cache, file, error, message):
    with pytest.raises(error, match=message):
        _remote.find_file("demo", file, entry(server, file))
    assert server.asked == [f"/{file}"]
    assert files_below(cache) == []


def test_a_failed_fetch_leaves_the_old_file(server, cache):
    (cache / "demo").mkdir(parents=True)
    (cache / "demo" / "cut.csv").write_bytes(b"an older edition")
    with pytest.raises(datasets.DatasetError, match="could not be fetched"):
        _remote.find_file("demo", "cut.csv", entry(server, "cut.csv"))
    assert (cache / "demo" / "cut.csv").read_bytes() == b"an older edition"
    assert files_below(cache) == ["cut.csv"]


def test_no_network(cache):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}/good.csv"
        with pytest.raises(datasets.DatasetError, match=r"ConnectionError.*Go online"):
            _remote.find_file("demo", "a.csv", {"address": address, "sha256": SHA256})
    assert files_below(cache) == []


def test_full_disk(server, cache, monkeypatch):
    written = []

    def write(self, chunk):
        written.append(len(chunk))
        if len(written) > 2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self.file.write(chunk)

    monkeypatch.setattr(_remote._Hashing, "write", write)
    with pytest.raises(datasets.DatasetError, match=r"No space left.*Free space there"):
        _remote.find_file("demo", "good.csv", entry(server))
    assert len(written) == 3
    assert files_below(cache) == []


@pytest.mark.skipif(
    hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write everywhere"
)
def test_read_only_cache(server, cache):
    (cache / "demo").mkdir(parents=True)
    (cache / "demo").chmod(0o555)
    with pytest.raises(
        datasets.DatasetError, match="could not be written to the cache"
    ):
        _remote.find_file("demo", "good.csv", entry(server))
    (cache / "demo").chmod(0o755)
    assert server.asked == []
    assert files_below(cache) == []


def test_cache_that_cannot_be_made(server, cache):
    cache.parent.mkdir()
    cache.write_text("a file where the folder should be")
    with pytest.raises(
        datasets.DatasetError, match="could not be written to the cache"
    ):
        _remote.find_file("demo", "good.csv", entry(server))
    assert server.asked == []


def test_read_only_cache_for_root_too(server, cache, monkeypatch):
    really_open = os.open

    def refuse(path, *args, **options):
        if str(path).endswith(".tmp"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return really_open(path, *args, **options)

    monkeypatch.setattr("os.open", refuse)
    with pytest.raises(
        datasets.DatasetError, match=r"Permission denied.*make it writab"
    ):
        _remote.find_file("demo", "good.csv", entry(server))
    assert files_below(cache) == []


def test_two_processes_at_once(server, tmp_path):
    code = (
        "import sys; from pathlib import Path\n"
        "from mlworkbench.datasets._remote import fetch_file\n"
        "fetch_file(sys.argv[1], Path(sys.argv[2]), sys.argv[3])\n"
    )
    target = tmp_path / "demo" / "together.csv"
    command = [sys.executable, "-c", code, f"{server.address}/together.csv"]
    both = [
        subprocess.Popen([*command, str(target), SHA256], stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    errors = [process.communicate(timeout=120)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], errors
    assert len(server.asked) == 2
    assert target.read_bytes() == CONTENT
    assert files_below(tmp_path) == ["together.csv"]


def test_own_folder_is_read_and_never_written(server, cache, tmp_path, monkeypatch):
    folder = tmp_path / "own"
    (folder / "demo").mkdir(parents=True)
    monkeypatch.setenv("MLWORKBENCH_DATA", str(folder))
    # Not there: fetched into the cache, the folder stays as it is.
    _remote.find_file("demo", "good.csv", entry(server))
    assert files_below(folder) == []
    (folder / "demo" / "good.csv").write_bytes(CONTENT)
    found = _remote.find_file("demo", "good.csv", entry(server))
    assert found == folder / "demo" / "good.csv"
    assert server.asked == ["/good.csv"]
    (folder / "demo" / "good.csv").write_bytes(b"something else")
    with pytest.raises(datasets.ChecksumError, match="unset MLWORKBENCH_DATA"):
        _remote.find_file("demo", "good.csv", entry(server))
    assert (folder / "demo" / "good.csv").read_bytes() == b"something else"


def test_progress_is_shown_when_wanted(server, cache, monkeypatch, capsys):
    _remote.find_file("demo", "good.csv", entry(server))
    assert capsys.readouterr().err == ""
    monkeypatch.setenv("MLWORKBENCH_PROGRESS", "1")
    _remote.fetch_file(f"{server.address}/good.csv", cache / "b.csv", SHA256)
    err = capsys.readouterr().err
    assert "mlworkbench/b.csv" in err
    assert "100 % of 0.6 MB" in err
    monkeypatch.setenv("MLWORKBENCH_PROGRESS", "0")
    _remote.fetch_file(f"{server.address}/good.csv", cache / "c.csv", SHA256)
    assert capsys.readouterr().err == ""


def test_pinned_addresses_and_hashes():
    # The beginnings are those of the issue that asked for these data.
    cards = {name: datasets.card(name) for name in datasets.names("remote")}
    begin = {
        "train.csv": "b06e26ac67551395",
        "test.csv": "d12d6e3bc4c31039",
        "elec.csv": "cdf901433885f29e",
    }
    found = {file: e for card in cards.values() for file, e in card.files.items()}
    assert {f: e["sha256"][:16] for f, e in found.items()} == begin
    for card in cards.values():
        for e in card.files.values():
            assert f"/{card.source['commit']}/" in e["address"]
            assert len(card.source["commit"]) == 40


@pytest.mark.network
@pytest.mark.parametrize("name", ["banking77", "elec2"])
def test_remote_data_sets_load(name):
    try:
        paths = datasets.fetch(name)
    except datasets.DatasetError as error:
        pytest.skip(f"{name} cannot be had here: {error}")
    data = datasets.load(name)
    assert [p.name for p in paths] == list(data.card.files)
    assert len(data.frame) == data.card.rows
