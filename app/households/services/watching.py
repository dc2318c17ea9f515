"""Watching over reading (查阅监督): the brake, the day's unusual looks, and who looks into them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import update
from sqlalchemy.dialects import postgresql, sqlite

from app.accounts.models import User
from app.accounts.queries import holders_of
from app.audit import services as audit
from app.core import clock, codes
from app.core.access import require
from app.core.db import changed_one, db, one_at_a_time
from app.core.errors import StalePage
from app.households import policy, queries
from app.households.errors import Braked, LookedInto, ReasonMissing
from app.households.models import ReadingAlert
from app.households.rules.watching import (
    BRAKE_AN_HOUR,
    LIMITS,
    RULE_WORDS,
    Finding,
    Limits,
    ReadingRule,
    unusual,
)
from app.notices import services as notices

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from app.core.access import Actor
    from app.households.models import Household
    from app.households.rules.watching import Look

INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def watch(day: date, limits: Limits = LIMITS) -> int:
    """Write down what was unusual in the reading of a day (异常查阅), and tell supervisor and auditor once.

    A second run adds nothing; while the day goes on, what was found grows until somebody looks into it.
    """
    looks = queries.looks_of(day)
    usual = queries.usual_places(looks.keys(), day, limits.usual_days) if looks else {}
    written = 0
    for reader, theirs in looks.items():
        findings = unusual(theirs, usual[reader], limits)
        region = _region_of(reader, theirs) if findings else ""
        for finding in findings:
            written += _write(reader, day, finding, region)
    return written


def brake(actor: Actor, household: Household) -> None:
    """Stop somebody who opens file after file (看得太多先停): Braked until the supervisor lets them go on.

    The look that reaches the limit is still answered, and tells the supervisor; it is the next one that waits.
    """
    if actor.is_system:
        return
    one_at_a_time(f"unmask {actor.user_id}")
    opened = queries.opened_within_the_hour(actor.user_id)
    if household.id in opened:
        return
    if len(opened) >= BRAKE_AN_HOUR:
        raise Braked
    if len(opened) + 1 == BRAKE_AN_HOUR:
        _tell_of_brake(actor)


def note_urgent(actor: Actor, household: Household) -> None:
    """Tell the supervisor at once that children's data was opened before they agreed (紧急查看): they review it."""
    finding = Finding(ReadingRule.URGENT, 1, [])
    _write(actor.user_id or 0, clock.today(), finding, household.region_code, household.file_no)


def acknowledge(actor: Actor, alert: ReadingAlert, note: str) -> None:
    """Say what came of it (核查结论); the first who does settles it, and a brake is let go."""
    require(policy.can_see_alert, actor, alert)
    if not note.strip():
        raise ReasonMissing("请写一句核查的结果，以后查得到")
    try:
        changed_one(
            update(ReadingAlert)
            .where(ReadingAlert.id == alert.id, ReadingAlert.acknowledged_at.is_(None))
            .values(
                acknowledged_at=clock.now(), acknowledged_by_id=actor.user_id, note=note.strip()
            )
            .execution_options(synchronize_session=False)
        )
    except StalePage:
        raise LookedInto from None
    audit.record(
        actor,
        "reading_alert.acknowledge",
        alert.code,
        region_code=alert.region_code,
        detail={"rule": alert.rule.value},
    )
    if alert.rule is ReadingRule.BRAKE:
        notices.queue(
            alert.user_id, "reading_alert.released", "督导已经确认，可以继续查看明文档案了", "/me"
        )


def _tell_of_brake(actor: Actor) -> None:
    now = clock.now()
    region = next(iter(actor.regions(*policy.READERS)), "")
    finding = Finding(ReadingRule.BRAKE, BRAKE_AN_HOUR, [])
    _write(actor.user_id or 0, clock.day_of(now), finding, region, f"{now:%H%M%S}")


def _region_of(reader: int, looks: Sequence[Look]) -> str:
    """Return whose supervisor is told: that of the reader's own place; a helper's, where they read most."""
    actor = db.session.get_one(User, reader).actor
    for region in actor.regions(*policy.READERS):
        return region
    towns = [look.region_code[:9] for look in looks]
    return max(set(towns), key=lambda town: (towns.count(town), town))


def _write(reader: int, day: date, finding: Finding, region: str, subject: str = "") -> int:
    """Write one alert, or let it grow; tells people when it is new. Returns how many are new."""
    code = codes.new("L")
    insert = INSERT[db.session.get_bind().dialect.name]
    made = db.session.execute(
        insert(ReadingAlert)
        .values(
            code=code,
            user_id=reader,
            day=day,
            rule=finding.rule,
            subject=subject,
            region_code=region,
            count=finding.files,
            rows=finding.rows,
            found_at=clock.now(),
        )
        .on_conflict_do_nothing(index_elements=["user_id", "day", "rule", "subject"])
        .returning(ReadingAlert.id)
    ).one_or_none()
    if made is None:
        _grow(reader, day, finding, subject)
        return 0
    for person in holders_of(region, *policy.WATCHERS):
        if person.id != reader:
            notices.queue(
                person.id,
                "reading_alert.found",
                f"请看看一条查阅提醒：{RULE_WORDS[finding.rule]}",
                f"/audit/alerts/{code}",
            )
    return 1


def _grow(reader: int, day: date, finding: Finding, subject: str) -> None:
    db.session.execute(
        update(ReadingAlert)
        .where(
            ReadingAlert.user_id == reader,
            ReadingAlert.day == day,
            ReadingAlert.rule == finding.rule,
            ReadingAlert.subject == subject,
            ReadingAlert.acknowledged_at.is_(None),
            ReadingAlert.count < finding.files,
        )
        .values(count=finding.files, rows=finding.rows)
        .execution_options(synchronize_session=False)
    )
