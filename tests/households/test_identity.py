"""Identity numbers (证件号码): the handbook's examples and what holds for every number."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.households.rules import (
    DisabilityKind,
    DisabilityLevel,
    IdKind,
    Sex,
    birth_of,
    check_digit,
    decode_certificate,
    is_valid,
    kind_of,
    sex_of,
    widen,
)
from tests.texts import wide

days = st.dates(dt.date(1900, 1, 1), dt.date(2099, 12, 31))


@st.composite
def numbers(draw: st.DrawFn) -> str:
    area = draw(st.from_regex(r"[1-9][0-9]{5}", fullmatch=True))
    body = f"{area}{draw(days):%Y%m%d}{draw(st.integers(0, 999)):03d}"
    return body + check_digit(body)


@pytest.mark.parametrize(
    ("number", "sex", "birth", "kind"),
    [
        ("440623195603151820", Sex.FEMALE, dt.date(1956, 3, 15), IdKind.RESIDENT),
        ("440606198607040017", Sex.MALE, dt.date(1986, 7, 4), IdKind.RESIDENT),
        ("440622194811021042", Sex.FEMALE, dt.date(1948, 11, 2), IdKind.RESIDENT),
        ("830000197005050020", Sex.FEMALE, dt.date(1970, 5, 5), IdKind.RESIDENCE_PERMIT),
    ],
)
def test_the_handbooks_numbers(number: str, sex: Sex, birth: dt.date, kind: IdKind) -> None:
    assert is_valid(number)
    assert (sex_of(number), birth_of(number), kind_of(number)) == (sex, birth, kind)


@pytest.mark.parametrize(
    "wrong",
    ["", "440623195603151821", "44062319560315182", "440623195613151820", "440623195602301820",
     "44060619860704001x", wide("440623195603151820"), "440623 19560315182", "abc"],
)  # fmt: skip
def test_wrong_numbers(wrong: str) -> None:
    assert not is_valid(wrong)


def test_a_15_digit_number_is_widened_as_the_handbook_says() -> None:
    assert widen("440623560315182") == "440623195603151820"
    assert widen("440623561315182") is None
    assert widen("44062356031518") is None


@given(numbers())
def test_a_number_with_its_check_digit_is_valid_whatever_its_area(number: str) -> None:
    assert is_valid(number)


@given(numbers(), st.integers(0, 16), st.integers(1, 9))
def test_one_changed_digit_is_always_noticed(number: str, place: int, step: int) -> None:
    digit = str((int(number[place]) + step) % 10)

    assert not is_valid(number[:place] + digit + number[place + 1 :])


@given(numbers(), st.integers(0, 15))
def test_two_swapped_digits_are_always_noticed(number: str, place: int) -> None:
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]

    assert is_valid(swapped) == (swapped == number)


def test_a_disability_certificate_tells_holder_kind_and_level() -> None:
    certificate = decode_certificate("44062319560315182041B1")

    assert certificate is not None
    assert certificate.id_number == "440623195603151820"
    assert certificate.kind is DisabilityKind.LIMB
    assert certificate.level is DisabilityLevel.FIRST


@pytest.mark.parametrize(
    "wrong", ["", "44062319560315182081", "44062319560315182045", "44062319560315182141"]
)
def test_a_wrong_certificate_is_none(wrong: str) -> None:
    assert decode_certificate(wrong) is None
