"""Masks (脱敏, DOMAIN §10): tables that a social worker could check, and what holds for whatever is typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.accounts.rules import masked_name
from app.households.rules.masking import (
    COMPOUND_SURNAMES,
    mask_address,
    mask_bank_account,
    mask_certificate,
    mask_id,
    mask_name,
    mask_phone,
    mask_surname,
)

DIGITS = st.text("0123456789", min_size=6, max_size=24)
HAN = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1, max_size=6)


@pytest.mark.parametrize(
    ("name", "masked", "in_a_list"),
    [
        ("张三", "张*", "张*"),
        ("李小华", "李*华", "李**"),
        ("陈李婉婷", "陈**婷", "陈***"),
        ("欧阳修", "欧阳**", "欧阳*"),
        ("欧阳震华", "欧阳**", "欧阳**"),
        ("㘵心", "㘵*", "㘵*"),
        ("冼", "*", "*"),
        ("", "", ""),
        ("买买提·艾力", "买**·**", "买**·**"),
        ("阿依古丽•买买提", "阿**·**", "阿**·**"),
        ("迪力夏提·阿不都·卡德尔", "迪**·**·**", "迪**·**·**"),
        ("John Smith", "J***", "J***"),
        ("NGUYEN Thi Hoa", "N***", "N***"),
        (" 张　三 ", "张*", "张*"),
    ],
)
def test_names(name: str, masked: str, in_a_list: str) -> None:
    assert mask_name(name) == masked
    assert mask_surname(name) == in_a_list


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("440606198607040017", "4406**********0017"),
        ("44062219481102104X", "4406**********104X"),
        ("440623560315182", "4406*******5182"),
        ("830000197005050020", "8300**********0020"),
        ("E12345678", "E******78"),
        ("H1234567801", "H********01"),
        ("M12345678", "M******78"),
        ("A123456", "*******"),
        ("", ""),
    ],
)
def test_identity_numbers_of_every_kind(number: str, masked: str) -> None:
    assert mask_id(number) == masked


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("13812345678", "138****5678"),
        ("138 1234 5678", "138****5678"),
        ("+86 138-1234-5678", "138****5678"),
        ("008613812345678", "138****5678"),
        ("0757-81234678", "0757-8****678"),
        ("075781234678", "0757-8****678"),
        ("81234678", "8****678"),
        ("0757-81234678-801", "0757-8****678"),
        ("020-87654321", "020-8****321"),
        ("+852 9123 4567", "+852-9****567"),
        ("+853 6123 4567", "+853-6****567"),
        ("13812345678、13912340000", "138****5678、139****0000"),
        ("13812345678（女儿）", "******"),
        ("无电话", "***"),
        ("", ""),
    ],
)
def test_phones(number: str, masked: str) -> None:
    assert mask_phone(number) == masked


@pytest.mark.parametrize(
    ("number", "masked"),
    [("6228480402564890018", "***************0018"), ("123456", "***456"), ("12", "*2"), ("", "")],
)
def test_bank_accounts(number: str, masked: str) -> None:
    assert mask_bank_account(number) == masked


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("顺德区大良街道文秀社区居委会12号3栋", "顺德区大良街道文秀社区居委会***"),
        ("文秀社区仕版38号496", "文秀社区***"),
        ("杏坛镇逢简村直街12号", "杏坛镇逢简村***"),
        ("佛山市大良街道凤翔路88号碧桂园社区5座", "佛山市大良街道***"),
        ("大良街道三巷文秀社区", "大良街道***"),
        ("云路社区垇尾街109号506", "云路社区***"),
        ("某路12号", "***"),
        ("", "***"),
    ],
)
def test_addresses_end_at_the_village(address: str, masked: str) -> None:
    assert mask_address(address) == masked


def test_a_disability_certificate_shows_neither_number_nor_kind() -> None:
    assert mask_certificate("44060619860704001741") == "4406****************"
    assert mask_certificate("44060619860704001741B1") == "4406******************"


@pytest.mark.parametrize(
    ("name", "masked"),
    [("陈小明", "陈**"), ("买买提·艾力", "买**"), ("热心街坊一号", "热心街坊一号"), ("", "")],
)
def test_helpers_in_other_peoples_lists(name: str, masked: str) -> None:
    assert masked_name(name) == masked


@given(HAN)
def test_a_name_shows_at_most_its_surname_and_one_more(name: str) -> None:
    shown = mask_name(name).replace("*", "")
    surname = 2 if name[:2] in COMPOUND_SURNAMES else 1

    assert len(shown) <= max(surname, 2)
    assert mask_surname(name).rstrip("*") in {"", name[:1], name[:2]}
    assert name not in {mask_name(name), mask_surname(name)}


@given(DIGITS)
def test_numbers_hide_at_least_as_much_as_they_show(number: str) -> None:
    for mask in (mask_id, mask_phone, mask_bank_account, mask_certificate):
        shown = sum(one.isdigit() for one in mask(number))
        assert shown <= max(8, len(number) // 2)
        assert number not in mask(number)


@given(st.text("0123456789号栋座巷路街道文秀社区村张", max_size=24))
def test_no_house_number_is_left_of_an_address(address: str) -> None:
    assert not any(one.isdigit() for one in mask_address(address))
    assert mask_address(address).endswith("***")


@given(st.text(max_size=30))
def test_whatever_is_typed_comes_out_masked(text: str) -> None:
    for mask in (mask_name, mask_surname, mask_id, mask_phone, mask_bank_account, mask_address):
        assert isinstance(mask(text), str)
