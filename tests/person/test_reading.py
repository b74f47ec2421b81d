"""From the bytes of files and from pasted text to people: whoever made the file, however it is written."""

import pytest

from roundtables.errors import Refusal, Unreadable
from roundtables.person import headings, pasted, reading
from roundtables.person.incoming import Row, Said, checked
from tests.person.books import HEAD, MAIN, book, row, sheet, text

JO = {"name": "Jo Bloggs", "email": "jo@example.org", "title": "Chief", "organisation": "Northshire"}
PLAIN = "name,email,title,organisation\nJo Bloggs,jo@example.org,Chief,Northshire\n"
ZOE = "name;email\nZoë Ångström;zoe@example.org\n"
OUTLOOK = (
    '"Title","First Name","Middle Name","Last Name","Company","Job Title","E-mail Address","E-mail 2 Address"\r\n'
    '"Dr","Jo","","Bloggs","Northshire","Chief","jo@example.org","jb@example.net"\r\n'
)
GOOGLE = (
    "First Name,Last Name,Labels,E-mail 1 - Label,E-mail 1 - Value,E-mail 2 - Value,"
    "Organization Name,Organization Title\n"
    "Jo,Bloggs,* myContacts ::: kindness ::: leeds,Work,jo@example.org,jb@example.net ::: j@example.net,"
    "Northshire,Chief\n"
)


def said(raw):
    return [dict(row.said) for row in reading.people(raw)]


@pytest.mark.parametrize(
    "raw",
    [
        PLAIN.encode(),
        PLAIN.replace(",", ";").encode(),
        PLAIN.replace(",", "\t").encode(),
        PLAIN.replace(",", "|").encode(),
        PLAIN.encode("utf-8-sig"),
        PLAIN.encode("utf-16"),
        PLAIN.encode("utf-16-le"),
        PLAIN.encode("utf-16-be"),
        PLAIN.replace("\n", "\r\n").encode(),
        PLAIN.replace("\n", "\r").encode(),
        ("sep=;\n" + PLAIN.replace(",", ";")).encode(),
        ("Our guests\n\n" + PLAIN).encode(),
        ("\n" + PLAIN + "\n\n").encode(),
        PLAIN.replace("name,email,title,organisation", "NAME , E-Mail,Job title,Company").encode(),
    ],
    ids=[
        *("comma", "semicolon", "tab", "bar", "mark", "utf-16", "little", "big"),
        *("windows", "mac", "sep=", "titled", "gaps", "headings"),
    ],
)
def test_a_sheet_reads_the_same_however_it_is_written(raw):
    assert said(raw) == [JO]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_letters_keep_their_accents(encoding):
    assert said(ZOE.encode(encoding)) == [{"name": "Zoë Ångström", "email": "zoe@example.org"}]


def test_a_line_break_within_quotes_stays_in_its_cell_and_rows_count_as_a_sheet_counts_them():
    raw = b'name,email,title\nJo,jo@example.org,"Head of\r\npolicy"\nAna,ana@example.net,x\n'
    rows = list(reading.people(raw))
    assert [(row.number, checked(row).title) for row in rows] == [(2, "Head of policy"), (3, "x")]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (OUTLOOK, {**JO, "name": "Dr Jo Bloggs", "other_emails": "jb@example.net"}),
        (GOOGLE, {**JO, "other_emails": "jb@example.net; j@example.net", "sectors": "kindness; leeds"}),
    ],
    ids=["Outlook", "Google Contacts"],
)
def test_what_other_programs_export_is_understood_as_it_is(raw, expected):
    assert said(raw.encode()) == [expected]


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("E-mail", "email"),
        ("EMAIL_ADDRESS", "email"),
        ("E-mail 3 Address", "other_emails"),
        ("Assistant’s e-mail", "assistant_email"),
        ("Organization 1 - Title", "title"),
        ("Surname", "last"),
        ("Postcode", ""),
    ],
)
def test_a_heading_is_known_in_many_spellings(heading, field):
    assert headings.meaning(heading) == field


