"""Errors and warnings (错误与提醒): each code from a ledger made for it."""

import pytest

from app.households.rules import ERRORS, IdKind, Sex, read_ledger
from tests.households.ledgers import (
    HEADINGS,
    MAN_1986,
    REGIONS,
    TAIWAN_1970,
    WOMAN_1948,
    WOMAN_1956,
    FakeSheet,
    a_member,
    a_row,
    a_sheet,
    another,
    read,
)
from tests.texts import wide

REFUSED: dict[str, dict[str, object]] = {
    "id_checksum": {"公民身份号码": "440623195603151821"},
    "id_lost_to_number": {"公民身份号码": 4.4062319560315e17},
    "unknown_community": {"村": "无此社区"},
    "unknown_category": {"救助类别": "??"},
    "income_not_a_number": {"月人均收入": "约500"},
    "negative_income": {"月人均收入": -5.0},
    "no_householder": {"与户主关系": "配偶"},
    "members_not_aligned": {"姓名": "霍英、霍明"},
    "person_in_another_household": {"公民身份号码": WOMAN_1948},
}


def test_a_table_of_refusals_covers_every_error_code() -> None:
    assert REFUSED.keys() == ERRORS.keys()


@pytest.mark.parametrize("code", REFUSED)
def test_a_wrong_cell_refuses_its_household_and_no_other(code: str) -> None:
    changes = REFUSED[code] | {"序号": 3.0, "家庭编号": "H3", "户主姓名": "霍英"}

    reading = read(another(), a_row(**changes), a_member(序号=3.0))

    assert [(each.row, each.reason) for each in reading.rejections] == [(5, code)]
    assert [household.row for household in reading.households] == [4]
    assert {problem.code for problem in reading.errors} == {code}
    assert all(problem.message == ERRORS[code] for problem in reading.errors)


def test_an_error_names_its_own_row_and_column() -> None:
    reading = read(a_row(), a_member(公民身份号码="440606198607040018"))

    [problem] = reading.errors
    assert (problem.row, problem.letter, problem.household_row) == (5, "I", 4)
    assert reading.rejections[0].row == 4


def test_the_first_household_keeps_the_person_even_when_it_is_refused() -> None:
    reading = read(a_row(救助类别="??"), another(公民身份号码=WOMAN_1956))

    reasons = [each.reason for each in reading.rejections]
    assert reasons == ["unknown_category", "person_in_another_household"]


def test_a_person_of_another_sheet_is_found_too() -> None:
    sheets = [a_sheet(a_row()), a_sheet(another(公民身份号码=WOMAN_1956), name="顺德区续")]

    reading = read_ledger(sheets, REGIONS)

    assert [(each.sheet, each.row) for each in reading.rejections] == [("顺德区续", 4)]


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("fullwidth_id", {"公民身份号码": wide("440623195603151820")}),
        ("spaced_id", {"公民身份号码": " 440623 19560315 1820"}),
        ("id_15_digits", {"公民身份号码": "440623560315182"}),
        ("id_missing", {"公民身份号码": ""}),
        ("community_short_name", {"村": "文秀"}),
        ("town_short_name", {"镇": "大良"}),
        ("category_alias", {"救助类别": "农村低保"}),
        ("dashed_phone", {"联系电话": "138-1234-5678"}),
        ("several_phones", {"联系电话": "13812345678、13912345678"}),
        ("phone_unreadable", {"联系电话": "1381234567"}),
        ("spaced_name", {"姓名": "霍　英"}),
        ("sex_differs_from_id", {"性别": "男"}),
        ("birth_differs_from_id", {"出生年月": "1956-03-16"}),
        ("member_count_differs", {"家庭人口": 4.0}),
        ("money_text", {"月人均收入": "602.05元"}),
        ("date_text", {"出生年月": "1956.3.15"}),
        ("aid_unreadable", {"救助金额": "约100"}),
    ],
)
def test_an_untidy_cell_is_a_warning_and_the_household_goes_in(
    code: str, changes: dict[str, object]
) -> None:
    reading = read(a_row(**changes))

    assert reading.warned[code] == 1
    assert code in {problem.code for problem in reading.problems}
    [household] = reading.households
    assert household.income_fen == 60205


