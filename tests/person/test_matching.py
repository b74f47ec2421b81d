"""What a row of a file is to the book: a table of cases, without a database."""

import pytest

from roundtables.person.incoming import Row
from roundtables.person.matching import Book, Change, Choice, Kind, Known, Seen, changes, judge, legible

JO = Known(1, "Jo Bloggs", "jo@example.org", ("jb@example.net",), "Chief", "Northshire Council", ("local",))
ANA = Known(2, "Ana Ruiz", "ana@example.net", organisation="Open Door Kitchens")
NAMESAKE = Known(3, "Dr Zoë Ångström", "zoe@example.org")
THEM = (JO, ANA, NAMESAKE)


def said(name="Jo Bloggs", email="jo@example.org", **more):
    return {"name": name, "email": email} | more


def verdicts(*rows):
    book, seen = Book(THEM), Seen()
    return [judge(*legible(Row(n, row)), book, seen) for n, row in enumerate(rows, start=2)]


@pytest.mark.parametrize(
    ("row", "kind", "known", "reason"),
    [
        (said("Carys Pugh", "carys@example.org"), Kind.NEW, None, ""),
        (said(), Kind.SAME, JO, ""),
        (said(email="JO@EXAMPLE.ORG", other_emails="jb@example.net", sectors="local"), Kind.SAME, JO, ""),
        (said(email="jb@example.net"), Kind.SAME, JO, ""),
        (said(title="Leader"), Kind.UPDATE, JO, ""),
        (said("Joanna Bloggs"), Kind.UPDATE, JO, ""),
        (said(other_emails="jo.bloggs@example.com"), Kind.UPDATE, JO, ""),
        (said(sectors="health"), Kind.UPDATE, JO, ""),
        (said("Pat Smith"), Kind.DUPLICATE, JO, "The address is Jo Bloggs’s."),
        (said("Pat Smith", "jb@example.net"), Kind.DUPLICATE, JO, "The address is Jo Bloggs’s."),
        (
            said(email="new@example.org", organisation="northshire council"),
            *(Kind.DUPLICATE, JO, "The same name and organisation, with another address."),
        ),
        (said(email="new@example.org", organisation="Elsewhere"), Kind.NEW, None, ""),
        (
            said("Zoe Angstrom", "new@example.org", organisation="Larch Fund"),
            *(Kind.DUPLICATE, NAMESAKE, "The same name and organisation, with another address."),
        ),
        (
            said(other_emails="ana@example.net"),
            *(Kind.NOT_TAKEN, None, "Its addresses belong to several people: Jo Bloggs, Ana Ruiz."),
        ),
        ({"name": "Jo"}, Kind.NOT_TAKEN, None, "There is no e-mail address."),
    ],
)
def test_what_a_row_is(row, kind, known, reason):
    [found] = verdicts(row)
    assert (found.kind, found.known, found.reason) == (kind, known, reason)


@pytest.mark.parametrize(
    ("later", "kind", "reason"),
    [
        (said("Cal Pugh", "carys@example.org"), Kind.NOT_TAKEN, "Row 2 has the same address."),
        (
            said("Cal Pugh", "c@example.org", other_emails="cp@example.org"),
            Kind.NOT_TAKEN,
            "Row 2 has the same address.",
        ),
        (
            said("Carys Pugh", "x@example.org", organisation="aberwen"),
            *(Kind.DUPLICATE, "Row 2 has the same name and organisation, with another address."),
        ),
        (said("Carys Pugh", "x@example.org", organisation="Elsewhere"), Kind.NEW, ""),
    ],
)
def test_a_row_that_repeats_an_earlier_one(later, kind, reason):
    first = said("Carys Pugh", "carys@example.org", other_emails="cp@example.org", organisation="Aberwen")
    _, found = verdicts(first, later)
    assert (found.kind, found.reason) == (kind, reason)


def test_what_would_change_is_told_field_by_field_and_nothing_is_taken_away():
    [found] = verdicts(
        said("Joanna Bloggs", other_emails="x@example.org", title="Leader", sectors="health", language="cy")
    )
    assert found.changes == (
        Change("name", "Jo Bloggs", "Joanna Bloggs"),
        Change("other_emails", "jb@example.net", "jb@example.net; x@example.org"),
        Change("title", "Chief", "Leader"),
        Change("sectors", "local", "local; health"),
        Change("language", "", "cy"),
    )


@pytest.mark.parametrize(
    ("row", "choices"),
    [
        (said("Carys Pugh", "carys@example.org"), (Choice.ADD, Choice.LEAVE)),
        (said(), ()),
        (said(title="Leader"), (Choice.MERGE, Choice.LEAVE)),
        (said("Pat Smith"), (Choice.LEAVE, Choice.MERGE)),
        (said(email="new@example.org"), (Choice.LEAVE, Choice.ADD, Choice.MERGE)),
        ({"name": "Jo"}, ()),
    ],
    ids=["new", "the same", "an update", "somebody's address", "a namesake", "not taken"],
)
def test_what_may_be_chosen(row, choices):
    [found] = verdicts(row)
    assert found.choices == choices


def test_a_merge_keeps_the_name_we_know():
    [found] = verdicts(said("Reception", "jo@example.org", title="Leader"))
    assert found.changes == (Change("title", "Chief", "Leader"),)
    assert changes(JO, found.said, keep_name=True) == found.changes


def test_seen_forgets_a_part_that_was_not_stored():
    seen = Seen({"a": 2, "b": 1002}, {("x", ""): 5, ("y", ""): 1001})
    seen.forget_from(1001)
    assert seen == Seen({"a": 2}, {("x", ""): 5})
