"""What came back, and how final it is: forty ways in which mail systems say so."""

import pytest

from roundtables.mail.bounces import Bounce, Complaint, Kind
from roundtables.mail.message import read

JO = "jo@example.org"
OUR_ID = "0f1e2d3c4b5a69788796a5b4c3d2e1f0@localhost"
CARRIED = (
    f"From: rt@localhost\r\nTo: {JO}\r\nMessage-ID: <{OUR_ID}>\r\nContent-Type: text/calendar\r\n\r\nMETHOD:REQUEST"
)


def report(*groups: str, carried: str = CARRIED, words: str = "Your message was not delivered.") -> bytes:
    """A delivery report, each of `groups` the fields of one recipient."""
    fields = "\r\n\r\n".join(["Reporting-MTA: dns; mx.example.org", *groups])
    parts = [
        f"Content-Type: text/plain\r\n\r\n{words}",
        f"Content-Type: message/delivery-status\r\n\r\n{fields}\r\n",
        f"Content-Type: message/rfc822\r\n\r\n{carried}",
    ]
    body = "".join(f"--q\r\n{part}\r\n" for part in parts) + "--q--\r\n"
    kind = "Content-Type: multipart/report; report-type=delivery-status; boundary=q"
    return f"From: MAILER-DAEMON@mx.example.org\r\nSubject: Returned\r\n{kind}\r\n\r\n{body}".encode()


def fields(action: str, status: str, diagnostic: str = "", recipient: str = JO) -> str:
    lines = [f"Final-Recipient: rfc822; {recipient}", f"Action: {action}", f"Status: {status}"]
    return "\r\n".join([*lines, *([f"Diagnostic-Code: {diagnostic}"] if diagnostic else [])])


REPORTS = {
    "Postfix, no such user": (("failed", "5.1.1", "smtp; 550 5.1.1 <jo@example.org>: user unknown"), Kind.HARD),
    "Postfix, no such domain": (("failed", "5.4.4", "X-Postfix; Host or domain name not found"), Kind.HARD),
    "Postfix, refuses all mail": (("failed", "5.1.10", "X-Postfix; Domain does not accept mail (nullMX)"), Kind.HARD),
    "Postfix, a class and words": (("failed", "5.0.0", "smtp; 550 no such user here"), Kind.HARD),
    "Postfix, given up after days": (("failed", "4.4.1", "X-Postfix; connect to mx: timed out"), Kind.SOFT),
    "Postfix, blocked": (("failed", "5.7.1", "smtp; 554 5.7.1 Service unavailable; Client host blocked"), Kind.POLICY),
    "Postfix, too large": (("failed", "5.3.4", "smtp; 552 5.3.4 message size exceeds fixed limit"), Kind.POLICY),
    "Postfix, still trying": (("delayed", "4.4.1", "X-Postfix; connection refused"), Kind.DELAYED),
    "Postfix, delivered": (("delivered", "2.0.0", "smtp; 250 2.0.0 ok"), Kind.SUCCESS),
    "Postfix, handed on": (("relayed", "2.0.0", "smtp; 250 ok"), Kind.SUCCESS),
    "Exchange, not found": (("failed", "5.1.10", "smtp; 550 5.1.10 RESOLVER.ADR.RecipientNotFound"), Kind.HARD),
    "Exchange, access denied": (("failed", "5.4.1", "smtp; 550 5.4.1 Recipient address rejected"), Kind.HARD),
    "Exchange, full": (("failed", "5.2.2", "smtp; 554 5.2.2 mailbox full; quota"), Kind.SOFT),
    "Exchange, closed group": (("failed", "5.7.133", "smtp; 550 5.7.133 sender not authenticated"), Kind.POLICY),
    "Exchange, too late": (("failed", "5.4.7", "smtp; 550 5.4.7 delivery expired"), Kind.SOFT),
    "Exchange, expanded": (("expanded", "2.0.0"), Kind.SUCCESS),
    "Exchange, mailbox disabled": (("failed", "5.2.1", "smtp; 550 5.2.1 mailbox cannot be accessed"), Kind.HARD),
    "Gmail, no account": (("failed", "5.1.1", "smtp; 550-5.1.1 The account does not exist. 550 5.1.1"), Kind.HARD),
    "Gmail, unauthenticated": (("failed", "5.7.26", "smtp; 550-5.7.26 unauthenticated, DMARC"), Kind.POLICY),
    "Gmail, out of space": (("failed", "4.2.2", "smtp; 452 4.2.2 The recipient's inbox is out of storage"), Kind.SOFT),
    "Gmail, inactive": (("failed", "5.2.1", "smtp; 550 5.2.1 the account is inactive"), Kind.HARD),
    "Outlook.com, unavailable": (("failed", "5.5.0", "smtp; 550 5.5.0 mailbox unavailable (S2017062302)"), Kind.HARD),
    "Sendmail, user unknown": (("failed", "5.3.0", "SMTP; 553 5.3.0 <jo>... User unknown"), Kind.HARD),
    "Sendmail, host unknown": (("failed", "5.1.2", "SMTP; Host unknown"), Kind.HARD),
    "Sendmail, our own address": (("failed", "5.1.8", "SMTP; 553 5.1.8 domain of sender does not exist"), Kind.POLICY),
    "SES, suppressed": (("failed", "5.1.1", "smtp; 550 5.1.1 on the suppression list: user unknown"), Kind.HARD),
    "SES, mailbox full": (("failed", "5.2.2", "smtp; 552 5.2.2 over quota"), Kind.SOFT),
    "Zimbra, over quota": (("failed", "5.0.0", "smtp; 552 mailbox is full, over quota"), Kind.SOFT),
    "Zimbra, action with words": (("failed (5.1.1)", "5.1.1 (bad destination mailbox address)"), Kind.HARD),
    "says 5.1.1 and means spam": (
        ("failed", "5.1.1", "smtp; 550 5.1.1 refused: blocked by our spam policy"),
        Kind.POLICY,
    ),
    "content refused": (("failed", "5.6.1", "smtp; 554 5.6.1 media not supported"), Kind.POLICY),
    "a class and nothing else": (("failed", "5.0.0"), Kind.UNKNOWN),
    "system trouble": (("failed", "5.3.0", "smtp; 554 5.3.0 mail server trouble"), Kind.UNKNOWN),
}


