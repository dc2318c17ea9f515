"""Resource lines and deliveries (资源登记、发放) as rows."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Organisation
from app.core.db import Base, Code12, Code20, Code40, Fen, Key, PrimaryKey, Short
from app.households.models import Household
from app.media.models import Media
from app.programmes.models import Donor, Programme
from app.resources.rules import LineKind, LineState, ValueBasis
from app.tasks.models import Claim, Task


class ResourceLine(Base):
    """One gift on its way (资源登记行); valued once, when received, and frozen then."""

    __tablename__ = "resource_line"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint(
            "delivered_quantity >= 0 AND delivered_quantity <= quantity",
            name="never_over_delivered",
        ),
        CheckConstraint(
            "delivered_fen >= 0 AND delivered_fen <= value_fen", name="never_over_valued"
        ),
        UniqueConstraint("recorded_by_id", "idempotency_key"),
        Index(None, "donor_id", "id"),
        Index(None, "programme_id", "state", "id"),
        Index(None, "state", "town_code", "id"),
        Index(None, "town_code", "id"),
        Index(None, "task_id"),
        Index(None, "claim_id"),
        Index("uq_resource_line_source_key", "source_key", unique=True),
    )

    id: Mapped[PrimaryKey]
    code: Mapped[Code20] = mapped_column(unique=True)
    kind: Mapped[LineKind]
    donor_id: Mapped[Key] = mapped_column(ForeignKey("donor.id"))
    programme_id: Mapped[Key | None] = mapped_column(ForeignKey("programme.id"))
    charity_id: Mapped[Key | None] = mapped_column(
        ForeignKey("organisation.id"), comment="receives and receipts money"
    )
    task_id: Mapped[Key | None] = mapped_column(ForeignKey("task.id"))
    claim_id: Mapped[Key | None] = mapped_column(ForeignKey("claim.id"))
    household_id: Mapped[Key | None] = mapped_column(
        ForeignKey("household.id"), comment="whom it was pledged for"
    )
    town_code: Mapped[Code12] = mapped_column(default="")

    item: Mapped[Short] = mapped_column(comment="what: 棉被, 资助款")
    quantity: Mapped[Key] = mapped_column(comment="pieces; fen for money; minutes for service")
    unit: Mapped[Short]
    pledged_quantity: Mapped[Key] = mapped_column(comment="what was promised; never changes")
    pledged_fen: Mapped[Fen] = mapped_column(default=0, comment="what the donor said it is worth")
    value_fen: Mapped[Fen] = mapped_column(default=0, comment="frozen when received")
    value_basis: Mapped[ValueBasis | None]
    evidence_id: Mapped[Key | None] = mapped_column(ForeignKey("media.id"))
    data_key: Mapped[bytes | None] = mapped_column(
        comment="this line's own key, wrapped by the master key; seals its evidence"
    )
    receipt_code: Mapped[Code40 | None] = mapped_column(comment="票据代码 of the charity's receipt")
    receipt_no: Mapped[Code40 | None] = mapped_column(comment="票据号码")
    delivered_quantity: Mapped[Key] = mapped_column(default=0)
    delivered_fen: Mapped[Fen] = mapped_column(default=0)

    state: Mapped[LineState] = mapped_column(default=LineState.PLEDGED)
    pledged_at: Mapped[datetime]
    received_on: Mapped[date | None]
    received_by_id: Mapped[Key | None] = mapped_column(ForeignKey("user.id"))
    recorded_by_id: Mapped[Key | None] = mapped_column(ForeignKey("user.id"))
    reversed_at: Mapped[datetime | None]
    reverse_reason: Mapped[Short] = mapped_column(default="")
    idempotency_key: Mapped[Code40 | None]
    source_key: Mapped[bytes | None] = mapped_column(
        comment="keyed hash by which a record of the old platform is known again"
    )
    version: Mapped[int] = mapped_column(default=1)
    evidence: Mapped[Media | None] = relationship()
    donor: Mapped[Donor] = relationship()
    programme: Mapped[Programme | None] = relationship()
    charity: Mapped[Organisation | None] = relationship()
    task: Mapped[Task | None] = relationship()
    claim: Mapped[Claim | None] = relationship()
    household: Mapped[Household | None] = relationship()
    deliveries: Mapped[list[Delivery]] = relationship(order_by="Delivery.id", back_populates="line")


class Delivery(Base):
    """A part of a line handed to a household against a signature or photo (发放签收)."""

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("recorded_by_id", "idempotency_key"),
        Index(None, "line_id"),
        Index(None, "household_id", "id"),
    )

    id: Mapped[PrimaryKey]
    code: Mapped[Code20] = mapped_column(unique=True)
    line_id: Mapped[Key] = mapped_column(ForeignKey("resource_line.id"))
    household_id: Mapped[Key] = mapped_column(ForeignKey("household.id"))
    quantity: Mapped[Key]
    value_fen: Mapped[Fen]
    delivered_on: Mapped[date]
    signatory: Mapped[Code20] = mapped_column(comment="self, family, guardian, village")
    proof_id: Mapped[Key | None] = mapped_column(
        ForeignKey("media.id"), comment="signature or photo"
    )
    entry_id: Mapped[Key | None] = mapped_column(
        ForeignKey("entry.id"), comment="its entry in the ledger; none: its share was no whole fen"
    )
    recorded_by_id: Mapped[Key | None] = mapped_column(ForeignKey("user.id"))
    recorded_at: Mapped[datetime]
    reversed_at: Mapped[datetime | None]
    idempotency_key: Mapped[Code40 | None]
    line: Mapped[ResourceLine] = relationship(back_populates="deliveries")
    household: Mapped[Household] = relationship()
    proof: Mapped[Media | None] = relationship()
