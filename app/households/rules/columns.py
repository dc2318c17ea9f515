"""Column headings (列名): which column means what, however the sender writes it."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from app.core.text import bare_heading, plain_heading

HEADER_SEARCHED_ROWS = 20
HEADER_ROWS = 3  # a village's own form divides 保障人数 and 领取金额 twice
_FEWEST_FIELDS = 3


class Field(StrEnum):
    """What a column can mean; the household's own fields come first."""

    SERIAL = "serial"
    DISTRICT = "district"
    TOWN = "town"
    COMMUNITY = "community"
    SOURCE_NO = "source_no"
    HOUSEHOLDER_NAME = "householder_name"
    HOUSEHOLDER_ID = "householder_id"
    ADDRESS = "address"
    CATEGORY = "category"
    MEMBER_COUNT = "member_count"
    INCOME = "income"
    AID = "aid"
    CAUSE = "cause"
    HOUSING = "housing"
    FILED_ON = "filed_on"
    LAST_VISITED_ON = "last_visited_on"
    WORKER_NAME = "worker_name"
    TIER = "tier"
    NAME = "name"
    RELATIONSHIP = "relationship"
    SEX = "sex"
    ID_NUMBER = "id_number"
    ID_KIND = "id_kind"
    BIRTH = "birth"
    ETHNICITY = "ethnicity"
    PHONE = "phone"
    HEALTH = "health"
    SELF_CARE = "self_care"
    DISABILITY_KIND = "disability_kind"
    DISABILITY_LEVEL = "disability_level"
    DISABILITY_CERTIFICATE = "disability_certificate"
    LABOUR = "labour"
    EMPLOYMENT = "employment"
    SCHOOLING = "schooling"
    BANK_NAME = "bank_name"
    BANK_ACCOUNT = "bank_account"
    NOTE = "note"


LABELS: dict[Field, str] = {
    Field.SERIAL: "序号",
    Field.DISTRICT: "区",
    Field.TOWN: "镇（街道）",
    Field.COMMUNITY: "村（居）委会",
    Field.SOURCE_NO: "家庭编号",
    Field.HOUSEHOLDER_NAME: "户主姓名",
    Field.HOUSEHOLDER_ID: "户主身份证号",
    Field.ADDRESS: "家庭住址",
    Field.CATEGORY: "救助类别",
    Field.MEMBER_COUNT: "家庭人口",
    Field.INCOME: "月人均收入（元）",
    Field.AID: "救助金额（元/月）",
    Field.CAUSE: "致困原因",
    Field.HOUSING: "住房情况",
    Field.FILED_ON: "建档日期",
    Field.LAST_VISITED_ON: "最近走访日期",
    Field.WORKER_NAME: "双百社工",
    Field.TIER: "风险等级",
    Field.NAME: "姓名",
    Field.RELATIONSHIP: "与户主关系",
    Field.SEX: "性别",
    Field.ID_NUMBER: "公民身份号码",
    Field.ID_KIND: "证件类型",
    Field.BIRTH: "出生年月",
    Field.ETHNICITY: "民族",
    Field.PHONE: "联系电话",
    Field.HEALTH: "健康状况",
    Field.SELF_CARE: "自理能力",
    Field.DISABILITY_KIND: "残疾类别",
    Field.DISABILITY_LEVEL: "残疾等级",
    Field.DISABILITY_CERTIFICATE: "残疾证号",
    Field.LABOUR: "劳动能力",
    Field.EMPLOYMENT: "就业状况",
    Field.SCHOOLING: "就学情况",
    Field.BANK_NAME: "开户银行",
    Field.BANK_ACCOUNT: "银行账号",
    Field.NOTE: "备注",
}

HOUSEHOLD_FIELDS = frozenset(list(Field)[1 : list(Field).index(Field.NAME)])

