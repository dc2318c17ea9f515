"""How a new household of a workbook stands in the tables (装档): sealed under its own key, with its search words.

Nothing here asks the database, so that a second process can do it.
"""

from __future__ import annotations

from array import array
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from app.core import clock, codes
from app.core.crypto import ring
from app.households.rules import HouseholdRow, HouseholdState, PersonRow, bringing
from app.households.rules.ages import next_month
from app.households.rules.codes import DISABLED, ILL, NO_SELF_CARE
from app.households.rules.risk import TierRule, judged
from app.households.rules.search import door_tokens, name_tokens, phone_key
from app.households.rules.traits import INTERVAL_DAYS, Person, age_on, traits_of
from app.households.rules.twins import UNKNOWABLE, sounds
from app.households.services.numbering import draw
from app.households.services.recognising import Candidate, Filed

if TYPE_CHECKING:
    from collections.abc import Collection

    from app.core.access import Actor

NEW_FILE = (
    "file_no", "region_code", "town_code", "district_code", "category", "cause", "housing", "member_count",
    "income_fen", "aid_fen", "traits", "head", "papers", "tier", "tier_rule", "source_digest",
    "data_key", "filed_on", "state", "source", "source_key",
    "created_by_id", "created_at", "updated_at", "version", "visit_count", "next_visit_on", "ages_on",
)  # fmt: skip
MEMBER = ("code", "position", "relationship_code", "sex", "id_index", "alike", "person")
STANDING = tuple(
    NEW_FILE.index(name)
    for name in (
        "town_code", "district_code", "region_code", "category", "tier", "state", "member_count", "income_fen",
        "aid_fen",
    )
)  # fmt: skip
MEMORY = 65_536  # names, phones and endings whose words are remembered


class Filer:
    """Seals the new households of one import."""

    def __init__(self, actor: Actor) -> None:
        """Take the day, the hand and the keys that all of them share."""
        self._keys, self._now, self._today = ring(), clock.now(), clock.today()
        self._user_id = actor.user_id
        token = self._keys.token
        self._of_name = lru_cache(MEMORY)(lambda name: frozenset(map(token, name_tokens(name))))
        self._of_ending = lru_cache(MEMORY)(lambda ending: token("l:" + ending))
        self._of_door = lru_cache(MEMORY)(token)
        self._of_phone = lru_cache(MEMORY)(lambda phone: token("t:" + phone_key(phone)))
        self._index = self._keys.index

    def draw(self, row: HouseholdRow, taken: Collection[str] = ()) -> str:
        """Draw a file number that this import has not taken yet."""
        year = (row.filed_on or self._today).year
        while (number := draw(row.district_code, row.category, year)) in taken:
            pass
        return number

    def file(self, each: Candidate, file_no: str) -> Filed:
        """Seal a household that has no file yet."""
        row, today = each.row, self._today
        people = [_person(one, today) for one in row.persons]
        tier, rule = (row.tier, TierRule.WORKBOOK) if row.tier else judged(row.category, people, {})
        in_order = bringing.in_order(row)
        names = codes.many(len(in_order))
        data_key, box = self._keys.new_box(file_no)
        head = row.householder
        cover = {"name": head.name, "phone": head.phone, "door": row.address}
        sealed = box.seal_all(
            [
                (cover, f"household.head:{file_no}"),
                (bringing.papers_of(row), f"household.papers:{file_no}"),
                *(
                    (bringing.facts_of(one), f"member.person:{code}")
                    for one, code in zip(in_order, names, strict=True)
                ),
            ]
        )
        indexes = dict(zip((one.row for one in row.persons), each.people, strict=True))
        community = row.community_code
        members = [
            (
                code,
                position,
                one.relationship.value,
                one.sex.value,
                indexes[one.row],
                self._alike(one, community),
                person,
            )
            for position, (one, code, person) in enumerate(
                zip(in_order, names, sealed[2:], strict=True)
            )
        ]
        values = (
            file_no,
            community,
            row.town_code,
            row.district_code,
            row.category.value,
            row.cause.value if row.cause else "",
            row.housing.value if row.housing else "",
            len(members),
            row.income_fen or 0,
            row.aid_fen or 0,
            traits_of(people),
            sealed[0],
            sealed[1],
            tier.value,
            rule.value,
            each.digest,
            data_key,
            row.filed_on or today,
            HouseholdState.ACTIVE.value,
            bringing.WORKBOOK,
            each.key,
            self._user_id,
            self._now,
            self._now,
            1,
            0,
            _first_visit(row, INTERVAL_DAYS[tier], today, file_no),
            # from yesterday on: the night has yet to tell of whoever crosses a line today
            next_month([one.birth for one in row.persons if one.birth], today - timedelta(days=1)),
        )
        return Filed(values, members, self._words(row))

    def _alike(self, person: PersonRow, community: str) -> bytes:
        heard = sounds(person.name, person.birth, community)
        return self._index("alike", heard) if heard else UNKNOWABLE

    def _words(self, row: HouseholdRow) -> bytes:
        """Return the search words of a household, each once (`person_tokens`, with what repeats remembered)."""
        found = set(map(self._of_door, door_tokens(row.address)))
        for one in row.persons:
            found |= self._of_name(one.name)
            if one.id_number:
                found.add(self._keys.token("i:" + one.id_number))
                found.add(self._of_ending(one.id_number[-4:]))
            found.update(map(self._of_phone, one.phones))
        return array("q", found).tobytes()


def _person(one: PersonRow, today: date) -> Person:
    return Person(
        age_on(one.birth, today),
        one.disability_kind is not None or one.health in DISABLED,
        one.health in ILL,
        one.self_care in NO_SELF_CARE,
    )


def _first_visit(row: HouseholdRow, days: int, today: date, file_no: str) -> date:
    """Return when the first visit is due.

    A whole town comes in on one day; what would all be overdue at once is spread over the tier's interval, by the
    file number, so that the same file always gets the same day.
    """
    since = row.last_visited_on or row.filed_on
    if since and today < (due := since + timedelta(days=days)) <= today + timedelta(days=days):
        return due
    return today + timedelta(days=int(file_no[-6:]) % days + 1)
