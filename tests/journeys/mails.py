"""
The other side of the correspondence, built with nothing of ours: the standard library's mail, ical.js by Node.

A letter is what a mail server took; an answer is what the invitee's own programs would send back.
"""

import os
import shutil
import smtplib
import subprocess
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
ICAL_JS = HERE.parent / "node" / "node_modules" / "ical.js"


def needs_node() -> None:
    """Skips where Node or ical.js are missing; with CI=true that is a failure."""
    if shutil.which("node") is None or not ICAL_JS.is_dir():
        absent("Node with ical.js is not installed")


def absent(what: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what}, and CI=true asks for everything")
    pytest.skip(what)


def opened(raw: bytes) -> EmailMessage:
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def calendar(raw: bytes) -> str:
    """The calendar part of a letter."""
    (part,) = [p for p in opened(raw).walk() if p.get_content_type() == "text/calendar"]
    return part.get_content()


def lines(raw: bytes) -> dict[str, str]:
    """Name -> value of the lines of a letter's event, parameters left out; a folded line is one."""
    event = calendar(raw).replace("\r\n", "\n").replace("\n ", "").partition("BEGIN:VEVENT\n")[2].splitlines()
    return {line.partition(":")[0].partition(";")[0]: line.partition(":")[2] for line in event}


def method(raw: bytes) -> str:
    return next(line for line in calendar(raw).splitlines() if line.startswith("METHOD:")).removeprefix("METHOD:")


def calendar_reply(raw: bytes, address: str, partstat: str) -> bytes:
    """The mail that Google would send when `address` answers the letter `raw` with `partstat`."""
    answer = subprocess.run(
        ["node", str(HERE / "reply.mjs"), address, partstat],
        input=calendar(raw).encode(),
        capture_output=True,
        timeout=30,
    )
    assert answer.returncode == 0, answer.stderr.decode()
    letter, ics = opened(raw), answer.stdout.decode()
    verb = {"ACCEPTED": "Accepted", "DECLINED": "Declined", "TENTATIVE": "Tentatively accepted"}[partstat]
    mail = _mail(letter, address, f"{verb}: {letter['subject']}")
    mail["sender"] = "Google Calendar <calendar-notification@google.com>"
    mail.set_content(f"{letter['to']} has replied to this invitation.\n", cte="base64")
    mail.add_alternative("<p>Replied to this invitation.</p>", subtype="html")
    mail.add_alternative(ics, subtype="calendar", params={"method": "REPLY"}, cte="base64")
    mail.add_attachment(ics.encode(), maintype="application", subtype="ics", filename="invite.ics")
    return mail.as_bytes(policy=policy.SMTP)


def worded_reply(raw: bytes, address: str, words: str) -> bytes:
    """The mail in which `address` answers the letter `raw` in their own words, the letter quoted below."""
    letter = opened(raw)
    mail = _mail(letter, address, f"Re: {letter['subject']}")
    mail["in-reply-to"] = letter["message-id"]
    plain = letter.get_body(("plain",))
    assert plain is not None
    quoted = "\n".join(f"> {line}" for line in plain.get_content().splitlines())
    mail.set_content(f"{words}\n\nOn that day {letter['from']} wrote:\n{quoted}\n")
    return mail.as_bytes(policy=policy.SMTP)


def _mail(letter: EmailMessage, address: str, subject: str) -> EmailMessage:
    mail = EmailMessage()
    mail["from"] = address
    mail["to"] = _bare(letter["reply-to"] or letter["from"])
    mail["subject"] = subject
    mail["date"] = format_datetime(datetime.now(UTC))
    mail["message-id"] = make_msgid(domain="mail.example.org")
    return mail


def reply_address(raw: bytes) -> str:
    return _bare(opened(raw)["reply-to"])


def _bare(header: Any) -> str:
    return str(header.addresses[0].addr_spec)


def hand_in(port: int, raw: bytes, recipient: str, *, sender: str = "jo@example.org") -> None:
    """Delivers by LMTP as the mail server in front would; fails unless it is acknowledged."""
    with smtplib.LMTP("127.0.0.1", port, local_hostname="mx.example", timeout=30) as lmtp:
        lmtp.sendmail(sender, [recipient], raw)
