"""How people are named and found. Pure."""

import re
import unicodedata

LANGUAGE = re.compile(r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}$", re.ASCII)
TITLES = """dr prof professor sir dame lord lady baroness baron rev revd reverend mr mrs ms mx miss
councillor cllr"""
HONORIFICS = frozenset(TITLES.split())


def sort_key(name: str) -> str:
    """Surname first, without case or accents: "Dr Zoë Ångström" → "angstrom zoe"."""
    plain = unicodedata.normalize("NFKD", name)
    words = "".join(c for c in plain if not unicodedata.combining(c)).casefold().split()
    words = [w for w in words if w.strip(".") not in HONORIFICS] or words
    return " ".join(words[-1:] + words[:-1])


def greeting(name: str) -> str:
    """How a letter begins: "Rhiannon Pugh" → "Rhiannon", "Dr Nkechi Amadi" → "Dr Amadi"."""
    words = name.split()
    if len(words) > 2 and words[0].strip(".").casefold() in HONORIFICS - {"sir", "dame"}:
        return f"{words[0]} {words[-1]}"
    if len(words) > 1 and words[0].strip(".").casefold() in {"sir", "dame"}:
        return f"{words[0]} {words[1]}"
    return words[0] if len(words) > 1 and words[0].strip(".").casefold() not in HONORIFICS else name
