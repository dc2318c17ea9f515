"""Words and columns (代码与列名), and masks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.households.rules import (
    LABELS,
    Category,
    Field,
    Relationship,
    find_header,
    mask_address,
    mask_bank_account,
    mask_certificate,
    mask_id,
    mask_name,
    mask_phone,
    mask_surname,
    read_category,
    recognise,
    recognise_heading,
    signature_of,
)
from tests.texts import wide


@pytest.mark.parametrize(
    ("word", "category"),
    [
        ("城市低保", Category.DB), ("农村低保", Category.DB), ("低保户", Category.DB),
        ("最低生活保障对象", Category.DB), ("五保", Category.TK), ("特困供养", Category.TK),
        ("三无", Category.TK), ("低边", Category.BY), ("低收入家庭", Category.BY),
        ("支出型困难", Category.GX), ("刚性支出困难家庭", Category.GX), ("孤儿", Category.KJ),
        ("事实无人抚养儿童", Category.KJ), ("重度残疾", Category.CJ), ("残疾人家庭", Category.CJ),
        ("临时困难", Category.QT), ("低保（农村）", Category.DB), (" 特 困 人 员 ", Category.TK),
    ],
)  # fmt: skip
def test_category_aliases(word: str, category: Category) -> None:
    assert read_category(word) == (category, True)


@pytest.mark.parametrize("category", Category)
def test_a_categorys_own_name_is_no_alias(category: Category) -> None:
    assert read_category(category.label) == (category, False)


@pytest.mark.parametrize("word", ["", "??", "低保、残疾", "一般家庭"])
def test_a_category_is_never_guessed(word: str) -> None:
    assert read_category(word) == (None, False)


@pytest.mark.parametrize(
    ("word", "code"),
    [("户主", "0"), ("本人", "0"), ("之妻", "1"), ("长子", "2"), ("女", "3"), ("孙女", "4"),
     ("父", "5"), ("外婆", "6"), ("兄弟", "7"), ("儿媳", "8")],
)  # fmt: skip
def test_relationships_are_the_one_digit_codes(word: str, code: str) -> None:
    assert recognise(Relationship, word) == code


@pytest.mark.parametrize("field", Field)
def test_every_field_is_recognised_by_its_own_label(field: Field) -> None:
    assert recognise_heading(LABELS[field]) is field


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("镇(街 道)", Field.TOWN), ("月人均\n收入（元）", Field.INCOME),
        ("身份证号码", Field.ID_NUMBER),
        (wide("*") + "姓名", Field.NAME), ("救助金额(元)", Field.AID),
        ("户主身份证号", Field.HOUSEHOLDER_ID),
        ("家庭月总收入（元）", None), ("领款人签字", None),
    ],
)  # fmt: skip
def test_headings(heading: str, field: Field | None) -> None:
    assert recognise_heading(heading) is field


def test_a_header_in_two_rows() -> None:
    rows: list[list[object]] = [
        ["台账", "", "", "", ""],
        ["镇（街道）", "基本情况", "", "残疾", ""],
        ["", "姓名", "公民身份号码", "类别", "等级"],
        ["大良", "霍英", "440623195603151820", "", ""],
    ]

    found = find_header(rows)

    assert found is not None
    index, columns = found
    assert (index, columns.rows) == (1, 2)
    assert columns.places == {
        Field.TOWN: 0, Field.NAME: 1, Field.ID_NUMBER: 2,
        Field.DISABILITY_KIND: 3, Field.DISABILITY_LEVEL: 4,
    }  # fmt: skip


def test_a_signature_knows_a_senders_header_again() -> None:
    assert signature_of(["姓名", "性别（男/女）", ""]) == signature_of([" 姓 名", "性别(男/女)"])
    assert signature_of(["姓名", "性别"]) != signature_of(["性别", "姓名"])


def test_the_handbooks_masks() -> None:
    assert [mask_name(name) for name in ("张三", "李小华", "欧阳震华")] == [
        "张*",
        "李*华",
        "欧阳**",
    ]
    assert mask_surname("霍元甲") == "霍**"
    assert mask_id("440606198607040017") == "4406**********0017"
    assert mask_phone("13812345678") == "138****5678"
    assert mask_phone("0757-81234678") == "0757-8****678"
    assert mask_bank_account("6228480402564890018") == "***************0018"
    assert mask_certificate("44060619860704001741") == "4406****************"
    assert mask_address("顺德区大良街道文秀社区居委会12号3栋") == "顺德区大良街道文秀社区居委会***"
    assert mask_address("某路12号") == "***"


@given(st.from_regex(r"[0-9]{1,20}", fullmatch=True))
def test_a_masked_number_never_shows_more_than_its_ends(number: str) -> None:
    for mask, shown in ((mask_id, 8), (mask_bank_account, 4), (mask_certificate, 4)):
        assert sum(character != "*" for character in mask(number)) <= shown
