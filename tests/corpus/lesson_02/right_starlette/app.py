"""The same service without FastAPI and pydantic: Starlette, and passlib's bcrypt over SHA-256."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from . import people
from .forms import BadForm, login_form, registration_form

DESCRIPTION = {
    "openapi": "3.1.0",
    "info": {"title": "Accounts", "version": "2"},
    "paths": {
        "/profile": {"get": {"parameters": [{"name": "username", "in": "query"}]}},
        "/register": {"post": {}},
        "/login": {"post": {}},
    },
}


def register(request: Request) -> Response:
    """Open an account."""
    form = registration_form(request.state.body)
    person = people.join(**form)
    if person is None:
        return JSONResponse({"detail": f"The name {form['username']} is taken"}, 409)
    return JSONResponse(people.own_view(person), 201)


def login(request: Request) -> Response:
    """Check a password."""
    form = login_form(request.state.body)
    person = people.recognised(form["username"], form["password"])
    if person is None:
        return Response("Not today.\n", 401, {"WWW-Authenticate": "Bearer"}, "text/plain")
    return JSONResponse(people.own_view(person))


async def profile(request: Request) -> Response:
    """Show the public side of one person."""
    name = request.query_params.get("username")
    if name is None:
        raise BadForm({"username": "missing"}, "query")
    person = people.by_name(name)
    if person is None:
        return JSONResponse({"detail": "nobody"}, 404)
    return JSONResponse({key: person[key] for key in ("username", "full_name")})


def with_body(answer):
    """Return an endpoint that reads the body and then works in a thread."""
    from starlette.concurrency import run_in_threadpool

    async def endpoint(request: Request) -> Response:
        request.state.body = await request.body()
        return await run_in_threadpool(answer, request)

    return endpoint


async def bad_form(request: Request, problem: Exception) -> Response:
    """Say which fields are wrong, and not what stood in them."""
    assert isinstance(problem, BadForm)
    detail = [
        {"loc": [problem.place, field], "msg": text, "type": "value_error"}
        for field, text in problem.faults.items()
    ]
    return JSONResponse({"detail": detail}, 422)


async def description(request: Request) -> Response:
    """Tell which routes there are."""
    return JSONResponse(DESCRIPTION)


async def docs(request: Request) -> Response:
    """Show a page that points to the description."""
    return HTMLResponse('<a href="/openapi.json">openapi.json</a>')


app = Starlette(
    routes=[
        Route("/register", with_body(register), methods=["POST"]),
        Route("/login", with_body(login), methods=["POST"]),
        Route("/profile", profile),
        Route("/openapi.json", description),
        Route("/docs", docs),
    ],
    exception_handlers={BadForm: bad_form},
)
