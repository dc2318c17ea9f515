"""What happens in families (演示：查重与婚嫁): a few people written down twice by ear, and one who married."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING

from sqlalchemy import select

from app.core import clock
from app.core.access import SYSTEM
from app.core.db import db
from app.households import queries
from app.households.models import Household
from app.households.rules import HouseholdState
from app.households.rules.families import LeftWhy, living
from app.households.rules.traits import age_on
from app.households.rules.twins import UNKNOWABLE
from app.households.services import families, twins
from app.portal.services import family as verbs
from app.portal.services.demo.plan import DALIANG, Kind

if TYPE_CHECKING:
    from app.portal.services.demo.people import Person
    from app.portal.services.demo.plan import FilePlan

TWICE = 5
LOOKED_AT = 60
GROWN = 18
CHILDREN = {"2", "3"}
HEARD = {  # what somebody writes who only hears a name
    "珍": "贞", "芳": "方", "英": "瑛", "莲": "连", "群": "裙", "仪": "宜", "娟": "涓", "琼": "穷", "卿": "青",
    "兰": "蓝", "强": "墙", "祥": "翔", "雄": "熊", "成": "城", "辉": "晖", "明": "铭", "良": "梁", "权": "全",
    "基": "机", "泉": "全", "坤": "昆", "庆": "磬", "棠": "唐", "娣": "弟", "嫦": "常", "彩": "采", "好": "郝",
}  # fmt: skip


@dataclass(slots=True)
class Namesakes:
    """Remembers who lives alone in a village of 大良, so that a few of them are written down a second time."""

    known: dict[str, Person] = field(default_factory=dict)
    twice: int = 0

    def heard(self, file: FilePlan, family: list[Person]) -> list[Person]:
        """Return a family as it is written down: now and then it is one that is on file already, misheard."""
        alone = len(family) == 1 and file.kind is Kind.ELDER_ALONE
        if not (alone and file.state is HouseholdState.ACTIVE and file.region.startswith(DALIANG)):
            return family
        [person] = family
        before = self.known.pop(file.region, None)
        if before is None:
            self.known[file.region] = person
        elif self.twice < TWICE:
            self.twice += 1
            last = before.name[-1]
            name = before.name[:-1] + HEARD.get(last, last)
            # the village did not see the card: without its number nothing but the ear tells them apart
            return [person._replace(name=name, birth=before.birth, sex=before.sex, id_number="")]
        return family


def happen() -> None:
    """Let the night find those who are on file twice, and one grown child marry, through the program's own verbs."""
    last: bytes | None = UNKNOWABLE
    while last is not None:
        _, last = twins.find_piece(last)
    homes = db.session.scalars(
        select(Household)
        .where(
            Household.town_code == DALIANG,
            Household.state == HouseholdState.ACTIVE,
            Household.member_count > 1,
        )
        .order_by(Household.id)
        .limit(LOOKED_AT)
    ).all()
    for home, other in pairwise(homes):
        if code := _grown_child(home):
            wedding = families.Join((code,), other, clock.today(), LeftWhy.MARRIED)
            verbs.join(
                SYSTEM,
                home,
                wedding,
                reason="登记结婚，户口已迁",
                version=home.version,
                other_version=other.version,
            )
            return


def _grown_child(home: Household) -> str:
    for code, one in living(queries.document(home)):
        age = age_on(date.fromisoformat(str(one["birth"])), clock.today()) or 0
        if str(one.get("relationship_code")) in CHILDREN and age >= GROWN:
            return code
    return ""
