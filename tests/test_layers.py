"""
The arrows of docs/architecture.md, as a test.

A file's name is its role, and a role has a rank: a file imports only roles of its own rank or below. A file that plays
a role under another name has its folder before it (`mail/words`); a folder where all are alike stands for its files.
Below the doors a noun uses only the nouns to its left; a door may call any noun. A new file gets a rank here first.
"""

import ast
from pathlib import Path

import pytest

SRC = Path(__file__).parents[1] / "src" / "roundtables"
NOUNS = ["convener", "person", "report", "roundtable", "invitation", "attendance", "post", "keeping"]
SHARED = ["calendar", "mail", "web"]
DOORS_ONLY = ["desk", "mailroom"]  # folders of doors that belong to no one noun
DOORS = 4
ROLES = {
    0: """acting keeping/chain keeping/words rules convener/browsers waves seats attribution table colour filters
          shapes tokens naming errors texts calendar attendance/paper_words attendance/plan_drawing attendance/scripts
          attendance/seating_changes attendance/seating_reasons attendance/seating_rules attendance/wants
          desk/inbox_text desk/inbox_words invitation/localised invitation/proof invitation/seating_plan
          invitation/verdict invitation/whose mailroom/replying post/markdown post/phrases post/pieces post/structured
          person/cards person/guarding person/headings person/incoming person/matching person/merging person/outgoing
          person/pasted person/reading person/report person/sheets person/workbook_xml person/workbooks post/telling
          post/text post/wording mail/addresses mail/automatic mail/backoff mail/bounces mail/charsets mail/compose
          mail/cutting mail/headers mail/imap_answers mail/mailbox_address mail/message mail/opening mail/parts
          mail/phrasebook mail/phrases mail/plain mail/program_words mail/reasons mail/redaction mail/returning
          mail/sentences mail/signature mail/tnef mail/words mail/deputies_named mail/extracts mail/listening
          mail/phrase_tree mail/propositions mail/spelling mail/tongues mail/until mail/weighing
          mail/second_reader mail/days_said
          mail/verdict mail/saying mail/objections""",
    0.5: "db settings templating watching web/languages web/speaking",
    1: "model once",
    2: """keeping/triggers keeping/register keeping/sealing keeping/running outbox inbox queries models mail/claims
          mail/mailbox_place mail/stationery mail/writing attendance/day attendance/nameless attendance/typesetting
          invitation/resolving post/readers post/searching invitation/guest_rows invitation/arrival invitation/at_hand
          invitation/notices invitation/organisations invitation/seat_counts desk/inbox_lists desk/inbox_reading
          desk/inbox_undoing desk/lines desk/opened desk/opening""",
    2.5: "letters attendance/papers invitation/further_letters invitation/wording",
    3: """keeping/holding keeping/sweeping keeping/erasing keeping/cleaning keeping/exporting keeping/reading
          keeping/retaining keeping/for_good keeping/packing keeping/dumping actions convener/colleagues
          convener/passkeys convener/passwords convener/second_factor convener/signing_in convener/tries desk/merging
          person/kept_files person/storing attendance/checking_in attendance/printing attendance/seating
          attendance/thanks invitation/answering invitation/by_calendar invitation/by_machine invitation/by_words
          invitation/by_bounce invitation/counters invitation/delegations invitation/unsubscribing
          invitation/recording invitation/refreshing invitation/assistants invitation/beside
          invitation/counter_proposals invitation/decisions invitation/deputies invitation/deputy_offers
          invitation/gathering invitation/handing invitation/nudging invitation/keeping desk/posting desk/steps
          desk/inbox_effects desk/inbox_opening""",
    4: """convener/account_pages convener/colleague_pages convener/entering convener/factor_pages convener/oidc
          convener/oidc_pages pages api person/export_pages person/import_command person/import_pages person/importing
          person/merge_pages person/progress replies chores feeds convener/access mail/imap mail/imap_client mail/lmtp
          mail/mailbox_reading mail/opener mail/reading_room mail/together mail/postman mail/transaction mail/wire
          web/answers web/api web/csrf web/forms web/health web/kept web/openapi web/problems web/shell
          invitation/intake invitation/facing invitation/unsubscribe_pages invitation/guest_reading roundtable/fields
          roundtable/reading invitation/guest_pages invitation/one_guest_pages invitation/ending_pages
          attendance/day_pages attendance/afterwards_pages attendance/at_day attendance/door_pages
          attendance/paper_pages attendance/seating_pages post/desk_pages post/proofs post/reading post/serving
          desk/frame desk/at_table desk/inbox_pages desk/inbox_deciding desk/metrics desk/outbox_pages
          mailroom/catcher mailroom/handing_in mailroom/mailbox""",
    5: "keeping/archive app worker cli commands doctoring doors seeds seed_texts serving demo mailroom/pages __main__",
}
RANK = {role: rank for rank, roles in ROLES.items() for role in roles.split()}
PURE = {role for role, rank in RANK.items() if rank == 0}
NOT_IN_PURE_CODE = {"sqlmodel", "sqlalchemy", "litestar", "smtplib", "jinja2", "os", "socket", "sqlite3", "subprocess"}
FILES = sorted(path for path in SRC.rglob("*.py") if path.name != "__init__.py")
every_file = pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SRC)))


