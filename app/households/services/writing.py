"""Writing a file (写档案): every change to what a file says goes through here, and none is missing from its history.

A verb reads the document, changes a copy of it and gives it to `write`; the difference is what is sealed in the
history, and what the columns, the search words and the spans are brought up to.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select, update

from app.audit import services as audit
from app.core import clock
from app.core.access import require
from app.core.crypto import ring
from app.core.db import changed_one, db
from app.households import policy, queries
from app.households.models import Change, Household, Member, SearchToken, Section
from app.households.rules import Category, HouseholdState, Tier
from app.households.rules.ages import next_month
from app.households.rules.codes import DISABLED, ILL, NO_SELF_CARE
from app.households.rules.document import COVER_COLUMNS, HEAD, difference, normal
from app.households.rules.identity import normal_number
from app.households.rules.labels import title_of
from app.households.rules.risk import STANDING, TierRule, judged
from app.households.rules.search import document_words
from app.households.rules.traits import Person, age_on, traits_of
from app.households.rules.twins import UNKNOWABLE, sounds
from app.households.services import spans, telling
from app.regions.rules import prefixes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.core.access import Actor
    from app.core.crypto import Box
    from app.households.rules.document import Difference, Document

SEALED_ONLY = frozenset(
    {"position", "relationship_code", "left_on"}
)  # columns of a member; sex is in both
KINDS: dict[str, Any] = {"category": Category, "tier": Tier, "state": HouseholdState}
DAYS = frozenset({"filed_on", "class_until", "kin_visited_on", "paused_until"})


def write(  # noqa: PLR0913 - a change, and all that its history says of it
    actor: Actor,
    household: Household,
    after: Document,
    *,
    version: int,
    kind: str = "edited",
    title: str = "",
    reason: str = "",
    action: str = "household.edit",
    other: Household | None = None,
) -> bool:
    """Bring a file up to a document; returns whether anything was different.

    The verb that calls this has asked who may and whether the state allows it. `version` is the one the document was
    read at: StalePage when somebody was faster. `title` is what the history says, without personal data; left out, it
    names what changed. `other` is the file in which the same verb changes the rest. Wrong when the reason, which is
    kept in clear, names somebody.
    """
    require(policy.can_write, actor, household)
    before = queries.document(household)
    after = judged_by_rule(normal(after))
    changed = difference(before, after)
    if not changed:
        return False
    reason = telling.said(before, telling.said(after, reason))
    its_box = queries.box(household)
    _cover(household, its_box, after, changed, version)
    _members(household, its_box, before, after)
    _sections(household, its_box, before.get("sections", {}), after.get("sections", {}))
    _words(household, before, after)
    spans.keep(household.id, standing_of(after))
    said = (kind, title or title_of(changed), reason)
    _remember(actor, household, its_box, changed, said, other)
    audit.record(
        actor,
        action,
        household.file_no,
        household_id=household.id,
        region_code=after["cover"]["region_code"],
        detail={"fields": _places(changed)},
    )
    db.session.flush()  # the same verb may write another file next, in which one of these people now stands
    db.session.expire(household)
    return True


def begin(
    actor: Actor, after: Document, *, file_no: str, source: str, key: str | None, title: str
) -> Household:
    """Begin a file with what its document says (建档): its key, columns, people, search words, span and history.

    The verb that calls this has asked who may, and whether any of these people is on file already.
    """
    after = judged_by_rule(normal(after))
    cover, now = after["cover"], clock.now()
    district, town = prefixes(cover["region_code"])
    data_key, its_box = ring().new_box(file_no)
    head = {name: cover.get(name) or "" for name in HEAD}
    people = living(after)
    household = Household(
        file_no=file_no,
        district_code=district,
        town_code=town,
        data_key=data_key,
        head=its_box.seal_json(head, f"household.head:{file_no}"),
        papers=its_box.seal_json(after.get("papers", {}), f"household.papers:{file_no}"),
        member_count=len(people),
        traits=traits_of(people_of(after)),
        ages_on=next_month(births(after), clock.today() - timedelta(days=1)),
        source=source,
        created_by_id=actor.user_id,
        idempotency_key=key,
        created_at=now,
        updated_at=now,
        **{name: _column(name, cover.get(name)) for name in COVER_COLUMNS},
    )
    db.session.add(household)
    db.session.flush()  # everything else refers to it
    _members(household, its_box, {"cover": cover}, after)
    _sections(household, its_box, {}, after.get("sections", {}))
    _words(household, {}, after)
    spans.keep(household.id, standing_of(after))
    _remember(actor, household, its_box, difference({}, after), ("created", title, ""))
    audit.record(
        actor,
        "household.create",
        file_no,
        household_id=household.id,
        region_code=cover["region_code"],
    )
    db.session.flush()
    db.session.expire(household)
    return household


def living(document: Document) -> list[dict[str, Any]]:
    """Return the members who are still there, the householder first (在户成员)."""
    found = [one for one in document.get("members", {}).values() if not one.get("left_on")]
    return sorted(found, key=lambda one: int(one.get("position", 0)))


def _remember(
    actor: Actor,
    household: Household,
    its_box: Box,
    changed: Difference,
    said: tuple[str, str, str],
    other: Household | None = None,
) -> None:
    """Write a change into the history; `said` is its kind, its title and why."""
    kind, title, reason = said
    db.session.add(
        Change(
            household_id=household.id,
            at=clock.now(),
            user_id=actor.user_id,
            kind=kind,
            title=title[:120],
            fields=its_box.seal_json(changed, f"change.fields:{household.file_no}"),
            reason=reason.strip()[:120],
            other_id=other.id if other else None,
        )
    )


def judged_by_rule(after: Document) -> Document:
    """Let the rules set the tier, unless somebody or the workbook said it."""
    cover = after["cover"]
    if cover.get("tier_rule", TierRule.MANUAL) not in STANDING:
        tier, rule = judged(
            Category(cover["category"]), people_of(after), after.get("sections", {})
        )
        cover |= {"tier": tier.value, "tier_rule": rule.value}
    return after


def births(document: Document) -> list[date]:
    """Return when those who are there were born, as far as anybody knows."""
    return [day for one in living(document) if (day := day_of(one.get("birth")))]


def people_of(document: Document) -> list[Person]:
    """Return what rules ask about those who are there."""
    today = clock.today()
    return [
        Person(
            age_on(day_of(one.get("birth")), today),
            is_disabled=bool(one.get("disability_kind")) or one.get("health") in DISABLED,
            is_ill=one.get("health") in ILL,
            has_no_self_care=one.get("self_care") in NO_SELF_CARE,
        )
        for one in living(document)
    ]


def day_of(value: Any) -> date | None:
    """Return a day as a document writes it; None for none, and for what is no day."""
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None


def _cover(
    household: Household, its_box: Box, after: Document, changed: Difference, version: int
) -> None:
    values = cover_values(its_box, household.file_no, after, changed)
    changed_one(
        update(Household)
        .where(Household.id == household.id, Household.version == version)
        .values(**values, version=version + 1, updated_at=clock.now())
    )


def cover_values(
    its_box: Box, file_no: str, after: Document, changed: Difference
) -> dict[str, Any]:
    """Return the columns of a cover that a difference touches, with what they say now."""
    cover = after["cover"]
    values: dict[str, Any] = {
        name: _column(name, cover.get(name)) for name in COVER_COLUMNS if f"cover/{name}" in changed
    }
    if "region_code" in values:
        district, town = prefixes(values["region_code"])
        values |= {"district_code": district, "town_code": town}
    if any(f"cover/{name}" in changed for name in HEAD):
        head = {name: cover.get(name) or "" for name in HEAD}
        values["head"] = its_box.seal_json(head, f"household.head:{file_no}")
    if any(path.startswith("papers") for path in changed):
        papers = after.get("papers", {})
        values["papers"] = its_box.seal_json(papers, f"household.papers:{file_no}")
    if any(path.startswith("members") for path in changed):
        people = living(after)
        values |= {"member_count": len(people), "traits": traits_of(people_of(after))}
        # from yesterday on: the night has yet to tell of whoever crosses a line today
        values["ages_on"] = next_month(births(after), clock.today() - timedelta(days=1))
    if "state" in values:
        active = values["state"] is HouseholdState.ACTIVE
        values["next_visit_on"] = clock.today() if active else None
    return values


def _column(name: str, value: Any) -> Any:
    if name in KINDS:
        return KINDS[name](value)
    if name in DAYS:
        return day_of(value)
    empty: dict[str, Any] = {"income_fen": 0, "aid_fen": 0, "is_kin": False, "worker_id": None}
    return empty.get(name, "") if value is None else value


def _members(household: Household, its_box: Box, said: Document, says: Document) -> None:
    before, after = said.get("members", {}), says.get("members", {})
    region = says["cover"]["region_code"]
    has_moved = (
        said["cover"]["region_code"] != region
    )  # who sounds alike is asked village by village
    gone = before.keys() - after.keys()
    if gone:
        db.session.execute(
            delete(Member).where(Member.household_id == household.id, Member.code.in_(gone))
        )
    for code, facts in after.items():
        if before.get(code) == facts and not has_moved:
            continue
        values = member_values(its_box, code, facts, region)
        if code in before:
            where = (Member.household_id == household.id, Member.code == code)
            db.session.execute(update(Member).where(*where).values(**values))
        else:
            db.session.execute(
                insert(Member).values(household_id=household.id, code=code, **values)
            )


def member_values(
    its_box: Box, code: str, facts: dict[str, Any], region_code: str
) -> dict[str, Any]:
    """Return the columns of a member: what lists ask for, what they are found by, and the rest sealed."""
    sealed = {name: value for name, value in facts.items() if name not in SEALED_ONLY}
    left = day_of(facts.get("left_on"))
    number = normal_number(facts.get("id_number"))
    keys = ring()
    alike = sounds(facts.get("name"), facts.get("birth"), region_code)
    return {
        "position": int(facts.get("position", 0)),
        "relationship_code": str(facts.get("relationship_code") or "8"),
        "sex": str(facts.get("sex") or "0"),
        "left_on": left,
        # somebody who left may be on file elsewhere, and their number with them
        "id_index": keys.index("id", number) if number and not left else None,
        "alike": keys.index("alike", alike) if alike and not left else UNKNOWABLE,
        "person": its_box.seal_json(sealed, f"member.person:{code}"),
    }


def _sections(
    household: Household, its_box: Box, before: dict[str, Any], after: dict[str, Any]
) -> None:
    for kind in before.keys() | after.keys():
        if before.get(kind) == after.get(kind):
            continue
        where = (Section.household_id == household.id, Section.kind == kind)
        if kind not in after:
            db.session.execute(delete(Section).where(*where))
            continue
        facts = its_box.seal_json(after[kind], f"household.section:{household.file_no}:{kind}")
        if kind in before:
            db.session.execute(update(Section).where(*where).values(facts=facts))
        else:
            db.session.execute(
                insert(Section).values(household_id=household.id, kind=kind, facts=facts)
            )


def _words(household: Household, before: Document, after: Document) -> None:
    """Let the file be found by what it says now, and no longer by what it said."""
    old, new = tokens_of(before), tokens_of(after)
    now = after["cover"]["region_code"]
    was = before.get("cover", {}).get("region_code", now)
    gone, come = (old, new) if was != now else (old - new, new - old)
    if gone:
        db.session.execute(
            delete(SearchToken).where(
                SearchToken.token.in_(gone),
                SearchToken.region_code == was,
                SearchToken.household_id == household.id,
            )
        )
    if come:
        there = set(
            db.session.scalars(
                select(SearchToken.token).where(
                    SearchToken.token.in_(come),
                    SearchToken.region_code == now,
                    SearchToken.household_id == household.id,
                )
            )
        )
        rows = [
            {"token": token, "region_code": now, "household_id": household.id}
            for token in come - there
        ]
        if rows:
            db.session.execute(insert(SearchToken), rows)


def tokens_of(document: Document) -> set[int]:
    """Return the search words of a document, hashed."""
    return set(map(ring().token, document_words(document)))


def standing_of(after: Document) -> spans.Standing:
    """Return what lists and totals of a day are made of."""
    cover = after["cover"]
    return spans.Standing(
        region_code=cover["region_code"],
        category=Category(cover["category"]),
        tier=Tier(cover["tier"]),
        state=HouseholdState(cover["state"]),
        member_count=len(living(after)),
        income_fen=int(cover.get("income_fen") or 0),
        aid_fen=int(cover.get("aid_fen") or 0),
    )


def _places(changed: Iterable[str]) -> list[str]:
    """Return which places changed, without saying whose: a member's code is nobody's name."""
    return sorted({path.split("/")[0] + "/" + path.split("/")[-1] for path in changed})[:40]
