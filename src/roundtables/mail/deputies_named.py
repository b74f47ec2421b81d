"""Who would come instead: the name and the address a mail gives. Pure."""

import re
from collections.abc import Sequence

from .addresses import Mailbox, clean
from .propositions import name_words
from .spelling import bare
from .weighing import Weighed

_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_CAPITAL = re.compile(r"[^\W\d_][\w'’-]*\.?")
_ENDING = re.compile(r"['’](?:ll|s|d)$")  # "Lowri Jenkins'll"
MAX_NAME = 5


def found(written: Sequence[Weighed], text: str, invitee: str, copied: Sequence[Mailbox]) -> tuple[str, str]:
    """(name, address) of the deputy, each "" when it is not given."""
    proposing = [each for each in written if "deputy" in each.signals] or list(written)
    name = next(filter(None, (_name(each, invitee) for each in (*proposing, *written))), "")
    return name, _address(text, name, copied)


def _name(each: Weighed, invitee: str) -> str:
    """The longest run of capitalised words that is neither the invitee nor the start of the sentence."""
    runs: list[list[str]] = [[]]
    strange: set[str] = set()
    for number, word in enumerate(_ADDRESS.sub(" , ", each.sentence.verbatim).split()):
        plain = _ENDING.sub("", word.strip("()[].,;:!?\"“”'’"))
        low = each.book.spelling.words(plain)
        titled = bare(plain.lower()).rstrip(".") in each.book.titles
        named = plain[:1].isupper() and _CAPITAL.fullmatch(plain) and (number or len(low) == 1)
        known = bool(set(low) & each.book.known)  # "Sam" may be a word of a phrase: a name only beside another
        if titled or (named and not (known and not number) and not (set(low) & name_words(invitee))):
            strange.update([] if known or titled else [plain])
            runs[-1].append(plain)
            if word[-1:] in ",;:!?)" or (word.endswith(".") and not titled):
                runs.append([])
        elif runs[-1] and plain.lower() in each.book.particles:
            runs[-1].append(plain)
        else:
            runs.append([])
    names = [run for run in runs if (len(run) > 1 and not _titles(run, each)) or not strange.isdisjoint(run)]
    best = max(names, key=len, default=[])
    return " ".join(best[:MAX_NAME])


def _titles(run: Sequence[str], each: Weighed) -> bool:
    return all(bare(word.lower()).rstrip(".") in each.book.titles for word in run)


def _address(text: str, name: str, copied: Sequence[Mailbox]) -> str:
    written = [clean(address.rstrip(".")) for address in _ADDRESS.findall(text)]
    written = [address for address in written if address]
    words = name_words(name)
    matching = [address for address in written if any(word in address.lower() for word in words)]
    if matching or len(written) == 1:
        return (matching or written)[0]
    for mailbox in copied:
        if words & name_words(mailbox.name):
            return mailbox.address
    return copied[0].address if len(copied) == 1 and not written else ""
