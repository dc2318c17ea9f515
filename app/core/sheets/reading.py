"""Reading workbooks (读取表格): .xlsx .xls .ods .csv as sheets of typed, numbered rows."""

import contextlib
import csv
import datetime as dt
import io
import marshal
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TypeAlias

from app.core.sheets import worker
from app.core.sheets.worker import Code

Cell: TypeAlias = str | float | int | bool | dt.date | dt.datetime | dt.time | dt.timedelta | None
Row: TypeAlias = tuple[int, list[Cell]]

MAX_BYTES = 100 * 1024 * 1024

_TRY = "请用 Excel 或 WPS 打开，"
_SENTENCES = {
    Code.TOO_LARGE: "文件超过 100 MB，请分成几个文件再上传",
    Code.EMPTY: "文件是空的，请重新选择",
    Code.NOT_A_WORKBOOK: "这不是表格文件，请上传 .xlsx、.xls、.ods 或 .csv 文件",
    Code.DAMAGED: f"文件已损坏，读不出来；{_TRY}另存为 .xlsx 后再上传",
    Code.ENCRYPTED: f"文件有打开密码，{_TRY}去掉密码后再上传",
    Code.ENTITIES: f"文件里有不该有的外部声明，不能读取；{_TRY}另存为 .xlsx 后再上传",
    Code.MACROS: f"文件里带着宏（小程序），不能收；{_TRY}另存为不含宏的 .xlsx 后再上传",
    Code.LINKS: f"文件里引用了别的表格，值不一定是现在的；{_TRY}断开链接、粘贴成数值后再上传",
    Code.FORMULAS: f"有公式还没有算出数，读出来会是空的；{_TRY}保存一次，或粘贴成数值后再上传",
    Code.TOO_MANY_PARTS: f"文件里的零件太多，{_TRY}只留下要导入的工作表，另存后再上传",
    Code.UNPACKS_TOO_LARGE: f"文件解压后太大，{_TRY}只留下要导入的工作表，另存后再上传",
    Code.TOO_MANY_ROWS: f"有工作表超过 30 万行，{_TRY}删除表格下方的空行，或分成几个文件再上传",
    Code.TOO_MANY_COLUMNS: f"有工作表超过 702 列，{_TRY}删除表格右边的空列后再上传",
    Code.TOO_MANY_CELLS: f"文件里的单元格太多，{_TRY}删除多余的行列，或分成几个文件再上传",
    Code.TOO_MUCH_MEMORY: f"文件内容太多，读不下；{_TRY}删除多余的行列，或分成几个文件再上传",
    Code.UNKNOWN_ENCODING: f"文字编码认不出，{_TRY}另存为 .xlsx 后再上传",
}


class SheetRefused(Exception):  # noqa: N818 - a refusal, said to a person
    """A file that is not read (拒收的文件): ``code`` for programs, ``message`` for people."""

    def __init__(self, code: Code) -> None:
        """Look up the sentence of a code."""
        self.code = code
        self.message = _SENTENCES[code]
        super().__init__(self.message)


@dataclass(slots=True)
class Sheet:
    """One sheet; its rows can be read once, before the next sheet is asked for.

    ``height`` is how many rows to expect, for showing progress; a hidden sheet has no rows.
    Rows carry the number the sheet's user sees, counted from 1; an empty cell is "".
    """

    name: str
    visible: bool
    rows: Iterator[Row]
    height: int = 0


def read_sheets(source: bytes | Path, filename: str = "") -> Iterator[Sheet]:
    """Read a workbook of any kind, sheet by sheet, in bounded memory.

    Workbooks are parsed by a process of their own under limits of memory and time, which also
    lets reading and judging overlap. SheetRefused when the file is too large, encrypted, not a
    workbook or made to do harm.
    """
    head = _check_size(source)
    if worker.is_ole(head) or worker.is_zip(head):
        yield from _read_apart(source)
    else:
        name = Path(filename).stem if filename else ""
        if not name and isinstance(source, Path):
            name = source.stem
        yield from _read_csv(source, name or "CSV")


def _check_size(source: bytes | Path) -> bytes:
    if isinstance(source, Path):
        size = source.stat().st_size
        with source.open("rb") as file:
            head = file.read(8)
    else:
        size, head = len(source), source[:8]
    if size > MAX_BYTES:
        raise SheetRefused(Code.TOO_LARGE)
    if size == 0:
        raise SheetRefused(Code.EMPTY)
    return head


# --- workbooks -----------------------------------------------------------------------------


