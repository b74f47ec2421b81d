"""`roundtables import`: what it prints, how it ends, and that a repeat changes nothing."""

import io
import json

import pytest

from roundtables import cli
from roundtables.person import importing, queries, reading
from roundtables.person.matching import Choice, Kind
from roundtables.person.progress import Progress
from roundtables.person.storing import Choices
from tests.service import founded
from tests.world import NOW

SHEET = "name,email,title\nJo Bloggs,jo@example.org,Chief\nAna Ruiz,ana@example.net,\nNobody,nowhere,\n"


@pytest.fixture
def roundtables(tmp_path, monkeypatch, capsys):
    """Runs one command in a folder with the Larkmoor Trust; its code, and what it printed on both streams."""
    founded(tmp_path)
    monkeypatch.setenv("ROUNDTABLES_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.chdir(tmp_path)

    def run(content, *words, convener="larkmoor-trust"):
        (tmp_path / "people").write_bytes(content if isinstance(content, bytes) else content.encode())
        code = cli.run(["import", "people", "--convener", convener, *words])
        return code, *capsys.readouterr()

    return run


def test_it_tells_what_became_of_every_row(roundtables):
    code, out, err = roundtables(SHEET)
    first, left = out.splitlines()
    assert (code, err, first) == (0, "", "2 added, 0 changed, 0 as they were, 1 not taken.")
    assert left.startswith("row 4: “nowhere” is not an e-mail address")
    assert left.endswith("(Nobody · nowhere)")


def test_a_repeat_changes_nothing_and_a_later_file_only_what_it_says(roundtables):
    roundtables(SHEET)
    _, again, _ = roundtables(SHEET, "--json")
    told = json.loads(again)
    assert [told.pop(name) for name in ("added", "changed", "unchanged")] == [0, 0, 2]
    assert [sorted(left) for left in told["not_taken"]] == [["reason", "row", "words"]]
    code, out, _ = roundtables("name,email,organisation\nJo Bloggs,jo@example.org,Northshire\n")
    assert (code, out) == (0, "0 added, 1 changed, 0 as they were, 0 not taken.\n")


@pytest.mark.parametrize(
    ("content", "convener", "code", "says"),
    [
        (SHEET, "elsewhere", 1, "There is no convener elsewhere."),
        ("name,email\nNobody,nowhere\n", "larkmoor-trust", 1, ""),
        ("Jo,jo@example.org\n", "larkmoor-trust", 65, "No row of it has headings"),
        (b"\x89PNG\r\n\x1a\n\x00", "larkmoor-trust", 65, "not a text or a sheet"),
        (SHEET.encode() + b"x" * 5000, "larkmoor-trust", 65, "more than 4,000 letters"),
    ],
    ids=["no such convener", "not one row", "no headings", "a picture", "a long cell at the end"],
)
def test_how_it_ends_when_it_cannot(roundtables, content, convener, code, says):
    ended, _, err = roundtables(content, convener=convener)
    assert (ended, says in err, err.count("\n") <= 1) == (code, True, True)
    assert roundtables("name,email\nJo Bloggs,jo@example.org\n")[1].startswith("1 added"), "nothing was stored before"


def test_a_file_that_is_not_there_is_refused(roundtables, capsys):
    assert cli.run(["import", "nothing.csv", "--convener", "larkmoor-trust"]) == 1
    assert "There is no file nothing.csv." in capsys.readouterr().err


class Screen(io.StringIO):
    def isatty(self):
        return True


def test_a_person_sees_how_far_it_is_and_a_program_does_not():
    screen, file = Screen(), io.StringIO()
    for out in (screen, file):
        bar = Progress(2000, "people", out)
        bar.at(1000)
        bar.at(2000)
    assert screen.getvalue() == (
        "\r" + "█" * 15 + "░" * 15 + "  1,000 of 2,000 people\r" + "█" * 30 + "  2,000 of 2,000 people\n"
    )
    assert file.getvalue() == ""


def stored(world, sheet, **choices):
    return importing.store(world.db, world.convener_id, reading.people(sheet.encode()), Choices(**choices), now=NOW)


def test_a_file_of_several_parts_is_one_file(world):
    rows = "".join(f"Guest {n},g{n}@example.org,a{n}@example.org\n" for n in range(1500))
    heard = []
    report = importing.store(
        world.db,
        world.convener_id,
        reading.people(f"name,email,other_emails\n{rows}Guest 0,g0@example.org,\n".encode()),
        Choices(),
        now=NOW,
        tell=heard.append,
    )
    assert (report.added, heard) == (1500, [1000, 1501])
    assert [(left.row, left.reason) for left in report.left] == [(1502, "Row 2 has the same address.")]
    with world.db.read() as session:
        assert queries.by_address(session, world.convener_id, "a1499@example.org").name == "Guest 1499"


def test_rows_merged_into_an_earlier_row_add_their_addresses(world):
    stored(world, "name,email\nAna Ruiz,ana@example.net\n")
    sheet = "name,email,sectors\n" + "".join(f"Jo Bloggs,jo{n}@example.org,s{n}\n" for n in range(3))
    assert [left.row for left in stored(world, sheet).left] == [3, 4]
    report = stored(world, sheet, rest={Kind.DUPLICATE: Choice.MERGE})
    assert (report.changed, report.left) == (2, [])
    with world.db.read() as session:
        [jo] = queries.book_of(session, world.convener_id, ["jo0@example.org"], [])
    assert (jo.other_emails, jo.sectors) == (("jo1@example.org", "jo2@example.org"), ("s0", "s1", "s2"))


def test_a_part_is_stored_again_when_somebody_else_was_quicker(world, monkeypatch):
    from roundtables.person import storing

    honest, sheet = storing.verdicts, "name,email\nJo Bloggs,jo@example.org\nAna Ruiz,ana@example.net\n"

    def blind_once(session, convener_id, rows, seen):
        monkeypatch.setattr(storing, "verdicts", honest)
        return honest(session, 0, rows, seen)  # as if nobody were in the book yet

    stored(world, sheet.replace("Ana Ruiz,ana@example.net\n", ""))
    monkeypatch.setattr(storing, "verdicts", blind_once)
    report = stored(world, sheet)
    assert (report.added, report.left) == (2, [])


def test_rows_merged_into_one_that_the_same_file_adds(world):
    sheet = "name,email,sectors\n" + "".join(f"Jo Bloggs,jo{n}@example.org,s{n}\n" for n in range(3))
    report = stored(world, sheet, rest={Kind.DUPLICATE: Choice.MERGE})
    assert (report.added, report.changed, report.left) == (1, 2, [])
    alone = stored(
        world,
        sheet.replace("Jo", "Al").replace("jo", "al"),
        rows={2: Choice.LEAVE},
        rest={Kind.DUPLICATE: Choice.MERGE},
    )
    assert [left.reason for left in alone.left] == [
        "Left out.",
        "Row 2 was not taken either.",
        "Row 2 was not taken either.",
    ]


def test_a_storing_that_was_cut_short_is_sent_on_and_counts_whom_it_had_added(world):
    stored(world, "name,email\nJo Bloggs,jo@example.org\n")
    report = stored(world, "name,email\nJo Bloggs,jo@example.org\nAna Ruiz,ana@example.net\n")
    assert (report.added, report.unchanged) == (2, 0)
