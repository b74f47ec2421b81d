"""Every seat says why, and what is not kept is said plainly; a need is told only to those who read needs."""

from dataclasses import replace

import pytest

from roundtables.attendance.seating_reasons import Facts, not_kept, reasons
from roundtables.attendance.seating_rules import Place, Side, Somebody

CHAIR = Somebody(1, "Moira", "Hosts", "H", chair=True)
HOST = Somebody(2, "Farah", "Hosts", "H", host=True)
SPEAKER = Somebody(3, "Julia", "Larkmoor", "R", speaks=True)
ANN, BEN, CAI = (Somebody(n, name, f"Council {n}", "L") for n, name in ((4, "Ann"), (5, "Ben"), (6, "Cai")))
FIELDS = {"H": "Hosts", "R": "Research", "L": "Local government"}


def facts(*people, loop=Side.RIGHT, kept=(), reads_needs=False, names=None):
    plan = tuple(Place(one.id if one else None, bool(one) and one.id in kept) for one in people)
    here = {one.id: one for one in people if one}
    return Facts(plan, here, loop, FIELDS, names or {}, reads_needs)


def test_the_chair_and_the_speaker_see_each_other():
    why = reasons(facts(CHAIR, ANN, BEN, SPEAKER, CAI, HOST))
    assert why[0][0] == "In the chair, and sees Julia across the table"
    assert why[3][0] == "Speaks, and is in the chair’s eye across the table"


def test_every_seat_that_is_taken_has_a_reason_and_a_free_one_has_none():
    why = reasons(facts(CHAIR, ANN, None, SPEAKER, CAI, HOST))
    assert [bool(words) for words in why] == [True, True, False, True, True, True]


def test_colleagues_are_named_to_each_other():
    mine = replace(BEN, organisation=ANN.organisation)
    assert reasons(facts(CHAIR, ANN, HOST, mine))[1] == [
        "Apart from Ben, of the same organisation",
        "Beside other fields: Hosts",
    ]


def test_a_newcomer_is_told_whom_they_sit_beside():
    assert "Here for the first time, beside Farah" in reasons(facts(CHAIR, BEN, replace(ANN, newcomer=True), HOST))[2]


def test_a_deputy_says_for_whom_and_who_is_kept_says_so():
    why = reasons(facts(CHAIR, replace(ANN, principal=9), BEN, kept=(4,), names={9: "Dr Amadi"}))
    assert why[1][:2] == ["Kept in this seat by hand", "Comes for Dr Amadi"]


@pytest.mark.parametrize(
    ("reads", "words"),
    [(True, "On the side of the hearing loop (right), as asked for"), (False, "Here by request")],
)
def test_the_hearing_loop_is_named_only_to_those_who_read_needs(reads, words):
    found = facts(CHAIR, replace(ANN, loop=True), BEN, CAI, reads_needs=reads)
    assert words in reasons(found)[1]
    assert ("loop" in " ".join(str(one) for seat in reasons(found) for one in seat)) is reads


@pytest.mark.parametrize(
    ("reads", "words"),
    [
        (True, "Ann asked for the hearing loop and does not sit on its side."),
        (False, "A request of Ann about their seat is not kept."),
    ],
)
def test_a_request_that_is_not_kept_is_said_as_plainly_as_the_reader_may_know(reads, words):
    assert not_kept(facts(CHAIR, BEN, CAI, replace(ANN, loop=True), reads_needs=reads)) == [words]


@pytest.mark.parametrize(
    ("people", "kept", "words"),
    [
        ((CHAIR, SPEAKER, ANN, BEN, CAI, HOST), (), "Julia speaks and does not sit across from the chair."),
        (
            (CHAIR, ANN, replace(BEN, organisation="Council 4"), CAI, SPEAKER),
            (),
            "Ann and Ben, both of Council 4, sit side by side.",
        ),
        (
            (CHAIR, ANN, replace(BEN, organisation="Council 4"), CAI, SPEAKER),
            (5,),
            "Ann and Ben, both of Council 4, sit side by side, as kept by hand.",
        ),
        (
            (CHAIR, BEN, replace(ANN, newcomer=True), CAI),
            (),
            "Ann is here for the first time, and no host sits beside them.",
        ),
        ((ANN, BEN, CAI), (), "Nobody who comes is down as chair, so no seat was set for one."),
        ((CHAIR, ANN, replace(HOST, chair=True)), (), "More than one person is down as chair"),
    ],
)
def test_what_is_not_kept(people, kept, words):
    assert any(words in one for one in not_kept(facts(*people, kept=kept)))


def test_more_than_half_of_one_organisation_is_the_reason_itself():
    crowd = [replace(one, organisation="Tarn") for one in (CHAIR, ANN, BEN)]
    assert "Moira and Ann sit side by side: more than half the table is of Tarn." in not_kept(facts(*crowd, CAI))


def test_many_newcomers_are_counted_and_not_named():
    new = [Somebody(n, f"New {n}", f"O{n}", "L", newcomer=True) for n in range(10, 18)]
    assert not_kept(facts(CHAIR, *new)) == [
        "6 people here for the first time sit without a host beside them: hosts are few."
    ]


def test_newcomers_without_any_host():
    found = not_kept(facts(replace(ANN, newcomer=True), BEN))
    assert found[-1].startswith("Nobody who comes is down as host")


def test_a_plan_that_keeps_everything_says_nothing():
    assert not_kept(facts(CHAIR, ANN, BEN, SPEAKER, CAI)) == []
