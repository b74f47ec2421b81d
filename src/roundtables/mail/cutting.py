"""
The answer without what was quoted and without the signature. Pure, linear, line by line.

    top-posted      what stands above the first boundary is the answer
    below, inline   nothing above: the lines that are not quoted
    boundary        our marker; "… wrote:" with a date or an address; a block of From/Sent/To; an original-message rule
"""

import re
import tomllib
from collections.abc import Iterable
from importlib.resources import files

MAX_CHARACTERS = 32 * 1024
MAX_LINES = 400
MAX_LINE = 4_000
ANSWER_ABOVE = "##- Please write your answer above this line -##"
_DATA: dict[str, list[str]] = tomllib.loads(
    files(__package__).joinpath("phrases", "cutting.toml").read_text(encoding="utf-8")
)
_WROTE, _FROM = frozenset(_DATA["wrote"]), frozenset(_DATA["from"])
_SIGN_OFFS, _NOT_NAMES = frozenset(_DATA["sign_offs"]), frozenset(_DATA["not_names"])
_OPENERS, _FOOTERS, _BANNERS = tuple(_DATA["openers"]), tuple(_DATA["footers"]), tuple(_DATA["banners"])
_STANDING_NOTES = (*_FOOTERS, *_DATA["standing_notes"])
_BETWEEN_NAMES = frozenset(["x", "xx", "de", "van", "von", "le", "of"])
_HEADER = re.compile(r"\*?([^\W\d_][^:*]{0,20}?)\*?\s{0,3}[:：]\*?(?:\s|$|\*)")
_ORIGINAL = re.compile(r"-{2,}\s?[^\W\d_][^-]{3,60}-{2,}$")
_RULE = re.compile(r"[_=*~-]{8,}$")
_FIRST_PERSON = re.compile(r"\b(?:i|i'm|i'll|i've|i'd)\b")


def answer_text(text: str, sent_lines: Iterable[str] = ()) -> str:
    """
    What the person wrote in `text`, at most 400 lines of its first 32 kB, "" when all of it is quoted.

    Lines equal to one of `sent_lines`, but for white space, are ours and go.
    """
    ours = {folded for line in sent_lines if len(folded := _folded(line)) > 3}
    lines = [line[:MAX_LINE].rstrip() for line in text[:MAX_CHARACTERS].split("\n")[:MAX_LINES]]
    lines = _without_banner([_visible(line) for line in lines])
    boundary = _boundary(lines)
    above = _written(lines[:boundary], ours)
    return _signed_off(above or _written(lines[boundary:], ours))


def _visible(line: str) -> str:
    return line.replace("\u200e", "").replace("\u200f", "").replace("\u202f", " ").replace("\xa0", " ")


def _low(line: str) -> str:
    return line.strip().casefold().replace("’", "'")


def _folded(line: str) -> str:
    return " ".join(line.lstrip("> ").split()).casefold()


def _quoted(line: str) -> bool:
    return line.lstrip()[:1] in (">", "|")


def _written(lines: list[str], ours: set[str]) -> list[str]:
    """
    The lines that are neither quoted nor ours nor the scaffolding of a quotation, [] when none says anything.

    A quoted question right above an answer stays, in brackets: "No" below it may answer that and nothing else.
    """
    kept: list[str] = []
    asked = ""
    for line in _without_attributions(_without_header_blocks(lines)):
        if _quoted(line):
            asked = line.strip(">| \t") or asked
        elif _folded(line) not in ours and ANSWER_ABOVE not in line:
            if line.strip() and asked:
                kept += [f"[{asked}]", ""] if asked.endswith(("?", "？")) else []
                asked = ""
            kept.append(line)
    return kept if any(line.strip() for line in kept) else []


def _boundary(lines: list[str]) -> int:
    """The number of the first line that belongs to a quotation."""
    for number, line in enumerate(lines):
        if ANSWER_ABOVE in line or _groupwise(line) or _ORIGINAL.match(line.strip()) or _header_block(lines, number):
            return number
        if not _quoted(line) and _attributes(lines, number):
            return _start_of_attribution(lines, number)
    return len(lines)


def _attributes(lines: list[str], number: int) -> bool:
    """Does this line end "… wrote:", alone or together with the one or two before it?"""
    line = lines[number].strip()
    if not line.endswith((":", "：")) or len(line) > 400:
        return False
    windows = (" ".join(each.strip() for each in lines[max(0, number - more) : number + 1]) for more in range(3))
    follows = _quotation_follows(lines, number)
    return any(_names_a_writer(each) and (follows or each.casefold().startswith(_OPENERS)) for each in windows)


