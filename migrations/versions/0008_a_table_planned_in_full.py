"""a table planned in full: hosts, partners, agenda, limits by tag, and what stands on the record."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"

TEXT = sqlmodel.sql.sqltypes.AutoString
FACTS = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
LISTS = ("hosts", "partners", "agenda", "tag_limits")


def upgrade() -> None:
    for name in LISTS:
        op.add_column("roundtable", sa.Column(name, FACTS, nullable=False, server_default="[]"))
    op.add_column("roundtable", sa.Column("place_after_yes", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("roundtable", sa.Column("on_record_part", TEXT(), nullable=False, server_default=""))


def downgrade() -> None:
    for name in (*LISTS, "place_after_yes", "on_record_part"):
        op.drop_column("roundtable", name)
