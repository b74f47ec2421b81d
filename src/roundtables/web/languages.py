"""The catalogues of src/roundtables/locale, read at first use and held in memory; there is none for English."""

from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from roundtables.texts import LANGUAGES, SOURCE, Catalogue

FOLDER = Path(__file__).resolve().parents[1] / "locale"


@cache
def catalogue(language: str) -> Catalogue:
    """What `language` says for our English. Raises KeyError for a language we do not have."""
    if language == SOURCE:
        return NullTranslations()
    LANGUAGES[language]
    return compiled((FOLDER / f"{language}.po").read_bytes(), language)


def compiled(po: bytes, language: str) -> GNUTranslations:
    """A catalogue from the text of its .po file. Raises babel's PoFileError where it cannot be read."""
    from babel.messages.mofile import write_mo  # half a second and many megabytes that English never needs
    from babel.messages.pofile import read_po

    binary = BytesIO()
    write_mo(binary, read_po(BytesIO(po), locale=language, abort_invalid=True))
    binary.seek(0)
    return GNUTranslations(binary)


def best(accepted: str) -> str:
    """The language of ours that a reader likes best, from their Accept-Language (RFC 9110 §12.5.4); else English."""
    wanted = [_wish(one) for one in accepted[:200].split(",")]
    for _, tag in sorted((-weight, tag) for weight, tag in wanted if weight > 0):
        found = next((ours for ours in LANGUAGES if ours.split("-")[0].lower() == tag), None)
        if found:
            return found
    return SOURCE


def _wish(one: str) -> tuple[float, str]:
    """ "cy-GB;q=0.8" → (0.8, "cy")."""
    tag, _, weight = one.partition(";")
    number = weight.strip().removeprefix("q=")
    known = number.replace(".", "", 1).isascii() and number.replace(".", "", 1).isdigit()
    return (float(number) if known else 1.0) if weight else 1.0, tag.strip().partition("-")[0].lower()
