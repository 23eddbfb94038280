"""What can be said of rung C without a Mac: the profile's text, and when it is put up."""

import sys
from pathlib import Path

import pytest

from workbook.running import contain, seatbelt
from workbook.running.contain import Limits


def test_the_profile_names_where_links_lead_and_quotes_it(tmp_path: Path) -> None:
    odd = tmp_path / 'a "quoted" \\ name'
    odd.mkdir()
    link = tmp_path / "link"
    link.symlink_to(odd)
    text = seatbelt.profile(reading=[], writing=[link])
    named = str(odd.resolve()).replace("\\", "\\\\").replace('"', '\\"')
    assert text.count(f'(subpath "{named}")') == 2  # to write, and to read
    assert text.count("(") == text.count(")")
    for kept in ("network-outbound", "network-bind", "signal", "file-write*", "file-read-data"):
        assert f"{kept}" in text.partition("(allow signal")[0] or f"(deny {kept})" in text


def test_what_may_be_read_may_not_be_written(tmp_path: Path) -> None:
    writing, _, reading = seatbelt.profile([tmp_path / "code"], [tmp_path]).partition(
        "(deny file-read-data)"
    )
    assert "code" not in writing
    assert "code" in reading


@pytest.mark.parametrize(("stands", "rung"), [("CA", "C"), ("A", "A"), ("", "")])
def test_a_mac_has_the_highest_rung_that_stands(
    stands: str, rung: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(contain, "_stands", stands.__contains__)
    walls = contain.tried([])
    assert walls.rung == rung
    assert any("not tested" in one for one in walls.mechanisms) == (rung == "C")


@pytest.mark.parametrize("rung", ["A", "C"])
def test_the_profile_is_put_up_before_the_user_is_dropped(
    rung: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[object] = []
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(contain, "limit", done.append)
    monkeypatch.setattr(contain, "own_libraries", list)  # it asks this system, which is none
    monkeypatch.setattr(seatbelt, "restrict", lambda reading, writing: done.append(writing))
    for name in ("setgroups", "setgid", "setuid"):
        monkeypatch.setattr(f"os.{name}", done.append)
    limits, home = Limits(), tmp_path / "home"
    assert not contain.give_up(home, tmp_path / "code", limits, 7, rung)
    assert done == [limits, *([[home]] if rung == "C" else []), [], 7, 7]
