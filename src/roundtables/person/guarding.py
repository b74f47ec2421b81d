"""
Words that no spreadsheet takes for a formula, and the way back. Pure.

An apostrophe goes before what a program could read as one, at the beginning and after whatever another program may
take for the end of a cell (OWASP, CSV injection). Words that had apostrophes there get one more, so nothing is lost.
"""

import re

_BEGINS = r"(^|[;,\t\r\n])([ \"]*)"
_RISKY = r"(?=[=+\-@\t\r\x00＝＋－＠])"
_OPEN = re.compile(_BEGINS + r"('*)" + _RISKY)
_SHUT = re.compile(_BEGINS + r"('*)'" + _RISKY)


def guarded(words: str) -> str:
    """ "=1+1" → "'=1+1" """
    return _OPEN.sub(r"\1\2\3'", words)


def unguarded(words: str) -> str:
    """ "'=1+1" → "=1+1": what `guarded` made, as it was."""
    return _SHUT.sub(r"\1\2\3", words) if "'" in words else words
