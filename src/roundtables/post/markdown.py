"""
Markdown to the HTML of a post and to its plain words. Pure.

CommonMark with tables, footnotes and typographic quotes. Raw HTML is not read as such, pictures become links (a page
loads nothing from elsewhere), and what comes out passes an allow-list.
"""

import html
import re
from collections.abc import Sequence
from functools import cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin

TAGS = {
    *("p", "br", "hr", "h2", "h3", "h4", "em", "strong", "s", "code", "pre", "cite", "sup", "a"),
    *("ul", "ol", "li", "blockquote", "figure", "figcaption", "section"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {"a": {"href", "title", "id"}, "li": {"id"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto"}
HEADINGS = {"h1": "h2", "h2": "h2", "h3": "h3"}  # the page's own title is the only h1
ATTRIBUTION = re.compile(r"\s*(?:—|–|--)\s+")
LAST_WORD = re.compile(r"([^\s<>]+)</p>\s*$")

OPEN, CLOSE, STOP = "\ue000", "\ue001", "\ue002"  # private letters, replaced by marks once the text is HTML
OPENING = re.compile(f"{OPEN}(\\d+):(must|think){STOP}")
CLOSING = re.compile(f"{CLOSE}(\\d+){STOP}")
BLOCK_SIGNS = ">#-*+ \t"  # signs at the beginning of a line that a mark must not hide


def to_html(text: str) -> str:
    """Safe HTML; block quotations stand in a figure, a last line that begins with a dash is its caption."""
    return _clean(_reader().render(text))


def marked(text: str, places: Sequence[tuple[int, int, int, str]]) -> str:
    """The HTML of a text with numbered marks at (start, end, number, class), for those who write it."""
    for start, end, number, kind in sorted(places, reverse=True):
        start += len(text[start:end]) - len(text[start:end].lstrip(BLOCK_SIGNS))
        opening, closing = f"{OPEN}{number}:{kind}{STOP}", f"{CLOSE}{number}{STOP}"
        text = f"{text[:start]}{opening}{text[start:end]}{closing}{text[end:]}"
    drawn = OPENING.sub(r'<mark id="f\1" class="\2">', to_html(text))
    drawn = CLOSING.sub(r"<sup>\1</sup></mark>", drawn)
    return _clean(drawn, more={"mark"})


def to_plain(rendered: str) -> str:
    """The words alone, a line for each block."""
    spaced = re.sub(r"</(?:p|li|h[2-4]|tr|figcaption|pre)>", "\n", rendered)
    lines = html.unescape(nh3.clean(spaced, tags=set())).splitlines()
    return "\n".join(line.strip() for line in lines if line.strip())


def ended(rendered: str) -> str:
    """The HTML with the small table behind its last word that says: this is the end."""
    return LAST_WORD.sub(r'<span class="fin">\1</span></p>', rendered)


def _clean(raw: str, more: frozenset[str] | set[str] = frozenset()) -> str:
    return nh3.clean(
        raw,
        tags=TAGS | more,
        attributes=ATTRIBUTES | ({"mark": {"id"}} if more else {}),
        url_schemes=SCHEMES,
        link_rel=None,
        allowed_classes={"ol": {"footnotes-list"}, "mark": {"must", "think"}} if more else {"ol": {"footnotes-list"}},
    )


@cache
def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False, "typographer": True})
    reader.enable(["table", "strikethrough", "smartquotes"]).use(footnote_plugin)
    reader.core.ruler.push("house", _house)
    reader.add_render_rule("image", _picture)
    return reader


def _picture(_: object, tokens: Sequence[Token], place: int, *__: object) -> str:
    address = html.escape(str(tokens[place].attrGet("src") or ""))
    return f'<a href="{address}">{html.escape(tokens[place].content or "Picture")}</a>'


def _house(state: StateCore) -> None:
    """Our own touches on the parsed text: headings, captions, figures."""
    tokens: list[Token] = []
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = HEADINGS.get(token.tag, "h4")
        if token.type == "blockquote_open" and token.level == 0:
            tokens.append(Token("figure_open", "figure", 1, block=True))
        tokens.append(token)
        if token.type == "blockquote_close" and token.level == 0:
            tokens += [*_caption(tokens), Token("figure_close", "figure", -1, block=True)]
    state.tokens = tokens


def _caption(tokens: list[Token]) -> list[Token]:
    """Takes "— Someone from local government" off the end of a quotation; the caption, or nothing."""
    *_, opening, inline, closing, _end = tokens
    if inline.type != "inline" or not ATTRIBUTION.match(inline.content):
        return []
    del tokens[-4:-1]
    opening.type, opening.tag, closing.type, closing.tag = "caption_open", "figcaption", "caption_close", "figcaption"
    if inline.children:
        inline.children[0].content = ATTRIBUTION.sub("", inline.children[0].content, count=1)
    return [opening, inline, closing]
