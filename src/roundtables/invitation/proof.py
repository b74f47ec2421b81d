"""What our own mail server found out about a sender. Pure."""

import re
from functools import lru_cache

from authres import AuthenticationResultsHeader, AuthResError

from roundtables.mail.message import ReceivedMail

_POLICY_NONE = re.compile(r"dmarc\s*=\s*fail\s*\([^()]*\bp\s*=\s*none\b", re.IGNORECASE)
_POLICY_NONE_AS_A_PROPERTY = re.compile(r"\bpolicy\.(?:dmarc|published-domain-policy)\s*=\s*none\b", re.IGNORECASE)


def is_proven(mail: ReceivedMail) -> bool:
    """Whether it found the From address genuine (DMARC passed)."""
    return _dmarc(mail.authentication) == {"pass"}


def is_disproven(mail: ReceivedMail) -> bool:
    """Whether it found it forged: DMARC failed, and the domain asks to mind that (its policy is not "none")."""
    said = mail.authentication
    minded = not (_POLICY_NONE.search(said) or _POLICY_NONE_AS_A_PROPERTY.search(said))
    return "fail" in _dmarc(said) and minded


@lru_cache(maxsize=64)
def _dmarc(authentication: str) -> frozenset[str]:
    if not authentication:
        return frozenset()
    try:
        header = AuthenticationResultsHeader.parse(f"Authentication-Results: {authentication}")
    except (AuthResError, ValueError, IndexError):
        return frozenset()
    return frozenset(r.result for r in header.results if getattr(r, "method", "") == "dmarc")