# 家庭月总收入 and 户月保障金额 are other figures than the two sums here and are not aliases.
_ALIASES: dict[Field, str] = {
    Field.SERIAL: "序号 编号 no no. 序",
    Field.DISTRICT: "区 区县 所属区 所属区县 县区 县市区 所在区 行政区",
    Field.TOWN: (
        "镇街道 镇街 街镇 乡镇街道 乡镇 街道 镇 所属街道 所属街 所属镇街 所属镇 街道乡镇 所在镇街"
    ),
    Field.COMMUNITY: (
        "村居委会 村居 村社区 村委会 居委会 社区 所属社区 所属社 所属村居 村居名称 社区村 村居社区 "
        "所在村居 所属村 村居委"
    ),
    Field.SOURCE_NO: (
        "家庭编号 户编号 户号 档案号 档案编号 家庭编码 低保证号 低保特困证号 救助证号 保障证号"
    ),
    Field.HOUSEHOLDER_NAME: "户主姓名 户主 户主名称 申请人姓名",
    Field.HOUSEHOLDER_ID: (
        "户主身份证号 户主身份证号码 户主公民身份号码 户主证件号码 申请人身份证号"
    ),
    Field.ADDRESS: "家庭住址 住址 地址 家庭地址 现住址 居住地址 详细地址 现居住地址 居住地",
    Field.CATEGORY: (
        "救助类别 对象类别 救助类型 家庭类别 类别 困难类别 人员类别 家庭类型 对象类型 保障类别 "
        "困难类型"
    ),
    Field.MEMBER_COUNT: "家庭人口 家庭人口数 人口数 家庭成员数 家庭人数 人口 户内人口",
    Field.INCOME: (
        "月人均收入 人均月收入 家庭月人均收入 家庭人均月收入 家庭月均收入 人均收入 月均收入 "
        "家庭人均收入"
    ),
    Field.AID: "救助金额 救助金 保障金额 月救助金额 月保障金额 补助金额 救助金额月 每月救助金额",
    Field.CAUSE: "致困原因 致贫原因 困难原因 申请原因 主要致困原因 主要致贫原因",
    Field.HOUSING: "住房情况 住房状况 住房性质 住房类型 居住情况 住房",
    Field.FILED_ON: "建档日期 建档时间 立户日期 登记日期 建立日期",
    Field.LAST_VISITED_ON: (
        "最近走访日期 最近走访时间 最后走访日期 最近探访日期 最近入户日期 走访日期 最近探访时间"
    ),
    Field.WORKER_NAME: "双百社工 社工 责任社工 负责社工 社工姓名 跟进社工 包户社工",
    Field.TIER: "风险等级 风险 风险级别 探访等级 走访频次",
    Field.NAME: "姓名 成员姓名 家庭成员姓名 人员姓名 对象姓名 家庭成员",
    Field.RELATIONSHIP: "与户主关系 与户主的关系 关系 家庭关系 户主关系 成员关系 与申请人关系",
    Field.SEX: "性别",
    Field.ID_NUMBER: (
        "公民身份号码 身份证号 身份证号码 身份证 证件号码 证件号 身份号码 公民身份证号码 "
        "家庭成员身份证号 家庭成员身份证号码 "
        "成员身份证号 身份证件号码 居民身份证号码"
    ),
    Field.ID_KIND: "证件类型 证件种类 证件类别",
    Field.BIRTH: "出生年月 出生日期 出生年月日 生日 出生",
    Field.ETHNICITY: "民族",
    Field.PHONE: "联系电话 电话 手机 手机号 手机号码 联系方式 电话号码 联系手机",
    Field.HEALTH: "健康状况 健康情况 身体状况 健康 身体情况",
    Field.SELF_CARE: "自理能力 生活自理能力 自理情况",
    Field.DISABILITY_KIND: "残疾类别 残疾类型 残疾种类",
    Field.DISABILITY_LEVEL: "残疾等级 残疾级别",
    Field.DISABILITY_CERTIFICATE: "残疾证号 残疾人证号 残疾证 残疾证号码 残疾人证",
    Field.LABOUR: "劳动能力 劳动力 劳动能力情况",
    Field.EMPLOYMENT: "就业状况 就业情况 从业状况 工作情况 职业状况 就业",
    Field.SCHOOLING: "就学情况 就学状况 在学情况 文化程度 学历 教育程度 受教育程度",
    Field.BANK_NAME: "开户银行 开户行 银行名称 银行",
    Field.BANK_ACCOUNT: "银行账号 银行帐号 账号 帐号 银行卡号 卡号 一卡通账号 银行账户 收款账号",
    Field.NOTE: "备注 说明 其他 其他说明 备注说明",
}

_TABLE = {alias: field for field, words in _ALIASES.items() for alias in words.split()}
_TABLE |= {field.value: field for field in Field}


@dataclass(frozen=True, slots=True)
class Columns:
    """How the columns of one sheet are understood.

    ``places`` maps a field to its column index from 0; ``headings`` are the joined header texts;
    ``unplaced`` those with no meaning found; ``rows`` how many rows the heading takes.
    """

    places: dict[Field, int]
    headings: tuple[str, ...]
    unplaced: tuple[str, ...]
    signature: str
    rows: int = 1


@lru_cache(maxsize=4_096)
def recognise_heading(text: str) -> Field | None:
    """Return the field one heading names: width, case, spaces, breaks, （元） do not matter."""
    return _TABLE.get(plain_heading(text)) or _TABLE.get(bare_heading(text))


