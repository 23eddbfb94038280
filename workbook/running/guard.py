"""An ASGI layer around a lesson's app: it names the learner's line when something breaks.

It changes two things only: a `NotImplementedError` that the lesson's own code raises becomes 501
*not written yet* instead of 500, and a server on a Unix socket reports its caller as 127.0.0.1, as
a server on a port does.
"""

from __future__ import annotations

import json
import re
import traceback
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]
Tell = Callable[..., None]


def describe(error: BaseException, folder: Path) -> dict[str, Any]:
    """Return what went wrong and where in the lesson: kind, message, file and line."""
    found: dict[str, Any] = {"kind": type(error).__name__, "message": _first_line(error)}
    if isinstance(error, SyntaxError) and error.filename and _inside(error.filename, folder):
        found |= {"file": _relative(error.filename, folder), "line": error.lineno}
        found["message"] = error.msg
        return found
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if _inside(frame.filename, folder):
            return found | {"file": _relative(frame.filename, folder), "line": frame.lineno}
    return found


def describe_text(trace: str, folder: Path) -> dict[str, Any]:
    """Return what `describe` does, from a traceback that is known as text alone."""
    lines = trace.strip().splitlines() or [""]
    found: dict[str, Any] = {"kind": "start-up failed", "message": lines[-1][:300]}
    for file, line in re.findall(r'^  File "(.+)", line (\d+)', trace, re.MULTILINE):
        if _inside(file, folder):
            found |= {"file": _relative(file, folder), "line": int(line)}
    return found


def _first_line(error: BaseException) -> str:
    try:
        lines = str(error).splitlines()
    except Exception:  # an exception class of the lesson's own, with a fault of its own
        return ""
    return lines[0][:300] if lines else ""


def _inside(filename: str, folder: Path) -> bool:
    return Path(filename).is_relative_to(folder)


def _relative(filename: str, folder: Path) -> str:
    return Path(filename).relative_to(folder).as_posix()


def guarded(app: App, folder: Path, tell: Tell, *, loud: bool = False) -> App:
    """Return `app` with its faults told to `tell(event, **facts)` and missing parts as 501.

    With `loud` a fault goes on to the server, too, which prints its traceback and closes the
    connection, as it does without the workbook.
    """

    async def serve(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        if not scope.get("client"):
            scope["client"] = ("127.0.0.1", 0)
        held: list[Message] = []
        fault: Exception | None = None

        async def hold_errors(message: Message) -> None:
            # A framework sends its own 500 before the exception arrives here.
            if held or (message["type"] == "http.response.start" and message["status"] >= 500):
                held.append(message)
            else:
                await send(message)

        try:
            await app(scope, receive, hold_errors)
        except NotImplementedError as error:
            facts = describe(error, folder)
            tell("error", **facts)
            if "file" not in facts:
                raise
            held[:] = _not_written(facts["message"])
        except Exception as error:
            tell("error", **describe(error, folder))
            if not held:
                raise
            fault = error
        else:
            if held:
                tell("error", kind="", message=f"answered {held[0]['status']}")
        for message in held:
            await send(message)
        if fault and loud:
            raise fault

    return serve


def _not_written(message: str) -> list[Message]:
    body = json.dumps({"detail": "not written yet", "todo": message}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    return [
        {"type": "http.response.start", "status": 501, "headers": headers},
        {"type": "http.response.body", "body": body},
    ]
