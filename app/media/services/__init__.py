"""What keeps and opens pictures (存取影像)."""

from app.media.services.keeping import look_of, open_image, store_image

__all__ = ["look_of", "open_image", "store_image"]