def signature_of(headings: Sequence[str]) -> str:
    """Return 16 hexadecimal digits that are equal for equal header rows."""
    plain = [plain_heading(heading) for heading in headings]
    while plain and not plain[-1]:
        plain.pop()
    return hashlib.sha256("\x1f".join(plain).encode()).hexdigest()[:16]


def place(
    headings: Sequence[str], overrides: Mapping[str, str | None] | None = None, rows: int = 1
) -> Columns:
    """Map columns to fields; of two columns with one meaning the first counts.

    ``overrides`` (heading → field, or None for "leave out") win over recognition. ValueError when
    an override names no field.
    """
    chosen = {
        plain_heading(text): Field(field) if field else None
        for text, field in (overrides or {}).items()
    }
    places: dict[Field, int] = {}
    unplaced: list[str] = []
    # Overridden columns go first, so that a correction takes a field from a wrong guess.
    order = sorted(range(len(headings)), key=lambda i: plain_heading(headings[i]) not in chosen)
    for index in order:
        heading = headings[index]
        key = plain_heading(heading)
        if not key:
            continue
        field = chosen[key] if key in chosen else recognise_heading(heading)
        if field is not None and field not in places:
            places[field] = index
        elif key not in chosen or field is not None:
            unplaced.append(heading)
    return Columns(places, tuple(headings), tuple(unplaced), signature_of(headings), rows)


def find_header(
    rows: Sequence[Sequence[object]], overrides: Mapping[str, str | None] | None = None
) -> tuple[int, Columns] | None:
    """Find the header among a sheet's first rows; return its first index and the columns.

    A header may take up to three rows (保障人数 over 重点保障人数). None when nothing looks like one: a
    header names a person or a householder and at least three fields.
    """
    best: tuple[int, Columns] | None = None
    for index in range(min(len(rows), HEADER_SEARCHED_ROWS)):
        for columns in _headers_at(rows, index, overrides):
            if best is None or _is_better(index, columns, *best):
                best = index, columns
    return best


def _is_better(index: int, columns: Columns, other_index: int, other: Columns) -> bool:
    """Prefer the header that knows more; of equals that overlap the one nearest to the data, and so no title row.

    One further down that knows no more is the same header again, on the next printed page.
    """
    if len(columns.places) != len(other.places):
        return len(columns.places) > len(other.places)
    return index < other_index + other.rows


def _headers_at(
    rows: Sequence[Sequence[object]], index: int, overrides: Mapping[str, str | None] | None
) -> Iterator[Columns]:
    """Yield how the header could be read that begins in a row: in one row, and with the rows below that divide it."""
    headings = [_text(cell) for cell in rows[index]]
    for height in range(1, HEADER_ROWS + 1):
        columns = place(headings, overrides, rows=height)
        names_somebody = Field.NAME in columns.places or Field.HOUSEHOLDER_NAME in columns.places
        if names_somebody and len(columns.places) >= _FEWEST_FIELDS:
            yield columns
        below = index + height
        if below >= len(rows) or not _is_lower_header(headings, rows[below]):
            return
        headings = _joined(headings, rows[below])


def _text(cell: object) -> str:
    return cell if isinstance(cell, str) else ""


def _is_lower_header(upper: Sequence[str], lower: Sequence[object]) -> bool:
    """Tell a second header row from data: only words, that divide wider headings or are headings themselves."""
    texts = [_text(cell) for cell in lower]
    if any(cell not in ("", None) and not isinstance(cell, str) for cell in lower):
        return False
    named = [index for index, text in enumerate(texts) if text.strip()]
    if not named or not any(text.strip() for text in upper):
        return False
    known = sum(1 for index in named if recognise_heading(texts[index]))
    return known * 2 >= len(named) or all(_is_divided(upper, index) for index in named)


def _is_divided(upper: Sequence[str], index: int) -> bool:
    """Tell whether a column lies under a heading that reaches over several columns, a merged one."""
    here = upper[index].strip() if index < len(upper) else ""
    beside = upper[index + 1].strip() if index + 1 < len(upper) else here
    if here:
        return not beside and recognise_heading(here) is None
    # under the blank rest of a merged heading, which begins further left
    left = next((text.strip() for text in reversed(upper[:index]) if text.strip()), "")
    return bool(left) and recognise_heading(left) is None


def _joined(upper: Sequence[object], lower: Sequence[object]) -> list[str]:
    """Join a two-row header: a merged upper heading reaches over the blanks to its right."""
    headings: list[str] = []
    parent = ""
    for index in range(max(len(upper), len(lower))):
        above = _text(upper[index]) if index < len(upper) else ""
        below = _text(lower[index]) if index < len(lower) else ""
        parent = above if above.strip() else parent
        if not below.strip():
            headings.append(above)
        elif recognise_heading(parent + below):
            headings.append(parent + below)
        else:
            headings.append(below)
    return headings
