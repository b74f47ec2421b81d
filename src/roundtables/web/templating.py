"""Where templates and static files are, and the environments that render them, one for each language, without state."""

import hashlib
import json
from functools import cache
from pathlib import Path

from jinja2 import FileSystemLoader, StrictUndefined

from roundtables.texts import SOURCE, known

from . import colour, filters, table
from .speaking import Speaking

FILTERS = (
    *(filters.day, filters.day_short, filters.day_year, filters.weekday, filters.clock, filters.ago_day),
    *(filters.on_weekday, filters.until_weekday),
    *(filters.count_words, filters.plural, filters.reading_minutes, filters.seats_sentence, filters.zone_words),
)
DRAWINGS = (
    *(table.organiser_table, table.invitee_table, table.public_table, table.welcome_table, table.fold_kinds),
    *(table.glyph, table.planned_glyph, table.seat, table.pips, table.mark),
)


def environment(language: str = SOURCE) -> Speaking:
    """The environment of a language; of English for one that we do not have."""
    return _environment(known(language))


@cache
def _environment(language: str) -> Speaking:
    """Jinja with everything escaped and nothing undefined; filters and drawings by their own names.

    `hours` and `when` take two moments and so are functions, as are the drawings.
    """
    # Letters have a plain part too; it switches escaping off by name.
    found = Speaking(
        language,
        loader=FileSystemLoader(templates_folder()),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    found.filters.update({one.__name__: one for one in FILTERS})
    found.globals.update({one.__name__: one for one in (*FILTERS, filters.hours, filters.when)})
    found.globals.update({one.__name__: found.speaking(one) for one in DRAWINGS})
    found.globals.update(asset=asset, vendored=vendored, mail_tints=colour.mail_tints, SeatState=table.SeatState)
    return found


def templates_folder() -> Path:
    """The packed templates, or the repository's in an editable install."""
    return _folder("_templates", "templates")


def static_folder() -> Path:
    """The packed static files, or the repository's in an editable install."""
    return _folder("_static", "static")


@cache
def asset(name: str) -> str:
    """The URL of a static file, "/static/style.css?v=0a1b2c3d4e": it changes whenever the file does.

    Raises FileNotFoundError for a file that is not ours.
    """
    digest = hashlib.sha256((static_folder() / name).read_bytes()).hexdigest()
    return f"/static/{name}?v={digest[:10]}"


@cache
def vendored(name: str) -> tuple[str, str]:
    """URL and integrity value ("sha384-…") of a script in static/vendor/manifest.json. Raises KeyError."""
    entry = json.loads((static_folder() / "vendor" / "manifest.json").read_text("utf-8"))[name]
    return f"/static/vendor/{entry['path']}", entry["integrity"]


def _folder(packed: str, in_repository: str) -> Path:
    here = Path(__file__).resolve()
    for folder in (here.parents[1] / packed, *(parent / in_repository for parent in here.parents[2:])):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"neither {packed} nor {in_repository} is to be found")
