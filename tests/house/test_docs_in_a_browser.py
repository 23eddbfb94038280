"""The Authorize button of /docs works in a real browser, without a word to any other machine."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest

from browsing import BROWSING, PATIENCE
from house.serving import Serve
from workbook import tree

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    sync_api = pytest.importorskip(
        "playwright.sync_api", reason="skipped: playwright is not installed"
    )

GUARDED = [pytest.param(one, id=f"lesson {one.number}") for one in tree.lessons()
           if one.number >= 5]  # fmt: skip

pytestmark = BROWSING


def sees(where: Any, text: str) -> None:
    """Wait until this part of the page holds the text."""
    sync_api.expect(where).to_contain_text(text, timeout=PATIENCE)


@pytest.mark.parametrize("lesson", GUARDED)
def test_authorize_in_the_docs(
    lesson: tree.Lesson, serve: Serve, page: Any, strangers: list[str], tmp_path: Path
) -> None:
    answer = serve(lesson, port=0)
    alice = answer.alice
    page.goto(f"{answer.server.address.url}/docs")
    profile = page.locator(".opblock", has=page.locator('[data-path="/profile"]'))
    sees(profile, "/profile")
    page.screenshot(path=tmp_path / "drawn.png")

    page.locator(".auth-wrapper > button.authorize").click()
    dialog = page.locator(".dialog-ux")
    login = dialog.locator(".auth-container", has_text="OAuth2")
    login.locator('[data-name="username"]').fill(alice.username)
    login.locator('[data-name="password"]').fill(alice.password)
    login.get_by_role("button", name="Apply given OAuth2 credentials").click()
    sees(login, "Logout")
    page.screenshot(path=tmp_path / "authorized.png")
    login.get_by_role("button", name="Close").click()

    profile.locator(".opblock-summary-control").click()
    profile.get_by_role("button", name="Try it out").click()
    execute = profile.get_by_role("button", name="Execute")
    execute.wait_for()
    needed = profile.locator('[data-param-name="username"] input')
    if needed.count():  # the lesson in which a profile is asked for by name
        needed.fill(alice.username)
    execute.click()
    came = profile.locator(".live-responses-table")
    sees(came.locator("tr.response td.response-col_status"), "200")
    sees(came, alice.full_name)

    page.locator(".auth-wrapper > button.authorize").click()
    login.get_by_role("button", name="Remove authorization").click()
    sync_api.expect(login.locator('[data-name="password"]')).to_be_visible(timeout=PATIENCE)
    login.get_by_role("button", name="Close").click()
    execute.click()
    sees(came.locator("tr.response td.response-col_status"), "401")
    assert alice.full_name not in came.inner_text()

    assert strangers == []


SCOPED = [pytest.param(one, id=f"lesson {one.number}") for one in tree.lessons()
          if one.number == 10]  # fmt: skip


@pytest.mark.parametrize("lesson", SCOPED)
def test_scopes_are_chosen_in_the_docs(
    lesson: tree.Lesson, serve: Serve, page: Any, strangers: list[str]
) -> None:
    answer = serve(lesson, port=0)
    alice = answer.alice
    page.goto(f"{answer.server.address.url}/docs")
    page.locator(".auth-wrapper > button.authorize").click()
    login = page.locator(".dialog-ux").locator(".auth-container", has_text="OAuth2")
    for scope in ("notes:read", "notes:write", "account:write", "users:admin"):
        sees(login.locator(".scopes"), scope)
    login.locator('.checkbox:has([data-value="notes:read"]) label').click()
    login.locator('[data-name="username"]').fill(alice.username)
    login.locator('[data-name="password"]').fill(alice.password)
    login.get_by_role("button", name="Apply given OAuth2 credentials").click()
    sees(login, "Logout")
    login.get_by_role("button", name="Close").click()

    for method, status in (("get", "200"), ("post", "403")):
        notes = page.locator(f".opblock-{method}", has=page.locator('[data-path="/notes"]'))
        notes.locator(".opblock-summary-control").click()
        notes.get_by_role("button", name="Try it out").click()
        notes.get_by_role("button", name="Execute").click()
        came = notes.locator(".live-responses-table")
        sees(came.locator("tr.response td.response-col_status"), status)
    sees(came, 'scope="notes:write"')
    assert strangers == []
