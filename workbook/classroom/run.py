"""A class run: which verdicts are missing, how they are had, and the reports over all of them."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

from workbook.classroom import results
from workbook.classroom.journal import Journal, Mismatch, Verdicts
from workbook.classroom.pool import Answer, Task
from workbook.classroom.results import LessonResult, Result
from workbook.classroom.submissions import Submission, named, read, same_student
from workbook.classroom.worker import task_of
from workbook.learning.files import write_whole
from workbook.tree import CHECKS, Lesson, lessons

JOURNAL, INDEX, UNFINISHED = "journal.jsonl", "submissions.json", ".unfinished"
Entry = dict[str, Any]
"""What a run remembers of a submission: its name, student, note, refusal, and verdicts' keys."""


class Graders(Protocol):
    """Whoever carries out tasks: processes of this machine, or a cluster."""

    walls: dict[str, Any]

    def run(self, tasks: Iterable[Task]) -> Iterator[tuple[Task, Answer]]:
        """Grade tasks and give each as it is done."""


def checks_digest(lesson: Lesson) -> str:
    """Return the SHA-256 of the checks of a lesson and of all that they stand on."""
    whole = hashlib.sha256(version("fastapi-auth-workbook").encode())
    shared = [*CHECKS.glob("*.py"), *lesson.checks.glob("*.py"), *lesson.checks.glob("*.json")]
    shared += Path(__file__).parents[1].rglob("*.py")
    for path in sorted(shared):
        whole.update(path.name.encode() + b"\0" + path.read_bytes())
    return whole.hexdigest()


@dataclass
class ClassRun:
    """Submissions, the lessons that are graded, and the folder where everything is written."""

    places: list[Path]
    out: Path
    lessons: list[Lesson]
    seed: str | None = None
    shard: tuple[int, int] = (1, 1)
    entries: list[Entry] = field(default_factory=list)
    walled: tuple[str, ...] = ()
    """The rungs that each verdict must have; without them, any will do."""

    def __post_init__(self) -> None:
        """Open the journal. Raises Mismatch and OSError."""
        self._digests = {one.package: checks_digest(one) for one in self.lessons}
        begun = (self.out / JOURNAL).exists()
        seed = self.seed or (None if begun else secrets.token_hex(8))
        about = {"seed": seed, "checks": sorted(self._digests.values()), "shard": list(self.shard)}
        self.journal = Journal(self.out / JOURNAL, about)
        self.seed = str(self.journal.about["seed"])
        if self.walled and any(
            self.journal.verdict(key)["walls"]["rung"] not in self.walled for key in self.journal
        ):
            self.journal.close()
            raise Mismatch("some of its submissions were graded without a sandbox")
        number, of = self.shard
        self.listed = named(self.places)[number - 1 :: of]

    def key(self, submission: Submission, package: str) -> str:
        """Return what names a verdict: the submitted files, the checks, and the seed."""
        parts = (submission.digest(package), package, self._digests[package], str(self.seed))
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    def grade(self, graders: Graders, done: Callable[[], None] = lambda: None) -> None:
        """Grade what the journal lacks; `done` is called after each submission."""
        waiting: dict[str, dict[str, str]] = {}
        asked: set[str] = set()

        def tasks() -> Iterator[Task]:
            for place, name, note in self.listed:
                submission = read(place, name)
                wanted = [one for one in submission.lessons if one in self._digests]
                keys = {one: self.key(submission, one) for one in wanted}
                self._remember(submission, note, keys)
                missing = [
                    package
                    for package, key in keys.items()
                    if key not in self.journal and key not in asked
                ]
                asked.update(keys[package] for package in missing)
                if missing:
                    waiting[name] = {package: keys[package] for package in missing}
                    yield task_of(submission, missing, str(self.seed))
                else:
                    done()

        try:
            for task, answer in graders.run(tasks()):
                keys = waiting.pop(task["name"])
                for package, found in (answer or {}).items():
                    if found["status"] != results.OURS:  # that is tried again
                        self.journal.add(keys[package], {**found, "walls": graders.walls})
                done()
            self._write_index()
        finally:
            self.journal.close()

    def _remember(self, submission: Submission, note: str, keys: dict[str, str]) -> None:
        self.entries.append(
            {
                "name": submission.name,
                "student": submission.student,
                "note": note,
                "refused": submission.refused,
                "keys": keys,
            }
        )

    def _write_index(self) -> None:
        whole = {
            "shard": list(self.shard),
            "lessons": [lesson.package for lesson in self.lessons],
            "submissions": self.entries,
        }
        text = json.dumps(whole, indent=0) + "\n"
        write_whole(self.out / INDEX, text, self.out / UNFINISHED)


