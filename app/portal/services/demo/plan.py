"""The plan of a city (规划): who lives where, when they were visited; numbers only, exact, no database."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from app.core.money import split
from app.households.rules import Category, HouseholdState, Tier
from app.households.rules.traits import INTERVAL_DAYS
from app.portal.services.demo.chance import Dice, dice, exact
from app.visits.rules import Result, VisitState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

DALIANG = "440606005"  # the town of the demonstration's worker: her day must look real
OLDEST_VISIT = 420  # days over which visits lie; a consent given before them is still good
OLDEST_CONSENT = 650  # days: renewed in time, good for two years


class Size(NamedTuple):
    """How large a city is (规模): files, persons, records, and fen of resources delivered.

    `visited` files share the `visits`, `here` files lie in the demonstration worker's town, and `waiting` of a hundred
    files with several records have one that waits to be confirmed. In the full city none waits: its figure counts
    confirmed records, and is the same however somebody counts.
    """

    files: int
    persons: int
    visits: int
    visited: int
    money_fen: int
    goods_fen: int
    here: int
    helpers: int
    donors: int
    waiting: int = 0
    photos: int = 24

    @property
    def linked_fen(self) -> int:
        """The headline (链接资源价值): money plus valued goods."""
        return self.money_fen + self.goods_fen


SMALL = Size(600, 1_341, 742, 412, 18_600_000, 9_243_600, 132, 48, 16, waiting=22)
FULL = Size(76_511, 171_000, 44_089, 27_400, 1_363_600_000, 760_000_000, 2_600, 1_200, 400)


class Kind(StrEnum):
    """What kind of household (家庭类型): the word by which a card may describe it."""

    ELDER_ALONE = "elder_alone"
    ELDER_COUPLE = "elder_couple"
    SINGLE_PARENT = "single_parent"
    CHILD = "child"
    DISABLED = "disabled"
    ILL = "ill"
    FAMILY = "family"


class ConsentPlan(StrEnum):
    """What a household agreed to (同意情况)."""

    FULL = "full"
    VISIT = "visit"
    NONE = "none"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class VisitPlan(NamedTuple):
    """One record to be: its day, what came of it, where it stands, and whether a neighbour went."""

    on: date
    result: Result
    state: VisitState
    helper: bool


class FilePlan(NamedTuple):
    """One file to be."""

    number: int
    region: str
    category: Category
    kind: Kind
    persons: int
    tier: Tier
    state: HouseholdState
    filed_on: date
    consent: ConsentPlan
    visits: tuple[VisitPlan, ...]
    last_on: date | None
    next_on: date | None
    signed_on: date

    @property
    def is_open(self) -> bool:
        """Whether neighbours may be asked for everything."""
        return self.state is HouseholdState.ACTIVE and self.consent is ConsentPlan.FULL


CATEGORIES = {
    Category.DB: 38,
    Category.TK: 12,
    Category.BY: 15,
    Category.GX: 8,
    Category.KJ: 5,
    Category.CJ: 16,
    Category.QT: 6,
}
K = Kind
KINDS: dict[Category, dict[Kind, int]] = {
    Category.DB: {
        K.ELDER_ALONE: 30,
        K.ELDER_COUPLE: 12,
        K.SINGLE_PARENT: 18,
        K.DISABLED: 14,
        K.ILL: 16,
        K.FAMILY: 10,
    },
    Category.TK: {K.ELDER_ALONE: 9, K.DISABLED: 1},
    Category.BY: {K.FAMILY: 35, K.ILL: 30, K.SINGLE_PARENT: 20, K.ELDER_COUPLE: 15},
    Category.GX: {K.ILL: 6, K.FAMILY: 4},
    Category.KJ: {K.CHILD: 1},
    Category.CJ: {K.DISABLED: 1},
    Category.QT: {K.ELDER_ALONE: 4, K.FAMILY: 4, K.ELDER_COUPLE: 2},
}
PERSONS: dict[Kind, tuple[int, int]] = {  # at least, at most
    K.ELDER_ALONE: (1, 1),
    K.ELDER_COUPLE: (2, 2),
    K.SINGLE_PARENT: (2, 4),
    K.CHILD: (2, 4),
    K.DISABLED: (1, 4),
    K.ILL: (2, 5),
    K.FAMILY: (3, 6),
}
TIERS: dict[Kind, dict[Tier, int]] = {
    kind: {Tier.WEEKLY: 2, Tier.MONTHLY: 35, Tier.QUARTERLY: 63} for kind in Kind
} | {
    K.ELDER_ALONE: {Tier.WEEKLY: 20, Tier.MONTHLY: 55, Tier.QUARTERLY: 25},
    K.CHILD: {Tier.WEEKLY: 4, Tier.MONTHLY: 60, Tier.QUARTERLY: 36},
}
STATES = {
    HouseholdState.ACTIVE: 930,
    HouseholdState.PAUSED: 25,
    HouseholdState.CLOSED: 15,
    HouseholdState.UNDER_REVIEW: 16,
    HouseholdState.DRAFT: 9,
    HouseholdState.RETURNED: 5,
}
CONSENTS = {
    ConsentPlan.FULL: 74,
    ConsentPlan.VISIT: 12,
    ConsentPlan.NONE: 8,
    ConsentPlan.WITHDRAWN: 3,
    ConsentPlan.EXPIRED: 3,
}
ATTEMPTS = {Result.NOBODY: 60, Result.AWAY: 20, Result.HOSPITAL: 14, Result.REFUSED: 6}
LATE_ATTEMPT = 82
DRAFTS_AT_HOME = 3
VISITABLE = frozenset({ConsentPlan.FULL, ConsentPlan.VISIT})
IN_REVIEW = 4  # files of the demonstration's town
IN_FORCE = frozenset({HouseholdState.ACTIVE, HouseholdState.PAUSED, HouseholdState.CLOSED})


def plan(size: Size, today: date, communities: Sequence[str], seed: int) -> list[FilePlan]:
    """Plan a whole city; the same arguments give the same city, and its sums are those of `size` exactly."""
    chance = dice(seed, "plan")
    regions = _regions(size, chance, communities)
    categories = chance.choices(tuple(CATEGORIES), tuple(CATEGORIES.values()), k=size.files)
    kinds = [chance.pick(KINDS[category]) for category in categories]
    persons = _persons(size.persons, kinds, chance)
    states = chance.choices(tuple(STATES), tuple(STATES.values()), k=size.files)
    visited = _visited(size, states, regions, chance)
    states = _begun(states, regions, visited)
    return _some_in_review(
        _file(
            dice(seed, "file", n),
            today,
            Facts(n, region, category, kind, person_count, state, visited[n], size.waiting),
        )
        for n, (region, category, kind, person_count, state) in enumerate(
            zip(regions, categories, kinds, persons, states, strict=True)
        )
    )


def _some_in_review(files: Iterable[FilePlan]) -> list[FilePlan]:
    """Let a few new files of the demonstration's town wait for review: nobody was there, nobody was asked anything."""
    found, left = [], IN_REVIEW
    for file in files:
        fits = file.region.startswith(DALIANG) and file.consent is ConsentPlan.NONE
        if left and fits and file.state is HouseholdState.ACTIVE and not file.visits:
            left -= 1
            found.append(file._replace(state=HouseholdState.UNDER_REVIEW, next_on=None))
        else:
            found.append(file)
    return found