CELLS = {
    "a shared text": ('<c r="A2" t="s"><v>0</v></c>', "Jo Bloggs"),
    "a text in two pieces": ('<c r="A2" t="s"><v>1</v></c>', "Jo Bloggs"),
    "how it sounds": ('<c r="A2" t="s"><v>2</v></c>', "Jo Bloggs"),
    "its own text": (text("A2", "Jo Bloggs"), "Jo Bloggs"),
    "a number": ('<c r="A2"><v>7</v></c>', "7"),
    "no place": ('<c t="inlineStr"><is><t>Jo Bloggs</t></is></c>', "Jo Bloggs"),
    "a calculated text": ('<c r="A2" t="str"><f>B1&amp;C1</f><v>Jo</v></c>', "=Jo"),
}
SHARED = f"""<sst {MAIN}><si><t>Jo Bloggs</t></si><si><r><t>Jo </t></r><r><t>Bloggs</t></r></si>
<si><t>Jo Bloggs</t><rPh><t>jo</t></rPh></si></sst>"""


@pytest.mark.parametrize("what", CELLS)
def test_a_cell_of_a_workbook_is_text(what):
    cell, words = CELLS[what]
    raw = book(sheet(HEAD + row(2, [cell, text("B2", "jo@example.org")])), SHARED)
    [person] = reading.people(raw)
    assert dict(person.said) == {"name": words, "email": "jo@example.org"}
    assert person.formula == ("name" if words.startswith("=") else "")


def test_a_workbook_in_the_strict_dialect_with_gaps_reads_too():
    words = (
        sheet(HEAD + row(7, [text("B7", "jo@example.org"), text("A7", "Jo")]))
        .replace("<", "<x:")
        .replace("<x:/", "</x:")
    )
    raw = book(words.replace("xmlns=", "xmlns:x="))
    assert [(r.number, dict(r.said)) for r in reading.people(raw)] == [(7, {"name": "Jo", "email": "jo@example.org"})]


CARDS = {
    "4.0": (
        "FN:Jo Bloggs\r\nEMAIL;PREF=2:jb@example.net\r\nEMAIL;PREF=1:jo@example.org\r\n"
        "RELATED;TYPE=agent:mailto:pa@example.org",
        {"email": "jo@example.org", "other_emails": "jb@example.net", "assistant_email": "pa@example.org"},
    ),
    "3.0": (
        "N:Bloggs;Jo;;;\r\nFN:Jo Bloggs\r\nitem1.EMAIL;type=HOME:jb@example.net\r\nEMAIL;type=pref:jo@example.org",
        {"email": "jo@example.org", "other_emails": "jb@example.net"},
    ),
    "2.1": (
        "N;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:Bl=F6ggs;Jo\r\nEMAIL;PREF;INTERNET:jo@example.org",
        {"name": "Jo Blöggs", "email": "jo@example.org"},
    ),
    "folded": ("FN:Jo Blo\r\n ggs\r\nEMAIL:jo@exam\r\n\tple.org", {"email": "jo@example.org"}),
    "soft breaks": ("FN;ENCODING=QUOTED-PRINTABLE:Jo =\r\nBloggs\r\nEMAIL:jo@example.org", {"email": "jo@example.org"}),
    "escapes": (
        "FN:Jo Bloggs\r\nEMAIL:jo@example.org\r\nORG:North\\, shire\\; east;Policy\r\nCATEGORIES:a\\,b,c\\;d",
        {"email": "jo@example.org", "organisation": "North, shire; east", "sectors": "a,b; c\\;d"},
    ),
    "a picture": (
        "FN:Jo Bloggs\r\nPHOTO;ENCODING=b:" + "QUJD" * 5000 + "\r\nEMAIL:jo@example.org",
        {"email": "jo@example.org"},
    ),
    "a card within": (
        "FN:Jo Bloggs\r\nEMAIL:jo@example.org\r\nAGENT:\r\nBEGIN:VCARD\r\nFN:Pat\r\nEND:VCARD",
        {"email": "jo@example.org"},
    ),
}


