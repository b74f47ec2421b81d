"""Whatever a mail holds, at the desk it is text: nothing of it runs, loads, links, hides or goes on for ever."""

import re
from email.message import EmailMessage

import pytest

from roundtables.convener import actions as conveners
from roundtables.convener.model import Convener, Role
from roundtables.desk.inbox_text import Marked, inert, inert_line, marked, without
from roundtables.mail.inbox import Outcome
from tests.desk.inbox_mails import NOW, lay, letter
from tests.web_client import browser
from tests.world import JO

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<iframe src='https://evil.example/'></iframe>",
    "<a href='javascript:alert(1)'>press</a>",
    "<form action='https://evil.example/'><button>Seat them</button></form>",
    "<style>body{display:none}</style>",
    "<meta http-equiv=refresh content='0;url=https://evil.example/'>",
    "<link rel=stylesheet href='https://evil.example/x.css'>",
    "<base href='https://evil.example/'>",
    "</div></section></article></main><h1>Signed out</h1>",
    "</textarea><script>alert(1)</script>",
    '"><script>alert(1)</script>',
    "' onmouseover='alert(1)",
    "{{ 7 * 7 }} {% include 'desk/home.html' %}",
    "https://evil.example/tracker.png?who=jo",
    "javascript:alert(1) data:text/html,<script>alert(1)</script>",
    "<!-- --!> <![CDATA[ <script>alert(1)</script> ]]>",
    "&lt;script&gt;alert(1)&lt;/script&gt; &#60;img src=x&#62;",
    "<object data='https://evil.example/x.swf'></object><embed src='https://evil.example/y'>",
]
UNSEEN = ["\u202e", "\u2066", "\u200f", "\u061c", "\u200b", "\ufeff", "\x00", "\x07", "\x1b", "\x9b", "\U000e0041"]
LIVE = re.compile(
    r"<(?:script(?! src=\"/static/)|img|iframe|object|embed|base|style|h1>Signed|svg on|a href=.?javascript)",
    re.IGNORECASE,
)


@pytest.fixture
def jo(world):
    return world.ask(JO, now=NOW)[0]


@pytest.fixture
def viewer(settings, db, world):
    """Somebody who may look at everything but at what guests need."""
    with db.write() as session:
        convener = session.get_one(Convener, world.convener_id)
        account = conveners.appoint(session, convener, "vi@larkmoor.example", role=Role.VIEWER, name="Vi", now=NOW)
        token = conveners.sign_in_link(session, account, now=NOW)
    with browser(settings, db) as client:
        assert client.post(f"/sign-in/{token}", follow_redirects=False).status_code == 303
        yield client


def everywhere(words):
    """A mail that says the same in each place that is shown: sender, subject, round the sentence, quoted, as a name."""
    mail = EmailMessage()
    said = " ".join("".join(char for char in words if char.isprintable()).split()).replace("=?", "")
    mail["From"] = f'"{said.replace(chr(92), "").replace(chr(34), "")}" <jo@example.org>'
    mail["Subject"], mail["Message-ID"] = said, "<a@example.org>"
    written = f"{words}\n\nDear all, {words}\n\nAnd {words}\n\n{'I am kind. ' * 200}\n\nI say {words}\n\n"
    mail.set_content(f"{written}On 2 May, Larkmoor <x@larkmoor.example> wrote:\n> {words}\n")
    mail.add_alternative(f"<html><body>{words}</body></html>", subtype="html")
    mail.add_attachment(b"x", maintype="application", subtype="octet-stream", filename=said or "x")
    ics = "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:1\r\n"
    ics += f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:jo@example.org\r\nCOMMENT:{said}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    mail.add_attachment(ics.encode(), maintype="text", subtype="calendar", filename="x.ics")
    return mail.as_bytes()


@pytest.mark.parametrize("words", HOSTILE)
def test_nothing_in_a_mail_is_alive(desk, world, jo, words):
    facts = {"notes": [words], "language": words}
    hint = {"says": "deputy", "name": words, "email": words}
    told = {
        "decides": f"Dear all, {words}",
        "reason": f"{words} answers",
        "subject": words,
        "sender": words,
        "facts": facts,
    }
    waits = lay(world, jo, raw=everywhere(words), suggestion=hint, **told)
    lay(world, jo, raw=everywhere(words), outcome=Outcome.APPLIED, **told)
    lay(world, jo, raw=everywhere(words), outcome=Outcome.QUARANTINED, **told)
    harmless = len(LIVE.findall(desk.get("/desk/people").text))
    views = ("", f"/{waits}", "?view=understood", "?view=set-aside", f"?done={waits}")
    for page in (desk.get(f"/desk/inbox{view}") for view in views):
        assert page.status_code == 200
        assert len(LIVE.findall(page.text)) == harmless
        assert not re.search(r'(?:href|src|action|formaction)="(?!/|#)', page.text)
        assert "style=" not in page.text.replace("style=&", "")
        assert " 49 " not in page.text


@pytest.mark.parametrize("sign", UNSEEN, ids=[f"U+{ord(sign):04X}" for sign in UNSEEN])
def test_no_unseen_sign_reaches_the_page(desk, world, jo, sign):
    raw = letter(f"I shall {sign} come.").replace(b"\r\n", b"\n")
    mail = lay(
        world, jo, raw=raw, decides=f"I shall {sign} come." if sign != "\x00" else "", suggestion={"answer": "accepted"}
    )
    page = desk.get(f"/desk/inbox/{mail}").text
    assert sign not in page
    assert "<mark>" in page or sign == "\x00"


