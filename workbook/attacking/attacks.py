"""What an attack declares of itself, how attacks are found, and how one is run."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from workbook.grading.api import Api
from workbook.grading.verdicts import NotReached
from workbook.running.folders import new_home
from workbook.running.server import DoesNotStart, Launcher, Server, job_for
from workbook.talking.exchange import Exchange
from workbook.tree import CHECKS

Word = Literal["open", "refused", "no such route yet"]
Raid = Callable[[Api], str | None]
FOLDER = CHECKS / "attacks"


class NoSuchRoute(Exception):
    """The lesson has not got what the attack is aimed at; the message says what is missing."""


@dataclass(frozen=True)
class Attack:
    """One attack: its stable name is the name of its file.

    `closes` is the number of the lesson whose solution stops it; `gate` is False for one that
    depends on chance or time and so stays out of the matrix that proofs insist on.
    """

    name: str
    title: str
    route: str
    closes: int
    see: str
    catches: tuple[str, ...]
    gate: bool
    raid: Raid


@dataclass(frozen=True)
class Result:
    """How an attack on one lesson ended: what the attacker got, and every exchange."""

    attack: Attack
    word: Word
    loot: str
    exchanges: tuple[Exchange, ...]


def attack(
    title: str, *, route: str, closes: int, see: str, catches: str = "", gate: bool = True
) -> Callable[[Raid], Raid]:
    """Declare the one function of an attack's file.

    It gets an `Api` and returns what it got hold of, in a sentence, or None when it was refused.
    """

    def declare(raid: Raid) -> Raid:
        name = raid.__module__.removeprefix("attack_")
        raid.attack = Attack(  # type: ignore[attr-defined]
            name, title, route, closes, see, tuple(catches.split()), gate, raid
        )
        return raid

    return declare


@cache
def attacks() -> tuple[Attack, ...]:
    """Return every attack, by the lesson that closes it and then by name."""
    found = [_load(path) for path in FOLDER.glob("[a-z]*.py")]
    return tuple(sorted(found, key=lambda one: (one.closes, one.name)))


def _load(path: Path) -> Attack:
    name = f"attack_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    found = [value.attack for value in vars(module).values() if hasattr(value, "attack")]
    if len(found) != 1:
        raise ValueError(f"{path} declares {len(found)} attacks; one file is one attack")
    declared: Attack = found[0]
    return declared


def reach(seen: Exchange) -> Exchange:
    """Return the exchange, or raise NoSuchRoute when its route does not exist."""
    if seen.status in (404, 405):
        raise NoSuchRoute(f"{seen.request.method} {seen.request.path.split('?')[0]}")
    return seen


def run(chosen: Attack, api: Api) -> Result:
    """Run an attack against a server that is up."""
    first = len(api.exchanges)
    try:
        loot = chosen.raid(api)
    except (NoSuchRoute, NotReached) as reason:
        return Result(chosen, "no such route yet", str(reason), tuple(api.exchanges[first:]))
    word: Word = "open" if loot else "refused"
    return Result(chosen, word, loot or "", tuple(api.exchanges[first:]))


def target(package: str, folder: Path, launcher: Launcher) -> Api:
    """Return a server of one lesson's package, with a home of its own; it is not started yet."""
    home = new_home()
    return Api(Server(launcher, job_for(folder, package, home, {}), home=home))


def raid(chosen: Attack, package: str, folder: Path, launcher: Launcher) -> Result:
    """Run an attack against a fresh server of one lesson's package. Raises DoesNotStart."""
    with closing(target(package, folder, launcher)) as api:
        api.server.start()
        return run(chosen, api)


__all__ = ["Attack", "DoesNotStart", "NoSuchRoute", "Result", "attack", "attacks", "raid", "reach"]
