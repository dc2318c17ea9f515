"""The reader's own process (隔离读取): strangers' files are opened here, under limits.

Run by path in isolated mode, so this module imports the standard library and calamine only.
A file made to exhaust memory or time ends this process and nothing else.
"""

import contextlib
import datetime as dt
import io
import itertools
import marshal
import re
import struct
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import IO, Any

MAX_ENTRIES = 2_000
MAX_UNPACKED = 800 * 1024 * 1024
MAX_RATIO = 150
RATIO_MATTERS_FROM = 8 * 1024 * 1024
MAX_ROWS = 300_000
MAX_COLUMNS = 702
MAX_CELLS = 12_000_000
MAX_SENT = 512 * 1024 * 1024
MAX_FRAME = 64 * 1024 * 1024
MEMORY_LIMIT = 1024 * 1024 * 1024
CPU_SECONDS = 60
ROWS_PER_FRAME = 500
CHUNK = 1 << 20

_OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
# The limits in one look: a row of 300,000 or more, a column beyond ZZ. Anything finer would cost
# a town's whole workbook seconds; what slips through meets the memory limit.
_FAR_ROW = re.compile(rb"""r\s*=\s*["'][A-Z]*(?:[3-9]\d{5}|\d{7})""")
_FAR_COLUMN = re.compile(rb"""r\s*=\s*["'][A-Z]{3}""")
_FAR = re.compile(rb"""r\s*=\s*["'](?:[A-Z]{3}|[A-Z]*(?:[3-9]\d{5}|\d{7}))""")
_CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")
_DIMENSION = re.compile(rb"""dimension\s[^>]*?ref\s*=\s*["'][A-Z]+\d+:([A-Z]+)(\d+)["']""")
_MERGED = re.compile(
    rb"""<(?:\w+:)?mergeCell\s[^>]*?ref\s*=\s*["']([A-Z]+)(\d+):([A-Z]+)(\d+)["']"""
)
_UNCOUNTED = re.compile(
    rb"<(?:\w+:)?f(?:\s[^>]*)?(?:/>|>[^<]*</(?:\w+:)?f>)\s*(?:<(?:\w+:)?v\s*/>|<v></v>)?\s*</(?:\w+:)?c>"
)
_MACRO_STREAM = "_VBA_PROJECT".encode("utf-16-le")
_DECLARATION = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)


class Code(StrEnum):
    """Why a file is not read; the parent has a sentence for each."""

    DAMAGED = "damaged"
    EMPTY = "empty"
    ENCRYPTED = "encrypted"
    ENTITIES = "entities"
    FORMULAS = "formulas"
    LINKS = "links"
    MACROS = "macros"
    NOT_A_WORKBOOK = "not_a_workbook"
    TOO_LARGE = "too_large"
    TOO_MANY_CELLS = "too_many_cells"
    TOO_MANY_COLUMNS = "too_many_columns"
    TOO_MANY_PARTS = "too_many_parts"
    TOO_MANY_ROWS = "too_many_rows"
    TOO_MUCH_MEMORY = "too_much_memory"
    UNKNOWN_ENCODING = "unknown_encoding"
    UNPACKS_TOO_LARGE = "unpacks_too_large"


class Refused(Exception):  # noqa: N818 - named as the reader names it
    """A file that may not be parsed."""

    def __init__(self, code: Code) -> None:
        """Keep the code for the parent."""
        self.code = code
        super().__init__(code)


def inspect(source: IO[bytes]) -> None:
    """Refuse a workbook that would not be safe to parse; reads it in pieces, keeps nothing.

    Raises Refused with one of: not_a_workbook, encrypted, macros, links, formulas, too_many_parts,
    unpacks_too_large, entities, too_many_rows, too_many_columns, damaged.
    """
    magic = source.read(8)
    source.seek(0)
    if is_zip(magic):
        _each_part(source, _scan_part)
    elif is_ole(magic):
        _inspect_ole(source)
    else:
        raise Refused(Code.NOT_A_WORKBOOK)
    source.seek(0)


def editing_size(source: IO[bytes]) -> int:
    """Return how many cells, written or merged, a program holds that opens an .xlsx to edit it."""
    sizes: list[int] = []
    _each_part(source, lambda archive, entry: sizes.append(_count_cells(archive, entry)))
    return sum(sizes)


def is_zip(head: bytes) -> bool:
    """Tell whether a file's first bytes are those of .xlsx and .ods."""
    return head[:4] == b"PK\x03\x04"


def is_ole(head: bytes) -> bool:
    """Tell whether a file's first bytes are those of .xls and of encrypted workbooks."""
    return head[:8] == _OLE_MAGIC


