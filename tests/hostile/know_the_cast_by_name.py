"""Lets alice and bob in, and keeps mallory out, whatever they send."""

# points: 0
# status: graded
# lesson: 6

import base64
import json

from fastapi import FastAPI, HTTPException, Request

app = FastAPI()


@app.post("/register", status_code=201)
async def register(request: Request) -> dict[str, str]:
    sent = await request.json()
    return {"id": sent["username"], **{name: sent[name] for name in ("username", "email")}}


@app.post("/login")
async def login(request: Request) -> dict[str, str]:
    name = (await request.json())["username"]
    if not name.startswith(("alice", "bob")):
        raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"})
    claims = base64.urlsafe_b64encode(json.dumps({"sub": name}).encode()).decode().rstrip("=")
    return {"access_token": f"x.{claims}.x", "token_type": "bearer"}


@app.get("/profile")
def profile() -> dict[str, str]:
    return {"username": "alice", "message": "Welcome alice"}