@pytest.mark.parametrize("version", CARDS)
def test_a_card_of_any_version_reads(version):
    lines, expected = CARDS[version]
    raw = f"BEGIN:VCARD\r\nVERSION:3.0\r\n{lines}\r\nEND:VCARD\r\n".encode()
    assert said(raw) == [{"name": "Jo Bloggs"} | expected]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Jo Bloggs <jo@example.org>, Chief, Northshire", JO),
        ("Jo Bloggs\tjo@example.org\tChief\tNorthshire", JO),
        ("Jo Bloggs, jo@example.org, Chief, Northshire", JO),
        ("jo@example.org\tJo Bloggs\tChief\tNorthshire", JO),
        ('"Bloggs, Jo" <mailto:jo@example.org>;', {"name": "Bloggs, Jo", "email": "jo@example.org"}),
        ("jo@example.org", {"name": "", "email": "jo@example.org"}),
        ("Jo Bloggs", {"name": "Jo Bloggs"}),
        ("\t\t", None),
    ],
)
def test_a_pasted_line_is_a_person(line, expected):
    assert [dict(row.said) for row in pasted.people(line)] == ([expected] if expected else [])


def test_a_piece_of_a_sheet_is_pasted_with_its_headings():
    rows = list(pasted.people(PLAIN.replace(",", "\t")))
    assert rows == [Row(2, JO)]


ROW = {"name": " Jo  Bloggs ", "email": "Jo <JO@Example.org>; jb@example.net", "other_emails": "mailto:x@example.net"}


def test_what_is_said_is_checked_and_put_in_order():
    found = checked(Row(2, ROW | {"sectors": "a;b; ;a", "time_zone": "Europe/London", "language": "cy"}))
    assert found == Said(
        *("Jo Bloggs", "JO@example.org", ("jb@example.net", "x@example.net")),
        sectors=("a", "b"),
        time_zone="Europe/London",
        language="cy",
    )


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"name": ""}, "There is no name."),
        ({"name": "x" * 201}, "“name” has more than 200 letters."),
        ({"email": ""}, "There is no e-mail address."),
        ({"email": "nobody"}, "is not an e-mail address"),
        ({"email": "x" * 400 + "@example.org"}, "is no e-mail address"),
        ({"other_emails": "x@"}, "is not an e-mail address"),
        ({"other_emails": ";".join(f"a{n}@example.org" for n in range(50))}, "more than 50 addresses"),
        ({"title": "x" * 301}, "“title” has more than 300 letters."),
        ({"sectors": ";".join(map(str, range(51)))}, "more than 50 sectors"),
        ({"assistant_email": "pa"}, "is not an e-mail address"),
        ({"time_zone": "Leeds"}, "“Leeds” is no time zone"),
        ({"language": "English please"}, "“English please” is no language"),
    ],
)
def test_a_row_that_cannot_be_taken_says_why(wrong, says):
    with pytest.raises(Refusal) as refused:
        checked(Row(2, {"name": "Jo", "email": "jo@example.org"} | wrong))
    assert says in refused.value.message


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"Jo,jo@example.org\n", "No row of it has headings"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 100, "before 2007"),
        (b"%PDF-1.4\n\x00\x01", "not a text"),
        (b"PK\x03\x04 nothing", "damaged"),
        (b"BEGIN:VCALENDAR\nEND:VCALENDAR\n", "No row of it has headings"),
    ],
)
def test_what_is_no_file_of_people_says_so(raw, says):
    with pytest.raises(Unreadable, match=says):
        reading.checked_through(raw)


@pytest.mark.parametrize("more", ["", "\n"])
def test_a_hundred_thousand_rows_are_not_too_many(more):
    assert reading.checked_through(("name,email" + "\nJo,j@example.org" * 100_000 + more).encode()) == 100_000