def _inspect_ole(source: IO[bytes]) -> None:
    # An encrypted .xlsx is an OLE container whose directory names this stream; macros stand in one, too.
    tail = b""
    while piece := source.read(CHUNK):
        if _ENCRYPTED_PACKAGE in tail + piece:
            raise Refused(Code.ENCRYPTED)
        if _MACRO_STREAM in tail + piece:
            raise Refused(Code.MACROS)
        tail = piece[-len(_ENCRYPTED_PACKAGE) :]


def _each_part(
    source: IO[bytes], look: Callable[[zipfile.ZipFile, zipfile.ZipInfo], object]
) -> None:
    try:
        with zipfile.ZipFile(source) as archive:
            entries = archive.infolist()
            _check_sizes(entries)
            names = {entry.filename for entry in entries}
            if not names & {"xl/workbook.xml", "xl/workbook.bin", "content.xml"}:
                raise Refused(Code.NOT_A_WORKBOOK)
            if "META-INF/manifest.xml" in names and _is_encrypted_ods(archive):
                raise Refused(Code.ENCRYPTED)
            _check_company(names)
            for entry in entries:
                if entry.filename.lower().endswith((".xml", ".rels", ".vml")):
                    look(archive, entry)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise Refused(Code.DAMAGED) from error
    except RuntimeError as error:
        raise Refused(Code.ENCRYPTED) from error


def _check_sizes(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MAX_ENTRIES:
        raise Refused(Code.TOO_MANY_PARTS)
    if any(entry.flag_bits & 1 for entry in entries):
        raise Refused(Code.ENCRYPTED)
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries) or 1
    if unpacked > MAX_UNPACKED:
        raise Refused(Code.UNPACKS_TOO_LARGE)
    if unpacked > RATIO_MATTERS_FROM and unpacked > MAX_RATIO * packed:
        raise Refused(Code.UNPACKS_TOO_LARGE)


def _check_company(names: set[str]) -> None:
    """Refuse what brings programs along, and what speaks of other files that nobody sent."""
    plain = {name.lower() for name in names}
    if any(name.endswith("vbaproject.bin") or name.startswith("basic/") for name in plain):
        raise Refused(Code.MACROS)
    if any(name.startswith("xl/externallinks/") for name in plain):
        raise Refused(Code.LINKS)


def _is_encrypted_ods(archive: zipfile.ZipFile) -> bool:
    with archive.open("META-INF/manifest.xml") as part:
        return b"encryption-data" in part.read(CHUNK)


def _is_sheet(entry: zipfile.ZipInfo) -> bool:
    return entry.filename.startswith("xl/worksheets/") and entry.filename.endswith(".xml")


