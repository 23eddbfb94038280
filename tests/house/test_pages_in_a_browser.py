"""The pages of a class run in a real browser: they stand alone, and everybody can read them."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from browsing import BROWSING
from workbook import tree
from workbook.authoring import corpus
from workbook.classroom import overview, pages, results
from workbook.classroom.submissions import Submission
from workbook.grading.report import grade
from workbook.running.server import Launcher

pytest.importorskip("playwright.sync_api", reason="skipped: playwright is not installed")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="skipped: axe is not installed"
    )

pytestmark = BROWSING
WALLS = {"rung": "B", "mechanisms": ["Landlock: files", "seccomp: no new sockets"]}


@pytest.fixture(scope="module")
def graded(warm: Launcher) -> list[results.Result]:
    """Three students of lesson 1: one is right, one wrong, and one's app does not start."""
    lesson = tree.lesson(1)
    wrong = corpus.wrong_solutions(lesson)[0]
    broken = corpus.Wrong("broken", "", "", (corpus.Edit("app.py", "app = ", "app = ("),))
    found = []
    for name, changed in (("Ada", None), ("Bo <b>", wrong), ("=Cy", broken)):
        with corpus.written(lesson, changed) as folder:
            report = grade(lesson, folder, warm)
        who = Submission(name, name, {}, "", "")
        found.append(results.whole(who, [results.of_report(report)], WALLS))
    return found


MADE: list[Any] = [
    pytest.param(lambda found: overview.class_page(found), id="the class"),
    pytest.param(lambda found: pages.feedback_html(found[0]), id="a right one"),
    pytest.param(lambda found: pages.feedback_html(found[1]), id="a wrong one"),
    pytest.param(lambda found: pages.feedback_html(found[2]), id="a broken one"),
    pytest.param(
        lambda found: pages.feedback_html(results.shown(found[1], ["1/*"])), id="a hidden one"
    ),
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("made", MADE)
def test_a_page_stands_alone_and_can_be_read_by_everybody(
    made: Callable[[list[results.Result]], str],
    scheme: Any,
    graded: list[results.Result],
    page: Any,
    strangers: list[str],
    tmp_path: Path,
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 1000, "height": 900})
    page.set_content(made(graded))
    page.screenshot(path=tmp_path / "page.png", full_page=True)
    found = axe.Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    page.set_viewport_size({"width": 360, "height": 700})
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 360, "a page that has to be pushed from side to side on a telephone"
    assert strangers == []


def test_a_page_that_not_everybody_can_read_is_found(page: Any) -> None:
    page.set_content('<html><body><p style="color: #ccc; background: #fff">Pale</p></body></html>')
    found = {one["id"] for one in axe.Axe().run(page).response["violations"]}
    assert {"color-contrast", "html-has-lang"} <= found
