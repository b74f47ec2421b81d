"""answers by mail: deliveries in doubt, what a mail says beside its answer, mailboxes elsewhere."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"

TEXT = sqlmodel.sql.sqltypes.AutoString
MOMENT = sqlmodel.sql.sqltypes.UTCDateTime
FACTS = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
NO, NOTHING, NONE_YET = sa.false(), "", "0"  # for the rows that are there already

# table -> name, type, what stands in rows of before (None: nothing, the column may be empty)
COLUMNS = {
    "incoming_mail": [("facts", FACTS, None), ("tells_needs", sa.Boolean(), NO)],
    "invitation": [
        ("bounce", TEXT(), NOTHING),
        ("away_until", sa.Date(), None),
        ("provisional", sa.Boolean(), NO),
        ("wants_writeup", sa.Boolean(), NO),
        ("mode", TEXT(), NOTHING),
        ("unsubscribe_hash", TEXT(), None),
    ],
    "outgoing_letter": [("doubts", sa.Integer(), NONE_YET), ("doubt_since", MOMENT(), None)],
    "person": [("unsubscribed_at", MOMENT(), None)],
    "roundtable": [("reply_hash", TEXT(), None)],
}
UNIQUE = [("invitation", "unsubscribe_hash"), ("roundtable", "reply_hash")]


def upgrade() -> None:
    op.create_table(
        "mailbox_place",
        sa.Column("mailbox", TEXT(), nullable=False),
        sa.Column("validity", sa.BigInteger(), nullable=False),
        sa.Column("uid", sa.BigInteger(), nullable=False),
        sa.Column("read_at", MOMENT(), nullable=False),
        sa.PrimaryKeyConstraint("mailbox", name=op.f("pk_mailbox_place")),
    )
    for table, columns in COLUMNS.items():
        for name, kind, before in columns:
            op.add_column(table, sa.Column(name, kind, nullable=before is None, server_default=before))
    for table, name in UNIQUE:
        op.create_index(op.f(f"ix_{table}_{name}"), table, [name], unique=True)


def downgrade() -> None:
    for table, name in UNIQUE:
        op.drop_index(op.f(f"ix_{table}_{name}"), table_name=table)
    for table, columns in COLUMNS.items():
        for name, *_ in columns:
            op.drop_column(table, name)
    op.drop_table("mailbox_place")
