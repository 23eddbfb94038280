"""A ready autograder for Gradescope: the zip that is uploaded, and what it does with a submission.

Gradescope unpacks the zip into `source`, runs `setup.sh` once, and for each submission
`run_autograder`, which reads `submission` and writes `results/results.json`
(autograder_samples/docs/specs.md).
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from workbook import tree
from workbook.learning.files import write_whole
from workbook.tree import Lesson

SETUP = """#!/usr/bin/env bash
# Gradescope runs this once, as root, when the autograder is built.
set -euo pipefail
place="${AUTOGRADER:-/autograder}"
python=""
for name in python3.14 python3.13 python3.12 python3.11; do
    if "$name" -c '' 2> /dev/null; then python="$name"; break; fi  # a name alone may be a shim
done
if [ -z "$python" ]; then
    apt-get update
    apt-get install -y python3.11
    python=python3.11
fi
apt-get install -y "$python-venv" || true
"$python" -m venv "$place/venv"
"$place/venv/bin/pip" install --require-hashes -r "$place/source/requirements.lock"
"$place/venv/bin/pip" install --no-deps -e "$place/source"
"""
RUN = """#!/usr/bin/env bash
# Gradescope runs this for each submission.
place="${AUTOGRADER:-/autograder}"
cd "$place/source"
exec "${PYTHON:-$place/venv/bin/python}" -m workbook.classroom.autograder "$place"
"""
OPTIONS = "autograder.json"


def _files(lessons: list[Lesson]) -> Iterator[Path]:
    """Give what grading needs: the workbook, the starters, the checks; no answers."""
    for name in ("pyproject.toml", "requirements.lock", "README.md", "LICENSE"):
        yield tree.ROOT / name
    rooms = [tree.ROOT / "workbook", tree.LESSONS, *(one.checks for one in lessons)]
    for room in rooms:
        yield from sorted(path for path in room.rglob("*") if path.is_file())
    yield from sorted(tree.CHECKS.glob("*.py"))


def pack(out: Path, lessons: list[Lesson], hidden: list[str]) -> None:
    """Write the zip. Raises OSError."""
    options = {"lessons": [one.number for one in lessons], "hidden": hidden}
    with tempfile.SpooledTemporaryFile(max_size=10_000_000) as whole:
        with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in (("setup.sh", SETUP), ("run_autograder", RUN)):
                entry = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
                entry.external_attr = 0o100755 << 16
                archive.writestr(entry, text)
            archive.writestr(OPTIONS, json.dumps(options))
            for path in _files(lessons):
                if path.is_file() and "__pycache__" not in path.parts:
                    archive.write(path, path.relative_to(tree.ROOT).as_posix())
        whole.seek(0)
        write_whole(out, whole.read())


def grade(place: Path) -> None:
    """Grade `place/submission` and write `place/results/results.json`.

    A fault of ours writes nothing: Gradescope then says so, and no student gets a zero for it.
    """
    from workbook.classroom.pool import Pool
    from workbook.classroom.results import shown
    from workbook.classroom.run import ClassRun, results_in
    from workbook.classroom.writing import ON_REQUEST

    options = json.loads((tree.ROOT / OPTIONS).read_text("utf-8"))
    lessons = [tree.lesson(number) for number in options["lessons"]]
    with tempfile.TemporaryDirectory(prefix="workbook-") as name:
        graders = Pool(1)
        try:
            if not graders.walls["rung"]:
                raise SystemExit(graders.walls["mechanisms"][0])
            ClassRun([place / "submission"], Path(name), lessons).grade(graders)
        finally:
            graders.close()
        result = results_in([Path(name)])[0]
    if result["status"] == "infrastructure":
        raise SystemExit("This submission could not be graded here; run the autograder again.")
    _, made = ON_REQUEST["gradescope"]
    text = made(result, shown(result, options["hidden"]))
    write_whole(place / "results/results.json", text)


if __name__ == "__main__":
    grade(Path(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("AUTOGRADER", "/autograder")))