@pytest.mark.parametrize(("said", "kind"), REPORTS.values(), ids=REPORTS.keys())
def test_a_report_says_how_final_it_is(said, kind):
    got = read(report(fields(*said)))
    assert got.returned is not None
    assert (got.returned.kind, got.returned.recipient) == (kind, JO)
    assert got.returned.original_message_id == OUR_ID
    assert got.bounce == (kind not in (Kind.DELAYED, Kind.SUCCESS))
    assert got.calendars == ()


WITHOUT_A_REPORT = {
    "qmail": (
        "Subject: failure notice",
        "Hi. This is the qmail-send program.\n<jo@example.org>:\n550 no such user",
        "",
    ),
    "Exim": (
        f"Subject: Mail delivery failed: returning message to sender\r\nX-Failed-Recipients: {JO}",
        "  jo@example.org\n    550 5.1.1 User unknown",
        "5.1.1",
    ),
    "Notes": (
        "Subject: DELIVERY FAILURE: User jo not listed in Directory",
        "User jo (jo@example.org) not listed in",
        "",
    ),
    "Sendmail of old": ("Subject: Returned mail: User unknown", "550 jo@example.org... User unknown", ""),
    "German": ("Subject: Unzustellbar: Einladung", "Diese Nachricht konnte nicht zugestellt werden.", ""),
    "no subject we know": ("Subject: Nachricht vom System", "something went wrong", ""),
}


@pytest.mark.parametrize(("head", "words", "status"), WITHOUT_A_REPORT.values(), ids=WITHOUT_A_REPORT.keys())
def test_a_letter_in_nobodys_format_came_back_and_nobody_knows_how_finally(head, words, status):
    text = words.replace("\n", "\r\n")
    raw = f"From: MAILER-DAEMON@mx.example\r\n{head}\r\n\r\n{text}\r\n\r\nMessage-ID: <{OUR_ID}>\r\n"
    returned = read(raw.encode(), envelope_from="").returned
    assert returned is not None
    assert (returned.kind, returned.original_message_id) == (Kind.UNKNOWN, OUR_ID)
    assert returned.status in (status, "5.0.0")