def role(path: Path) -> str:
    """The name by which a file has its rank: `mail/words`, else `actions`, else the folder where all are alike."""
    inside = path.relative_to(SRC).with_suffix("")
    names = [str(inside), inside.name, inside.parent.name]
    return next((name for name in names if name in RANK), str(inside))


def noun(path: Path) -> str:
    return path.relative_to(SRC).parts[0]


def imports(path: Path) -> set[Path]:
    """Every file of ours that `path` imports, wherever in it the import stands."""
    return {file for name in imported_names(path) if (file := module_file(name))}


def imported_names(path: Path) -> set[str]:
    package = ("roundtables", *path.relative_to(SRC).parent.parts)
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            module = ".".join(filter(None, (base, node.module)))
            found |= {module} | {f"{module}.{alias.name}" for alias in node.names}
    return found


def module_file(name: str) -> Path | None:
    """`roundtables.mail.outbox` -> its file; None for other people's packages and for names inside a module."""
    top, *parts = name.split(".")
    file = SRC.joinpath(*parts).with_suffix(".py") if parts else SRC
    return file if top == "roundtables" and file.is_file() else None


def test_there_is_something_to_check() -> None:
    assert len(FILES) > 10


@every_file
def test_a_file_has_a_rank_and_a_known_folder(path: Path) -> None:
    assert role(path) in RANK, f"give {role(path)} a rank in tests/test_layers.py"
    assert path.parent == SRC or noun(path) in NOUNS + SHARED + DOORS_ONLY, (
        f"give {noun(path)} a place in tests/test_layers.py"
    )


@every_file
def test_imports_point_inwards(path: Path) -> None:
    own = RANK.get(role(path), 0)
    outwards = [str(file.relative_to(SRC)) for file in sorted(imports(path)) if RANK.get(role(file), 9) > own]
    assert not outwards, f"{path.relative_to(SRC)} (rank {own}) must not import {outwards}"


@every_file
def test_below_the_doors_a_noun_uses_only_nouns_to_its_left(path: Path) -> None:
    if noun(path) in SHARED:
        forbidden = set(NOUNS)
    elif noun(path) in NOUNS and RANK.get(role(path), 0) < DOORS:
        forbidden = set(NOUNS[NOUNS.index(noun(path)) + 1 :])
    else:
        forbidden = set()
    used = {name.split(".")[1] for name in imported_names(path) if name.startswith("roundtables.")}
    assert not used & forbidden


@pytest.mark.parametrize("path", [p for p in FILES if role(p) in PURE], ids=lambda path: str(path.relative_to(SRC)))
def test_rules_are_pure(path: Path) -> None:
    assert not {name.split(".")[0] for name in imported_names(path)} & NOT_IN_PURE_CODE


@pytest.mark.parametrize(
    "path", [p for p in FILES if role(p) in {"model", "pages", "api"}], ids=lambda path: str(path.relative_to(SRC))
)
def test_annotations_are_real_where_they_are_read_at_run_time(path: Path) -> None:
    assert "__future__.annotations" not in imported_names(path)
