"""ways to sign in: passwords, authenticators, passkeys, an identity provider, and the browsers that are signed in."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0007"
down_revision = "0006"

TEXT = sqlmodel.sql.sqltypes.AutoString
MOMENT = sqlmodel.sql.sqltypes.UTCDateTime
NOTHING = ""  # for the rows that are there already

# table -> name, type, what stands in rows of before (None: nothing, the column may be empty)
COLUMNS = {
    "account": [("password_hash", TEXT(), NOTHING), ("oidc_subject", TEXT(), NOTHING)],
    "sign_in": [("seen_at", MOMENT(), None), ("proved_at", MOMENT(), None), ("browser", TEXT(), NOTHING)],
}
TABLES = {
    "arrival": [
        sa.Column("token_hash", TEXT(), nullable=False),
        sa.Column("owes_code", sa.Boolean(), nullable=False),
        sa.Column("going_to", TEXT(), nullable=False),
        sa.Column("expires_at", MOMENT(), nullable=False),
    ],
    "recovery_code": [
        sa.Column("code_hash", TEXT(), nullable=False),
        sa.Column("used_at", MOMENT(), nullable=True),
    ],
    "passkey": [
        sa.Column("credential", TEXT(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("name", TEXT(), nullable=False),
        sa.Column("created_at", MOMENT(), nullable=False),
        sa.Column("used_at", MOMENT(), nullable=True),
    ],
}


def upgrade() -> None:
    for table, columns in COLUMNS.items():
        for name, kind, before in columns:
            op.add_column(table, sa.Column(name, kind, nullable=before is None, server_default=before))
    for table, own in TABLES.items():
        op.create_table(table, sa.Column("id", sa.Integer(), nullable=False), of_account(), *own, *keys(table, own))
        op.create_index(op.f(f"ix_{table}_account_id"), table, ["account_id"])
    op.create_table(
        "authenticator",
        of_account(),
        sa.Column("secret", TEXT(), nullable=False),
        sa.Column("created_at", MOMENT(), nullable=False),
        sa.Column("confirmed_at", MOMENT(), nullable=True),
        to_account("authenticator"),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_authenticator")),
    )
    op.create_table(
        "sign_in_try",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", TEXT(), nullable=False),
        sa.Column("tried_at", MOMENT(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_try")),
    )
    op.create_index("ix_sign_in_try_key_tried_at", "sign_in_try", ["key", "tried_at"])
    op.create_index(op.f("ix_sign_in_try_tried_at"), "sign_in_try", ["tried_at"])
    op.create_table(
        "spent",
        sa.Column("hash", TEXT(), nullable=False),
        sa.Column("spent_at", MOMENT(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_spent")),
    )
    op.create_index(op.f("ix_spent_spent_at"), "spent", ["spent_at"])


def of_account() -> sa.Column:
    return sa.Column("account_id", sa.Integer(), nullable=False)


def to_account(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f(f"fk_{table}_account_id_account"))


def keys(table: str, columns: list[sa.Column]) -> list[sa.Constraint]:
    only = columns[0].name
    return [
        to_account(table),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint(only, name=op.f(f"uq_{table}_{only}")),
    ]


def downgrade() -> None:
    for table in ("spent", "sign_in_try", "authenticator", *TABLES):
        op.drop_table(table)
    for table, columns in COLUMNS.items():
        for name, *_ in columns:
            op.drop_column(table, name)
