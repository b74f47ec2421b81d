"""HTML, and flowed text, to the plain text a person would see. Linear, shows nothing hidden. Pure."""

import html
import re

_RAW_NAMES = ("script", "style", "title", "textarea", "noscript", "template")
_EMPTY = frozenset(
    ["br", "hr", "img", "meta", "link", "wbr", "col", "input", "base", "area", "source", "track", "param", "embed"]
)
_LINES = frozenset(
    ["p", "div", "br", "hr", "tr", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "dt", "dd", "pre"]
).union(["blockquote", "section", "article", "address"])
_SHOWN = _LINES.union(
    ["html", "body", "span", "a", "b", "i", "em", "strong", "u", "s", "small", "big", "sub", "sup", "font", "center"],
    ["code", "tt", "main", "header", "footer", "label", "dl", "thead", "tbody", "tfoot", "td", "th", "caption"],
    ["o:p", "q", "cite", "abbr", "time", "mark"],
)
_RAW = re.compile(rf"</(?:{'|'.join(_RAW_NAMES)})\s*>", re.IGNORECASE)
_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9:]{0,20}")
_HIDDEN = re.compile(
    r"display:none|visibility:hidden|mso-hide:all|max-height:0(?![.\d])"
    r"|font-size:0(?![.\d])|(?<![-\w])opacity:0(?![.\d])"
)
_HIDDEN_ATTRIBUTE = re.compile(r"""(?:^|\s)hidden(?:\s|=|/|$)""")
_QUOTE = re.compile(r"gmail_quote|moz-cite-prefix|protonmail_quote|yahoo_quoted")
_QUOTE_FOLLOWS = re.compile(r"divrplyfwdmsg|appendonsend|isforwardcontent", re.IGNORECASE)
MAX_OPEN = 300
ORIGINAL = "-----Original Message-----"


def from_html(page: str) -> str:
    """The visible text of `page`; quotations are prefixed with "> ". Stops where the markup is beyond reading."""
    reader, at = _Page(), 0
    while at < len(page):
        opening = page.find("<", at)
        reader.text(page[at : opening if opening >= 0 else len(page)])
        if opening < 0:
            break
        at = _after_markup(reader, page, opening)
        if at < 0:
            break
    return reader.finished()


def unflowed(text: str, *, delete_space: bool = False) -> str:
    """format=flowed text with its soft line ends taken out (RFC 3676 §4.1)."""
    lines: list[str] = []
    soft = False
    for line in text.split("\n"):
        quoted = line.startswith(">")
        line = line[1:] if line.startswith(" ") else line  # RFC 3676 §4.4: space-stuffed
        if soft and not quoted and line != "-- ":
            lines[-1] += line
        else:
            lines.append(line)
        soft = not quoted and line.endswith(" ") and line != "-- "
        if soft and delete_space:
            lines[-1] = lines[-1][:-1]
    return "\n".join(lines)


def _after_markup(reader: "_Page", page: str, at: int) -> int:
    """Takes the tag, comment or stray "<" at `at`; the place after it, -1 when it never ends."""
    if page.startswith("<!--", at):
        end = page.find("-->", at + 4)
        return end + 3 if end >= 0 else -1
    slash = page.startswith("/", at + 1)
    name = _NAME.match(page, at + 1 + slash)
    if not name and page[at + 1 : at + 2] not in ("!", "?", "/"):
        reader.text("<")
        return at + 1
    end = page.find(">", at)
    if end < 0:
        return -1
    if not name:
        return end + 1
    tag = name.group().lower()
    if tag in _RAW_NAMES and not slash:
        closing = _RAW.search(page, end)
        return closing.end() if closing else -1
    reader.tag(tag, page[name.end() : end], closing=slash)
    return -1 if reader.beyond else end + 1


class _Page:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self.words: list[str] = []
        self.open: list[tuple[str, bool, bool]] = []  # tag, hidden, quoted
        self.hidden = self.quoted = 0
        self.beyond = False

    def text(self, raw: str) -> None:
        if raw and not self.hidden:
            self.words.append(_unescaped(raw))

    def tag(self, tag: str, attributes: str, *, closing: bool) -> None:
        if tag in _LINES:
            self._end_line()
        if closing:
            self._close(tag)
        elif tag not in _EMPTY:
            self._open(tag, attributes)
        if tag == "p" or (tag == "blockquote" and closing):
            self.lines.append("")

    def finished(self) -> str:
        self._end_line()
        return re.sub(r"\n{3,}", "\n\n", "\n".join(self.lines)).strip()

    def _open(self, tag: str, attributes: str) -> None:
        squeezed = "".join(attributes.lower().split())
        hidden = tag not in _SHOWN or bool(_HIDDEN.search(squeezed) or _HIDDEN_ATTRIBUTE.search(attributes.lower()))
        quoted = tag == "blockquote" or bool(_QUOTE.search(squeezed))
        if _QUOTE_FOLLOWS.search(squeezed) and not self.hidden:
            self.lines.append(ORIGINAL)
        self.open.append((tag, hidden, quoted))
        self.hidden += hidden
        self.quoted += quoted
        self.beyond = len(self.open) > MAX_OPEN

    def _close(self, tag: str) -> None:
        if not any(name == tag for name, _, _ in self.open):
            return
        name = ""
        while name != tag:
            name, hidden, quoted = self.open.pop()
            self.hidden -= hidden
            self.quoted -= quoted

    def _end_line(self) -> None:
        line = " ".join("".join(self.words).split())
        self.words = []
        if line:
            self.lines.append(("> " if self.quoted else "") + line)


def _unescaped(raw: str) -> str:
    try:
        return html.unescape(raw)
    except ValueError:  # a number of thousands of digits
        return raw
