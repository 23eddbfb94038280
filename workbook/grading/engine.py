"""Asking a submission the checks of one lesson, in order, each once."""

from __future__ import annotations

import traceback
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal

from workbook.grading.api import Api
from workbook.grading.checks import Check, checks_of
from workbook.grading.verdicts import Failed, NotReached, NotWritten, TimedOut
from workbook.running.caps import CAPS, Caps, Watch
from workbook.running.folders import new_home
from workbook.running.server import START_SECONDS, DoesNotStart, Launcher, Server, job_for
from workbook.talking.exchange import Exchange
from workbook.talking.forge import NoToken
from workbook.tree import Lesson

Word = Literal[
    "passed", "failed", "not written yet", "not reached", "broken", "timed out", "fault of ours"
]
CAUSES: tuple[Word, ...] = ("failed", "not written yet", "broken", "timed out")
"""Outcomes that explain why a later check was not reached."""
STANDS_ON = "what the check stands on to work"
DYING_SECONDS = 0.5
"""How long a process may take to end after it dropped a connection."""


@dataclass(frozen=True)
class Bounds:
    """How long a submission may take to start and for all checks, in seconds, and what it may use.

    The caps hold behind walls alone: a learner's own lesson may do as it likes.
    """

    start: float = START_SECONDS
    lesson: float = 90.0
    caps: Caps = CAPS


USUAL = Bounds()


@dataclass(frozen=True)
class Outcome:
    """How one check ended, with what its message is made of."""

    check: Check
    word: Word
    expected: str = ""
    got: str = ""
    exchange: Exchange | None = None
    fault: str = ""
    note: str = ""

    @property
    def passed(self) -> bool:
        """Whether the check gives its points."""
        return self.word == "passed"

    @property
    def points(self) -> int:
        """The points that it gives; what worked before and is broken now costs one."""
        broken = self.word in ("failed", "timed out", "not written yet")  # no starter says the last
        if self.check.points == 0 and broken and self.exchange:
            return -1
        return self.check.points if self.passed else 0


@dataclass
class Run:
    """The checks of one lesson against one submission's folder of lessons.

    One server serves all of them; a check that kills or blocks it does not take the next one
    along. `environment` are variables that this server gets. `last` is the id of the check that is
    asked last, by default the lesson's last one. Use as a context manager, or call `close`.
    """

    lesson: Lesson
    folder: Path
    launcher: Launcher
    seed: str = ""
    bounds: Bounds = USUAL
    environment: dict[str, str] = field(default_factory=dict)
    last: str = ""
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    api: Api | None = None
    ended: str = ""
    _broken: DoesNotStart | None = None
    _watch: Watch | None = None

    def __enter__(self) -> Run:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @cached_property
    def checks(self) -> dict[str, Check]:
        """The lesson's checks by id, in their order, up to the last that is asked."""
        known = checks_of(self.lesson)
        ids = list(known)
        return {one: known[one] for one in ids[: ids.index(self.last) + 1]} if self.last else known

    @property
    def files(self) -> frozenset[str]:
        """The names of the lesson's files, as the submission has them."""
        return frozenset(path.name for path in (self.folder / self.lesson.package).glob("*.py"))

    def all(self, *, slow: bool = True) -> list[Outcome]:
        """Ask every check and return the outcomes in order; `slow=False` leaves slow ones out."""
        return [self.outcome(one.id) for one in self.checks.values() if slow or not one.slow]

    def outcome(self, check_id: str) -> Outcome:
        """Return how a check ends, asking it, and those that it stands on, if need be."""
        if check_id not in self.outcomes:
            self.outcomes[check_id] = self._ask(self.checks[check_id])
        return self.outcomes[check_id]

    def _ask(self, check: Check) -> Outcome:
        for name in check.after:
            if not self.outcome(name).passed:
                if self._broken:
                    break
                return Outcome(check, "not reached", note=self.checks[name].title)
        api = self._started()
        if api is None:
            assert self._broken is not None
            word: Word = "timed out" if self._broken.timed_out else "broken"
            return Outcome(check, word, fault=self._broken.where, note=self._broken.message)
        first = len(api.exchanges)
        try:
            if self.ended:
                raise NotReached(self.ended)
            api.revive()
            check.judge(api)
        except Failed as failure:
            seen = failure.exchange or (api.exchanges[-1] if api.exchanges[first:] else None)
            fault = api.fault() if seen and seen.status >= 500 else self.ended
            fault = fault or _death(api, seen)
            return Outcome(check, "failed", failure.expected, failure.got, seen, fault)
        except NotWritten as missing:
            return Outcome(check, "not written yet", exchange=missing.exchange, note=missing.todo)
        except (NotReached, NoToken) as reason:
            if self.ended or any(one.word in CAUSES for one in self.outcomes.values()):
                return Outcome(check, "not reached", note=str(reason))
            # Nothing before it failed, so this is the first that anybody hears of it.
            seen = api.exchanges[-1] if api.exchanges[first:] else None
            return Outcome(check, "failed", STANDS_ON, str(reason), seen)
        except DoesNotStart as error:  # of a restart: what the check is about
            return Outcome(check, "failed", "a server that starts again", str(error))
        except TimedOut as late:
            return Outcome(check, "timed out", exchange=late.exchange, note=str(late))
        except RecursionError:  # a check that walks through an answer of nested lists
            return Outcome(check, "failed", "an answer that can be read", "one nested too deep")
        except Exception:  # a bug in a check is never the learner's zero without a word
            return Outcome(check, "fault of ours", note=traceback.format_exc())
        return Outcome(check, "passed")

    def _started(self) -> Api | None:
        if self.api is None and self._broken is None:
            home = new_home()
            job = job_for(self.folder, self.lesson.package, home, self.environment)
            server = Server(self.launcher, job, start_seconds=self.bounds.start, home=home)
            api = Api(server, self.seed)
            self._watch = Watch(self.launcher, self.bounds.lesson, self._end, self.bounds.caps)
            self._watch.start()
            try:
                server.start()
            except DoesNotStart as error:
                self._broken = DoesNotStart(self.ended) if self.ended else error
                self._watch.close()
                api.close()
                return None
            self.api = api
            for check in self.checks.values():
                if check.beside and not check.slow:
                    api.prepare(check.beside, check.files)
        return self.api

    def _end(self, reason: str) -> None:
        """End the submission for good: it has passed a bound."""
        self.ended = self.ended or reason
        if self.launcher.homes:
            self.launcher.sweep()
        elif self.api:
            self.api.server.stop()

    def close(self) -> None:
        """End the submission's server and remove its data."""
        if self._watch:
            self._watch.close()
        if self.api:
            self.api.close()
            self.api = None


def _death(api: Api, seen: Exchange | None) -> str:
    """Say how the server ended, if the answer is missing because it did."""
    if seen is None or seen.status or not api.server.process:
        return ""
    for _ in range(100):  # what it told before its end; a talkative one is no longer listened to
        event = api.server.next_event(DYING_SECONDS)["event"]
        if event == "gone":
            return f"its process ended by itself (status {api.server.stop()})"
        if event == "silent":
            break
    return ""
