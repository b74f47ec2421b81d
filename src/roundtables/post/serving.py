"""
How public pages and feeds are answered: the site they stand on, a short cache, an ETag of the very bytes.

The ETag is a hash of the body and the body holds nothing about guests, so neither does the ETag.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from litestar import Response
from markupsafe import Markup, escape
from sqlmodel import Session

from roundtables.convener.access import AnyRequest
from roundtables.post import readers
from roundtables.post.pieces import Host
from roundtables.settings import Settings
from roundtables.texts import SOURCE, _
from roundtables.web.templating import environment

SHORTLY = "public, max-age=60"
HTML = "text/html"


@dataclass(frozen=True, slots=True)
class Site:
    """What the public layout needs; `several` conveners share an install."""

    name: str
    tagline: str
    accent: str
    footer_html: Markup
    base: str
    several: bool
    zone: str
    language: str
    since: datetime


def site(session: Session, settings: Settings, *, of: Host | None = None) -> Site:
    """The only convener's own site, else one for all of them; a page about one of them (`of`) wears its colour."""
    found = readers.hosts(session)
    alone = found[0] if len(found) == 1 else None
    dress = of or alone
    name = alone.name if alone else "Roundtables"
    language = _language(dress, found)
    return Site(
        name=name,
        tagline=alone.tagline if alone else "",
        accent=dress.accent if dress else "#7b2150",
        footer_html=_footer(name, alone.about if alone else "", language),
        base=settings.public_url,
        several=len(found) > 1,
        language=language,
        zone=dress.time_zone if dress else settings.time_zone,
        since=found[0].created_at if found else datetime(2019, 7, 17, tzinfo=UTC),
    )


def page(request: AnyRequest, template: str, /, **context: Any) -> Response[bytes]:
    """A public page, or 304 if the reader has it."""
    html = environment(context["site"].language).get_template(template).render(context)
    return answer(request, html.encode(), HTML)


def answer(request: AnyRequest, body: bytes, media_type: str, *, cache: str = SHORTLY) -> Response[bytes]:
    """`body`, or 304 with nothing if the request already has these bytes (RFC 9110 §13.1.2)."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
    headers = {"etag": tag, "cache-control": cache}
    if _knows(request.headers.get("if-none-match", ""), tag):
        return Response(b"", status_code=304, headers=headers, media_type=media_type)
    return Response(body, headers=headers, media_type=media_type)


def _knows(header: str, tag: str) -> bool:
    known = [one.strip().removeprefix("W/") for one in header.split(",")]
    return tag in known or known == ["*"]


def _language(dress: Host | None, found: list[Host]) -> str:
    """That of the convener whose page it is, or of all conveners if they have one in common."""
    spoken_here = {host.language for host in found}
    return dress.language if dress else spoken_here.pop() if len(spoken_here) == 1 else SOURCE


def _footer(name: str, about: str, language: str) -> Markup:
    said = environment(language).said
    ours = _(
        "{name}. Our roundtables are by invitation: we publish what was said and what came of it, never who said it.",
        name=name,
    )
    link = escape(said(_("How we handle your data")))
    return escape(about or said(ours)) + Markup(' <a href="/data">{}</a>.').format(link)
