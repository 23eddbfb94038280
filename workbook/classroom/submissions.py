"""The submissions that an instructor hands over: whose they are, what is in them, what is refused.

A submission is a folder, a git clone or a zip that holds `lessons/`, or lesson folders at its top,
or in the one folder that it is packed in. Nothing in it is followed, run or unpacked to disk here.
"""

from __future__ import annotations

import hashlib
import json
import stat
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from workbook import tree

MOST_ENTRIES = 5_000
"""How many files a zip or folder may list."""
MOST_FILES = 500
"""How many files its lessons may have."""
LARGEST_FILE, LARGEST_SUBMISSION = 1_000_000, 10_000_000  # bytes
NAME_LIMIT = 120
DEEPEST, LONGEST_PART, LONGEST_PATH = 12, 100, 240
"""How many folders may stand in one another in a lesson, and how long a name and a path may be."""
REASON_LIMIT = 300
SKIPPED = {"__pycache__", "node_modules"}

Read = Callable[[], bytes]


class Refused(Exception):
    """A submission cannot be graded; the message says why."""


@dataclass(frozen=True)
class Submission:
    """What one student handed in.

    `name` is its own in this class run; `student` is what it says of itself, else the name.
    `lessons` holds each lesson's files by package and relative path; `refused` says why there are
    none; `note` is for the instructor.
    """

    name: str
    student: str
    lessons: dict[str, dict[str, bytes]] = field(default_factory=dict, repr=False)
    refused: str = ""
    note: str = ""

    def digest(self, package: str) -> str:
        """Return the SHA-256 of a lesson's files."""
        whole = hashlib.sha256()
        for path, content in sorted(self.lessons.get(package, {}).items()):
            whole.update(f"{len(path.encode())} {path} {len(content)} ".encode() + content)
        return whole.hexdigest()


def found(places: Iterable[Path]) -> list[Path]:
    """Return the submissions in these places, in order.

    A place is a submission itself, or a folder of them; a link that is named is followed. Raises
    Refused for one that is neither.
    """
    listed: list[Path] = []
    for place in places:
        if not place.exists():
            raise Refused(f"{place}: there is no such folder or file")
        if place.is_file() or _holds_lessons(place):
            listed.append(place.resolve())
            continue
        inside = [one for one in sorted(place.iterdir()) if not one.name.startswith(".")]
        inside = [one for one in inside if one.is_dir() or one.suffix.lower() == ".zip"]
        if not inside:
            raise Refused(f"{place}: there is no submission in it")
        listed += inside
    return listed


def _holds_lessons(place: Path) -> bool:
    return any((place / name).is_dir() for name in ("lessons", *_packages()))


def _packages() -> set[str]:
    return {lesson.package for lesson in tree.lessons()}


def named(places: list[Path]) -> list[tuple[Path, str, str]]:
    """Return each place with the name of its submission, and a note where two share one.

    They are told apart: a second `alice` is `alice (2)`.
    """
    stems = [
        _clean(place.stem if place.suffix.lower() == ".zip" else place.resolve().name)
        for place in places
    ]
    taken: set[str] = set()
    own = {_alike(stem) for stem in stems}
    listed = []
    for place, stem in zip(places, stems, strict=True):
        name, number = stem, 1
        while _alike(name) in taken or (number > 1 and _alike(name) in own):
            number += 1
            name = f"{stem} ({number})"  # never a name that somebody else has
        taken.add(_alike(name))
        listed.append((place, name, f"a second submission named {stem}" if number > 1 else ""))
    return listed


