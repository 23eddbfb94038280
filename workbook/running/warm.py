"""Importing ahead everything that a lesson may need, so that a fresh child starts at once."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import importlib
import warnings
from typing import Any

# Imported for their cost alone; one that is not installed is left out.
LIBRARIES = (
    "fastapi",
    "fastapi.security",
    "fastapi.responses",
    "fastapi.exceptions",
    "fastapi.openapi.utils",
    "fastapi.middleware.cors",
    "fastapi_offline",
    "starlette.formparsers",
    "starlette.middleware.base",
    "uvicorn.lifespan.on",
    "uvicorn.protocols.http.httptools_impl",
    "uvicorn.protocols.http.h11_impl",
    "python_multipart",
    "email_validator",
    "dns.resolver",
    "pydantic.networks",
    "pydantic_settings",
    "jose.jwt",
    "jose.backends.cryptography_backend",
    "jwt",
    "joserfc.jwt",
    "passlib.context",
    "passlib.handlers.bcrypt",
    "passlib.handlers.argon2",
    "bcrypt",
    "argon2",
    "sqlalchemy.orm",
    "sqlalchemy.dialects.sqlite",
    "anyio._backends._asyncio",
    "concurrent.futures.thread",
    "secrets",
    "sqlite3",
    "zoneinfo",
    "unicodedata",
    "encodings.idna",
)


def warm_up() -> None:
    """Import the libraries, use each once, and freeze what exists.

    Much is made at first use: passlib, for one, tries its backend with twenty hashes.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in LIBRARIES:
            try:
                importlib.import_module(name)
            except ImportError:
                continue
        asyncio.run(_first_request())
        for use in (_first_hash, _first_token):
            with contextlib.suppress(Exception):  # then the lesson pays for it, as before
                use()
    gc.collect()
    gc.freeze()


async def _first_request() -> None:
    """Answer one bad request in this thread: validation and JSON load more when first used."""
    from fastapi import FastAPI
    from pydantic import BaseModel, EmailStr

    class Person(BaseModel):
        email: EmailStr

    app = FastAPI()

    @app.post("/")
    async def read(person: Person) -> Person:
        return person

    for body in (b"{}", b'{"email": "alice@example.com"}'):
        messages: list[Any] = [{"type": "http.request", "body": body}]

        async def receive(waiting: list[Any] = messages) -> Any:
            return waiting.pop(0) if waiting else {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            return None

        scope = {
            "type": "http",
            "method": "POST",
            "path": "/",
            "raw_path": b"/",
            "query_string": b"",
            "headers": [(b"content-type", b"application/json")],
            "client": ("127.0.0.1", 0),
            "server": ("127.0.0.1", 80),
            "scheme": "http",
            "http_version": "1.1",
            "asgi": {"version": "3.0"},
        }
        await app(scope, receive, send)


def _first_hash() -> None:
    from passlib.hash import argon2, bcrypt

    bcrypt.verify("x", bcrypt.using(rounds=4).hash("x"))
    argon2.using(rounds=1, memory_cost=64).hash("x")


def _first_token() -> None:
    import jose.jwt
    import jwt

    key = "k" * 32
    jose.jwt.decode(jose.jwt.encode({"sub": "x"}, key, "HS256"), key, algorithms=["HS256"])
    jwt.decode(jwt.encode({"sub": "x"}, key, "HS256"), key, algorithms=["HS256"])
