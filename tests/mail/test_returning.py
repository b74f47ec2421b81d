"""On which day somebody is back, as absence notices of nine languages say it. Sent on Monday 23 November 2026."""

import time
from datetime import date

import pytest

from roundtables.mail.returning import back

SENT = date(2026, 11, 23)
LAST_OF_NOVEMBER, FIRST_OF_DECEMBER = date(2026, 11, 30), date(2026, 12, 1)
FOURTH, SEVENTH = date(2026, 12, 4), date(2026, 12, 7)

NOTICES = {
    "I am on leave until 4 December.": FOURTH,
    "I am out of the office until Friday, 4th of December 2026.": FOURTH,
    "Out of office till 2026-12-04": FOURTH,
    "Away until 04/12/2026.": FOURTH,
    "Away until 12/04/2026.": FOURTH,
    "I return on December 4, 2026.": FOURTH,
    "back on Dec 4th": FOURTH,
    "having a lovely time by the sea – back on the 30th.": LAST_OF_NOVEMBER,
    "I will be able to attend to your message on Monday. For anything urgent, ring.": LAST_OF_NOVEMBER,
    "Away from 20 November to 1 January. I will return on Monday 4 January 2027.": date(2027, 1, 4),
    "Rydw i ar wyliau tan 4 Rhagfyr.": FOURTH,
    "Byddaf yn ôl ddydd Llun 30ain o Dachwedd.": LAST_OF_NOVEMBER,
    "Tá mé as an oifig go dtí 4 Nollaig.": FOURTH,
    "Beidh mé ar ais Dé Luain.": LAST_OF_NOVEMBER,
    "Tha mi air falbh gu ruige 4mh den Dùbhlachd.": FOURTH,
    "Bidh mi air ais Diluain.": LAST_OF_NOVEMBER,
    "Je suis absente jusqu’au 30 novembre inclus.": FIRST_OF_DECEMBER,
    "Absent du 23 au 30 novembre, je réponds à mon retour.": FIRST_OF_DECEMBER,
    "De retour mardi. Mon collègue répond d'ici là.": date(2026, 11, 24),
    "De retour le 30 novembre.": LAST_OF_NOVEMBER,
    "Je suis en congé jusqu'à vendredi.": date(2026, 11, 27),
    "Ich bin bis zum 30.11. nicht im Büro.": LAST_OF_NOVEMBER,
    "Ich bin ab dem 1.12. wieder erreichbar.": FIRST_OF_DECEMBER,
    "Am 30. November bin ich wieder da.": LAST_OF_NOVEMBER,
    "Zurück am 7.12.26": SEVENTH,
    "Estaré ausente hasta el 30 de noviembre de 2026.": LAST_OF_NOVEMBER,
    "Vuelvo el lunes.": LAST_OF_NOVEMBER,
    "Sono assente fino al 4 dicembre.": FOURTH,
    "Rientrerò il 7 dicembre.": SEVENTH,
    "Ik ben afwezig tot en met 4 december.": SEVENTH,
    "Ik ben afwezig t/m donderdag 3 december.": FOURTH,
    "Vanaf maandag 7 december beantwoord ik uw bericht.": SEVENTH,
    "Ich bin bis einschließlich 30. November nicht im Büro.": FIRST_OF_DECEMBER,
    "Vom 23. bis 26. November bin ich verreist. Ab dem 1. Dezember beantworte ich Ihre Nachricht.": FIRST_OF_DECEMBER,
    "L'ufficio resterà chiuso dal 23 al 29 novembre; riapertura lunedì 30.": LAST_OF_NOVEMBER,
    "Sono in ferie fino al 30 novembre compreso.": FIRST_OF_DECEMBER,
    "I am away from 23-Nov to 30-Nov.": FIRST_OF_DECEMBER,
    "Out of office up to and including 30 November.": FIRST_OF_DECEMBER,
    "I am not reachable through 30 November.": FIRST_OF_DECEMBER,
    "On leave till Sunday 29 November.": LAST_OF_NOVEMBER,
    "Away until 4 December inclusive.": SEVENTH,
    "Back Thurs 3 Dec.": date(2026, 12, 3),
    "Gone fishing. Back 4/12.": FOURTH,
    "I am on a course today and will respond tomorrow.": date(2026, 11, 24),
    "On leave until the end of January 2027.": date(2027, 2, 1),
    "On leave until January. I am back at my desk on the 4th.": date(2027, 1, 4),
    "I pick things up from 4 December.": FOURTH,
    "Tha mi air falbh gu 4 Dùbhlachd.": FOURTH,
    "Maandag 30 november ben ik weer terug.": LAST_OF_NOVEMBER,
    "I am away until 4 November.": None,
    "I am back on Monday 9th.": None,
    "Away until further notice.": None,
    "Bis auf Weiteres nicht erreichbar.": None,
    "I will respond on my return. Ring Sam on 020 7946 0000.": None,
    "Back at 10.30.": None,
    "Until 31 February.": None,
    "Away until 4 December 2031.": None,
    "I hope to see you on 4 December.": None,
    "On maternity leave until September.": None,
    "I work on Tuesday, Wednesday and Thursday and pick this up when I am next in.": None,
    "We answer within five working days.": None,
    "": None,
}


@pytest.mark.parametrize(("words", "expected"), NOTICES.items(), ids=NOTICES.keys())
def test_the_day_that_is_named(words, expected):
    assert back(words, SENT) == expected


@pytest.mark.parametrize(
    "piece",
    [
        "until ",
        "1.",
        "until 1.",
        "back monday ",
        "4 de ",
        "lundi, ",
        " " * 40,
        "1 mi na ",
        "from 1 ",
        "until may ",
        "mon, the ",
    ],
)
def test_a_long_text_costs_little(piece):
    started = time.process_time()
    back(piece * 20_000, SENT)
    assert time.process_time() - started < 0.5
