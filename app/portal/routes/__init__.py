"""Pages that gather what all features know (门户)."""

from app.portal.routes import context, front, homes
from app.portal.routes.blueprint import bp

__all__ = ["bp", "context", "front", "homes"]
