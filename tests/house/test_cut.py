"""A starter is its solution, without the answers."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from workbook import starters, tree
from workbook.authoring import changes
from workbook.authoring.cut import answer_files, cut, cut_all, starter_files
from workbook.marks import CutError, answer_text, starter_text, turns

SOLUTION = '''\
def verify(token):
    """Return the claims."""
    # >>> your turn 2: check the signature
    # before: claims = decode(token)
    # before:
    # before: if claims:
    # before:     return claims
    return checked(token)

    # <<<


def mint():
    if True:
        # >>> your turn 3: make a token
        return "token"
        # <<<


# >>> your turn 4: serve it
# before: app = None
@route
def app():
    return mint()


# <<<
'''

STARTER = '''\
def verify(token):
    """Return the claims."""
    # TODO 2: check the signature
    claims = decode(token)

    if claims:
        return claims


def mint():
    if True:
        raise NotImplementedError("TODO 3: make a token")


# TODO 4: serve it
app = None
'''

ANSWER = '''\
def verify(token):
    """Return the claims."""
    return checked(token)


def mint():
    if True:
        return "token"


@route
def app():
    return mint()
'''

OPEN = "    # >>> your turn 1: go"
CLOSE = "    # <<<"
WRONG_MARKS = {
    "unclosed": ("x = 1\n" + OPEN + "\n    y()\n", ":2: this turn is never closed"),
    "nested": (f"{OPEN}\n    y()\n{OPEN}\n{CLOSE}\n", ":3: a turn opens inside .* line 1"),
    "closed deeper": (f"{OPEN}\n    y()\n    {CLOSE}\n", ":3: `# <<<` must stand .* line 1"),
    "stray": (f"x = 1\n{CLOSE}\n", ":2: a closing mark without an opening mark"),
    "empty": (f"{OPEN}\n    # before: x()\n\n{CLOSE}\n", ":1: this turn has no answer"),
    "before below": (f"{OPEN}\n    y()\n    # before: x()\n{CLOSE}\n", ":3: a before line must"),
    "before apart": (f"{OPEN}\n\n    # before: x()\n    y()\n{CLOSE}\n", ":3: a before line must"),
    "before outside": ("# before: x()\n", ":1: a before line must"),
    "before deeper": (f"{OPEN}\n        # before: x()\n    y()\n{CLOSE}\n", ":2: a before line r"),
    "before shallower": (f"{OPEN}\n# before: x()\n    y()\n{CLOSE}\n", ":2: a before line reads"),
    "before without space": (f"{OPEN}\n    # before:x()\n    y()\n{CLOSE}\n", ":2: a before line"),
    "no number": ("# >>> your turn: go\n", ":1: an opening mark reads"),
    "no title": ("# >>> your turn 1:\n", ":1: an opening mark reads"),
    "answer leaves": (f"{OPEN}\n    y()\nz()\n{CLOSE}\n", ":1: its answer leaves"),
    "raises at import": ("# >>> your turn 1: go\ny()\n# <<<\n", ":1: .* needs before lines"),
    "long title": (f"{OPEN}{'o' * 58}\n    y()\n{CLOSE}\n", ":1: its title is too long by 1"),
}


def ruff(*arguments: str, folder: Path = tree.ROOT, text: str = "") -> str:
    """Return what ruff prints, once it has nothing to complain about."""
    pytest.importorskip("ruff", reason="ruff is a tool of the authors")
    command = [sys.executable, "-m", "ruff", *arguments]
    done = subprocess.run(command, cwd=folder, input=text, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_starter_has_todo_and_before_code_where_the_answer_was():
    """A block becomes its before code, or an exception where it has none."""
    assert starter_text(SOLUTION) == STARTER


def test_an_answer_has_no_marks():
    """Marks, before lines and the empty lines that set them apart are gone."""
    assert answer_text(SOLUTION) == ANSWER


def test_turns_name_the_tasks():
    """Other proofs compare numbers and titles with the lesson's description."""
    found = [(turn.number, turn.title, turn.line) for turn in turns(SOLUTION)]
    assert found == [
        (2, "check the signature", 3),
        (3, "make a token", 15),
        (4, "serve it", 20),
    ]


def test_a_file_without_marks_stays_as_it_is():
    """Also one that ends without a line end."""
    for text in ("", "x = 1", "x = 1\n\n"):
        assert starter_text(text) == answer_text(text) == text


@pytest.mark.parametrize("text", [SOLUTION, STARTER, ANSWER], ids=["solution", "starter", "answer"])
def test_the_tiny_texts_are_formatted(text):
    """So the blank lines around marks are those that ruff wants."""
    assert ruff("format", "-", text=text) == text


