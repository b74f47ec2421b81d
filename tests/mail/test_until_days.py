"""Days as mails name them, in nine languages. Written on Monday 23 November 2026."""

import time
from datetime import date

import pytest

from roundtables.mail.days_said import month_said, plain, said

SENT = date(2026, 11, 23)

DAYS = {
    "on 4 December": date(2026, 12, 4),
    "on the 4th of December 2026": date(2026, 12, 4),
    "December 4th": date(2026, 12, 4),
    "2026-12-04": date(2026, 12, 4),
    "am 4.12.": date(2026, 12, 4),
    "10-Dec": date(2026, 12, 10),
    "Thursday": date(2026, 11, 26),
    "on Monday": date(2026, 11, 30),
    "next Thursday": date(2026, 12, 3),
    "Friday week": date(2026, 12, 4),
    "Mon 7th": date(2026, 12, 7),
    "Monday the 14th": date(2026, 12, 14),
    "Friday 15th": date(2027, 1, 15),
    "the 30th": date(2026, 11, 30),
    "tomorrow": date(2026, 11, 24),
    "in a fortnight": date(2026, 12, 7),
    "within 10 days": date(2026, 12, 3),
    "in 3 weeks": date(2026, 12, 14),
    "by the end of the week": date(2026, 11, 27),
    "before the weekend": date(2026, 11, 27),
    "by the end of next week": date(2026, 12, 4),
    "by the end of the month": date(2026, 11, 30),
    "by the end of December": date(2026, 12, 31),
    "the weekend of the 5th": date(2026, 12, 6),
    "by Christmas Eve": date(2026, 12, 24),
    "d'ici la fin de la semaine": date(2026, 11, 27),
    "le 1er décembre": date(2026, 12, 1),
    "Ende nächster Woche": date(2026, 12, 4),
    "übermorgen": date(2026, 11, 25),
    "pasado mañana": date(2026, 11, 25),
    "a finales de mes": date(2026, 11, 30),
    "entro fine mese": date(2026, 11, 30),
    "fra due settimane": date(2026, 12, 7),
    "eind volgende week": date(2026, 12, 4),
    "yfory": date(2026, 11, 24),
    "ddydd Gwener 4 Rhagfyr": date(2026, 12, 4),
    "an Aoine, 4 Nollaig": date(2026, 12, 4),
    "24mh den Dùbhlachd": date(2026, 12, 24),
}


@pytest.mark.parametrize(("text", "day"), DAYS.items(), ids=DAYS.keys())
def test_a_day_is_found(text, day):
    assert [found.on for found in said(plain(text), SENT)] == [day]


@pytest.mark.parametrize(
    "text",
    [
        "mon retour",
        "in mid-November",
        "three weeks ago",
        "31 February",
        "at 10.30",
        "4 December 2031",
        "soon",
        "May I",
        "",
    ],
)
def test_what_is_no_day(text):
    assert said(plain(text), SENT) == []


def test_a_month_alone_is_its_first_day_and_never_a_past_one():
    assert month_said("january. back", SENT) == date(2027, 1, 1)
    assert month_said("january 4", SENT) is None
    assert month_said("november", SENT) is None


@pytest.mark.parametrize("piece", ["1.", "4 de ", "lundi, ", "mon, the ", "end of ", "in 10 ", "weekend of the 1st "])
def test_a_long_text_costs_little(piece):
    started = time.process_time()
    said((piece * 20_000)[:8_000], SENT)
    assert time.process_time() - started < 0.5