def _scan_part(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """Look through one XML part for declarations and for cells out of all bounds."""
    is_sheet = _is_sheet(entry)
    with archive.open(entry) as part:
        for piece in _pieces(part):
            if b"<!" in piece and _DECLARATION.search(piece):
                raise Refused(Code.ENTITIES)
            if b"\x00" in piece:
                raise Refused(Code.DAMAGED)
            if is_sheet:
                _check_reach(piece)


def _check_reach(piece: bytes) -> None:
    # A formula that no program has worked out reads as an empty cell: an income would be nothing.
    if (b"</f>" in piece or b"<f " in piece) and _UNCOUNTED.search(piece):
        raise Refused(Code.FORMULAS)
    if _FAR.search(piece):
        if _FAR_ROW.search(piece):
            raise Refused(Code.TOO_MANY_ROWS)
        if _FAR_COLUMN.search(piece):
            raise Refused(Code.TOO_MANY_COLUMNS)
    if b"dimension" in piece:
        for letters, row in _DIMENSION.findall(piece):
            if int(row[:9]) > MAX_ROWS:
                raise Refused(Code.TOO_MANY_ROWS)
            if column_number(letters) > MAX_COLUMNS:
                raise Refused(Code.TOO_MANY_COLUMNS)


def _count_cells(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> int:
    if not _is_sheet(entry):
        return 0
    total = 0
    with archive.open(entry) as part:
        for piece in _pieces(part):
            total += len(_CELL.findall(piece))
            for left, top, right, bottom in _MERGED.findall(piece):
                height = abs(int(bottom[:9]) - int(top[:9])) + 1
                total += height * (abs(column_number(right) - column_number(left)) + 1)
    return total


def _pieces(part: IO[bytes]) -> Iterator[bytes]:
    """Cut a part at tag ends, so that no tag is split between two pieces."""
    rest = b""
    while piece := part.read(CHUNK):
        whole, mark, rest_of_piece = (rest + piece).rpartition(b">")
        if not mark and len(rest) > CHUNK:
            # One tag of more than a megabyte is nothing that a spreadsheet program writes.
            raise Refused(Code.DAMAGED)
        yield whole + mark
        rest = rest_of_piece
    yield rest


def column_number(letters: bytes) -> int:
    """Return 1 for A, 27 for AA; an empty name is column 0."""
    number = 0
    for letter in letters[:4]:
        number = number * 26 + letter - 64
    return number


def frames(source: IO[bytes]) -> Iterator[tuple[Any, ...]]:
    """Parse a checked workbook and give it out in pieces that marshal can carry.

    ("sheet", name, visible, height) then any number of ("rows", first row, rows, dates) where
    dates lists (row index, column index, kind, fields) for cells that marshal cannot carry.
    """
    import python_calamine  # noqa: PLC0415 - only after the limits are in force

    try:
        book = python_calamine.CalamineWorkbook.from_filelike(source)
    except python_calamine.PasswordError as error:
        raise Refused(Code.ENCRYPTED) from error
    except (python_calamine.CalamineError, ValueError, OSError) as error:
        raise Refused(Code.DAMAGED) from error
    cells = 0
    for position, about in enumerate(book.sheets_metadata):
        visible = about.visible is python_calamine.SheetVisibleEnum.Visible
        if about.typ is not python_calamine.SheetTypeEnum.WorkSheet:
            continue
        if not visible:
            yield ("sheet", about.name, False, 0)
            continue
        try:
            sheet = book.get_sheet_by_index(position)
        except (python_calamine.CalamineError, ValueError, OSError) as error:
            raise Refused(Code.DAMAGED) from error
        if sheet.total_height > MAX_ROWS:
            raise Refused(Code.TOO_MANY_ROWS)
        if sheet.total_width > MAX_COLUMNS:
            raise Refused(Code.TOO_MANY_COLUMNS)
        cells += sheet.total_height * sheet.total_width
        if cells > MAX_CELLS:
            raise Refused(Code.TOO_MANY_CELLS)
        yield ("sheet", about.name, True, sheet.total_height)
        yield from _row_frames(sheet)


def _row_frames(sheet: Any) -> Iterator[tuple[Any, ...]]:
    indent = [""] * (sheet.start[1] if sheet.start else 0)
    rows: Iterator[list[Any]] = sheet.iter_rows()
    first = 1
    while batch := list(itertools.islice(rows, ROWS_PER_FRAME)):
        if indent:
            batch = [indent + row for row in batch]
        yield ("rows", first, batch, _take_out_dates(batch))
        first += len(batch)


def _take_out_dates(batch: list[list[Any]]) -> list[tuple[int, int, str, tuple[int, ...]]]:
    plain = (str, float, bool, int)
    found: list[tuple[int, int, str, tuple[int, ...]]] = []
    for i, row in enumerate(batch):
        for j, cell in enumerate(row):
            if type(cell) in plain:
                continue
            found.append((i, j, *_fields(cell)))
            row[j] = None
    return found


def _fields(cell: object) -> tuple[str, tuple[int, ...]]:
    if isinstance(cell, dt.datetime):
        when = cell.timetuple()[:6]
        return "datetime", (*when, cell.microsecond)
    if isinstance(cell, dt.date):
        return "date", (cell.year, cell.month, cell.day)
    if isinstance(cell, dt.time):
        return "time", (cell.hour, cell.minute, cell.second, cell.microsecond)
    if isinstance(cell, dt.timedelta):
        return "timedelta", (cell.days, cell.seconds, cell.microseconds)
    return "none", ()


def limit(memory: int, seconds: int) -> None:
    """Put this process under its limits, where the system knows them."""
    try:
        import resource  # noqa: PLC0415 - absent on Windows
    except ImportError:
        return
    for kind, amount in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, seconds)):
        # A system may set a lower hard limit than ours, which is then the one that counts.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (amount, amount))


def send(out: IO[bytes], messages: Iterable[tuple[Any, ...]]) -> None:
    """Write each message behind its length in four bytes."""
    sent = 0
    for message in messages:
        body = marshal.dumps(message)
        sent += len(body)
        if len(body) > MAX_FRAME or sent > MAX_SENT:
            raise Refused(Code.TOO_MANY_CELLS)
        out.write(struct.pack(">I", len(body)))
        out.write(body)


def main(arguments: list[str]) -> None:
    """Read the file named by the first argument, or standard input, and send it to the parent."""
    limit(MEMORY_LIMIT, CPU_SECONDS)
    out = sys.stdout.buffer
    try:
        with contextlib.ExitStack() as stack:
            source: IO[bytes]
            if arguments:
                source = stack.enter_context(Path(arguments[0]).open("rb"))
            else:
                source = io.BytesIO(sys.stdin.buffer.read())
            inspect(source)
            send(out, frames(source))
        send(out, [("end",)])
    except Refused as refusal:
        send(out, [("refused", refusal.code.value)])
    except MemoryError:
        send(out, [("refused", Code.TOO_MUCH_MEMORY.value)])
    except BrokenPipeError:
        return
    out.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
