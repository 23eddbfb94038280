"""What security costs a server: each lesson's protected request, beside published peers.

    uv run python benchmarks/servers.py [--rounds N] [--seconds S] [--lessons N …] [--peers]
                                        [--only cost|logins] [--markdown] [--save FILE]

The first table asks each answer for the caller's own account (up to lesson 5 for a profile) and
gives requests a second and processor time a request, each also as a ratio to the open route of
lesson 1 in the same round; the last column sets processor time beside that of the last row. All
servers run at once and take turns, so that a busy machine is busy for each of them. The second
table tells how long one client waits while others log in at the default price of a password hash.

`--save notebooks/figures.json` keeps the medians for the notebooks that draw them.

With `--peers` two published designs run in the same way, in an environment made for them:
FastAPI's own security tutorial, and fastapi-users with a bare JWT and SQLAlchemy.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import httpx
from scratch import environment

from workbook import tree

HERE = Path(__file__).resolve().parent
CONNECTIONS = 8
START_SECONDS = 30.0
ALICE = {"username": "alice", "password": "correct-horse"}
ACCOUNT = ALICE | {"email": "alice@example.com", "full_name": "Alice Example"}
SAME = ("fastapi", "starlette", "pydantic", "uvicorn", "uvloop", "httptools", "pyjwt")
"""Packages that the peers get in the very version that the lessons run on."""
THEIRS = ("fastapi-users[sqlalchemy]", "aiosqlite", "pwdlib[argon2]", "python-multipart")
STORES = ("DATABASE_URL", "REDIS_URL")
CHEAP = {"PASSWORD_ROUNDS": "4"}
LOGINS = (0, 1, 4, 16)
COST, WAITS = "processor time of a request", "wait of the slowest in a hundred"
COLUMN = {COST: 3, WAITS: 2}
"""Which column of each table is kept for the notebooks; both are in milliseconds."""


@dataclass(frozen=True)
class Design:
    """A server to measure: how it runs, and how Alice gets a token there.

    `path` is what is asked for; `log_in` takes a client and returns a token, or nothing.
    """

    name: str
    module: str
    folder: Path
    path: str
    log_in: Callable[[httpx.Client], str]
    python: str = sys.executable


@dataclass
class Running:
    """A design that serves on a port."""

    design: Design
    port: int
    pid: int
    token: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """What the measured request carries."""
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}


class Cost(NamedTuple):
    """One round of one server."""

    rate: float  # requests a second
    cpu: float  # milliseconds of processor time a request; not a number where nobody tells


# -- the designs ---------------------------------------------------------------------------------


def answers(wanted: list[int]) -> list[Design]:
    """Return the answers of the lessons that exist."""
    return [
        Design(
            f"lesson {lesson.number}: `GET {path.partition('?')[0]}`",
            f"{tree.SOLUTIONS.name}.{lesson.package}.app:app",
            tree.SOLUTIONS.parent,
            path,
            _at_home,
        )
        for lesson in tree.lessons()
        if lesson.solution.is_dir() and (not wanted or lesson.number in wanted)
        for path in ["/users/me" if lesson.number > 5 else "/profile?username=alice"]
    ]


def _at_home(client: httpx.Client) -> str:
    if client.post("/register", json=ACCOUNT).status_code != 201:
        return ""  # lesson 1 has people, but no accounts
    token: str = client.post("/login", json=ALICE).json().get("access_token", "")
    return token


def _in_the_tutorial(client: httpx.Client) -> str:
    return str(client.post("/token", data=ALICE).json()["access_token"])


def _in_the_library(client: httpx.Client) -> str:
    client.post("/auth/register", json={"email": "alice@example.com", "password": "correct-horse"})
    form = {"username": "alice@example.com", "password": "correct-horse"}
    return str(client.post("/auth/jwt/login", data=form).json()["access_token"])


def peers(folder: Path) -> list[Design]:
    """Return the published designs, in an environment made for them in `folder`."""
    print("making an environment for the peers …", file=sys.stderr)
    packages = [f"{name}=={version(name)}" for name in SAME]
    python = environment(folder, [*packages, *THEIRS]) / "python"
    found = []
    for name, module, log_in in (
        ("FastAPI's tutorial", "tutorial:app", _in_the_tutorial),
        ("fastapi-users, bare JWT", "users_library:app", _in_the_library),
    ):
        named = f"{name}: `GET /users/me`"
        found.append(Design(named, module, HERE / "peers", "/users/me", log_in, str(python)))
    return found


@contextmanager
def served(design: Design, **settings: str) -> Iterator[Running]:
    """Run a design under uvicorn, alone in a process, with data of its own."""
    with tempfile.TemporaryDirectory(prefix="workbook-bench-") as home, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        words = [design.python, "-m", "uvicorn", design.module, "--port", str(port)]
        words += ["--app-dir", str(design.folder), "--no-access-log", "--log-level", "warning"]
        data = Path(home) / "data"
        data.mkdir()
        own = {"DATA_DIR": str(data), "SECRET_KEY": "k" * 64, "PYTHONDONTWRITEBYTECODE": "1"}
        given = os.environ | dict.fromkeys(STORES, "") | own | settings
        process = subprocess.Popen(words, cwd=home, env=given)
        try:
            running = Running(design, port, process.pid)
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
                _wait_for(process, client)
                running.token = design.log_in(client)
                seen = client.get(design.path, headers=running.headers)
            if seen.status_code != 200:
                raise SystemExit(f"{design.name} answers {seen.status_code}: {seen.text}")
            yield running
        finally:
            process.terminate()
            process.wait()


def _wait_for(process: subprocess.Popen[bytes], client: httpx.Client) -> None:
    end = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < end:
        try:
            client.get("/")
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise SystemExit("a server did not start; what it printed stands above")


# -- what a request costs ------------------------------------------------------------------------


def processor_seconds(pid: int) -> float:
    """Return the processor time that a process has used, in user and system mode."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    except OSError:
        return float("nan")
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def loaded(running: Running, seconds: int) -> Cost:
    """Ask for the same thing on eight connections for some seconds."""
    before = processor_seconds(running.pid)
    start = time.perf_counter()
    count = (_by_wrk if shutil.which("wrk") else _by_threads)(running, seconds)
    lasted = time.perf_counter() - start
    cpu = processor_seconds(running.pid) - before
    return Cost(count / lasted, cpu / count * 1000)