class NotWhole(Exception):
    """A folder is no finished run, or shards do not make one run."""


class Results(Sequence[Result]):
    """The results of a run, each put together from the journals when it is asked for."""

    def __init__(
        self, entries: list[Entry], lessons: list[Lesson], journals: list[Verdicts]
    ) -> None:
        self._entries, self._lessons, self._journals = entries, lessons, journals
        self._same = same_student((one["name"], one["student"]) for one in entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, place: Any) -> Any:
        if isinstance(place, slice):
            return [self._result(one) for one in self._entries[place]]
        return self._result(self._entries[place])

    def _result(self, entry: Entry) -> Result:
        note = "; ".join(one for one in (entry["note"], self._same.get(entry["name"], "")) if one)
        who = Submission(entry["name"], entry["student"], {}, entry["refused"], note)
        walls: dict[str, Any] = {"rung": "none", "mechanisms": ["nothing was run"]}
        lessons: list[LessonResult] = []
        for lesson in self._lessons:
            key = entry["keys"].get(lesson.package)
            journal = next((one for one in self._journals if key in one), None)
            if key is None:
                status = results.REFUSED if entry["refused"] else results.MISSING
                why = entry["refused"] or "this lesson was not handed in"
                lessons.append(results.without(lesson, status, why))
            elif journal is None:
                why = "grading failed for a reason that is not the submission's; it is tried again"
                lessons.append(results.without(lesson, results.OURS, why))
            else:
                verdict = journal.verdict(key)
                walls = verdict.pop("walls")
                lessons.append(verdict)
        return results.whole(who, lessons, walls)


def results_in(folders: list[Path]) -> Results:
    """Return the results of finished runs: of one folder, or of all the shards of one run.

    Raises NotWhole.
    """
    indexes = []
    for folder in folders:
        try:
            indexes.append(json.loads((folder / INDEX).read_text("utf-8")))
        except (OSError, ValueError) as error:
            raise NotWhole(f"{folder} holds no finished run ({error})") from error
    parts = sorted(tuple(index["shard"]) for index in indexes)
    if len(parts) > 1 and parts != [(one, len(parts)) for one in range(1, len(parts) + 1)]:
        told = ", ".join(f"{number}/{of}" for number, of in parts)
        raise NotWhole(f"These are the shards {told}: each of 1/N to N/N is needed once.")
    packages = set(indexes[0]["lessons"])
    if any(set(index["lessons"]) != packages for index in indexes):
        raise NotWhole("These folders are of runs with other lessons each.")
    journals = [Verdicts(folder / JOURNAL) for folder in folders]
    for one in journals:
        if not one.whole:
            raise NotWhole(f"{one.path} is missing or empty")
    for what in ("seed", "checks"):
        if len({json.dumps(one.about[what]) for one in journals}) > 1:
            raise NotWhole(f"These folders are of different runs: their {what} differ.")
    entries = [entry for index in indexes for entry in index["submissions"]]
    entries.sort(key=lambda entry: str(entry["name"]))
    chosen = [one for one in lessons() if one.package in packages]
    return Results(entries, chosen, journals)
