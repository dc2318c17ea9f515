"""Children's data (未成年人资料): who counts as a child, and what of them stays covered until a supervisor agreed.

未成年人网络保护条例 §36: staff open a child's data only as far as the person responsible has approved, on record.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from app.households.rules.identity import birth_of, widen
from app.households.rules.masking import mask_id, mask_name, mask_phone
from app.households.rules.traits import ADULT, age_on

if TYPE_CHECKING:
    from collections.abc import Mapping

OPEN_DAYS = 7  # how long an approval opens a file's children
# codes that say nothing of who it is; everything else of a child stays covered, whatever a file learns to hold
_PLAIN = ("sex", "relationship", "relationship_code", "position", "id_kind", "left_on")


def birth_in(person: Mapping[str, Any]) -> date | None:
    """Return a person's birthday, from the number where the field is empty; None when nobody knows.

    A number whose check digit is wrong still tells a birthday: rather one child too many covered than one too few.
    """
    try:
        return date.fromisoformat(str(person.get("birth")))
    except ValueError:
        number = str(person.get("id_number") or "")
    try:
        return birth_of(widen(number) or number)
    except ValueError:
        return None


def is_minor(person: Mapping[str, Any], today: date) -> bool:
    """Say whether somebody is under eighteen; whose birthday nobody knows counts as grown up."""
    age = age_on(birth_in(person), today)
    return age is not None and age < ADULT


def covered(person: Mapping[str, Any], today: date) -> dict[str, Any]:
    """Return what may be seen of a child before the supervisor agreed: initials, and the year of birth."""
    born = birth_in(person)
    found = {name: person[name] for name in _PLAIN if name in person}
    found |= {
        "name": mask_name(str(person.get("name") or "")),
        "id_number": mask_id(str(person.get("id_number") or "")),
        "phone": mask_phone(str(person.get("phone") or "")),
        "birth": f"{born.year}" if born else "",
        "age": age_on(born, today),
    }
    return found
