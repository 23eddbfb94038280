"""A notebook is built the same every time, keeps its tags, and runs in either edition."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest
from nbclient.exceptions import CellExecutionError, CellTimeoutError

from workbook import tree
from workbook.authoring import notebooks
from workbook.authoring.run import run

SCRIPT = """\
# %% [markdown]
# # A *title* with "quotes" · ünï
#
# - one

# %% tags=["predict"]
guess = 401


# %%
def same():
    return 1
# %%
def same():
    return 1

# %%
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """Give a script of five cells."""
    path = tmp_path / "01_tiny.py"
    path.write_text(SCRIPT, encoding="utf-8")
    return path


def changed(notebook: bytes, place: int, **values: object) -> bytes:
    """Return a notebook with some entries of one cell changed."""
    content = json.loads(notebook)
    content["cells"][place].update(values)
    return json.dumps(content).encode()


def test_it_is_the_same_every_time_and_as_jupyter_writes_it(script: Path):
    """So that opening and saving it changes no line."""
    built = notebooks.build(script)
    assert built == notebooks.build(script)
    notebook = nbformat.reads(built.decode(), 4)
    nbformat.validate(notebook)
    assert nbformat.writes(notebook) + "\n" == built.decode()
    assert b"jupytext" not in built


def test_its_cells_are_those_of_the_script(script: Path):
    """Kinds, texts, tags; no outputs; ids that are all different."""
    cells = json.loads(notebooks.build(script))["cells"]
    assert [cell["cell_type"] for cell in cells] == ["markdown", *["code"] * 4]
    assert "".join(cells[0]["source"]) == '# A *title* with "quotes" · ünï\n\n- one'
    assert [cell["metadata"] for cell in cells] == [{}, {"tags": ["predict"]}, {}, {}, {}]
    assert all(cell["outputs"] == [] for cell in cells[1:])
    assert cells[2]["source"] == cells[3]["source"]
    assert len({cell["id"] for cell in cells}) == 5


def test_an_id_changes_with_its_cell_alone(script: Path):
    """A diff of a notebook shows the cell that changed."""
    before = json.loads(notebooks.build(script))["cells"]
    script.write_text(SCRIPT.replace("401", "403"), encoding="utf-8")
    after = json.loads(notebooks.build(script))["cells"]
    pairs = zip(before, after, strict=True)
    assert [one["id"] == other["id"] for one, other in pairs] == [True, False, True, True, True]


def test_windows_line_ends_make_the_same_notebook(script: Path):
    """A clone on Windows is as fresh as any."""
    built = notebooks.build(script)
    script.write_bytes(script.read_bytes().replace(b"\n", b"\r\n"))
    assert notebooks.build(script) == built


def test_same_sources_looks_past_what_running_changes(script: Path):
    """But not past a text, a kind, a tag or a cell."""
    built = notebooks.build(script)
    output = {"output_type": "stream", "name": "stdout", "text": "1"}
    ran = changed(built, 2, outputs=[output], execution_count=7, id="x", metadata={"a": 1})
    assert notebooks.same_sources(built, ran)
    assert notebooks.same_sources(built, changed(built, 1, source="guess = 401"))
    assert not notebooks.same_sources(built, changed(built, 1, source="guess = 200"))
    assert not notebooks.same_sources(built, changed(built, 1, cell_type="markdown"))
    assert not notebooks.same_sources(built, changed(built, 1, metadata={}))
    fewer = json.loads(built)
    del fewer["cells"][-1]
    assert not notebooks.same_sources(built, json.dumps(fewer).encode())


def test_build_all_writes_what_differs(course: Path):
    """Also over a notebook that somebody ran."""
    built = course / "notebooks/01_tiny.ipynb"
    assert notebooks.build_all() == [built]
    assert notebooks.build_all() == []
    built.write_bytes(changed(built.read_bytes(), 0, execution_count=7))
    assert notebooks.build_all() == [built]
    assert built.read_bytes() == notebooks.build(course / "notebooks/01_tiny.py")


@pytest.mark.parametrize("room", ["lessons", "solutions"])
def test_running_tells_the_kernel_which_edition(course: Path, room):
    """It runs at the root, and keeps what it writes out of the way."""
    (course / "notebooks/01_tiny.py").write_text(
        "# %%\nimport os\n"
        'print(os.environ["WORKBOOK_TREE"], os.getcwd(), os.environ["WORKBOOK_VAR"])\n'
    )
    ran = run(tree.lesson(1), course / room, var=course / "kept")
    assert ran.cells[0].outputs[0].text == f"{course / room} {course} {course / 'kept'}\n"


def test_running_stops_at_an_exception_and_at_a_hang(course: Path):
    """A tag that allows an exception does not help."""
    script = course / "notebooks/01_tiny.py"
    script.write_text('# %% tags=["raises-exception"]\n1 / 0\n')
    with pytest.raises(CellExecutionError, match="ZeroDivisionError"):
        run(tree.lesson(1), course / "lessons")
    script.write_text("# %%\nimport time\ntime.sleep(60)\n")
    with pytest.raises(CellTimeoutError):
        run(tree.lesson(1), course / "lessons", seconds=1)
