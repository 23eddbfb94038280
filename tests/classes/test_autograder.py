"""The autograder zip does in Gradescope's folders what `workbook grade` does here."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from handed_in import Submit

from workbook import tree
from workbook.classroom.autograder import pack

TOP = {"score", "output", "output_format", "test_output_format", "visibility"}
TOP |= {"stdout_visibility", "tests", "extra_data"}
TEST = {"score", "max_score", "status", "name", "number", "output", "output_format", "tags"}


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("zip") / "autograder.zip"
    pack(out, [tree.lesson(1), tree.lesson(2)], ["1/odd_names_are_refused"])
    return out


@pytest.fixture
def place(packed: Path, tmp_path: Path) -> Path:
    """Lay the folders out as Gradescope documents them, below a root of our own."""
    root = tmp_path / "autograder"
    for name in ("submission", "results"):
        (root / name).mkdir(parents=True)
    with zipfile.ZipFile(packed) as archive:
        archive.extractall(root / "source")
    shutil.copy(root / "source/run_autograder", root / "run_autograder")
    (root / "submission_metadata.json").write_text('{"users": [{"name": "Alice"}]}')
    return root


def run(place: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"AUTOGRADER": str(place), "PYTHON": sys.executable}
    script = ["bash", str(place / "run_autograder")]
    return subprocess.run(script, env=environment, capture_output=True, text=True, check=False)


def results(place: Path) -> dict[str, Any]:
    done = run(place)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads((place / "results/results.json").read_text("utf-8"))
    return found


def test_a_submission_gets_its_points(place: Path, submit: Submit) -> None:
    submit("submission", 1, into=place)
    found = results(place)
    assert found["score"] == 10
    assert set(found) <= TOP
    assert all(set(test) <= TEST for test in found["tests"])
    assert "An odd name is unknown too, and breaks nothing" not in json.dumps(found)
    assert "1 more checks count and are not shown." in found["output"]
    assert {test["status"] for test in found["tests"]} == {"passed", "failed"}
    assert all(test["visibility"] == "visible" for test in found["tests"] if "visibility" in test)


def test_an_empty_submission_is_told_as_such(place: Path) -> None:
    found = results(place)
    assert found["score"] == 0
    assert "it is empty" in found["output"]


def test_the_zip_holds_no_answer(packed: Path) -> None:
    names = zipfile.ZipFile(packed).namelist()
    assert {"setup.sh", "run_autograder", "requirements.lock"} <= set(names)
    assert not [name for name in names if name.startswith(("solutions", "tests/corpus"))]
    assert not [name for name in names if "lesson_03" in name and name.startswith("tests")]


def test_both_scripts_are_programs(place: Path) -> None:
    for name in ("setup.sh", "run_autograder"):
        done = subprocess.run(["bash", "-n", str(place / "source" / name)], check=False)
        assert done.returncode == 0
