"""Names for addresses on the web, and addresses for mail, checked. Pure."""

import re
import unicodedata

import email_validator
from email_validator import EmailNotValidError, validate_email

from roundtables.errors import Refusal

if "localhost" in email_validator.SPECIAL_USE_DOMAIN_NAMES:  # a small office's own machine is a fine place for mail
    email_validator.SPECIAL_USE_DOMAIN_NAMES.remove("localhost")


def slug(title: str) -> str:
    """ "Whose job is it to be kind?" → "whose-job-is-it-to-be-kind"; at most 60 letters, never empty."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain)
    kept = ""
    for word in words:
        if len(kept) + len(word) > 59:
            break
        kept = f"{kept}-{word}" if kept else word
    return kept or "untitled"


def unused(wanted: str, taken: set[str]) -> str:
    if wanted not in taken:
        return wanted
    return next(name for n in range(2, len(taken) + 3) if (name := f"{wanted}-{n}") not in taken)


def address_key(address: str) -> str:
    """The form in which two addresses are compared: no case, no outer space."""
    return unicodedata.normalize("NFC", address).strip().casefold()


def checked_address(text: str, *, field: str = "email") -> str:
    """One plain mail address. Raises Refusal."""
    try:
        found = validate_email(
            text.strip(),
            check_deliverability=False,
            globally_deliverable=False,
            test_environment=True,
            allow_smtputf8=False,
        )
        return found.ascii_email or found.normalized
    except EmailNotValidError as error:
        raise Refusal(f"“{text[:80]}” is not an e-mail address: {str(error)[:120]}", field=field) from error
