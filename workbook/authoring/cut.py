"""Cutting the starters: everything that is generated from a lesson's solution."""

from __future__ import annotations

import ast
import json
from pathlib import Path, PurePosixPath

from workbook import starters, tree
from workbook.authoring import changes
from workbook.marks import CutError, answer_text, starter_text

_NOT_CUT = {"CHANGES.md", "lesson.toml", "BRIEF.md"}  # generated, or written by hand in lessons/


def belongs(file: str) -> bool:
    """Tell whether a file of a solution's folder is part of the lesson."""
    parts = PurePosixPath(file).parts
    hidden = any(part.startswith(".") or part == "__pycache__" for part in parts)
    return not hidden and file not in _NOT_CUT


def solution_files(folder: Path) -> dict[str, bytes]:
    """Return the files of a solution as they stand, marks included."""
    if not folder.is_dir():
        raise CutError(f"{folder}: there is no such solution")
    files = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*"))}
    return {
        file: path.read_bytes() for file, path in files.items() if path.is_file() and belongs(file)
    }


def plain(package: str, file: str, content: bytes) -> bytes:
    """Return the answer in a solution's file; only Python files have marks to lose."""
    if not file.endswith(".py"):
        return content
    return answer_text(_text(content), f"solutions/{package}/{file}").encode("utf-8")


def answer_files(lesson: tree.Lesson) -> dict[str, bytes]:
    """Return the plain answer of a lesson: its solution without the marks."""
    files = solution_files(lesson.solution)
    return {file: plain(lesson.package, file, content) for file, content in files.items()}


def starter_files(lesson: tree.Lesson) -> dict[str, bytes]:
    """Return the starter of a lesson: file (a relative POSIX path) and content.

    Raises CutError for marks that cannot be read and for a starter that is not Python.
    """
    files = solution_files(lesson.solution)
    return {file: _starter(lesson.package, file, content) for file, content in files.items()}


def _starter(package: str, file: str, content: bytes) -> bytes:
    if not file.endswith(".py"):
        return content
    name = f"solutions/{package}/{file}"
    text = starter_text(_text(content), name)
    try:
        ast.parse(text)
    except SyntaxError as error:
        line = text.split("\n")[(error.lineno or 1) - 1].strip()
        raise CutError(f"{name}: the starter is not Python: {error.msg}: {line}") from error
    return text.encode("utf-8")


def _text(content: bytes) -> str:
    return content.decode("utf-8").replace("\r\n", "\n")


def change_pages(lesson: tree.Lesson) -> dict[Path, str]:
    """Return both `CHANGES.md` of a lesson: the starter's and the answer's."""
    starter, answer = _python(starter_files(lesson)), _python(answer_files(lesson))
    title = f"Lesson {lesson.number}: what is new"
    earlier = [other for other in tree.lessons() if other.number < lesson.number]
    numbers = changes.counts({}, answer, lesson.given)
    first = "This is the first lesson: everything is new."
    of_starter, of_answer = f"# {title}\n\n{first}\n", f"# {title}\n\n{first} {numbers}\n"
    if earlier:
        former = earlier[-1]
        before = _python(answer_files(former))
        way = (
            f"From the answer of lesson {former.number} to the start of lesson {lesson.number}: "
            "what is given to you, and where your turn is."
        )
        numbers = changes.counts(before, answer, lesson.given)
        labels = (former.package, lesson.package)
        of_starter = changes.page(title, way, before, starter, labels)
        of_answer = changes.page(title, numbers, before, answer, labels)
    return {lesson.starter / "CHANGES.md": of_starter, lesson.solution / "CHANGES.md": of_answer}


def _python(files: dict[str, bytes]) -> changes.Files:
    return {file: _text(content) for file, content in files.items() if file.endswith(".py")}


def hashes(lesson: tree.Lesson) -> dict[str, str]:
    """Return what the manifest says of one lesson: file and hash of its starter."""
    files = starter_files(lesson)
    return {file: starters.fingerprint(content) for file, content in files.items()}


def manifest_text(manifest: starters.Manifest) -> str:
    """Return `lessons/manifest.json` as it is written."""
    return json.dumps(manifest, indent=2, sort_keys=True) + "\n"


def cut(lesson: tree.Lesson, force: bool = False) -> list[Path]:
    """Write a lesson's starter, both its `CHANGES.md` and its part of the manifest.

    Files that the solution no longer has leave the starter; what the author writes by hand stays.
    Returns what was written or removed. Raises CutError before it writes anything, also for a
    starter that was edited since it was cut, unless `force` is set.
    """
    manifest = starters.manifest()
    listed = manifest.get(lesson.package, {})
    if listed and not force and starters.begun(lesson):
        edited = ", ".join(starters.changed_files(lesson))
        raise CutError(f"lessons/{lesson.package}: edited since it was cut ({edited})")
    known = {other.package for other in tree.lessons()}
    kept = {package: files for package, files in manifest.items() if package in known}
    manifest = kept | {lesson.package: hashes(lesson)}
    wanted = {lesson.starter / file: content for file, content in starter_files(lesson).items()}
    pages = change_pages(lesson) | {tree.LESSONS / "manifest.json": manifest_text(manifest)}
    wanted |= {path: page.encode("utf-8") for path, page in pages.items()}
    left = [lesson.starter / file for file in listed if lesson.starter / file not in wanted]
    for path in left:
        path.unlink(missing_ok=True)
    return left + [path for path, content in wanted.items() if _written(path, content)]


def cut_all(force: bool = False) -> list[Path]:
    """Cut every lesson that has a solution."""
    found = [lesson for lesson in tree.lessons() if lesson.solution.is_dir()]
    return [path for lesson in found for path in cut(lesson, force)]


def _written(path: Path, content: bytes) -> bool:
    """Write a file where it differs from what stands there; tell whether it did."""
    if path.is_file() and path.read_bytes() == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return True
