"""Bytes to text by a short list of charsets; any other name is read as latin-1. Pure."""

import re
import unicodedata

_CODECS = {  # the name in a mail, without its punctuation -> Python's
    **{f"iso8859{n}": f"iso8859-{n}" for n in (*range(1, 12), *range(13, 17))},
    **{f"{name}125{n}": f"cp125{n}" for n in range(9) for name in ("windows", "cp")},
    **{name: name for name in ("utf16", "gb18030", "gbk", "gb2312", "big5", "latin1")},
    **{"utf16le": "utf-16-le", "utf16be": "utf-16-be", "iso2022jp": "iso2022_jp", "shiftjis": "shift_jis"},
    **{"eucjp": "euc_jp", "euckr": "euc_kr", "koi8r": "koi8-r", "koi8u": "koi8-u"},
}
_NOT_IN_NAMES = re.compile(r"[^a-z0-9]")
_BIDI_AND_INVISIBLE = dict.fromkeys(
    [0x00AD, 0x061C, 0x180E, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A)]
)


def decode(data: bytes, charset: str) -> str:
    """The text of `data`. Never fails: what does not fit becomes U+FFFD, no codec outside the list is called."""
    name = _NOT_IN_NAMES.sub("", charset.lower())
    if name in ("", "ascii", "usascii", "utf8"):
        return _utf8_or_latin1(data, labelled=name == "utf8")
    return data.decode(_CODECS.get(name, "latin-1"), errors="replace")


def one_line(text: str) -> str:
    """`text` without control, bidi and invisible characters, white space folded: fit for a header or a name."""
    text = text.translate(_BIDI_AND_INVISIBLE)
    return " ".join("".join(" " if _breaks_a_line(char) else char for char in text).split())


def _breaks_a_line(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp")


def _utf8_or_latin1(data: bytes, *, labelled: bool) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode(errors="replace") if labelled else data.decode("latin-1")
