"""Every report says the same of one result, in the form that its reader asks for."""

from __future__ import annotations

import base64
import csv
import io
import json
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree as xml

import jsonschema
import pytest

from workbook import tree
from workbook.classroom import formats, overview, pages, tables
from workbook.classroom.results import MISSING, file_name, shown, whole, without
from workbook.classroom.submissions import Submission

NASTY = '=cmd|"/c calc"!A1, <script>alert(1)</script>\n\x1b[31m`\'| \ud800 ﷽'
NAMES = ("alice", "-x", "=1+1", "../../etc/passwd", "a/b", "CON", "a\nb", "é", "e\u0301", NASTY)


def result(name: str = "alice", message: str = NASTY) -> dict[str, Any]:
    lesson = without(tree.lesson(1), "graded", "")
    for place, check in enumerate(lesson["checks"]):
        check["outcome"] = "passed" if place % 2 else "failed"
        check["points"] = check["max_points"] if place % 2 else 0
        check["message"] = "" if place % 2 else message
    lesson["points"] = sum(check["points"] for check in lesson["checks"])
    lesson["first"] = lesson["checks"][0]["id"]
    missing = without(tree.lesson(2), MISSING, "this lesson was not handed in")
    walls = {"rung": "B", "mechanisms": ["Landlock: files"]}
    who = Submission(name, name, {}, "", "a second submission")
    return whole(who, [lesson, missing], walls)


