"""Pages that gather what all features know (门户)."""

from app.portal.routes import admin, context, file, front, history, homes
from app.portal.routes.blueprint import bp

__all__ = ["admin", "bp", "context", "file", "front", "history", "homes"]
from app.portal.routes import handover, subject

__all__ = ["admin", "bp", "context", "file", "front", "handover", "homes", "subject"]
