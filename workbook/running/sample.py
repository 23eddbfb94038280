"""A small app in the style of a lesson, by which the libraries are used before a lesson does."""

import asyncio
from typing import Annotated, Any

import uvicorn
from fastapi import Depends, FastAPI
from fastapi.security import HTTPBearer, OAuth2PasswordBearer, OAuth2PasswordRequestForm
from pydantic import BaseModel, EmailStr, Field

ASKED = (
    ("GET", "/person", b"", b""),
    ("POST", "/person", b"application/json", b"{}"),
    ("POST", "/person", b"application/json", b'{"email": "alice@example.com"}'),
    ("POST", "/token", b"application/x-www-form-urlencoded", b"username=alice&password=x"),
    ("GET", "/openapi.json", b"", b""),
)


def build() -> FastAPI:
    """Return a new app."""
    app = FastAPI(dependencies=[Depends(HTTPBearer(auto_error=False))])

    class Person(BaseModel):
        email: EmailStr
        name: Annotated[str, Field(pattern="^[a-z]+$", max_length=9)] = ""

    @app.post("/person", status_code=201)
    def register(person: Person) -> Person:
        return person

    @app.get("/person", response_model=Person)
    def show(token: Annotated[str, Depends(OAuth2PasswordBearer("token"))]) -> dict[str, str]:
        return {"email": token}

    @app.post("/token")
    async def log_in(form: Annotated[OAuth2PasswordRequestForm, Depends()]) -> dict[str, str]:
        return {"access_token": form.username}

    return app


def use() -> None:
    """Build the app and let it answer, as its server would; nothing is sent over a network."""
    config = uvicorn.Config(build(), log_config=None, log_level="critical", ws="none")
    config.load()

    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        for one in ASKED:
            runner.run(_ask(config.loaded_app, *one))


async def _ask(app: Any, method: str, path: str, kind: bytes, body: bytes) -> None:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body}

    async def send(message: dict[str, Any]) -> None:
        return None

    scope: dict[str, Any] = {"type": "http", "http_version": "1.1", "scheme": "http"}
    scope["headers"] = [(b"content-type", kind), (b"authorization", b"Bearer a@example.com")]
    scope |= {"method": method, "path": path, "raw_path": path.encode(), "query_string": b""}
    await app(scope | {"client": ("127.0.0.1", 0), "server": ("127.0.0.1", 80)}, receive, send)
