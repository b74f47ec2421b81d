"""Finds a person's words in every text column of one convener's rows, and takes them out."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import JSON, Column, ColumnElement, Enum, LargeBinary, String, Table, TypeDecorator, cast, func, or_
from sqlalchemy import select as sql_select
from sqlmodel import Session, SQLModel

from roundtables.keeping.words import Words

PUBLIC = ("post", "post_topic", "report", "roundtable")  # what is said in public is for a person to decide about
NOT_THEIRS = (
    *("account", "acting", "api_token", "audit", "audit_seal", "convener", "erasure", "hold", "mailbox_place"),
    *("membership", "sign_in", "sign_in_link"),
)
GONE = ("remembered_answer",)  # rows that go as a whole
SCOPES = ("convener_id", "invitation_id", "roundtable_id", "person_id", "post_id", "import_id")
LIKE_ESCAPE = "\\"


def sweep(session: Session, convener_id: int, words: Words) -> list[str]:
    """Answers which public rows say them, as "post 3"; everywhere else their words are gone."""
    look: list[str] = []
    for table in SQLModel.metadata.sorted_tables:
        if table.name in NOT_THEIRS or not words.all:
            continue
        columns = [column for column in table.c if _is_words(column)]
        for row in _rows(session, table, columns, words, _scope(table, convener_id)):
            changed = {c.name: said for c in columns if (said := words.without(row[c.name])) != row[c.name]}
            if not changed:
                continue
            here = [c == row[c.name] for c in table.primary_key]
            if table.name in PUBLIC:
                look.append(f"{table.name} {row[next(iter(table.primary_key)).name]}")
            elif table.name in GONE:
                session.connection().execute(table.delete().where(*here))
            else:
                session.connection().execute(table.update().where(*here).values(**changed))
    session.expire_all()
    return sorted(set(look))


def _is_words(column: Column[Any]) -> bool:
    """Text or JSON, and not one of a few values."""
    kind = column.type.impl if isinstance(column.type, TypeDecorator) else column.type
    return isinstance(kind, String | JSON) and not isinstance(kind, Enum)


def _rows(
    session: Session, table: Table, columns: Sequence[Column[Any]], words: Words, scope: Sequence[ColumnElement[bool]]
) -> Iterator[Any]:
    """Rows in which one of the words may stand; the bytes of mails stay where they are."""
    fold = func.casefold if session.get_bind().dialect.name == "sqlite" else func.lower
    likely = [
        fold(cast(column, String)).like(f"%{_escaped(word)}%", escape=LIKE_ESCAPE)
        for column in columns
        for word in words.likely()
    ]
    if not likely:
        return iter(())
    wanted = [c for c in table.c if not isinstance(c.type, LargeBinary)]
    found = session.connection().execute(sql_select(*wanted).where(or_(*likely), *scope))
    return iter(found.mappings().all())


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _scope(table: Table, convener_id: int) -> list[ColumnElement[bool]]:
    """This convener's rows: by their own column, or by what they hang on."""
    if "convener_id" in table.c:
        mine: ColumnElement[bool] = table.c.convener_id == convener_id
        return [or_(mine, table.c.convener_id.is_(None))]
    for name in SCOPES[1:]:
        if name in table.c:
            parent = next(iter(table.c[name].foreign_keys)).column.table
            return [table.c[name].in_(sql_select(parent.c.id).where(*_scope(parent, convener_id)))]
    return []
