"""Files are replaced whole or not at all."""

import os
import stat

import pytest

from mlworkbench._files import replace_file, write_text


def listing(folder):
    return sorted(path.name for path in folder.iterdir())


def test_creates_and_replaces(tmp_path):
    target = tmp_path / "a.bin"
    for content in (b"one", b"two longer"):
        with replace_file(target) as file:
            file.write(content)
        assert target.read_bytes() == content
    assert listing(tmp_path) == ["a.bin"]


def test_the_old_file_stands_until_the_new_one_is_whole(tmp_path):
    target = tmp_path / "a.txt"
    target.write_text("old")
    with replace_file(target) as file:
        file.write(b"new")
        file.flush()
        assert target.read_text() == "old"
        # What lies there meanwhile is hidden and no data file by its name.
        (other,) = (name for name in listing(tmp_path) if name != "a.txt")
        assert other.startswith(".a.txt.")
        assert other.endswith(".tmp")
    assert target.read_text() == "new"


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_failure_leaves_what_was_there(tmp_path, error):
    def cut_off(target):
        with replace_file(target) as file:
            file.write(b"half")
            raise error("stop")

    target = tmp_path / "a.txt"
    target.write_text("old")
    with pytest.raises(error):
        cut_off(target)
    assert target.read_text() == "old"
    with pytest.raises(error):
        cut_off(tmp_path / "b.txt")
    assert listing(tmp_path) == ["a.txt"]


def test_a_failed_rename_leaves_no_temporary_file(tmp_path):
    target = tmp_path / "folder"
    (target / "inside").mkdir(parents=True)
    with pytest.raises(OSError, match="folder"), replace_file(target) as file:
        file.write(b"x")
    assert listing(tmp_path) == ["folder"]


def test_a_missing_folder_is_an_error(tmp_path):
    with (
        pytest.raises(FileNotFoundError),
        replace_file(tmp_path / "none" / "a.txt") as file,
    ):
        file.write(b"x")


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
def test_the_mode_is_that_of_a_new_file(tmp_path):
    old = os.umask(0o027)
    try:
        with replace_file(tmp_path / "a.txt") as file:
            file.write(b"x")
        assert os.umask(0o027) == 0o027
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "a.txt").stat().st_mode) == 0o640


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
@pytest.mark.parametrize("mode", [0o600, 0o664, 0o755])
def test_a_file_that_is_replaced_keeps_its_mode(tmp_path, mode):
    target = tmp_path / "a.txt"
    target.write_text("old")
    target.chmod(mode)
    with replace_file(target) as file:
        file.write(b"new")
        (other,) = (path for path in tmp_path.iterdir() if path != target)
        assert stat.S_IMODE(other.stat().st_mode) == 0o600
    assert stat.S_IMODE(target.stat().st_mode) == mode
    assert target.read_text() == "new"


@pytest.mark.skipif(os.name != "posix", reason="links need rights elsewhere")
def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "far").mkdir()
    for name, content in (("one", "old"), ("none", None)):
        real = tmp_path / "far" / name
        if content:
            real.write_text(content)
        link = tmp_path / f"link to {name}"
        link.symlink_to(real)
        write_text(link, "new")
        assert link.is_symlink()
        assert real.read_text() == "new"
    assert listing(tmp_path / "far") == ["none", "one"]


def test_text_is_utf8_with_its_own_line_ends(tmp_path):
    path = write_text(str(tmp_path / "a.txt"), "naïve ≥\r\nline\n")
    assert path == tmp_path / "a.txt"
    assert path.read_bytes() == "naïve ≥\r\nline\n".encode()
