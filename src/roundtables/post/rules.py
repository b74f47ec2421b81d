"""
When a post may be read by everybody. Pure: no database, no clock.

    DRAFT | IN_REVIEW | WITHDRAWN -> SCHEDULED -> PUBLISHED -> WITHDRAWN
    SCHEDULED -> DRAFT               withdrawn before anybody read it
    SCHEDULED -> IN_REVIEW           its hour came, and by then the Rule check objects
"""

from collections.abc import Sequence
from datetime import datetime

from roundtables.errors import Refusal
from roundtables.post.attribution import Finding
from roundtables.texts import many


class RuleBroken(Refusal):
    """The text points at guests; `findings` say where. With a reason on record it goes through."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        number = sum(finding.must for finding in findings)
        super().__init__(
            many(
                "One thing must change before this can be published, or a reason be given.",
                "{n} things must change before this can be published, or a reason be given.",
                number,
                n=number,
            )
        )
        self.findings = list(findings)


def waits(publish_at: datetime | None, now: datetime) -> bool:
    """Whether a post's hour is still to come."""
    return publish_at is not None and publish_at > now


def newly_found(before: Sequence[Finding], after: Sequence[Finding]) -> list[Finding]:
    """What a change added: words that an earlier reason on record does not cover."""
    known = {(finding.reason, finding.words.casefold()) for finding in before}
    return [finding for finding in after if (finding.reason, finding.words.casefold()) not in known]


def blocks(found: Sequence[Finding]) -> bool:
    return any(finding.must for finding in found)
