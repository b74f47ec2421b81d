"""By which day somebody will know. Written on Wednesday 14 October 2026, for a meeting on Thursday 12 November."""

import time
from datetime import date

import pytest

from roundtables.mail import words

DAY, SENT = date(2026, 11, 12), date(2026, 10, 14)


def until(text: str) -> date | None:
    reading = words.read(text, subject="Re: Invitation", day=DAY, sent=SENT, invitee="Jo Bloggs", sender="Jo Bloggs")
    return reading.until


KNOWING = {
    "Not sure yet, I'll let you know by Friday week, the 23rd.": date(2026, 10, 23),
    "Not sure yet, will know by the end of next week.": date(2026, 10, 23),
    "Not sure yet. The rota is out on the 16th. I'll tell you on Monday 19th.": date(2026, 10, 19),
    "I don't know yet. They have promised to tell us this Friday. Shout if you haven't heard by Saturday.": date(
        2026, 10, 16
    ),
    "I'm not sure yet; give me until the weekend of the 24th.": date(2026, 10, 25),
    "I'm not sure yet, you will hear from me before the weekend.": date(2026, 10, 16),
    "I'm not sure yet. I'll phone you the night before.": date(2026, 11, 11),
    "Ich weiß es noch nicht, bis Ende nächster Woche melde ich mich.": date(2026, 10, 23),
    "Je ne sais pas encore, je vous réponds d'ici le 30 octobre.": date(2026, 10, 30),
    "Todavía no lo sé, el 30 de octubre te digo algo.": date(2026, 10, 30),
    "Non lo so ancora, Le faccio sapere entro il 30 ottobre.": date(2026, 10, 30),
    "Ik weet het nog niet, uiterlijk 30 oktober hoor je van mij.": date(2026, 10, 30),
    "Dwi ddim yn siŵr eto, mi ro i wybod i ti erbyn 30 Hydref.": date(2026, 10, 30),
    "Níl mé cinnte fós, cuirfidh mé scéala chugat faoin 30 Deireadh Fómhair.": date(2026, 10, 30),
    "Chan eil mi cinnteach fhathast, leigidh mi fios dhut ron 30 Dàmhair.": date(2026, 10, 30),
    "Not sure yet, I know I said no on Monday.": None,
    "Not sure yet, will let you know after the 12th.": None,
    "Not sure yet: the hospital says the 20th.": None,
    "Not sure yet, will confirm nearer the time.": None,
    "Not sure yet, I'll let you know by 20 November.": None,
    "I am on annual leave until 2 November.": None,
}


@pytest.mark.parametrize(("text", "day"), KNOWING.items(), ids=KNOWING.keys())
def test_the_day_by_which_they_know(text, day):
    assert until(text) == day


@pytest.mark.parametrize("hour", ["2pm", "14h", "14 h", "14 uhr", "14u"])
def test_an_hour_beside_a_yes_is_for_a_person_to_look_at(hour):
    assert not words.read(f"I'll come at {hour}.", day=DAY, sent=SENT).certain


@pytest.mark.parametrize("piece", ["by the 1st ", "let you know by friday, ", "by ", "until "])
def test_a_long_text_costs_little(piece):
    until("warm")
    started = time.process_time()
    until("not sure yet. " + piece * 20_000)
    assert time.process_time() - started < 0.5
