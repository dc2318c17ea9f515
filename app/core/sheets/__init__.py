"""Workbooks (表格文件): read safely, whoever sent them, and hand back with remarks."""

from app.core.sheets.annotation import (
    CellNote,
    annotate,
)
from app.core.sheets.harmless import (
    harmless,
    harmless_row,
)
from app.core.sheets.reading import (
    Cell,
    Row,
    Sheet,
    SheetRefused,
    read_sheets,
)
from app.core.sheets.tables import (
    Form,
    Line,
)
from app.core.sheets.writing import (
    Column,
    Kind,
    Mark,
    Page,
    write_csv,
    write_xlsx,
)

__all__ = [
    "Cell",
    "CellNote",
    "Column",
    "Form",
    "Kind",
    "Line",
    "Mark",
    "Page",
    "Row",
    "Sheet",
    "SheetRefused",
    "annotate",
    "harmless",
    "harmless_row",
    "read_sheets",
    "write_csv",
    "write_xlsx",
]
