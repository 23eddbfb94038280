"""The walls around untrusted code: what a process gives up before the first submitted line runs.

There are rungs. **A**, everywhere: a process of its own, limits, a clean environment, a folder that
is thrown away. **B**, on Linux, without privileges: Landlock as well, and namespaces where the
distribution allows them. **C**, on macOS: A and a Seatbelt profile; it is not tested on a Mac.
Whoever starts as root drops to an ordinary user first, since limits on processes do not bind root.
"""

from __future__ import annotations

import ctypes
import itertools
import json
import os
import shutil
import site
import sys
import sysconfig
import tempfile
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from workbook.running import landlock, mounts, seatbelt, seccomp
from workbook.running.folders import CODE
from workbook.running.job import Job
from workbook.running.processes import control, hide, threads_of

try:
    import resource
except ImportError:  # Windows has no such limits
    resource = None  # type: ignore[assignment]

NEW_IPC, NEW_USER, NEW_PID, NEW_NET = 0x0800_0000, 0x1000_0000, 0x2000_0000, 0x4000_0000
KEEP_CAPABILITIES, NO_NEW_PRIVILEGES = 8, 38  # of prctl(2)
CAPABILITIES_VERSION, READ_ANYTHING = 0x2008_0522, 1 << 2  # the second is CAP_DAC_READ_SEARCH
SYSTEM = (
    "/lib /lib64 /usr/lib /usr/lib64 /usr/share/zoneinfo /etc/ld.so.cache /etc/localtime "
    "/dev/urandom /dev/random /dev/zero"
)
SPARE = 2_000
"""Threads left to a user whom others share, so that nobody takes all: the watch ends a bomb."""
FIRST_USER = 200_000
"""Where the numbers of users begin that a root's children drop to: nobody's, on any system."""


@dataclass(frozen=True)
class Limits:
    """What one process of a submission may use."""

    cpu_seconds: int = 60
    memory_bytes: int = 2 * 1024**3  # of addresses
    processes: int = 128  # threads count as well
    file_bytes: int = 32 * 1024**2
    open_files: int = 512


@dataclass(frozen=True)
class Walls:
    """Which rung holds, and by which mechanisms."""

    rung: str
    mechanisms: tuple[str, ...]

    @property
    def apart(self) -> bool:
        """Whether the servers have namespaces of their own."""
        return any(one.startswith("namespaces") for one in self.mechanisms)

    def __str__(self) -> str:
        return f"rung {self.rung}: {', '.join(self.mechanisms)}"

    def to_dict(self) -> dict[str, Any]:
        """Return it as a report names it."""
        return asdict(self)

    @classmethod
    def from_json(cls, line: bytes | str) -> Walls:
        """Read what `to_dict` gave, written as JSON."""
        read = json.loads(line)
        return cls(str(read["rung"]), tuple(map(str, read["mechanisms"])))


STANDS, READ_ONLY = "stands", "read-only"
UNTESTED = "Seatbelt: files, network, signals (not tested on a Mac by its authors)"
NONE = Walls("none", ("a process of its own",))
EVERYWHERE = ("a process of its own", "resource limits", "clean environment", "throw-away folder")
_others = 0
"""How many threads of this user may run elsewhere: the limit on processes counts them as well."""
_mine = FIRST_USER + os.getpid() % 50_000 * 100
_users = itertools.cycle(range(_mine, _mine + 100))


def moved_in(job: Job, walls: Walls) -> Job:
    """Return a job with its lesson copied beside its own folder, to be run behind these walls.

    The copy stays the grader's: a server that is started again runs the same files, whatever the
    first one wrote. Its own folder belongs to the user that a root's child becomes. Links are
    copied as links: the child refuses them.
    """
    inside = Path(job.directory)
    home = inside.parent
    code = home / CODE / Path(job.folder).name
    if not code.exists():
        shutil.copytree(Path(job.folder) / job.package, code / job.package, symlinks=True)
    user = None
    if is_root():
        user = inside.lstat().st_uid
        if user < FIRST_USER:
            user = next(_users)
            # Nothing of the submission has run yet: what lies here was laid by a check.
            for place, _, files in os.walk(inside):
                for name in (".", *files):
                    os.chown(Path(place, name), user, user, follow_symlinks=False)
            _open_to_all(home)
    return replace(job, folder=str(code), rung=walls.rung, user=user)


def _open_to_all(home: Path) -> None:
    """Let the server's user read its lesson's files, and pass through to its own folder."""
    home.chmod(0o711)
    for path in (home / CODE, *(home / CODE).rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() else 0o644)


def _libc() -> Any:
    return ctypes.CDLL(None, use_errno=True)


