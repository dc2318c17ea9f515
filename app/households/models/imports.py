"""Workbooks on their way in (导入批次), and how their columns were placed, as rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Code12, Code20, Code40, Key, PrimaryKey, Sealed, Short
from app.households.rules.importing import BatchState


class ImportBatch(Base):
    """A workbook on its way in (导入批次); the file itself lies sealed in the storage until the import ends."""

    __tablename__ = "import_batch"
    __table_args__ = (Index(None, "user_id", "id"), Index(None, "state"))

    id: Mapped[PrimaryKey]
    code: Mapped[Code20] = mapped_column(unique=True)
    user_id: Mapped[Key | None] = mapped_column(ForeignKey("user.id"))
    sender: Mapped[Short] = mapped_column(
        comment="whose mapping is remembered: region or organisation of the sender"
    )
    suffix: Mapped[Code12] = mapped_column(comment=".xlsx, .xls, .ods, .csv")
    storage_key: Mapped[Code40 | None] = mapped_column(comment="the workbook; gone once it is over")
    report_key: Mapped[Code40 | None] = mapped_column(comment="columns, problems, differences")
    errors_key: Mapped[Code40 | None] = mapped_column(comment="the workbook with its remarks")
    data_key: Mapped[Sealed]
    size: Mapped[int] = mapped_column(comment="of the workbook, in bytes")
    state: Mapped[BatchState] = mapped_column(default=BatchState.QUEUED)
    overrides: Mapped[dict[str, Any]] = mapped_column(
        default=dict, comment="column header → field, where corrected"
    )
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    choice: Mapped[dict[str, Any]] = mapped_column(
        default=dict,
        server_default=text("'{}'"),
        comment="which rows are not taken, what becomes of the files no longer named",
    )
    touched: Mapped[dict[str, Any]] = mapped_column(
        default=dict,
        server_default=text("'{}'"),
        comment="what it made and changed, and the last row of every table then: for undoing it",
    )
    approval: Mapped[Code20 | None] = mapped_column(
        comment="code of the request by which a second person lets it in, or back out"
    )
    summary: Mapped[dict[str, Any]] = mapped_column(default=dict, comment="counts only")
    error: Mapped[Short | None]
    idempotency_key: Mapped[Code40] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class ImportMapping(Base):
    """How one sender's columns were placed last time (列对应)."""

    __tablename__ = "import_mapping"

    sender: Mapped[Short] = mapped_column(primary_key=True)
    signature: Mapped[Code40] = mapped_column(primary_key=True, comment="hash of the header row")
    overrides: Mapped[dict[str, Any]]
