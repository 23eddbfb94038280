"""The same lesson without FastAPI: Starlette, and a description written by hand."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from .people import PEOPLE

DESCRIPTION = {
    "openapi": "3.1.0",
    "info": {"title": "Profiles", "version": "1"},
    "paths": {"/profile": {"get": {"parameters": [{"name": "username", "in": "query"}]}}},
}


async def profile(request: Request) -> Response:
    """Show the public side of one person."""
    name = request.query_params.get("username")
    if name is None:
        return JSONResponse({"error": "username is missing"}, 422)
    if name not in PEOPLE:
        return JSONResponse({"error": "not found"}, 404)
    person = PEOPLE[name]
    return JSONResponse({"username": person["username"], "full_name": person["full_name"]})


async def description(request: Request) -> Response:
    """Tell which routes there are."""
    return JSONResponse(DESCRIPTION)


async def docs(request: Request) -> Response:
    """Show a page that points to the description."""
    return HTMLResponse('<a href="/openapi.json">openapi.json</a>')


app = Starlette(
    routes=[
        Route("/profile", profile),
        Route("/openapi.json", description),
        Route("/docs", docs),
    ]
)
