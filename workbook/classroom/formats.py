"""The forms that other systems read: JUnit, Gradescope, Classroom 50, GitHub Actions."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as xml

from workbook.classroom.results import GRADED, OURS, Result

NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold (§2.2)."""
ACTIONS_OUTPUT = 500
"""How many characters of a test's output GitHub's reporter takes."""


def _checks(result: Result) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for lesson in result["lessons"]:
        for check in lesson["checks"]:
            yield lesson, check


def _fair(text: object) -> str:
    return NOT_IN_XML.sub("�", str(text))


def junit(result: Result) -> str:
    """Return JUnit XML as pytest writes it, with each check's points as properties."""
    suites = xml.Element("testsuites", name="workbook")
    for lesson in result["lessons"]:
        words = [check["outcome"] for check in lesson["checks"]]
        skipped = words.count("not reached")
        errors = words.count("fault of ours")
        failures = len(words) - words.count("passed") - skipped - errors
        suite = xml.SubElement(
            suites,
            "testsuite",
            name=f"lesson_{lesson['number']:02d}",
            tests=str(len(words)),
            failures=str(failures),
            errors=str(errors),
            skipped=str(skipped),
            time="0",
        )
        for check in lesson["checks"]:
            _case(suite, lesson, check)
    xml.indent(suites)
    head = '<?xml version="1.0" encoding="utf-8"?>\n'
    return head + xml.tostring(suites, encoding="unicode") + "\n"


def _case(suite: xml.Element, lesson: dict[str, Any], check: dict[str, Any]) -> None:
    place = f"lesson_{lesson['number']:02d}"
    case = xml.SubElement(suite, "testcase", classname=place, name=check["id"], time="0")
    properties = xml.SubElement(case, "properties")
    for name in ("points", "max_points", "task", "outcome"):
        xml.SubElement(properties, "property", name=name, value=str(check[name]))
    kind = {"passed": "", "not reached": "skipped", "fault of ours": "error"}.get(
        check["outcome"], "failure"
    )
    if kind:
        told = xml.SubElement(case, kind, message=_fair(check["title"]))
        told.text = _fair(check["message"])


def gradescope(result: Result, hidden: int = 0) -> str:
    """Return Gradescope's `results.json`; `hidden` checks count in the score and are not listed."""
    tests = [
        {
            "name": check["title"],
            "number": f"{lesson['number']}.{place}",
            "score": check["points"],
            "max_score": check["max_points"],
            "status": "passed" if check["outcome"] == "passed" else "failed",
            "output": check["message"],
            "output_format": "text",
            "tags": [f"lesson {lesson['number']}", check["outcome"]],
        }
        for lesson in result["lessons"]
        for place, check in enumerate(lesson["checks"], 1)
    ]
    said = [f"{result['points']} of {result['max_points']} points"]
    said += [f"{hidden} more checks count and are not shown."] if hidden else []
    said += [result["note"]] if result["note"] else []
    whole = {
        "score": result["points"],
        "output": "\n".join(said),
        "output_format": "text",
        "test_output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": tests,
        "extra_data": {"containment": result["containment"], "status": result["status"]},
    }
    return json.dumps(whole, indent=1) + "\n"


def classroom50(result: Result, environment: dict[str, str], moment: str) -> str:
    """Return Classroom 50's `result.json`; `environment` is what its runner gives.

    `moment` is the commit's time in UTC (ISO 8601).
    """
    tests = [
        {
            "test-name": f"{lesson['number']}. {check['title']}",
            "passed": check["outcome"] == "passed",
            "score": check["points"],
            "max-score": check["max_points"],
            "outcome": check["outcome"],
            "message": check["message"],
        }
        for lesson, check in _checks(result)
    ]
    whole = {
        "schema": "classroom50/result/v1",
        "classroom": environment.get("CLASSROOM", ""),
        "assignment": environment.get("ASSIGNMENT", ""),
        "assignment_type": environment.get("ASSIGNMENT_TYPE", "individual"),
        "owner": environment.get("OWNER") or environment.get("USERNAME") or result["submission"],
        "submission": environment.get("SUBMISSION_TAG", ""),
        "commit": environment.get("COMMIT_URL", ""),
        "release": environment.get("RELEASE_URL", ""),
        "review": environment.get("REVIEW_URL", ""),
        "datetime": moment,
        "score": result["points"],
        "max-score": result["max_points"],
        "tests": tests,
    }
    return json.dumps(whole, indent=1) + "\n"


def actions(result: Result) -> str:
    """Return the line for `$GITHUB_OUTPUT` that GitHub's autograding reporter reads."""
    tests = [
        {
            "name": f"{lesson['number']}. {check['title']}",
            "status": "pass" if check["outcome"] == "passed" else "fail",
            "message": None if check["outcome"] == "passed" else check["message"],
            "test_code": "",
            "task_id": check["task"] or 0,
            "filename": "",
            "line_no": 0,
            "duration": 0,
            "score": check["points"],
            "output": check["message"][:ACTIONS_OUTPUT],
        }
        for lesson, check in _checks(result)
    ]
    full = result["points"] == result["max_points"]
    whole: dict[str, Any] = {
        "version": 3,
        "status": "error" if result["status"] == OURS else "pass" if full else "fail",
        "max_score": result["max_points"],
        "tests": tests,
    }
    if result["status"] != GRADED:
        whole["message"] = result["note"] or result["status"]
    return "result=" + base64.b64encode(json.dumps(whole).encode()).decode() + "\n"
