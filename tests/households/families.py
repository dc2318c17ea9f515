"""Families for tests (造一家人): several people under one file, written the way the program writes them."""

from __future__ import annotations

from typing import Any, NamedTuple

from app.core import codes
from app.core.access import SYSTEM
from app.core.db import db, transaction
from app.households import queries
from app.households.models import Household
from app.households.rules.families import living
from app.households.services.writing import write
from tests.factories import a_household, reload


class One(NamedTuple):
    """A person of a family."""

    name: str
    relationship: str = "8"
    id_number: str = ""
    birth: str = ""
    phone: str = ""


HUO = (
    One("霍凤志", "0", "440623195603151820", "1956-03-15", "13800005678"),
    One("梁桂芳", "1", "440606195811020025", "1958-11-02"),
    One("霍健豪", "2", "440606198607040017", "1986-07-04", "13911112222"),
)
CHEN = (
    One("陈惠珍", "0", "440606196002023126", "1960-02-02", "13722223333"),
    One("陈丽燕", "3", "44060619900505352X", "1990-05-05"),
)


def a_family(*people: One, **facts: Any) -> Household:
    """A file with several people, the first of them its householder."""
    first, *others = people
    household = a_household(
        name=first.name, id_number=first.id_number or None, phone=first.phone, **facts
    )
    after = queries.document(household)
    [code] = after["members"]
    after["members"][code] |= {"birth": first.birth, "sex": "2"}
    for place, one in enumerate(others, start=1):
        after["members"][codes.new()] = {
            "name": one.name,
            "id_number": one.id_number,
            "birth": one.birth,
            "phone": one.phone,
            "sex": "1",
            "position": place,
            "relationship_code": one.relationship,
        }
    with transaction():
        write(SYSTEM, household, after, version=household.version, kind="created")
    return reload(household)


def code_of(household: Household, name: str) -> str:
    """The code under which somebody of this name is there."""
    people = living(queries.document(household))
    return next(code for code, one in people if one.get("name") == name)


def names(household: Household) -> list[str]:
    """Who is there, the householder first."""
    db.session.rollback()
    db.session.refresh(household)
    return [str(one["name"]) for _, one in living(queries.document(household))]
