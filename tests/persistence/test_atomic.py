"""Files that are there whole or not at all."""

import errno
import os
import signal
import stat
import subprocess
import sys
import time

import pytest

from gdpd_sklearn.persistence import _atomic, check_path, replacing, write_atomically


def test_content_is_written_and_replaced(tmp_path):
    path = tmp_path / "a.bin"
    for content in (b"one", b"", b"x" * 100_000):
        write_atomically(path, content)
        assert path.read_bytes() == content
        assert os.listdir(tmp_path) == ["a.bin"]
    write_atomically(str(path), b"by name")
    assert path.read_bytes() == b"by name"


def test_a_new_file_has_the_rights_of_any_file(tmp_path):
    write_atomically(tmp_path / "a", b"")
    (tmp_path / "b").touch()
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == stat.S_IMODE(
        (tmp_path / "b").stat().st_mode
    )


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "there").mkdir()
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "there" / "file")
    write_atomically(link, b"new")
    assert link.is_symlink()
    assert (tmp_path / "there" / "file").read_bytes() == b"new"


@pytest.mark.parametrize("path", [None, 3, b"name", object()])
def test_what_is_no_path_is_refused(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(TypeError, match=r"path=.* must be a str or a Path"):
        write_atomically(path, b"")
    with pytest.raises(TypeError, match=r"folder=.* must be a str or a Path"):
        check_path(path, "folder")
    assert os.listdir(tmp_path) == []


def fill(monkeypatch):
    """Let every file be written by half, as on a disk that is full then."""

    def fsync(descriptor):
        os.truncate(descriptor, os.fstat(descriptor).st_size // 2)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", fsync)


def test_a_full_disk_leaves_the_old_file_and_names_it(tmp_path, monkeypatch):
    path = tmp_path / "a.bin"
    write_atomically(path, b"old")
    fill(monkeypatch)
    with pytest.raises(OSError, match=r"No space left on device.*a\.bin") as caught:
        write_atomically(path, b"new and longer")
    assert caught.value.errno == errno.ENOSPC
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.bin"]


def test_a_missing_folder_is_told(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere.a"):
        write_atomically(tmp_path / "nowhere" / "a", b"")


def test_a_folder_of_that_name_is_left_alone(tmp_path):
    (tmp_path / "a").mkdir()
    with pytest.raises(OSError, match=r"a'"):
        write_atomically(tmp_path / "a", b"")
    assert os.listdir(tmp_path) == ["a"]


def test_of_several_files_all_are_new_or_none(tmp_path):
    paths = [tmp_path / name for name in "abc"]
    for path in paths[:2]:
        path.write_bytes(b"old")

    def write(until):
        with replacing() as put:
            for number, path in enumerate(paths):
                if number == until:
                    raise KeyError(path)
                put(path, b"new")
                assert not path.exists() or path.read_bytes() == b"old"

    for until in range(3):
        with pytest.raises(KeyError):
            write(until)
        assert [path.read_bytes() for path in paths[:2]] == [b"old"] * 2
        assert sorted(os.listdir(tmp_path)) == ["a", "b"]
    write(until=None)
    assert [path.read_bytes() for path in paths] == [b"new"] * 3
    assert sorted(os.listdir(tmp_path)) == ["a", "b", "c"]


KILLED = """
import importlib.util, sys
# the module alone: the package takes seconds to import
spec = importlib.util.spec_from_file_location("atomic", sys.argv[2])
atomic = importlib.util.module_from_spec(spec)
spec.loader.exec_module(atomic)
while True:
    for letter in (b"a", b"b"):
        atomic.write_atomically(sys.argv[1], letter * 200_000)
"""


@pytest.mark.parametrize("delay", [0.0, 0.013, 0.037])
def test_a_kill_leaves_one_of_the_files_whole(tmp_path, delay):
    path = tmp_path / "file"
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(path), _atomic.__file__])
    while not path.exists():
        time.sleep(0.001)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(delay)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert path.read_bytes() in (b"a" * 200_000, b"b" * 200_000)
