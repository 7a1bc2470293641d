"""The application: routes, sign-in, static files, and what surrounds each page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from glueprint.console import rendering
from glueprint.console.access import Names
from glueprint.console.headers import Guard
from glueprint.console.pages import FAMILIES
from glueprint.console.visits import Console, Endpoint, Visit, endpoint

_YEAR = 365 * 24 * 3600


def console_app(console: Console, names: Names) -> ASGIApp:
    """Return the console as an ASGI application.

    Args:
        console: what all pages share.
        names: the host names by which browsers may call it.
    """
    routes: list[BaseRoute] = [
        Route("/sign-in", _sign_in(console)),
        Route("/sign-out", endpoint(console, _sign_out, writes=False), methods=["POST"]),
        Route("/static/{name}", _static),
        Route("/health", _health),
        *_routes(console),
    ]
    return Guard(Starlette(routes=routes, exception_handlers={404: _missing(console)}), names)


def _routes(console: Console) -> Iterable[Route]:
    for family in FAMILIES:
        for path, page in family.pages:
            yield Route(path, endpoint(console, page))
        for path, page in family.trials:
            yield Route(path, endpoint(console, page, writes=False), methods=["POST"])
        for path, page in family.forms:
            yield Route(path, endpoint(console, page), methods=["POST"])


def _sign_in(console: Console) -> Endpoint:
    async def sign_in(request: Request) -> Response:
        token = request.query_params.get("token", "")
        key = console.access.sign_in(token) if token else None
        if key is None:
            known = console.access.session(request.cookies.get(console.cookie, ""))
            if known is not None:
                return RedirectResponse("/", 303)
            problem = "This link has been used, or is not one of this console." if token else None
            return HTMLResponse(rendering.render("signed_out.html", problem=problem), 401)
        # Not a redirect: a browser that comes from another site would not send a SameSite=Strict cookie with it.
        response = HTMLResponse(rendering.render("signed_in.html"))
        response.set_cookie(console.cookie, key, httponly=True, samesite="strict", path="/")
        return response

    return sign_in


def _sign_out(visit: Visit) -> Response:
    visit.console.access.sign_out(visit.request.cookies.get(visit.console.cookie, ""))
    response = HTMLResponse(rendering.render("signed_out.html", problem="You have signed out."))
    response.delete_cookie(visit.console.cookie, path="/")
    return response


async def _static(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in rendering.STATIC:
        return PlainTextResponse("there is no such file\n", 404)
    headers = {
        "Cache-Control": f"public, max-age={_YEAR}, immutable" if request.query_params.get("v") else "no-cache"
    }
    return Response(rendering.static_file(name), media_type=rendering.STATIC[name], headers=headers)


async def _health(request: Request) -> Response:
    return PlainTextResponse("ok\n")


def _missing(console: Console) -> Callable[[Request, Exception], Awaitable[Response]]:
    def missing(visit: Visit) -> Response:
        return visit.page(
            "error.html", status=404, message=f"there is no page {visit.request.url.path}", remedy=None
        )

    page = endpoint(console, missing, writes=False)

    async def answer(request: Request, error: Exception) -> Response:
        return await page(request)

    return answer
