"""From the editor's form to a text, and back."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from roundtables.errors import Refusal
from roundtables.post.text import LONGEST_BODY, Text
from roundtables.web.forms import Form

LARGEST_ID = 2**31 - 1


def read_text(form: Form, zone: str) -> Text:
    """What was typed. Raises Refusals, a sentence for each field that cannot be read."""
    text = Text(
        title=form.text("title", needed="A post needs a title."),
        standfirst=form.text("standfirst"),
        body=form.text("body", most=LONGEST_BODY),
        authors=[author(line) for line in form.text("authors").splitlines() if line.strip()],
        roundtable_ids=_ids(form, "roundtable_ids"),
        report_ids=_ids(form, "report_ids"),
        topics=form.text("topics").split(","),
        language=form.text("language") or "en-GB",
        canonical_url=form.text("canonical_url"),
        publish_at=_hour(form, zone),
    )
    form.check()
    return text


def form_of(text: Text, zone: str) -> Form:
    """A saved text as the form shows it."""
    at = text.publish_at.astimezone(ZoneInfo(zone)) if text.publish_at else None
    return Form(
        {
            "title": text.title,
            "standfirst": text.standfirst,
            "body": text.body,
            "authors": "\n".join(line_of(author) for author in text.authors),
            "roundtable_ids": list(text.roundtable_ids),
            "report_ids": list(text.report_ids),
            "topics": ", ".join(text.topics),
            "language": text.language,
            "canonical_url": text.canonical_url,
            "publish_day": at.date().isoformat() if at else "",
            "publish_clock": at.strftime("%H.%M") if at else "",
        }
    )


def author(line: str) -> dict[str, str]:
    """ "Ines Calloway, Director, Larkmoor Trust": the name first, the organisation last, between them the post."""
    name, *rest = [part.strip() for part in line.split(",")]
    organisation = rest.pop() if len(rest) > 1 else ""
    return {"name": name, "title": ", ".join(rest), "organisation": organisation}


def line_of(author: Mapping[str, str]) -> str:
    return ", ".join(part for part in (author["name"], author["title"], author["organisation"]) if part)


def _ids(form: Form, name: str) -> list[int]:
    typed = [one.strip() for one in form.text(name).split(",") if one.strip()]
    if any(not one.isascii() or not one.isdigit() or not 0 < int(one[:12]) <= LARGEST_ID for one in typed):
        raise Refusal("Choose from the list, please.", field=name)
    return [int(one) for one in typed]


def _hour(form: Form, zone: str) -> datetime | None:
    """The hour of publication, in the convener's zone; a day alone means nine in the morning."""
    if form.get("publish_day") and not form.get("publish_clock"):
        form.typed["publish_clock"] = "09.00"
    return form.moment("publish_day", "publish_clock", ZoneInfo(zone))
