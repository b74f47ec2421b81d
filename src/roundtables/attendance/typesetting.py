"""From values to PDF, by typst and the templates beside the pages'. What people wrote is handed over as data."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, cast

import typst

from roundtables.texts import spoken
from roundtables.web.languages import catalogue
from roundtables.web.templating import static_folder, templates_folder

LONGEST_WORD, PIECE = 26, 13
INVISIBLE = dict.fromkeys((*range(8234, 8239), *range(8294, 8298), 8206, 8207, 1564, 65279))
CONTROL = dict.fromkeys((*range(32), *range(127, 160), 8232, 8233), " ")


def pdf(data: Mapping[str, Any], *, language: str, at: datetime) -> bytes:
    """A4 pages of templates/attendance/paper.typ, fonts embedded; the same values and moment, the same bytes."""
    how = {"format": "pdf", "timestamp": int(at.timestamp()), "pdf_standards": ["ua-1"]}
    return cast("bytes", _compiled(data, language, **how))


def pictures(data: Mapping[str, Any], *, language: str, dots_per_inch: int = 96) -> list[bytes]:
    """The same pages as PNG."""
    found = _compiled(data, language, format="png", ppi=float(dots_per_inch))
    return found if isinstance(found, list) else [found]


def one_line(words: str) -> str:
    """
    What somebody wrote as one line that can be set: no control characters, nothing that turns the direction of what
    follows, and a place to break in words longer than a line.
    """
    said = " ".join(words.translate(CONTROL).translate(INVISIBLE).split())
    return " ".join(_breakable(word) for word in said.split(" "))


@cache
def families() -> frozenset[str]:
    """The fonts there are: ours, typst's own, and those of the machine."""
    return frozenset(_fonts().families())


def _compiled(data: Mapping[str, Any], language: str, **how: Any) -> Any:
    said = json.dumps(_said(data, catalogue(language)) | {"language": language.partition("-")[0]}, ensure_ascii=False)
    folder = _templates()
    return typst.compile(folder / "paper.typ", root=folder, font_paths=_fonts(), sys_inputs={"data": said}, **how)


@cache
def _fonts() -> typst.Fonts:
    """Found once: looking through a machine's fonts takes longer than thirty badges."""
    return typst.Fonts(font_paths=[static_folder() / "fonts" / "print"])


@cache
def _templates() -> Path:
    return templates_folder() / "attendance"


def _said(value: Any, speaks: Any) -> Any:
    """Every text in the language of whoever prints, and as a line that can be set."""
    if isinstance(value, Mapping):
        return {name: _said(one, speaks) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_said(one, speaks) for one in value]
    return one_line(cast("str", spoken(value, speaks))) if isinstance(value, str) else value


def _breakable(word: str) -> str:
    """The word with places to break in what is too long between its hyphens."""
    if len(word) <= LONGEST_WORD:
        return word
    return "".join(_pieces(part) if len(part) > LONGEST_WORD else part for part in re.split(r"(?<=[-–/])", word))


def _pieces(part: str) -> str:
    return "\u200b".join(part[at : at + PIECE] for at in range(0, len(part), PIECE))