def _names_a_writer(window: str) -> bool:
    words = set(re.findall(r"[^\W\d_]+", window.casefold()[:600]))
    digit = any(char.isdigit() for char in window)
    return bool(words & _WROTE and (digit or "@" in window)) or ("@" in window and digit)


def _quotation_follows(lines: list[str], number: int) -> bool:
    return next((_quoted(line) for line in lines[number + 1 : number + 4] if line.strip()), False)


def _start_of_attribution(lines: list[str], number: int) -> int:
    for start in range(number, max(-1, number - 3), -1):
        if not lines[start].strip():
            break
        if _low(lines[start]).startswith(_OPENERS) and any(c.isdigit() for c in lines[start]):
            return start
    return number


def _groupwise(line: str) -> bool:
    """`>>> Name <name@example.org> 05/10/2026 16:41 >>>`: what follows is quoted without any mark."""
    line = line.strip()
    return line.startswith(">>> ") and line.endswith((">>>", ":")) and "@" in line and len(line) < 400


def _header_block(lines: list[str], number: int) -> bool:
    """Three header-like lines in a row of which the first is a From of some language."""
    first = _HEADER.match(lines[number].strip())
    if not first or first.group(1).strip().casefold() not in _FROM:
        return False
    return all(_HEADER.match(line.strip()) for line in lines[number + 1 : number + 3]) and number + 2 < len(lines)


def _without_header_blocks(lines: list[str]) -> list[str]:
    kept, skipping = [], False
    for number, line in enumerate(lines):
        skipping = (skipping and bool(_HEADER.match(line.strip()))) or _header_block(lines, number)
        if not skipping and not _ORIGINAL.match(line.strip()):
            kept.append(line)
    return kept


def _without_attributions(lines: list[str]) -> list[str]:
    gone: set[int] = set()
    for number, line in enumerate(lines):
        if not _quoted(line) and _attributes(lines, number):
            gone |= set(range(_start_of_attribution(lines, number), number + 1))
    return [line for number, line in enumerate(lines) if number not in gone]


def _without_banner(lines: list[str]) -> list[str]:
    """Warnings a mail server put on top: paragraphs of the first lines that begin as a warning does."""
    start = 0
    for _ in range(3):
        while start < len(lines) and not lines[start].strip():
            start += 1
        if start == len(lines) or not _low(lines[start]).startswith(_BANNERS):
            break
        while start < len(lines) and lines[start].strip():
            start += 1
    return lines[start:]


def _signed_off(lines: list[str]) -> str:
    for number, line in enumerate(lines):
        bare = line.strip()
        if line in ("--", "-- ") or _low(bare).startswith(_FOOTERS) or (_RULE.match(bare) and number):
            return _signed_off(lines[:number])
    speech = [number for number, line in enumerate(lines) if _is_speech(_low(line))]
    last_said = max(speech, default=-1)
    for number, line in enumerate(lines):
        if number >= last_said and _ends_letter(lines, number, line.strip()):
            return "\n".join(lines[:number]).strip()
    return "\n".join(lines).strip()


def _ends_letter(lines: list[str], number: int, bare: str) -> bool:
    """A closing formula, or a name on a line of its own below something said."""
    if not any(line.strip() for line in lines[:number]):
        return False
    formula, _, name = bare.partition(",")
    if formula.rstrip(".!").casefold() in _SIGN_OFFS and (not name.strip() or _is_name(name.strip())):
        return True
    return not lines[number - 1].strip() and _is_name(bare)


def _is_name(bare: str) -> bool:
    words = bare.rstrip(".,").split()
    if not 1 <= len(words) <= 4 or bare.endswith(("!", "?", ":")):
        return False
    if any(_low(word.strip(".,")) in _NOT_NAMES for word in words):
        return False
    return all(word[:1].isupper() or word in _BETWEEN_NAMES for word in words)


def _is_speech(line: str) -> bool:
    """Does this line talk, rather than state a post and an address?"""
    if line.startswith(_STANDING_NOTES):
        return False
    return line.startswith(("ps", "p.s")) or (bool(_FIRST_PERSON.search(line)) and len(line.split()) > 3)


def unsigned(text: str, name: str) -> str:
    """`text` without the writer's own name at its end, as in "Yes, count me in. Jo"; what speaks of them stays."""
    bare = text.rstrip(" \n\t.,!–-")
    known = {name, *name.split()[:1], *name.split()[-1:]}
    for one in sorted(known - {""}, key=len, reverse=True):
        before = bare[: -len(one)].rstrip(" \t")
        if bare.casefold().endswith(one.casefold()) and before[-1:] in (".", "!", ",", "\n", "–", "-"):
            return before
    return text
