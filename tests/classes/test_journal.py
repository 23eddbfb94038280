"""A journal keeps what is finished: cut short anywhere, it goes on with every whole verdict."""

from __future__ import annotations

import errno
import fcntl
import os
import random
from pathlib import Path

import pytest
from full_disk import FULL, on_a_full_disk

from workbook.classroom.journal import Journal, Mismatch, Verdicts

ABOUT = {"seed": "s", "checks": ["c"]}


def verdict(number: int) -> dict[str, object]:
    return {"points": number, "text": f"é\ud800 {number} " * 20}


def filled(path: Path, verdicts: int) -> None:
    journal = Journal(path, ABOUT)
    for number in range(verdicts):
        journal.add(str(number), verdict(number))
    journal.close()


def test_verdicts_come_back_as_they_were(tmp_path: Path) -> None:
    filled(tmp_path / "j", 5)
    again = Journal(tmp_path / "j", ABOUT)
    assert [again.verdict(str(number)) for number in range(5)] == [verdict(n) for n in range(5)]
    assert "5" not in again


def test_a_journal_cut_at_any_byte_keeps_every_whole_verdict(tmp_path: Path) -> None:
    filled(tmp_path / "j", 4)
    whole = (tmp_path / "j").read_bytes()
    ends = [place + 1 for place, byte in enumerate(whole) if byte == 10]
    places = [*ends, *(end - 1 for end in ends), *random.Random(1).sample(range(len(whole)), 60)]
    for place in places:
        (tmp_path / "j").write_bytes(whole[:place])
        again = Journal(tmp_path / "j", ABOUT)
        kept = max(0, sum(end <= place for end in ends) - 1)
        assert [str(number) in again for number in range(4)] == [n < kept for n in range(4)]
        for number in range(kept, 4):
            again.add(str(number), verdict(number))
        again.close()
        assert (tmp_path / "j").read_bytes() == whole


def test_a_full_disk_leaves_no_half_line(tmp_path: Path) -> None:
    """The write ends in the middle of a line."""
    filled(tmp_path / "j", 2)
    before = (tmp_path / "j").read_bytes()

    def add() -> None:
        journal = Journal(tmp_path / "j", ABOUT)
        try:
            journal.add("2", verdict(2))
        finally:
            assert "2" not in journal

    assert on_a_full_disk(len(before) + 40, add) == FULL
    assert (tmp_path / "j").read_bytes() == before


def test_a_journal_of_another_run_is_not_gone_on_with(tmp_path: Path) -> None:
    filled(tmp_path / "j", 1)
    with pytest.raises(Mismatch, match="seed"):
        Journal(tmp_path / "j", ABOUT | {"seed": "another"})
    left_open = Journal(tmp_path / "j", ABOUT | {"seed": None})
    assert left_open.about["seed"] == "s"


@pytest.mark.skipif(os.name != "posix", reason="no locks on files")
def test_two_runs_do_not_write_into_one_journal(tmp_path: Path) -> None:
    first = Journal(tmp_path / "j", ABOUT)
    with pytest.raises(Mismatch, match="goes on just now"):
        Journal(tmp_path / "j", ABOUT)
    first.close()
    Journal(tmp_path / "j", ABOUT).close()


@pytest.mark.skipif(os.name != "posix", reason="no locks on files")
def test_a_file_system_without_locks_keeps_a_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(descriptor: int, how: int) -> None:
        raise OSError(errno.ENOSYS, "Function not implemented")

    monkeypatch.setattr(fcntl, "flock", unknown)
    filled(tmp_path / "j", 2)
    assert list(Verdicts(tmp_path / "j")) == ["0", "1"]


def test_a_journal_that_is_only_read_is_not_begun(tmp_path: Path) -> None:
    assert Verdicts(tmp_path / "j").whole == 0
    assert not (tmp_path / "j").exists()