def _regions(size: Size, chance: Dice, communities: Sequence[str]) -> list[str]:
    """Give every town its files: a fixed number at home, elsewhere by how many communities it has."""
    by_town: dict[str, list[str]] = {}
    for code in communities:
        by_town.setdefault(code[:9], []).append(code)
    others = [town for town in by_town if town != DALIANG]
    counts = split(size.files - size.here, [len(by_town[town]) for town in others])
    found = chance.choices(by_town[DALIANG], k=size.here)
    for town, count in zip(others, counts, strict=True):
        found += chance.choices(by_town[town], k=count)
    chance.shuffle(found)
    return found


def _persons(total: int, kinds: Sequence[Kind], chance: Dice) -> list[int]:
    """Give every household its size; families grow or shrink until the city has exactly so many people."""
    counts = []
    for kind in kinds:
        least, most = PERSONS[kind]
        counts.append(min(chance.randint(least, most), chance.randint(least, most)))
    step = 1 if sum(counts) < total else -1
    missing = abs(total - sum(counts))
    while missing:
        before = missing
        for index in chance.sample(range(len(counts)), len(counts)):
            least, most = PERSONS[kinds[index]]
            if missing and least <= counts[index] + step <= most:
                counts[index] += step
                missing -= 1
        if missing == before:
            message = f"{len(counts)} such households cannot be {total} people"
            raise ValueError(message)
    return counts


