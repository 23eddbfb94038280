"""What hostile submissions get where pytest imports them: the table in docs/instructors.md.

    uv run python benchmarks/in_process.py [--markdown]

Ten tests ask lesson 1's app through a test client, as most graders do. Only submissions that harm
nothing but the run itself are tried: there are no walls here.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree as xml

from workbook import tree
from workbook.authoring.cut import answer_files

CORPUS = tree.CHECKS / "hostile"
HARMLESS = (
    "with_conftest",
    "with_sitecustomize",
    "with_modules_of_known_names",
    "with_settings_of_pytest",
    "exit_at_import",
    "exit_with_a_report",
    "exit_in_a_request",
    "patch_libraries",
    "search_its_memory_for_checks",
    "read_the_environment",
    "loop_at_import",
    "sleep_in_a_request",
)
SECONDS = 20
TESTS = """
import os
import pytest
from fastapi.testclient import TestClient
from lesson.app import app

CHECKS = "No profile holds a password"
client = TestClient(app)
os.environ["API_TOKEN"] = "secret"

@pytest.mark.parametrize("name", ["alice", "bob", "mallory", "olga", "nobody"])
@pytest.mark.parametrize("what", ["status", "fields"])
def test_profile(name, what):
    seen = client.get("/profile", params={"username": name})
    assert seen.status_code == (404 if name == "nobody" else 200)
    if what == "fields" and name != "nobody":
        assert set(seen.json()) == {"username", "full_name"}
"""


def tried(name: str) -> str:
    """Return what plain pytest says of a submission."""
    with tempfile.TemporaryDirectory(prefix="workbook-bench-") as place:
        lesson = Path(place, "lesson")
        lesson.mkdir()
        source = CORPUS / name
        given = {path.name: path for path in source.rglob("*") if path.is_file()}
        given = given if source.is_dir() else {"app.py": source.with_suffix(".py")}
        for file, content in answer_files(tree.lesson(1)).items():
            (lesson / file).write_bytes(content)
        if name != "the answer":
            for file, path in given.items():
                inner = path.relative_to(source).as_posix() if source.is_dir() else file
                for target in (lesson / inner, Path(place, inner)):
                    if target.name != "app.py" or target.parent == lesson:
                        target = target.with_name(target.name.removesuffix(".txt"))
                        target.parent.mkdir(parents=True, exist_ok=True)
                        target.write_bytes(path.read_bytes())
        Path(place, "test_app.py").write_text(TESTS)
        words = [sys.executable, "-m", "pytest", "-q", "--junitxml=report.xml", "-p"]
        words += ["no:cacheprovider", "test_app.py"]
        try:
            done = subprocess.run(words, cwd=place, capture_output=True, timeout=SECONDS)
        except subprocess.TimeoutExpired:
            return f"no end within {SECONDS} s"
        report = Path(place, "report.xml")
        if not report.is_file():
            return f"no report, exit code {done.returncode}"
        cases = list(xml.parse(report).iter("testcase"))  # noqa: S314
        passed = sum(len(case.findall("*")) == 0 for case in cases)
        return f"{passed}/{max(len(cases), 10)}, exit code {done.returncode}"


def main() -> None:
    """Try each, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--markdown", action="store_true")
    given = parser.parse_args()
    for name in ("the answer", *HARMLESS):
        found = tried(name)
        print(f"| `{name}` | {found} |" if given.markdown else f"{name:<34}{found}", flush=True)


if __name__ == "__main__":
    main()
