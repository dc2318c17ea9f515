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


def mask_name(name: str) -> str:
    """Mask a name: 张*, 李*华, 王**明; a compound surname stays whole: 欧阳**."""
    name = squeeze(name)
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
    length = 2 if name[:2] in COMPOUND_SURNAMES and len(name) > 2 else 1  # noqa: PLR2004
    return name[:length] + STAR * (len(name) - length) if len(name) > 1 else STAR * len(name)


def mask_id(number: str) -> str:
    """Mask an identity number to its first and last four: 4406**********0017."""
    return _ends(squeeze(number), 4, 4)


def mask_certificate(number: str) -> str:
    """Mask a disability certificate: it holds the ID number, kind and level, so only 4 lead."""
    return _ends(squeeze(number), 4, 0)


def mask_phone(number: str) -> str:
    """Mask a mobile to 138****5678 and a landline to 0757-8****678."""
    plain = squeeze(number)
    if re.fullmatch(r"1\d{10}", plain):
        return f"{plain[:3]}****{plain[7:]}"
    if match := re.fullmatch(r"(0\d{2,3})-?(\d)(\d{3,4})(\d{3})", plain):
        return f"{match[1]}-{match[2]}****{match[4]}"
    return _ends(plain, 0, 3)


def mask_bank_account(number: str) -> str:
    """Mask an account to its last four digits."""
    return _ends(squeeze(number), 0, 4)


def mask_address(address: str) -> str:
    """Cut an address after its village or community; nothing is left when none is named."""
    matches = list(_DOOR.finditer(squeeze(address)))
    return f"{squeeze(address)[: matches[0].end()]}{STAR * 3}" if matches else STAR * 3


def _ends(text: str, first: int, last: int) -> str:
    # Too short to hide anything between the ends: then nothing is shown.
    if len(text) <= first + last:
        return STAR * len(text)
    return text[:first] + STAR * (len(text) - first - last) + text[len(text) - last :]
