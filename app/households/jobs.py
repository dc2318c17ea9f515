"""Jobs of households: the queue of workbooks, what is swept away after them, and what comes to its end by itself."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from app.core import clock
from app.core.db import db, empty_log, transaction
from app.core.jobs import Job
from app.households import services
from app.households.rules.twins import UNKNOWABLE
from app.households.services import ages, batches, reminding, requests, twins, watching
from app.media import services as media

if TYPE_CHECKING:
    from datetime import date

SWEPT_AGAIN = timedelta(days=8)
MOST_LOOKED_AT = 100_000  # members a night: opening a sealed person takes its time, and tomorrow is another night


def import_workbooks(_day: date) -> int:
    """Read and take in the workbooks that wait; one that cannot be read costs the others nothing."""
    with transaction():
        batches.free_stalled()
    return sum(batches.advance(code, transaction) for code in batches.waiting())


def sweep_imports(_day: date) -> int:
    """Give up imports that nobody came back to, and delete what is left of those that are over."""
    with transaction():
        given_up = batches.abandon_old()
    return given_up + sum(batches.clear_away(batch, transaction) for batch in batches.left_over())


def remind_consents(day: date) -> int:
    """Remind workers of consents that end in thirty days, and today."""
    with transaction():
        return services.remind_of_expiry(day)


def retention(day: date) -> int:
    """Propose what is due to go, and see that what was erased is gone."""
    with transaction():
        made = requests.propose(day)
    with transaction():
        media.forget_again(clock.at(day) - SWEPT_AGAIN)
    empty_log()
    return made


def judge_ages(day: date) -> int:
    """Judge files anew in which somebody crossed an age line, some hundred files per transaction."""
    changed, place = 0, None
    while True:
        with transaction():
            count, place = ages.judge_ages(day, place)
        db.session.expunge_all()  # a whole city does not stay in memory
        changed += count
        if place is None:
            return changed


def end_approvals(day: date) -> int:
    """End what nobody decided in its thirty days, a batch at a time."""
    ended = 0
    while True:
        with transaction():
            count = reminding.end_approvals(day)
        ended += count
        if not count:
            return ended


def remind_files(day: date) -> int:
    """Remind workers of classes and pauses that end."""
    with transaction():
        return reminding.remind_classes(day) + reminding.remind_pauses(day)


def find_twins(_day: date) -> int:
    """Look at whom nobody has looked at yet, then find who sounds alike; the second run of a night finds nothing."""
    found = looked = 0
    while looked < MOST_LOOKED_AT:
        with transaction():
            count, kept = twins.fill_in()
        looked, found = looked + count, found + count + kept
        if not count:
            break
    last: bytes | None = UNKNOWABLE
    while last is not None:
        with transaction():
            kept, last = twins.find_piece(last)
        found += kept
    return found


def watch_readings(day: date) -> int:
    """Look for unusual reading of clear data, yesterday's and today's so far."""
    with transaction():
        return watching.watch(day - timedelta(days=1)) + watching.watch(day)


JOBS: tuple[Job, ...] = (
    Job("consents", "提醒社工续签快到期的同意书", "30 7 * * *", remind_consents),
    Job(
        "import-workbooks",
        "读入并导入排队的台账",
        "",
        import_workbooks,
        every_day=False,
        every_seconds=3,
    ),
    Job("retention", "列出保存期满、该清除的资料", "0 5 * * *", retention),
    Job("judge-ages", "有人跨过年龄线的档案，重新评定风险档", "20 4 * * *", judge_ages),
    Job("end-approvals", "收起 30 天没人审批的申请", "30 4 * * *", end_approvals),
    Job("remind-files", "提醒快到期的救助类别和暂停", "20 7 * * *", remind_files),
    Job("find-twins", "找出可能重复的档案", "50 3 * * *", find_twins),
    Job("watch-readings", "查找异常的明文查阅", "20 * * * *", watch_readings, every_day=False),
    Job("sweep-imports", "清理过期的导入文件", "40 4 * * *", sweep_imports),
)
