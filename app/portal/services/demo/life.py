"""Files on their way (档案流转): in the demonstration's own town some are reviewed, in case work, asked about.

Everything here goes through the services that people use, so that it looks as it will look.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select, update

from app.accounts.models import User
from app.core.db import db
from app.households import queries, services
from app.households.models import Household
from app.households.rules import Category, HouseholdState
from app.households.rules.approvals import ApprovalState
from app.households.rules.casework import CaseSource, Stage
from app.households.rules.closing import Wanting
from app.households.rules.documents import DocumentKind
from app.households.rules.kin import Kinship, Post
from app.households.rules.tags import Tag
from app.households.services import deciding, states
from app.households.services.casework import Step
from app.portal.services.demo.pictures import paper
from app.portal.services.demo.plan import DALIANG

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.core.access import Actor
    from app.portal.services.demo.files import City

NOTES = {
    Stage.INTAKE: "本人打电话来，说夜里睡不好，想找人说说话，愿意接受服务。",
    Stage.ASSESSMENT: "独自生活，邻居常来照应；血压偏高，按时吃药；怕给子女添麻烦。",
    Stage.PLANNING: "三个月内每周一次上门，陪同参加两次社区活动，量表评分降到轻度。",
    Stage.INTERVENTION: "第四次上门，愿意下楼散步，和楼下的老人下了一盘棋。",
}
CASES = ((Stage.INTAKE, 6), (Stage.ASSESSMENT, 30), (Stage.INTERVENTION, 75))
ROAD = (Stage.INTAKE, Stage.ASSESSMENT, Stage.PLANNING, Stage.INTERVENTION)
TAGS = (Tag.LR, Tag.YB, Tag.CJ1, Tag.LR)
ENOUGH = 14  # files of the town, without which there is nothing to show


class Cast(NamedTuple):
    """Who writes, who reviews, who decides."""

    worker: Actor
    supervisor: Actor
    officer: Actor


def live(city: City) -> None:
    """Let files of the demonstration worker's town move on."""
    who = city.cast.accounts
    users = {
        one.id: one for one in db.session.scalars(select(User).where(User.id.in_([*who.values()])))
    }
    cast = Cast(*(users[who[name]].actor for name in ("worker", "supervisor", "officer")))
    active = _files(cast, HouseholdState.ACTIVE, ENOUGH)
    if len(active) < ENOUGH:
        return
    _review(cast)
    for file, (last, days) in zip(active, CASES, strict=False):
        _case(city, cast, file, last, days)
    for file, tag in zip(active[3:7], TAGS, strict=True):
        _tag(city, cast, file, tag)
    _classes(city, cast, active[7:10])
    _kin(city, cast, active[10:12])
    db.session.flush()  # the caller's transaction ends with statements of its own


def _files(cast: Cast, state: HouseholdState, limit: int) -> Sequence[Household]:
    return db.session.scalars(
        select(Household)
        .where(
            Household.town_code == DALIANG,
            Household.state == state,
            Household.worker_id == cast.worker.user_id,
            Household.is_kin.is_(False),
        )
        .order_by(Household.id)
        .limit(limit)
    ).all()


def _review(cast: Cast) -> None:
    """Send drafts to review, and one of those under review back."""
    for file in _files(cast, HouseholdState.DRAFT, 2):
        states.submit(cast.worker, file, version=file.version)
    for file in _files(cast, HouseholdState.UNDER_REVIEW, 1):
        db.session.execute(
            update(Household)
            .where(Household.id == file.id)
            .values(submitted_by_id=cast.worker.user_id)
        )
        db.session.refresh(file)
        points = [Wanting.CONSENT, Wanting.ASSESSMENT]
        note = "同意书还差监护人签字；评估表请按入户时的情况补上"
        states.return_(cast.supervisor, file, points, note, version=file.version)


def _case(city: City, cast: Cast, file: Household, last: Stage, days: int) -> None:
    stages = ROAD[: ROAD.index(last) + 1]
    for number, stage in enumerate(stages):
        on = city.before(days - number * days // len(stages))
        source = CaseSource.ASKED if stage is Stage.INTAKE else None
        step = Step(stage, on, NOTES[stage], source=source)
        services.take_step(cast.worker, file, step, version=file.version)
        db.session.refresh(file)


def _tag(city: City, cast: Cast, file: Household, tag: Tag) -> None:
    first = queries.members(file)[0]
    age = queries.person(queries.box(file), first).get("birth", "")
    if tag is Tag.LR and age > f"{city.today.year - 61}":
        tag = Tag.QT
    services.add_tag(cast.worker, file, first.code, tag, city.before(200), version=file.version)


def _classes(city: City, cast: Cast, files: Sequence[Household]) -> None:
    """Ask for three classes: one waits, one was approved, one ended last week."""
    for number, file in enumerate(files):
        found = services.add_document(
            cast.worker,
            file,
            paper(city.seed, file.file_no),
            kind=DocumentKind.CLASS,
            title="区民政确认告知书",
            dated_on=city.before(12),
            key=f"demo-class-{file.file_no}",
        )
        since = city.before(300 if number > 1 else 12)
        wish = services.Wish(
            category=Category.GX if file.category is not Category.GX else Category.DB,
            subclass="",
            since=since,
            until=since + timedelta(days=310 if number > 1 else 360),
            evidence=found.code,
        )
        if wish.category is Category.DB:
            wish = services.Wish(Category.DB, "", since, None, found.code)
        asked = services.ask_class(
            cast.worker, file, wish, "今年医药费占了收入的大半", key=f"demo-{file.file_no}"
        )
        if number:
            deciding.decide(cast.officer, asked, ApprovalState.APPROVED, "材料齐全")
    for file in files[2:]:
        db.session.refresh(file)
        if file.class_until is not None:  # a year has nearly gone by
            db.session.execute(
                update(Household).where(Household.id == file.id).values(class_until=city.before(7))
            )


def _kin(city: City, cast: Cast, files: Sequence[Household]) -> None:
    """Declare relatives in two files; the district was in one."""
    for number, file in enumerate(files):
        declared = services.Declared("郭玉霞", Post.COMMITTEE, Kinship.SIBLING)
        services.declare_kin(cast.worker, file, declared, version=file.version)
        db.session.refresh(file)
        if number:
            on = max(city.before(9), file.filed_on)
            services.confirm_district_visit(
                cast.officer, file, on, "冯永泽", "霍文静", version=file.version
            )
