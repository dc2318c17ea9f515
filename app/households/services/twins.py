"""Finding files that may be one (查重): while somebody types, when a workbook came in, and every night.

Looking for a person all over the city is what a city-wide register needs (国办发〔2023〕39号: 避免重复救助), and what
could be misused; so what is shown of another worker's file is a surname and a town, and each such showing is written
down.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, islice
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.audit import services as audit
from app.core import clock, codes
from app.core.access import require
from app.core.crypto import ring
from app.core.db import changed_one, db
from app.core.errors import StalePage
from app.households import policy, queries
from app.households.errors import AlreadySettled, ReasonMissing
from app.households.models import Household, Member, Twins
from app.households.rules.identity import is_valid, normal_number
from app.households.rules.masking import mask_name, mask_surname
from app.households.rules.states import HouseholdState
from app.households.rules.twins import UNKNOWABLE, TwinRule, TwinState, sounds

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from app.core.access import Actor

INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
GONE = (HouseholdState.ARCHIVED, HouseholdState.ERASED)
SHOWN = 5  # signs shown at once; a sixth namesake of one birthday in one village would not help
FILL_AT_ONCE, GROUPS_AT_ONCE, ONE_GROUP = 500, 500, 6
TOWN, CERTIFICATE_NUMBER = 9, 18


@dataclass(frozen=True, slots=True)
class Sign:
    """Why somebody may be on file already (重复的迹象), told as far as the reader may know."""

    rule: TwinRule
    household_id: int
    name: str  # masked; only the surname outside the reader's scope
    region_code: str  # the community; only the town outside the reader's scope
    file_no: str  # empty outside the reader's scope

    @property
    def is_certain(self) -> bool:
        """Say whether it is the same number: such a person cannot be put on file a second time."""
        return self.rule is not TwinRule.SOUNDS_ALIKE


def signs(
    actor: Actor, facts: Mapping[str, Any], region_code: str, *, but: int | None = None
) -> list[Sign]:
    """Return the signs that a person is on file already (查重), the certain ones first; two look-ups.

    `facts` are a member's: name, birth, id_number, certificate. `but` is the file that is being written. Writes an
    audit row for each showing outside the reader's scope, so the caller has a transaction open.
    """
    require(policy.can_list, actor)
    keys = ring()
    rules = {keys.index("id", number): rule for number, rule in _numbers(facts).items()}
    heard = sounds(facts.get("name"), facts.get("birth"), region_code)
    alike = keys.index("alike", heard) if heard else None
    found: dict[int, Sign] = {}
    for sign, member, household in _hits(list(rules), alike, but):
        rule = rules.get(sign, TwinRule.SOUNDS_ALIKE)
        if household.id not in found and len(found) < SHOWN:
            found[household.id] = _told(actor, rule, member, household)
    return list(found.values())


def look(actor: Actor, household: Household, people: Iterable[Mapping[str, Any]]) -> int:
    """Look whether anybody of a file just written stands on file already (录入时查重); kept for the review list."""
    found = [
        sign
        for one in people
        for sign in signs(actor, one, household.region_code, but=household.id)
    ]
    return note(actor, household, found)


def _numbers(facts: Mapping[str, Any]) -> dict[str, TwinRule]:
    """Return the numbers that say who a person is: their own, and the one within a disability certificate."""
    typed = str(facts.get("id_number") or "")
    found: dict[str, TwinRule] = {}
    if number := normal_number(typed):
        same = number == typed.strip().upper()
        found[number] = TwinRule.SAME_ID if same else TwinRule.OLD_AND_NEW_ID
    certified = str(facts.get("certificate") or "")[:CERTIFICATE_NUMBER].upper()
    if is_valid(certified):
        found.setdefault(certified, TwinRule.SAME_ID)
    return found


def _hits(
    numbers: Sequence[bytes], alike: bytes | None, but: int | None
) -> list[tuple[bytes, Member, Household]]:
    found: list[tuple[bytes, Member, Household]] = []
    looks: list[tuple[Any, Collection[bytes]]] = [(Member.id_index, numbers)]
    if alike is not None:
        looks.append((Member.alike, [alike]))
    for column, wanted in looks:
        if not wanted:
            continue
        rows = db.session.execute(
            select(column, Member, Household)
            .join(Household, Household.id == Member.household_id)
            .where(
                column.in_(wanted),
                Household.state.not_in(GONE),
                Household.id != (but or 0),
            )
            .order_by(Household.id)
            .limit(SHOWN)
        )
        found += [(sign, member, household) for sign, member, household in rows]
    return found


def _told(actor: Actor, rule: TwinRule, member: Member, household: Household) -> Sign:
    name = str(queries.person(queries.box(household), member).get("name") or "")
    if policy.can_view(actor, household):
        return Sign(rule, household.id, mask_name(name), household.region_code, household.file_no)
    audit.record(
        actor,
        "household.twin_seen",
        household.file_no,
        household_id=household.id,
        region_code=household.region_code,
        detail={"rule": rule.value},
    )
    return Sign(rule, household.id, mask_surname(name), household.region_code[:TOWN], "")


def note(actor: Actor, household: Household, found: Iterable[Sign]) -> int:
    """Keep what was seen at entry for the review list (记下疑似重复), when the file is kept all the same."""
    require(policy.can_edit, actor, household)
    return _keep([(household.id, sign.household_id, sign.rule) for sign in found])


def find_among(first_id: int, last_id: int) -> int:
    """Find the twins of files that came in together (导入后查重), by set; returns how many pairs are new."""
    mine, other = Member.__table__.alias("mine"), Member.__table__.alias("other")
    last, kept = (0, 0), 0
    while True:
        rows = db.session.execute(
            select(mine.c.household_id, other.c.household_id)
            .join(other, other.c.alike == mine.c.alike)
            .join(Household, Household.id == other.c.household_id)
            .where(
                mine.c.household_id.between(first_id, last_id),
                mine.c.alike > UNKNOWABLE,
                other.c.household_id != mine.c.household_id,
                Household.state.not_in(GONE),
                or_(
                    mine.c.household_id > last[0],
                    (mine.c.household_id == last[0]) & (other.c.household_id > last[1]),
                ),
            )
            .distinct()
            .order_by(mine.c.household_id, other.c.household_id)
            .limit(GROUPS_AT_ONCE)
        ).all()
        kept += _keep([(one, two, TwinRule.SOUNDS_ALIKE) for one, two in rows])
        if len(rows) < GROUPS_AT_ONCE:
            return kept
        last = (rows[-1][0], rows[-1][1])


def fill_in(limit: int = FILL_AT_ONCE) -> tuple[int, int]:
    """Look at members nobody has looked at yet (补算), a bounded piece; returns (looked at, pairs found).

    A number written down in its old form is kept as people are told apart by it now; when that is somebody else's
    already, the two are a pair.
    """
    rows = db.session.execute(
        select(Member, Household)
        .join(Household, Household.id == Member.household_id)
        .where(Member.alike.is_(None))
        .order_by(Member.id)
        .limit(limit)
    ).all()
    kept = 0
    for member, household in rows:
        is_open = household.data_key is not None and member.left_on is None
        facts = queries.person(queries.box(household), member) if is_open else {}
        heard = sounds(facts.get("name"), facts.get("birth"), household.region_code)
        values: dict[str, Any] = {"alike": ring().index("alike", heard) if heard else UNKNOWABLE}
        number = normal_number(facts.get("id_number"))
        index = ring().index("id", number) if number else None
        if index is not None and index != member.id_index:
            holder = db.session.scalar(
                select(Member.household_id).where(Member.id_index == index).limit(1)
            )
            if holder is None:
                values["id_index"] = index
            elif holder != household.id:
                kept += _keep([(household.id, holder, TwinRule.OLD_AND_NEW_ID)])
        db.session.execute(
            update(Member)
            .where(Member.id == member.id, Member.alike.is_(None))
            .values(**values)
            .execution_options(synchronize_session=False)
        )
    return len(rows), kept


def find_piece(after: bytes = UNKNOWABLE) -> tuple[int, bytes | None]:
    """Find pairs among those who sound alike, a piece of the index; returns (new pairs, where to go on or None)."""
    groups = db.session.scalars(
        select(Member.alike)
        .where(Member.alike > after)
        .group_by(Member.alike)
        .having(func.min(Member.household_id) != func.max(Member.household_id))
        .order_by(Member.alike)
        .limit(GROUPS_AT_ONCE)
    ).all()
    if not groups:
        return 0, None
    homes: dict[bytes, dict[int, None]] = {}
    rows = db.session.execute(
        select(Member.alike, Member.household_id)
        .join(Household, Household.id == Member.household_id)
        .where(Member.alike.in_(groups), Household.state.not_in((*GONE, HouseholdState.CLOSED)))
        .order_by(Member.household_id)
    )
    for alike, household_id in rows:
        homes.setdefault(alike or UNKNOWABLE, {})[household_id] = None
    pairs = [
        (one, two, TwinRule.SOUNDS_ALIKE)
        for several in homes.values()
        for one, two in combinations(islice(several, ONE_GROUP), 2)
    ]
    return _keep(pairs), groups[-1] if len(groups) == GROUPS_AT_ONCE else None


def _keep(pairs: Iterable[tuple[int, int, TwinRule]]) -> int:
    """Write pairs down that nobody has seen yet; one that was declared different is never asked about again."""
    ordered: dict[tuple[int, int], TwinRule] = {}
    for one, two, rule in pairs:
        ordered.setdefault((min(one, two), max(one, two)), rule)
    if not ordered:
        return 0
    ids = {household_id for pair in ordered for household_id in pair}
    rows_of = select(Household.id, Household.region_code).where(Household.id.in_(ids))
    places = {row.id: row.region_code for row in db.session.execute(rows_of)}
    now = clock.now()
    rows = [
        {
            "code": codes.new("W"),
            "first_id": one,
            "second_id": two,
            "region_code": places[one],
            "second_region_code": places[two],
            "rule": rule,
            "state": TwinState.OPEN,
            "found_at": now,
            "reason": "",
        }
        for (one, two), rule in ordered.items()
    ]
    insert = INSERT[db.session.get_bind().dialect.name](Twins)
    kept = db.session.scalars(
        insert.on_conflict_do_nothing(index_elements=["first_id", "second_id"]).returning(Twins.id),
        rows,
    )
    return len(kept.all())


def declare_different(actor: Actor, twins: Twins, reason: str) -> None:
    """Say that a pair is two households (不是同一家); the pair is never asked about again."""
    require(policy.can_judge_twins, actor, twins)
    if not reason.strip():
        raise ReasonMissing("请写一句凭什么看出不是同一家，以后的人会看到")
    _decide(actor, twins, TwinState.DIFFERENT, reason)
    audit.record(
        actor,
        "twins.different",
        twins.code,
        household_id=twins.first_id,
        region_code=twins.region_code,
        detail={"rule": twins.rule.value},
    )


def _decide(actor: Actor, twins: Twins, state: TwinState, reason: str) -> None:
    try:
        changed_one(
            update(Twins)
            .where(Twins.id == twins.id, Twins.state == TwinState.OPEN)
            .values(
                state=state,
                decided_by_id=actor.user_id,
                decided_at=clock.now(),
                reason=reason.strip()[:120],
            )
            .execution_options(synchronize_session=False)
        )
    except StalePage:
        raise AlreadySettled from None
    db.session.expire(twins)


def settle(actor: Actor, mine: Household, other: Household) -> None:
    """Close what is open about a file that came into another one (合户后); what was told apart stays told apart."""
    about = or_(Twins.first_id == other.id, Twins.second_id == other.id)
    apart = db.session.scalars(select(Twins).where(about, Twins.state == TwinState.DIFFERENT)).all()
    for twins in apart:
        third = twins.second_id if twins.first_id == other.id else twins.first_id
        if third != mine.id:
            _keep([(mine.id, third, twins.rule)])
            _tell(actor, mine.id, third, twins.reason)
    db.session.execute(
        update(Twins)
        .where(about, Twins.state == TwinState.OPEN)
        .values(
            state=TwinState.MERGED,
            decided_by_id=actor.user_id,
            decided_at=clock.now(),
            reason=f"并入档案 {mine.file_no}",
        )
        .execution_options(synchronize_session=False)
    )


def tell_apart(actor: Actor, mine: Household, other: Household, reason: str) -> None:
    """Note that two files were wrongly merged (撤销合并后): they are not asked about again."""
    _keep([(mine.id, other.id, TwinRule.SOUNDS_ALIKE)])
    _tell(actor, mine.id, other.id, reason)


def _tell(actor: Actor, one: int, two: int, reason: str) -> None:
    db.session.execute(
        update(Twins)
        .where(Twins.first_id == min(one, two), Twins.second_id == max(one, two))
        .values(
            state=TwinState.DIFFERENT,
            decided_by_id=actor.user_id,
            decided_at=clock.now(),
            reason=reason.strip()[:120],
        )
        .execution_options(synchronize_session=False)
    )


def follow(household: Household) -> None:
    """Let a household's pairs lie where it lives now (搬家后)."""
    for side, column in (
        (Twins.first_id, "region_code"),
        (Twins.second_id, "second_region_code"),
    ):
        db.session.execute(
            update(Twins)
            .where(side == household.id)
            .values({column: household.region_code})
            .execution_options(synchronize_session=False)
        )
