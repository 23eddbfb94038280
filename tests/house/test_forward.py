"""A fix in one solution reaches all later ones, or stops loudly."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from workbook.authoring.forward import Carried, ForwardError, forward

APP = """\
LIMIT = 10
# one
# two
# three


def answer():
    # >>> your turn 1: say {n}
    # before: return 0
    return {n}
    # <<<
"""


def git(root: Path, *arguments: str) -> None:
    """Run git as nobody in particular, whatever this machine's settings."""
    author = ("-c", "user.name=Test", "-c", "user.email=test@example.org")
    subprocess.run(
        ["git", "-c", "commit.gpgsign=false", *author, *arguments],
        cwd=root,
        check=True,
        capture_output=True,
    )


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Give a repository with three committed solutions."""
    for n in (1, 2, 3):
        folder = tmp_path / f"solutions/lesson_{n:02d}_tiny"
        folder.mkdir(parents=True)
        (folder / "app.py").write_text(APP.format(n=n))
        (folder / "old.py").write_text("old = True\n")
        (folder / "CHANGES.md").write_text(f"{n}\n")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "three lessons")
    return tmp_path


def solution(root: Path, n: int, file: str = "app.py") -> Path:
    """Return a file of a tiny solution."""
    return root / f"solutions/lesson_{n:02d}_tiny" / file


def edit(path: Path, old: str, new: str) -> None:
    """Replace a text that must be there."""
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_a_fix_reaches_all_later_lessons_and_leaves_their_marks(root: Path):
    """The later answers stay; running it again changes nothing."""
    edit(solution(root, 1), "LIMIT = 10", "LIMIT = 20")
    assert forward(1, root=root) == [
        Carried("lesson_02_tiny", "app.py", "merged"),
        Carried("lesson_03_tiny", "app.py", "merged"),
    ]
    for n in (2, 3):
        assert solution(root, n).read_text() == APP.format(n=n).replace("10", "20")
    assert forward(1, root=root) == []


def test_a_fix_starts_at_its_own_lesson(root: Path):
    """Earlier lessons stay as they are."""
    edit(solution(root, 2), "LIMIT = 10", "LIMIT = 20")
    assert forward(2, root=root) == [Carried("lesson_03_tiny", "app.py", "merged")]
    assert solution(root, 1).read_text() == APP.format(n=1)
    assert forward(3, root=root) == []


def test_a_change_of_marks_alone_is_not_carried(root: Path):
    """The later lessons have the plain answer, not its marks."""
    edit(solution(root, 1), "# before: return 0", "# before: return -1")
    assert forward(1, root=root) == []


def test_files_come_and_go(root: Path):
    """An added file arrives without its marks; a generated page is left alone."""
    solution(root, 1, "new.py").write_text(
        "def new():\n    # >>> your turn 2: go\n    return 1\n    # <<<\n"
    )
    solution(root, 1, "old.py").unlink()
    solution(root, 1, "CHANGES.md").write_text("changed\n")
    steps = forward(1, root=root)
    assert [(step.package[-7:-5], step.file, step.how) for step in steps] == [
        ("02", "new.py", "added"),
        ("02", "old.py", "removed"),
        ("03", "new.py", "added"),
        ("03", "old.py", "removed"),
    ]
    for n in (2, 3):
        assert solution(root, n, "new.py").read_text() == "def new():\n    return 1\n"
        assert not solution(root, n, "old.py").exists()
        assert solution(root, n, "CHANGES.md").read_text() == f"{n}\n"


def test_a_file_that_a_later_lesson_dropped_stays_away(root: Path):
    """A fix of it ends at the last lesson that has it."""
    solution(root, 3, "old.py").unlink()
    edit(solution(root, 1, "old.py"), "True", "False")
    assert forward(1, root=root) == [Carried("lesson_02_tiny", "old.py", "merged")]
    assert not solution(root, 3, "old.py").exists()


def test_the_first_conflict_stops_it(root: Path):
    """It names lesson and file, leaves the file alone, and tells what was done."""
    edit(solution(root, 3), "LIMIT = 10", "LIMIT = 99")
    git(root, "commit", "-qam", "lesson 3 has a limit of its own")
    edit(solution(root, 1), "LIMIT = 10", "LIMIT = 20")
    untouched = solution(root, 3).read_text()
    with pytest.raises(ForwardError, match=r"solutions/lesson_03_tiny/app\.py: both") as stopped:
        forward(1, root=root)
    assert stopped.value.done == [Carried("lesson_02_tiny", "app.py", "merged")]
    assert "Carried so far: lesson_02_tiny/app.py." in str(stopped.value)
    assert solution(root, 3).read_text() == untouched
    assert "LIMIT = 20" in solution(root, 2).read_text()


def test_a_fix_of_what_the_next_turn_replaces_is_a_conflict(root: Path):
    """Its before code must change too, and only a person can say how."""
    edit(solution(root, 1), "    return 1\n", "    return 100\n")
    with pytest.raises(ForwardError, match=r"lesson_02_tiny/app\.py") as stopped:
        forward(1, root=root)
    assert stopped.value.done == []
    assert solution(root, 2).read_text() == APP.format(n=2)


def test_removing_a_file_that_a_later_lesson_changed_is_a_conflict(root: Path):
    """Nothing is lost silently."""
    edit(solution(root, 2, "old.py"), "True", "None")
    git(root, "commit", "-qam", "lesson 2 changes it")
    solution(root, 1, "old.py").unlink()
    with pytest.raises(ForwardError, match=r"lesson_02_tiny/old\.py: the lesson before removes"):
        forward(1, root=root)
    assert solution(root, 2, "old.py").exists()


def test_a_fix_made_by_hand_inside_marks_is_taken_as_it_is(root: Path):
    """After a conflict is mended, starting again from the first lesson works too."""
    edit(solution(root, 1, "old.py"), "True", "False")
    mended = "# >>> your turn 2: mend it\n# before: old = None\nold = False\n# <<<\n"
    solution(root, 2, "old.py").write_text(mended)
    assert forward(1, root=root) == [Carried("lesson_03_tiny", "old.py", "merged")]
    assert solution(root, 2, "old.py").read_text() == mended


def test_a_merge_that_breaks_a_mark_is_not_written(root: Path):
    """Here a line inside the next lesson's turn leaves its indentation."""
    body = "def old():\n" + "".join(f"    {step}()\n" for step in "abcde")
    solution(root, 1, "old.py").write_text(body)
    marked = body.replace("    a", "    # >>> your turn 2: go\n    a") + "    # <<<\n"
    solution(root, 2, "old.py").write_text(marked)
    git(root, "commit", "-qam", "a longer file")
    edit(solution(root, 1, "old.py"), "    c()", "c()")
    with pytest.raises(ForwardError, match=r"lesson_02_tiny/old\.py:2: its answer leaves"):
        forward(1, root=root)
    assert solution(root, 2, "old.py").read_text() == marked


def test_what_cannot_be_carried_is_said(root: Path):
    """No such lesson, no such revision, wrong marks, a lesson that was never committed."""
    with pytest.raises(ForwardError, match="no solution 4"):
        forward(4, root=root)
    with pytest.raises(ForwardError, match="nowhere"):
        forward(1, base="nowhere", root=root)
    solution(root, 2).write_text("# <<<\n")
    edit(solution(root, 1), "LIMIT = 10", "LIMIT = 20")
    with pytest.raises(ForwardError, match=r"lesson_02_tiny/app\.py:1: a closing mark"):
        forward(1, root=root)
    git(root, "rm", "-rqf", "solutions/lesson_01_tiny")
    git(root, "commit", "-qm", "without the first")
    solution(root, 1).parent.mkdir()
    solution(root, 1).write_text(APP.format(n=1))
    with pytest.raises(ForwardError, match="lesson_01_tiny is not in HEAD"):
        forward(1, root=root)
