"""
What the database writes into the log by itself: triggers, so that no statement of ours can forget it.

They are made anew after each migration from the columns that are there then (migrations/env.py), and taken away
before it: a migration may rebuild a table. Each entry costs one small insert in the transaction of the change
(docs/decisions/0019).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Inspector, inspect, text


@dataclass(frozen=True, slots=True)
class Watched:
    """A table whose changes are logged as `kind`. `about`, `state`: SQL on its row; `only`: these columns alone."""

    table: str
    kind: str
    about: str = "id"
    state: str = "''"
    only: Sequence[str] = ()
    kept: Sequence[str] = ("added", "changed", "removed")


OF_A_MAIL = ("outcome", "invitation_id", "tells_needs")
SEATED = "CASE WHEN {row}.holds_seat THEN ' seated' ELSE '' END"
WATCHED = (
    Watched("invitation", "invitation", state="{row}.state || " + SEATED),
    Watched(
        "incoming_mail", "mail", state="coalesce({row}.outcome, '')", only=("outcome", "invitation_id", "tells_needs")
    ),
    Watched("outgoing_letter", "letter", state="{row}.state", only=("state",)),
    Watched("roundtable", "roundtable", state="{row}.status"),
    Watched("person", "person"),
    Watched("person_address", "person", about="person_id"),
    Watched("account", "account"),
    Watched("membership", "membership", state="{row}.role"),
    Watched("api_token", "membership", about="membership_id"),
    Watched("attendance", "invitation", about="invitation_id"),
    Watched("needs", "invitation", about="invitation_id"),
    Watched("door_mark", "invitation", about="invitation_id"),
    Watched("walk_in", "roundtable", about="roundtable_id"),
    Watched("seating_plan", "roundtable", about="roundtable_id"),
    Watched("passkey", "account", about="account_id"),
    Watched("authenticator", "account", about="account_id"),
    Watched("post", "post", state="{row}.state"),
    Watched("report", "report"),
    Watched("convener", "convener"),
)
SEALED = ("audit", "audit_seal")  # nobody changes what stands in them
PREFIX = "audit_"
INTO = "INSERT INTO audit (at, who, what, kind, about, state, fields)"
_AT_SQLITE = "strftime('%Y-%m-%d %H:%M:%f', 'now') || '000'"
_AT_POSTGRESQL = "clock_timestamp()"
NEVER = "the log is never changed"


def watch(connection: Connection) -> None:
    """Makes every trigger, where the log is there."""
    known = inspect(connection)
    if not known.has_table("audit"):
        return
    for statement in _statements(connection.dialect.name, known):
        connection.execute(text(statement.replace(":", r"\:")))
    if connection.execute(text("SELECT 1 FROM audit LIMIT 1")).first() is None:
        _begin(connection, known)


def _begin(connection: Connection, known: Inspector) -> None:
    """What was there before the log: one entry each for where it stood when the log began."""
    at = _AT_SQLITE if connection.dialect.name == "sqlite" else _AT_POSTGRESQL
    for watched in WATCHED:
        if watched.state != "''" and known.has_table(watched.table):
            state = watched.state.format(row=watched.table)
            values = f"{at}, '', 'found', '{watched.kind}', {watched.about}, {state}, ''"
            found = f"{INTO} SELECT {values} FROM {watched.table} ORDER BY {watched.about}"  # noqa: S608 our own names
            connection.execute(text(found.replace(":", r"\:")))


def unwatch(connection: Connection) -> None:
    """Takes every trigger away."""
    sqlite = connection.dialect.name == "sqlite"
    for name, table in connection.execute(text(_THERE_SQLITE if sqlite else _THERE_POSTGRESQL)).all():
        connection.execute(text(f'DROP TRIGGER "{name}"' + ("" if sqlite else f' ON "{table}"')))
        if not sqlite:
            connection.execute(text(f'DROP FUNCTION IF EXISTS "{name}"()'))


_THERE_SQLITE = "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger' AND substr(name, 1, 6) = 'audit_'"
_THERE_POSTGRESQL = """SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
 JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE NOT t.tgisinternal AND substr(t.tgname, 1, 6) = 'audit_' AND n.nspname = current_schema()"""


def _statements(dialect: str, known: Inspector) -> Iterator[str]:
    write = _sqlite if dialect == "sqlite" else _postgresql
    for watched in WATCHED:
        if known.has_table(watched.table):
            there = [column["name"] for column in known.get_columns(watched.table)]
            yield from write(watched, [name for name in there if not watched.only or name in watched.only])
    if known.has_table("history"):
        yield from write(_HISTORY, [])
    for table in SEALED:
        for event in ("UPDATE", "DELETE"):
            yield from _refusing(dialect, table, event)


_HISTORY = Watched("history", "invitation", about="invitation_id", kept=("noted",))


def _fields(columns: Sequence[str], differs: str) -> str:
    """SQL for the names of the columns that changed, a blank before each."""
    return " || ".join(f"CASE WHEN {_differs(c, differs)} THEN ' {c}' ELSE '' END" for c in columns) or "''"


def _differs(column: str, differs: str) -> str:
    """Quoted: to PL/pgSQL a bare `loop` is a keyword."""
    return f'OLD."{column}" {differs} NEW."{column}"'


def _entry(watched: Watched, row: str, what: str, fields: str, who: str, at: str) -> str:
    """One log entry as an INSERT; of a history line the mail that it came of is who."""
    if what == "noted":
        who, fields = (
            f"CASE WHEN {row}.mail_id IS NULL THEN {who} ELSE 'mail:' || {row}.mail_id END",
            f"'line ' || {row}.id",
        )
    elif what in ("added", "removed") and watched.table not in (watched.kind, *_OWN.get(watched.kind, ())):
        fields = f"'{watched.table}'"
    about, state = f"{row}.{watched.about}", watched.state.format(row=row)
    return f"{INTO} VALUES ({at}, {who}, '{what}', '{watched.kind}', {about}, {state}, {fields});"


_OWN = {"mail": ("incoming_mail",), "letter": ("outgoing_letter",)}


def _sqlite(watched: Watched, columns: Sequence[str]) -> Iterator[str]:
    at, who = _AT_SQLITE, "coalesce((SELECT who FROM acting WHERE id = 1), '')"
    for event, row, what in _events(watched):
        name = f"{PREFIX}{watched.table}_{event.lower()}"
        fields = f"ltrim({_fields(columns, 'IS NOT')})" if event == "UPDATE" else "''"
        of = f" OF {', '.join(columns)}" if event == "UPDATE" and watched.only else ""
        when = ""
        if event == "UPDATE":
            when = " WHEN " + " OR ".join(_differs(c, "IS NOT") for c in columns)
        body = _entry(watched, row, what, fields, who, at)
        yield f"CREATE TRIGGER {name} AFTER {event}{of} ON {watched.table}{when} BEGIN {body} END"


def _postgresql(watched: Watched, columns: Sequence[str]) -> Iterator[str]:
    at, who = _AT_POSTGRESQL, "coalesce(current_setting('roundtables.who', true), '')"
    for event, row, what in _events(watched):
        name = f"{PREFIX}{watched.table}_{event.lower()}"
        fields = f"ltrim({_fields(columns, 'IS DISTINCT FROM')})" if event == "UPDATE" else "''"
        of = f" OF {', '.join(columns)}" if event == "UPDATE" and watched.only else ""
        body = _entry(watched, row, what, fields, who, at)
        if event == "UPDATE":
            differ = " OR ".join(_differs(c, "IS DISTINCT FROM") for c in columns)
            body = f"IF {differ} THEN {body} END IF;"
        yield f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NULL; END $$"
        yield f"CREATE TRIGGER {name} AFTER {event}{of} ON {watched.table} FOR EACH ROW EXECUTE FUNCTION {name}()"


def _events(watched: Watched) -> Iterator[tuple[str, str, str]]:
    """(event, whose row it names, the verb)."""
    for what in watched.kept:
        event, row = {"changed": ("UPDATE", "NEW"), "removed": ("DELETE", "OLD")}.get(what, ("INSERT", "NEW"))
        yield event, row, what


def _refusing(dialect: str, table: str, event: str) -> Iterator[str]:
    name = f"{PREFIX}never_{table}_{event.lower()}"
    if dialect == "sqlite":
        yield f"CREATE TRIGGER {name} BEFORE {event} ON {table} BEGIN SELECT RAISE(ABORT, '{NEVER}'); END"
        return
    raising = f"BEGIN RAISE EXCEPTION '{NEVER}'; END"
    yield f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ {raising} $$"
    yield f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
