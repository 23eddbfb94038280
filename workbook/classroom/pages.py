"""Feedback for a student, as a page that stands alone, and as Markdown."""

from __future__ import annotations

import html
from typing import Any

from workbook.classroom.results import GRADED, MISSING, Result
from workbook.grading.messages import SYMBOLS

STYLE = """
:root{color-scheme:light dark;--ink:#16191d;--quiet:#434a54;--card:#fff;--panel:#f3f5f8;
--line:#8a93a0;--good:#00504a;--bad:#970022;--bar:#0b4685}
@media (prefers-color-scheme:dark){:root{--ink:#f2f4f7;--quiet:#c4cad3;--card:#15181c;
--panel:#1f242a;--line:#717b88;--good:#7fdcc9;--bad:#ffa3ab;--bar:#9dccff}}
body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--card);
max-width:60rem;margin:0 auto;padding:1rem}
h1{font-size:1.5rem}h2{font-size:1.2rem;margin-top:2rem;border-top:1px solid var(--line);
padding-top:1rem}
pre{background:var(--panel);padding:.75rem;overflow-x:auto;white-space:pre-wrap;
overflow-wrap:anywhere;font:13px/1.45 ui-monospace,monospace}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid var(--line);
vertical-align:top;overflow-wrap:anywhere}
td.number,th.number{text-align:right;white-space:nowrap}
.passed{color:var(--good)}.open{color:var(--bad)}.quiet{color:var(--quiet)}
"""
WORDS = {
    "does not start": "A lesson does not start, so none of its checks could be asked.",
    "timed out": "A lesson did not start, or did not answer, in time.",
    "crashed": "A lesson's server died again and again.",
    "refused": "The submission could not be opened.",
    "infrastructure": "Grading failed for a reason that is not yours. It will be tried again.",
}
NOT_HERE = "This lesson was not handed in."


def document(title: str, body: str) -> str:
    """Return a whole HTML document that needs nothing beside itself."""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        # Nothing on the page may run or fetch, whatever a submission made the server say.
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">\n"
        f"<title>{html.escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _title(result: Result) -> str:
    return f"Feedback for {result['student']}"


def _points(one: dict[str, Any]) -> str:
    return f"{one['points']} of {one['max_points']} points"


def _word(check: dict[str, Any]) -> str:
    return f"{SYMBOLS.get(check['outcome'], '?')} {check['outcome']}"


def _first(lesson: dict[str, Any]) -> dict[str, Any] | None:
    return next((c for c in lesson["checks"] if c["id"] == lesson["first"]), None)


def feedback_html(result: Result) -> str:
    """Return a student's page: the points, and in each lesson what to look at first."""
    parts = [f"<h1>{html.escape(_title(result))}</h1>", f"<p>{_points(result)}</p>"]
    if result["status"] != GRADED:
        parts.append(f'<p class="open">{WORDS[result["status"]]}</p>')
    if result["note"]:
        parts.append(f"<p>{html.escape(result['note'])}</p>")
    for lesson in result["lessons"]:
        parts.append(f"<h2>Lesson {lesson['number']}: {_points(lesson)}</h2>")
        if lesson["status"] == MISSING:
            parts.append(f"<p>{NOT_HERE}</p>")
            continue
        if first := _first(lesson):
            parts.append("<p>Look at this first:</p>")
            parts.append(f'<pre tabindex="0">{html.escape(first["message"])}</pre>')
        parts.append(_table(lesson))
        if lesson.get("hidden_checks"):
            parts.append(f'<p class="quiet">{lesson["hidden_checks"]} more checks count.</p>')
    parts.append(f'<p class="quiet">Graded behind {_walls(result)}.</p>')
    return document(_title(result), "\n".join(parts))


def _table(lesson: dict[str, Any]) -> str:
    rows = [
        '<table><thead><tr><th scope="col">Check</th><th scope="col">Outcome</th>'
        '<th scope="col" class="number">Points</th></tr></thead><tbody>'
    ]
    for check in lesson["checks"]:
        look = "passed" if check["outcome"] == "passed" else "open"
        rows.append(
            f"<tr><td>{html.escape(check['title'])}</td>"
            f'<td class="{look}">{html.escape(_word(check))}</td>'
            f'<td class="number">{check["points"]} / {check["max_points"]}</td></tr>'
        )
    return "\n".join([*rows, "</tbody></table>"])


def _walls(result: Result) -> str:
    walls = result["containment"]
    return html.escape(f"rung {walls['rung']}: {', '.join(walls['mechanisms'])}")


def feedback_markdown(result: Result) -> str:
    """Return the same as Markdown."""
    parts = [f"# {_plain(_title(result))}", _points(result)]
    parts += [WORDS[result["status"]]] if result["status"] != GRADED else []
    parts += [_plain(result["note"])] if result["note"] else []
    for lesson in result["lessons"]:
        parts.append(f"## Lesson {lesson['number']}: {_points(lesson)}")
        if lesson["status"] == MISSING:
            parts.append(NOT_HERE)
            continue
        if first := _first(lesson):
            fence = "`" * max(3, _longest_ticks(first["message"]) + 1)
            parts.append(f"Look at this first:\n\n{fence}text\n{first['message']}\n{fence}")
        rows = ["| Check | Outcome | Points |", "|---|---|---:|"]
        rows += [
            f"| {_plain(c['title'])} | {_word(c)} | {c['points']} / {c['max_points']} |"
            for c in lesson["checks"]
        ]
        parts.append("\n".join(rows))
        if lesson.get("hidden_checks"):
            parts.append(f"{lesson['hidden_checks']} more checks count.")
    return "\n\n".join(parts) + "\n"


def _longest_ticks(text: str) -> int:
    longest = run = 0
    for letter in text:
        run = run + 1 if letter == "`" else 0
        longest = max(longest, run)
    return longest


def _plain(text: str) -> str:
    """Return text that Markdown shows as it is, on one line."""
    shown = " ".join(text.split())
    return "".join(f"\\{one}" if one in "\\`*_{}[]<>()#+-!|~&" else one for one in shown)
