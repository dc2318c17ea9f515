"""Finding files for records that come from elsewhere (关联档案): by file number or by somebody's ID number."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

from sqlalchemy import select

from app.core.crypto import ring
from app.core.db import db
from app.households import policy
from app.households.models import Household, Member
from app.households.rules import HouseholdState
from app.households.rules.references import Reference, Remark

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from app.core.access import Actor

T = TypeVar("T")

AT_ONCE = 2_000  # values looked up by one statement


class Linked(NamedTuple):
    """A file as a record of it needs it."""

    id: int
    file_no: str
    region_code: str
    town_code: str
    district_code: str
    state: HouseholdState
    data_key: bytes | None


class Links(NamedTuple):
    """The files that were asked for, by file number and by ID number."""

    by_file_no: dict[str, Linked]
    by_id_number: dict[str, Linked]

    def find(self, reference: Reference) -> Linked | Remark:
        """Return the file that a record names, or why there is none; two numbers must lead to the same file."""
        by_file = self.by_file_no.get(reference.file_no)
        by_id = self.by_id_number.get(reference.id_number)
        if reference.file_no and by_file is None:
            return Remark("file_no", "unknown_household")
        if reference.id_number and by_id is None:
            return Remark("id_number", "unknown_household")
        found = by_file or by_id
        if found is None or (by_file and by_id and by_file.id != by_id.id):
            return Remark("file_no", "references_differ")
        return found


def linked(actor: Actor, references: Sequence[Reference]) -> Links:
    """Return the files within somebody's scope that records name; erased ones are nobody's any more."""
    file_nos = [one.file_no for one in references if one.file_no]
    id_numbers = {one.id_number for one in references if one.id_number}
    columns = [getattr(Household, name) for name in Linked._fields]
    alive = (policy.visible_to(actor), Household.data_key.is_not(None))
    by_file: dict[str, Linked] = {}
    for some in _pieces(file_nos):
        rows = db.session.execute(select(*columns).where(Household.file_no.in_(some), *alive))
        by_file |= {row.file_no: Linked(*row) for row in rows}
    index = ring().index
    number_of = {index("id", number): number for number in id_numbers}
    by_id: dict[str, Linked] = {}
    for indexes in _pieces(number_of):
        rows = db.session.execute(
            select(Member.id_index, *columns)
            .join(Household, Household.id == Member.household_id)
            .where(Member.id_index.in_(indexes), *alive)
        )
        by_id |= {number_of[row[0]]: Linked(*row[1:]) for row in rows}
    return Links(by_file, by_id)


def _pieces(values: Iterable[T]) -> Iterator[list[T]]:
    every = list(dict.fromkeys(values))
    for start in range(0, len(every), AT_ONCE):
        yield every[start : start + AT_ONCE]
