"""Answers with JSON that can barely be read, and not be written again."""

# points: 0
# status: graded

from typing import Any


async def app(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        return
    body = b'{"username":' * 900 + b"1" + b"}" * 900
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})
