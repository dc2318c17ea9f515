"""The people of the city (人物): every name, number, phone and door is invented; no living person has any of them."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from app.households.rules.identity import check_digit
from app.portal.services.demo.plan import FilePlan, Kind
from app.regions.queries import place_short
from app.regions.rules import FOSHAN_CSV

if TYPE_CHECKING:
    from app.portal.services.demo.chance import Dice

# No number was ever issued under these: the first are the city itself and gaps of its code list; the abolished
# counties and county-level cities are given only to people born after they were gone.
NEVER_ISSUED = ("440600", "440601", "440620", "440629", "440680", "440689")
ABOLISHED = ("440621", "440622", "440623", "440624", "440681", "440682", "440683", "440684")
ABOLISHED_BY = 2003
PHONE_BLOCK = "169"  # given to no carrier
PHONES = 10**8
STRIDE = 61_803_399  # prime to PHONES: the numbers look thrown, and none comes twice
YEAR = 365.25
CHILD, SCHOOL_AGE, GROWN, OLD = 3, 6, 18, 60

SURNAMES = {
    **dict.fromkeys("陈梁黄何李", 40),
    **dict.fromkeys("吴冯卢霍麦苏罗区谭潘叶郭邓关", 16),
    **dict.fromkeys("简岑伍邝劳康胡曾刘张周林杨左招孔龙廖吕严高", 6),
    **dict.fromkeys("冼佘禤阮仇游老植", 3),
    "欧阳": 3,
    "司徒": 1,
}
OLD_MEN = ("炳锦耀国伟志永德树汉润兆添松福", "坤棠祥强雄成辉明良基权泉开庆根")
OLD_WOMEN = ("惠丽银群凤月笑少玉桂瑞妙秀带间", "芳珍好彩娟英群莲仪娣嫦琼卿兰笑")
MEN = ("健俊志家文永锐伟嘉泽", "雄锋豪辉华聪斌强荣标")
WOMEN = ("丽燕敏慧小艳少静婉秋", "珊芬婷玲仪霞欣萍妍雯")
BOYS = ("子浩梓俊宇卓逸柏铭晋", "轩然朗睿熙谦骏霖浚昊")
GIRLS = ("梓诗芷晓欣悦颖嘉语紫", "晴琪瑶桐彤淇妍澄岚滢")
RARE = ("㘵", "滘", "塱", "氹", "磡", "垚", "犇", "翀")  # names that a careless system loses
STREETS = (
    "仕版",
    "榕荫巷",
    "青砖里",
    "水埗街",
    "龙眼树巷",
    "基围路",
    "塘基头",
    "凤尾巷",
    "石路头",
    "鱼塘边街",
    "蚝壳墙巷",
    "长塱坊",
    "㘵尾街",
    "祠堂前街",
    "木棉里",
    "桑基路",
)

HEALTHS = {"healthy": 30, "fair": 30, "frail": 14, "chronic": 26}
OLD_HEALTHS = {"fair": 18, "frail": 28, "chronic": 40, "serious": 6, "no_self_care": 8}
NOTES = (
    "",
    "",
    "",
    "听力较弱，敲门请久一点",
    "普通话不太会讲，请用粤语",
    "白天多在村口榕树下",
    "腿脚不便，应门慢",
)


class Person(NamedTuple):
    """One invented person (人)."""

    name: str
    relationship: str
    sex: str
    birth: date
    id_number: str
    phone: str
    facts: dict[str, Any]


class Registry:
    """What may be given once only in the whole city (发号)."""

    def __init__(self) -> None:
        """Begin with nothing given."""
        self._ids: set[str] = set()
        self._phones = 0

    def id_number(self, chance: Dice, birth: date, sex: str) -> str:
        """Return a number with the right checksum that nobody else of the city has."""
        late = birth.year > ABOLISHED_BY
        while True:
            prefix = chance.choice(ABOLISHED if late else NEVER_ISSUED)
            order = chance.randrange(1, 499) * 2 + (sex == "1")
            first = f"{prefix}{birth:%Y%m%d}{order:03d}"
            if first not in self._ids:
                self._ids.add(first)
                return first + check_digit(first)

    def phone(self) -> str:
        """Return a phone number that nobody else of the city has."""
        self._phones += 1
        return f"{PHONE_BLOCK}{self._phones * STRIDE % PHONES:08d}"


def name(chance: Dice, sex: str, age: int, surname: str = "") -> str:
    """Invent a name as that generation gave them."""
    if age >= OLD - 5:
        table = OLD_MEN if sex == "1" else OLD_WOMEN
    elif age >= GROWN:
        table = MEN if sex == "1" else WOMEN
    else:
        table = BOYS if sex == "1" else GIRLS
    first, second = chance.choice(table[0]), chance.choice(table[1])
    if chance.random() < 0.01:  # noqa: PLR2004 - one in a hundred
        second = chance.choice(RARE)
    given = second if chance.chance(9) else first + second
    return (surname or chance.pick(SURNAMES)) + given


def door(chance: Dice, region: str) -> str:
    """Invent a door; the streets exist nowhere."""
    house = f"{chance.randint(1, 180)}号"
    if chance.chance(55):
        house += f"{chance.randint(1, 9)}0{chance.randint(1, 6)}"
    return f"{place_short(region)}{chance.choice(STREETS)}{house}"


def family(chance: Dice, file: FilePlan, today: date, registry: Registry) -> list[Person]:
    """Invent the members of a household, the householder first."""
    if file.kind in {Kind.ELDER_ALONE, Kind.ELDER_COUPLE}:
        roles = _elders(chance)
    elif file.kind is Kind.CHILD:
        roles = _grandparents(chance)
    else:
        roles = _parents(chance, file)
    surname = chance.pick(SURNAMES)
    return [
        _person(chance, registry, today, role, surname, file.kind) for role in roles[: file.persons]
    ]


class _Role(NamedTuple):
    relationship: str
    sex: str
    age: int
    keeps_surname: bool = True


def _elders(chance: Dice) -> list[_Role]:
    age, sex = chance.randint(66, 94), chance.choice("12")
    spouse = "2" if sex == "1" else "1"
    partner = _Role("1", spouse, max(age + chance.randint(-5, 4), OLD), keeps_surname=False)
    return [_Role("0", sex, age), partner]


def _grandparents(chance: Dice) -> list[_Role]:
    head = _Role("0", chance.choice("12"), chance.randint(60, 76))
    children = [_Role("4", chance.choice("12"), chance.randint(5, 15)) for _ in range(3)]
    return [head, *children]


def _parents(chance: Dice, file: FilePlan) -> list[_Role]:
    """A parent, perhaps another, their children; of the larger households an old mother too."""
    age, sex = chance.randint(30, 56), chance.choice("12")
    if file.kind is Kind.DISABLED:
        age = chance.randint(22, 63)
    head = _Role("0", sex, age)
    spouse = "2" if sex == "1" else "1"
    both = [_Role("1", spouse, max(age + chance.randint(-4, 4), 20), keeps_surname=False)]
    if file.kind is Kind.SINGLE_PARENT:
        both = []
    mother = _Role("5", "2", age + chance.randint(22, 30), keeps_surname=False)
    if file.kind is Kind.DISABLED:
        both = [mother]
    children = []
    for _ in range(5):
        child = chance.choice("12")
        youngest = max(min(age - 20, 22), 1)
        children.append(_Role("2" if child == "1" else "3", child, chance.randint(1, youngest)))
    if file.kind is Kind.FAMILY and chance.chance(35):
        both.append(mother)
    return [head, *both, *children]


def _person(
    chance: Dice, registry: Registry, today: date, role: _Role, surname: str, kind: Kind
) -> Person:
    birth = today - timedelta(days=round(role.age * YEAR) + chance.randint(1, 360))
    own = surname if role.keeps_surname else ""
    is_head = role.relationship == "0"
    return Person(
        name=name(chance, role.sex, role.age, own),
        relationship=role.relationship,
        sex=role.sex,
        birth=birth,
        id_number=registry.id_number(chance, birth, role.sex) if role.age >= CHILD else "",
        phone=registry.phone() if is_head or (role.age >= GROWN and chance.chance(35)) else "",
        facts=_facts(chance, role, kind),
    )


def _facts(chance: Dice, role: _Role, kind: Kind) -> dict[str, Any]:
    old, young = role.age >= OLD, role.age < GROWN
    health = chance.pick(OLD_HEALTHS if old else HEALTHS)
    disability: dict[str, str] | None = None
    if kind is Kind.ILL and role.relationship in {"0", "1"} and chance.chance(60):
        health = "serious"
    if kind is Kind.DISABLED and role.relationship == "0":
        health = "disabled"
        disability = {
            "disability_kind": chance.choice("14567"),
            "disability_level": chance.choice("1223"),
        }
    if young:
        health, work = "healthy", "student" if role.age >= SCHOOL_AGE else "none"
    else:
        work = "retired" if old else chance.choice(("flexible", "unemployed", "employed", "none"))
    return {
        "health": health,
        **(disability or {}),
        "labour": "none" if old or young or disability else chance.choice(("full", "partly")),
        "employment": work,
        "schooling": _schooling(role.age),
        "note": chance.choice(NOTES) if role.relationship == "0" else "",
    }


def _schooling(age: int) -> str:
    for until, word in ((3, "none"), (6, "kindergarten"), (12, "primary"), (15, "junior")):
        if age < until:
            return word
    return "senior" if age < GROWN else ""


@cache
def communities() -> tuple[str, ...]:
    """Return the codes of all communities, in order."""
    with FOSHAN_CSV.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    return tuple(sorted(row["code"] for row in rows if row["level"] == "community"))


@cache
def towns() -> tuple[str, ...]:
    """Return the codes of all towns, in order."""
    return tuple(sorted({code[:9] for code in communities()}))


def town_name(town: str) -> str:
    """Return a town's own name."""
    return place_short(town)
