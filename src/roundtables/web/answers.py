"""How a page answers: a rendered template, or the way to another page."""

from typing import Any

from litestar import Response
from litestar.enums import MediaType

from roundtables.texts import SOURCE
from roundtables.web.templating import environment


def page(template: str, /, status: int = 200, headers: dict[str, str] | None = None, **context: Any) -> Response[str]:
    """
    An HTML page, or a piece of one, in the language of its `site` ("language", English if left out).

    It renders in the handler's own thread, not on the event loop.
    """
    html = environment(context.get("site", {}).get("language", SOURCE)).get_template(template).render(context)
    return Response(html, status_code=status, media_type=MediaType.HTML, headers=headers)


def see(address: str) -> Response[str]:
    """After a form: go and look there (303)."""
    return Response("", status_code=303, headers={"location": address}, media_type=MediaType.TEXT)


def plain(text: str | bytes, media_type: str, *, headers: dict[str, str] | None = None) -> Response[Any]:
    return Response(text, media_type=media_type, headers=headers)
