"""Grade the whole corpus again and again, and report each verdict that is not the planned one.

    uv run python benchmarks/flakes.py [--gradings N] [--jobs N] [--lessons N …]

A wrong solution's first message has to be its golden transcript, to the letter; a right one and the
answer have to have full points. At the end stands how many gradings there were, and each flake with
how often it came.
"""

from __future__ import annotations

import argparse
import itertools
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path

from workbook import tree
from workbook.authoring import corpus
from workbook.running.server import Launcher, launcher

CHUNK = 20
"""How many gradings a process takes at a time."""
Job = tuple[int, str]
"""A lesson, and a solution's name there; the answer has none."""


@cache
def warm() -> Launcher:
    """Return this process's launcher."""
    return launcher()


@cache
def solutions(number: int) -> dict[str, corpus.Wrong | Path | None]:
    """Return a lesson's wrong and right solutions by name, and its answer."""
    lesson = tree.lesson(number)
    found: dict[str, corpus.Wrong | Path | None] = {"": None}
    found |= {one.name: one for one in corpus.wrong_solutions(lesson)}
    return found | {one.name: one for one in corpus.right_solutions(lesson)}


@cache
def golden(number: int) -> str:
    """Return the golden transcripts of a lesson."""
    return (corpus.folder_of(tree.lesson(number)) / "golden.txt").read_text("utf-8")


def flaw(job: Job) -> str:
    """Grade one solution; return what is not as planned, or nothing."""
    number, name = job
    chosen = solutions(number)[name]
    report = corpus.judged(tree.lesson(number), chosen, warm())
    if not isinstance(chosen, corpus.Wrong):
        return "" if report.done and report.points == report.max_points else report.message()
    if report.first is None:
        return "nothing caught it"
    if report.first.check.id != chosen.caught_by:
        return f"caught by {report.first.check.id}: {report.message()}"
    return "" if corpus.entry(name, report) in golden(number) else report.message()


def flaws(jobs: list[Job]) -> list[tuple[Job, str]]:
    """Grade some solutions; return those that are not as planned."""
    return [(job, found) for job in jobs if (found := flaw(job))]


def main() -> None:
    """Grade, count, and end with 1 if there was a flake."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--gradings", type=int, default=10_000, help="how many at the least")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 2)
    parser.add_argument("--lessons", type=int, nargs="*", default=[], help="some of them")
    given = parser.parse_args()
    numbers = given.lessons or [one.number for one in tree.lessons()]
    once = [(number, name) for number in numbers for name in solutions(number)]
    rounds = -(-given.gradings // len(once))
    # One solution's turns lie far apart, so that no two of them share a moment of the machine's.
    whole: Iterator[Job] = itertools.chain.from_iterable(itertools.repeat(once, rounds))
    chunks = list(iter(lambda: list(itertools.islice(whole, CHUNK)), []))
    start, done, found = time.monotonic(), 0, Counter[tuple[Job, str]]()
    with ProcessPoolExecutor(given.jobs) as pool:
        for chunk, flaky in zip(chunks, pool.map(flaws, chunks), strict=True):
            done += len(chunk)
            for one in flaky:
                found[one] += 1
                print(f"after {done} gradings: {one[0]}\n{one[1]}", flush=True)
            if done % 1000 < CHUNK:
                print(f"{done} gradings, {found.total()} not as planned", flush=True)
    minutes = (time.monotonic() - start) / 60
    print(f"{done} gradings of {len(once)} solutions in {minutes:.0f} minutes:", end=" ")
    print(f"{found.total()} not as planned")
    for (job, what), times in found.most_common():
        print(f"{times} x {job}: {what.splitlines()[0]}")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
