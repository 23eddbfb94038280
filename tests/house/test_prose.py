"""What people read: plain words, short sentences, no name without a thing behind it."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import beats
import promises
import prose
import pytest

from workbook import tree

GLOSSARY = tree.ROOT / "docs/glossary.md"
LESSONS = [pytest.param(one, id=f"lesson {one.number}") for one in tree.lessons()]
BRIEFS = {one.starter / "BRIEF.md": one for one in tree.lessons()}
NOTEBOOKS = {
    script: tree.lesson(script.name[:2]) for script in sorted(tree.NOTEBOOKS.glob("[0-9]*_*.py"))
}
TAUGHT = BRIEFS | NOTEBOOKS
PAGES = [*TAUGHT, tree.ROOT / "README.md", *sorted((tree.ROOT / "docs").glob("*.md"))]


def named(path: Path) -> str:
    return path.relative_to(tree.ROOT).as_posix()


def markdown(path: Path) -> str:
    return beats.read(path).markdown if path.suffix == ".py" else path.read_text("utf-8")


def books() -> list[object]:
    return [pytest.param(beats.read(path), one, id=path.stem) for path, one in NOTEBOOKS.items()]


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_a_page_is_plain(path: Path) -> None:
    length, grade = (15, 8.5) if path in TAUGHT else (16, 9)
    found = prose.sentences(markdown(path))
    longest = "\n".join(one.text for one in sorted(found, key=lambda one: -len(one.words))[:3])
    assert prose.mean_length(found) <= length, f"the longest sentences:\n{longest}"
    assert prose.grade(found) <= grade, f"the longest sentences:\n{longest}"


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_a_page_talks_down_to_nobody_and_hides_nothing(path: Path) -> None:
    page = markdown(path)
    assert prose.banned(page) == []
    assert prose.images_without_words(page) == []
    assert prose.odd_references(page) == []


@pytest.mark.parametrize("path", [*TAUGHT, GLOSSARY], ids=named)
def test_every_acronym_is_spelled_out(path: Path) -> None:
    terms = prose.glossary_terms(GLOSSARY.read_text("utf-8"))
    assert prose.unexplained(markdown(path), prose.spelled(terms)) == []


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_every_file_and_command_exists(path: Path) -> None:
    assert promises.missing_files(markdown(path), TAUGHT.get(path)) == []
    assert promises.unknown_commands(markdown(path)) == []


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_words_of_a_lesson_stand_in_the_glossary(lesson: tree.Lesson) -> None:
    terms = {term.casefold() for term in prose.glossary_terms(GLOSSARY.read_text("utf-8"))}
    assert [word for word in lesson.words if word.casefold() not in terms] == []


def test_the_glossary_is_in_order_and_short() -> None:
    page = GLOSSARY.read_text("utf-8")
    terms = prose.glossary_terms(page)
    assert list(terms) == sorted(terms, key=str.casefold)
    assert len(terms) == page.count("\n- ") > 40
    for term, says in terms.items():
        assert 1 <= len(re.split(r"(?<=[.!?]) ", says)) <= 2, term
        assert says.endswith((".", "?", '."')), term


@pytest.mark.parametrize(("book", "lesson"), books())
def test_a_notebook_keeps_its_budget_and_its_beats(
    book: beats.Notebook, lesson: tree.Lesson
) -> None:
    assert beats.sizes(book) == []
    assert beats.missing_beats(book) == []
    assert beats.title_card(book, lesson) == []
    assert beats.guesses(book) == []
    assert beats.hints(book, lesson) == []
    assert beats.checks_itself(book, lesson)
    assert beats.unmarked_questions(book) == []


def in_git(path: Path) -> str:
    """Return a file as git holds it: a learner who runs a notebook does not fail the proofs."""
    words = ["git", "show", f":{path.relative_to(tree.ROOT).as_posix()}"]
    held = subprocess.run(words, cwd=tree.ROOT, capture_output=True, check=False)
    return held.stdout.decode("utf-8") if held.returncode == 0 else path.read_text("utf-8")


@pytest.mark.parametrize("path", sorted(tree.NOTEBOOKS.glob("*.ipynb")), ids=named)
def test_a_notebook_holds_no_output(path: Path) -> None:
    cells = [one for one in json.loads(in_git(path))["cells"] if one["cell_type"] == "code"]
    assert cells
    assert all(one["outputs"] == [] and one["execution_count"] is None for one in cells)


# From here on: the counters themselves, on examples with known values.


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("cat", 1), ("table", 2), ("password", 2), ("authentication", 5), ("Alice's", 3),
        ("RFC", 3), ("WWW", 9), ("JSON", 2), ("APIs", 3), ("e-mail", 2), ("first-party", 3),
        ("starlette", 2), ("grommle", 2), ("brate", 1), ("404", 0), (prose.CODE, 0),
    ],
)  # fmt: skip
def test_syllables(word: str, count: int) -> None:
    assert prose.syllables(word) == count


@pytest.mark.parametrize(
    ("text", "lengths"),
    [
        ("The cat sat on the mat.", [6]),
        ("One two. Three four! Five (six)? Seven", [2, 2, 2, 1]),
        ("A tool, e.g. a saw, of version 2.5 cuts.", [9]),
        ('He said "stop." She did not.', [3, 3]),
        ("Call `app.run(1. 2)` and ``a ` b`` now.", [5]),
        ("- one is here\n- two are there\n  and here\n3. three is\n\nlast", [3, 5, 2, 1]),
        ("| a first long cell | `x` |\n|---|---|\n| short one | `x` takes a text |", [4, 4]),
        ("## Your turn to write it\n## Scene\nGo on.", [5, 2]),
        ("[see the page](http://a.example/b.c d) or <https://x.example> **now**.", [5]),
        ("<details><summary>Hint 1</summary>Ask <code>x.y</code> twice.</details>", [2, 3]),
        ("Read.\n```python\nno. word. here.\n```\n<!-- nor here -->\nWrite &amp; run.", [1, 2]),
        ("![A long alt text that is no prose](a.png) Look up.", [2]),
        ("`x`. 404. And so on.", [3]),
    ],
)
def test_sentences(text: str, lengths: list[int]) -> None:
    assert [len(one.words) for one in prose.sentences(text)] == lengths


def test_the_grade_is_that_of_flesch_and_kincaid() -> None:
    easy = prose.sentences("The cat sat on the mat.")  # 6 words, 6 syllables
    assert prose.grade(easy) == pytest.approx(0.39 * 6 + 11.8 * 1 - 15.59)
    # 10 words, 18 syllables, in two sentences
    text = "The committee considered the proposal. It was very long indeed."
    assert prose.mean_length(prose.sentences(text)) == 5
    assert prose.grade(prose.sentences(text)) == pytest.approx(0.39 * 5 + 11.8 * 1.8 - 15.59)
    hard = "Comprehensive authentication infrastructure necessitates considerable sophistication."
    assert prose.grade(prose.sentences(hard)) > 9
    # Code makes a sentence longer, and no word easier.
    assert prose.grade(prose.sentences("The cat `x` sat on the mat.")) > prose.grade(easy)
    assert prose.grade([]) == prose.mean_length([]) == 0


def test_banned_words() -> None:
    text = "You can *just* do it. Of course, it is easily done; `just` an adjustment. SIMPLY."
    assert prose.banned(text) == ["just", "Of course", "easily", "SIMPLY"]
    assert prose.banned("Adjust it. The disease of courses.\n```\njust\n```") == []


def test_images() -> None:
    text = '![](a.png) ![ ][a] ![A cat](b.png) <img src="c"> <img src="d" alt="A dog"> `![](e)`'
    assert len(prose.images_without_words(text)) == 4
    assert prose.images_without_words("![A cat](b.png)\n```\n![](x)\n```") == []


@pytest.mark.parametrize("good", ["RFC 6750", "RFC 6750 §3.1.", "(RFC 9110 §15.5.5)", "an RFC"])
def test_references_in_their_form(good: str) -> None:
    assert prose.odd_references(good) == []


@pytest.mark.parametrize(
    "odd",
    [
        "RFC6750", "RFC-6750", "RFC 6750, section 3", "RFC 6750 section 3", "RFC 6750 (Section 3)",
        "RFC 6750§3", "RFC 6750 §", "RFC 6750, §3", "RFC 6750 § 3", "RFC\n6750 §3a", "RFCs 6750",
    ],
)  # fmt: skip
def test_references_in_another_form(odd: str) -> None:
    assert len(prose.odd_references(f"See {odd} there.")) == 1


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("An API (application programming interface) is an API.", []),
        ("An API is an API (application programming interface).", ["API"]),
        ("A JSON Web Token (JWT) is one of two JWTs.", ["JSON"]),
        ("*API* stands for application programming interface.", []),
        ("An API (a nice thing).", ["API"]),
        ("Open authorization (OAuth2) and `HTTP` in code.", []),
        ("FastAPI and PyJWT are names, and so is I.", []),
        ("HS256 and OWASP API3:2023", ["HS256", "OWASP", "API3"]),
    ],
)
def test_acronyms(text: str, left: list[str]) -> None:
    assert prose.unexplained(text, []) == left
    assert prose.unexplained(text, prose.spelled(["JSON", "API", "HS256", "OWASP"])) == []


def test_files_and_commands() -> None:
    lesson = tree.lesson(2)
    told = "`app.py`, `people.py`, `users.json`, `lessons/lesson_02_passwords`, `a/b`, `/x.json`"
    assert promises.missing_files(told, lesson) == []
    assert promises.missing_files("`ap.py` `lessons/lesson_2`", lesson) == [
        "ap.py",
        "lessons/lesson_2",
    ]
    assert promises.missing_files("`tests/lesson_NN/` `tests/lesson_NN/NAME.java.md`", None) == [
        "tests/lesson_NN/NAME.java.md"
    ]
    good = "`uv run workbook check 3 --solution` `workbook author cut` `uv run workbook`"
    assert promises.unknown_commands(good) == []
    bad = "`workbook chek`\n```sh\nuv run workbook check 3 --sol\nuv run workbook author cutt\n```"
    assert len(promises.unknown_commands(bad)) == 3


def book(*cells: str) -> beats.Notebook:
    """Make a notebook; a cell of code begins with `>`."""
    kinds = {True: "code", False: "markdown"}
    return beats.Notebook(tuple((kinds[c.startswith(">")], c.removeprefix(">")) for c in cells))


def test_the_budget_is_counted() -> None:
    fair = ["word " * 40, ">a = 1\nb = 2"] * 15
    assert beats.sizes(book(*fair, *["word " * 40] * 10)) == []
    assert beats.sizes(book(*fair[:28])) == ["28 cells: 30 to 45", "560 words: 900 to 1,500"]
    three = [*["word " * 60] * 20, ">1", ">2", ">3\n" + "\n" * 20, *fair[:10]]
    assert beats.sizes(book(*three)) == ["three code cells in a row"]
    long = [*["word " * 60] * 20, ">" + "1\n" * 16, "word", *[">" + "1\n" * 5, "word"] * 6]
    assert [fault.split(" in the ")[0] for fault in beats.sizes(book(*long))] == [
        "5 lines",
        "16 lines",
    ]
    assert "it does not begin with words" in beats.sizes(book(*reversed(fair)))
    assert "an empty cell" in beats.sizes(book(" ", *fair))


def test_beats_are_found_in_their_order() -> None:
    whole = [f"{beat} and so on" for beat in beats.BEATS]
    assert beats.missing_beats(book(*whole, "## Attack again")) == []
    assert beats.missing_beats(book(*whole[:4], *whole[5:])) == ["## Investigate"]
    assert beats.missing_beats(book(*whole[:2], whole[3], whole[2], *whole[4:])) == ["## Attack"]


def test_guesses_are_counted() -> None:
    four = [f'>predict("{n}?", ...)' for n in range(4)]
    answers = [f'>reveal("{n}?", card)' for n in range(4)]
    assert beats.guesses(book(*four, *answers)) == []
    assert beats.guesses(book(*four, ">reveal(1)", *answers[:3])) == []
    assert beats.guesses(book(*four, *answers[:3])) == ["asked but never revealed: '3?'"]
    assert beats.guesses(book(*four[:3], *answers[:3])) == ["3 guesses: at least 4"]
    assert beats.guesses(book(*four, *answers, '>reveal("x", 1)')) == [
        "revealed but never asked: 'x'"
    ]
    written = '>predict("a", 401)'
    assert beats.guesses(book(*four, *answers, written, ">reveal(2)")) == [
        "the guess is written already: 'a'"
    ]


def test_hints_are_counted() -> None:
    folds = "".join(f"<details><summary>Hint {n}</summary>Look.</details>\n" for n in (1, 2, 3))
    lesson = tree.lesson(1)
    assert (
        beats.hints(book(f"**Your turn 1.** a\n{folds}\n**Your turn 2.** b\n{folds}"), lesson) == []
    )
    late = book(f"### Your turn 1\n{folds}\n### Your turn 2\n## Checkpoint\n{folds}")
    assert beats.hints(late, lesson) == ["turn 2 has the hints []"]
    bare = folds.replace("Look.", "")
    assert len(beats.hints(book(f"**Your turn 1.** {bare}\n**Your turn 3.** {folds}"), lesson)) == 3


def test_questions_are_found() -> None:
    head = "## You might ask\n\n"
    assert beats.unmarked_questions(book(f"{head}**Why?** So.\n\nMore.\n\n## Recap\n\nWhat?")) == []
    assert beats.unmarked_questions(book(f"{head}**Why?** So.\n\nAnd how? So.")) == ["And how? So."]
    assert beats.unmarked_questions(book(f"{head}Well.\n\n**Why?** So.")) == ["Well."]
    assert beats.unmarked_questions(book("## Recap")) == ["no question in bold"]


def test_a_notebook_checks_its_own_lesson() -> None:
    assert beats.checks_itself(book(">check(1)"), tree.lesson(1))
    assert not beats.checks_itself(book(">check(2)", "check(1)"), tree.lesson(1))


def test_a_title_card_tells_what_the_lesson_says() -> None:
    lesson = tree.lesson(1)
    card = f"# Lesson 1: {lesson.question}\n{lesson.minutes} minutes, {', '.join(lesson.words)}"
    assert beats.title_card(book(card), lesson) == []
    assert beats.title_card(book(card.replace("endpoint", "x")), lesson) == ["endpoint"]
