"""Importing ahead everything that a lesson may need, so that a fresh child starts at once."""

from __future__ import annotations

import contextlib
import gc
import importlib
import threading
import warnings

from workbook.running import sample

# What the sample does not load. Imported for their cost alone; one that is missing is left out.
LIBRARIES = (
    "fastapi.middleware.cors",
    "fastapi.telemetry._runtime",
    "fastapi_offline",
    "passlib.context",
    "pydantic_settings",
    "joserfc.jwt",
    "sqlalchemy.orm",
    "sqlalchemy.ext.asyncio",
    "aiosqlite",
    "sqlalchemy.dialects.sqlite",
    "sqlite3",
)


def warm_up() -> None:
    """Import the libraries, use each once, and freeze what exists."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in LIBRARIES:
            with contextlib.suppress(ImportError):
                importlib.import_module(name)
    exercise()
    for thread in threading.enumerate():  # those of the sample end by themselves; a fork has one
        if thread is not threading.main_thread():
            thread.join(1.0)
    gc.collect()
    gc.freeze()


def exercise() -> None:
    """Use the libraries as a lesson does.

    Much is made at first use: passlib, for one, tries its backend with twenty hashes.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for use in (sample.use, _first_hash, _first_token):
            with contextlib.suppress(Exception):  # then the lesson pays for it
                use()


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
