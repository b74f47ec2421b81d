"""
What in a sentence speaks against applying an answer unseen, in plain words. Pure.

Signals are wide on purpose; a sentence that is talk, or about the way there, excuses some of them.
"""

from dataclasses import dataclass

from .propositions import Class, Strength
from .weighing import Weighed

TALK = 7  # words: a shorter sentence beside a yes is likely about it
TALK_UNKNOWN = 3  # so many words that no phrase knows make a sentence about something else
EXCLAIMED = 2  # words
DATE_ALONE = 5  # words
CONDITION_ALONE = 2  # a sentence whose first or second word is "if" belongs to the one before it
_FLAGS = {
    Class.ACCEPTED: ("somebody", "no", "cannot", "doubt", "if", "lament", "sorry"),
    Class.DECLINED: ("somebody",),
    Class.TENTATIVE: ("somebody", "no"),
}
_SIGNALS = {
    Class.ACCEPTED: (
        "holds", "deputy", "other", "guests", "part", "when", "elsewhen", "takes_back", "reports", "terms", "irony",
        "away", "left",
    ),
    Class.DECLINED: ("holds", "deputy", "recommends", "when", "offers", "reports", "irony", "away"),
    Class.TENTATIVE: ("holds", "deputy", "recommends", "reports", "irony", "away", "terms", "left"),
}  # fmt: skip
_DECIDING = {  # in the sentence that answers
    Class.ACCEPTED: ("before",),
    Class.DECLINED: ("before",),
    Class.TENTATIVE: ("before", "part"),
}
_REASONS = {"absent", "then", "reason"}  # flags
_EXCUSED_BY_FACTS = ("doubt", "if", "lament", "cannot", "no")
WHY = {
    "holds": "it asks or waits for something before it answers",
    "deputy": "somebody else may come instead",
    "other": "it speaks of somebody else",
    "recommends": "it speaks of somebody else",
    "guests": "it speaks of somebody else",
    "somebody": "it speaks of somebody else",
    "part": "it is about a part of the time",
    "when": "it may offer another time",
    "elsewhen": "it may offer another time",
    "offers": "it may offer another way",
    "takes_back": "it corrects or refers to something said before",
    "reports": "it passes on or quotes something",
    "terms": "it sets terms",
    "irony": "it may not be meant seriously",
    "away": "it reads a little like an absence notice",
    "left": "somebody may have left",
    "no": "a word of refusal stands in it",
    "cannot": "a word of refusal or regret stands in it",
    "lament": "a word of refusal or regret stands in it",
    "sorry": "a word of refusal or regret stands in it",
    "online": "it may be about how to take part",
    "doubt": "it is not definite",
    "if": "it depends on something",
    "but": "it takes something back",
    "before": "it may speak of an earlier meeting",
    "same_day": "something else is on that day",
}


@dataclass(frozen=True, slots=True)
class Mail:
    """`settled`: its last word is "I shall come", and it asks nothing; `soft`: they come all the same."""

    settled: bool
    soft: bool


def against_sentence(says: Class, each: Weighed, decides: bool, mail: Mail) -> str:
    if each.sentence.answers_a_quote:
        return "it answers a question that was quoted"
    if each.sentence.quotes and decides:
        return "it quotes somebody"
    for name in _SIGNALS[says]:
        if name in each.signals and not _let_pass(name, each, mail):
            return WHY[name]
    for name in _DECIDING[says]:
        if name in each.signals and (decides or "absent" in each.heard.flags):  # "I am away till Monday"
            return WHY[name]
    if _another_time(says, each, decides):
        return "it names a date or a time that is not the meeting's"
    for name in _FLAGS[says]:
        if name in each.heard.flags and (decides or not _excused(name, each)):
            return WHY[name]
    if says is Class.DECLINED and decides and "if" in each.heard.flags and not _in_any_case(each):
        return WHY["if"]
    screened = "online" in each.facts or (decides and "room" in each.facts)
    if says is Class.DECLINED and screened and "either" not in each.facts:
        return WHY["online"]
    if each.sentence.asks and not _harmless_question(says, each, decides):
        return "it asks something"
    return _but(says, each) if decides else ""


def _in_any_case(each: Weighed) -> bool:
    """ "I would if I could, but I can't"; "I can't, because if I did …"."""
    flags = each.heard.flags
    turned, since = max(flags.get("but", -1), flags.get("so", -1)), flags.get("because", -1)
    refusing = [one.at for one in each.heard.said if one.refuses]
    return any(flags["if"] < turned <= at or at < since < flags["if"] for at in refusing)


def _let_pass(name: str, each: Weighed, mail: Mail) -> bool:
    if name == "takes_back":  # "Scratch my note of last week. I can come after all."
        return mail.settled and not each.heard.flags.keys() & {"no", "cannot", "lament"}
    if name == "terms":  # "Could you pay the train? No worries if not."
        return mail.soft
    return name == "part" and "sharp" in each.facts and not each.sentence.asks


def _another_time(says: Class, each: Weighed, decides: bool) -> bool:
    """A yes bears no other date or hour outside the way there; a no none beside it; not knowing yet bears any."""
    if says is Class.TENTATIVE or not each.strange_parts or "otherwise" in each.heard.flags:
        return False
    if says is Class.ACCEPTED:
        return _in_the_yes(each) if decides else not (each.practical or _talk(each))
    return any(p.part in each.strange_parts for p in each.heard.said if p.says is says and p.strength > Strength.HINT)


def _in_the_yes(each: Weighed) -> bool:
    """Does the part that says yes, or a mere date beside it, name another time?"""
    said = {p.part for p in each.heard.said}
    return any(part in said or len(each.sentence.parts[part]) <= DATE_ALONE for part in each.strange_parts)


def _talk(each: Weighed) -> bool:
    """A sentence long enough to be about something else, which neither says nor asks anything of coming."""
    return each.sentence.words >= TALK and not each.heard.said and not each.sentence.asks


def _excused(name: str, each: Weighed) -> bool:
    if name == "if" and each.heard.flags["if"] < CONDITION_ALONE and each.sentence.words < TALK:
        return False  # "Only if the boat sails."
    aside = _talk(each) and each.heard.unknown >= TALK_UNKNOWN
    if aside and (name in ("doubt", "cannot") or (name in ("no", "lament") and not each.heard.flags.keys() & _REASONS)):
        return True
    return name == "sorry" or (each.practical and name in _EXCUSED_BY_FACTS)


def _harmless_question(says: Class, each: Weighed, decides: bool) -> bool:
    """About the way there, what is needed, the paper; or the asking itself: "could you pencil me in?"."""
    if decides and "asked" in each.heard.flags:
        return True
    exclaimed = each.sentence.words <= EXCLAIMED and not any(each.sentence.marks)
    if says is Class.DECLINED and (exclaimed or "parting" in each.heard.flags):
        return True  # "No thanks. 8am?", "Ask me for the next, will you?"
    return each.practical or (says is Class.TENTATIVE and decides)


def _but(says: Class, each: Weighed) -> str:
    """A "but" after the yes that is not about practical things."""
    if says is not Class.ACCEPTED or "but" not in each.heard.flags:
        return ""
    said = max((p.at for p in each.heard.said if p.says is says and p.strength > Strength.HINT), default=0)
    return WHY["but"] if each.heard.flags["but"] >= said and not (each.practical or "online" in each.facts) else ""
