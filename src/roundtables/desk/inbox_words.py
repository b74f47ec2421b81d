"""
What the inbox says about a mail, in plain words: its title, what we think, the one button that does it, facts. Pure.

`says` is what a reading suggests (invitation/arrival.py); a word that is not known here is told as "not sure".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from roundtables.web.filters import weekday

UNINVITED = "Somebody we did not invite"
TITLES = {
    "deputy": "A deputy for {guest}",
    "counter": "{guest} proposes another time",
    "question": "{guest} asks something",
    "forwarded": "Somebody answered {guest}’s invitation",
    "assistant": "Somebody writes for {guest}",
    "refresh": "{guest}’s calendar asks for the newest version",
    "unsubscribe": "{guest} wants no more mail",
    "left": "{guest} has left",
    "bounced": "Undeliverable: {guest}",
    "refused": "Refused by the mail server of {guest}",
    "complaint": "{guest} called a letter of ours spam",
    "challenge": "{guest}’s mail filter asks who we are",
    "auto-reply": "Away: {guest}",
}
LIKELY = {"accepted": "a yes", "declined": "a no", "tentative": "not sure yet"}
PUT_DOWN = {"accepted": "Put down a yes", "declined": "Put down a no", "tentative": "Put down “not sure yet”"}
DONE_BY_HAND = {
    "question": "I have answered it",
    "refresh": "I have seen to it",
    "bounced": "I have seen to it",
    "refused": "I have seen to it",
    "complaint": "I have seen it",
    "challenge": "I have seen to it",
    "forwarded": "Leave it at that",
    "auto-reply": "Leave it at that",
}
THOUGHTS = {
    "counter": "We think: keep the time, and tell {guest} so",
    "question": "We think: {guest} would like a line from you first",
    "forwarded": "We think: the invitation was passed on; nobody is added unless you say so",
    "refresh": "We think: their calendar lost the invitation",
    "unsubscribe": "We think: {guest} is not to be written to again",
    "left": "We think: a no, as {guest} has left",
    "bounced": "We think: the address of {guest} is wrong or full",
    "refused": "We think: their server does not like our letters; the address is well",
    "complaint": "{guest} gets no more letters that ask",
    "challenge": "We think: our letter waits in a filter until somebody vouches for it",
    "auto-reply": "We think: {guest} is away, and this is no answer",
}
TO_DO = {
    "bounced": "Correct the address in the book and ask them again, or ring them.",
    "challenge": "Answer the filter from your own mail if you trust it, or ring them. We never do it by machine.",
    "left": "Correct their entry in the book. If they name somebody else, you can ask them below.",
    "unsubscribe": "Invitations and reminders stop, for all your tables; what is owed to a yes still goes.",
    "refused": "Ring them, or ask whoever runs your mail what the server’s words below mean.",
    "complaint": "Ring them if you think it was a slip; they can ask for letters again by the link in any of ours.",
    "question": "Answer from your own mail; this page sends no letter of its own.",
    "refresh": "You can ask them again from their page.",
    "forwarded": "No word about the guests or the room has gone out.",
}
NO_ANSWERS = ("bounced", "refused", "complaint", "challenge", "refresh", "auto-reply", "left", "unsubscribe")
LANGUAGES = {
    "cy": "Welsh",
    "gd": "Gaelic",
    "ga": "Irish",
    "fr": "French",
    "de": "German",
    "es": "Spanish",
    "it": "Italian",
    "nl": "Dutch",
    "pt": "Portuguese",
    "pl": "Polish",
    "sv": "Swedish",
    "da": "Danish",
}
NO_HINT: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Button:
    """A form's button: the decision, the answer that goes with it ("" if none), and its words."""

    decision: str
    answer: str
    words: str


def title(hint: Mapping[str, Any] | None, guest: str, *, sender: str = "", subject: str = "") -> str:
    """What is to be decided, in a few words."""
    hint = hint or NO_HINT
    if not guest:
        return f"{UNINVITED}: {sender}" if sender else UNINVITED
    if says := TITLES.get(_says(hint)):
        return says.format(guest=guest)
    likely = LIKELY.get(_answer(hint), "")
    return f"{guest}: {likely}, we think" if likely else f"A mail from {guest}"


