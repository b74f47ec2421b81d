"""people by the file: what was uploaded and is looked through, and people made one."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"

TEXT = sqlmodel.sql.sqltypes.AutoString
MOMENT = sqlmodel.sql.sqltypes.UTCDateTime
FACTS = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "people_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("convener_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("pasted", sa.Boolean(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("report", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", MOMENT(), nullable=False),
        sa.Column("began_at", MOMENT(), nullable=True),
        sa.Column("undone_at", MOMENT(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_people_file_account_id_account")),
        sa.ForeignKeyConstraint(["convener_id"], ["convener.id"], name=op.f("fk_people_file_convener_id_convener")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people_file")),
    )
    op.create_index(op.f("ix_people_file_created_at"), "people_file", ["created_at"])
    op.create_table(
        "people_merge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("convener_id", sa.Integer(), nullable=False),
        sa.Column("kept_id", sa.Integer(), nullable=False),
        sa.Column("gone_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT(), nullable=False),
        sa.Column("by", TEXT(), nullable=False),
        sa.Column("before", FACTS, nullable=True),
        sa.Column("undone_at", MOMENT(), nullable=True),
        sa.ForeignKeyConstraint(["convener_id"], ["convener.id"], name=op.f("fk_people_merge_convener_id_convener")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people_merge")),
    )
    op.create_index(op.f("ix_people_merge_kept_id"), "people_merge", ["kept_id"])
    op.create_index(op.f("ix_people_merge_gone_id"), "people_merge", ["gone_id"])


def downgrade() -> None:
    op.drop_table("people_merge")
    op.drop_table("people_file")
