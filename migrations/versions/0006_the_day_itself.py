"""the day itself: where people sit, what was printed, marks at the door, people who came unasked."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"

TEXT = sqlmodel.sql.sqltypes.AutoString
MOMENT = sqlmodel.sql.sqltypes.UTCDateTime
FACTS = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
SIDE = sa.Enum("top", "right", "bottom", "left", name="side", native_enum=False, length=24)
CAME = sa.Enum("in-person", "online", "no", "walk-in", name="came", native_enum=False, length=24)


def upgrade() -> None:
    op.create_table(
        "seating_plan",
        sa.Column("roundtable_id", sa.Integer(), nullable=False),
        sa.Column("seats", FACTS, nullable=False),
        sa.Column("loop", SIDE, nullable=False),
        sa.Column("made_at", MOMENT(), nullable=False),
        sa.Column("made_by", TEXT(), nullable=False),
        of_table("seating_plan"),
        sa.PrimaryKeyConstraint("roundtable_id", name=op.f("pk_seating_plan")),
    )
    op.create_table(
        "printing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("roundtable_id", sa.Integer(), nullable=False),
        sa.Column("kind", TEXT(), nullable=False),
        sa.Column("printed_at", MOMENT(), nullable=False),
        sa.Column("printed_by", TEXT(), nullable=False),
        sa.Column("said", FACTS, nullable=False),
        of_table("printing"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_printing")),
    )
    op.create_index(op.f("ix_printing_roundtable_id"), "printing", ["roundtable_id"])
    op.create_table(
        "door_mark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("invitation_id", sa.Integer(), nullable=False),
        sa.Column("key", TEXT(), nullable=False),
        sa.Column("came", CAME, nullable=False),
        sa.Column("before", CAME, nullable=True),
        sa.Column("marked_at", MOMENT(), nullable=False),
        sa.Column("marked_by", TEXT(), nullable=False),
        sa.Column("undone_at", MOMENT(), nullable=True),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["invitation.id"], name=op.f("fk_door_mark_invitation_id_invitation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_door_mark")),
        sa.UniqueConstraint("invitation_id", "key", name=op.f("uq_door_mark_invitation_id_key")),
    )
    op.create_table(
        "walk_in",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("roundtable_id", sa.Integer(), nullable=False),
        sa.Column("key", TEXT(), nullable=False),
        sa.Column("name", TEXT(), nullable=False),
        sa.Column("organisation", TEXT(), nullable=False),
        sa.Column("online", sa.Boolean(), nullable=False),
        sa.Column("may_be_listed", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", MOMENT(), nullable=False),
        sa.Column("recorded_by", TEXT(), nullable=False),
        of_table("walk_in"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_walk_in")),
        sa.UniqueConstraint("roundtable_id", "key", name=op.f("uq_walk_in_roundtable_id_key")),
    )


def of_table(name: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["roundtable_id"], ["roundtable.id"], name=op.f(f"fk_{name}_roundtable_id_roundtable")
    )


def downgrade() -> None:
    op.drop_table("walk_in")
    op.drop_table("door_mark")
    op.drop_index(op.f("ix_printing_roundtable_id"), table_name="printing")
    op.drop_table("printing")
    op.drop_table("seating_plan")
