"""Pages that gather what all features know (门户)."""

from app.portal.routes import admin, context, file, front, handover, history, homes, subject
from app.portal.routes.blueprint import bp

__all__ = [
    "admin",
    "bp",
    "context",
    "file",
    "front",
    "handover",
    "history",
    "homes",
    "subject",
]
