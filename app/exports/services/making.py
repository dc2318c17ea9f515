"""Writing the file (生成文件): row by row, with a sign of life, and nothing left when somebody stops it."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from app.accounts.models import User
from app.accounts.queries import display_name
from app.audit import services as audit
from app.core import clock
from app.core.db import db
from app.core.errors import Refusal, StalePage
from app.core.papers import watermark
from app.core.phrases import moment
from app.core.sheets import Mark, Page, write_csv, write_xlsx
from app.core.storage import storage
from app.exports import queries
from app.exports.errors import TooManyInClear
from app.exports.models import Export
from app.exports.queries import clear
from app.exports.queries.lists import LISTS
from app.exports.rules import (
    CHUNK,
    FOR_WORDS,
    MOST_CLEAR,
    STALLED_AFTER,
    ExportState,
    For,
    Form,
    mark_words,
)
from app.exports.services.starting import step
from app.households.models import Approval

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from contextlib import AbstractContextManager

    from app.core.access import Actor
    from app.exports.queries.lists import Listed
    from app.exports.queries.steps import Line

    Transaction = Callable[[], AbstractContextManager[None]]

BEAT = 5 * CHUNK  # rows between two signs of life
OUR_FAULT = "做到一半出了问题，是我们的错。可以再试一次；还是不行，请把编号告诉管理员"


def advance(code: str, transaction: Transaction) -> bool:
    """Write the file of a waiting export, unless somebody else is doing so; returns whether it did.

    Called in the person's own request for a short list, by the scheduler for any other.
    """
    export = db.session.scalars(select(Export).where(Export.code == code)).one()
    user = db.session.get_one(User, export.user_id)
    try:
        with transaction():
            step(export, {ExportState.QUEUED}, ExportState.MAKING, done=0)
    except StalePage:
        return False
    db.session.refresh(export)
    try:
        _make(user, export, transaction)
    except StalePage:
        return True  # somebody stopped it: nothing of it was kept
    except Refusal as refusal:
        _fail(export, refusal.message, transaction)
    except Exception:  # whatever it was, it must not be tried for ever
        db.session.rollback()
        _fail(export, OUR_FAULT, transaction)
        raise
    return True


def waiting() -> list[str]:
    """Return the codes of the exports that wait, the oldest first."""
    return list(
        db.session.scalars(
            select(Export.code).where(Export.state == ExportState.QUEUED).order_by(Export.id)
        )
    )


def has_stalled() -> bool:
    """Say whether a process died over an export: asked every few seconds, so it takes no write lock."""
    return (
        db.session.scalars(
            select(Export.id)
            .where(
                Export.state == ExportState.MAKING,
                Export.updated_at < clock.now() - STALLED_AFTER,
            )
            .limit(1)
        ).one_or_none()
        is not None
    )


def free_stalled() -> int:
    """Put exports back into the queue whose process died."""
    statement = (
        update(Export)
        .where(Export.state == ExportState.MAKING, Export.updated_at < clock.now() - STALLED_AFTER)
        .values(state=ExportState.QUEUED, updated_at=clock.now())
        .returning(Export.id)
    )
    return len(db.session.scalars(statement).all())


def _make(user: User, export: Export, transaction: Transaction) -> None:
    actor, listed = user.actor, LISTS[export.list]
    queries.listed(actor, export.list)  # the role may have ended since it was asked for
    whose: list[tuple[str, int, str]] = []
    with tempfile.TemporaryDirectory() as scratch, tempfile.SpooledTemporaryFile() as out:
        if export.approval_id is not None:
            whose = _write_clear(user, export, out)
            count = len(whose)
        else:
            rows = _Counted(_rows(actor, listed, export, transaction))
            _write_masked(listed, export, rows, out, scratch)
            count = rows.count
        out.seek(0)
        data = out.read()
    key = storage().put(queries.box(export).seal(data, queries.place(export)))
    try:
        with transaction():
            step(
                export,
                {ExportState.MAKING},
                ExportState.READY,
                storage_key=key,
                size=len(data),
                done=count,
                total=count,
            )
            _record(actor, export, count, whose)
    except BaseException:
        storage().delete(key)
        raise


class _Counted:
    """Rows that are counted while they pass."""

    def __init__(self, rows: Iterable[Line]) -> None:
        self.rows = rows
        self.count = 0

    def __iter__(self) -> Iterator[Line]:
        for row in self.rows:
            self.count += 1
            yield row


def _rows(actor: Actor, listed: Listed, export: Export, transaction: Transaction) -> Iterator[Line]:
    done, said = 0, 0
    for chunk in listed.walk(actor, export.filters).chunks():
        yield from chunk
        done += len(chunk)
        if done - said >= BEAT:
            said = done
            with transaction():
                step(export, {ExportState.MAKING}, ExportState.MAKING, done=done)


def _write_masked(
    listed: Listed, export: Export, rows: Iterable[Line], out: Any, scratch: str
) -> None:
    if export.form is Form.CSV:
        write_csv(out, listed.columns, rows)
    else:
        write_xlsx(out, [Page(listed.words, listed.columns, rows)], scratch=scratch)


def _write_clear(user: User, export: Export, out: Any) -> list[tuple[str, int, str]]:
    """Write families and persons in clear; in memory alone, marked on every sheet, page and row."""
    approval = db.session.get_one(Approval, export.approval_id)
    found = clear.gather(user.actor, export.filters)
    if len(found.whose) > MOST_CLEAR:
        raise TooManyInClear(MOST_CLEAR)
    now = clock.now()
    words = mark_words(display_name(user), moment(now), export.code)
    decider = db.session.get(User, approval.decided_by_id or 0)
    said = "；".join(f"{name} {value}" for name, value in LISTS[export.list].said(export.filters))
    cover = [
        ("这是什么", "困难家庭明文名册，含个人信息。只用于下面写明的事，不得转发、上传，用完删除"),
        ("谁导出", f"{display_name(user)}（{user.username}）"),
        ("什么时候", moment(now)),
        ("为什么", approval.reason or ""),
        ("给谁用", FOR_WORDS[For(export.filters.get(clear.TO, For.OFFICE))]),
        ("谁同意", f"{display_name(decider) if decider else ''}，审批单 {approval.code}"),
        ("筛选", said or "全部可见的档案"),
        ("户数", f"{len(found.whose):,} 户，{len(found.persons):,} 人"),
        ("孩子", "未满 18 岁的成员保持打码；需要时在档案页单独向督导申请"),
        ("编号", f"{export.code}；每一户都记下了这次导出，责任社工和审计看得到"),
    ]
    pages = [
        Page("家庭", clear.FAMILY_COLUMNS, found.families),
        Page("成员", clear.PERSON_COLUMNS, found.persons),
    ]
    write_xlsx(out, pages, cover=cover, mark=Mark(words, watermark(words)))
    return found.whose


def _record(actor: Actor, export: Export, count: int, whose: list[tuple[str, int, str]]) -> None:
    detail = {
        "list": export.list,
        "filters": export.filters,
        "rows": count,
        "form": export.form.value,
        "clear": export.approval_id is not None,
    }
    audit.record(actor, "export.make", export.code, region_code=export.region_code, detail=detail)
    if export.approval_id is not None:
        approval = db.session.get_one(Approval, export.approval_id)
        audit.record_each(
            actor,
            "household.export",
            whose,
            reason=f"明文导出，审批单 {approval.code}",
            detail={"export": export.code},
        )


def _fail(export: Export, message: str, transaction: Transaction) -> None:
    with transaction():
        try:
            step(export, {ExportState.MAKING}, ExportState.FAILED, error=message[:120])
        except StalePage:
            db.session.expire(export)  # it was stopped meanwhile: that is the last word
