"""Masks (脱敏): what may stand on a page for a value that may not (领域手册 §10)."""

import re

from app.core.text import squeeze

STAR = "*"

COMPOUND_SURNAMES = frozenset({
    "欧阳", "太史", "端木", "上官", "司马", "东方", "独孤", "南宫", "万俟", "闻人", "夏侯", "诸葛",
    "尉迟", "公羊", "赫连", "澹台", "皇甫", "宗政", "濮阳", "公冶", "太叔", "申屠", "公孙", "慕容",
    "仲孙", "钟离", "长孙", "宇文", "司徒", "鲜于", "司空", "令狐", "轩辕", "百里", "呼延", "东郭",
    "南门", "西门", "梁丘", "左丘",
})  # fmt: skip
_DOOR = re.compile(r"(社区居民委员会|社区居委会|居民委员会|居委会|村民委员会|村委会|社区|村)")
_DOTS = re.compile(r"[·•‧・．.]")  # between the parts of a minority's or foreigner's name
_LATIN = re.compile(r"[A-Za-z]")
# a number leads to a house; 云路社区 is a community, though it speaks of a road
_HOUSE = re.compile(r"\d|[一二三四五六七八九十百]+[号巷弄栋座幢单楼组队]")
_ABOVE = re.compile(r".*(?:街道|镇|区|市|县)")
_NUMBERS = re.compile(r"[、，,;；/|]")
_FOREIGN = re.compile(r"(?:\+|00)?(852|853)-?(\d{8})")
_MOBILE = re.compile(r"(?:(?:\+|00)?86-?)?(1[3-9]\d)-?(\d{4})-?(\d{4})")
_LANDLINE = re.compile(r"(?:(0\d{2,3})-?)?([2-9])(\d{3,4})(\d{3})(?:[-转]\d{1,6})?")
RESIDENT = (15, 18)  # digits of an identity number, old and new; residence permits are as long
PAPER = 8  # shorter numbers of other papers show nothing


def mask_name(name: str) -> str:
    """Mask a name: 张*, 李*华, 王**明; a compound surname stays whole: 欧阳**.

    A name in parts shows its first character and where the parts end, 买**·**; one in Latin letters its first letter.
    """
    name = squeeze(name)
    if _DOTS.search(name) or _LATIN.match(name):
        return _parts(name)
    if name[:2] in COMPOUND_SURNAMES and len(name) > 2:  # noqa: PLR2004 - surname and more
        return name[:2] + STAR * max(len(name) - 2, 2)
    if len(name) <= 1:
        return STAR * len(name)
    if len(name) == 2:  # noqa: PLR2004 - 张三 → 张*
        return name[0] + STAR
    return name[0] + STAR * (len(name) - 2) + name[-1]


def mask_surname(name: str) -> str:
    """Mask all but the surname, for lists: 霍**, 张*, 欧阳**."""
    name = squeeze(name)
    if _DOTS.search(name) or _LATIN.match(name):
        return _parts(name)
    length = 2 if name[:2] in COMPOUND_SURNAMES and len(name) > 2 else 1  # noqa: PLR2004
    return name[:length] + STAR * (len(name) - length) if len(name) > 1 else STAR * len(name)


def _parts(name: str) -> str:
    if _LATIN.match(name):
        return name[0] + STAR * 3
    first, *others = [part for part in _DOTS.split(name) if part] or [STAR]
    return "·".join([first[0] + STAR * 2, *(STAR * 2 for _ in others)])


def mask_id(number: str) -> str:
    """Mask an identity number to its first and last four: 4406**********0017.

    Passports and permits of 港澳台 are half as long: four at each end would be nearly all of one, so that the first and
    the last two are shown.
    """
    plain = squeeze(number)
    if len(plain) in RESIDENT:
        return _ends(plain, 4, 4)
    return _ends(plain, 1, 2) if len(plain) >= PAPER else STAR * len(plain)


def mask_certificate(number: str) -> str:
    """Mask a disability certificate: it holds the ID number, kind and level, so only 4 lead."""
    return _ends(squeeze(number), 4, 0)


def mask_phone(number: str) -> str:
    """Mask a mobile to 138****5678, a landline to 0757-8****678, one of Hong Kong or Macau to +852-9****567.

    Several numbers are masked one by one; an extension, and whatever else stands there, is not shown.
    """
    plain = squeeze(number)
    parts = [part for part in _NUMBERS.split(plain) if part]
    return "、".join(_phone(part) for part in parts) if parts else ""


def _phone(plain: str) -> str:
    if match := _MOBILE.fullmatch(plain):
        return f"{match[1]}****{match[3]}"
    if match := _FOREIGN.fullmatch(plain):
        return f"+{match[1]}-{match[2][0]}****{match[2][-3:]}"
    if match := _LANDLINE.fullmatch(plain):
        area = f"{match[1]}-" if match[1] else ""
        return f"{area}{match[2]}****{match[4]}"
    return STAR * min(len(plain), 6)


def mask_bank_account(number: str) -> str:
    """Mask an account to its last four digits; a short one hides as much as it shows."""
    plain = squeeze(number)
    return _ends(plain, 0, min(4, len(plain) // 2))


def mask_address(address: str) -> str:
    """Cut an address after its village or community; nothing is left when none is named.

    A house number before the community's name would go with it: then only its town or district is shown.
    """
    plain = squeeze(address)
    match = _DOOR.search(plain)
    if match is None:
        return STAR * 3
    place = plain[: match.end()]
    if house := _HOUSE.search(place):
        above = _ABOVE.match(place[: house.start()])
        place = above[0] if above else ""
    return place + STAR * 3


def _ends(text: str, first: int, last: int) -> str:
    # Too short to hide anything between the ends: then nothing is shown.
    if len(text) <= first + last:
        return STAR * len(text)
    return text[:first] + STAR * (len(text) - first - last) + text[len(text) - last :]
