"""What a public card may say: whoever it speaks of must not be found by it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.households.rules.identity import check_digit
from app.needs.rules import Found, Private, check_wording

HUO = Private(names=("霍凤志", "欧阳娜"), doors=("文秀社区仕版38号496",), numbers=("22331188",))

TELLS = [
    ("身份证440623195603151820", Found.ID_NUMBER),
    ("4 4 0 6 2 3.1956-0315 1820", Found.ID_NUMBER),
    ("４４０６２３１９５６０３１５１８２０", Found.ID_NUMBER),
    ("四四〇六二三一九五六〇三一五一八二零", Found.ID_NUMBER),
    ("旧证 440623560315182", Found.ID_NUMBER),
    ("电话一三八零零零零五六七八", Found.PHONE),
    ("幺三八零零零零五六七八", Found.PHONE),
    ("138.0000.5678", Found.PHONE),
    ("①③⑧⓪⓪⓪⓪⑤⑥⑦⑧", Found.PHONE),
    ("0757-22223333", Found.PHONE),
    ("卡号 6222 0212 3456 7890 123", Found.LONG_NUMBER),
    ("打 2233 1188", Found.PHONE),
    ("住在38号", Found.DOOR),
    ("住在三十八号", Found.DOOR),
    ("建设路5号", Found.DOOR),
    ("三栋二单元", Found.DOOR),
    ("3-2-501", Found.DOOR),
    ("楼上501房", Found.DOOR),
    ("A座", Found.DOOR),
    ("仕版三八号", Found.DOOR),
    ("霍凤志想找人聊天", Found.NAME),
    ("霍 凤·志", Found.NAME),
    ("凤志想找人聊天", Found.NAME),
    ("阿志想找人聊天", Found.NAME),
    ("霍婆婆一个人住", Found.NAME),
    ("欧阳女士", Found.NAME),
    ("阿娜", Found.NAME),
]
SAFE = [
    "老人想找人说说话，一周一次",
    "9月5号上午来，9月15日 09:30–10:30 也行",
    "2026-09-05 09:30-10:30",
    "住六楼没有电梯，要搬一台洗衣机",
    "棉被4床，大米10kg 两袋，食用油5L",
    "文秀社区附近，走路十二分钟",
    "会讲粤语最好，大家都可以来",
    "有志愿者愿意教小学五年级数学吗",
    "月租还差 1200.50 元",
]


@pytest.mark.parametrize(("text", "kind"), TELLS)
def test_what_leads_to_a_person_is_found_and_shown_as_it_was_written(
    text: str, kind: Found
) -> None:
    found = check_wording(text, HUO)

    assert kind in {finding.found for finding in found}
    assert all(finding.text and finding.text in text for finding in found)


@pytest.mark.parametrize("text", SAFE)
def test_what_leads_to_nobody_may_be_said(text: str) -> None:
    assert check_wording(text, HUO) == []


def test_overlapping_things_are_said_once() -> None:
    [finding] = check_wording("他住三栋二单元", HUO)

    assert finding.words == "“三栋二单元”像门牌"


GAPS = st.text(alphabet=" 　.-·、,，_/*~\u200b", max_size=3)
FORMS = (
    "0123456789",
    "０１２３４５６７８９",
    "〇一二三四五六七八九",
    "零壹贰叁肆伍陆柒捌玖",
    "⓪①②③④⑤⑥⑦⑧⑨",
    "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗",
)
AROUND = st.text(alphabet="老人想有人来陪聊天，。请早点的 ", max_size=12)


@st.composite
def disguised(draw: st.DrawFn, number: str) -> str:
    """Write a number in any mixture of forms with anything readers skip in between."""
    written = [draw(st.sampled_from(FORMS))[int(d)] if d.isdigit() else d for d in number]
    return "".join(part for digit in written for part in (digit, draw(GAPS)))


@st.composite
def id_numbers(draw: st.DrawFn) -> str:
    """Any valid ID number."""
    born = date(1920, 1, 1) + timedelta(days=draw(st.integers(0, 36_000)))
    digits = f"{draw(st.integers(110000, 830000)):06d}{born:%Y%m%d}{draw(st.integers(0, 999)):03d}"
    return digits + check_digit(digits)


@given(st.data(), id_numbers(), AROUND, AROUND)
def test_any_id_number_is_found_however_it_is_hidden(
    data: st.DataObject, number: str, before: str, after: str
) -> None:
    text = before + data.draw(disguised(number)) + after

    assert Found.ID_NUMBER in {finding.found for finding in check_wording(text, Private())}


@given(st.data(), st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), AROUND, AROUND)
def test_any_mobile_number_is_found_however_it_is_hidden(
    data: st.DataObject, number: str, before: str, after: str
) -> None:
    text = before + data.draw(disguised(number)) + after

    assert check_wording(text, Private())


@given(
    st.text(alphabet="霍凤志陈国强李㘵心梁滘欧阳何敏仪", min_size=3, max_size=4),
    GAPS,
    AROUND,
    AROUND,
)
def test_a_members_name_is_found_with_anything_in_between(
    name: str, gap: str, before: str, after: str
) -> None:
    text = before + gap.join(name) + after

    found = check_wording(text, Private(names=(name,)))

    assert Found.NAME in {finding.found for finding in found}
