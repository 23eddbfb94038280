"""The data of the last check, kept so that a curl line of its report can be replayed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from workbook import tree
from workbook.grading.api import Api
from workbook.learning.files import write_whole
from workbook.tree import Lesson


def place_of(lesson: Lesson) -> Path:
    """Return where a lesson's last check is kept."""
    return tree.VAR / "replay" / lesson.package


def keep(lesson: Lesson, api: Api) -> None:
    """Stop the graded server and keep its data and its key, in place of those kept before.

    A folder that cannot be written keeps nothing: the verdict does not depend on it.
    """
    api.server.stop()
    place = place_of(lesson)
    try:
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True, mode=0o700)
        if api.data_dir.is_dir():
            shutil.copytree(api.data_dir, place / "data", symlinks=True)
        kept = {"DATA_DIR": str(place / "data"), "SECRET_KEY": api.secret_key}
        write_whole(place / "environment.json", json.dumps(kept) + "\n")
    except (OSError, shutil.Error):
        shutil.rmtree(place, ignore_errors=True)


def environment(lesson: Lesson) -> dict[str, str]:
    """Return the variables that serve a lesson on its last check's data; empty without one."""
    try:
        kept: dict[str, str] = json.loads((place_of(lesson) / "environment.json").read_text())
    except (OSError, ValueError):
        return {}
    return kept
