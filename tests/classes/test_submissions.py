"""What an instructor may find in a folder of submissions: each read, or refused with its reason."""

from __future__ import annotations

import json
import os
import stat
import sys
import zipfile
from pathlib import Path

import pytest

from workbook import tree
from workbook.classroom import submissions
from workbook.classroom.submissions import Refused, found, named, read, same_student

FIRST = tree.lesson(1).package


def zipped(place: Path, entries: dict[str, bytes], link: str = "") -> Path:
    place.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
        if link:
            entry = zipfile.ZipInfo(link)
            entry.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(entry, "/etc/passwd")
    return place


@pytest.mark.parametrize("top", ["lessons/", "", "work-main/lessons/", "work-main/"])
def test_lessons_are_found_wherever_they_are_packed(tmp_path: Path, top: str) -> None:
    place = zipped(tmp_path / "alice.zip", {f"{top}{FIRST}/app.py": b"app = 1", "notes.txt": b""})
    assert read(place, "alice").lessons == {FIRST: {"app.py": b"app = 1"}}


def test_a_folder_reads_as_its_zip_does(tmp_path: Path) -> None:
    folder = tmp_path / "alice"
    (folder / "lessons" / FIRST / "deep").mkdir(parents=True)
    (folder / "lessons" / FIRST / "app.py").write_bytes(b"one")
    (folder / "lessons" / FIRST / "deep/er.py").write_bytes(b"two")
    (folder / ".git").mkdir()
    (folder / ".git/config").write_bytes(b"never looked at")
    inside = f"lessons/{FIRST}"
    archive = zipped(
        tmp_path / "a.zip", {f"{inside}/app.py": b"one", f"{inside}/deep/er.py": b"two"}
    )
    one, other = read(folder, "one"), read(archive, "other")
    assert one.lessons == other.lessons
    assert one.digest(FIRST) == other.digest(FIRST)


