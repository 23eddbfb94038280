"""The corpus: wrong solutions that prove the checks, and right ones that must pass them.

`tests/corpus/lesson_NN/wrong.toml` lists wrong solutions, each a few exact replacements in the
answer's files. Each folder `tests/corpus/lesson_NN/right_…` holds files that replace the answer's.
"""

from __future__ import annotations

import json
import re
import shutil
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from workbook.authoring.cut import answer_files
from workbook.grading.checks import checks_of
from workbook.grading.report import KNOWN, Report, grade, known_mistakes, signature
from workbook.running.server import Launcher
from workbook.tree import CHECKS, Lesson

GOLDEN = "golden.txt"
ALSO = "  fails too: "


class CorpusError(Exception):
    """A wrong solution does not fit the answer that it changes."""


@dataclass(frozen=True)
class Edit:
    """One exact replacement; `find` stands once in the file."""

    file: str
    find: str
    replace: str


@dataclass(frozen=True)
class Wrong:
    """One wrong solution: the mistake it makes and the check that must report it first."""

    name: str
    mistake: str
    caught_by: str
    edits: tuple[Edit, ...]
    says: str = ""


def folder_of(lesson: Lesson) -> Path:
    """Return the lesson's part of the corpus."""
    return CHECKS / "corpus" / f"lesson_{lesson.number:02d}"


def wrong_solutions(lesson: Lesson) -> list[Wrong]:
    """Return a lesson's wrong solutions in the order of the file."""
    path = folder_of(lesson) / "wrong.toml"
    listed = tomllib.loads(path.read_text("utf-8")).get("wrong", []) if path.exists() else []
    return [
        Wrong(
            name=one["name"],
            mistake=one["mistake"],
            caught_by=one["caught_by"],
            edits=tuple(Edit(**edit) for edit in one["edits"]),
            says=one.get("says", ""),
        )
        for one in listed
    ]


def right_solutions(lesson: Lesson) -> list[Path]:
    """Return the folders of a lesson's right solutions that are written differently."""
    return sorted(path for path in folder_of(lesson).glob("right_*") if path.is_dir())


@contextmanager
def written(lesson: Lesson, changed: Wrong | Path | None = None) -> Iterator[Path]:
    """Give a folder of lessons that holds the answer, changed by a corpus entry.

    Raises CorpusError when an edit's text does not stand in its file exactly once.
    """
    with TemporaryDirectory(prefix="workbook-") as name:
        package = Path(name) / "lessons" / lesson.package
        for file, content in answer_files(lesson).items():
            path = package / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        if isinstance(changed, Path):
            shutil.copytree(changed, package, dirs_exist_ok=True)
        elif changed:
            for edit in changed.edits:
                _apply(edit, package / edit.file, changed.name)
        yield package.parent


def _apply(edit: Edit, path: Path, name: str) -> None:
    text = path.read_text("utf-8")
    if text.count(edit.find) != 1:
        raise CorpusError(
            f"{name}: found {text.count(edit.find)} times in {path.name}: {edit.find}"
        )
    path.write_text(text.replace(edit.find, edit.replace), "utf-8")


def judged(
    lesson: Lesson,
    changed: Wrong | Path | None,
    launcher: Launcher,
    last: str = "",
) -> Report:
    """Grade the answer, changed by a corpus entry.

    A wrong solution that a fast check must catch is spared the slow ones. `last` is the id of the
    check that is asked last, by default the lesson's last one.
    """
    fast = isinstance(changed, Wrong) and not checks_of(lesson)[changed.caught_by].slow
    with written(lesson, changed) as folder:
        return grade(lesson, folder, launcher, slow=not fast, last=last)


VARYING = (
    # Hashes come before the tokens: 43 of a hash's letters may look like one.
    (r"\$2[aby]\$[\w./$]+|\$argon2\S+?(?=[\"' ,}]|$)", "<hash>"),
    (r"eyJ[\w-]*(\.[\w-]*)+", "<token>"),
    (r"(?<![\w-])(?=[\w-]*[A-Z])[\w-]{43}(?![\w-])", "<token>"),  # 32 random bytes
    (r"\b[0-9a-f]{16,}\b", "<hex>"),
    (r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "<uuid>"),
    (r"\b1[6-9]\d{8}(\.\d+)?\b", "<time>"),
)


def transcript(report: Report) -> str:
    """Return the first message with all that differs from run to run masked."""
    text = report.message()
    for pattern, name in VARYING:
        text = re.sub(pattern, name, text)
    return text


def entry(name: str, report: Report) -> str:
    """Return one wrong solution's part of the golden transcripts."""
    more = [one for one in report.outcomes if one.word == "failed" and one is not report.first]
    also = "".join(f"{ALSO}{one.check.id}\n" for one in more)
    return f"# {name}\n{transcript(report)}\n{also}"


def golden(reports: dict[str, Report]) -> str:
    """Return the golden transcripts of a lesson.

    Of each wrong solution they hold the first message, and the ids of the other checks that fail.
    """
    return "\n".join(entry(name, report) for name, report in reports.items())


def last_failing(lesson: Lesson) -> dict[str, str]:
    """Return the id of the last check that fails, by wrong solution, as golden.txt has it."""
    parts = re.split(r"^# ", (folder_of(lesson) / GOLDEN).read_text("utf-8"), flags=re.MULTILINE)
    more = {one.splitlines()[0]: re.findall(rf"^{ALSO}(\w+)$", one, re.M) for one in parts[1:]}
    first = {one.name: one.caught_by for one in wrong_solutions(lesson)}
    return {name: [first[name], *more[name]][-1] for name in first if name in more}


def known(lesson: Lesson, reports: dict[str, Report]) -> str:
    """Return `known_mistakes.json`: explanations by the set of checks that failed.

    A set that two wrong solutions share, with different explanations, is left out.
    """
    says = {one.name: one.says for one in wrong_solutions(lesson)}
    by_signature: dict[str, list[str]] = {}
    for name, report in reports.items():
        by_signature.setdefault(signature(report.outcomes), []).append(says[name])
    clear = {
        failed: texts[0]
        for failed, texts in by_signature.items()
        if len(set(texts)) == 1 and texts[0]
    }
    return json.dumps(clear, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def write(lesson: Lesson, launcher: Launcher) -> dict[str, Report]:
    """Run a lesson's wrong solutions and write what is generated from them; return the reports."""
    (lesson.checks / KNOWN).unlink(missing_ok=True)
    wrong = wrong_solutions(lesson)
    reports = {one.name: judged(lesson, one, launcher) for one in wrong}
    (lesson.checks / KNOWN).write_text(known(lesson, reports), "utf-8")
    known_mistakes.cache_clear()
    (folder_of(lesson) / GOLDEN).write_text(golden(reports), "utf-8")
    return reports