def same_student(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return a note for each submission that names a student whom an earlier one names too.

    `pairs` are submissions' names, each with the student that it names.
    """
    said: dict[str, str] = {}
    notes = {}
    for name, student in pairs:
        first = said.setdefault(_alike(student), name)
        if first != name:
            notes[name] = f"says it is {student}'s, as {first} does"
    return notes


def _alike(name: str) -> str:
    """Return a name so that look-alikes and other capitals are the same."""
    return unicodedata.normalize("NFKC", name).casefold().strip()


def _clean(name: str, limit: int = NAME_LIMIT) -> str:
    """Return a name without what a terminal, a table or a file system would obey."""
    shown = "".join(one if one.isprintable() else "�" for one in name)
    return shown[:limit] or "nameless"


def read(place: Path, name: str) -> Submission:
    """Read one submission; what cannot be graded is refused in it, not raised."""
    try:
        if place.is_symlink():  # it may lead to another student's
            raise Refused("it is a link")
        files = _of_zip(place) if place.is_file() else _of_folder(place)
        return _sorted(files, name)
    except Refused as why:
        return Submission(name, name, refused=_clean(str(why), REASON_LIMIT))
    except OSError as error:  # its text names a place on this machine
        return Submission(name, name, refused=f"it cannot be read: {error.strerror}")
    except Exception as error:  # zlib.error, LZMAError, UnicodeDecodeError … of a broken zip
        told = f"it cannot be read: {type(error).__name__}: {error}"
        return Submission(name, name, refused=_clean(told, REASON_LIMIT))


def _sorted(files: dict[str, Read], name: str) -> Submission:
    """Keep the files of known lessons, wherever in the submission their folders stand."""
    packages = _packages()
    lessons: dict[str, dict[str, bytes]] = {}
    count = size = 0
    for path in sorted(files):
        parts = PurePosixPath(path).parts
        place = next((i for i, part in enumerate(parts[:3]) if part in packages), None)
        if place is None or len(parts) == place + 1 or any(map(_is_skipped, parts[:-1])):
            continue
        content = files[path]()
        count, size = count + 1, size + len(content)
        if count > MOST_FILES:
            raise Refused(f"its lessons have more than {MOST_FILES} files")
        if size > LARGEST_SUBMISSION:
            raise Refused(f"its lessons are larger than {LARGEST_SUBMISSION:,} bytes")
        kept = lessons.setdefault(parts[place], {})
        inner = "/".join(parts[place + 1 :])
        if inner in kept:
            raise Refused(f"it holds {parts[place]} twice")
        _name_fits(inner, parts[place + 1 :])
        kept[inner] = content
    for package, kept in lessons.items():
        folders = {str(one) for path in kept for one in PurePosixPath(path).parents}
        if both := sorted(folders & set(kept)):
            raise Refused(f"{package}/{both[0]} is a file and a folder")
    if not lessons:
        raise Refused("it holds no lesson" if files else "it is empty")
    return Submission(name, _student(files) or name, lessons)


def _name_fits(inner: str, parts: tuple[str, ...]) -> None:
    """Refuse a path that not every file system, or no encoding, can hold. Raises Refused."""
    try:
        long = len(inner.encode()) > LONGEST_PATH
        long = long or any(len(part.encode()) > LONGEST_PART for part in parts)
    except UnicodeEncodeError:
        raise Refused(f"{inner!a} is no name in UTF-8") from None
    if long or len(parts) > DEEPEST or not inner.isprintable():
        raise Refused(f"{inner[:60]!a} is no name for a file of a lesson")


def _student(files: dict[str, Read]) -> str:
    """Return whom a hand-in of `workbook pack` names, or nothing."""
    try:
        said = json.loads(files["student.json"]()) if "student.json" in files else {}
        return _clean(str(said["name"])) if said.get("name") else ""
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return ""


def _of_folder(place: Path) -> dict[str, Read]:
    files: dict[str, Read] = {}
    for folder, folders, names in place.walk() if hasattr(place, "walk") else _walk(place):
        folders[:] = sorted(one for one in folders if not _is_skipped(one))
        for name in (*folders, *names):
            path = folder / name
            inner = path.relative_to(place).as_posix()
            kind = path.lstat().st_mode
            in_lesson = _packages() & set(path.relative_to(place).parts)
            if stat.S_ISLNK(kind):
                if in_lesson:
                    raise Refused(f"{inner} is a link")
                folders[:] = [one for one in folders if one != name]
            elif stat.S_ISREG(kind):
                files[inner] = lambda path=path: _limited(path)  # type: ignore[misc]
            elif not stat.S_ISDIR(kind) and in_lesson:
                raise Refused(f"{inner} is no file")
        if len(files) > MOST_ENTRIES:
            raise Refused(f"it has more than {MOST_ENTRIES:,} files")
    return files


def _is_skipped(folder: str) -> bool:
    return folder in SKIPPED or folder.startswith(".")


def _walk(place: Path) -> Iterator[tuple[Path, list[str], list[str]]]:
    import os

    for folder, folders, names in os.walk(place):
        yield Path(folder), folders, names


def _limited(path: Path) -> bytes:
    with path.open("rb") as file:
        content = file.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise Refused(f"{path.name} is larger than {LARGEST_FILE:,} bytes")
    return content


def _of_zip(place: Path) -> dict[str, Read]:
    if place.stat().st_size > 4 * LARGEST_SUBMISSION:
        raise Refused(f"the zip is larger than {4 * LARGEST_SUBMISSION:,} bytes")
    archive = zipfile.ZipFile(place)
    entries = archive.infolist()
    if len(entries) > MOST_ENTRIES:
        raise Refused(f"it has more than {MOST_ENTRIES:,} files")
    files: dict[str, Read] = {}
    for entry in entries:
        path = PurePosixPath(entry.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in path.parts[:1]:
            raise Refused(f"{_clean(entry.filename)!r} leads out of the zip")
        mode = entry.external_attr >> 16
        if mode and not (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or stat.S_IFMT(mode) == 0):
            raise Refused(f"{_clean(entry.filename)!r} is a link, or no file")
        if entry.is_dir():
            continue
        if path.as_posix() in files:
            raise Refused(f"{_clean(entry.filename)!r} stands in it twice")
        files[path.as_posix()] = lambda entry=entry: _unpacked(archive, entry)  # type: ignore[misc]
    return files


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    with archive.open(entry) as file:
        content = file.read(LARGEST_FILE + 1)  # whatever size the entry claims
    if len(content) > LARGEST_FILE:
        raise Refused(f"{_clean(entry.filename)!r} unpacks to more than {LARGEST_FILE:,} bytes")
    return content
