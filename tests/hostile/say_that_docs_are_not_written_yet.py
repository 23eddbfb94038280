"""Answers 501, the starter's word for a task that waits, where the service worked before."""

# points: 9
# status: graded

from typing import Any

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse

from .people import PEOPLE

app = FastAPI()


@app.get("/profile")
def profile(username: str) -> dict[str, str]:
    if username not in PEOPLE:
        raise HTTPException(404)
    return {"username": username, "full_name": PEOPLE[username]["full_name"]}


@app.middleware("http")
async def later(request: Request, call_next: Any) -> Any:
    if request.url.path == "/docs":
        return JSONResponse({"todo": "not written yet"}, 501)
    return await call_next(request)