REFUSED = {
    "a path that leads out": ({"../x.py": b""}, "", "leads out"),
    "an absolute path": ({"/etc/x.py": b""}, "", "leads out"),
    "a path that leads out of Windows": ({"..\\x.py": b""}, "", "leads out"),
    "a link": ({f"{FIRST}/app.py": b""}, f"{FIRST}/link.py", "is a link"),
    "nothing of the course": ({"readme.md": b""}, "", "holds no lesson"),
    "nothing at all": ({}, "", "is empty"),
    "one lesson twice": ({f"a/{FIRST}/app.py": b"1", f"b/{FIRST}/app.py": b"2"}, "", "twice"),
    "a file where a folder is": (
        {f"{FIRST}/app": b"", f"{FIRST}/app/x.py": b""}, "", "is a file and a folder"
    ),
    "a name without end": ({f"{FIRST}/{'x' * 150}.py": b""}, "", "no name for a file"),
    "folders in folders": ({f"{FIRST}/{'d/' * 30}x.py": b""}, "", "no name for a file"),
    "a name that moves a terminal": ({f"{FIRST}/\x1b[2J.py": b""}, "", "no name for a file"),
    "a huge file": ({f"{FIRST}/app.py": b"0" * 2_000_000}, "", "unpacks to more"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_a_zip_that_cannot_be_graded_is_refused_with_its_reason(tmp_path: Path, what: str) -> None:
    entries, link, reason = REFUSED[what]
    seen = read(zipped(tmp_path / "x.zip", entries, link), "x")
    assert reason in seen.refused
    assert seen.lessons == {}


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    """A zip can claim any size: what counts is what comes out."""
    place = zipped(tmp_path / "bomb.zip", {f"{FIRST}/app.py": bytes(200_000_000)})
    raw = bytearray(place.read_bytes())
    size = (200_000_000).to_bytes(4, "little")
    assert raw.count(size) == 2
    place.write_bytes(bytes(raw).replace(size, (10).to_bytes(4, "little")))
    seen = read(place, "bomb")
    assert seen.refused
    assert seen.lessons == {}


def test_ten_thousand_files_are_refused(tmp_path: Path) -> None:
    many = {f"{FIRST}/f{number}.py": b"" for number in range(10_000)}
    assert "more than 5,000 files" in read(zipped(tmp_path / "x.zip", many), "x").refused


def test_a_broken_zip_is_refused(tmp_path: Path) -> None:
    for content in (b"", b"PK\x03\x04 half", b"not a zip"):
        (tmp_path / "x.zip").write_bytes(content)
        assert read(tmp_path / "x.zip", "x").refused


@pytest.mark.parametrize("what", ["the packed bytes", "a name that is no UTF-8"])
def test_a_zip_that_was_damaged_on_its_way_is_refused(tmp_path: Path, what: str) -> None:
    place = zipped(tmp_path / "x.zip", {f"{FIRST}/äpp.py": b"print('a text that is packed')" * 9})
    whole = place.read_bytes()
    name = f"{FIRST}/äpp.py".encode()
    if what == "the packed bytes":
        begin = whole.index(name) + len(name)
        whole = whole[:begin] + b"\xff" * 8 + whole[begin + 8 :]
    else:
        whole = whole.replace(name, name.replace("ä".encode(), b"\xff\xfe"))
    place.write_bytes(whole)
    seen = read(place, "x")
    assert seen.refused.startswith("it cannot be read: ")
    assert seen.refused.isprintable()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems make no such names")
@pytest.mark.parametrize("kind", ["a file", "a link", "a huge file"])
def test_a_name_that_is_no_text_is_refused_in_words_that_can_be_written(
    tmp_path: Path, kind: str
) -> None:
    lesson = tmp_path / "x" / FIRST
    lesson.mkdir(parents=True)
    odd = os.path.join(os.fsencode(lesson), b"\xff\xfe.py")
    if kind == "a link":
        os.symlink(b"/etc/\xff", odd)
    else:
        Path(os.fsdecode(odd)).write_bytes(b"0" * (2_000_000 if "huge" in kind else 1))
    seen = read(tmp_path / "x", "x")
    assert seen.refused
    assert seen.refused.isprintable()
    seen.refused.encode()


@pytest.mark.skipif(os.name != "posix", reason="links")
def test_a_link_to_another_submission_brings_nothing(tmp_path: Path) -> None:
    zipped(tmp_path / "class/alice.zip", {f"{FIRST}/app.py": b"hers"})
    (tmp_path / "class/mallory.zip").symlink_to("alice.zip")
    alice, mallory = (read(place, place.stem) for place in found([tmp_path / "class"]))
    assert alice.lessons
    assert (mallory.lessons, mallory.refused) == ({}, "it is a link")
    (tmp_path / "shortcut").symlink_to(tmp_path / "class/alice.zip")
    (named_one,) = found([tmp_path / "shortcut"])  # whoever runs the command means what it says
    assert read(named_one, "x").lessons == alice.lessons


def test_folders_that_nobody_sees_are_no_part_of_it(tmp_path: Path) -> None:
    """The learner's edition keeps pristine starters in one."""
    inside = {f"lessons/{FIRST}/app.py": b"1", f"lessons/.starters/{FIRST}/app.py": b"2"}
    zipped(tmp_path / "x.zip", inside | {f".git/{FIRST}/app.py": b"3"})
    assert read(tmp_path / "x.zip", "x").lessons == {FIRST: {"app.py": b"1"}}
    for path, content in inside.items():
        (tmp_path / "y" / path).parent.mkdir(parents=True)
        (tmp_path / "y" / path).write_bytes(content)
    assert read(tmp_path / "y", "y").lessons == {FIRST: {"app.py": b"1"}}


def test_nobody_gets_a_name_that_somebody_else_has(tmp_path: Path) -> None:
    places = [tmp_path / one for one in ("alice", "alice (2)", "alice.zip", "Alice (2).zip")]
    names = [name for _, name, _ in named(places)]
    assert names == ["alice", "alice (2)", "alice (3)", "Alice (2) (2)"]


@pytest.mark.skipif(os.name != "posix", reason="links and pipes")
@pytest.mark.parametrize("kind", ["link to a file", "link to a folder", "pipe"])
def test_a_folder_with_a_link_or_a_pipe_is_refused_and_not_followed(
    tmp_path: Path, kind: str
) -> None:
    lesson = tmp_path / "x/lessons" / FIRST
    lesson.mkdir(parents=True)
    (lesson / "app.py").write_text("")
    if kind == "pipe":
        os.mkfifo(lesson / "users.py")
    else:
        (lesson / "inside.py").symlink_to("/etc" if "folder" in kind else "/etc/passwd")
    assert read(tmp_path / "x", "x").refused


def test_places_are_submissions_or_folders_of_them(tmp_path: Path) -> None:
    for name in ("bob", "alice"):
        (tmp_path / "class" / name / "lessons").mkdir(parents=True)
    zipped(tmp_path / "class/carol.zip", {"x": b""})
    (tmp_path / "class/.hidden").mkdir()
    (tmp_path / "class/list.csv").write_text("")
    (tmp_path / "nobody").mkdir()
    listed = found([tmp_path / "class", tmp_path / "class/bob"])
    assert [place.name for place in listed] == ["alice", "bob", "carol.zip", "bob"]
    for nothing in (tmp_path / "nobody", tmp_path / "missing"):
        with pytest.raises(Refused):
            found([nothing])


def test_two_submissions_of_one_student_are_told_apart(tmp_path: Path) -> None:
    places = [tmp_path / one for one in ("alice", "Alice.zip", "ａlice", "bob")]
    assert [name for _, name, _ in named(places)] == ["alice", "Alice (2)", "ａlice (3)", "bob"]
    assert [bool(note) for _, _, note in named(places)] == [False, True, True, False]
    pairs = [("alice", "Alice A."), ("bob", "alice a."), ("carol", "carol")]
    assert list(same_student(pairs)) == ["bob"]


def test_a_hand_in_says_whose_it_is(tmp_path: Path) -> None:
    inside = {f"lessons/{FIRST}/app.py": b""}
    who = json.dumps({"name": "Alice\x1b[31m\nAmsel"}).encode()
    seen = read(zipped(tmp_path / "x.zip", {"student.json": who} | inside), "x")
    assert seen.student == "Alice�[31m�Amsel"
    for odd in (b"[", b"[]", b'{"name": null}', b'{"name": {}}', b"[" * 100_000):
        place = zipped(tmp_path / "y.zip", {"student.json": odd} | inside)
        assert read(place, "y").student in ("y", "{}")


def test_the_limits_are_what_a_lesson_never_reaches() -> None:
    for lesson in tree.lessons():
        files = [path for path in lesson.solution.rglob("*.py") if path.is_file()]
        assert len(files) * 10 < submissions.MOST_FILES
        assert sum(path.stat().st_size for path in files) * 10 < submissions.LARGEST_SUBMISSION