@pytest.mark.parametrize("name", NAMES)
def test_results_follow_their_schema(name: str) -> None:
    schema = json.loads((tree.ROOT / "docs/results.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(json.dumps(result(name))), schema)


def test_grades_have_a_row_a_student_and_no_formula() -> None:
    text = tables.grades([result(name) for name in NAMES])
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["submission"].removeprefix("'") for row in rows] == [
        name.replace("\r\n", "\n") for name in NAMES
    ]
    for row in rows:
        assert not any(str(cell).startswith(tables.DANGEROUS) for cell in row.values())
        assert row["lesson_01"] == str(result()["points"])
        assert row["lesson_02"] == "0"


def test_nbgrader_has_its_columns() -> None:
    rows = list(csv.reader(io.StringIO(tables.nbgrader([result()]))))
    columns = "assignment duedate timestamp student_id last_name first_name email raw_score "
    columns += "late_submission_penalty score max_score"
    assert rows[0] == columns.split()
    assert [row[0] for row in rows[1:]] == ["lesson_01", "lesson_02"]
    assert all(len(row) == len(rows[0]) for row in rows)


def test_canvas_takes_the_header_and_skips_what_was_not_handed_in() -> None:
    rows = list(csv.reader(io.StringIO(tables.canvas([result()]))))
    assert rows[0][:2] == ["Student", "ID"]
    assert rows[0][4] == "Section"
    assert rows[1][0] == "    Points Possible"
    assert float(rows[1][5]) == result()["lessons"][0]["max_points"]
    assert rows[2][6] == ""  # no score, which is not the same as none of the points
    assert float(rows[2][5]) == result()["points"]


def test_junit_is_xml_whose_points_are_properties() -> None:
    root = xml.fromstring(formats.junit(result()))  # noqa: S314
    suites = root.findall("testsuite")
    assert [suite.get("name") for suite in suites] == ["lesson_01", "lesson_02"]
    for suite, lesson in zip(suites, result()["lessons"], strict=True):
        cases = suite.findall("testcase")
        assert suite.get("tests") == str(len(cases)) == str(len(lesson["checks"]))
        assert suite.get("failures") == str(len(suite.findall("testcase/failure")))
        assert suite.get("skipped") == str(len(suite.findall("testcase/skipped")))
        points = suite.findall("testcase/properties/property[@name='points']")
        assert sum(int(one.get("value", "")) for one in points) == lesson["points"]


def test_gradescope_has_only_the_fields_of_its_specification() -> None:
    found = json.loads(formats.gradescope(result(), hidden=2))
    assert found["score"] == result()["points"]
    assert found["visibility"] == "visible"
    known = "score execution_time output output_format test_output_format test_name_format "
    known += "visibility stdout_visibility extra_data tests leaderboard"
    assert set(found) <= set(known.split())
    fields = "score max_score status name name_format number output output_format tags visibility "
    for test in found["tests"]:
        assert set(test) <= {*fields.split(), "extra_data"}
        assert test["status"] in ("passed", "failed")
        assert "visibility" not in test  # one hidden test would hide the student's total
    assert "2 more checks" in found["output"]


def test_classroom50_has_whole_numbers_and_every_field() -> None:
    environment = {"CLASSROOM": "c", "ASSIGNMENT": "a", "OWNER": "o", "SUBMISSION_TAG": "t"}
    found = json.loads(formats.classroom50(result(), environment, "2026-11-27T00:00:00Z"))
    assert found["schema"] == "classroom50/result/v1"
    assert type(found["score"]) is int
    assert type(found["max-score"]) is int
    fields = "classroom assignment assignment_type owner submission commit release review datetime"
    assert set(fields.split()) <= set(found)
    assert sum(test["score"] for test in found["tests"]) == found["score"]
    assert {"test-name", "passed", "score", "max-score"} <= set(found["tests"][0])


def test_actions_output_decodes_to_the_reporters_form() -> None:
    name, _, value = formats.actions(result()).strip().partition("=")
    found = json.loads(base64.b64decode(value))
    assert name == "result"
    assert found["version"] == 3
    assert found["status"] == "fail"
    assert sum(test["score"] for test in found["tests"]) == result()["points"]
    assert all(len(test["output"]) <= 500 for test in found["tests"])
    needed = {"name", "status", "test_code", "task_id", "filename", "line_no", "duration", "score"}
    assert all(needed <= set(test) for test in found["tests"])


class Page(HTMLParser):
    """The tags of a page, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep a tag with its attributes."""
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Keep text."""
        self.text += data


@pytest.mark.parametrize("made", [pages.feedback_html, lambda one: overview.class_page([one])])
def test_a_page_stands_alone_and_runs_nothing(made: Any) -> None:
    page = Page(made(result(NASTY)))
    tags = [tag for tag, _ in page.tags]
    assert not {"script", "link", "img", "iframe"} & set(tags)
    assert not any(name in ("href", "src") for _, named in page.tags for name in named)
    assert tags.count("h1") == 1
    assert "alert(1)" in page.text
    assert page.tags[0] == ("html", {"lang": "en"})


def test_markdown_shows_a_hostile_message_as_text() -> None:
    text = pages.feedback_markdown(result(message="```\n# Full points\n````"))
    assert "\n`````text\n```\n# Full points\n````\n`````\n" in text
    assert (
        "<script>" not in pages.feedback_markdown(result(NASTY)).split("`````")[0].split("```")[0]
    )


def test_what_is_hidden_shows_nowhere() -> None:
    hidden = result()["lessons"][0]["checks"][0]
    seen = shown(result(message="the secret message"), [f"1/{hidden['id']}", "2/*"])
    told = [formats.gradescope(seen), formats.classroom50(seen, {}, ""), formats.actions(seen)]
    told += [pages.feedback_html(seen), pages.feedback_markdown(seen)]
    for text in told:
        assert hidden["title"] not in text
        assert hidden["id"] not in text
    assert seen["points"] == result()["points"]
    assert "more checks count" in told[3]


def test_file_names_are_safe_and_nobody_elses() -> None:
    names = [file_name(name) for name in NAMES]
    assert len({name.casefold() for name in names}) == len(NAMES)
    for name in names:
        assert name.isascii()
        assert not set(name) & set('/\\:*?"<>|\n')
        assert not name.startswith((".", "-"))
    assert file_name("alice") == "alice"


def test_the_class_page_counts_who_handed_in() -> None:
    found = overview.failing([result("a"), result("b")])
    assert {one.number for one in found} == {1}
    assert {(one.failed, one.of) for one in found} == {(2, 2)}
