"""Reading what was typed to open a file (建档): only what identifies the household is required, the rest may follow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from app.core.money import parse_yuan
from app.core.text import trim
from app.households.rules.categories import Category
from app.households.rules.codes import Cause, Housing, Relationship
from app.households.rules.person import PICK, read_person

if TYPE_CHECKING:
    from collections.abc import Container, Mapping
    from datetime import date

HEAD_FIELDS = ("name", "id_kind", "id_number", "id_why", "birth", "sex", "phone")
LONGEST_DOOR = 120


class IntakeRead(NamedTuple):
    """A household as read: places of the cover, its people with the householder first, errors and warnings by field."""

    cover: dict[str, Any]
    people: list[dict[str, Any]]
    errors: dict[str, str]
    warnings: dict[str, str]


def read_intake(typed: Mapping[str, Any], today: date, places: Container[str]) -> IntakeRead:
    """Read the form; `places` are the communities in which its writer may open a file.

    Each person may carry the `code` they already have on file. Rows in which nothing was typed are not there.
    """
    errors: dict[str, str] = {}
    cover = _cover(typed, places, errors)
    head = read_person(
        {name: typed.get(name) for name in HEAD_FIELDS}
        | {"relationship_code": Relationship.HOUSEHOLDER.value},
        today,
    )
    errors |= head.errors
    warnings = dict(head.warnings)
    people = [head.facts | _code(typed)]
    for number, row in enumerate(typed.get("people") or ()):
        if not any(str(row.get(name) or "").strip() for name in ("name", "id_number", "birth")):
            continue
        read = read_person(row, today)
        if read.facts.get("relationship_code") == Relationship.HOUSEHOLDER.value:
            read.errors["relationship_code"] = "户主已经写在上面，这里选和户主的关系"
        errors |= {f"people-{number}-{name}": words for name, words in read.errors.items()}
        warnings |= {f"people-{number}-{name}": words for name, words in read.warnings.items()}
        people.append(read.facts | _code(row))
    _twice(people, errors)
    cover |= {"name": head.facts.get("name", ""), "phone": head.facts.get("phone", "")}
    return IntakeRead(cover, people, errors, warnings)


def _code(typed: Mapping[str, Any]) -> dict[str, str]:
    return {"code": str(typed["code"])} if typed.get("code") else {}


def _cover(
    typed: Mapping[str, Any], places: Container[str], errors: dict[str, str]
) -> dict[str, Any]:
    region, category = str(typed.get("region_code") or ""), str(typed.get("category") or "")
    if region not in places:
        errors["region_code"] = "请选是哪个村居"
    if category not in set(Category):
        errors["category"] = "请选一个类别；还不确定的选“其他困难家庭”，以后可以改"
    cover: dict[str, Any] = {"region_code": region, "category": category}
    for name, words in (("cause", Cause), ("housing", Housing)):
        value = str(typed.get(name) or "")
        if value and value not in set(words):
            errors[name] = PICK
        cover[name] = value
    door = trim(str(typed.get("door") or ""))
    if len(door) > LONGEST_DOOR:
        errors["door"] = f"住址请在 {LONGEST_DOOR} 字以内"
    cover["door"] = door
    if income := str(typed.get("income") or "").strip():
        try:
            cover["income_fen"] = parse_yuan(income)
        except ValueError:
            errors["income"] = "金额请只填数字，例如 1206.50"
        else:
            if cover["income_fen"] < 0:
                errors["income"] = "收入不能是负数，没有收入请填 0"
    return cover


def _twice(people: list[dict[str, Any]], errors: dict[str, str]) -> None:
    numbers = [one["id_number"] for one in people if one.get("id_number")]
    if len(numbers) != len(set(numbers)):
        errors["people"] = "有两位成员的证件号一样，请核对"
