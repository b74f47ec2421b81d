"""Which mailbox is read, and how to get into it: IMAP_URL, taken apart. Pure."""

import re
from base64 import b64encode
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

SCHEMES: Final = {"imap": 143, "imap+starttls": 143, "imaps": 993}
LOOKS: Final = "must look like imaps://user:password@host:993/INBOX, or begin with imap+starttls:// or imap://"
KNOWN: Final = ("auth", "token_file", "move")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_BEYOND_ASCII = re.compile(r"[^\x20-\x7e]+")


@dataclass(frozen=True, slots=True)
class MailboxAddress:
    """`token_file` is "" where the password stands in the URL; `move`: the folder a mail goes to once it is kept."""

    scheme: str
    host: str
    port: int
    user: str
    password: str
    folder: str
    oauth: bool = False
    token_file: str = ""
    move: str = ""

    @property
    def name(self) -> str:
        """What we call the mailbox in the database: no password in it."""
        return f"{self.user}@{self.host}:{self.port}/{self.folder}"


def parse(url: str) -> MailboxAddress:
    """The parts of an IMAP_URL. Raises ValueError in words for an operator."""
    parts = urlsplit(url)
    asked = _asked(parts.query)
    user, password, folder = (unquote(text or "") for text in (parts.username, parts.password, parts.path[1:]))
    if parts.scheme not in SCHEMES or not parts.hostname or not user or parts.port == 0 or parts.fragment:
        raise ValueError(LOOKS)
    if _CONTROL.search(user + password + folder + "".join(asked.values())):
        raise ValueError("must not hold line ends or other control characters")
    token_file, oauth = asked.get("token_file", ""), "auth" in asked
    if token_file and not oauth:
        raise ValueError("token_file needs auth=xoauth2 beside it")
    if bool(password) == bool(token_file):
        raise ValueError("needs either a password or, with auth=xoauth2, a token_file")
    port = parts.port or SCHEMES[parts.scheme]
    move, folder = asked.get("move", ""), folder or "INBOX"
    if move == folder:
        raise ValueError("move must name another folder than the one that is read")
    return MailboxAddress(parts.scheme, parts.hostname, port, user, password, folder, oauth, token_file, move)


def _asked(query: str) -> dict[str, str]:
    """What stands behind the question mark."""
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))
    except ValueError:
        raise ValueError(LOOKS) from None
    asked = dict(pairs)
    if len(asked) < len(pairs) or any(name not in KNOWN or not value for name, value in pairs):
        raise ValueError("knows only auth=xoauth2, token_file=PATH and move=FOLDER, each once")
    if asked.get("auth", "xoauth2") != "xoauth2":
        raise ValueError("knows no other auth than xoauth2")
    return asked


def quoted(folder: str) -> str:
    """A folder's name as it is written in a command: modified UTF-7 (RFC 3501 §5.1.3) between quotes."""
    escaped = _BEYOND_ASCII.sub(_shifted, folder.replace("&", "&-"))
    return '"' + escaped.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _shifted(found: re.Match[str]) -> str:
    packed = b64encode(found[0].encode("utf-16-be")).rstrip(b"=").replace(b"/", b",")
    return f"&{packed.decode()}-"
