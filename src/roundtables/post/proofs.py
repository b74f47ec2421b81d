"""A text before it is published: as readers would see it, with the findings of the rule check in place."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from roundtables.errors import Refusal
from roundtables.post import actions, readers
from roundtables.post.attribution import Finding
from roundtables.post.markdown import marked
from roundtables.post.model import Post
from roundtables.post.pieces import Article
from roundtables.post.reading import read_text
from roundtables.post.text import Text
from roundtables.web.forms import Form


@dataclass(frozen=True, slots=True)
class Proof:
    """`html` is the body with numbered marks; `found` all findings in the order of their numbers."""

    html: str
    found: Sequence[Finding]

    @property
    def must(self) -> int:
        return sum(finding.must for finding in self.found)


def of(text: Text, found: Sequence[Finding]) -> Proof:
    places = [
        (finding.start, finding.end, number, "must" if finding.must else "think")
        for number, finding in enumerate(found, start=1)
        if finding.field == "body"
    ]
    return Proof(marked(text.body, places), found)


def proof(session: Session, convener_id: int, form: Form | None, saved: Text, zone: str) -> Proof:
    """Of what is typed, where it can be read, else of what is saved."""
    text = saved
    if form is not None:
        try:
            text = read_text(Form(form.typed), zone)
        except Refusal as error:
            form.refuse(error)
    return of(text, actions.check_text(session, convener_id, text))


def article(session: Session, post: Post, *, now: datetime) -> Article:
    """A post as the public page takes it, published or not."""
    values = {name: getattr(post, name) for name in Article.__dataclass_fields__ if name != "host"}
    values["published_at"] = post.published_at or post.publish_at or now
    return Article(**values, host=readers.host_numbered(session, post.convener_id))
