"""`workbook start` in a real browser: the first notebook runs, and its cards are seen."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from browsing import CHROMIUM, chromium
from workbook import tree


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """The address that `workbook start --no-browser` prints."""
    command = [sys.executable, "-m", "workbook", "start", "1", "--no-browser", "--port", "8930"]
    environment = os.environ | {"WORKBOOK_VAR": str(tmp_path), "PYTHONWARNINGS": "ignore"}
    lab = subprocess.Popen(
        command, cwd=tree.ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )
    assert lab.stdout is not None
    try:
        found = (re.search(r"http://\S+", line) for line in lab.stdout)
        yield next(match[0] for match in found if match)
    finally:
        lab.terminate()
        lab.wait(30)
        lab.stdout.close()


@pytest.mark.skipif(not CHROMIUM, reason="skipped: no Chromium on this machine")
@pytest.mark.filterwarnings("ignore")
def test_the_first_notebook_runs_in_jupyterlab(address: str, tmp_path: Path) -> None:
    from playwright.sync_api import Route

    outside: list[str] = []

    def only_here(route: Route) -> None:
        if re.match(r"(https?|wss?)://127\.0\.0\.1[:/]|data:|blob:", route.request.url):
            route.continue_()
        else:
            outside.append(route.request.url)
            route.abort()

    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1300, "height": 1000})
        page.set_default_timeout(90_000)
        page.route("**/*", only_here)
        page.goto(address)
        page.wait_for_selector(".jp-NotebookPanel .jp-CodeCell")
        # Until the kernel has said that it is there, *Run all* asks for one.
        page.wait_for_selector("text=Python 3 (ipykernel) | Idle")
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.locator('li[data-command="runmenu:run-all"]').click()
        card = page.locator(".wb:has-text('Mallory asks'):has-text('curl line')").first
        card.wait_for()
        card.scroll_into_view_if_needed()
        page.screenshot(path=tmp_path / "attack.png")
        verdict = page.locator(".wb:has-text('points')").last
        verdict.wait_for()
        verdict.scroll_into_view_if_needed()
        page.screenshot(path=tmp_path / "verdict.png")
        assert "GET /profile?username=" in card.inner_text()
        assert re.search(r"\d+ of \d+ points", verdict.inner_text())
    assert outside == []
