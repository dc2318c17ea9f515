"""Pages that gather what all features know (门户)."""

from app.portal.routes import (
    admin,
    context,
    family,
    file,
    front,
    handover,
    history,
    homes,
    paper,
    subject,
)
from app.portal.routes.blueprint import (
    bp,
)

__all__ = [
    "admin",
    "bp",
    "context",
    "family",
    "file",
    "front",
    "handover",
    "history",
    "homes",
    "paper",
    "subject",
]
