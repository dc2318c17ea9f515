"""Comparing a read workbook with the files (对照台账): what is new, changed, gone, and what may not come in."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import select

from app.core import clock
from app.core.access import require
from app.core.crypto import ring
from app.core.db import db
from app.households import policy
from app.households.models import Household
from app.households.rules import (
    ERROR,
    MESSAGES,
    WARNING,
    Field,
    HouseholdRow,
    HouseholdState,
    Problem,
    Reading,
    Rejection,
    SheetLayout,
    mask_name,
)
from app.households.rules.bringing import left_by_hand
from app.households.rules.importing import COMPARED, LEFT_OUT, Choice, Kind
from app.households.services import updating
from app.households.services.recognising import (
    Candidate,
    Home,
    Known,
    candidate_of,
    in_pieces,
    known_by_householder,
    known_by_key,
    lives_in,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from app.core.access import Actor
    from app.households.rules.document import Difference
    from app.households.services.ahead import Ahead

T = TypeVar("T")

EVERYTHING = Choice()
SHUT = frozenset({HouseholdState.ARCHIVED, HouseholdState.ERASED})


@dataclass(slots=True)
class Plan:
    """What an import would do: shown before anything is changed.

    `differences` and `people` (covered names) belong to `changed`, in its order; `numbers` are the ID numbers that the
    workbook names; `settled` are known files that say already what the workbook says in other words: key, recognition
    and digest of each.
    """

    new: list[Candidate] = field(default_factory=list)
    changed: list[tuple[Candidate, Known]] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    people: list[dict[str, str]] = field(default_factory=list)
    numbers: frozenset[str] = frozenset()
    settled: list[tuple[int, bytes, bytes]] = field(default_factory=list)
    unchanged: int = 0
    gone: list[str] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    summary: dict[str, Any] = field(default_factory=dict)
    fingerprint: str = ""
    choice: Choice = EVERYTHING
    left_out: int = 0

    def counts(self) -> dict[str, int]:
        """Return the plan as numbers of households (户)."""
        return {
            "new": len(self.new),
            "changed": len(self.changed),
            "unchanged": self.unchanged,
            "gone": len(self.gone),
            "rejected": len(self.rejections),
        }


def plan(
    actor: Actor, reading: Reading, ahead: Ahead | None = None, choice: Choice = EVERYTHING
) -> Plan:
    """Compare a read workbook with the files; reads only. The plan takes the households over from the reading.

    A household is recognised by its householder's ID number (or, without one, name and community) and district. A
    person who is on file in another household keeps that household, and the row is refused, unless that household's
    own row in this workbook lets the person go. Rows outside the sender's own region are refused.
    """
    require(policy.can_list, actor)
    keys = ring()
    rows = reading.households
    candidates = ahead.finish(rows) if ahead else [candidate_of(keys, row) for row in rows]
    reading.households.clear()
    known = known_by_key([each.key for each in candidates])
    homes = lives_in([index for each in candidates for index in each.people if index])
    known |= known_by_householder(candidates, known, homes)
    refused = _refused(actor, candidates, known, homes, choice)
    made = Plan(rejections=list(reading.rejections), problems=list(reading.problems), choice=choice)
    accepted = []
    losing = _losing(candidates, known, refused, homes)
    columns = {layout.sheet: layout for layout in reading.layouts}
    for each in candidates:
        found, row = known.get(each.key), each.row
        if (reason := refused.get(id(each))) == LEFT_OUT:
            made.left_out += 1
            continue
        if reason:
            made.rejections.append(Rejection(row.sheet, row.row, reason))
            made.problems.append(_problem(columns[row.sheet], row, reason))
            continue
        accepted.append(row)
        if found is None:
            made.new.append(each)
        elif found.digest == each.digest and found.id not in losing:
            made.unchanged += 1
        else:
            made.changed.append((each, found))
    made.numbers = frozenset(
        person.id_number for row in accepted for person in row.persons if person.id_number
    )
    _compare(made, columns)
    made.summary = replace(reading, households=accepted, rejections=made.rejections).summary()
    made.fingerprint = _fingerprint(candidates, known, homes)
    made.gone = _gone(
        actor,
        {row.town_code for row in accepted},
        {each.key for each in candidates},
        {file.id for file in known.values()},
    )
    return made


def _compare(made: Plan, columns: Mapping[str, SheetLayout]) -> None:
    """Lay the files that seem changed beside the workbook; those that say the same already are not."""
    waiting, made.changed = made.changed, []
    today = clock.today()
    for some in in_pieces(waiting):
        for (each, known), found in zip(
            some, updating.changing(some, today, made.numbers), strict=True
        ):
            for person in left_by_hand(found.opened.document, each.row):
                made.problems.append(_left(columns[each.row.sheet], each.row, person.row))
            if found.difference:
                made.changed.append((each, known))
                made.differences.append(found.difference)
                made.people.append(_covered_names(found))
            else:
                made.unchanged += 1
                made.settled.append((known.id, each.key, each.digest))


def _refused(
    actor: Actor,
    candidates: list[Candidate],
    known: dict[bytes, Known],
    homes: dict[bytes, Home],
    choice: Choice,
) -> dict[int, str]:
    """Return why candidates may not come in, by identity."""
    refused: dict[int, str] = {}
    seen: set[bytes] = set()
    owners: dict[int, Candidate] = {}
    may = cache(lambda region: policy.can_import(actor, region))
    for each in candidates:
        found = known.get(each.key)
        if not may(each.row.community_code) or (found and not may(found.region_code)):
            refused[id(each)] = "outside_scope"
        elif each.key in seen or (found and found.id in owners):
            refused[id(each)] = "household_twice"
        elif found and found.state in SHUT:
            refused[id(each)] = "file_archived"
        elif (kind := _kind(each, found)) and choice.leaves_out(kind, each.short):
            refused[id(each)] = LEFT_OUT
        elif found:
            owners[found.id] = each
        seen.add(each.key)
    # a refused household keeps its people, which may refuse the next one: until nothing changes any more
    while found_now := _strangers(candidates, known, refused, owners, homes):
        for each in found_now:
            refused[id(each)] = "person_in_another_household"
    return refused


def _strangers(
    candidates: list[Candidate],
    known: dict[bytes, Known],
    refused: dict[int, str],
    owners: dict[int, Candidate],
    homes: dict[bytes, Home],
) -> list[Candidate]:
    """Return the households of which somebody lives in another file that does not let them go."""
    if not homes:
        return []
    found = []
    for each in candidates:
        if id(each) in refused:
            continue
        own = known[each.key].id if each.key in known else None
        for index in each.people:
            home = homes.get(index) if index else None
            if home is None or home.household_id == own:
                continue
            other = owners.get(home.household_id)
            if other is None or id(other) in refused or index in other.people:
                found.append(each)
                break
    return found


def _losing(
    candidates: Sequence[Candidate],
    known: dict[bytes, Known],
    refused: dict[int, str],
    homes: dict[bytes, Home],
) -> set[int]:
    """Return the files of which somebody goes to another household of the workbook."""
    if not homes:
        return set()
    found = set()
    for each in candidates:
        if id(each) not in refused:
            left = {homes[index].household_id for index in each.people if index in homes}
            found |= left - ({known[each.key].id} if each.key in known else set())
    return found


def _problem(layout: SheetLayout, row: HouseholdRow, reason: str) -> Problem:
    """Say a refusal in the cell it is about, as far as one cell is."""
    about = Field.COMMUNITY if reason == "outside_scope" else Field.ID_NUMBER
    places = layout.columns.places if layout.columns else {}
    column = places[about] + 1 if about in places else 0
    return Problem(reason, ERROR, row.sheet, row.row, column, COMPARED[reason], row.row)


def _covered_names(found: updating.Changing) -> dict[str, str]:
    """Return the covered names of those whom a change is about, by their codes."""
    codes = {path.split("/")[1] for path in found.difference if path.startswith("members/")}
    return {
        code: mask_name(one.get("name") or "")
        for code, one in found.after.get("members", {}).items()
        if code in codes
    }


def _left(layout: SheetLayout, row: HouseholdRow, at: int) -> Problem:
    places = layout.columns.places if layout.columns else {}
    column = places.get(Field.NAME, -1) + 1
    code = "left_by_hand"
    return Problem(code, WARNING, row.sheet, at, column, MESSAGES[code], row.row)


def _gone(actor: Actor, towns: Iterable[str], seen: set[bytes], named: set[int]) -> list[str]:
    """Return the files that earlier workbooks brought for these towns and this one does not name."""
    rows = db.session.execute(
        select(Household.file_no, Household.source_key, Household.id)
        .where(
            Household.town_code.in_(sorted(towns)),
            policy.visible_to(actor),
            Household.source == "workbook",
            Household.state == HouseholdState.ACTIVE,
        )
        .order_by(Household.file_no)
        .execution_options(yield_per=5_000)
    )
    return [row.file_no for row in rows if row.source_key not in seen and row.id not in named]


def _fingerprint(
    candidates: Sequence[Candidate], known: dict[bytes, Known], homes: dict[bytes, Home]
) -> str:
    """Return what two plans share that begin alike: a confirmed one is compared with the one that was shown.

    What the sender chooses of it is no part of it.
    """
    running = hashlib.sha256()
    for each in candidates:
        running.update(each.key + each.digest)
        if each.key in known:
            file = known[each.key]
            running.update(f"{file.version} {file.state}".encode())
    for index, home in sorted(homes.items()):
        running.update(index + str(home.household_id).encode())
    return running.hexdigest()[:32]


def _kind(each: Candidate, found: Known | None) -> Kind | None:
    if found is None:
        return Kind.NEW
    return Kind.CHANGED if found.digest != each.digest else None