def _visited(
    size: Size, states: Sequence[HouseholdState], regions: Sequence[str], chance: Dice
) -> Mapping[int, int]:
    """Say which files were visited and how often; all others never were. At home more than elsewhere."""
    able = [n for n, state in enumerate(states) if state in IN_FORCE]
    home = [n for n in able if regions[n].startswith(DALIANG)]
    near = chance.some(home, min(len(home) * 8 // 10, size.visited))
    others = sorted(set(able) - set(home))
    chosen = near + chance.some(others, size.visited - len(near))
    counts = dict.fromkeys(range(size.files), 0)
    counts |= dict(zip(chosen, exact(chance, size.visits, len(chosen), least=1), strict=True))
    return counts


def _begun(
    states: Sequence[HouseholdState], regions: Sequence[str], visited: Mapping[int, int]
) -> list[HouseholdState]:
    """Let a few files at home be drafts that somebody goes on with: nobody has visited them yet."""
    found = list(states)
    new = [n for n, times in visited.items() if not times and regions[n].startswith(DALIANG)]
    for n in [n for n in new if found[n] is HouseholdState.ACTIVE][:DRAFTS_AT_HOME]:
        found[n] = HouseholdState.DRAFT
    return found


class Facts(NamedTuple):
    """What is drawn for the whole city at once."""

    number: int
    region: str
    category: Category
    kind: Kind
    persons: int
    state: HouseholdState
    visits: int
    waiting: int


def _file(chance: Dice, today: date, facts: Facts) -> FilePlan:
    tier = chance.pick(TIERS[facts.kind])
    days = INTERVAL_DAYS[tier]
    slack = _slack(chance, days, here=facts.region.startswith(DALIANG))
    due = today + timedelta(days=slack)
    consent = chance.pick(CONSENTS) if facts.state in IN_FORCE else ConsentPlan.NONE
    visits: tuple[VisitPlan, ...] = ()
    filed_on = due - timedelta(days=days)
    if facts.visits:
        last = min(filed_on, today)
        visits = _visits(chance, today, last, days, facts, with_helpers=consent in VISITABLE)
        before = chance.randint(12, 60) if chance.chance(60) else chance.randint(60, 1500)
        filed_on = visits[0].on - timedelta(days=before)
    contacts = [v.on for v in visits if v.result is Result.MET and v.state is VisitState.CONFIRMED]
    last_on = max(contacts, default=None)
    next_on = (last_on or filed_on) + timedelta(days=days)
    return FilePlan(
        number=facts.number,
        region=facts.region,
        category=facts.category,
        kind=facts.kind,
        persons=facts.persons,
        tier=tier,
        state=facts.state,
        filed_on=filed_on,
        consent=consent,
        visits=visits,
        last_on=last_on,
        next_on=next_on if facts.state is HouseholdState.ACTIVE else None,
        signed_on=max(filed_on + timedelta(days=3), today - timedelta(days=OLDEST_CONSENT)),
    )


def _slack(chance: Dice, days: int, *, here: bool) -> int:
    """Return in how many days a visit is due: some are late, more are near; a worker's own town is well kept."""
    late, soon = (16, 34) if here else (24, 38)
    throw = chance.randrange(100)
    if throw < late:
        return -min(chance.randint(1, 30), chance.randint(1, 45))
    return chance.randint(0, min(days, 8) if throw < soon else days)


def _visits(
    chance: Dice, today: date, last: date, days: int, facts: Facts, *, with_helpers: bool
) -> tuple[VisitPlan, ...]:
    """Count back from the last time somebody was met; since then somebody may have tried, or written a new record."""
    found: list[VisitPlan] = []
    since = (today - last).days
    if facts.visits > 1 and since > 1:
        throw = chance.randrange(100)
        if throw < facts.waiting and with_helpers and facts.state is HouseholdState.ACTIVE:
            on = today - timedelta(days=chance.randint(0, min(2, since - 1)))
            found.append(VisitPlan(on, Result.MET, VisitState.SUBMITTED, helper=True))
        elif throw > LATE_ATTEMPT:
            on = last + timedelta(days=chance.randint(1, since))
            found.append(_attempt(chance, on, helper=with_helpers and chance.chance(30)))
    on = last
    gap = max(min(days, OLDEST_VISIT // facts.visits), 1)
    while len(found) < facts.visits:
        helper = with_helpers and chance.chance(42)
        found.append(VisitPlan(on, Result.MET, VisitState.CONFIRMED, helper))
        on -= timedelta(days=gap + chance.randint(0, gap // 6))
    return tuple(reversed(found))


def _attempt(chance: Dice, on: date, *, helper: bool) -> VisitPlan:
    return VisitPlan(on, chance.pick(ATTEMPTS), VisitState.CONFIRMED, helper)