def _read_apart(source: bytes | Path) -> Iterator[Sheet]:
    path = [str(source.resolve())] if isinstance(source, Path) else []
    process = subprocess.Popen(  # noqa: S603 - our own script, no shell, no user's words
        [sys.executable, "-I", worker.__file__, *path],
        stdin=subprocess.DEVNULL if path else subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    with process, contextlib.ExitStack() as stack:
        if isinstance(source, bytes):
            stack.callback(_feed(process, source).join)
        # Last in, first out: the worker goes before the thread that may be waiting for it.
        stack.callback(process.kill)
        assert process.stdout is not None  # noqa: S101 - it was asked for above
        yield from _sheets(_messages(process.stdout))


def _feed(process: "subprocess.Popen[bytes]", source: bytes) -> threading.Thread:
    def write() -> None:
        assert process.stdin is not None  # noqa: S101 - it was asked for
        # The worker may refuse a file before it has read all of it.
        with contextlib.suppress(OSError), process.stdin as pipe:
            pipe.write(source)

    thread = threading.Thread(target=write, daemon=True)
    thread.start()
    return thread


def _messages(pipe: IO[bytes]) -> Iterator[tuple[Any, ...]]:
    """Yield what the worker says until it ends; dying without a word is a refusal."""
    while len(head := pipe.read(4)) == 4:  # noqa: PLR2004 - the length goes first
        (length,) = struct.unpack(">I", head)
        body = pipe.read(length)
        if len(body) < length:
            break
        message = marshal.loads(body)  # noqa: S302 - written by our own process
        if message[0] == "refused":
            raise SheetRefused(Code(message[1]))
        if message[0] == "end":
            return
        yield message
    raise SheetRefused(Code.TOO_MUCH_MEMORY)


def _sheets(messages: Iterator[tuple[Any, ...]]) -> Iterator[Sheet]:
    following: list[tuple[Any, ...]] = []

    def rows() -> Iterator[Row]:
        for message in messages:
            if message[0] == "sheet":
                following.append(message)
                return
            _, first, batch, dates = message
            for i, j, kind, fields in dates:
                batch[i][j] = _KINDS[kind](*fields) if kind in _KINDS else ""
            yield from enumerate(batch, first)

    for message in messages:
        following.append(message)
        break
    while following:
        _, name, visible, height = following.pop()
        current = rows()
        yield Sheet(name, visible, current, height)
        for _row in current:
            pass


_KINDS: dict[str, Any] = {
    "date": dt.date,
    "datetime": dt.datetime,
    "time": dt.time,
    "timedelta": dt.timedelta,
}


# --- comma-separated text ------------------------------------------------------------------


def _read_csv(source: bytes | Path, name: str) -> Iterator[Sheet]:
    with _open(source) as file:
        encoding = _encoding_of(file)
    with _open(source) as file, io.TextIOWrapper(file, encoding, newline="") as text:
        sample = text.read(64 * 1024)
        text.seek(0)
        yield Sheet(name, visible=True, rows=_csv_rows(text, _delimiter_of(sample)))


def _open(source: bytes | Path) -> IO[bytes]:
    return source.open("rb") if isinstance(source, Path) else io.BytesIO(source)


def _encoding_of(file: IO[bytes]) -> str:
    """Return utf-8-sig, utf-16 or gb18030, whichever reads the whole file."""
    data = file.read()
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        candidates = ["utf-16"]
    elif b"\x00" in data:
        raise SheetRefused(Code.NOT_A_WORKBOOK)
    else:
        candidates = ["utf-8-sig", "gb18030"]
    for encoding in candidates:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _looks_like_text(text):
            return encoding
        raise SheetRefused(Code.NOT_A_WORKBOOK)
    raise SheetRefused(Code.UNKNOWN_ENCODING)


def _looks_like_text(text: str) -> bool:
    start = text[:4096]
    odd = sum(1 for character in start if ord(character) < 32 and character not in "\t\r\n\f")  # noqa: PLR2004
    return odd == 0 and not start.lstrip().startswith(("%PDF", "<", "{\\rtf"))


def _delimiter_of(sample: str) -> str:
    lines = sample.splitlines()[:20]
    return max(",\t;", key=lambda mark: sum(line.count(mark) for line in lines))


def _csv_rows(text: io.TextIOWrapper, delimiter: str) -> Iterator[Row]:
    cells = 0
    try:
        for number, row in enumerate(csv.reader(text, delimiter=delimiter), 1):
            cells += len(row)
            if number > worker.MAX_ROWS:
                raise SheetRefused(Code.TOO_MANY_ROWS)
            if len(row) > worker.MAX_COLUMNS:
                raise SheetRefused(Code.TOO_MANY_COLUMNS)
            if cells > worker.MAX_CELLS:
                raise SheetRefused(Code.TOO_MANY_CELLS)
            yield number, [_unwrapped(cell) for cell in row]
    except csv.Error as error:
        raise SheetRefused(Code.DAMAGED) from error


def _unwrapped(cell: str) -> str:
    # ="4406…" is how some systems keep a number as text in a file without types.
    if cell.startswith('="') and cell.endswith('"'):
        return cell[2:-1]
    return cell
