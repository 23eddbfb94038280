"""A home is thrown away whole, however deep or shut it was left; a watch names what was passed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from workbook.running import contain, folders
from workbook.running.caps import Caps, Watch
from workbook.running.folders import Odd, below, remove
from workbook.running.launch import Launcher


def test_a_folder_of_any_depth_is_removed(tmp_path: Path) -> None:
    before = Path.cwd()
    home = tmp_path / "home"
    home.mkdir()
    try:
        os.chdir(home)
        for number in range(1_500):  # deeper than a path may be long, or Python may recurse
            Path("file").write_text("x")
            Path("dd" * 50).mkdir()
            os.chdir("dd" * 50)
            if number == 700:
                Path("link").symlink_to(tmp_path)
    finally:
        os.chdir(before)
    with pytest.raises(Odd):
        list(below(home))
    remove(home)
    assert not home.exists()
    assert tmp_path.exists()


def test_a_shut_folder_and_links_are_removed_and_lead_nowhere(tmp_path: Path) -> None:
    home, kept = tmp_path / "home", tmp_path / "kept"
    kept.mkdir()
    (kept / "file").write_text("x")
    (home / "a/b").mkdir(parents=True)
    (home / "a/link").symlink_to(kept)
    (home / "a/b/other").symlink_to(kept / "file")
    (home / "a/b").chmod(0)
    (home / "a").chmod(0)
    remove(home)
    assert not home.exists()
    assert (kept / "file").read_text() == "x"


def test_the_homes_of_a_process_that_was_lost_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "IN_MEMORY", tmp_path)
    monkeypatch.setattr(folders, "MEMORY_LEFT", 0)
    mine, kept = folders.new_home(), tmp_path / "kept"
    kept.mkdir()
    (tmp_path / f"workbook-{os.getpid()}-link").symlink_to(kept)
    other = tmp_path / "workbook-1-other"
    other.mkdir()
    folders.remove_those_of(os.getpid())
    assert not mine.exists()
    assert kept.exists()
    assert other.exists()


class Idle:
    """A launcher that runs nothing but has a home to look at."""

    walls = contain.NONE
    pid = 0

    def __init__(self, home: Path) -> None:
        self.homes = {home}


@pytest.mark.parametrize(
    ("caps", "said"),
    [
        (Caps(files=3), "more than 3 files"),
        (Caps(disk_bytes=1024**2), "more than 1 MB of disk"),
        (Caps(), ""),
    ],
)
def test_a_watch_names_the_bound(tmp_path: Path, caps: Caps, said: str) -> None:
    for number in range(5):
        (tmp_path / str(number)).write_bytes(b"x" * 400_000)
    launcher: Launcher = Idle(tmp_path)  # type: ignore[assignment]
    watch = Watch(launcher, 60.0, lambda reason: None, caps)
    assert said in watch.look()
    assert bool(said) == bool(watch.look())
