"""Known files beside a changed workbook (按新台账更新): what each would say, and how it goes back into the tables."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from app.core import codes
from app.core.db import db
from app.households import policy, queries
from app.households.models import Household
from app.households.rules import NEXT, bringing
from app.households.rules.document import difference, normal
from app.households.services import bulk
from app.households.services.bulk import Rewrite

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from datetime import date

    from app.core.access import Actor
    from app.households.queries import Opened
    from app.households.rules import HouseholdState
    from app.households.rules.document import Difference, Document
    from app.households.services.recognising import Candidate, Known


class Changing(NamedTuple):
    """A known file, what the workbook makes of it, and where the two are not alike."""

    opened: Opened
    after: Document
    difference: Difference


def changing(
    some: Sequence[tuple[Candidate, Known]], today: date, numbers: Collection[str]
) -> Iterator[Changing]:
    """Open known files and bring each up to its row of the workbook; nothing is written.

    `numbers` are the ID numbers that the workbook names anywhere.
    """
    files = queries.open_files([known.id for _, known in some])
    for each, known in some:
        opened = files[known.id]
        own = {person.id_number for person in each.row.persons}
        elsewhere = _Without(numbers, own)
        after = bringing.brought_up(opened.document, each.row, today, elsewhere, codes.new)
        after = bulk.judged(normal(after))
        yield Changing(opened, after, difference(opened.document, after))


def brought_up(
    some: Sequence[tuple[Candidate, Known]], today: date, numbers: Collection[str]
) -> list[Rewrite]:
    """Seal known files that the workbook changes; what they said before becomes their history."""
    return [
        bulk.rewrite(
            found.opened,
            found.after,
            found.difference,
            {"source_digest": each.digest, "source_key": each.key},
        )
        for (each, _), found in zip(some, changing(some, today, numbers), strict=True)
    ]


class _Without:
    """The numbers of a workbook but for a household's own."""

    def __init__(self, numbers: Collection[str], own: Collection[str]) -> None:
        self._numbers, self._own = numbers, own

    def __contains__(self, number: object) -> bool:
        return number in self._numbers and number not in self._own

    def __iter__(self) -> Iterator[str]:
        return (number for number in self._numbers if number not in self._own)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def put_away(
    actor: Actor, wanted: Mapping[str, HouseholdState]
) -> dict[HouseholdState, list[Rewrite]]:
    """Seal the files that the workbook no longer names and that somebody wants paused or closed, by state.

    What the file's state or the actor's scope does not allow is left alone: a file may have gone on since.
    """
    found: dict[HouseholdState, list[Rewrite]] = {}
    for some in bulk.pieces(sorted(wanted)):
        ids = db.session.scalars(select(Household.id).where(Household.file_no.in_(some))).all()
        for opened in queries.open_files(ids).values():
            state = wanted[opened.file.file_no]
            if state in NEXT[opened.file.state] and policy.can_edit(actor, opened.file):
                after = deepcopy(opened.document)
                after["cover"]["state"] = state.value
                changed = difference(opened.document, after)
                found.setdefault(state, []).append(bulk.rewrite(opened, after, changed))
    return found
