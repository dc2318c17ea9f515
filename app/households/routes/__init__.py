"""Pages of files (档案页面): the list, what a worker changes, and the way a workbook comes in."""

from app.households.routes import files, imports, intake, listing, members, past, sections
from app.households.routes.blueprint import bp

__all__ = ["bp", "files", "imports", "intake", "listing", "members", "past", "sections"]
from app.households.routes import consents, notes, records

__all__ = ["bp", "consents", "files", "imports", "notes", "records"]
