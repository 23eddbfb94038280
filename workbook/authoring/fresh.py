"""Is every generated file what its generator gives today?"""

from __future__ import annotations

from pathlib import Path

from workbook import starters, tree
from workbook.authoring import cut, notebooks, tables


def stale(strict: bool = False) -> list[str]:
    """Name every generated file that is not what its generator gives, relative to the root.

    A learner may edit starters, and run, edit and save notebooks: that is no staleness.
    `strict` is for the author's own clone, where these too must be as generated. Where no
    solutions are, in a learner's edition, what is generated from them is left out.
    """
    found = [*_from_solutions(strict), *_notebooks(strict), *_readme()]
    return [path.relative_to(tree.ROOT).as_posix() for path in found]


def _from_solutions(strict: bool) -> list[Path]:
    if not tree.SOLUTIONS.is_dir():
        return []
    lessons = [lesson for lesson in tree.lessons() if lesson.solution.is_dir()]
    manifest = cut.manifest_text({lesson.package: cut.hashes(lesson) for lesson in lessons})
    wanted = {tree.LESSONS / "manifest.json": manifest}
    for lesson in lessons:
        wanted |= cut.change_pages(lesson)
    found = [path for path, text in wanted.items() if _text(path) != text]
    if strict:
        for lesson in lessons:
            found += [lesson.starter / file for file in starters.changed_files(lesson)]
    return found


def _notebooks(strict: bool) -> list[Path]:
    scripts = {script.with_suffix(".ipynb"): script for script in notebooks.sources()}
    found = [path for path, script in scripts.items() if not _built(path, script, strict)]
    if strict:
        found += sorted(set(tree.NOTEBOOKS.glob("*.ipynb")) - scripts.keys())
    return found


def _built(path: Path, script: Path, strict: bool) -> bool:
    """Tell whether a notebook is what its script gives, or was before a learner worked in it."""
    wanted, text = notebooks.build(script), _text(path)
    if strict or text is None:
        return text == wanted.decode("utf-8")
    content = text.encode("utf-8")
    try:
        known = notebooks.script_hash(content) == notebooks.script_hash(wanted)
        return known or notebooks.same_sources(content, wanted)
    except (ValueError, LookupError, TypeError, AttributeError):
        return False  # no notebook at all


def _readme() -> list[Path]:
    path = tree.ROOT / "README.md"
    try:
        return [] if _text(path) == tables.readme() else [path]
    except (FileNotFoundError, tables.NoSuchBlock):
        return [path]


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None
