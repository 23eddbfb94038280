"""Carrying a fix in one solution through all later ones, by three-way merge."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Literal

from workbook import tree
from workbook.authoring.cut import belongs, plain, solution_files
from workbook.authoring.programs import ProgramFailed, printed
from workbook.marks import CutError


@dataclass(frozen=True)
class Carried:
    """One file of a later solution that the fix has reached."""

    package: str
    file: str
    how: Literal["merged", "added", "removed"]


class ForwardError(Exception):
    """The fix cannot be carried on; `done` is what was carried before that."""

    def __init__(self, cause: str, done: list[Carried]) -> None:
        reached = ", ".join(f"{step.package}/{step.file}" for step in done) or "nothing"
        super().__init__(f"{cause} Carried so far: {reached}.")
        self.done = done


class _Conflict(Exception):
    """A file that a person must look at."""


def forward(number: int, base: str = "HEAD", root: Path | None = None) -> list[Carried]:
    """Carry what changed in solution `number` since the revision `base` into all later ones.

    Each solution takes over what changed in the plain answer of the one before it. Running it
    again changes nothing more. Raises ForwardError at the first conflict and leaves that file
    as it was; once it is mended by hand, go on with the number of its lesson.
    """
    root = root or tree.ROOT
    folders = sorted((root / "solutions").glob("lesson_[0-9][0-9]_*"))
    chain = [folder for folder in folders if int(folder.name.split("_")[1]) >= number]
    done: list[Carried] = []
    if not chain or not chain[0].name.startswith(f"lesson_{number:02d}_"):
        raise ForwardError(f"There is no solution {number}.", done)
    for former, later in pairwise(chain):
        try:
            _carry(former, later, base, done)
        except (CutError, ProgramFailed) as error:
            raise ForwardError(f"{error}.", done) from error
    return done


def _carry(former: Path, later: Path, base: str, done: list[Carried]) -> None:
    """Carry the changes of one solution into the next, and note each file in `done`."""
    old = {file: plain(former.name, file, c) for file, c in _committed(former, base).items()}
    new = {file: plain(former.name, file, c) for file, c in solution_files(former).items()}
    ours = solution_files(later)
    for file in sorted(old.keys() | new.keys()):
        if old.get(file) == new.get(file):
            continue
        try:
            merged = _merged(later.name, file, old.get(file), new.get(file), ours.get(file))
        except _Conflict as conflict:
            cause = f"solutions/{later.name}/{file}: {conflict}; mend it by hand."
            raise ForwardError(cause, done) from conflict
        if merged == ours.get(file):
            continue
        if merged is None:
            (later / file).unlink()
            done.append(Carried(later.name, file, "removed"))
        else:
            (later / file).parent.mkdir(parents=True, exist_ok=True)
            (later / file).write_bytes(merged)
            done.append(Carried(later.name, file, "merged" if file in ours else "added"))


def _merged(
    package: str, file: str, old: bytes | None, new: bytes | None, ours: bytes | None
) -> bytes | None:
    """Return a file of the later solution with the change from old to new; None is no file."""
    if ours is None:
        # A file that the later lesson dropped stays away; a new one comes along.
        return new if old is None else None
    answer = plain(package, file, ours)
    if answer == new:
        return ours
    if new is None:
        if answer == old:
            return None
        raise _Conflict("the lesson before removes it, this one has changed it")
    merged = _merge_file(ours, old or b"", new)
    plain(package, file, merged)  # its marks must still be whole
    return merged


def _merge_file(ours: bytes, old: bytes, new: bytes) -> bytes:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for side, content in (("ours", ours), ("old", old), ("new", new)):
            (folder / side).write_bytes(content)
        try:
            return printed("git", "merge-file", "-p", "-q", "ours", "old", "new", folder=folder)
        except ProgramFailed as refusal:
            raise _Conflict("both lessons change the same lines") from refusal


def _committed(folder: Path, base: str) -> dict[str, bytes]:
    """Return the files of a solution as they stand in a revision."""
    listed = printed("git", "ls-tree", "-r", "-z", "--name-only", base, ".", folder=folder)
    files = [file for file in listed.decode("utf-8").split("\0") if file and belongs(file)]
    if not files:
        raise ProgramFailed(f"solutions/{folder.name} is not in {base}")
    return {file: printed("git", "show", f"{base}:./{file}", folder=folder) for file in files}
