"""Requests of one moment: whoever looks first and writes then loses, however fast the disk is."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from workbook import tree
from workbook.authoring import corpus
from workbook.grading.report import grade
from workbook.running.processes import until_quiet
from workbook.running.server import Launcher

LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /proc")
WAITS = "print('up', flush=True); input()"
SPINS = (
    "import threading; threading.Thread(target=input).start(); print('up', flush=True)\nwhile 1: 0"
)


@LINUX
@pytest.mark.parametrize(("program", "quiet"), [(WAITS, True), (SPINS, False)])
def test_one_thread_that_works_is_seen(program: str, quiet: bool) -> None:
    words = [sys.executable, "-c", program]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        found = until_quiet(os.getpid(), 30.0 if quiet else 0.1)
        process.kill()
    assert found is quiet


@LINUX
def test_chance_has_no_say(warm: Launcher) -> None:
    """Five times in a row the same race is lost."""
    lesson = tree.lesson(7)
    hasty = next(one for one in corpus.wrong_solutions(lesson) if one.name.startswith("look first"))
    with corpus.written(lesson, hasty) as folder:
        first = [grade(lesson, folder, warm, slow=False).first for _ in range(5)]
    assert {one and one.check.id for one in first} == {hasty.caught_by}