@pytest.mark.parametrize("title", ['say "no"', "say 'no'", r"a \d", "plain", "o" * 57])
def test_an_exception_is_written_as_ruff_writes_it(title):
    """Quotes in a title, and one that just fits."""
    text = f"def f():\n    # >>> your turn 1: {title}\n    return 1\n    # <<<\n"
    starter = starter_text(text)
    assert ruff("format", "-", text=starter) == starter
    with pytest.raises(NotImplementedError) as raised:
        exec(starter + "f()\n")  # noqa: S102
    assert str(raised.value) == f"TODO 1: {title}"


@pytest.mark.parametrize(("text", "message"), WRONG_MARKS.values(), ids=WRONG_MARKS.keys())
@pytest.mark.parametrize("reader", [starter_text, answer_text, turns])
def test_wrong_marks_are_refused_with_file_line_and_cause(reader, text, message):
    """Each of the ways to write marks wrongly."""
    with pytest.raises(CutError, match=rf"^here/app\.py{message}"):
        reader(text, "here/app.py")


def test_cut_writes_starter_changes_and_manifest(course: Path):
    """And leaves what stands there by hand."""
    description = (course / "lessons/lesson_02_tiny/lesson.toml").read_text()
    (course / "solutions/lesson_02_tiny/__pycache__").mkdir()
    (course / "solutions/lesson_02_tiny/__pycache__/app.pyc").write_text("")
    (course / "solutions/lesson_02_tiny/lesson.toml").write_text("not this one")
    (course / "solutions/lesson_02_tiny/keys").mkdir()
    (course / "solutions/lesson_02_tiny/keys/one.pem").write_bytes(b"\x00\r\n# >>> no mark")
    cut(tree.lesson(3))
    cut_all()
    assert sorted(starter_files(tree.lesson(2))) == ["__init__.py", "app.py", "keys/one.pem"]
    starter = course / "lessons/lesson_02_tiny"
    assert "# TODO 1: say 2\n    return 0\n" in (starter / "app.py").read_text()
    assert (starter / "keys/one.pem").read_bytes() == b"\x00\r\n# >>> no mark"
    assert (starter / "lesson.toml").read_text() == description
    text = (course / "lessons/manifest.json").read_text()
    listed = json.loads(text)
    assert list(listed) == ["lesson_01_tiny", "lesson_02_tiny", "lesson_03_tiny"]
    assert list(listed["lesson_02_tiny"]) == ["__init__.py", "app.py", "keys/one.pem"]
    assert listed == starters.manifest()
    assert cut_all() == []  # nothing more to write


def test_changes_of_a_starter_hold_no_answer(course: Path):
    """They show the way to the TODO; the answer's page shows the way to the answer."""
    cut_all()
    starter = (course / "lessons/lesson_02_tiny/CHANGES.md").read_text()
    answer = (course / "solutions/lesson_02_tiny/CHANGES.md").read_text()
    assert "--- lesson_01_tiny/app.py\n+++ lesson_02_tiny/app.py\n" in starter
    assert "-    return 1\n+    # TODO 1: say 2\n+    return 0\n" in starter
    assert "return 2" not in starter
    assert "1 file changed: 2 lines added, 2 removed." in answer
    assert "-    return 1\n+    return 2\n" in answer
    for page in (starter, answer):
        assert ">>>" not in page
        assert "before:" not in page
    assert "everything is new" in (course / "lessons/lesson_01_tiny/CHANGES.md").read_text()


def test_counts_set_apart_what_is_given():
    """And use the singular, and leave out zeros."""
    before = {"app.py": "a\nb\n", "old.py": "x\n"}
    after = {"app.py": "a\nc\nd\n", "new.py": "y\n", "__init__.py": "", "given.py": "1\n2\n"}
    assert changes.counts(before, after, ["given.py"]) == (
        "2 files added, 1 changed, 1 removed: 3 lines added, 2 removed. "
        "Given: 1 file added: 2 lines added."
    )
    assert changes.counts(before, before) == "Nothing to write differs."


def test_a_fence_is_longer_than_any_in_the_code():
    """A docstring may hold a fence of its own."""
    page = changes.page("T", "S.", {}, {"a.py": "```\n"}, ("old", "new"))
    assert "````diff\n--- /dev/null\n+++ new/a.py\n@@ -0,0 +1 @@\n+```\n````\n" in page


