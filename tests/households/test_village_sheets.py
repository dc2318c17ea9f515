"""Sheets that villages and other systems make (村级自制表): titles, tall headers, listed members, two halves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.households.rules import Category, Reading, Relationship, find_header, read_ledger
from app.households.rules.categories import category_in
from tests.households.ledgers import (
    HEADINGS,
    MAN_1986,
    REGIONS,
    WOMAN_1948,
    WOMAN_1956,
    FakeSheet,
    a_member,
    a_row,
    another,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

WENXIU, DALIANG = "440606005002", "440606005"
OLD_1956 = "440623560315182"  # the same woman before numbers had eighteen places
TITLE = "大良街道文秀社区低保户名册（2026年）"


def read_sheets(*sheets: FakeSheet) -> Reading:
    return read_ledger(list(sheets), REGIONS)


def said(reading: Reading) -> list[list[tuple[str, str, str]]]:
    """Who lives where: name, relationship and number of every person, household by household."""
    return [
        [(one.name, one.relationship.label, one.id_number) for one in household.persons]
        for household in reading.households
    ]


# --- titles --------------------------------------------------------------------------------


def test_a_village_sheet_says_place_and_class_in_its_title() -> None:
    sheet = FakeSheet(
        [
            [TITLE, "", "", ""],
            ["姓名", "与户主关系", "身份证号", "月人均收入"],
            ["霍英", "户主", WOMAN_1956, 600.0],
        ],
        "Sheet1",
    )

    [household] = read_sheets(sheet).households

    assert (household.community_code, household.category) == (WENXIU, Category.DB)


def test_what_was_taken_from_a_title_is_said() -> None:
    sheet = FakeSheet(
        [[TITLE], ["姓名", "与户主关系", "身份证号"], ["霍英", "户主", WOMAN_1956]], "Sheet1"
    )

    warned = read_sheets(sheet).warned

    assert warned["category_from_title"] == warned["community_from_title"] == 1


def test_a_column_that_is_there_and_blank_is_not_filled_from_the_title() -> None:
    rows = [
        [TITLE, "", "", ""],
        ["姓名", "与户主关系", "身份证号", "村居"],
        ["霍英", "户主", WOMAN_1956, ""],
    ]

    reading = read_sheets(FakeSheet(rows, "Sheet1"))

    assert [each.reason for each in reading.rejections] == ["unknown_community"]


def test_a_title_that_names_two_classes_says_none() -> None:
    rows = [
        ["大良街道文秀社区低保、特困名册"],
        ["姓名", "与户主关系", "身份证号"],
        ["霍英", "户主", WOMAN_1956],
    ]

    reading = read_sheets(FakeSheet(rows, "Sheet1"))

    assert [each.reason for each in reading.rejections] == ["unknown_category"]


@pytest.mark.parametrize(
    ("title", "category"),
    [
        ("2026年低保户名册", Category.DB),
        ("低保边缘家庭台账", Category.BY),
        ("刚性支出困难家庭名单", Category.GX),
        ("特困供养人员花名册", Category.TK),
        ("低保和低保边缘家庭名册", None),
        ("困难家庭名册", None),
        ("DB", None),
    ],
)
def test_the_class_of_a_title(title: str, category: Category | None) -> None:
    assert category_in(title) is category


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("文秀", WENXIU),
        ("大良街道文秀社区名册", WENXIU),
        ("文秀社区居委会2026", WENXIU),
        ("优秀文秀书生", None),  # a short name inside other words
        ("大良街道", None),
    ],
)
def test_the_village_of_a_title(text: str, code: str | None) -> None:
    assert REGIONS.community_in(text, DALIANG) == code


# --- tall headers --------------------------------------------------------------------------


def test_headings_divided_twice_are_no_household() -> None:
    rows: list[list[object]] = [
        [TITLE, "", "", "", "", ""],
        ["姓名", "与户主关系", "身份证号", "领取金额", "", ""],
        ["", "", "", "家庭补差", "分类施保", ""],
        ["", "", "", "", "重点救助60元", "其他"],
        ["霍英", "户主", WOMAN_1956, 500.0, 60.0, 0.0],
    ]

    found = find_header(rows)
    reading = read_sheets(FakeSheet(rows, "Sheet1"))

    assert found is not None
    assert (found[0], found[1].rows) == (1, 3)
    assert said(reading) == [[("霍英", "户主", WOMAN_1956)]]
    assert reading.rejections == []


def test_a_header_printed_again_on_the_next_page_is_not_the_header() -> None:
    header = ["姓名", "与户主关系", "身份证号", "村居"]
    rows: list[list[object]] = [
        ["大良街道低保名册", "", "", ""],
        [*header],
        ["霍英", "户主", WOMAN_1956, "文秀"],
        [*header],
        ["区兰", "户主", WOMAN_1948, "文秀"],
    ]

    reading = read_sheets(FakeSheet(rows, "Sheet1"))

    assert [household.row for household in reading.households] == [3, 5]


# --- members in one cell -------------------------------------------------------------------

LISTED = ["户主姓名", "户主身份证号", "家庭成员姓名", "家庭成员身份证号", "村居", "救助类别"]


def listed(*cells: object) -> Reading:
    return read_sheets(FakeSheet([LISTED, list(cells)], "大良街道"))


@pytest.mark.parametrize("mark", ["、", "，", ",", ";", "\n", "/"])
def test_members_in_one_cell_are_read_one_by_one(mark: str) -> None:
    reading = listed(
        "霍英", WOMAN_1956, f"霍英{mark}霍明", f"{WOMAN_1956}{mark}{MAN_1986}", "文秀", "低保"
    )

    assert said(reading) == [[("霍英", "户主", WOMAN_1956), ("霍明", "其他", MAN_1986)]]


def test_the_householder_need_not_be_among_the_listed() -> None:
    reading = listed(
        "霍英", WOMAN_1956, "霍明(子)、区兰（母亲）", f"{MAN_1986}、{WOMAN_1948}", "文秀", "低保"
    )

    assert said(reading) == [
        [
            ("霍英", "户主", WOMAN_1956),
            ("霍明", "子", MAN_1986),
            ("区兰", "父母", WOMAN_1948),
        ]
    ]


def test_a_householder_who_lives_alone_has_no_list() -> None:
    assert said(listed("霍英", WOMAN_1956, "", "", "文秀", "低保")) == [
        [("霍英", "户主", WOMAN_1956)]
    ]


def test_a_relationship_may_stand_before_the_name() -> None:
    reading = listed("霍英", WOMAN_1956, "儿子：霍明", MAN_1986, "文秀", "低保")

    [household] = reading.households
    assert household.persons[1].relationship is Relationship.SON


def test_names_and_numbers_that_are_not_equally_many_are_refused_and_not_guessed() -> None:
    reading = listed("霍英", WOMAN_1956, "霍明、区兰", MAN_1986, "文秀", "低保")

    assert [(each.row, each.reason) for each in reading.rejections] == [(2, "members_not_aligned")]
    assert {problem.code for problem in reading.errors} == {"members_not_aligned"}


def test_names_without_any_number_come_in_and_are_asked_for() -> None:
    reading = listed("霍英", WOMAN_1956, "霍明、区兰", "", "文秀", "低保")

    assert said(reading) == [
        [("霍英", "户主", WOMAN_1956), ("霍明", "其他", ""), ("区兰", "其他", "")]
    ]
    assert reading.warned["id_missing"] == 2


def test_a_fact_written_once_for_several_goes_to_the_first_and_is_said() -> None:
    rows = [
        ["姓名", "与户主关系", "身份证号", "健康状况", "村居", "救助类别"],
        ["霍英、霍明", "户主、子", f"{WOMAN_1956}、{MAN_1986}", "残疾", "文秀", "低保"],
    ]

    reading = read_sheets(FakeSheet(rows, "大良街道"))

    [household] = reading.households
    assert [one.health is not None for one in household.persons] == [True, False]
    assert [one.relationship.label for one in household.persons] == ["户主", "子"]
    assert reading.warned["listed_fact_shared"] == 1


# --- families and persons on two sheets ----------------------------------------------------

FAMILIES = ["序号", "户主姓名", "户主身份证号", "村居", "救助类别", "家庭人口", "家庭住址"]
PERSONS = ["姓名", "身份证号", "户主身份证号", "与户主关系", "健康状况"]


def families(*rows: Sequence[object]) -> FakeSheet:
    return FakeSheet([["大良街道家庭查询"], FAMILIES, *rows], "家庭")


def persons(*rows: Sequence[object]) -> FakeSheet:
    return FakeSheet([PERSONS, *rows], "人员")


HUO: list[object] = [1.0, "霍英", WOMAN_1956, "文秀", "低保", 2.0, "文秀路 1 号"]
OU: list[object] = [2.0, "区兰", WOMAN_1948, "文秀", "特困", 1.0, "文秀路 2 号"]
YING: list[object] = ["霍英", WOMAN_1956, WOMAN_1956, "户主", "健康"]
MING: list[object] = ["霍明", MAN_1986, WOMAN_1956, "子", "残疾"]
LAN: list[object] = ["区兰", WOMAN_1948, WOMAN_1948, "户主", "体弱"]


@pytest.mark.parametrize("order", ["families first", "persons first"])
def test_families_and_persons_are_joined_whatever_sheet_comes_first(order: str) -> None:
    sheets = [families(HUO, OU), persons(YING, MING, LAN)]

    reading = read_sheets(*(sheets if order == "families first" else reversed(sheets)))

    assert said(reading) == [
        [("霍英", "户主", WOMAN_1956), ("霍明", "子", MAN_1986)],
        [("区兰", "户主", WOMAN_1948)],
    ]
    assert [(h.sheet, h.row, h.address) for h in reading.households] == [
        ("家庭", 3, "文秀路 1 号"),
        ("家庭", 4, "文秀路 2 号"),
    ]
    assert reading.warned["member_count_differs"] == 0


def test_persons_need_not_stand_together() -> None:
    reading = read_sheets(families(HUO, OU), persons(MING, LAN, YING))

    assert [len(household.persons) for household in reading.households] == [2, 1]


def test_an_old_number_joins_its_new_one() -> None:
    old = ["霍明", MAN_1986, OLD_1956, "子", ""]

    reading = read_sheets(families(HUO), persons(YING, old))

    assert [len(household.persons) for household in reading.households] == [2]


def test_a_householder_missing_among_the_persons_is_added() -> None:
    reading = read_sheets(families(HUO), persons(MING))

    assert said(reading) == [[("霍英", "户主", WOMAN_1956), ("霍明", "子", MAN_1986)]]


def test_a_wrong_cell_of_a_person_is_pointed_at_on_the_persons_sheet() -> None:
    wrong = ["霍明", "440606198607040018", WOMAN_1956, "子", ""]

    reading = read_sheets(families(HUO, OU), persons(YING, wrong, LAN))

    [problem] = reading.errors
    assert (problem.sheet, problem.row, problem.letter, problem.household_row) == (
        "人员",
        3,
        "B",
        3,
    )
    assert [(each.sheet, each.row, each.reason) for each in reading.rejections] == [
        ("家庭", 3, "id_checksum")
    ]
    assert [household.householder_name for household in reading.households] == ["区兰"]


def test_persons_whose_family_is_nowhere_are_refused() -> None:
    reading = read_sheets(families(OU), persons(YING, MING, LAN))

    assert [(each.sheet, each.row, each.reason) for each in reading.rejections] == [
        ("人员", 2, "unknown_community")
    ]


def test_households_may_be_joined_by_their_own_number() -> None:
    heads = FakeSheet(
        [["户编号", "户主姓名", "村居", "救助类别"], ["H1", "霍英", "文秀", "低保"]], "大良街道"
    )
    people = FakeSheet(
        [
            ["户编号", "姓名", "身份证号", "与户主关系"],
            ["H1", "霍英", WOMAN_1956, "户主"],
            ["H1", "霍明", MAN_1986, "子"],
        ],
        "人员",
    )

    reading = read_sheets(heads, people)

    assert said(reading) == [[("霍英", "户主", WOMAN_1956), ("霍明", "子", MAN_1986)]]


# --- any order -----------------------------------------------------------------------------


@given(st.permutations(range(len(HEADINGS))))
@settings(max_examples=60)
def test_the_order_of_the_columns_does_not_matter(order: list[int]) -> None:
    rows = [HEADINGS, a_row(), a_member(), another()]
    shuffled = FakeSheet([[row[place] for place in order] for row in rows], "顺德区")

    reading = read_sheets(shuffled)

    assert said(reading) == [
        [("霍英", "户主", WOMAN_1956), ("霍明", "子", MAN_1986)],
        [("区兰", "户主", WOMAN_1948)],
    ]
    assert reading.problems == []
