"""Identity numbers (证件号码): GB 11643 judged by length, date and checksum, and nothing else.

Most elderly people here hold numbers whose first six digits name abolished counties (440623,
440681 …); those digits are never judged and never tell where a person lives.
"""

import datetime as dt
import re
from enum import StrEnum
from functools import lru_cache
from operator import mul
from typing import NamedTuple

from app.core.text import squeeze
from app.households.rules.codes import DisabilityKind, DisabilityLevel, Sex, recognise

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS = b"10X98765432"
# Bytes of digits are 48 too high each; taking the sum off once is quicker than 17 times.
_BYTE_OFFSET = 48 * sum(_WEIGHTS)
_LENGTH, _OLD_LENGTH, _CERTIFICATE_LENGTH = 18, 15, 20
_EARLIEST_YEAR, _LATEST_YEAR = 1850, 2099
_RESIDENCE_PREFIXES = ("810000", "820000", "830000")

_HOME_RETURN = re.compile(r"[HM]\d{8}(\d{2})?")
_PASSPORT = re.compile(r"[A-Z]\d{8}|E[A-Z]\d{7}")


class IdKind(StrEnum):
    """What kind of paper a person is known by (证件类型)."""

    RESIDENT = "resident"
    RESIDENCE_PERMIT = "residence_permit"
    HOME_RETURN = "home_return"
    PASSPORT = "passport"
    OTHER = "other"
    NONE = "none"


class Certificate(NamedTuple):
    """A decoded disability certificate (残疾人证): the holder's number, kind and level."""

    id_number: str
    kind: DisabilityKind
    level: DisabilityLevel


def check_digit(first_17: str) -> str:
    """Return the 18th character for 17 digits (GB 11643, modulus 11)."""
    total = sum(map(mul, _WEIGHTS, first_17.encode("ascii"))) - _BYTE_OFFSET
    return chr(_CHECK_DIGITS[total % 11])


def is_valid(number: str) -> bool:
    """Tell whether 18 characters are a resident ID or a 港澳台 residence permit number.

    Both share the algorithm; the letter must be a capital X. Area digits are not looked at.
    """
    if len(number) != _LENGTH or not number.isascii():
        return False
    digits = number[:17]
    if not digits.isdigit() or _date(number[6:14]) is None:
        return False
    total: int = sum(map(mul, _WEIGHTS, digits.encode("ascii"))) - _BYTE_OFFSET
    return ord(number[17]) == _CHECK_DIGITS[total % 11]


def widen(number: str) -> str | None:
    """Return the 18-character form of a 15-digit number (before 1999); None when it is none."""
    if len(number) != _OLD_LENGTH or not (number.isascii() and number.isdigit()):
        return None
    digits = f"{number[:6]}19{number[6:]}"
    return digits + check_digit(digits) if _date(digits[6:14]) else None


def normal_number(number: object) -> str:
    """Return a number as people are told apart by it: no spaces, a capital X, old 15 digits widened; empty for none."""
    plain = squeeze(str(number or "")).upper()
    return widen(plain) or plain


def birth_of(number: str) -> dt.date:
    """Return the birth date in a valid number; ValueError when there is none."""
    if birth := _date(number[6:14]):
        return birth
    message = "the number holds no date"
    raise ValueError(message)


def sex_of(number: str) -> Sex:
    """Return the sex in a valid number: an odd 17th digit is male."""
    return Sex.MALE if int(number[16]) % 2 else Sex.FEMALE


def kind_of(number: str) -> IdKind | None:
    """Recognise a tidied number by its form; None when it is none of the known ones."""
    if is_valid(number):
        residence = number.startswith(_RESIDENCE_PREFIXES)
        return IdKind.RESIDENCE_PERMIT if residence else IdKind.RESIDENT
    if _HOME_RETURN.fullmatch(number):
        return IdKind.HOME_RETURN
    return IdKind.PASSPORT if _PASSPORT.fullmatch(number) else None


def decode_certificate(number: str) -> Certificate | None:
    """Decode a 20-digit disability certificate number: holder's ID, kind 1-7, level 1-4.

    A replacement suffix (B1 …) is allowed. None when any part is wrong.
    """
    body, suffix = number[:_CERTIFICATE_LENGTH], number[_CERTIFICATE_LENGTH:]
    if not is_valid(body[:_LENGTH]) or not re.fullmatch(r"(B\d{1,2})?", suffix):
        return None
    kind, level = recognise(DisabilityKind, body[18:19]), recognise(DisabilityLevel, body[19:])
    return Certificate(body[:_LENGTH], kind, level) if kind and level else None


@lru_cache(maxsize=65_536)
def _date(digits: str) -> dt.date | None:
    try:
        date = dt.date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return None
    return date if _EARLIEST_YEAR <= date.year <= _LATEST_YEAR else None
