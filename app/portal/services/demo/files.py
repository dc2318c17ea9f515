"""Files into rows (建档): the cover, the members sealed, what they are found by, and what they agreed to."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

from app.core import clock
from app.core.crypto import Box, KeyRing, ring
from app.households.models import Change, Consent, Household, Member, Section, Span
from app.households.rules import (
    STATE_WORDS,
    WORDING,
    Category,
    HouseholdState,
    Purpose,
    Recipient,
    ages,
)
from app.households.rules import traits as traits_rules
from app.households.rules.closing import Closing
from app.households.rules.codes import DISABLED, ILL
from app.households.rules.labels import title_of
from app.households.rules.risk import TierRule, judged
from app.households.rules.search import door_tokens, person_tokens
from app.households.rules.twins import sounds
from app.portal.services.demo import people, texts
from app.portal.services.demo.chance import Dice, dice
from app.portal.services.demo.family import Namesakes
from app.portal.services.demo.pictures import Wanted
from app.portal.services.demo.plan import ConsentPlan, FilePlan, Kind
from app.portal.services.demo.sections import sections_of
from app.tasks.rules import persona

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.portal.services.demo.people import Person
    from app.portal.services.demo.rows import Rows
    from app.portal.services.demo.staff import Cast

CONSENT_LIFE = timedelta(days=730)
MOST_RECENT_CORRECTION = 25  # days ago: before a consent is withdrawn or a file paused
CAUSES = {
    Kind.ELDER_ALONE: ("old_age", "illness"),
    Kind.ELDER_COUPLE: ("old_age", "illness"),
    Kind.SINGLE_PARENT: ("single_parent", "unemployment"),
    Kind.CHILD: ("guardianship",),
    Kind.DISABLED: ("disability",),
    Kind.ILL: ("illness",),
    Kind.FAMILY: ("unemployment", "schooling", "labour", "accident"),
}
HOUSING = {"own": 58, "rented": 18, "public": 13, "borrowed": 7, "unsafe": 2, "none": 2}
INCOME = {  # yuan a month and head: invented, and never shown as a standard
    Category.DB: (0, 1_000),
    Category.TK: (0, 260),
    Category.BY: (1_200, 1_750),
    Category.GX: (1_800, 3_400),
    Category.KJ: (0, 1_500),
    Category.CJ: (600, 2_200),
    Category.QT: (900, 2_400),
}
SENT = frozenset({HouseholdState.UNDER_REVIEW, HouseholdState.RETURNED})
FLOOR_YUAN = 1_250
PURPOSES = {
    ConsentPlan.FULL: tuple(Purpose),
    ConsentPlan.VISIT: (Purpose.VISIT,),
    ConsentPlan.NONE: (),
    ConsentPlan.WITHDRAWN: (Purpose.VISIT, Purpose.GOODS),
    ConsentPlan.EXPIRED: (Purpose.VISIT, Purpose.GOODS),
}


@dataclass(slots=True)
class City:
    """What every part of the writing needs (写库环境)."""

    rows: Rows
    cast: Cast
    seed: int
    today: date
    now: datetime
    keys: KeyRing = field(default_factory=ring)
    registry: people.Registry = field(default_factory=people.Registry)
    namesakes: Namesakes = field(default_factory=Namesakes)
    file_numbers: set[str] = field(default_factory=set)
    tokens: dict[str, int] = field(default_factory=dict)
    turns: Iterator[int] = field(default_factory=count)
    photos: list[Wanted] = field(default_factory=list)
    most_photos: int = 0

    def at(self, day: date, hour: int, minute: int = 0) -> datetime:
        """Return an instant of a day, never one that has not come yet."""
        return min(clock.at(day, time(hour, minute)), self.now)

    def before(self, days: int) -> date:
        """Return the day so many days ago."""
        return self.today - timedelta(days=days)


@dataclass(slots=True)
class Home:
    """A file that was written (已建的档案)."""

    id: int
    file_no: str
    box: Box
    plan: FilePlan
    who: str
    worker: int
    chance: Dice
    standing: dict[str, int]

    @property
    def places(self) -> dict[str, Any]:
        """The columns by which a thing of this household lies in a scope."""
        region = self.plan.region
        return {
            "household_id": self.id,
            "region_code": region,
            "town_code": region[:9],
            "district_code": region[:6],
        }


def write_file(city: City, file: FilePlan) -> Home:
    """Write one household with everything that says who it is, sealed under its own key."""
    chance = dice(city.seed, "home", file.number)
    file_no = _file_no(city, chance, file)
    data_key, box = city.keys.new_box(file_no)
    family = city.namesakes.heard(file, people.family(chance, file, city.today, city.registry))
    traits = traits_rules.traits_of(_people(family, city.today))
    means = _means(chance, file.category, len(family))
    sections = sections_of(city.seed, city.today, file, means, len(family))
    worker = city.cast.worker_of(file)
    door = people.door(chance, file.region)
    cover = {"name": family[0].name, "phone": family[0].phone, "door": door}
    filed_at = city.at(file.filed_on, 10, chance.randrange(60))
    counted = [v for v in file.visits if v.state == "confirmed"]
    home_id = city.rows.add(
        Household,
        file_no=file_no,
        region_code=file.region,
        town_code=file.region[:9],
        district_code=file.region[:6],
        category=file.category,
        tier=file.tier,
        tier_rule=_tier_rule(file, family, city.today, sections),
        **_circumstances(chance, file),
        member_count=len(family),
        traits=traits,
        filed_on=file.filed_on,
        data_key=data_key,
        head=box.seal_json(cover, f"household.head:{file_no}"),
        papers=box.seal_json({}, f"household.papers:{file_no}"),
        state=file.state,
        source="demo",
        worker_id=worker,
        created_by_id=worker,
        submitted_by_id=worker if file.state in SENT else None,
        **_pausing(city, file),
        created_at=filed_at,
        updated_at=city.at(file.visits[-1].on, 18) if file.visits else filed_at,
        visit_count=len(counted),
        last_visit_on=file.last_on,
        next_visit_on=file.next_on,
        ages_on=ages.next_month([person.birth for person in family], city.today),
        **means,
    )
    home = Home(
        home_id,
        file_no,
        box,
        file,
        persona(traits, len(family)),
        worker,
        chance,
        {"member_count": len(family), **means},
    )
    for position, person in enumerate(family):
        _member(city, home, position, person)
    _find(city, home, family, door)
    for kind, facts in sections.items():
        sealed = box.seal_json(facts, f"household.section:{file_no}:{kind}")
        city.rows.add(Section, household_id=home_id, kind=kind, facts=sealed)
    _agree(city, home)
    _history(city, home, filed_at, cover["phone"])
    return home


def _circumstances(chance: Dice, file: FilePlan) -> dict[str, str]:
    """Return why and how they live; a draft does not say yet."""
    found = {"cause": chance.choice(CAUSES[file.kind]), "housing": chance.pick(HOUSING)}
    return dict.fromkeys(found, "") if file.state is HouseholdState.DRAFT else found


def _pausing(city: City, file: FilePlan) -> dict[str, Any]:
    """Return until when a paused file is paused, and how a closed one ended; drawn apart, so nothing else moves."""
    chance = dice(city.seed, "pausing", file.number)
    if file.state is HouseholdState.PAUSED:
        return {"paused_until": city.today + timedelta(days=chance.randint(-4, 60))}
    if file.state is HouseholdState.CLOSED:
        return {"closing": chance.choice((Closing.ACHIEVED, Closing.MOVED, Closing.LEFT)).value}
    return {}


def _file_no(city: City, chance: Dice, file: FilePlan) -> str:
    prefix = f"{file.region[:6]}{file.category.value}{file.filed_on.year}"
    while (number := f"{prefix}{chance.randrange(10**6):06d}") in city.file_numbers:
        pass
    city.file_numbers.add(number)
    return number


def _people(family: list[Person], today: date) -> list[traits_rules.Person]:
    return [
        traits_rules.Person(
            traits_rules.age_on(person.birth, today),
            is_disabled=person.facts["health"] in DISABLED,
            is_ill=person.facts["health"] in ILL,
        )
        for person in family
    ]


def _tier_rule(file: FilePlan, family: list[Person], today: date, sections: dict[str, Any]) -> str:
    """Return the rule that says this tier; where none does, a worker did."""
    tier, rule = judged(file.category, _people(family, today), sections)
    return rule if tier is file.tier else TierRule.MANUAL


def _means(chance: Dice, category: Category, heads: int) -> dict[str, int]:
    low, high = INCOME[category]
    income = chance.randint(low, high)
    aid = 0
    if category in {Category.DB, Category.TK}:
        aid = max(FLOOR_YUAN - income, 60) * heads
    return {"income_fen": income * 100, "aid_fen": aid * 100}


def _reason(chance: Dice, state: HouseholdState) -> str:
    reasons = texts.STATE_REASONS.get(state.value)
    return chance.choice(reasons) if reasons else ""


def _member(city: City, home: Home, position: int, person: Person) -> None:
    code = home.chance.code()
    facts = {
        "name": person.name,
        "id_number": person.id_number,
        "id_kind": "resident" if person.id_number else "none",
        "birth": person.birth.isoformat(),
        "sex": person.sex,
        "phone": person.phone,
        "ethnicity": "汉族",
        **person.facts,
    }
    kept = {name: value for name, value in facts.items() if value}
    city.rows.add(
        Member,
        code=code,
        household_id=home.id,
        position=position,
        relationship_code=person.relationship,
        sex=person.sex,
        id_index=city.keys.index("id", person.id_number) if person.id_number else None,
        alike=city.keys.index("alike", sounds(person.name, person.birth, home.plan.region)),
        person=home.box.seal_json(kept, f"member.person:{code}"),
    )


def _find(city: City, home: Home, family: list[Person], door: str) -> None:
    """Note what a household is found by; parts of names come again and again, so their tokens are kept."""
    found = set(map(city.keys.token, door_tokens(door)))
    for person in family:
        for word in person_tokens(person.name, person.id_number, (person.phone,)):
            if word[0] in "npq":
                token = city.tokens.get(word)
                if token is None:
                    token = city.tokens[word] = city.keys.token(word)
                found.add(token)
            else:
                found.add(city.keys.token(word))
    city.rows.find_by(home.id, home.plan.region, found)


def _agree(city: City, home: Home) -> None:
    plan = home.plan
    given = plan.signed_on
    withdrawn = None
    if plan.consent is ConsentPlan.EXPIRED:
        given = city.before(CONSENT_LIFE.days + 45)
    if plan.consent is ConsentPlan.WITHDRAWN:
        withdrawn = city.at(max(city.before(20), given), 15)
    charity = (Purpose.MONEY, Purpose.GOODS) if plan.consent is ConsentPlan.FULL else ()
    pairs = [(purpose, Recipient.HELPERS) for purpose in PURPOSES[plan.consent]]
    pairs += [(purpose, Recipient.CHARITY) for purpose in charity]
    for purpose, recipient in pairs:
        city.rows.add(
            Consent,
            household_id=home.id,
            purpose=purpose,
            recipient=recipient,
            wording=WORDING,
            signatory="guardian" if plan.kind is Kind.CHILD else "self",
            given_on=given,
            expires_on=given + CONSENT_LIFE,
            withdrawn_at=withdrawn,
            recorded_by_id=home.worker,
        )


def _history(city: City, home: Home, filed_at: datetime, phone: str) -> None:
    plan = home.plan
    _note(city, home, "created", "建立档案", filed_at)
    standing = {
        "household_id": home.id,
        "region_code": plan.region,
        "town_code": plan.region[:9],
        "district_code": plan.region[:6],
        "category": plan.category,
        "tier": plan.tier,
        "state": HouseholdState.ACTIVE,
        **home.standing,
    }
    spans = [(clock.day_of(filed_at), standing)]
    if (put_right := _put_right(city, home, filed_at, phone)) is not None:
        at, income_fen = put_right
        spans = [(spans[0][0], standing | {"income_fen": income_fen}), (clock.day_of(at), standing)]
    if plan.consent is ConsentPlan.WITHDRAWN:
        at = max(city.at(city.before(20), 15), filed_at)
        _note(city, home, "consent", "撤回同意：上门探访", at)
    if plan.state is not HouseholdState.ACTIVE:
        at = max(city.at(city.before(10), 11), filed_at)
        changed = {"cover/state": [HouseholdState.ACTIVE.value, plan.state.value]}
        title, reason = f"档案{STATE_WORDS[plan.state]}", _reason(home.chance, plan.state)
        _note(city, home, "state", title, at, changed, reason)
        spans.append((clock.day_of(at), standing | {"state": plan.state}))
    ends = [*(began for began, _ in spans[1:]), None]
    for (began, values), until in zip(spans, ends, strict=True):
        if until is None or until > began:  # the day's last word counts
            city.rows.add(Span, from_on=began, until_on=until, **values)


def _put_right(
    city: City, home: Home, filed_at: datetime, phone: str
) -> tuple[datetime, int] | None:
    """Let some files have said another income at first, and no phone, until somebody asked at the door."""
    chance, days = dice(city.seed, "past", home.plan.number), (city.today - home.plan.filed_on).days
    if days < MOST_RECENT_CORRECTION * 3 or not chance.chance(35):
        return None
    on = city.before(chance.randint(MOST_RECENT_CORRECTION, days - MOST_RECENT_CORRECTION))
    at, income_fen = (
        max(city.at(on, 16, chance.randrange(60)), filed_at),
        home.standing["income_fen"],
    )
    before = income_fen + chance.randint(1, 6) * 5_000
    changed: dict[str, list[Any]] = {"cover/income_fen": [before, income_fen]}
    if phone and chance.chance(40):
        changed["cover/phone"] = [None, phone]
    _note(city, home, "edited", title_of(changed), at, changed, "入户核实")
    return at, before


def _note(
    city: City,
    home: Home,
    kind: str,
    title: str,
    at: datetime,
    changed: dict[str, list[Any]] | None = None,
    reason: str = "",
) -> None:
    place = f"change.fields:{home.file_no}"
    city.rows.add(
        Change,
        household_id=home.id,
        at=at,
        user_id=home.worker,
        kind=kind,
        title=title,
        fields=home.box.seal_json(changed, place) if changed else None,
        reason=reason,
    )
