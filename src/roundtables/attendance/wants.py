"""What a need means for the room and the kitchen, without whose it is. Pure."""

import re
from collections.abc import Iterable

_LOOP = (
    r"(?:hearing[\s-]+(?:loop|aids?)|induction\s+loop|loop\s+system|t[\s-]coil|hard\s+of\s+hearing|dolen"
    r"|lip[\s-]*read)"
)
LOOP = re.compile(_LOOP, re.IGNORECASE)
NO_LOOP = re.compile(rf"\b(?:no|not|without|\w+n[’']t)\s+(?:\w+\s+){{0,3}}{_LOOP}", re.IGNORECASE)
ADDRESS = re.compile(r"\S+@\S+|\+?\d[\d\s().-]{6,}\d")
ALSO_WORDS = {"No", "Not", "Dr", "Sir", "The"}


def wants_loop(*words: str) -> bool:
    """Whether somebody asks for the hearing loop: "I use a hearing loop", but not "no hearing loop needed"."""
    said = " ".join(words)
    return bool(LOOP.search(NO_LOOP.sub(" ", said)))


def without_names(words: str, names: Iterable[str], organisations: Iterable[str] = ()) -> str:
    """
    The words with every part of these names, the organisations, every mail address and telephone number taken out.

    Only as they are written: "Lamb" is a guest's, "no lamb" is the kitchen's.
    """
    parts = {
        part for name in names for part in re.findall(r"[^\W\d_]+", name) if part[:1].isupper() or not part.isascii()
    }
    parts = {part for part in parts if len(part) > 1 and part not in ALSO_WORDS}
    parts |= {one.strip() for one in organisations if one.strip()}
    found = ADDRESS.sub("…", " ".join(words.split()))
    if parts:
        either = "|".join(sorted(map(re.escape, parts), key=len, reverse=True))
        found = re.sub(rf"(?<!\w)(?:{either})(?!\w)", "…", found)
    return re.sub(r"…(?:[\s.]*…)+", "…", found)


def counted(said: Iterable[str]) -> list[tuple[str, int]]:
    """Each wish once with how many have it, the commonest first: "Vegan" and "vegan." are one."""
    found: dict[str, tuple[str, int]] = {}
    for words in said:
        key = words.strip(" .").casefold()
        if key:
            found[key] = (found.get(key, (words.strip(), 0))[0], found.get(key, ("", 0))[1] + 1)
    return sorted(found.values(), key=lambda one: (-one[1], one[0].casefold()))
