"""The generated parts of the README, each between `<!-- name -->` and `<!-- /name -->`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from workbook import tree


class NoSuchBlock(Exception):
    """A page lacks the comments between which a generated part stands."""


def replace_block(text: str, name: str, body: str) -> str:
    """Return a page with the part between `<!-- name -->` and `<!-- /name -->` replaced."""
    opening, closing = f"<!-- {name} -->", f"<!-- /{name} -->"
    if text.count(opening) != 1 or text.count(closing) != 1:
        raise NoSuchBlock(f"The page needs `{opening}` and `{closing}`, each once.")
    before, _, rest = text.partition(opening)
    _, found, after = rest.partition(closing)
    if not found:
        raise NoSuchBlock(f"`{closing}` stands before `{opening}`.")
    return f"{before}{opening}\n{body.strip()}\n{closing}{after}"


def lesson_table(lessons: Sequence[tree.Lesson] = ()) -> str:
    """Return the table of lessons (default: all): number, question, what one writes, minutes."""
    rows = [
        "| # | The question | What you write | Minutes |",
        "|---:|---|---|---:|",
    ]
    for lesson in lessons or tree.lessons():
        link = f"[{_cell(lesson.question)}](notebooks/{lesson.notebook.name})"
        writes = "; ".join(_cell(task.title) for task in lesson.tasks)
        rows.append(f"| {lesson.number} | {link} | {writes} | {lesson.minutes} |")
    return "\n".join(rows)


def readme() -> str:
    """Return the README with its lesson table as the lessons describe it."""
    text = (tree.ROOT / "README.md").read_text(encoding="utf-8")
    return replace_block(text, "lessons", lesson_table())


def write_block(name: str, body: str) -> None:
    """Replace one generated part of the README."""
    path = tree.ROOT / "README.md"
    text = replace_block(path.read_text(encoding="utf-8"), name, body)
    path.write_text(text, encoding="utf-8", newline="\n")


def write_readme() -> None:
    """Bring the README's lesson table up to date."""
    (tree.ROOT / "README.md").write_text(readme(), encoding="utf-8", newline="\n")


def _cell(text: str) -> str:
    return re.sub(r"\s+", " ", text).replace("|", r"\|")
