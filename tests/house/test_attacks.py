"""The attack matrix is a clean staircase with a positive control."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from workbook import tree
from workbook.attacking.attacks import Attack, attacks
from workbook.attacking.matrix import Row, Targets, markdown
from workbook.authoring.tables import replace_block
from workbook.running.server import Launcher

GATED = [pytest.param(one, id=one.name) for one in attacks() if one.gate]


@pytest.fixture(scope="module")
def targets(warm: Launcher, starters: Path) -> Iterator[Targets]:
    """The servers that are attacked."""
    with Targets(warm, starters) as running:
        yield running


@pytest.fixture(scope="session")
def rows() -> dict[str, Row]:
    """The matrix' rows, each made once a session."""
    return {}


@pytest.mark.parametrize("attack", GATED)
def test_an_attack_works_on_its_starter_and_is_refused_from_its_lesson_on(
    attack: Attack, targets: Targets, rows: dict[str, Row]
) -> None:
    rows[attack.name] = targets.row(attack)
    assert rows[attack.name].out_of_place() == []


def test_every_lesson_closes_an_attack() -> None:
    assert {one.closes for one in attacks()} == {one.number for one in tree.lessons()}


def test_the_matrix_in_the_readme_is_fresh(targets: Targets, rows: dict[str, Row]) -> None:
    known = [one for one in attacks() if one.gate]
    grid = markdown([rows.get(one.name) or targets.row(one) for one in known])
    readme = (tree.ROOT / "README.md").read_text("utf-8")
    assert replace_block(readme, "matrix", grid) == readme