def thought(hint: Mapping[str, Any] | None, guest: str, deputy: str = "") -> str:
    """The headline over what we suggest."""
    hint = hint or NO_HINT
    if _says(hint) == "deputy":
        return f"We think: seat {deputy} for {guest}" if deputy else f"We think: a deputy for {guest}"
    if guest and _says(hint) in THOUGHTS:
        return THOUGHTS[_says(hint)].format(guest=guest)
    if guest and (likely := LIKELY.get(_answer(hint))):
        return f"We think: {likely} from {guest}"
    return "We are not sure what to make of it"


def main_button(hint: Mapping[str, Any] | None, guest: str, deputy: str = "") -> Button:
    """The one thing that we suggest."""
    hint = hint or NO_HINT
    says = _says(hint)
    if guest and says == "deputy":
        return Button("seat-deputy", "", f"Seat {deputy}" if deputy else "Seat this deputy")
    if guest and says == "counter":
        return Button("decline-counter", "", f"Keep the time, tell {guest}")
    if guest and says == "unsubscribe":
        return Button("unsubscribe", "", "Send no more letters")
    answer = "declined" if says == "left" else _answer(hint)
    if guest and answer in PUT_DOWN and says not in DONE_BY_HAND:
        return Button("apply", answer, PUT_DOWN[answer])
    return Button("set-aside", "", DONE_BY_HAND.get(says, "Set it aside"))


def other_buttons(main: Button, hint: Mapping[str, Any] | None, guest: str) -> list[Button]:
    """What may be done instead, quieter; the people who could be asked or seated have a form of their own."""
    found = [Button("apply", answer, words) for answer, words in PUT_DOWN.items()] if guest else []
    if _says(hint or NO_HINT) == "counter" and moment((hint or NO_HINT).get("starts_at")):
        found.insert(0, Button("accept-counter", "", "Move the table"))
    if main.decision != "set-aside":
        found.append(Button("set-aside", "", "None of these: set it aside"))
    return [button for button in found if (button.decision, button.answer) != (main.decision, main.answer)]


def why_it_waits(reason: str, hint: Mapping[str, Any] | None = None) -> str:
    """Why a mail was not applied by itself, as a sentence; "" if nobody wrote it down."""
    if not reason.strip():
        return ""
    if reason.startswith(("undone", "set aside")) or _says(hint or NO_HINT) in NO_ANSWERS:
        return f"{sentence(reason.rstrip('.'))}."
    return f"It was not applied by itself: {reason.rstrip('.')}."


def tags(facts: Mapping[str, Any] | None, *, provisional: str = "") -> list[str]:
    """What a mail tells beside its answer; `provisional` is the address that answered for somebody."""
    facts = facts or NO_HINT
    back, until = _date(facts.get("back")), _date(facts.get("until"))
    language = str(facts.get("language") or "")[:20]
    found = [
        f"Back on {weekday(back)}" if back else "",
        f"Until {weekday(until)}" if until else "",
        {"online": "Online", "room": "In the room"}.get(str(facts.get("mode", "")), ""),
        "Would like the write-up" if facts.get("wants_writeup") else "",
        "Has left" if facts.get("left") else "",
        f"Provisional, via {provisional}" if provisional else "",
        f"Written in {LANGUAGES.get(language, language)}" if language not in ("", "en") else "",
        *[sentence(str(note)[:200]) for note in _notes(facts)],
    ]
    return [words for words in found if words]


def sentence(text: str) -> str:
    """With a capital."""
    return f"{text[:1].upper()}{text[1:]}"


def moment(value: object) -> datetime | None:
    """An ISO 8601 moment with a zone as a suggestion keeps it, None for anything else, and for no year of ours."""
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return found if found.utcoffset() is not None and 1970 < found.year < 2200 else None


def _says(hint: Mapping[str, Any]) -> str:
    return str(hint.get("says") or "")


def _answer(hint: Mapping[str, Any]) -> str:
    return str(hint.get("answer") or "")


def _notes(facts: Mapping[str, Any]) -> list[object]:
    notes = facts.get("notes")
    return notes[:10] if isinstance(notes, list) else []


def _date(value: object) -> date | None:
    try:
        return date.fromisoformat(str(value)) if value else None
    except ValueError:
        return None
