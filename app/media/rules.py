"""Limits of pictures (影像限度)."""

from __future__ import annotations

MAX_PIXELS = 40_000_000  # a 40-megapixel photo unpacks to 120 MB; whatever is larger is not for us
MAX_BYTES = 25 << 20
LONGEST = 1600
THUMB = 320
QUALITY = 80
FORMATS = ("JPEG", "PNG", "WEBP", "HEIF", "AVIF")  # what phones write, and nothing else
CONTENT_TYPE = "image/jpeg"
PAPER_TYPE = "application/pdf"
MAX_PAPER_BYTES = (
    10 << 20
)  # a scan of twenty pages; whatever is larger was scanned as if for a poster
PAPER_BEGINS, PAPER_ENDS, TAIL = b"%PDF-", b"%%EOF", 2048


def full_place(code: str) -> str:
    """Return the place the full size is sealed for."""
    return f"media:{code}"


def thumb_place(code: str) -> str:
    """Return the place the thumbnail is sealed for."""
    return f"media.thumb:{code}"
