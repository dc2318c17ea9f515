"""Roles (角色), the limits of signing in, and what a password must not be."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

PASSWORD_MIN = 10
PASSWORD_MAX = 128
FREE_TRIES = 3  # wrong passwords before each further one has to wait
LOCK_TRIES = 5  # 等保: lock after five
LOCK_TIME = timedelta(minutes=30)
INVITATION_LIFE = timedelta(days=7)
STAFF_IDLE = timedelta(minutes=30)  # 等保: offices time out
HELPER_IDLE = timedelta(days=14)  # a volunteer's phone in the street does not
SEEN_EVERY = timedelta(minutes=5)  # how exactly the last use of a session is kept
PHONE_ACCOUNTS = 3  # a family shares a phone; so many accounts may sign in with one number
PLEDGE_VERSION = "2026-1"
DOT = "·"  # between the parts of a minority's name
CITY = "4406"
USERNAME_SHAPE = re.compile(r"[a-z][a-z0-9._-]{2,31}")
PHONE_SHAPE = re.compile(r"1[3-9][0-9]{9}")
EMAIL_SHAPE = re.compile(r"[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,24}")


class Role(StrEnum):
    """What a person is here for (DESIGN §1)."""

    WORKER = "worker"
    SUPERVISOR = "supervisor"
    VOLUNTEER = "volunteer"
    DONOR = "donor"
    FOUNDATION = "foundation"
    KEEPER = "keeper"
    OFFICER = "officer"
    LIAISON = "liaison"
    AUDITOR = "auditor"
    ADMIN = "admin"


class OrganisationKind(StrEnum):
    """Kinds of organisations; a qualified charity (慈善组织) alone receives money and issues receipts (慈善法 §38)."""

    STATION = "station"
    CIVIL_AFFAIRS = "civil_affairs"
    FOUNDATION = "foundation"
    CHARITY = "charity"
    COMPANY = "company"
    PARTY = "party"
    OTHER = "other"


class UserState(StrEnum):
    """Whether an account may be used."""

    ACTIVE = "active"
    DISABLED = "disabled"


ROLE_WORDS = {
    Role.WORKER: "双百社工",
    Role.SUPERVISOR: "督导",
    Role.VOLUNTEER: "志愿者",
    Role.DONOR: "爱心人士",
    Role.FOUNDATION: "基金会专员",
    Role.KEEPER: "慈善综合体管理员",
    Role.OFFICER: "民政干部",
    Role.LIAISON: "党组织联络员",
    Role.AUDITOR: "审计",
    Role.ADMIN: "系统管理员",
}
ORGANISATION_WORDS = {
    OrganisationKind.STATION: "社工站",
    OrganisationKind.CIVIL_AFFAIRS: "民政部门",
    OrganisationKind.FOUNDATION: "基金会",
    OrganisationKind.CHARITY: "慈善组织",
    OrganisationKind.COMPANY: "企业",
    OrganisationKind.PARTY: "党组织",
    OrganisationKind.OTHER: "其他",
}
SELF_REGISTERED = (Role.VOLUNTEER, Role.DONOR)
STAFF = frozenset(Role) - frozenset(SELF_REGISTERED)
REGION_BOUND = frozenset(
    {Role.WORKER, Role.SUPERVISOR, Role.KEEPER, Role.OFFICER, Role.LIAISON, Role.AUDITOR}
)
ORGANISATION_BOUND = frozenset({Role.FOUNDATION})

PLEDGE = (  # the confidentiality pledge (保密承诺); a changed word is a new PLEDGE_VERSION
    "我已年满 18 周岁，自愿参加，不向街坊收取任何钱物。",
    "街坊的姓名、住址、电话和家里的情况，我只用来完成认领的这一次帮助，不抄录、不转发、不告诉别人。",
    "没有街坊同意，我不拍照、不录像，也不发到朋友圈和任何群里。",
    "帮助完成后，我不再使用这些信息，也不私下联系街坊。",
    "发现街坊有危险，我会马上告诉社工；如果信息不小心泄露了，我会立即报告。",
)


def wait_after(failures: int) -> timedelta:
    """Return how long the next try has to wait after so many wrong passwords in a row."""
    if failures < FREE_TRIES:
        return timedelta(0)
    if failures < LOCK_TRIES:
        return timedelta(seconds=2 ** (failures - FREE_TRIES + 2))
    return LOCK_TIME


def idle_limit(roles: Iterable[Role]) -> timedelta:
    """Return after how much silence a session ends: anybody with an office role is an office."""
    return STAFF_IDLE if STAFF & set(roles) else HELPER_IDLE


def has_expired(seen_at: datetime, roles: Iterable[Role], now: datetime) -> bool:
    """Say whether a session has been silent for too long."""
    return now - seen_at > idle_limit(roles)


def plain_username(typed: str) -> str:
    """Return a user name as it is kept: narrow, lower case, without spaces around it."""
    return unicodedata.normalize("NFKC", typed).strip().lower()


def plain_phone(typed: str) -> str | None:
    """Return a mobile number as eleven digits, or None when it is not one."""
    digits = re.sub(r"[\s()（）.·—–-]", "", unicodedata.normalize("NFKC", typed))
    digits = re.sub(r"^(?:\+|00)?86(?=1)", "", digits)
    return digits if PHONE_SHAPE.fullmatch(digits) else None


def masked_name(name: str) -> str:
    """Return a name as other people may see it: 陈小明 is 陈**, 买买提·艾力 买**; a nickname of other letters stays."""
    if DOT in name and "㐀" <= name[0] <= "\U0003ffff":
        return name[0] + "**"
    if 2 <= len(name) <= 4 and all("㐀" <= letter <= "\U0003ffff" for letter in name):  # noqa: PLR2004 - Chinese names
        return name[0] + "*" * (len(name) - 1)
    return name


_COMMON = """
password passw0rd p@ssword p@ssw0rd pass word qwerty qwertyuiop qwert asdf asdfgh asdfghjkl zxcv zxcvbn
zxcvbnm qazwsx qazwsxedc 1qaz2wsx abc abcd abcde abcdef abcdefg abcdefgh aa aaa admin administrator root
user test guest welcome letmein iloveyou woaini woaini1314 wodemima mima nihao zhongguo china guangdong
foshan shunde nanhai chancheng sanshui gaoming daliang shanlin shanlindemo shanlin-demo monkey dragon
sunshine princess football baseball superman batman master hello secret changeme default love qq weixin
wechat taobao alibaba huawei xiaomi
"""
_STEMS = frozenset(_COMMON.split())
_RUNS = (
    "01234567890123456789",
    "98765432109876543210",
    "abcdefghijklmnopqrstuvwxyz",
    "zyxwvutsrqponmlkjihgfedcba",
    "qwertyuiopasdfghjklzxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "1q2w3e4r5t6y7u8i9o0p",
    "qazwsxedcrfvtgbyhnujmikolp",
)
_FEW_LETTERS = 5
_TELLING = 3  # a shorter name stands in every other word


def password_trouble(password: str, *about: str) -> str | None:
    """Return why a password would be guessed, or None; `about` is what others know: name, user name, phone."""
    low = unicodedata.normalize("NFKC", password).lower()
    stem = re.sub(r"[\d\W_]+$|^[\d\W_]+", "", low)
    letters = re.sub(r"[\d\W_]+", "", low)
    troubles = {
        f"密码至少 {PASSWORD_MIN} 位；用几个不相干的词连起来，又好记又安全": len(low)
        < PASSWORD_MIN,
        f"密码最多 {PASSWORD_MAX} 位": len(low) > PASSWORD_MAX,
        "只有数字的密码很容易被猜中，加几个字母或汉字吧": low.isdigit(),
        "这个密码太有规律，很容易被猜中，请换一个": (
            len(set(low)) < _FEW_LETTERS or any(low in run or stem in run for run in _RUNS)
        ),
        "这个密码太常见，很容易被猜中，请换一个": bool({low, stem, letters} & _STEMS),
        "密码里不要带用户名、姓名或手机号，请换一个": any(
            len(known) >= _TELLING and known.lower() in low for known in about
        ),
    }
    return next((words for words, true in troubles.items() if true), None)
