"""What keeps, opens and erases pictures (存取影像)."""

from app.media.services.keeping import (
    forget,
    forget_again,
    look_of,
    open_image,
    store_image,
)
from app.media.services.paper import (
    is_paper,
    open_paper,
    store_paper,
)

__all__ = [
    "forget",
    "forget_again",
    "is_paper",
    "look_of",
    "open_image",
    "open_paper",
    "store_image",
    "store_paper",
]
