"""first floor.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# append-only tables: the database itself refuses what the ledger and the audit log never do
APPEND_ONLY = (
    (
        "sqlite",
        "CREATE TRIGGER audit_row_no_update BEFORE UPDATE ON audit_row WHEN NOT (OLD.seal_id IS NULL AND NEW.seal_id IS NOT NULL AND OLD.id IS NEW.id AND OLD.at IS NEW.at AND OLD.user_id IS NEW.user_id AND OLD.action IS NEW.action AND OLD.subject IS NEW.subject AND OLD.household_id IS NEW.household_id AND OLD.region_code IS NEW.region_code AND OLD.reason IS NEW.reason AND OLD.detail IS NEW.detail) BEGIN SELECT RAISE(ABORT, 'audit_row is append-only'); END",
    ),
    (
        "sqlite",
        "CREATE TRIGGER audit_row_no_delete BEFORE DELETE ON audit_row BEGIN SELECT RAISE(ABORT, 'audit_row is append-only'); END",
    ),
    (
        "postgresql",
        "CREATE OR REPLACE FUNCTION audit_row_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF TG_OP = 'UPDATE' AND OLD.seal_id IS NULL AND NEW.seal_id IS NOT NULL AND OLD.id::text IS NOT DISTINCT FROM NEW.id::text AND OLD.at::text IS NOT DISTINCT FROM NEW.at::text AND OLD.user_id::text IS NOT DISTINCT FROM NEW.user_id::text AND OLD.action::text IS NOT DISTINCT FROM NEW.action::text AND OLD.subject::text IS NOT DISTINCT FROM NEW.subject::text AND OLD.household_id::text IS NOT DISTINCT FROM NEW.household_id::text AND OLD.region_code::text IS NOT DISTINCT FROM NEW.region_code::text AND OLD.reason::text IS NOT DISTINCT FROM NEW.reason::text AND OLD.detail::text IS NOT DISTINCT FROM NEW.detail::text THEN RETURN NEW; END IF; RAISE EXCEPTION 'audit_row is append-only'; END $$",
    ),
    (
        "postgresql",
        "CREATE TRIGGER audit_row_append_only BEFORE UPDATE OR DELETE ON audit_row FOR EACH ROW EXECUTE FUNCTION audit_row_append_only()",
    ),
    (
        "sqlite",
        "CREATE TRIGGER audit_seal_no_update BEFORE UPDATE ON audit_seal BEGIN SELECT RAISE(ABORT, 'audit_seal is append-only'); END",
    ),
    (
        "sqlite",
        "CREATE TRIGGER audit_seal_no_delete BEFORE DELETE ON audit_seal BEGIN SELECT RAISE(ABORT, 'audit_seal is append-only'); END",
    ),
    (
        "postgresql",
        "CREATE OR REPLACE FUNCTION audit_seal_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'audit_seal is append-only'; END $$",
    ),
    (
        "postgresql",
        "CREATE TRIGGER audit_seal_append_only BEFORE UPDATE OR DELETE ON audit_seal FOR EACH ROW EXECUTE FUNCTION audit_seal_append_only()",
    ),
    (
        "sqlite",
        "CREATE TRIGGER entry_no_update BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'entry is append-only'); END",
    ),
    (
        "sqlite",
        "CREATE TRIGGER entry_no_delete BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'entry is append-only'); END",
    ),
    (
        "postgresql",
        "CREATE OR REPLACE FUNCTION entry_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'entry is append-only'; END $$",
    ),
    (
        "postgresql",
        "CREATE TRIGGER entry_append_only BEFORE UPDATE OR DELETE ON entry FOR EACH ROW EXECUTE FUNCTION entry_append_only()",
    ),
    (
        "sqlite",
        "CREATE TRIGGER posting_no_update BEFORE UPDATE ON posting BEGIN SELECT RAISE(ABORT, 'posting is append-only'); END",
    ),
    (
        "sqlite",
        "CREATE TRIGGER posting_no_delete BEFORE DELETE ON posting BEGIN SELECT RAISE(ABORT, 'posting is append-only'); END",
    ),
    (
        "postgresql",
        "CREATE OR REPLACE FUNCTION posting_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'posting is append-only'; END $$",
    ),
    (
        "postgresql",
        "CREATE TRIGGER posting_append_only BEFORE UPDATE OR DELETE ON posting FOR EACH ROW EXECUTE FUNCTION posting_append_only()",
    ),
)


def upgrade() -> None:
    """Bring the schema up."""
    op.create_table(
        "audit_seal",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column(
            "leaves",
            sa.LargeBinary(),
            nullable=False,
            comment="number and digest of every row, in order",
        ),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_seal")),
    )
    op.create_table(
        "import_mapping",
        sa.Column("sender", sa.String(length=120), nullable=False),
        sa.Column(
            "signature",
            sa.String(length=40).with_variant(sa.String(length=40, collation="C"), "postgresql"),
            nullable=False,
            comment="hash of the header row",
        ),
        sa.Column("overrides", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("sender", "signature", name=op.f("pk_import_mapping")),
    )
    op.create_table(
        "job_run",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "name",
            sa.String(length=40).with_variant(sa.String(length=40, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "period",
            sa.String(length=40).with_variant(sa.String(length=40, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum("running", "done", "failed", name="runstate", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=120), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_run")),
        sa.UniqueConstraint("name", "period", name=op.f("uq_job_run_name_period")),
    )
    with op.batch_alter_table("job_run", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_job_run_started_at"), ["started_at"], unique=False)

    op.create_table(
        "organisation",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "code",
            sa.String(length=20).with_variant(sa.String(length=20, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "station",
                "civil_affairs",
                "foundation",
                "charity",
                "company",
                "party",
                "other",
                name="organisationkind",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "region_code",
            sa.String(length=12).with_variant(sa.String(length=12, collation="C"), "postgresql"),
            nullable=False,
            comment="prefix; empty: the whole city",
        ),
        sa.Column(
            "account_notice",
            sa.Text(),
            nullable=False,
            comment="a charity's official account and legal notice, shown to donors; no payment here",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("code", name=op.f("uq_organisation_code")),
    )
    op.create_table(
        "region",
        sa.Column(
            "code",
            sa.String(length=12).with_variant(sa.String(length=12, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column(
            "level",
            sa.String(length=20).with_variant(sa.String(length=20, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "parent_code",
            sa.String(length=12).with_variant(sa.String(length=12, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column(
            "version",
            sa.String(length=20).with_variant(sa.String(length=20, collation="C"), "postgresql"),
            nullable=False,
            comment="the bureau's edition, as its date",
        ),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("retired_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["parent_code"], ["region.code"], name=op.f("fk_region_parent_code")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_region")),
    )
    with op.batch_alter_table("region", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_region_parent_code"), ["parent_code"], unique=False)

    op.create_table(
        "search_token",
        sa.Column(
            "token",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "region_code",
            sa.String(length=12).with_variant(sa.String(length=12, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "household_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.PrimaryKeyConstraint(
            "token", "region_code", "household_id", name=op.f("pk_search_token")
        ),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("search_token", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_search_token_household_id"), ["household_id"], unique=False
        )

    op.create_table(
        "secret",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_secret")),
    )
    op.create_table(
        "sign_in_throttle",
        sa.Column(
            "subject",
            sa.LargeBinary(),
            nullable=False,
            comment="keyed hash of what was typed as the name",
        ),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column(
            "open_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="no try is looked at before this instant",
        ),
        sa.CheckConstraint("failures >= 0", name=op.f("ck_sign_in_throttle_failures_not_negative")),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_sign_in_throttle")),
    )
    with op.batch_alter_table("sign_in_throttle", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_in_throttle_open_at"), ["open_at"], unique=False)

    op.create_table(
        "tally",
        sa.Column(
            "dimension",
            sa.Enum(
                "household",
                "programme",
                "donor",
                "town",
                name="dimension",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "subject",
            sa.String(length=20).with_variant(sa.String(length=20, collation="C"), "postgresql"),
            nullable=False,
            comment="internal id of the thing, or the town's code",
        ),
        sa.Column(
            "account",
            sa.Enum(
                "donor",
                "pledged",
                "held",
                "delivered",
                name="account",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "measure",
            sa.Enum(
                "money", "goods", "hours", "unvalued", name="measure", native_enum=False, length=20
            ),
            nullable=False,
        ),
        sa.Column("amount", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint(
            "dimension", "subject", "account", "measure", name=op.f("pk_tally")
        ),
    )
    op.create_table(
        "town_month",
        sa.Column(
            "town_code",
            sa.String(length=12).with_variant(sa.String(length=12, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("month", sa.Date(), nullable=False, comment="its first day"),
        sa.Column(
            "households", sa.Integer(), nullable=False, comment="户: files in force at its end"
        ),
        sa.Column("persons", sa.Integer(), nullable=False, comment="人: members of those files"),
        sa.Column("visited", sa.Integer(), nullable=False, comment="户: reached at least once"),
        sa.Column(
            "visits", sa.Integer(), nullable=False, comment="户次: confirmed records, met or not"
        ),
        sa.Column(
            "never_visited", sa.Integer(), nullable=False, comment="户: never reached so far"
        ),
        sa.Column(
            "overdue", sa.Integer(), nullable=False, comment="户: next visit lies in the past"
        ),
        sa.Column("money_fen", sa.BigInteger(), nullable=False, comment="delivered in the month"),
        sa.Column("goods_fen", sa.BigInteger(), nullable=False),
        sa.Column("minutes", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "unvalued",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="pieces",
        ),
        sa.Column("counted_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("town_code", "month", name=op.f("pk_town_month")),
    )
    op.create_table(
        "user",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "code",
            sa.String(length=20).with_variant(sa.String(length=20, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "username",
            sa.String(length=40).with_variant(sa.String(length=40, collation="C"), "postgresql"),
            nullable=False,
            comment="lower case",
        ),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column(
            "phone_index",
            sa.LargeBinary(),
            nullable=True,
            comment="not unique: a refused second number would tell whose it is, and families share one",
        ),
        sa.Column("email", sa.LargeBinary(), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("active", "disabled", name="userstate", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column(
            "home_region",
            sa.String(length=12).with_variant(sa.String(length=12, collation="C"), "postgresql"),
            nullable=False,
            comment="where a volunteer likes to help: prefix",
        ),
        sa.Column(
            "theme",
            sa.String(length=12).with_variant(sa.String(length=12, collation="C"), "postgresql"),
            nullable=False,
            comment="auto, light, dark",
        ),
        sa.Column(
            "print_size",
            sa.String(length=12).with_variant(sa.String(length=12, collation="C"), "postgresql"),
            nullable=False,
            comment="normal, large",
        ),
        sa.Column(
            "pledge_version",
            sa.String(length=12).with_variant(sa.String(length=12, collation="C"), "postgresql"),
            nullable=True,
            comment="the confidentiality pledge that was signed",
        ),
        sa.Column("pledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user")),
        sa.UniqueConstraint("code", name=op.f("uq_user_code")),
        sa.UniqueConstraint("username", name=op.f("uq_user_username")),
    )
    with op.batch_alter_table("user", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_user_phone_index"), ["phone_index"], unique=False)

    op.create_table(
        "audit_row",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "user_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="none: the system",
        ),
        sa.Column(
            "action",
            sa.String(length=40).with_variant(sa.String(length=40, collation="C"), "postgresql"),
            nullable=False,
            comment="thing.verb, such as household.unmask",
        ),
        sa.Column(
            "subject",
            sa.String(length=40).with_variant(sa.String(length=40, collation="C"), "postgresql"),
            nullable=False,
            comment="the public code or file number of the thing",
        ),
        sa.Column(
            "household_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="whose data it was, if anybody's",
        ),
        sa.Column(
            "region_code",
            sa.String(length=12).with_variant(sa.String(length=12, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "reason",
            sa.String(length=120),
            nullable=True,
            comment="why, in the reader's words, when a reason was asked for",
        ),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("seal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["seal_id"], ["audit_seal.id"], name=op.f("fk_audit_row_seal_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_audit_row_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_row")),
    )
    with op.batch_alter_table("audit_row", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_row_at_id"), ["at", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_audit_row_household_id_id"), ["household_id", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_audit_row_seal_id"), ["seal_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_row_subject"), ["subject"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_audit_row_user_id_id"), ["user_id", "id"], unique=False
        )

    op.create_table(
        "donor",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "code",
            sa.String(length=20).with_variant(sa.String(length=20, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("is_anonymous", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_donor_organisation_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_donor_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_donor")),
        sa.UniqueConstraint("code", name=op.f("uq_donor_code")),
        sa.UniqueConstraint("organisation_id", name=op.f("uq_donor_organisation_id")),
        sa.UniqueConstraint("user_id", name=op.f("uq_donor_user_id")),
    )
    op.create_table(
        "entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "code",
            sa.String(length=20).with_variant(sa.String(length=20, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "kind",
            sa.Enum(
                "pledge",
                "receive",
                "deliver",
                "serve",
                "reversal",
                name="entrykind",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "subject",
            sa.String(length=40).with_variant(sa.String(length=40, collation="C"), "postgresql"),
            nullable=False,
            comment="public code of the resource line or visit: the evidence",
        ),
        sa.Column("memo", sa.String(length=120), nullable=False, comment="without personal data"),
        sa.Column(
            "reverses_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="reversed once at most",
        ),
        sa.ForeignKeyConstraint(["reverses_id"], ["entry.id"], name=op.f("fk_entry_reverses_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_entry_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry")),
        sa.UniqueConstraint("code", name=op.f("uq_entry_code")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_entry_reverses_id")),
    )
    with op.batch_alter_table("entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_entry_subject"), ["subject"], unique=False)

    op.create_table(
        "grant",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "worker",
                "supervisor",
                "volunteer",
                "donor",
                "foundation",
                "keeper",
                "officer",
                "liaison",
                "auditor",
                "admin",
                name="role",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "region_code",
            sa.String(length=12).with_variant(sa.String(length=12, collation="C"), "postgresql"),
            nullable=False,
            comment="prefix of 4 (city), 6, 9 or 12 digits",
        ),
        sa.Column(
            "organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "granted_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["granted_by_id"], ["user.id"], name=op.f("fk_grant_granted_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_grant_organisation_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_grant_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grant")),
    )
    with op.batch_alter_table("grant", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_grant_role_region_code"), ["role", "region_code"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_grant_user_id"), ["user_id"], unique=False)

    op.create_table(
        "household",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "file_no",
            sa.String(length=20).with_variant(sa.String(length=20, collation="C"), "postgresql"),
            nullable=False,
            comment="district 6 + category 2 + year 4 + 6 random digits",
        ),
        sa.Column(
            "region_code",
            sa.String(length=12).with_variant(sa.String(length=12, collation="C"), "postgresql"),
            nullable=False,
            comment="community, 12 digits",
        ),
        sa.Column(
            "town_code",
            sa.String(length=12).with_variant(sa.String(length=12, collation="C"), "postgresql"),
            nullable=False,
            comment="its first 9 digits, so that a scope is one equality",
        ),
        sa.Column(
            "district_code",
            sa.String(length=12).with_variant(sa.String(length=12, collation="C"), "postgresql"),
            nullable=False,
            comment="its first 6 digits",
        ),
        sa.Column(
            "category",
            sa.Enum(
                "DB",
                "TK",
                "BY",
                "GX",
                "KJ",
                "CJ",
                "QT",
                name="category",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "tier",
            sa.Enum("weekly", "monthly", "quarterly", name="tier", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column(
            "cause",
            sa.String(length=20).with_variant(sa.String(length=20, collation="C"), "postgresql"),
            nullable=False,
            comment="cause of hardship, code",
        ),
        sa.Column(
            "housing",
            sa.String(length=20).with_variant(sa.String(length=20, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("member_count", sa.Integer(), nullable=False),
        sa.Column("income_fen", sa.BigInteger(), nullable=False, comment="monthly income per head"),
        sa.Column(
            "aid_fen",
            sa.BigInteger(),
            nullable=False,
            comment="government aid per month; never counted as linked resources",
        ),
        sa.Column(
            "traits",
            sa.String(length=40).with_variant(sa.String(length=40, collation="C"), "postgresql"),
            nullable=False,
            comment="how a card may describe them, such as elder_alone; decided by rules from the members",
        ),
        sa.Column("filed_on", sa.Date(), nullable=False),
        sa.Column(
            "data_key",
            sa.LargeBinary(),
            nullable=True,
            comment="this file's key, wrapped by the master key; gone: erased",
        ),
        sa.Column(
            "head",
            sa.LargeBinary(),
            nullable=False,
            comment="JSON name, phone, door of the householder",
        ),
        sa.Column(
            "papers",
            sa.LargeBinary(),
            nullable=False,
            comment="JSON of everything else that is free text or an account number",
        ),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "under_review",
                "returned",
                "active",
                "paused",
                "closed",
                "archived",
                "erased",
                name="householdstate",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("state_reason", sa.String(length=120), nullable=False),
        sa.Column(
            "source",
            sa.String(length=20).with_variant(sa.String(length=20, collation="C"), "postgresql"),
            nullable=False,
            comment="form, workbook, demo",
        ),
        sa.Column(
            "source_key",
            sa.LargeBinary(),
            nullable=True,
            comment="by which an import recognises the household: householder's ID number and district, keyed",
        ),
        sa.Column(
            "source_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="keyed hash of what was imported: equal means unchanged",
        ),
        sa.Column(
            "worker_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="responsible social worker (责任社工)",
        ),
        sa.Column(
            "created_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "version",
            sa.Integer(),
            nullable=False,
            comment="raised by every change: a stale page is refused",
        ),
        sa.Column("visit_count", sa.Integer(), nullable=False),
        sa.Column("last_visit_on", sa.Date(), nullable=True),
        sa.Column(
            "next_visit_on", sa.Date(), nullable=True, comment="none: no rhythm (paused, closed)"
        ),
        sa.CheckConstraint(
            "(state = 'erased') = (data_key IS NULL)", name=op.f("ck_household_erased_without_key")
        ),
        sa.CheckConstraint("member_count >= 0", name=op.f("ck_household_members_not_negative")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["user.id"], name=op.f("fk_household_created_by_id")
        ),
        sa.ForeignKeyConstraint(["worker_id"], ["user.id"], name=op.f("fk_household_worker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household")),
        sa.UniqueConstraint("file_no", name=op.f("uq_household_file_no")),
        sa.UniqueConstraint("source_key", name=op.f("uq_household_source_key")),
    )
    with op.batch_alter_table("household", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_household_district_code_last_visit_on_id"),
            ["district_code", "last_visit_on", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_household_district_code_next_visit_on_id"),
            ["district_code", "next_visit_on", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_household_last_visit_on_id"), ["last_visit_on", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_household_next_visit_on_id"), ["next_visit_on", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_household_region_code_last_visit_on_id"),
            ["region_code", "last_visit_on", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_household_region_code_next_visit_on_id"),
            ["region_code", "next_visit_on", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_household_town_code_last_visit_on_id"),
            ["town_code", "last_visit_on", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_household_town_code_next_visit_on_id"),
            ["town_code", "next_visit_on", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_household_worker_id_next_visit_on_id"),
            ["worker_id", "next_visit_on", "id"],
            unique=False,
        )

    op.create_table(
        "import_batch",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "code",
            sa.String(length=20).with_variant(sa.String(length=20, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "sender",
            sa.String(length=120),
            nullable=False,
            comment="whose mapping is remembered: region or organisation of the sender",
        ),
        sa.Column(
            "suffix",
            sa.String(length=12).with_variant(sa.String(length=12, collation="C"), "postgresql"),
            nullable=False,
            comment=".xlsx, .xls, .ods, .csv",
        ),
        sa.Column(
            "storage_key",
            sa.String(length=40).with_variant(sa.String(length=40, collation="C"), "postgresql"),
            nullable=True,
            comment="the workbook; gone once it is over",
        ),
        sa.Column(
            "report_key",
            sa.String(length=40).with_variant(sa.String(length=40, collation="C"), "postgresql"),
            nullable=True,
            comment="columns, problems, differences",
        ),
        sa.Column(
            "errors_key",
            sa.String(length=40).with_variant(sa.String(length=40, collation="C"), "postgresql"),
            nullable=True,
            comment="the workbook with its remarks",
        ),
        sa.Column("data_key", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False, comment="of the workbook, in bytes"),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "reading",
                "ready",
                "confirmed",
                "committing",
                "done",
                "failed",
                "cancelled",
                name="batchstate",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "overrides", sa.JSON(), nullable=False, comment="column header → field, where corrected"
        ),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("summary", sa.JSON(), nullable=False, comment="counts only"),
        sa.Column("error", sa.String(length=120), nullable=True),
        sa.Column(
            "idempotency_key",
            sa.String(length=40).with_variant(sa.String(length=40, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_import_batch_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_batch")),
        sa.UniqueConstraint("code", name=op.f("uq_import_batch_code")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_import_batch_idempotency_key")),
    )
    with op.batch_alter_table("import_batch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_import_batch_state"), ["state"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_import_batch_user_id_id"), ["user_id", "id"], unique=False
        )

    op.create_table(
        "invitation",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "worker",
                "supervisor",
                "volunteer",
                "donor",
                "foundation",
                "keeper",
                "officer",
                "liaison",
                "auditor",
                "admin",
                name="role",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "region_code",
            sa.String(length=12).with_variant(sa.String(length=12, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column(
            "invited_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["invited_by_id"], ["user.id"], name=op.f("fk_invitation_invited_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_invitation_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitation_token_hash")),
    )
    op.create_table(
        "message",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.String(length=40).with_variant(sa.String(length=40, collation="C"), "postgresql"),
            nullable=False,
            comment="thing.verb, such as claim.made",
        ),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("link", sa.String(length=120), nullable=False, comment="a path of this site"),
        sa.Column(
            "once_key",
            sa.String(length=40).with_variant(sa.String(length=40, collation="C"), "postgresql"),
            nullable=True,
            comment="the same key is written once",
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "state",
            sa.Enum("queued", "sent", "failed", name="messagestate", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_message_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("once_key", name=op.f("uq_message_once_key")),
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_message_state_next_try_at"), ["state", "next_try_at"], unique=False
        )
        batch_op.create_index(
            "ix_message_unread",
            ["user_id"],
            unique=False,
            sqlite_where=sa.text("read_at IS NULL"),
            postgresql_where=sa.text("read_at IS NULL"),
        )
        batch_op.create_index(batch_op.f("ix_message_user_id_id"), ["user_id", "id"], unique=False)

    op.create_table(
        "programme",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "code",
            sa.String(length=20).with_variant(sa.String(length=20, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column(
            "purpose",
            sa.Text(),
            nullable=False,
            comment="what it is for and for whom: what a gift is restricted to",
        ),
        sa.Column(
            "region_code",
            sa.String(length=12).with_variant(sa.String(length=12, collation="C"), "postgresql"),
            nullable=False,
            comment="prefix; empty: the whole city",
        ),
        sa.Column(
            "state",
            sa.Enum("open", "closed", name="programmestate", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column(
            "foundation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "charity_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="the qualified charity that receives money and issues receipts",
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "created_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "idempotency_key",
            sa.String(length=40).with_variant(sa.String(length=40, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["charity_id"], ["organisation.id"], name=op.f("fk_programme_charity_id")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["user.id"], name=op.f("fk_programme_created_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["foundation_id"], ["organisation.id"], name=op.f("fk_programme_foundation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme")),
        sa.UniqueConstraint("code", name=op.f("uq_programme_code")),
        sa.UniqueConstraint(
            "created_by_id",
            "idempotency_key",
            name=op.f("uq_programme_created_by_id_idempotency_key"),
        ),
    )
    with op.batch_alter_table("programme", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_programme_foundation_id"), ["foundation_id"], unique=False
        )

    op.create_table(
        "sign_in",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "device",
            sa.String(length=120),
            nullable=False,
            comment="what kind of browser, in words",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_sign_in_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_in_token_hash")),
    )
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_in_user_id"), ["user_id"], unique=False)

    op.create_table(
        "visit_rhythm",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "tier",
            sa.Enum("weekly", "monthly", "quarterly", name="tier", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("set_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("days > 0", name=op.f("ck_visit_rhythm_days_positive")),
        sa.ForeignKeyConstraint(["set_by_id"], ["user.id"], name=op.f("fk_visit_rhythm_set_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_rhythm")),
        sa.UniqueConstraint("tier", "valid_from", name=op.f("uq_visit_rhythm_tier_valid_from")),
    )
    op.create_table(
        "consent",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "household_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "purpose",
            sa.Enum(
                "visit",
                "goods",
                "money",
                "service",
                "photo",
                name="purpose",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "recipient",
            sa.Enum("helpers", "charity", name="recipient", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column(
            "wording",
            sa.String(length=20).with_variant(sa.String(length=20, collation="C"), "postgresql"),
            nullable=False,
            comment="version of the text that was read out and signed",
        ),
        sa.Column(
            "signatory",
            sa.String(length=20).with_variant(sa.String(length=20, collation="C"), "postgresql"),
            nullable=False,
            comment="self, guardian",
        ),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "recorded_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_consent_household_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["user.id"], name=op.f("fk_consent_recorded_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consent_household_id"), ["household_id"], unique=False)

    op.create_table(
        "household_change",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "household_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "kind",
            sa.String(length=20).with_variant(sa.String(length=20, collation="C"), "postgresql"),
            nullable=False,
            comment="created, imported, edited, state, consent …",
        ),
        sa.Column(
            "title",
            sa.String(length=120),
            nullable=False,
            comment="what happened, without personal data",
        ),
        sa.Column(
            "fields",
            sa.LargeBinary(),
            nullable=True,
            comment="sealed JSON {field: [before, after]}",
        ),
        sa.Column("reason", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_household_change_household_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_household_change_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household_change")),
    )
    with op.batch_alter_table("household_change", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_household_change_household_id_id"), ["household_id", "id"], unique=False
        )

    op.create_table(
        "media",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "code",
            sa.String(length=20).with_variant(sa.String(length=20, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "kind",
            sa.String(length=20).with_variant(sa.String(length=20, collation="C"), "postgresql"),
            nullable=False,
            comment="visit, signature, evidence, consent",
        ),
        sa.Column(
            "household_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "storage_key",
            sa.String(length=40).with_variant(sa.String(length=40, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "thumb_key",
            sa.String(length=40).with_variant(sa.String(length=40, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column(
            "content_type",
            sa.String(length=40).with_variant(sa.String(length=40, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False, comment="bytes of the full size"),
        sa.Column(
            "look",
            sa.LargeBinary(),
            nullable=False,
            comment="keyed hash of the original bytes: the same picture sent twice is found",
        ),
        sa.Column(
            "stored_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_media_household_id")
        ),
        sa.ForeignKeyConstraint(["stored_by_id"], ["user.id"], name=op.f("fk_media_stored_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media")),
        sa.UniqueConstraint("code", name=op.f("uq_media_code")),
    )
    with op.batch_alter_table("media", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_media_household_id"), ["household_id"], unique=False)

    op.create_table(
        "member",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "code",
            sa.String(length=20).with_variant(sa.String(length=20, collation="C"), "postgresql"),
            nullable=False,
            comment="binds the sealed value to this person",
        ),
        sa.Column(
            "household_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("position", sa.Integer(), nullable=False, comment="0: the householder"),
        sa.Column(
            "relationship_code",
            sa.String(length=12).with_variant(sa.String(length=12, collation="C"), "postgresql"),
            nullable=False,
            comment="GB/T 4761, one digit",
        ),
        sa.Column(
            "sex",
            sa.String(length=12).with_variant(sa.String(length=12, collation="C"), "postgresql"),
            nullable=False,
            comment="GB/T 2261.1",
        ),
        sa.Column(
            "id_index",
            sa.LargeBinary(),
            nullable=True,
            comment="keyed hash of the ID number; none: has none, or left",
        ),
        sa.Column(
            "person",
            sa.LargeBinary(),
            nullable=False,
            comment="JSON of name, ID number, birth, phone, health, bank …",
        ),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_member_household_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member")),
        sa.UniqueConstraint("id_index", name=op.f("uq_member_id_index")),
    )
    with op.batch_alter_table("member", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_member_household_id_position"),
            ["household_id", "position"],
            unique=False,
        )

    op.create_table(
        "need",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "code",
            sa.String(length=20).with_variant(sa.String(length=20, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "household_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "region_code",
            sa.String(length=12).with_variant(sa.String(length=12, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "town_code",
            sa.String(length=12).with_variant(sa.String(length=12, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "district_code",
            sa.String(length=12).with_variant(sa.String(length=12, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "kind",
            sa.Enum(
                "01",
                "02",
                "03",
                "04",
                "05",
                "06",
                "07",
                "08",
                "09",
                "10",
                "11",
                "12",
                "13",
                "99",
                name="needkind",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "subkind", sa.String(length=120), nullable=False, comment="second level, in words"
        ),
        sa.Column(
            "urgency",
            sa.Enum("urgent", "soon", "normal", name="urgency", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column(
            "title",
            sa.String(length=120),
            nullable=False,
            comment="public: what the card says first",
        ),
        sa.Column(
            "wording",
            sa.Text(),
            nullable=False,
            comment="public: checked for names, numbers and doors",
        ),
        sa.Column(
            "story",
            sa.LargeBinary(),
            nullable=False,
            comment="inside story, sealed with the household's key",
        ),
        sa.Column(
            "seats", sa.Integer(), nullable=False, comment="people wanted for a visit or service"
        ),
        sa.Column("visit_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("visit_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "skill", sa.String(length=120), nullable=False, comment="skill or language wished for"
        ),
        sa.Column("item", sa.String(length=120), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(length=120), nullable=False, comment="件 箱 袋 …"),
        sa.Column(
            "amount_fen",
            sa.BigInteger(),
            nullable=False,
            comment="asked of a named charity programme, never of strangers",
        ),
        sa.Column(
            "programme_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("deadline_on", sa.Date(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "under_review",
                "returned",
                "published",
                "in_progress",
                "met",
                "partly_met",
                "closed",
                "withdrawn",
                "expired",
                "merged",
                "referred",
                name="needstate",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("return_reason", sa.String(length=120), nullable=False),
        sa.Column(
            "posted_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "reviewed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "settled_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when it was met, withdrawn or expired",
        ),
        sa.Column(
            "asked_again_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when the worker was reminded before it expires",
        ),
        sa.Column(
            "idempotency_key",
            sa.String(length=40).with_variant(sa.String(length=40, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "seats >= 0 AND quantity >= 0 AND amount_fen >= 0",
            name=op.f("ck_need_wants_not_negative"),
        ),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_need_household_id")
        ),
        sa.ForeignKeyConstraint(["posted_by_id"], ["user.id"], name=op.f("fk_need_posted_by_id")),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_need_programme_id")
        ),
        sa.ForeignKeyConstraint(
            ["reviewed_by_id"], ["user.id"], name=op.f("fk_need_reviewed_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_need")),
        sa.UniqueConstraint("code", name=op.f("uq_need_code")),
        sa.UniqueConstraint(
            "posted_by_id", "idempotency_key", name=op.f("uq_need_posted_by_id_idempotency_key")
        ),
    )
    with op.batch_alter_table("need", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_need_district_code_id"), ["district_code", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_need_district_code_state_id"),
            ["district_code", "state", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_need_household_id_id"), ["household_id", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_need_state_deadline_on_id"), ["state", "deadline_on", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_need_town_code_id"), ["town_code", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_need_town_code_state_id"), ["town_code", "state", "id"], unique=False
        )

    op.create_table(
        "posting",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "account",
            sa.Enum(
                "donor",
                "pledged",
                "held",
                "delivered",
                name="account",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "measure",
            sa.Enum(
                "money", "goods", "hours", "unvalued", name="measure", native_enum=False, length=20
            ),
            nullable=False,
        ),
        sa.Column(
            "amount",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="fen for money and goods, minutes for hours, items for unvalued goods",
        ),
        sa.Column(
            "programme_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("donor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "household_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "town_code",
            sa.String(length=12).with_variant(sa.String(length=12, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_posting_amount_not_zero")),
        sa.ForeignKeyConstraint(["donor_id"], ["donor.id"], name=op.f("fk_posting_donor_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_posting_entry_id")),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_posting_household_id")
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_posting_programme_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posting")),
    )
    with op.batch_alter_table("posting", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_posting_donor_id_account_id"),
            ["donor_id", "account", "id"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_posting_entry_id"), ["entry_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_posting_household_id_account_id"),
            ["household_id", "account", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_posting_programme_id_account_id"),
            ["programme_id", "account", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_posting_town_code_account_id"),
            ["town_code", "account", "id"],
            unique=False,
        )

    op.create_table(
        "task",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "code",
            sa.String(length=20).with_variant(sa.String(length=20, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "kind",
            sa.Enum(
                "visit", "goods", "money", "service", name="taskkind", native_enum=False, length=20
            ),
            nullable=False,
        ),
        sa.Column(
            "source",
            sa.Enum("need", "rhythm", name="tasksource", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column(
            "household_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("need_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "programme_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="money goes to this programme",
        ),
        sa.Column(
            "region_code",
            sa.String(length=12).with_variant(sa.String(length=12, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "town_code",
            sa.String(length=12).with_variant(sa.String(length=12, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "district_code",
            sa.String(length=12).with_variant(sa.String(length=12, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "who", sa.String(length=120), nullable=False, comment="anonymous: 独居长者, 三口之家"
        ),
        sa.Column(
            "title", sa.String(length=120), nullable=False, comment="what: 上门陪伴, 棉被 4 床"
        ),
        sa.Column("wording", sa.Text(), nullable=False, comment="public text of the need"),
        sa.Column(
            "urgency",
            sa.Enum("urgent", "soon", "normal", name="urgency", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column("skill", sa.String(length=120), nullable=False),
        sa.Column(
            "unit",
            sa.String(length=120),
            nullable=False,
            comment="what capacity counts: 人, 床, 分 (fen)",
        ),
        sa.Column("capacity", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "taken",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="units of live and confirmed claims",
        ),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "due_on",
            sa.Date(),
            nullable=False,
            comment="the day by which it matters; sorts the lists",
        ),
        sa.Column(
            "is_public",
            sa.Boolean(),
            nullable=False,
            comment="shown to volunteers and donors: consent on record and reviewed",
        ),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "full",
                "done",
                "cancelled",
                "expired",
                name="taskstate",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "contact_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="the worker who is told and confirms",
        ),
        sa.Column(
            "overdue_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when it was marked overdue",
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("capacity > 0", name=op.f("ck_task_capacity_positive")),
        sa.CheckConstraint("taken >= 0 AND taken <= capacity", name=op.f("ck_task_never_oversold")),
        sa.ForeignKeyConstraint(["contact_id"], ["user.id"], name=op.f("fk_task_contact_id")),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_task_household_id")
        ),
        sa.ForeignKeyConstraint(["need_id"], ["need.id"], name=op.f("fk_task_need_id")),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_task_programme_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
        sa.UniqueConstraint("code", name=op.f("uq_task_code")),
    )
    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_task_household_id_id"), ["household_id", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_task_is_public_state_district_code_due_on_id"),
            ["is_public", "state", "district_code", "due_on", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_task_is_public_state_due_on_id"),
            ["is_public", "state", "due_on", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_task_is_public_state_region_code_due_on_id"),
            ["is_public", "state", "region_code", "due_on", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_task_is_public_state_town_code_due_on_id"),
            ["is_public", "state", "town_code", "due_on", "id"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_task_need_id"), ["need_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_task_state_due_on_id"), ["state", "due_on", "id"], unique=False
        )
        batch_op.create_index(
            "uq_task_one_rhythm",
            ["household_id"],
            unique=True,
            sqlite_where=sa.text("source = 'rhythm' AND state IN ('open', 'full')"),
            postgresql_where=sa.text("source = 'rhythm' AND state IN ('open', 'full')"),
        )

    op.create_table(
        "claim",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "code",
            sa.String(length=20).with_variant(sa.String(length=20, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("task_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("units", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "held",
                "handed_in",
                "confirmed",
                "released",
                "expired",
                "declined",
                "taken_over",
                "no_show",
                name="claimstate",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "pledged_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="confidentiality pledge (保密承诺) for this household",
        ),
        sa.Column(
            "unrelated",
            sa.Boolean(),
            nullable=False,
            comment="declared no related-party interest (慈善法 §40, 59)",
        ),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "expires_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="end of the window in which name and door are open",
        ),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handed_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.String(length=120), nullable=False),
        sa.Column(
            "idempotency_key",
            sa.String(length=40).with_variant(sa.String(length=40, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.CheckConstraint("units > 0", name=op.f("ck_claim_units_positive")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_claim_task_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_claim_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim")),
        sa.UniqueConstraint("code", name=op.f("uq_claim_code")),
        sa.UniqueConstraint(
            "user_id", "idempotency_key", name=op.f("uq_claim_user_id_idempotency_key")
        ),
    )
    with op.batch_alter_table("claim", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_claim_state_expires_at"), ["state", "expires_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_claim_task_id_state_id"), ["task_id", "state", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_claim_user_id_state_id"), ["user_id", "state", "id"], unique=False
        )
        batch_op.create_index(
            "uq_claim_one_each",
            ["task_id", "user_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('waiting', 'held', 'handed_in')"),
            postgresql_where=sa.text("state IN ('waiting', 'held', 'handed_in')"),
        )

    op.create_table(
        "resource_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "code",
            sa.String(length=20).with_variant(sa.String(length=20, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "kind",
            sa.Enum("money", "goods", "service", name="linekind", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column("donor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "programme_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "charity_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="receives and receipts money",
        ),
        sa.Column("task_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("claim_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "household_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="whom it was pledged for",
        ),
        sa.Column(
            "town_code",
            sa.String(length=12).with_variant(sa.String(length=12, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("item", sa.String(length=120), nullable=False, comment="what: 棉被, 资助款"),
        sa.Column(
            "quantity",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="pieces; fen for money; minutes for service",
        ),
        sa.Column("unit", sa.String(length=120), nullable=False),
        sa.Column(
            "pledged_quantity",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="what was promised; never changes",
        ),
        sa.Column(
            "pledged_fen",
            sa.BigInteger(),
            nullable=False,
            comment="what the donor said it is worth",
        ),
        sa.Column("value_fen", sa.BigInteger(), nullable=False, comment="frozen when received"),
        sa.Column(
            "value_basis",
            sa.Enum(
                "invoice",
                "donor",
                "enquiry",
                "appraisal",
                "standard",
                "unvalued",
                name="valuebasis",
                native_enum=False,
                length=20,
            ),
            nullable=True,
        ),
        sa.Column(
            "evidence_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "data_key",
            sa.LargeBinary(),
            nullable=True,
            comment="this line's own key, wrapped by the master key; seals its evidence",
        ),
        sa.Column(
            "receipt_code",
            sa.String(length=40).with_variant(sa.String(length=40, collation="C"), "postgresql"),
            nullable=True,
            comment="票据代码 of the charity's receipt",
        ),
        sa.Column(
            "receipt_no",
            sa.String(length=40).with_variant(sa.String(length=40, collation="C"), "postgresql"),
            nullable=True,
            comment="票据号码",
        ),
        sa.Column(
            "delivered_quantity",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column("delivered_fen", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "pledged",
                "received",
                "in_stock",
                "earmarked",
                "delivered",
                "acknowledged",
                "reversed",
                name="linestate",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("pledged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column(
            "received_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "recorded_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("reversed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reverse_reason", sa.String(length=120), nullable=False),
        sa.Column(
            "idempotency_key",
            sa.String(length=40).with_variant(sa.String(length=40, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "delivered_fen >= 0 AND delivered_fen <= value_fen",
            name=op.f("ck_resource_line_never_over_valued"),
        ),
        sa.CheckConstraint(
            "delivered_quantity >= 0 AND delivered_quantity <= quantity",
            name=op.f("ck_resource_line_never_over_delivered"),
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_resource_line_quantity_positive")),
        sa.ForeignKeyConstraint(
            ["charity_id"], ["organisation.id"], name=op.f("fk_resource_line_charity_id")
        ),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_resource_line_claim_id")),
        sa.ForeignKeyConstraint(["donor_id"], ["donor.id"], name=op.f("fk_resource_line_donor_id")),
        sa.ForeignKeyConstraint(
            ["evidence_id"], ["media.id"], name=op.f("fk_resource_line_evidence_id")
        ),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_resource_line_household_id")
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_resource_line_programme_id")
        ),
        sa.ForeignKeyConstraint(
            ["received_by_id"], ["user.id"], name=op.f("fk_resource_line_received_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["user.id"], name=op.f("fk_resource_line_recorded_by_id")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_resource_line_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_line")),
        sa.UniqueConstraint("code", name=op.f("uq_resource_line_code")),
        sa.UniqueConstraint(
            "recorded_by_id",
            "idempotency_key",
            name=op.f("uq_resource_line_recorded_by_id_idempotency_key"),
        ),
    )
    with op.batch_alter_table("resource_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_resource_line_claim_id"), ["claim_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_resource_line_donor_id_id"), ["donor_id", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_resource_line_programme_id_state_id"),
            ["programme_id", "state", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_resource_line_state_town_code_id"),
            ["state", "town_code", "id"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_resource_line_task_id"), ["task_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_resource_line_town_code_id"), ["town_code", "id"], unique=False
        )

    op.create_table(
        "visit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "code",
            sa.String(length=20).with_variant(sa.String(length=20, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "household_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "claim_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="none: a worker's own visit, no hours",
        ),
        sa.Column("task_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "visitor_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="who went",
        ),
        sa.Column(
            "recorded_by_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="who wrote it down",
        ),
        sa.Column(
            "region_code",
            sa.String(length=12).with_variant(sa.String(length=12, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "town_code",
            sa.String(length=12).with_variant(sa.String(length=12, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "district_code",
            sa.String(length=12).with_variant(sa.String(length=12, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("visited_on", sa.Date(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "minutes", sa.Integer(), nullable=False, comment="time of service, without travel"
        ),
        sa.Column(
            "manner",
            sa.Enum(
                "home",
                "phone",
                "video",
                "office",
                "escort",
                name="manner",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "result",
            sa.Enum(
                "met",
                "family",
                "nobody",
                "moved",
                "hospital",
                "away",
                "refused",
                "lost",
                "died",
                name="result",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("companions", sa.Integer(), nullable=False, comment="how many went along"),
        sa.Column(
            "opinion",
            sa.Enum("up", "same", "down", name="opinion", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column("needs_found", sa.JSON(), nullable=False, comment="codes of NeedKind"),
        sa.Column(
            "notes",
            sa.LargeBinary(),
            nullable=False,
            comment="JSON: health, mood, safety, medicine, income, care, school, goods, text",
        ),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "submitted",
                "confirmed",
                "returned",
                "amended",
                name="visitstate",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "counts_hours",
            sa.Boolean(),
            nullable=False,
            comment="volunteer service; paid visits never (C4 §19)",
        ),
        sa.Column(
            "confirmed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("return_reason", sa.String(length=120), nullable=False),
        sa.Column(
            "amend_reason",
            sa.String(length=120),
            nullable=False,
            comment="why this version took the place of the one it amends",
        ),
        sa.Column("amends_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "idempotency_key",
            sa.String(length=40).with_variant(sa.String(length=40, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("minutes >= 0", name=op.f("ck_visit_minutes_not_negative")),
        sa.ForeignKeyConstraint(["amends_id"], ["visit.id"], name=op.f("fk_visit_amends_id")),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_visit_claim_id")),
        sa.ForeignKeyConstraint(
            ["confirmed_by_id"], ["user.id"], name=op.f("fk_visit_confirmed_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_visit_household_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["user.id"], name=op.f("fk_visit_recorded_by_id")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_visit_task_id")),
        sa.ForeignKeyConstraint(["visitor_id"], ["user.id"], name=op.f("fk_visit_visitor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit")),
        sa.UniqueConstraint("amends_id", name=op.f("uq_visit_amends_id")),
        sa.UniqueConstraint("code", name=op.f("uq_visit_code")),
        sa.UniqueConstraint(
            "recorded_by_id",
            "idempotency_key",
            name=op.f("uq_visit_recorded_by_id_idempotency_key"),
        ),
    )
    with op.batch_alter_table("visit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_visit_claim_id"), ["claim_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_visit_household_id_visited_on_id"),
            ["household_id", "visited_on", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_visit_state_district_code_id"),
            ["state", "district_code", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_visit_state_town_code_id"), ["state", "town_code", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_visit_town_code_visited_on_id"),
            ["town_code", "visited_on", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_visit_visitor_id_id"), ["visitor_id", "id"], unique=False
        )

    op.create_table(
        "delivery",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "code",
            sa.String(length=20).with_variant(sa.String(length=20, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "household_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("quantity", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("value_fen", sa.BigInteger(), nullable=False),
        sa.Column("delivered_on", sa.Date(), nullable=False),
        sa.Column(
            "signatory",
            sa.String(length=20).with_variant(sa.String(length=20, collation="C"), "postgresql"),
            nullable=False,
            comment="self, family, guardian, village",
        ),
        sa.Column(
            "proof_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="signature or photo",
        ),
        sa.Column(
            "entry_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="its entry in the ledger; none: its share was no whole fen",
        ),
        sa.Column(
            "recorded_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reversed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "idempotency_key",
            sa.String(length=40).with_variant(sa.String(length=40, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_delivery_entry_id")),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_delivery_household_id")
        ),
        sa.ForeignKeyConstraint(
            ["line_id"], ["resource_line.id"], name=op.f("fk_delivery_line_id")
        ),
        sa.ForeignKeyConstraint(["proof_id"], ["media.id"], name=op.f("fk_delivery_proof_id")),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["user.id"], name=op.f("fk_delivery_recorded_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("code", name=op.f("uq_delivery_code")),
        sa.UniqueConstraint(
            "recorded_by_id",
            "idempotency_key",
            name=op.f("uq_delivery_recorded_by_id_idempotency_key"),
        ),
    )
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_delivery_household_id_id"), ["household_id", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_delivery_line_id"), ["line_id"], unique=False)

    op.create_table(
        "follow_up",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "code",
            sa.String(length=20).with_variant(sa.String(length=20, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("visit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "household_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "kind",
            sa.Enum("told", "verify", "check", name="followupkind", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column("what", sa.LargeBinary(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_follow_up_household_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["user.id"], name=op.f("fk_follow_up_person_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_follow_up_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_up")),
        sa.UniqueConstraint("code", name=op.f("uq_follow_up_code")),
    )
    with op.batch_alter_table("follow_up", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_follow_up_household_id"), ["household_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_follow_up_person_id_done_at_due_on"),
            ["person_id", "done_at", "due_on"],
            unique=False,
        )

    op.create_table(
        "visit_photo",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("visit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("media_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["media_id"], ["media.id"], name=op.f("fk_visit_photo_media_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_visit_photo_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_photo")),
        sa.UniqueConstraint("media_id", name=op.f("uq_visit_photo_media_id")),
        sa.UniqueConstraint("visit_id", "position", name=op.f("uq_visit_photo_visit_id_position")),
    )
    for dialect, statement in APPEND_ONLY:
        if op.get_bind().dialect.name == dialect:
            op.execute(sa.text(statement.replace(":", r"\:")))


def downgrade() -> None:
    """Take it back."""
    op.drop_table("visit_photo")
    with op.batch_alter_table("follow_up", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_follow_up_person_id_done_at_due_on"))
        batch_op.drop_index(batch_op.f("ix_follow_up_household_id"))

    op.drop_table("follow_up")
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_delivery_line_id"))
        batch_op.drop_index(batch_op.f("ix_delivery_household_id_id"))

    op.drop_table("delivery")
    with op.batch_alter_table("visit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_visit_visitor_id_id"))
        batch_op.drop_index(batch_op.f("ix_visit_town_code_visited_on_id"))
        batch_op.drop_index(batch_op.f("ix_visit_state_town_code_id"))
        batch_op.drop_index(batch_op.f("ix_visit_state_district_code_id"))
        batch_op.drop_index(batch_op.f("ix_visit_household_id_visited_on_id"))
        batch_op.drop_index(batch_op.f("ix_visit_claim_id"))

    op.drop_table("visit")
    with op.batch_alter_table("resource_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_resource_line_town_code_id"))
        batch_op.drop_index(batch_op.f("ix_resource_line_task_id"))
        batch_op.drop_index(batch_op.f("ix_resource_line_state_town_code_id"))
        batch_op.drop_index(batch_op.f("ix_resource_line_programme_id_state_id"))
        batch_op.drop_index(batch_op.f("ix_resource_line_donor_id_id"))
        batch_op.drop_index(batch_op.f("ix_resource_line_claim_id"))

    op.drop_table("resource_line")
    with op.batch_alter_table("claim", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_claim_one_each",
            sqlite_where=sa.text("state IN ('waiting', 'held', 'handed_in')"),
            postgresql_where=sa.text("state IN ('waiting', 'held', 'handed_in')"),
        )
        batch_op.drop_index(batch_op.f("ix_claim_user_id_state_id"))
        batch_op.drop_index(batch_op.f("ix_claim_task_id_state_id"))
        batch_op.drop_index(batch_op.f("ix_claim_state_expires_at"))

    op.drop_table("claim")
    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_task_one_rhythm",
            sqlite_where=sa.text("source = 'rhythm' AND state IN ('open', 'full')"),
            postgresql_where=sa.text("source = 'rhythm' AND state IN ('open', 'full')"),
        )
        batch_op.drop_index(batch_op.f("ix_task_state_due_on_id"))
        batch_op.drop_index(batch_op.f("ix_task_need_id"))
        batch_op.drop_index(batch_op.f("ix_task_is_public_state_town_code_due_on_id"))
        batch_op.drop_index(batch_op.f("ix_task_is_public_state_region_code_due_on_id"))
        batch_op.drop_index(batch_op.f("ix_task_is_public_state_due_on_id"))
        batch_op.drop_index(batch_op.f("ix_task_is_public_state_district_code_due_on_id"))
        batch_op.drop_index(batch_op.f("ix_task_household_id_id"))

    op.drop_table("task")
    with op.batch_alter_table("posting", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_posting_town_code_account_id"))
        batch_op.drop_index(batch_op.f("ix_posting_programme_id_account_id"))
        batch_op.drop_index(batch_op.f("ix_posting_household_id_account_id"))
        batch_op.drop_index(batch_op.f("ix_posting_entry_id"))
        batch_op.drop_index(batch_op.f("ix_posting_donor_id_account_id"))

    op.drop_table("posting")
    with op.batch_alter_table("need", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_need_town_code_state_id"))
        batch_op.drop_index(batch_op.f("ix_need_town_code_id"))
        batch_op.drop_index(batch_op.f("ix_need_state_deadline_on_id"))
        batch_op.drop_index(batch_op.f("ix_need_household_id_id"))
        batch_op.drop_index(batch_op.f("ix_need_district_code_state_id"))
        batch_op.drop_index(batch_op.f("ix_need_district_code_id"))

    op.drop_table("need")
    with op.batch_alter_table("member", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_member_household_id_position"))

    op.drop_table("member")
    with op.batch_alter_table("media", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_media_household_id"))

    op.drop_table("media")
    with op.batch_alter_table("household_change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_household_change_household_id_id"))

    op.drop_table("household_change")
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_consent_household_id"))

    op.drop_table("consent")
    op.drop_table("visit_rhythm")
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_in_user_id"))

    op.drop_table("sign_in")
    with op.batch_alter_table("programme", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_programme_foundation_id"))

    op.drop_table("programme")
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_message_user_id_id"))
        batch_op.drop_index(
            "ix_message_unread",
            sqlite_where=sa.text("read_at IS NULL"),
            postgresql_where=sa.text("read_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_message_state_next_try_at"))

    op.drop_table("message")
    op.drop_table("invitation")
    with op.batch_alter_table("import_batch", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_import_batch_user_id_id"))
        batch_op.drop_index(batch_op.f("ix_import_batch_state"))

    op.drop_table("import_batch")
    with op.batch_alter_table("household", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_household_worker_id_next_visit_on_id"))
        batch_op.drop_index(batch_op.f("ix_household_town_code_next_visit_on_id"))
        batch_op.drop_index(batch_op.f("ix_household_town_code_last_visit_on_id"))
        batch_op.drop_index(batch_op.f("ix_household_region_code_next_visit_on_id"))
        batch_op.drop_index(batch_op.f("ix_household_region_code_last_visit_on_id"))
        batch_op.drop_index(batch_op.f("ix_household_next_visit_on_id"))
        batch_op.drop_index(batch_op.f("ix_household_last_visit_on_id"))
        batch_op.drop_index(batch_op.f("ix_household_district_code_next_visit_on_id"))
        batch_op.drop_index(batch_op.f("ix_household_district_code_last_visit_on_id"))

    op.drop_table("household")
    with op.batch_alter_table("grant", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_grant_user_id"))
        batch_op.drop_index(batch_op.f("ix_grant_role_region_code"))

    op.drop_table("grant")
    with op.batch_alter_table("entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_entry_subject"))

    op.drop_table("entry")
    op.drop_table("donor")
    with op.batch_alter_table("audit_row", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_row_user_id_id"))
        batch_op.drop_index(batch_op.f("ix_audit_row_subject"))
        batch_op.drop_index(batch_op.f("ix_audit_row_seal_id"))
        batch_op.drop_index(batch_op.f("ix_audit_row_household_id_id"))
        batch_op.drop_index(batch_op.f("ix_audit_row_at_id"))

    op.drop_table("audit_row")
    with op.batch_alter_table("user", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_user_phone_index"))

    op.drop_table("user")
    op.drop_table("town_month")
    op.drop_table("tally")
    with op.batch_alter_table("sign_in_throttle", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_in_throttle_open_at"))

    op.drop_table("sign_in_throttle")
    op.drop_table("secret")
    with op.batch_alter_table("search_token", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_search_token_household_id"))

    op.drop_table("search_token")
    with op.batch_alter_table("region", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_region_parent_code"))

    op.drop_table("region")
    op.drop_table("organisation")
    with op.batch_alter_table("job_run", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_job_run_started_at"))

    op.drop_table("job_run")
    op.drop_table("import_mapping")
    op.drop_table("audit_seal")