def test_a_mail_is_shown_in_part_and_all_of_it_on_demand(desk, world, jo):
    mail = lay(world, jo, raw=letter("kind " * 5000 + "LAST"))
    page = desk.get(f"/desk/inbox/{mail}").text
    shown = page[page.index('<section class="letter') : page.index("<summary>Show all of it")]
    assert len(shown) < 2500
    assert "LAST" in page
    assert len(page) < 60_000


def test_the_raw_mail_is_a_file_of_plain_text(desk, world, jo):
    raw = everywhere("<script>alert(1)</script>")
    mail = lay(world, jo, raw=raw)
    came = desk.get(f"/desk/inbox/{mail}/raw")
    assert came.content == raw
    told = ("content-type", "content-disposition", "x-content-type-options")
    assert [came.headers[name] for name in told] == [
        "text/plain; charset=utf-8",
        f'attachment; filename="mail-{mail}.txt"',
        "nosniff",
    ]


def test_where_it_comes_from_is_told_with_what_our_server_says(desk, world, jo):
    mail = lay(world, jo, raw=letter("Yes."))
    page = desk.get(f"/desk/inbox/{mail}").text
    for name, words in {
        "From": "Jo Bloggs jo@example.org",
        "To": "rsvp@larkmoor.example",
        "Subject": "Re: Will you?",
    }.items():
        assert f"<dt>{name}</dt><dd><bdi>{words}</bdi></dd>" in page
    assert "No mail server of ours vouches for it" in page
    assert "Handed over by our mail server" in page


def test_a_calendar_part_is_told_in_words_and_attachments_are_named(desk, world, jo):
    mail = lay(world, jo, raw=everywhere("plan"))
    page = desk.get(f"/desk/inbox/{mail}").text
    assert "Calendar reply of jo@example.org, accepted. “plan”" in page
    assert "Not opened: plan (application/octet-stream, 1 byte)." in page


NEEDY = "I am happy to come. I am coeliac and use a hearing loop."


@pytest.fixture
def needy(world, jo):
    return lay(
        world, jo, raw=letter(NEEDY), decides="I am happy to come.", tells_needs=True, suggestion={"answer": "accepted"}
    )


def test_needs_stand_behind_a_click_for_those_who_may_read_them(desk, world, needy):
    page = desk.get(f"/desk/inbox/{needy}").text
    assert "This mail tells what they need; one person may read it" in page
    before, _, behind = page.partition("<summary>This mail tells what they need")
    assert "coeliac" not in before
    assert "coeliac" in behind.partition("</details>")[0]
    assert "coeliac" not in behind.partition("</details>")[2]


def test_needs_are_nowhere_for_everybody_else(viewer, world, needy):
    page = viewer.get(f"/desk/inbox/{needy}").text
    assert "its words are shown only to one person: Farah Lindqvist." in page
    for at in ("", f"/{needy}", "?view=understood", "?view=set-aside"):
        assert "coeliac" not in viewer.get(f"/desk/inbox{at}").text
    assert viewer.get(f"/desk/inbox/{needy}/raw").status_code == 403


@pytest.mark.parametrize("outcome", [Outcome.NEEDS_HUMAN, Outcome.APPLIED, Outcome.IGNORED])
def test_needs_are_in_no_list(desk, world, jo, outcome):
    lay(world, jo, raw=letter(NEEDY), decides=NEEDY, tells_needs=True, outcome=outcome)
    lay(world, jo)
    views = [desk.get(f"/desk/inbox?view={view}").text for view in ("understood", "set-aside")]
    assert not [page for page in views if "coeliac" in page]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("a\u202eb\u2066c\u200bd\x1be", "abcde"),
        ("e" + "\u0301" * 50, "e" + "\u0301" * 3),
        ("a\n\n\n\n\n\nb", "a\n\n\nb"),
        ("نمی\u200cخواهم", "نمی\u200cخواهم"),
        ("a\tb", "a\tb"),
    ],
)
def test_inert(text, expected):
    assert inert(text) == expected


def test_a_line_is_one_line_and_not_too_long():
    assert inert_line("a\n b\u202e  c") == "a b c"
    assert inert_line("x" * 50, 10) == "x" * 9 + "…"


@pytest.mark.parametrize(
    ("text", "sentence", "expected"),
    [
        ("abc def ghi", "", Marked("abc ", "", "", "def ghi")),
        ("abc def ghi", "def", Marked("abc ", "def", "", " ghi")),
        ("abc def ghi", "ghi", Marked("abc def ", "ghi", "", "")),
    ],
)
def test_what_is_shown_at_once_ends_after_the_sentence(text, sentence, expected):
    assert marked(text, sentence, at_once=4) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("I am  coeliac.", "Yes. [apart] See you."),
        ("Yes.\nSee you.", "[apart] I am\ncoeliac. [apart]"),
        ("I am vegan.", None),
        ("Yes.\nI am vegan.", None),
        ("", None),
    ],
)
def test_needs_are_cut_out_or_nothing_is_shown(words, expected):
    assert without("Yes. I am\ncoeliac. See you.", words, "[apart]") == expected