@pytest.mark.parametrize(
    "subject",
    [
        "Warning: could not send message for past 4 hours",
        "Warning: message 1abc delayed 24 hours",
        "Delayed Mail",
        "Delivery Status Notification (Delay)",
    ],
)
def test_a_warning_is_not_a_failure(subject):
    raw = f"From: MAILER-DAEMON@mx.example\r\nSubject: {subject}\r\n\r\nNo action is required.\r\n"
    got = read(raw.encode(), envelope_from="")
    assert got.returned is not None
    assert (got.returned.kind, got.bounce) == (Kind.DELAYED, False)


def test_a_letter_about_delays_that_comes_back_is_a_failure():
    raw = b"From: MAILER-DAEMON@mx.example\r\nSubject: Undeliverable: Why are trains delayed?\r\n\r\nSorry.\r\n"
    assert read(raw, envelope_from="").bounce


def test_of_several_recipients_the_gravest_word_counts_unless_one_was_reached():
    late, gone = fields("delayed", "4.4.1"), fields("failed", "5.1.1", recipient="two@example.org")
    got = read(report(late, gone)).returned
    assert got == Bounce(Kind.HARD, "5.1.1", "", "two@example.org", OUR_ID)
    reached = read(report(fields("delivered", "2.0.0"), gone)).returned
    assert reached is not None
    assert reached.kind is Kind.SOFT


BROKEN = {
    "no fields": (report(), Kind.UNKNOWN, ""),
    "no action": (report(f"Final-Recipient: rfc822; {JO}\r\nStatus: 5.1.1"), Kind.HARD, "5.1.1"),
    "no status": (
        report(f"Final-Recipient: rfc822; {JO}\r\nAction: failed\r\nDiagnostic-Code: smtp; 550 5.1.1 no"),
        Kind.HARD,
        "5.1.1",
    ),
    "a number in place of the code": (report(fields("failed", "550", "smtp; 550 user unknown")), Kind.HARD, "5.0.0"),
    "an address is no code": (
        report(fields("failed", "5.0.0", "smtp; host 5.1.1.9 said 450 wait")),
        Kind.UNKNOWN,
        "5.0.0",
    ),
}


@pytest.mark.parametrize(("raw", "kind", "status"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_report_is_read_as_far_as_it_goes(raw, kind, status):
    returned = read(raw).returned
    assert returned is not None
    assert (returned.kind, returned.status) == (kind, status)


def test_a_diagnostic_is_one_bounded_line_without_control_characters():
    returned = read(report(fields("failed", "5.1.1", "smtp; 550 \x07a\u202eb " + "x" * 5_000))).returned
    assert returned is not None
    assert len(returned.diagnostic) == 400
    assert returned.diagnostic.startswith("550 ab x")


def test_ten_thousand_recipients_cost_little_and_the_first_fifty_are_read():
    groups = [fields("delayed", "4.4.1")] * 3_000 + [fields("failed", "5.1.1")]
    returned = read(report(*groups)).returned
    assert returned is not None
    assert returned.kind is Kind.DELAYED


@pytest.mark.parametrize("subject", ["Re: Undeliverable mail", "Returned mail, as you asked", "Undelivered"])
def test_a_person_who_writes_about_a_failure_is_no_mail_system(subject):
    raw = f"From: Jo <jo@example.org>\r\nSubject: {subject}\r\n\r\n550 5.1.1 user unknown, it said.\r\n"
    assert read(raw.encode()).returned is None


@pytest.mark.parametrize("kind", ["abuse", "not-spam"])
def test_a_complaint_says_its_kind_and_which_letter(kind):
    parts = [
        "Content-Type: text/plain\r\n\r\nA complaint.",
        f"Content-Type: message/feedback-report\r\n\r\nFeedback-Type: {kind}\r\nVersion: 1\r\n",
        f"Content-Type: text/rfc822-headers\r\n\r\nMessage-ID: <{OUR_ID}>\r\n",
    ]
    body = "".join(f"--q\r\n{part}\r\n" for part in parts) + "--q--\r\n"
    head = "From: fbl@provider.example\r\nContent-Type: multipart/report; report-type=feedback-report; boundary=q"
    got = read(f"{head}\r\n\r\n{body}".encode())
    assert (got.complaint, got.returned) == (Complaint(kind, OUR_ID), None)
