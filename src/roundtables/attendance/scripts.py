"""Which names our fonts cannot set. Pure."""

import unicodedata
from collections.abc import Iterable, Set

OURS = {"LATIN", "GREEK", "CYRILLIC", "HEBREW", "ARABIC"}
ELSEWHERE = {  # a script and the fonts that machines have for it
    "CJK": ("Noto Sans CJK", "Noto Serif CJK", "Source Han"),
    "HIRAGANA": ("Noto Sans CJK", "Noto Serif CJK", "Source Han"),
    "KATAKANA": ("Noto Sans CJK", "Noto Serif CJK", "Source Han"),
    "HANGUL": ("Noto Sans CJK", "Noto Serif CJK", "Source Han"),
    "ARMENIAN": ("DejaVu Sans", "Noto Sans Armenian"),
    "GEORGIAN": ("DejaVu Sans", "Noto Sans Georgian"),
    "ETHIOPIC": ("Noto Sans Ethiopic",),
    "THAI": ("Noto Sans Thai",),
    "DEVANAGARI": ("Noto Sans Devanagari",),
    "BENGALI": ("Noto Sans Bengali",),
    "TAMIL": ("Noto Sans Tamil",),
    "GURMUKHI": ("Noto Sans Gurmukhi",),
}


def not_printable(names: Iterable[str], families: Set[str]) -> list[str]:
    """The names with letters for which there is no font among `families`: they would print as boxes."""
    return [name for name in names if not all(_has_font(script, families) for script in _scripts(name))]


def _scripts(name: str) -> set[str]:
    """ "王小明 Wang" → {"CJK", "LATIN"}; only letters have a script."""
    letters = (letter for letter in name if unicodedata.category(letter)[0] == "L")
    return {unicodedata.name(letter, "UNKNOWN").split()[0].split("-")[0] for letter in letters}


def _has_font(script: str, families: Set[str]) -> bool:
    if script in OURS or script in ("MODIFIER", "FEMININE", "MASCULINE"):
        return True
    return any(family.startswith(ELSEWHERE.get(script, ("none",))) for family in families)
