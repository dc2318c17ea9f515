"""Photos and papers (影像与文件) as rows; the bytes lie in the storage, sealed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Code20, Code40, Key, PrimaryKey

_STILL_THERE = text("gone_at IS NULL")


class Media(Base):
    """A picture or paper (影像): two sizes of it, sealed; who may see it is the matter of the thing it belongs to."""

    __tablename__ = "media"
    __table_args__ = (
        Index(
            "ix_media_still_there",
            "kind",
            "stored_at",
            sqlite_where=_STILL_THERE,
            postgresql_where=_STILL_THERE,
        ),
    )

    id: Mapped[PrimaryKey]
    code: Mapped[Code20] = mapped_column(unique=True)
    kind: Mapped[Code20] = mapped_column(comment="visit, signature, evidence, consent")
    household_id: Mapped[Key | None] = mapped_column(ForeignKey("household.id"), index=True)
    storage_key: Mapped[Code40]
    thumb_key: Mapped[Code40 | None]
    content_type: Mapped[Code40]
    width: Mapped[int]
    height: Mapped[int]
    size: Mapped[int] = mapped_column(comment="bytes of the full size")
    look: Mapped[bytes] = mapped_column(
        comment="keyed hash of the original bytes: the same picture sent twice is found"
    )
    stored_by_id: Mapped[Key | None] = mapped_column(ForeignKey("user.id"))
    stored_at: Mapped[datetime]
    gone_at: Mapped[datetime | None] = mapped_column(comment="when its bytes were erased for good")