def test_cut_takes_away_what_the_solution_no_longer_has(course: Path):
    """But not a file that was never cut."""
    lesson = tree.lesson(2)
    cut(lesson)
    (lesson.solution / "__init__.py").unlink()
    (lesson.starter / "notes.txt").write_text("mine")
    assert lesson.starter / "__init__.py" in cut(lesson)
    assert not (lesson.starter / "__init__.py").exists()
    assert (lesson.starter / "notes.txt").exists()
    assert list(starters.manifest()["lesson_02_tiny"]) == ["app.py"]


def test_cut_does_not_overwrite_edited_work(course: Path):
    """Unless it is told to."""
    lesson = tree.lesson(2)
    cut(lesson)
    (lesson.starter / "app.py").write_text("mine = True\n")
    with pytest.raises(CutError, match=r"lesson_02_tiny: edited since it was cut \(app.py\)"):
        cut(lesson)
    assert (lesson.starter / "app.py").read_text() == "mine = True\n"
    cut(lesson, force=True)
    assert starters.state(lesson) == "untouched"


def test_cut_refuses_a_starter_that_is_no_python(course: Path):
    """It names the solution's file, and writes nothing."""
    lesson = tree.lesson(2)
    solution = lesson.solution / "app.py"
    solution.write_text(solution.read_text().replace("# before: return 0", "# before: if ("))
    with pytest.raises(CutError, match=r"solutions/lesson_02_tiny/app\.py: .*not Python"):
        cut(lesson)
    assert not (lesson.starter / "app.py").exists()


def test_cut_without_a_solution_leaves_the_starter(course: Path):
    """A learner's edition has no solutions."""
    lesson = tree.lesson(2)
    cut(lesson)
    lesson.solution.rename(course / "elsewhere")
    with pytest.raises(CutError, match="no such solution"):
        cut(lesson)
    assert (lesson.starter / "app.py").exists()


def test_states_of_a_lesson(course: Path, tmp_path: Path):
    """Untouched, begun and missing; Windows' line ends and notes are no beginning."""
    lesson = tree.lesson(2)
    cut(lesson)
    app = lesson.starter / "app.py"
    pristine = app.read_bytes()
    assert starters.state(lesson) == "untouched"
    app.write_bytes(pristine.replace(b"\n", b"\r\n"))
    (lesson.starter / "notes.txt").write_text("mine")
    (lesson.starter / ".ipynb_checkpoints").mkdir()
    (lesson.starter / ".ipynb_checkpoints/app-checkpoint.py").write_text("old")
    assert starters.state(lesson) == "untouched"
    assert not starters.begun(lesson)

    app.write_bytes(pristine + b"# mine\n")
    assert starters.changed_files(lesson) == ["app.py"]
    app.unlink()
    (lesson.starter / "part").mkdir()
    (lesson.starter / "part/more.py").write_text("")
    assert starters.changed_files(lesson) == ["app.py", "part/more.py"]
    assert starters.begun(lesson)

    elsewhere = tmp_path / "handed-in"
    assert starters.state(lesson, elsewhere) == "missing"
    assert not starters.begun(lesson, elsewhere)
    elsewhere.mkdir()
    assert starters.state(lesson, elsewhere) == "begun"


def test_a_link_is_not_followed(course: Path, tmp_path: Path):
    """A submission's link may point at anything; it is an edit, whatever it shows."""
    lesson = tree.lesson(2)
    cut(lesson)
    app = lesson.starter / "app.py"
    app.rename(tmp_path / "app.py")
    app.symlink_to(tmp_path / "app.py")
    assert starters.changed_files(lesson) == ["app.py"]


REAL = [lesson for lesson in tree.lessons() if lesson.solution.is_dir()]


def test_real_starters_and_answers_are_formatted_and_pass_the_linter(tmp_path: Path):
    """A learner starts from clean code, and the diffs show no noise."""
    shutil.copy(tree.ROOT / "pyproject.toml", tmp_path)
    for room, files in (("lessons", starter_files), ("solutions", answer_files)):
        for lesson in REAL:
            for file, content in files(lesson).items():
                path = tmp_path / room / lesson.package / file
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
    ruff("format", "--diff", ".", folder=tmp_path)
    ruff("check", ".", folder=tmp_path)


@pytest.mark.parametrize("lesson", REAL, ids=[lesson.package for lesson in REAL])
def test_real_tasks_are_those_of_the_marks(lesson):
    """Each task of `lesson.toml` has a mark in its file, and each mark has a task."""
    marked = {
        (turn.number, path.relative_to(lesson.solution).as_posix())
        for path in lesson.solution.rglob("*.py")
        for turn in turns(path.read_text(encoding="utf-8"), str(path))
    }
    assert {(task.number, task.file) for task in lesson.tasks} <= marked
    assert {number for number, _ in marked} == {task.number for task in lesson.tasks}
