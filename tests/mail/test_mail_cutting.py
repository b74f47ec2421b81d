import time

import pytest

from roundtables.mail.cutting import ANSWER_ABOVE, answer_text, unsigned

OURS = "Dear Jo,\nPlease answer Yes or No."
QUOTED = "\n".join(f"> {line}" for line in OURS.split("\n"))


@pytest.mark.parametrize(
    "text",
    [
        f"Yes please.\n\nOn Mon, 2 Nov 2026 at 09:15, Lantern <rt@example.org> wrote:\n{QUOTED}",
        f"Yes please.\nOn Mon, 2 Nov 2026 at 09:15, Lantern Roundtables\n<rt@example.org> wrote:\n{QUOTED}",
        f"Yes please.\n\nAm 02.11.2026 um 09:15 schrieb Lantern Roundtables:\n{OURS}",
        f"Yes please.\n\nLe lun. 2 nov. 2026 à 09:15, Lantern <rt@example.org> a écrit :\n{OURS}",
        f"Yes please.\n\n-----Original Message-----\nFrom: Lantern\n{OURS}",
        f"Yes please.\n\n________________________________\nFrom: Lantern\nSent: Monday\nTo: Jo\nSubject: Hi\n\n{OURS}",
        f"Yes please.\n\nVon: Lantern\nGesendet: Montag\nAn: Jo\nBetreff: Hi\n\n{OURS}",
        f"Yes please.\n\n*From:* Lantern <rt@example.org>\n*Date:* Monday\n*To:* Jo\n\n{OURS}",
        f">>> Lantern <rt@example.org> 02/11/2026 09:15 >>>\n{OURS}".join(["Yes please.\n\n", ""]),
        f"Yes please.\n\n{ANSWER_ABOVE}\n{OURS}",
        f"{QUOTED}\n\nYes please.",
        f"On 02/11/2026 09:15, Lantern wrote:\n{QUOTED}\nYes please.\n\n-- \nJo\n",
        "Yes please.\n-- \nJo Bloggs\nNo. 9 Cheap Street",
        "Yes please.\n\nBest wishes,\nJo\n\nJo Bloggs\nWe regret that we cannot reply at once.",
        "Yes please.\n\nKind regards, Jo",
        "Yes please.\n\nJo Bloggs\nDirector\nPlease note I do not work on Fridays.",
        "Yes please.\n\nSent from my iPhone",
        "Yes please.\n\n********************\nThis e-mail is private.",
        "CAUTION: External sender.\nDo not click links.\n\nYes please.",
        "\u200eYes please.\n\n> no\n>> not at all\n| never",
    ],
)
def test_only_the_answer_is_left(text):
    assert answer_text(text).replace("\u200e", "") == "Yes please."


@pytest.mark.parametrize(
    "text",
    [
        "I can come on 3 May, with one thing to add:\nI am vegetarian.",
        "Thank you.\n\nBest wishes,\nJo\n\nPS I cannot come after all.",
        "No",
        "Jo here.\n\nNot Coming",
        "Yes please.\n\nJo\n\nOn reflection I would rather not come at all.",
    ],
)
def test_what_was_said_is_never_cut(text):
    assert answer_text(text) == text


@pytest.mark.parametrize("text", ["", QUOTED, "-- \nJo", "\n\n\n", f"On 02/11/2026 09:15, Lantern wrote:\n{QUOTED}"])
def test_nothing_said_is_nothing(text):
    assert answer_text(text) == ""


def test_lines_we_sent_are_ours():
    assert (
        answer_text("Yes please.\n  Please   answer YES or no.\nJo says so", OURS.split("\n"))
        == "Yes please.\nJo says so"
    )


@pytest.mark.parametrize(
    "text",
    [
        "On " * 7000,
        "\n" * 50000,
        ">" * 20000,
        "x" * 1000000,
        "On 1 a@b wrote:\n" * 3000,
        "Jo\n\n" * 9000,
        "From: x\n" * 9000,
        "-" * 40000,
        "* " * 20000,
        ("a" * 21 + ":") * 4000,
        "I am\n\nJo\n\n" * 4000,
    ],
    ids=lambda text: repr(text[:12]),
)
def test_cutting_is_linear_and_bounded(text):
    started = time.process_time()
    assert len(answer_text(text)) <= 32 * 1024
    assert time.process_time() - started < 0.25


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Yes, count me in. Jo", "Yes, count me in."),
        ("Sorry, no.\nJo Bloggs", "Sorry, no.\n"),
        ("Yes please!\n\n– Bloggs", "Yes please!\n\n–"),
        ("No, ask Jo", "No, ask Jo"),
        ("Jo", "Jo"),
        ("Will Josephine Jo", "Will Josephine Jo"),
        ("Yes.", "Yes."),
    ],
)
def test_the_writers_own_name_at_the_end_says_nothing(text, left):
    assert unsigned(text, "Jo Bloggs") == left
