"""Tidying cells (整理): tables of what senders write."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.households.rules import (
    read_count,
    read_day,
    read_id,
    read_money,
    read_name,
    read_phones,
    read_yes_no,
)
from tests.texts import wide


@pytest.mark.parametrize(
    ("cell", "fen"),
    [
        ("602.05元", 60205), ("1,721.12", 172112), (wide("1202.80"), 120280), (561.19, 56119),
        (0, 0), ("无", 0), ("1.2万元", 1200000), ("¥500", 50000), ("500元/月", 50000), (-5, -500),
        ("", None), (None, None), ("-", None), ("/", None), (1.005, 101), ("1.0050", 101),
    ],
)  # fmt: skip
def test_money_is_whole_fen(cell: object, fen: int | None) -> None:
    tidied = read_money(cell)

    assert (tidied.value, tidied.readable) == (fen, True)


@pytest.mark.parametrize(
    "cell",
    [
        "约500",
        "500-600",
        "500左右",
        "1,72",
        "1e5",
        "五百",
        float("nan"),
        float("inf"),
        True,
        dt.date(2024, 1, 1),
    ],
)
def test_money_that_is_not_a_number_is_not_guessed(cell: object) -> None:
    assert read_money(cell) == (None, ("money_unreadable",), False)


@given(st.integers(0, 10**11))
def test_money_means_the_same_as_number_text_and_full_width_text(fen: int) -> None:
    yuan, rest = divmod(fen, 100)
    text = f"{yuan}.{rest:02d}"
    full = text.translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789."})

    spellings = (fen / 100, text, text + "元", f"{yuan:,}.{rest:02d}", full)

    assert {read_money(spelling).value for spelling in spellings} == {fen}


@pytest.mark.parametrize(
    "cell",
    ["2024-09-01", "2024.9.1", "2024/9/1", "2024年9月1日", "2024年9月1号", wide("2024-09-01"),
     "20240901", 20240901.0, 45536.0, 45536, "45536", "二〇二四年九月一日", " 2024 年 9 月 1 日",
     "2024-09-01 00:00:00", "2024/9/1 8:30", dt.date(2024, 9, 1), dt.datetime(2024, 9, 1, 8)],  # noqa: DTZ001
    ids=repr,
)  # fmt: skip
def test_a_date_in_a_dozen_spellings(cell: object) -> None:
    assert read_day(cell).value == (dt.date(2024, 9, 1), "day")


@pytest.mark.parametrize(
    ("cell", "year", "month", "precision"),
    [("2024年9月", 2024, 9, "month"), ("202409", 2024, 9, "month"), (202409.0, 2024, 9, "month"),
     ("2024.09", 2024, 9, "month"), ("1956年", 1956, 1, "year"), ("1956", 1956, 1, "year")],
)  # fmt: skip
def test_a_date_keeps_how_exactly_it_is_known(
    cell: object, year: int, month: int, precision: str
) -> None:
    assert read_day(cell).value == (dt.date(year, month, 1), precision)


@pytest.mark.parametrize(
    "cell", ["2024-13-01", "2024-02-30", "24.9.1", "去年", 1956.1, True, "0000"]
)
def test_a_date_that_cannot_be_read_is_not_guessed(cell: object) -> None:
    assert read_day(cell) == (None, ("date_unreadable",), False)


@given(st.dates(dt.date(1900, 3, 1), dt.date(2099, 12, 31)))
def test_every_day_reads_back_from_its_spellings(day: dt.date) -> None:
    serial = (day - dt.date(1899, 12, 30)).days
    spellings = [f"{day:%Y-%m-%d}", f"{day.year}.{day.month}.{day.day}", f"{day:%Y%m%d}"]
    cells: list[object] = [*spellings, f"{day.year}年{day.month}月{day.day}日", day]
    # 1850 to 2099 as a number is a year: a serial in that range lies before April 1905.
    cells += [float(serial)] if serial >= 2100 else []

    for cell in cells:
        assert read_day(cell).value == (day, "day")


@pytest.mark.parametrize(
    ("cell", "phones", "code"),
    [
        ("13812345678", ("13812345678",), None),
        ("138-1234-5678", ("13812345678",), "dashed_phone"),
        (wide("13812345678"), ("13812345678",), "fullwidth_phone"),
        ("+86 138 1234 5678", ("13812345678",), "dashed_phone"),
        (13812345678.0, ("13812345678",), "phone_number_cell"),
        ("13812345678/13912345678", ("13812345678", "13912345678"), "several_phones"),
        ("13812345678、0757-22331234", ("13812345678", "0757-22331234"), "several_phones"),
        ("(0757)22331234", ("0757-22331234",), None),
        ("075722331234", ("0757-22331234",), None),
        ("+852 61234567", ("852-61234567",), None),
        ("儿子13812345678", ("13812345678",), "worded_phone"),
    ],
)
def test_phones(cell: object, phones: tuple[str, ...], code: str | None) -> None:
    tidied = read_phones(cell)

    assert (tidied.value, tidied.readable) == (phones, True)
    assert tidied.codes == () if code is None else code in tidied.codes


@pytest.mark.parametrize("cell", ["1381234567", "138123456789", "23812345678", "不详", 1.5])
def test_a_phone_with_a_digit_wrong_is_not_guessed(cell: object) -> None:
    assert read_phones(cell) == (None, ("phone_unreadable",), False)


@pytest.mark.parametrize(
    ("cell", "number", "codes"),
    [
        ("440623195603151820", "440623195603151820", ()),
        (wide("440623195603151820"), "440623195603151820", ("fullwidth_id",)),
        ("440623 19560315 1820\n", "440623195603151820", ("spaced_id",)),
        ("440605 20201101833x", "44060520201101833X", ("spaced_id", "lowercase_id")),
        ("'440623195603151820", "440623195603151820", ("quoted_id",)),
        ("", None, ()),
        ("无", None, ()),
    ],
)
def test_id_numbers_are_tidied(cell: object, number: str | None, codes: tuple[str, ...]) -> None:
    assert read_id(cell) == (number, codes, True)


@pytest.mark.parametrize(
    "cell", [4.40623195603151e17, 440623560315182.0, "4.40623E+17", wide("4.40623E+17")]
)
def test_an_id_kept_as_a_number_is_lost(cell: object) -> None:
    assert read_id(cell) == (None, ("id_lost_to_number",), False)


def test_names_counts_and_yes_no() -> None:
    assert read_name("张　三") == ("张三", ("spaced_name",), True)
    assert read_name("John  Smith").value == "John Smith"
    assert read_name("㘵明").value == "㘵明"
    assert [read_count(cell).value for cell in (4.0, wide("3") + "人", "", "几人")] == [
        4,
        3,
        None,
        None,
    ]
    assert [read_yes_no(cell).value for cell in ("是", "√", 1.0, "否", "无", "", "也许")] == [
        True, True, True, False, False, None, None
    ]  # fmt: skip
