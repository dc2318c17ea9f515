"""What keeps, opens and erases pictures (存取影像)."""

from app.media.services.keeping import forget, forget_again, look_of, open_image, store_image

__all__ = ["forget", "forget_again", "look_of", "open_image", "store_image"]
