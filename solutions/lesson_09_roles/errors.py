"""Refusals that give nothing away: what lesson 2 adds, and those of the database (given)."""

from fastapi import Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse


def refuse_input(request: Request, error: RequestValidationError) -> JSONResponse:
    """Say what is wrong with the input, and where, without repeating it (422)."""
    # FastAPI's own answer echoes the input: a mistyped password would end up in logs.
    problems = jsonable_encoder(error.errors(), include={"loc", "msg", "type"})
    return JSONResponse({"detail": problems}, status_code=422)


def refuse_taken(request: Request, error: Exception) -> JSONResponse:
    """Say that a user name is taken (409)."""
    return JSONResponse({"detail": "This user name is taken"}, status_code=409)


def refuse_last_admin(request: Request, error: Exception) -> JSONResponse:
    """Say that somebody has to remain who can name an admin (409)."""
    return JSONResponse({"detail": "The last admin has to stay"}, status_code=409)


def refuse_conflict(request: Request, error: Exception) -> JSONResponse:
    """Say that a row came or went while this request was at work on it (409)."""
    return JSONResponse({"detail": "This has changed in the meantime"}, status_code=409)
