"""Small ledgers for tests (造台账): a valid household, of which a test changes what it is about."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from openpyxl import Workbook

from app.households.rules import Reading, read_ledger
from app.regions.rules import RegionIndex

HEADINGS = [
    "序号", "镇（街道）", "村（居）委会", "家庭编号", "户主姓名", "姓名", "与户主关系", "性别",
    "公民身份号码", "出生年月", "联系电话", "救助类别", "家庭人口", "月人均收入（元）",
    "救助金额（元/月）", "备注",
]  # fmt: skip
# Invented people; the numbers are those of the domain handbook §11.
WOMAN_1956, MAN_1986, WOMAN_1948, TAIWAN_1970 = (
    "440623195603151820",
    "440606198607040017",
    "440622194811021042",
    "830000197005050020",
)
REGIONS = RegionIndex.from_csv()


def a_row(**changes: object) -> list[Any]:
    """Return a householder's row by heading; keywords are headings without brackets."""
    values: dict[str, Any] = {
        "序号": 1.0, "镇": "大良街道", "村": "文秀社区居委会", "家庭编号": "H1", "户主姓名": "霍英",
        "姓名": "霍英", "与户主关系": "户主", "性别": "女", "公民身份号码": WOMAN_1956,
        "出生年月": "1956-03-15", "联系电话": "13812345678", "救助类别": "最低生活保障家庭",
        "家庭人口": "", "月人均收入": 602.05, "救助金额": 100.0, "备注": "",
    }  # fmt: skip
    unknown = changes.keys() - values.keys()
    assert not unknown, unknown
    return list((values | changes).values())


def a_member(**changes: object) -> list[Any]:
    """Return a second person's row, household columns blank as merging leaves them."""
    blank: dict[str, object] = dict.fromkeys(
        ("镇", "村", "家庭编号", "户主姓名", "救助类别", "家庭人口", "月人均收入", "救助金额"), ""
    )
    own = {"姓名": "霍明", "与户主关系": "子", "性别": "男", "公民身份号码": MAN_1986}
    return a_row(**(blank | own | {"出生年月": "1986-07-04"} | changes))


def another(**changes: object) -> list[Any]:
    """Return the first row of a second household."""
    own: dict[str, object] = {"序号": 2.0, "家庭编号": "H2", "户主姓名": "区兰", "姓名": "区兰"}
    own |= {"公民身份号码": WOMAN_1948, "出生年月": "1948-11-02"}
    return a_row(**(own | changes))


@dataclass
class FakeSheet:
    """A sheet from lists."""

    content: Sequence[Sequence[object]]
    name: str = "顺德区"
    visible: bool = True
    height: int = field(init=False)

    def __post_init__(self) -> None:
        """Count the rows."""
        self.height = len(self.content)

    @property
    def rows(self) -> Iterator[tuple[int, list[Any]]]:
        """Yield fresh rows, numbered from 1."""
        return ((number, list(row)) for number, row in enumerate(self.content, 1))


def a_sheet(*rows: Sequence[object], name: str = "顺德区") -> FakeSheet:
    """Return a sheet with title, unit and header rows over the given ones; data begins in row 4."""
    return FakeSheet([["帮扶对象台账"], ["填报单位："], HEADINGS, *rows], name)


def read(*rows: Sequence[object], **keywords: Any) -> Reading:
    """Read one sheet made of these rows."""
    return read_ledger([a_sheet(*rows)], REGIONS, **keywords)


def a_workbook(*rows: Sequence[object]) -> bytes:
    """Return the same as an .xlsx file."""
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = "顺德区"
    for row in a_sheet(*rows).content:
        page.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
