"""A class run: everything graded once, gone on with after a kill, the same in parts as whole."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from full_disk import DONE, FULL, on_a_full_disk
from handed_in import Submit, grades

from house.leftovers import processes_at
from workbook import tree
from workbook.classroom.journal import Mismatch
from workbook.classroom.pool import Answer, Task
from workbook.classroom.run import UNFINISHED, ClassRun, NotWhole, results_in
from workbook.classroom.submissions import found
from workbook.classroom.worker import graded
from workbook.classroom.writing import write
from workbook.running.server import Launcher, launcher

SEED = "a seed"


class InThisProcess:
    """Graders that count: they grade here, and lose or stop where a test wants it."""

    def __init__(self, warm: Launcher, *, lose: str = "", stop_after: int = 10_000) -> None:
        self.walls: dict[str, Any] = warm.walls.to_dict()
        self.warm, self.lose, self.stop_after = warm, lose, stop_after
        self.asked: list[str] = []

    def run(self, tasks: Iterable[Task]) -> Iterator[tuple[Task, Answer]]:
        """Grade tasks in their order."""
        for task in tasks:
            if len(self.asked) >= self.stop_after:
                raise KeyboardInterrupt
            self.asked.append(task["name"])
            yield task, None if task["name"] == self.lose else graded(task, self.warm)


@pytest.fixture(scope="module")
def warm() -> Iterator[Launcher]:
    one = launcher()
    yield one
    one.close()


@pytest.fixture
def small_class(submit: Submit, tmp_path: Path) -> Path:
    submit("alice", 1)
    submit("bob", 1, wrong=0)
    submit("carol", 1, wrong=1)
    submit("dave", 1)  # the same files as Alice's
    submit("empty")
    (tmp_path / "class/broken.zip").write_bytes(b"no zip")
    return tmp_path / "class"


def begun(place: Path, out: Path, shard: tuple[int, int] = (1, 1)) -> ClassRun:
    return ClassRun(found([place]), out, [tree.lesson(1), tree.lesson(2)], SEED, shard)


def tree_of(out: Path) -> dict[str, bytes]:
    files = (path for path in out.rglob("*") if path.is_file() and "journal" not in path.name)
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in files}


def finished(place: Path, out: Path, warm: Launcher) -> dict[str, bytes]:
    begun(place, out).grade(InThisProcess(warm))
    write(results_in([out]), out, ["gradescope", "canvas", "nbgrader", "actions"])
    return tree_of(out)


def test_each_submission_has_its_row_and_its_reason(
    small_class: Path, tmp_path: Path, warm: Launcher
) -> None:
    finished(small_class, tmp_path / "out", warm)
    rows = grades(tmp_path / "out")
    assert rows["alice"]["lesson_01"] == "10"
    assert 0 <= int(rows["bob"]["lesson_01"]) < 10
    assert rows["alice"]["lesson_02"] == "0"
    assert (rows["broken"]["status"], rows["empty"]["status"]) == ("refused", "refused")
    assert rows["broken"]["note"]
    told = json.loads((tmp_path / "out/results/alice.json").read_text("utf-8"))
    assert [lesson["status"] for lesson in told["lessons"]] == ["graded", "not handed in"]


def test_what_does_not_start_says_why_and_what_is_missing_says_so(
    submit: Submit, tmp_path: Path, warm: Launcher
) -> None:
    app = submit("lost", 1) / "lessons" / tree.lesson(1).package / "app.py"
    app.write_text("\nimport nothing_here\n")
    finished(tmp_path / "class", tmp_path / "out", warm)
    row, cause = grades(tmp_path / "out")["lost"], "ModuleNotFoundError: No module named"
    assert row["note"] == f"lesson 1: app.py:2: {cause} 'nothing_here'"
    for ending in ("feedback/lost.html", "feedback-markdown/lost.md", "class.html"):
        text = (tmp_path / "out" / ending).read_text("utf-8")
        assert f"lesson 1: app.py:2: {cause}" in text.replace("\\", "")
        second = text.rpartition("Lesson 2")[2]
        assert ("This lesson was not handed in." in second) == (ending != "class.html")
        assert "not reached" not in second


def test_the_same_files_are_graded_once(small_class: Path, tmp_path: Path, warm: Launcher) -> None:
    graders = InThisProcess(warm)
    begun(small_class, tmp_path / "out").grade(graders)
    assert sorted(graders.asked) == ["alice", "bob", "carol"]


@pytest.mark.parametrize("after", [0, 1, 2])
def test_a_run_that_was_stopped_goes_on_and_grades_nothing_twice(
    small_class: Path, tmp_path: Path, warm: Launcher, after: int
) -> None:
    undisturbed = finished(small_class, tmp_path / "undisturbed", warm)
    out, first = tmp_path / "out", InThisProcess(warm, stop_after=after)
    with pytest.raises(KeyboardInterrupt):
        begun(small_class, out).grade(first)
    second = InThisProcess(warm)
    begun(small_class, out).grade(second)
    assert len(first.asked) + len(second.asked) == 3
    write(results_in([out]), out, ["gradescope", "canvas", "nbgrader", "actions"])
    assert tree_of(out) == undisturbed


def test_a_fault_of_ours_is_no_zero_and_is_tried_again(
    small_class: Path, tmp_path: Path, warm: Launcher
) -> None:
    undisturbed = finished(small_class, tmp_path / "undisturbed", warm)
    out = tmp_path / "out"
    begun(small_class, out).grade(InThisProcess(warm, lose="bob"))
    write(results_in([out]), out)
    assert grades(out)["bob"]["status"] == "infrastructure"
    again = InThisProcess(warm)
    begun(small_class, out).grade(again)
    assert again.asked == ["bob"]
    write(results_in([out]), out, ["gradescope", "canvas", "nbgrader", "actions"])
    assert tree_of(out) == undisturbed


def test_shards_merge_into_the_whole(small_class: Path, tmp_path: Path, warm: Launcher) -> None:
    undisturbed = finished(small_class, tmp_path / "undisturbed", warm)
    parts = [tmp_path / f"part{number}" for number in (1, 2, 3)]
    for number, part in enumerate(parts, 1):
        begun(small_class, part, (number, 3)).grade(InThisProcess(warm))
    out = tmp_path / "merged"
    write(results_in(parts), out, ["gradescope", "canvas", "nbgrader", "actions"])
    del undisturbed["submissions.json"]
    assert tree_of(out) == undisturbed
    for few in (parts[:2], [parts[0], parts[0], parts[1]], [tmp_path]):
        with pytest.raises(NotWhole):
            results_in(few)


def test_parts_of_different_runs_do_not_merge(
    small_class: Path, tmp_path: Path, warm: Launcher
) -> None:
    """Half of a run of two and a third of a run of three hold some twice, and others never."""
    of_two, of_three, other, seeded = (tmp_path / name for name in ("1-2", "2-3", "2-2", "seed"))
    one, both = [tree.lesson(1)], [tree.lesson(1), tree.lesson(2)]
    for out, lessons, seed, shard in (
        (of_two, both, SEED, (1, 2)),
        (of_three, both, SEED, (2, 3)),
        (other, one, SEED, (2, 2)),
        (seeded, both, "another seed", (2, 2)),
    ):
        ClassRun(found([small_class]), out, lessons, seed, shard).grade(InThisProcess(warm))
    for part, said in (
        (of_three, "the shards 1/2, 2/3"), (other, "other lessons"), (seeded, "seed differ"),
    ):  # fmt: skip
        with pytest.raises(NotWhole, match=said):
            results_in([of_two, part])
    (of_two / "journal.jsonl").unlink()
    with pytest.raises(NotWhole, match="missing"):
        results_in([of_two])


def test_what_was_graded_without_walls_is_no_part_of_a_run_behind_them(
    small_class: Path, tmp_path: Path, warm: Launcher
) -> None:
    begun(small_class, tmp_path / "out").grade(InThisProcess(warm))
    lessons = [tree.lesson(1), tree.lesson(2)]
    with pytest.raises(Mismatch, match="without a sandbox"):
        ClassRun(found([small_class]), tmp_path / "out", lessons, SEED, walled=("B", "C"))


def test_a_full_disk_leaves_no_report_in_half(
    small_class: Path, tmp_path: Path, warm: Launcher
) -> None:
    whole, out = tmp_path / "whole", tmp_path / "out"
    for place in (whole, out):
        begun(small_class, place).grade(InThisProcess(warm))
    write(results_in([whole]), whole)
    undisturbed = tree_of(whole)

    def written() -> None:
        write(results_in([out]), out)

    sizes = sorted({len(content) for content in undisturbed.values()})
    for size in (0, *(one - 1 for one in sizes[:: max(1, len(sizes) // 6)])):
        assert on_a_full_disk(size, written) == FULL
        assert tree_of(out).items() <= undisturbed.items()
    (out / UNFINISHED / ".alice.html.cut short").write_text("<html")  # by a kill
    assert on_a_full_disk(sizes[-1], written) == DONE
    assert tree_of(out) == undisturbed


def command(*words: object) -> list[str]:
    return [sys.executable, "-m", "workbook", *map(str, words)]


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="no process groups")
def test_the_command_goes_on_after_kills(submit: Submit, tmp_path: Path) -> None:
    """Killed whenever the journal has grown, with all its children; each time it goes on."""
    for number in range(6):
        submit(f"s{number}", 1, wrong=number)
    place, out = tmp_path / "class", tmp_path / "out"
    asked = command("grade", place, "--lessons", "1", "--seed", SEED, "--jobs", 1)
    done = subprocess.run([*asked, "--out", tmp_path / "whole"], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    journal, lines, kills = out / "journal.jsonl", 0, 0
    while True:
        running = subprocess.Popen(
            [*asked, "--out", out, *(["--resume"] if journal.exists() else [])],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        while running.poll() is None:
            grown = len(journal.read_bytes().splitlines()) if journal.exists() else 0
            if grown > lines + 1 and kills < 3:
                os.killpg(running.pid, signal.SIGKILL)
                kills, lines = kills + 1, grown
            time.sleep(0.01)  # only looks more seldom; nothing depends on it
        if running.returncode == 0:
            break
        assert running.returncode == -signal.SIGKILL
    assert kills
    keys = [json.loads(line).get("key") for line in journal.read_text().splitlines()]
    assert len(keys) == len(set(keys)) == 7
    assert tree_of(out) == tree_of(tmp_path / "whole")


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc")
def test_ctrl_c_says_how_to_go_on_and_leaves_nothing(submit: Submit, tmp_path: Path) -> None:
    """A terminal sends the signal to all processes of the run; the second submission hangs."""
    submit("first", 1)
    app = submit("second", 1) / "lessons" / tree.lesson(1).package / "app.py"
    app.write_text(
        "import subprocess, sys, time\n"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(99)'])\n"
        "time.sleep(99)\n"
    )
    out, journal = tmp_path / "out", tmp_path / "out/journal.jsonl"
    asked = command("grade", tmp_path / "class", "--lessons", "1", "--jobs", 1, "--out", out)
    with TemporaryDirectory() as name:
        place = Path(name)
        place.chmod(0o711)  # an ordinary user's code lies below
        running = subprocess.Popen(
            asked,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            env=os.environ | {"TMPDIR": name},
        )
        while not (journal.exists() and len(journal.read_bytes().splitlines()) > 1):
            assert running.poll() is None
            time.sleep(0.01)  # only looks more seldom; nothing depends on it
        assert processes_at(place)
        os.killpg(running.pid, signal.SIGINT)
        said = running.communicate()[1].splitlines()
        assert running.returncode == 130
        assert said[-1] == "Stopped. What is finished is kept: go on with --resume."
        assert not any("Traceback" in line for line in said)
        assert processes_at(place) == []
        assert list(place.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere"], "there is no such folder"),
        (["class", "--lessons", "99"], "There is no lesson 99"),
        (["class", "--lessons", "x"], "write numbers and ranges"),
        (["class", "--format", "xls"], "There is no format xls"),
        (["class", "--shard", "3/2"], "write I/N"),
        (["class", "--scheduler", "tcp://127.0.0.1:1"], "No scheduler answers"),
    ],
)
def test_what_was_not_understood_is_one_line(
    submit: Submit, tmp_path: Path, words: list[str], said: str
) -> None:
    submit("alice", 1)
    asked = command("grade", tmp_path / words[0], *words[1:], "--out", tmp_path / "out")
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert done.returncode in (1, 2)
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
