"""
Collects every text that can be translated and brings the catalogues up to date: `make texts`.

Texts stand in templates as `{% trans %}…{% endtrans %}` and `_("…")`, in modules as in src/roundtables/texts.py, as
what a Refusal says, and as `needed="…"` of a form. A text that is gone stays at the end of a catalogue, as a comment.
"""

import ast
import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment, nodes
from jinja2.ext import InternationalizationExtension

ROOT = Path(__file__).resolve().parents[1]
TEMPLATES, MODULES = ROOT / "templates", ROOT / "src" / "roundtables"
LOCALE = MODULES / "locale"
ALL_WORDS = LOCALE / "roundtables.pot"
NOT_YET = ("web/api.html", "mailroom/")  # templates for programmers and for the demo: English only
FOR_OPERATORS = ("mail/", "mailroom/", "calendar/", "commands", "doctoring", "serving", "settings", "db.py", "worker")
ONE_TEXT = ("_", "marked", "Refusal", "NotAllowed", "NotFound")
NO_NEWS = (  # of a header: what changes with every run, or says nothing
    *(
        '"Project-Id-Version:',
        '"Report-Msgid-Bugs-To:',
        '"POT-Creation-Date:',
        '"PO-Revision-Date:',
        '"Last-Translator:',
        '"Language-Team:',
    ),
    '"Generated-By:',
)

CLASSES = re.compile(r"{% block main_class %}.*?{% endblock %}|{% macro _more.*?{% endmacro %}|{{ id }}-\w+", re.DOTALL)

Found = tuple[str | tuple[str, str], str, str]  # a text or its two forms, its context, the file


def texts() -> Iterator[Found]:
    """Every text of the templates and modules, in the order of their files."""
    for path in templates():
        for words, context in in_template(path.read_text("utf-8")):
            yield words, context, f"templates/{path.relative_to(TEMPLATES)}"
    for path in modules():
        for words, context in in_module(path.read_text("utf-8")):
            yield words, context, f"src/roundtables/{path.relative_to(MODULES)}"


def templates() -> list[Path]:
    found = sorted(path for path in TEMPLATES.rglob("*") if path.suffix in (".html", ".txt"))
    return [path for path in found if not str(path.relative_to(TEMPLATES)).startswith(NOT_YET)]


def modules() -> list[Path]:
    return sorted(p for p in MODULES.rglob("*.py") if not str(p.relative_to(MODULES)).startswith(FOR_OPERATORS))


def in_template(source: str) -> Iterator[tuple[str | tuple[str, str], str]]:
    found = _jinja().extract_translations(source, ("_", "many", "gettext", "ngettext", "pgettext"))  # type: ignore[attr-defined]  # of the extension
    for _line, function, message in found:
        words = [one for one in (message if isinstance(message, tuple) else (message,)) if one is not None]
        if function == "pgettext":
            yield words[1], words[0]
        elif words:
            yield (words[0], words[1]) if function in ("many", "ngettext") else words[0], ""


def in_module(source: str) -> Iterator[tuple[str | tuple[str, str], str]]:
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        words = [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        if name in ONE_TEXT and words:
            yield words[0], ""
        elif name == "many" and len(words) == 2:
            yield (words[0], words[1]), ""
        elif name == "pgettext" and len(words) == 2:
            yield words[1], words[0]
        yield from ((one, "") for one in _beside(name, node))


def _beside(name: str, call: ast.Call) -> Iterator[str]:
    """What a form says of a field left empty, and what several Refusals say."""
    said = [one.value for one in call.keywords if one.arg == "needed"]
    if name == "Refusals" and call.args and isinstance(call.args[0], ast.Dict):
        said += call.args[0].values
    yield from (one.value for one in said if isinstance(one, ast.Constant) and isinstance(one.value, str) and one.value)


def unmarked(source: str) -> list[str]:
    """Words of a template that nobody could translate."""
    outline = _Outline()
    source = CLASSES.sub("", source)
    tree = _jinja().parse(source)
    outline.feed("\ufffc".join(node.data for node in tree.find_all(nodes.TemplateData)))
    outline.close()
    for call in list(tree.find_all(nodes.Call)):
        if isinstance(call.node, nodes.Name) and call.node.name in ("_", "many", "gettext", "ngettext", "pgettext"):
            call.args = []
    said = [node.value for node in tree.find_all(nodes.Const) if isinstance(node.value, str)]
    return outline.words + [words for words in said if _is_prose(words)]


def catalogue() -> Catalog:
    """All texts, without translations."""
    made = Catalog(charset="utf-8", fuzzy=False)
    made.header_comment = "# Every text of Roundtables, written by `make texts`."
    for words, context, file in texts():
        made.add(words, context=context or None, locations=[(file, 0)], flags=_flags(words))
    return made


def update(language: str, source: Catalog) -> Catalog:
    """The catalogue of a language with the texts of today; what it said of them is kept."""
    path = LOCALE / f"{language}.po"
    found = read_po(path.open("rb"), locale=language)
    found.update(source, no_fuzzy_matching=True, update_header_comment=False)
    return found


def main() -> int:
    source = catalogue()
    _write(source, ALL_WORDS)
    for path in sorted(LOCALE.glob("*.po")):
        found = update(path.stem, source)
        missing = sum(1 for message in found if message.id and not is_said(message.string))
        _write(found, path)
        print(f"{path.stem}: {len(found) - missing} of {len(found)} texts")
    return 0


def is_said(string: str | tuple[str, ...] | list[str] | None) -> bool:
    return bool(string) if isinstance(string, str) else bool(string) and all(string)


def _write(found: Catalog, path: Path) -> None:
    written = BytesIO()
    write_po(written, found, width=120, include_lineno=False)
    lines = written.getvalue().decode().splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.startswith(NO_NEWS)), "utf-8")


def _flags(words: str | tuple[str, str]) -> tuple[str, ...]:
    every = words if isinstance(words, str) else words[0] + words[1]
    return ("python-format",) if "%(" in every else ("python-brace-format",) if "{" in every else ()


def _jinja() -> Environment:
    made = Environment(extensions=[InternationalizationExtension], trim_blocks=True, lstrip_blocks=True)  # noqa: S701  parses only
    made.newstyle_gettext = True  # type: ignore[attr-defined]  # of the extension: "%" is "%%" with and without names
    return made


def _is_prose(words: str) -> bool:
    letters = sum(letter.isalpha() for letter in words)
    return (
        letters > 2
        and not words.endswith("serif")
        and words[:1].isupper()
        and any(letter.islower() for letter in words)
    )


class _Outline(HTMLParser):
    """What stands between tags, and in attributes that are read out."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.code = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.code += tag in ("style", "code", "pre")
        for name, value in attrs:
            if name in ("aria-label", "title", "alt", "placeholder"):
                self.handle_data(value or "")

    def handle_endtag(self, tag: str) -> None:
        self.code -= tag in ("style", "code", "pre")

    def handle_data(self, data: str) -> None:
        for words in data.split("\ufffc"):
            if not self.code and sum(letter.isalpha() for letter in words) > 1:
                self.words.append(" ".join(words.split()))


if __name__ == "__main__":
    sys.exit(main())
