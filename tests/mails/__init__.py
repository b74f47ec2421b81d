"""
Mails as the programs of the world write them, in our own words.

The files are readable: what a program codes stands plain between `<<<base64` or `<<<quoted-printable` and `>>>`.
TOKENJO is the token of Jo's reply address, UIDOFTABLE the UID of the invitation she answers, jo@example.org Jo.
"""

import base64
import quopri
from pathlib import Path

HERE = Path(__file__).parent
NAMES = sorted(path.stem for path in HERE.glob("*.eml"))


def golden(name: str, **values: str) -> bytes:
    """The bytes of tests/mails/<name>.eml, CRLF line ends, with each of `values` put in the place of its name."""
    text = (HERE / f"{name}.eml").read_text(encoding="utf-8")
    for placeholder, value in values.items():
        text = text.replace(placeholder, value)
    written, *coded = text.split("<<<")
    for piece in coded:
        encoding, _, rest = piece.partition("\n")
        inside, _, after = rest.partition(">>>\n")
        written += _coded(encoding, inside) + after
    return written.replace("\n", "\r\n").encode()


def _coded(encoding: str, text: str) -> str:
    if encoding == "base64":
        return base64.encodebytes(text.replace("\n", "\r\n").encode()).decode()
    return "".join(f"{quopri.encodestring(line.encode()).decode()}=0D=0A=\n" for line in text.splitlines()) + "\n"
