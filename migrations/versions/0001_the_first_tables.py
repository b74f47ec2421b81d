"""the first tables."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("email", name=op.f("uq_account_email")),
    )
    op.create_table(
        "convener",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("slug", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("tagline", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("about", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("accent", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("mail_from", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("time_zone", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_convener")),
        sa.UniqueConstraint("slug", name=op.f("uq_convener_slug")),
    )
    op.create_table(
        "membership",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("convener_id", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum("owner", "organiser", "editor", "day-team", "viewer", name="role", native_enum=False, length=24),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_membership_account_id_account")),
        sa.ForeignKeyConstraint(["convener_id"], ["convener.id"], name=op.f("fk_membership_convener_id_convener")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
        sa.UniqueConstraint("account_id", "convener_id", name=op.f("uq_membership_account_id_convener_id")),
    )
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_membership_convener_id"), ["convener_id"], unique=False)

    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("convener_id", sa.Integer(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("sort_key", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("email", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("email_key", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("organisation", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column(
            "sectors",
            sa.JSON(none_as_null=True).with_variant(
                postgresql.JSONB(
                    none_as_null=True,
                ),
                "postgresql",
            ),
            nullable=False,
        ),
        sa.Column("assistant_email", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("time_zone", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("language", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("erased_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["convener_id"], ["convener.id"], name=op.f("fk_person_convener_id_convener")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("convener_id", "email_key", name=op.f("uq_person_convener_id_email_key")),
    )
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.create_index("ix_person_convener_id_sort_key", ["convener_id", "sort_key", "id"], unique=False)

    op.create_table(
        "post",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("convener_id", sa.Integer(), nullable=False),
        sa.Column("slug", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("standfirst", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("body", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("html", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("plain", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column(
            "authors",
            sa.JSON(none_as_null=True).with_variant(
                postgresql.JSONB(
                    none_as_null=True,
                ),
                "postgresql",
            ),
            nullable=False,
        ),
        sa.Column("language", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("canonical_url", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft", "in-review", "scheduled", "published", "withdrawn", name="state", native_enum=False, length=24
            ),
            nullable=False,
        ),
        sa.Column("publish_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("published_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("changed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("override_reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("override_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["convener_id"], ["convener.id"], name=op.f("fk_post_convener_id_convener")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post")),
        sa.UniqueConstraint("slug", name=op.f("uq_post_slug")),
    )
    with op.batch_alter_table("post", schema=None) as batch_op:
        batch_op.create_index("ix_post_convener_id_created_at", ["convener_id", "created_at", "id"], unique=False)
        batch_op.create_index("ix_post_state_published_at", ["state", "published_at", "id"], unique=False)

    op.create_table(
        "remembered_answer",
        sa.Column("convener_id", sa.Integer(), nullable=False),
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("request_hash", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["convener_id"], ["convener.id"], name=op.f("fk_remembered_answer_convener_id_convener")
        ),
        sa.PrimaryKeyConstraint("convener_id", "key", name=op.f("pk_remembered_answer")),
    )
    with op.batch_alter_table("remembered_answer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_remembered_answer_created_at"), ["created_at"], unique=False)

    op.create_table(
        "report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("convener_id", sa.Integer(), nullable=False),
        sa.Column("slug", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column(
            "authors",
            sa.JSON(none_as_null=True).with_variant(
                postgresql.JSONB(
                    none_as_null=True,
                ),
                "postgresql",
            ),
            nullable=False,
        ),
        sa.Column("publisher", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("url", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["convener_id"], ["convener.id"], name=op.f("fk_report_convener_id_convener")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sa.UniqueConstraint("slug", name=op.f("uq_report_slug")),
    )
    with op.batch_alter_table("report", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_report_convener_id"), ["convener_id"], unique=False)

    op.create_table(
        "roundtable",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("convener_id", sa.Integer(), nullable=False),
        sa.Column("slug", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("uid", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("public_uid", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("question", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("summary", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("starts_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("ends_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("time_zone", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("place", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("town", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("online_url", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column(
            "seat_kinds",
            sa.JSON(none_as_null=True).with_variant(
                postgresql.JSONB(
                    none_as_null=True,
                ),
                "postgresql",
            ),
            nullable=False,
        ),
        sa.Column("max_per_organisation", sa.Integer(), nullable=True),
        sa.Column(
            "rule",
            sa.Enum(
                "chatham-house",
                "chatham-house-list",
                "chatham-house-plus",
                "on-the-record",
                name="rule",
                native_enum=False,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "deputies",
            sa.Enum("ask", "same-organisation", "never", name="deputies", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column(
            "visibility",
            sa.Enum("private", "after", "listed", name="visibility", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum("draft", "open", "held", "cancelled", "closed", name="status", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column("reply_by", sa.Date(), nullable=True),
        sa.Column("host_name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("reset_sequence", sa.Integer(), nullable=False),
        sa.Column("reset_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("changed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("closed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("came_in_public", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["convener_id"], ["convener.id"], name=op.f("fk_roundtable_convener_id_convener")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roundtable")),
        sa.UniqueConstraint("slug", name=op.f("uq_roundtable_slug")),
        sa.UniqueConstraint("uid", name=op.f("uq_roundtable_uid")),
    )
    with op.batch_alter_table("roundtable", schema=None) as batch_op:
        batch_op.create_index("ix_roundtable_convener_id_starts_at", ["convener_id", "starts_at", "id"], unique=False)

    op.create_table(
        "sign_in_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("expires_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("used_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_sign_in_link_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_in_link_token_hash")),
    )
    with op.batch_alter_table("sign_in_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_in_link_account_id"), ["account_id"], unique=False)

    op.create_table(
        "api_token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("membership_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("revoked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["membership_id"], ["membership.id"], name=op.f("fk_api_token_membership_id_membership")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_token_token_hash")),
    )
    with op.batch_alter_table("api_token", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_api_token_membership_id"), ["membership_id"], unique=False)

    op.create_table(
        "invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("convener_id", sa.Integer(), nullable=False),
        sa.Column("roundtable_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("email", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("organisation", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("role", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("seat_kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("wave", sa.Integer(), nullable=False),
        sa.Column("note", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "invited",
                "accepted",
                "declined",
                "tentative",
                "delegated",
                "waiting",
                "withdrawn",
                "lapsed",
                name="state",
                native_enum=False,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "answer",
            sa.Enum("accepted", "declined", "tentative", name="answer", native_enum=False, length=24),
            nullable=True,
        ),
        sa.Column(
            "earlier_answer",
            sa.Enum("accepted", "declined", "tentative", name="answer", native_enum=False, length=24),
            nullable=True,
        ),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("comment", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("answered_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column(
            "answered_via",
            sa.Enum("calendar", "mail", "page", "phone", "api", name="via", native_enum=False, length=24),
            nullable=True,
        ),
        sa.Column("reply_sequence", sa.Integer(), nullable=True),
        sa.Column("reply_stamp", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("holds_seat", sa.Boolean(), nullable=False),
        sa.Column("waiting_since", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("nonce", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("reply_hash", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("page_hash", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("uid", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("asked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("bounced_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("deputy_of_id", sa.Integer(), nullable=True),
        sa.Column("deputy_name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("deputy_email", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("deputy_note", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["convener_id"], ["convener.id"], name=op.f("fk_invitation_convener_id_convener")),
        sa.ForeignKeyConstraint(
            ["deputy_of_id"], ["invitation.id"], name=op.f("fk_invitation_deputy_of_id_invitation")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_invitation_person_id_person")),
        sa.ForeignKeyConstraint(
            ["roundtable_id"], ["roundtable.id"], name=op.f("fk_invitation_roundtable_id_roundtable")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("page_hash", name=op.f("uq_invitation_page_hash")),
        sa.UniqueConstraint("reply_hash", name=op.f("uq_invitation_reply_hash")),
        sa.UniqueConstraint("roundtable_id", "person_id", name=op.f("uq_invitation_roundtable_id_person_id")),
    )
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invitation_convener_id"), ["convener_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_invitation_deputy_of_id"), ["deputy_of_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_invitation_person_id"), ["person_id"], unique=False)
        batch_op.create_index("ix_invitation_roundtable_id_state", ["roundtable_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_invitation_uid"), ["uid"], unique=False)

    op.create_table(
        "person_address",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("convener_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("address", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("address_key", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("learnt", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["convener_id"], ["convener.id"], name=op.f("fk_person_address_convener_id_convener")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_person_address_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_address")),
        sa.UniqueConstraint("convener_id", "address_key", name=op.f("uq_person_address_convener_id_address_key")),
    )
    with op.batch_alter_table("person_address", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_person_address_person_id"), ["person_id"], unique=False)

    op.create_table(
        "post_report",
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_post_report_post_id_post")),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_post_report_report_id_report")),
        sa.PrimaryKeyConstraint("post_id", "report_id", name=op.f("pk_post_report")),
    )
    with op.batch_alter_table("post_report", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_post_report_report_id"), ["report_id"], unique=False)

    op.create_table(
        "post_roundtable",
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("roundtable_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_post_roundtable_post_id_post")),
        sa.ForeignKeyConstraint(
            ["roundtable_id"], ["roundtable.id"], name=op.f("fk_post_roundtable_roundtable_id_roundtable")
        ),
        sa.PrimaryKeyConstraint("post_id", "roundtable_id", name=op.f("pk_post_roundtable")),
    )
    with op.batch_alter_table("post_roundtable", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_post_roundtable_roundtable_id"), ["roundtable_id"], unique=False)

    op.create_table(
        "post_topic",
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("slug", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_post_topic_post_id_post")),
        sa.PrimaryKeyConstraint("post_id", "slug", name=op.f("pk_post_topic")),
    )
    with op.batch_alter_table("post_topic", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_post_topic_slug"), ["slug"], unique=False)

    op.create_table(
        "roundtable_report",
        sa.Column("roundtable_id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_roundtable_report_report_id_report")),
        sa.ForeignKeyConstraint(
            ["roundtable_id"], ["roundtable.id"], name=op.f("fk_roundtable_report_roundtable_id_roundtable")
        ),
        sa.PrimaryKeyConstraint("roundtable_id", "report_id", name=op.f("pk_roundtable_report")),
    )
    with op.batch_alter_table("roundtable_report", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_roundtable_report_report_id"), ["report_id"], unique=False)

    op.create_table(
        "sign_in",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("membership_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("expires_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["membership_id"], ["membership.id"], name=op.f("fk_sign_in_membership_id_membership")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_in_token_hash")),
    )
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_in_membership_id"), ["membership_id"], unique=False)

    op.create_table(
        "attendance",
        sa.Column("invitation_id", sa.Integer(), nullable=False),
        sa.Column(
            "came",
            sa.Enum("in-person", "online", "no", "walk-in", name="came", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column("recorded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("recorded_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["invitation_id"],
            ["invitation.id"],
        ),
        sa.PrimaryKeyConstraint("invitation_id"),
    )
    op.create_table(
        "incoming_mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("convener_id", sa.Integer(), nullable=True),
        sa.Column("received_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column(
            "door", sa.Enum("lmtp", "imap", "pipe", "http", name="door", native_enum=False, length=24), nullable=False
        ),
        sa.Column("envelope_from", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column(
            "envelope_to",
            sa.JSON(none_as_null=True).with_variant(
                postgresql.JSONB(
                    none_as_null=True,
                ),
                "postgresql",
            ),
            nullable=False,
        ),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("fingerprint", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("sender", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("subject", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum("applied", "needs-human", "ignored", "quarantined", name="outcome", native_enum=False, length=24),
            nullable=True,
        ),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("decides", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column(
            "suggestion",
            sa.JSON(none_as_null=True).with_variant(
                postgresql.JSONB(
                    none_as_null=True,
                ),
                "postgresql",
            ),
            nullable=True,
        ),
        sa.Column("invitation_id", sa.Integer(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("settled_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["convener_id"], ["convener.id"], name=op.f("fk_incoming_mail_convener_id_convener")),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["invitation.id"], name=op.f("fk_incoming_mail_invitation_id_invitation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incoming_mail")),
        sa.UniqueConstraint("digest", name=op.f("uq_incoming_mail_digest")),
    )
    with op.batch_alter_table("incoming_mail", schema=None) as batch_op:
        batch_op.create_index("ix_incoming_mail_convener_id_outcome_id", ["convener_id", "outcome", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_incoming_mail_fingerprint"), ["fingerprint"], unique=False)
        batch_op.create_index(batch_op.f("ix_incoming_mail_invitation_id"), ["invitation_id"], unique=False)
        batch_op.create_index("ix_incoming_mail_unread", ["outcome", "tries", "id"], unique=False)

    op.create_table(
        "needs",
        sa.Column("invitation_id", sa.Integer(), nullable=False),
        sa.Column("dietary", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("access", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("note", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("given_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("delete_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["invitation_id"],
            ["invitation.id"],
        ),
        sa.PrimaryKeyConstraint("invitation_id"),
    )
    with op.batch_alter_table("needs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_needs_delete_on"), ["delete_on"], unique=False)

    op.create_table(
        "outgoing_letter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("convener_id", sa.Integer(), nullable=False),
        sa.Column("roundtable_id", sa.Integer(), nullable=True),
        sa.Column("invitation_id", sa.Integer(), nullable=True),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("about", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("to_name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("to_address", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("envelope_from", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("bounce_hash", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("subject", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("message_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("nonce", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "held",
                "queued",
                "sending",
                "sent",
                "failed",
                "cancelled",
                name="letterstate",
                native_enum=False,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("lease_until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("claimed_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("unwanted", sa.Boolean(), nullable=False),
        sa.Column("answer", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("sent_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["convener_id"], ["convener.id"], name=op.f("fk_outgoing_letter_convener_id_convener")),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["invitation.id"], name=op.f("fk_outgoing_letter_invitation_id_invitation")
        ),
        sa.ForeignKeyConstraint(
            ["roundtable_id"], ["roundtable.id"], name=op.f("fk_outgoing_letter_roundtable_id_roundtable")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outgoing_letter")),
        sa.UniqueConstraint("about", name=op.f("uq_outgoing_letter_about")),
        sa.UniqueConstraint("bounce_hash", name=op.f("uq_outgoing_letter_bounce_hash")),
        sa.UniqueConstraint("message_id", name=op.f("uq_outgoing_letter_message_id")),
    )
    with op.batch_alter_table("outgoing_letter", schema=None) as batch_op:
        batch_op.create_index("ix_outgoing_letter_convener_id_id", ["convener_id", "id"], unique=False)
        batch_op.create_index("ix_outgoing_letter_invitation_id_id", ["invitation_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_outgoing_letter_roundtable_id"), ["roundtable_id"], unique=False)
        batch_op.create_index(
            "ix_outgoing_letter_state_next_attempt_at", ["state", "next_attempt_at", "id"], unique=False
        )

    op.create_table(
        "history",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("invitation_id", sa.Integer(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("what", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("mail_id", sa.Integer(), nullable=True),
        sa.Column(
            "before",
            sa.JSON(none_as_null=True).with_variant(
                postgresql.JSONB(
                    none_as_null=True,
                ),
                "postgresql",
            ),
            nullable=True,
        ),
        sa.Column("undone_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["invitation_id"], ["invitation.id"], name=op.f("fk_history_invitation_id_invitation")),
        sa.ForeignKeyConstraint(["mail_id"], ["incoming_mail.id"], name=op.f("fk_history_mail_id_incoming_mail")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history")),
    )
    with op.batch_alter_table("history", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_history_invitation_id"), ["invitation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_history_mail_id"), ["mail_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("history", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_history_mail_id"))
        batch_op.drop_index(batch_op.f("ix_history_invitation_id"))

    op.drop_table("history")
    with op.batch_alter_table("outgoing_letter", schema=None) as batch_op:
        batch_op.drop_index("ix_outgoing_letter_state_next_attempt_at")
        batch_op.drop_index(batch_op.f("ix_outgoing_letter_roundtable_id"))
        batch_op.drop_index("ix_outgoing_letter_invitation_id_id")
        batch_op.drop_index("ix_outgoing_letter_convener_id_id")

    op.drop_table("outgoing_letter")
    with op.batch_alter_table("needs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_needs_delete_on"))

    op.drop_table("needs")
    with op.batch_alter_table("incoming_mail", schema=None) as batch_op:
        batch_op.drop_index("ix_incoming_mail_unread")
        batch_op.drop_index(batch_op.f("ix_incoming_mail_invitation_id"))
        batch_op.drop_index(batch_op.f("ix_incoming_mail_fingerprint"))
        batch_op.drop_index("ix_incoming_mail_convener_id_outcome_id")

    op.drop_table("incoming_mail")
    op.drop_table("attendance")
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_in_membership_id"))

    op.drop_table("sign_in")
    with op.batch_alter_table("roundtable_report", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_roundtable_report_report_id"))

    op.drop_table("roundtable_report")
    with op.batch_alter_table("post_topic", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_post_topic_slug"))

    op.drop_table("post_topic")
    with op.batch_alter_table("post_roundtable", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_post_roundtable_roundtable_id"))

    op.drop_table("post_roundtable")
    with op.batch_alter_table("post_report", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_post_report_report_id"))

    op.drop_table("post_report")
    with op.batch_alter_table("person_address", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_person_address_person_id"))

    op.drop_table("person_address")
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_invitation_uid"))
        batch_op.drop_index("ix_invitation_roundtable_id_state")
        batch_op.drop_index(batch_op.f("ix_invitation_person_id"))
        batch_op.drop_index(batch_op.f("ix_invitation_deputy_of_id"))
        batch_op.drop_index(batch_op.f("ix_invitation_convener_id"))

    op.drop_table("invitation")
    with op.batch_alter_table("api_token", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_api_token_membership_id"))

    op.drop_table("api_token")
    with op.batch_alter_table("sign_in_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_in_link_account_id"))

    op.drop_table("sign_in_link")
    with op.batch_alter_table("roundtable", schema=None) as batch_op:
        batch_op.drop_index("ix_roundtable_convener_id_starts_at")

    op.drop_table("roundtable")
    with op.batch_alter_table("report", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_report_convener_id"))

    op.drop_table("report")
    with op.batch_alter_table("remembered_answer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_remembered_answer_created_at"))

    op.drop_table("remembered_answer")
    with op.batch_alter_table("post", schema=None) as batch_op:
        batch_op.drop_index("ix_post_state_published_at")
        batch_op.drop_index("ix_post_convener_id_created_at")

    op.drop_table("post")
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_index("ix_person_convener_id_sort_key")

    op.drop_table("person")
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_membership_convener_id"))

    op.drop_table("membership")
    op.drop_table("convener")
    op.drop_table("account")