def _checked(found: int) -> None:
    if found < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def is_root() -> bool:
    """Tell whether this process may become anybody."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def split_off() -> list[str]:
    """Move this process's children into namespaces of their own; return what that took away.

    For a process without threads. The next child is the first of its namespace: when it ends, all
    end. Returns nothing where the system does not allow it.
    """
    if not sys.platform.startswith("linux"):
        return []
    user, group, libc = os.geteuid(), os.getegid(), _libc()
    wanted = NEW_PID | NEW_NET | NEW_IPC | (0 if is_root() else NEW_USER)
    if libc.unshare(wanted) < 0:
        return []
    if wanted & NEW_USER:
        for file, text in (
            ("setgroups", "deny"),
            ("uid_map", f"{user} {user} 1"),
            ("gid_map", f"{group} {group} 1"),
        ):
            Path("/proc/self", file).write_text(text)
    return ["namespaces: processes, network, IPC"]


def limit(limits: Limits) -> None:
    """Set the limits on this process and all that it starts."""
    if resource is None:
        return
    wanted = {
        resource.RLIMIT_CPU: limits.cpu_seconds,
        resource.RLIMIT_FSIZE: limits.file_bytes,
        resource.RLIMIT_NOFILE: limits.open_files,
        resource.RLIMIT_CORE: 0,
    }
    if sys.platform.startswith("linux"):
        wanted |= {
            resource.RLIMIT_AS: limits.memory_bytes,
            resource.RLIMIT_NPROC: limits.processes + _others,
        }
    for what, most in wanted.items():
        _, hard = resource.getrlimit(what)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, most))


def drop_to(user: int, walled: bool) -> None:
    """Become this user for good, without root's powers.

    Where Python itself lies in root's own folders, one power stays: to read what the walls allow.
    """
    libc = _libc()
    control(KEEP_CAPABILITIES, 1)
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    hidden = not all(os.access(place, os.R_OK | os.X_OK) for place in own_libraries())
    if hidden and not walled:
        raise PermissionError(f"user {user} cannot read {sys.base_prefix}, and no wall stands")
    _keep_capabilities(libc, READ_ANYTHING if hidden else 0)


def give_up(home: Path, code: Path, limits: Limits, user: int | None, rung: str) -> bool:
    """Put up all the walls of a rung around this process; `home` alone may be written.

    `code` holds the submission's files. Tells whether the rest can be read alone, whoever owns it.
    Raises OSError where a wall does not stand: then nothing of the submission may run.
    """
    limit(limits)
    if not sys.platform.startswith("linux"):
        if rung == "C":
            seatbelt.restrict(reading=[*own_libraries(), code], writing=[home])
        if user is not None:
            os.setgroups([])
            os.setgid(user)
            os.setuid(user)
        return False
    libc = _libc()
    read_only = user is None and not is_root() and mounts.read_only_but(libc, home)
    control(NO_NEW_PRIVILEGES, 1)
    if rung == "B":
        landlock.restrict(reading=[*libraries(), code], writing=[home, Path(os.devnull)])
    if user is not None:
        drop_to(user, walled=rung == "B")
    elif not is_root():
        _keep_capabilities(libc, 0)  # those that the first process of a user namespace has
    if rung == "B" and seccomp.offered():
        seccomp.restrict(libc)
    hide()
    return read_only


def _keep_capabilities(libc: Any, kept: int) -> None:
    """Keep these capabilities, a set of bits, and no others (capabilities(7))."""
    header = (ctypes.c_uint32 * 2)(CAPABILITIES_VERSION, 0)
    _checked(libc.capset(header, (ctypes.c_uint32 * 6)(kept, kept, 0, 0, 0, 0)))


def tried(apart: list[str]) -> Walls:
    """Return the walls that really stand here: a child puts them up and tries what it must not do.

    `apart` says what stands already. Where Landlock is missing, the rung is A.
    """
    if sys.platform == "darwin":
        rung = next((one for one in ("C", "A") if _stands(one)), "")
        return Walls(rung, (*EVERYWHERE, *([UNTESTED] if rung == "C" else [])))
    global _others
    _others = 0 if apart or is_root() else threads_of(os.getuid()) + SPARE
    offered = landlock.version()
    wanted = os.environ.get("WORKBOOK_RUNG", "B")
    stands = _stands("B") if offered and wanted == "B" else ""
    if stands:
        found = [*(["an ordinary user"] if is_root() else []), *apart]
        found += landlock.mechanisms(offered)
        found += ["seccomp: no new sockets, no signals"] if seccomp.offered() else []
        found += ["mounts: all else is read-only"] if stands == READ_ONLY else []
        return Walls("B", (*EVERYWHERE, *found))
    if is_root() and not _stands("A"):
        return Walls("", (f"an ordinary user cannot read {sys.base_prefix}, where Python lies",))
    return Walls("A", (*EVERYWHERE, *(["an ordinary user"] if is_root() else []), *apart))


def _stands(rung: str) -> str:
    """Return nothing, `STANDS`, or `READ_ONLY`: what a child finds that puts up the walls.

    On the rungs above A it must no longer be able to read this very file.
    """
    with tempfile.TemporaryDirectory() as name:
        home, user = Path(name), FIRST_USER if is_root() else None
        if user:
            os.chown(home, user, user)
        pid = os.fork()
        if pid == 0:
            status = 0
            try:
                read_only = give_up(home, home, Limits(), user, rung)
                if rung == "A" or not _reads(Path(__file__)):
                    status = 2 if read_only else 1
            finally:
                os._exit(status)  # whatever was raised
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return ("", STANDS, READ_ONLY)[status] if status >= 0 else ""


def _reads(path: Path) -> bool:
    try:
        path.read_bytes()
    except PermissionError:
        return False
    return True


def own_libraries() -> list[Path]:
    """Return where this Python and its packages lie."""
    places = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    return [Path(one) for one in sorted(places | {sys.base_prefix, *site.getsitepackages()})]


def libraries() -> list[Path]:
    """Return the places that any Python program reads: its libraries, the system's, the zones."""
    return own_libraries() + [Path(place) for place in SYSTEM.split()]
