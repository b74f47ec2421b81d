"""the log and its seals, the register of erasures, and whether an instance is held."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"

TEXT = sqlmodel.sql.sqltypes.AutoString
MOMENT = sqlmodel.sql.sqltypes.UTCDateTime
MARKS = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLES = {
    "audit": [
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("at", MOMENT(), nullable=False),
        *(sa.Column(name, TEXT(), nullable=False) for name in ("who", "what", "kind")),
        sa.Column("about", sa.Integer(), nullable=False),
        *(sa.Column(name, TEXT(), nullable=False) for name in ("state", "fields")),
    ],
    "audit_seal": [
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT(), nullable=False),
        sa.Column("last_id", sa.BigInteger(), nullable=False),
        sa.Column("marks", MARKS, nullable=False),
        *(sa.Column(name, TEXT(), nullable=False) for name in ("head", "signature")),
    ],
    "acting": [sa.Column("id", sa.Integer(), nullable=False), sa.Column("who", TEXT(), nullable=False)],
    "hold": [
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("since", MOMENT(), nullable=False),
        sa.Column("backup_of", MOMENT(), nullable=False),
        sa.Column("letters", sa.Integer(), nullable=False),
    ],
    "erasure": [sa.Column("hash", TEXT(), nullable=False), sa.Column("at", MOMENT(), nullable=False)],
}


def upgrade() -> None:
    for table, columns in TABLES.items():
        key = sa.PrimaryKeyConstraint(columns[0].name, name=op.f(f"pk_{table}"))
        op.create_table(table, *columns, key)
    op.create_index("ix_audit_kind_about", "audit", ["kind", "about", "id"])


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