def _by_wrk(running: Running, seconds: int) -> int:
    words = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s"]
    for name, value in running.headers.items():
        words += ["-H", f"{name}: {value}"]
    words.append(f"http://127.0.0.1:{running.port}{running.design.path}")
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    found = re.search(r"(\d+) requests in", done.stdout)
    if not found or "Non-2xx" in done.stdout:
        raise SystemExit(f"{running.design.name}: {done.stdout}{done.stderr}")
    return int(found[1])


def _by_threads(running: Running, seconds: int) -> int:
    """Count answers to plain clients in this process: slower than `wrk`, equal for all."""
    end = time.monotonic() + seconds
    counts = [0] * CONNECTIONS

    def ask(number: int) -> None:
        connection = HTTPConnection("127.0.0.1", running.port)
        while time.monotonic() < end:
            _asked(connection, "GET", running.design.path, headers=running.headers)
            counts[number] += 1
        connection.close()

    _together(ask, CONNECTIONS)
    return sum(counts)


def _asked(connection: HTTPConnection, method: str, path: str, **sent: Any) -> None:
    connection.request(method, path, **sent)
    answer = connection.getresponse()
    answer.read()
    if answer.status != 200:
        raise SystemExit(f"{method} {path} answered {answer.status}")


def _together(act: Callable[[int], None], count: int) -> None:
    threads = [threading.Thread(target=act, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def costs(designs: list[Design], rounds: int, seconds: int) -> list[list[str]]:
    """Measure all designs in turn, round after round; return the rows of the table."""
    found: dict[str, list[Cost]] = {design.name: [] for design in designs}
    with ExitStack() as stack:
        running = [stack.enter_context(served(one, **CHEAP)) for one in designs]
        for number in range(rounds + 1):
            for one in running:
                cost = loaded(one, seconds if number else 1)
                if number:  # the first one warms up
                    found[one.design.name].append(cost)
    first, last = found[designs[0].name], found[designs[-1].name]
    return [[name, *_summary(costs, first, last)] for name, costs in found.items()]


def _summary(costs: list[Cost], first: list[Cost], last: list[Cost]) -> list[str]:
    """Return medians; a ratio is that of two servers in the same round."""
    rates, cpus = ([cost[column] for cost in costs] for column in (0, 1))
    pairs = list(zip(costs, first, strict=True))
    slower = statistics.median(theirs.rate / mine.rate for mine, theirs in pairs)
    dearer = statistics.median(mine.cpu / theirs.cpu for mine, theirs in pairs)
    against = statistics.median(a.cpu / b.cpu for a, b in zip(costs, last, strict=True))
    return [
        f"{statistics.median(rates):.0f}",
        f"{slower:.1f} x",
        f"{statistics.median(cpus):.2f} ms",
        f"{dearer:.1f} x",
        f"{against:.2f} x",
    ]


# -- how long others wait ------------------------------------------------------------------------


@dataclass
class Waits:
    """How long one client waited, in each round, with some number of others logging in."""

    median: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)
    logins: list[float] = field(default_factory=list)  # a second


def waiting(running: Running, others: int, seconds: int) -> tuple[list[float], float]:
    """Return how long each request waits while others log in, and how many log in a second."""
    end = threading.Event()
    logins = [0] * others
    body, headers = json.dumps(ALICE).encode(), {"Content-Type": "application/json"}

    def log_in(number: int) -> None:
        connection = HTTPConnection("127.0.0.1", running.port)
        while not end.is_set():
            _asked(connection, "POST", "/login", body=body, headers=headers)
            logins[number] += 1
        connection.close()

    times = []

    def ask() -> None:
        connection = HTTPConnection("127.0.0.1", running.port)
        stop = time.perf_counter() + seconds
        while (start := time.perf_counter()) < stop:
            _asked(connection, "GET", running.design.path, headers=running.headers)
            times.append(time.perf_counter() - start)
        connection.close()
        end.set()

    _together(lambda number: log_in(number - 1) if number else ask(), others + 1)
    return sorted(times), sum(logins) / seconds


def latencies(design: Design, rounds: int, seconds: int) -> list[list[str]]:
    """Measure the waits beside each number of logins in turn; return the rows of the table."""
    found = {others: Waits() for others in LOGINS}
    with served(design) as running:
        for number in range(rounds + 1):
            for others, waits in found.items():
                times, logins = waiting(running, others, seconds if number else 1)
                if number:
                    waits.median.append(statistics.median(times))
                    waits.p99.append(times[int(0.99 * (len(times) - 1))])
                    waits.logins.append(logins)
    idle = found[0].p99
    return [
        [
            f"{others} client{'' if others == 1 else 's'} logging in",
            f"{statistics.median(waits.median) * 1000:.1f} ms",
            f"{statistics.median(waits.p99) * 1000:.1f} ms",
            f"{statistics.median(a / b for a, b in zip(waits.p99, idle, strict=True)):.1f} x",
            f"{statistics.median(waits.logins):.1f}",
        ]
        for others, waits in found.items()
    ]


# -- the tables ----------------------------------------------------------------------------------


def show(heads: list[str], rows: list[list[str]], *, markdown: bool) -> None:
    """Print a table."""
    if markdown:
        for row in (heads, ["---", *["---:"] * (len(heads) - 1)], *rows):
            print("| " + " | ".join(row) + " |")
    else:
        for first, *others in (heads, *rows):
            print(f"{first:<42}" + "".join(f"{one:>17}" for one in others))
    print()


def save(path: Path, taken_on: str, tables: dict[str, list[list[str]]]) -> None:
    """Write the medians of the tables, by name and row, to a file; other names in it stay."""
    kept = json.loads(path.read_text("utf-8")) if path.exists() else {}
    for name, rows in tables.items():
        numbers = {row[0].partition(":")[0]: float(row[COLUMN[name]].split()[0]) for row in rows}
        kept[name] = {"taken on": taken_on, "numbers": numbers}
    path.write_text(json.dumps(kept, indent=2) + "\n", "utf-8")


def main() -> None:
    """Measure, and print two tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=7, help="how many (at least 5)")
    parser.add_argument("--seconds", type=int, default=2, help="of load in each round")
    parser.add_argument("--lessons", type=int, nargs="*", default=[], help="some of them")
    parser.add_argument("--peers", action="store_true", help="install and measure them, too")
    parser.add_argument("--only", choices=("cost", "logins"), help="one of the two tables")
    parser.add_argument("--markdown", action="store_true", help="print rows for the README")
    parser.add_argument("--save", type=Path, metavar="FILE", help="keep the medians in a file")
    given = parser.parse_args()
    rounds, designs = max(given.rounds, 5), answers(given.lessons and [1, *given.lessons])
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    tool = "wrk" if shutil.which("wrk") else "threads of this program (wrk is not installed)"
    print(f"{machine}, Python {platform.python_version()}{load}; load by {tool}\n")
    tables = {}
    if given.only != "logins":
        with tempfile.TemporaryDirectory(prefix="workbook-peers-") as folder:
            measured = designs + (peers(Path(folder)) if given.peers else [])
            rows = tables[COST] = costs(measured, rounds, given.seconds)
        heads = [
            "",
            "requests a second",
            "slower than 1",
            "CPU a request",
            "dearer than 1",
            "/ last row",
        ]
        show(heads, rows, markdown=given.markdown)
    if given.only != "cost":
        rows = tables[WAITS] = latencies(designs[-1], rounds, given.seconds)
        heads = [designs[-1].name, "median", "p99", "p99 / idle", "logins a second"]
        show(heads, rows, markdown=given.markdown)
    if given.save:
        save(given.save, f"{machine}, Python {platform.python_version()}", tables)


if __name__ == "__main__":
    main()
