"""the language of pages and letters: a convener's, and an account's own at the desk."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0003"
down_revision = "0002"

TEXT = sqlmodel.sql.sqltypes.AutoString
BEFORE = {"convener": "en-GB", "account": ""}  # what stands in rows of before


def upgrade() -> None:
    for table, before in BEFORE.items():
        op.add_column(table, sa.Column("language", TEXT(), nullable=False, server_default=before))


def downgrade() -> None:
    for table in BEFORE:
        op.drop_column(table, "language")
