"""Brings its own jwt, json and fastapi, to be imported in place of the real ones."""

# points: 0
# status: graded

import json

import jwt

assert json.loads("1") == 1
assert jwt.encode

from fastapi import FastAPI

app = FastAPI()


@app.get("/profile")
def profile(username: str) -> dict[str, str]:
    return {"username": username}
