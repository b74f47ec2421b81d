"""What the public may see, and whether a text says who was there."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from roundtables.post.attribution import Finding, Guest, Shown, Table, findings, visible
from roundtables.roundtable.rules import Rule, Status, Visibility

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
LATER, EARLIER = NOON + timedelta(days=1), NOON - timedelta(days=1)
PRIVATE, AFTER, LISTED = Visibility.PRIVATE, Visibility.AFTER, Visibility.LISTED

JO = Guest(("Jo Bloggs",), ("jo@example.org",), ("Northshire Council",), ("Chief Executive",))
BASHIR = Guest(("Dr Bashir Okello",), ("bashir@example.com",), ("The Orrin Health Board (OHB)",), ("Chief Executive",))
ZOE = Guest(("Zoë Young OBE",), (), ("Mind",), ("Chief Executive",))
NEILL = Guest(("Prof. Áine O’Neill",), (), ("Larkmoor Trust",), ("Director",))
ALL = [JO, BASHIR, ZOE, NEILL]


@pytest.mark.parametrize(
    ("status", "visibility", "ends_at", "post_published", "expected"),
    [
        (Status.DRAFT, LISTED, LATER, False, Shown.COMING),
        (Status.OPEN, LISTED, LATER, False, Shown.COMING),
        (Status.OPEN, LISTED, EARLIER, False, Shown.OVER),
        (Status.HELD, LISTED, EARLIER, False, Shown.OVER),
        (Status.CANCELLED, LISTED, LATER, False, Shown.CALLED_OFF),
        (Status.CLOSED, LISTED, EARLIER, False, Shown.OVER),
        (Status.DRAFT, AFTER, LATER, False, Shown.NOTHING),
        (Status.OPEN, AFTER, EARLIER, False, Shown.NOTHING),
        (Status.CANCELLED, AFTER, LATER, False, Shown.NOTHING),
        (Status.CLOSED, AFTER, EARLIER, False, Shown.OVER),
        (Status.OPEN, AFTER, EARLIER, True, Shown.OVER),
        (Status.OPEN, AFTER, LATER, True, Shown.COMING),
        (Status.CANCELLED, AFTER, LATER, True, Shown.CALLED_OFF),
    ],
)
def test_what_the_public_may_see_of_a_table(status, visibility, ends_at, post_published, expected):
    assert visible(status, visibility, ends_at=ends_at, post_published=post_published, now=NOON) == expected


@pytest.mark.parametrize(("status", "published"), list(product(Status, (True, False))))
def test_a_private_table_never_shows(status, published):
    assert visible(status, PRIVATE, ends_at=EARLIER, post_published=published, now=NOON) == Shown.NOTHING


def test_whether_anybody_was_asked_does_not_show():
    draft, asked = (
        visible(status, LISTED, ends_at=LATER, post_published=False, now=NOON) for status in (Status.DRAFT, Status.OPEN)
    )
    assert draft == asked


def found(body, *, rule=Rule.CHATHAM_HOUSE, guests=ALL, ours=()):
    """[(words, must)] in the body."""
    return [(f.words, f.must) for f in findings({"body": body}, [Table(rule, guests)], ours=ours)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("Jo Bloggs began.", [("Jo Bloggs", True)]),
        ("jo  bloggs began.", [("jo  bloggs", True)]),
        ("J**o** Bl&#111;ggs began.", [("J**o** Bl&#111;ggs", True)]),
        ("JO\nBLOGGS began.", [("JO\nBLOGGS", True)]),
        ("Jo\u00a0Blog\u200bgs began.", [("Jo\u00a0Blog\u200bgs", True)]),
        ("See [this](/files/jo_bloggs.pdf).", [("jo_bloggs", True)]),
        ("As Bloggs’s office does.", [("Bloggs", True)]),
        ("the bloggs of this world", []),
        ("Mr OKELLO began.", [("OKELLO", True)]),
        ("Bashir Okello began.", [("Bashir Okello", True)]),
        ("Zoe Young began.", [("Zoe Young", True)]),
        ("And then Young began.", [("Young", False)]),
        ("Young people began; the young do. Young people, again.", []),
        ("Aine O'Neill began.", [("Aine O'Neill", True)]),
        ("Then O’Neill began.", [("O’Neill", True)]),
        ("Write to jo@example.org now.", [("jo@example.org", True)]),
        ("Write to jo&#64;example.org now.", [("jo&#64;example.org", True)]),
        ("At northshire council they began.", [("northshire council", True)]),
        ("In Northshire they began.", [("Northshire", False)]),
        ("At Orrin Health Board and the OHB.", [("Orrin Health Board", True), ("OHB", True)]),
        ("At Mind they mind.", [("Mind", True)]),
        (
            "The only combined-authority mayor in the room said so.",
            [("The only combined-authority mayor in the room", True)],
        ),
        ("the only way out", []),
        ("Jo began; a blog gs followed.", []),
        ("", []),
    ],
)
def test_names_are_found_however_they_are_written(body, expected):
    assert found(body) == expected


def test_a_finding_says_where_and_what_to_do():
    assert findings({"title": "Bloggs on forms", "body": "Nothing."}, [Table(Rule.CHATHAM_HOUSE, [JO])]) == [
        Finding("title", 0, 6, "Bloggs", "A guest’s surname", "Say “someone”, or what they do in general.", True)
    ]


def test_a_rare_post_is_to_be_thought_about():
    assert found("As a director put it.") == []
    nurse = Guest(("Ekow Mensah",), (), (), ("Chief Nurse",))
    assert found("As a chief nurse put it.", guests=[*ALL, nurse]) == [("chief nurse", False)]
    assert found("As a chief executive put it.") == []


def test_authors_and_the_convener_may_be_named():
    assert found("Áine O’Neill of Larkmoor Trust wrote.", ours=["Áine O'Neill", "Larkmoor Trust"]) == []


@pytest.mark.parametrize(
    ("rule", "body", "expected"),
    [
        (Rule.ON_THE_RECORD, "Jo Bloggs said no.", []),
        (Rule.CHATHAM_HOUSE_LIST, "Jo Bloggs of Northshire Council was there.", []),
        (Rule.CHATHAM_HOUSE_LIST, "Jo Bloggs was there. People said no.", []),
        (Rule.CHATHAM_HOUSE_LIST, "Jo Bloggs said no.", [("Jo Bloggs", True)]),
        (Rule.CHATHAM_HOUSE_LIST, "Ask jo@example.org.", [("jo@example.org", True)]),
        (
            Rule.CHATHAM_HOUSE_PLUS,
            "They said “we never did this, Bloggs, in all these years”.",
            [("“we never did this, Bloggs, in all these years”", False), ("Bloggs", True)],
        ),
    ],
)
def test_the_variants_of_the_rule(rule, body, expected):
    assert found(body, rule=rule) == expected


def test_each_table_keeps_its_own_rule():
    tables = [Table(Rule.ON_THE_RECORD, [JO]), Table(Rule.CHATHAM_HOUSE, [BASHIR])]
    assert [f.words for f in findings({"body": "Jo Bloggs and Bashir Okello."}, tables)] == ["Bashir Okello"]


def test_a_long_post_and_a_long_guest_list_are_read_in_a_moment():
    guests = [Guest((f"Name{i} Surname{i}",), (f"n{i}@example.org",), (f"Org{i} Council",)) for i in range(200)]
    body = "word and Name1 other " * 4500 + "Name7 Surname7"
    assert found(body, guests=guests) == [("Name7 Surname7", True)]