def test_a_tidy_household_has_nothing_said_about_it() -> None:
    assert read(a_row(), a_member(), another()).problems == []


def test_the_number_decides_sex_and_birth() -> None:
    [household] = read(a_row(性别="男", 出生年月="1956-03-16")).households

    person = household.householder
    assert person.sex is Sex.FEMALE
    assert str(person.birth) == "1956-03-15"


def test_birth_known_to_the_month_agrees_with_the_number() -> None:
    assert read(a_row(出生年月="195603")).warned["birth_differs_from_id"] == 0


def test_a_taiwan_residence_permit_is_a_number_like_any_other() -> None:
    [household] = read(a_row(公民身份号码=TAIWAN_1970, 出生年月="")).households

    assert household.householder.id_kind is IdKind.RESIDENCE_PERMIT


def test_household_columns_are_filled_down_inside_the_household_only() -> None:
    reading = read(a_row(), a_member(), another(镇="", 村=""))

    assert [len(household.persons) for household in reading.households] == [2]
    assert [(each.row, each.reason) for each in reading.rejections] == [(6, "unknown_community")]


def test_blank_total_and_signature_rows_are_no_persons() -> None:
    blank: list[object] = [""] * len(HEADINGS)
    total = ["合计", *blank[1:12], "=SUM(M4:M5)"]

    reading = read(a_row(), blank, a_member(), total, ["填表人：  审核人："], blank)

    assert [len(household.persons) for household in reading.households] == [2]
    assert reading.warned["row_not_understood"] == 0


def test_rows_after_a_total_do_not_join_the_household_before_it() -> None:
    reading = read(a_row(), ["小计"], a_member())

    assert [len(household.persons) for household in reading.households] == [1]
    assert [each.row for each in reading.rejections] == [6]


def test_household_columns_may_be_repeated_in_every_row() -> None:
    repeated = a_row(姓名="霍明", 与户主关系="子", 性别="男", 公民身份号码=MAN_1986, 出生年月="")

    [household] = read(a_row(), repeated).households

    assert [person.name for person in household.persons] == ["霍英", "霍明"]


def test_without_household_numbers_each_householder_begins_one() -> None:
    keep = [
        i for i, heading in enumerate(HEADINGS) if heading not in ("家庭编号", "户主姓名", "序号")
    ]
    rows = [[row[i] for i in keep] for row in (HEADINGS, a_row(), a_member(), another())]

    reading = read_ledger([FakeSheet(rows)], REGIONS)

    assert [len(household.persons) for household in reading.households] == [2, 1]


@pytest.mark.parametrize(
    "missing", ["家庭人口", "出生年月", "联系电话", "备注", "月人均收入（元）", "性别"]
)
def test_an_optional_column_may_be_absent(missing: str) -> None:
    keep = [i for i, heading in enumerate(HEADINGS) if heading != missing]
    rows = [[row[i] for i in keep] for row in (HEADINGS, a_row(), a_member())]

    reading = read_ledger([FakeSheet(rows)], REGIONS)

    assert [len(household.persons) for household in reading.households] == [2]
    assert reading.problems == []


def test_hidden_sheets_and_sheets_without_a_header_are_left_out() -> None:
    hidden = a_sheet(a_row(), name="旧表")
    hidden.visible = False
    note = FakeSheet([["请勿改动表头"]], "说明")

    reading = read_ledger([hidden, note, a_sheet(another())], REGIONS)

    assert [layout.skipped for layout in reading.layouts] == ["hidden", "no_header", ""]
    assert len(reading.households) == 1


def test_a_correction_of_the_columns_is_obeyed() -> None:
    rows = [[*HEADINGS[:-1], "帮扶类目"], a_row(救助类别="??", 备注="特困")]

    reading = read_ledger(
        [FakeSheet(rows)], REGIONS, overrides={"救助类别": None, "帮扶类目": "category"}
    )

    assert [household.category.label for household in reading.households] == ["特困人员"]


def test_progress_ends_with_all_rows_read() -> None:
    calls: list[tuple[int, int]] = []

    read(a_row(), progress=lambda done, expected: calls.append((done, expected)))

    assert calls == [(4, 4)]
