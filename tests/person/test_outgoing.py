"""The book as a file: nothing in it calculates, and reading it in again loses nothing."""

import zipfile
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roundtables.person import outgoing, reading
from roundtables.person.guarding import guarded, unguarded
from roundtables.person.incoming import FIELDS, checked, one_line
from roundtables.person.matching import Known

KINDS = (outgoing.csv_file, outgoing.workbook, outgoing.card_file)
RISKY = "=+-@\t\r＝＋－＠"
BOOK = [
    Known(
        1,
        '=HYPERLINK("http://x.example")',
        "jo@example.org",
        ("+a@example.org", "-b@example.org"),
        "'=1+1",
        "+44, -1; @x",
        ("a;b", "c\\;d", "=z", "'@q", "e\\"),
        "pa@example.org",
        "Europe/London",
        "cy",
    ),
    Known(
        2,
        "Zoë Ångström",
        "zoe@example.org",
        (),
        "Line, with \\ and ; more",
        "日本 " * 30 + "語",
        ("x,y",),
        "",
        "",
        "en-GB",
    ),
    Known(3, "-Nobody", "n@example.org", (), "＝full", "@SUM(1)", ("'",), "", "", "en-GB"),
]
WORDS = st.text(st.sampled_from("'=+-@;,\\\"\t\n ab＝é"), max_size=12)


@pytest.mark.parametrize("write", KINDS, ids=lambda write: write.__name__)
def test_what_is_written_reads_back_as_it_was(write):
    back = [checked(row) for row in reading.people(write(BOOK))]
    assert [[getattr(one, name) for name in FIELDS] for one in back] == [
        [getattr(known, name) for name in FIELDS] for known in BOOK
    ]


@given(title=WORDS, organisation=WORDS, sectors=st.lists(WORDS, max_size=3))
def test_whatever_words_are_written_read_back(title, organisation, sectors):
    clean = tuple(dict.fromkeys(filter(None, map(one_line, sectors))))
    known = Known(1, "Jo", "jo@example.org", (), one_line(title), one_line(organisation), clean, "", "", "en-GB")
    for write in KINDS:
        [row] = reading.people(write([known]))
        back = checked(row)
        assert (back.title, back.organisation, back.sectors) == (known.title, known.organisation, known.sectors)


@given(WORDS)
def test_a_guard_is_taken_away_as_it_was_put(words):
    assert unguarded(guarded(words)) == words


@pytest.mark.parametrize("first", RISKY)
@pytest.mark.parametrize("before", ["", "x;", "x,", "x\t", "x\n", ' "', "; "])
def test_no_cell_begins_with_what_a_spreadsheet_calculates(first, before):
    words = guarded(f"{before}{first}1+1")
    for cell in words.replace(";", "\n").replace(",", "\n").replace("\t", "\n").splitlines():
        assert not cell.strip(' "').startswith(tuple(RISKY.strip()))


def test_a_sheet_opens_in_excel_with_its_letters_and_a_workbook_has_no_formula_and_no_link():
    assert outgoing.csv_file(BOOK).startswith(b'\xef\xbb\xbf"name","email"')
    with zipfile.ZipFile(BytesIO(outgoing.workbook(BOOK))) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml")
    assert (b"<f>" in sheet, b"hyperlink" in sheet) == (False, False)


def test_a_cards_lines_are_short():
    assert max(len(line) for line in outgoing.card_file(BOOK).split(b"\r\n")) <= 75
