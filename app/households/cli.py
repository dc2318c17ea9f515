"""Commands of households (档案命令): import a workbook, export a list, wrap keys anew."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click
from flask.cli import AppGroup, with_appcontext
from sqlalchemy import bindparam, select, update
from sqlalchemy.exc import IntegrityError

from app.accounts import queries as people
from app.core.access import SYSTEM
from app.core.crypto import ring
from app.core.db import db, transaction
from app.core.errors import NotHere, Refusal, StalePage
from app.core.sheets import SheetRefused, annotate, read_sheets
from app.households import queries
from app.households.errors import NoHeader
from app.households.models import Household, ImportBatch
from app.households.rules import MESSAGES, read_ledger
from app.households.rules.importing import REASONS
from app.households.services import indexing
from app.households.services.importing import Plan, commit, plan, prepare
from app.regions.queries import index as divisions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from app.core.access import Actor
    from app.core.sheets import Sheet
    from app.households.services.old_records import Comparison

BATCH = 1_000
group = AppGroup("households", help="Household files.")


@group.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--commit", "really", is_flag=True, help="take the good households in")
@click.option("--errors", type=click.Path(path_type=Path), help="the workbook back, with remarks")
@click.option("--json", "as_json", is_flag=True, help="print the figures as JSON and nothing else")
def import_file(file: Path, errors: Path | None, *, really: bool, as_json: bool) -> None:
    """Read a ledger workbook; without --commit it is a preview that changes nothing."""
    made = _planned(file)
    if errors is not None:
        annotate(file, made.problems, errors)
        _say(f"批注好的表在 {errors}")
    if as_json:
        click.echo(json.dumps(made.summary, ensure_ascii=False))
    else:
        _tell(made)
    if not really:
        _say("这是预览，什么都没有改。加 --commit 才入档")
        return
    try:
        _take_in(made)
    except (IntegrityError, StalePage):
        _say("刚才有人改动了同样的档案，重新对照一次")
        try:
            _take_in(_planned(file))
        except (IntegrityError, StalePage):
            _stop("档案一直有人在改，这次没有入档，请稍后再试")


def _planned(file: Path) -> Plan:
    try:
        reading = read_ledger(read_sheets(file), divisions(), progress=_progress("读表"))
    except SheetRefused as refusal:
        _stop(refusal.message)
    except OSError:
        _stop(f"打不开 {file}，请看看文件在不在、能不能读")
    if not any(layout.columns for layout in reading.layouts):
        _stop(NoHeader.message)
    return plan(SYSTEM, reading)


def _take_in(made: Plan) -> None:
    counts = made.counts()
    ready = prepare(SYSTEM, made, _progress("加密"))
    with transaction():
        commit(SYSTEM, ready)
    _say(f"已入档：新建 {counts['new']:,} 户，更新 {counts['changed']:,} 户")


def _tell(made: Plan) -> None:
    counts, figures = made.counts(), made.summary
    click.echo(f"读到 {figures['households']:,} 户 {figures['persons']:,} 人")
    click.echo(
        f"新建 {counts['new']:,} 户 · 有变化 {counts['changed']:,} 户 · "
        f"没变 {counts['unchanged']:,} 户 · 这次表里没有 {counts['gone']:,} 户 · "
        f"退回 {counts['rejected']:,} 户"
    )
    for each in made.rejections:
        words = REASONS.get(each.reason, each.reason)
        click.echo(f"  退回  {each.sheet} 第 {each.row} 行：{words}（{each.reason}）")
    for code, number in sorted(figures["warned"].items(), key=lambda pair: -pair[1]):
        click.echo(f"  提醒  {number:,} 处：{MESSAGES.get(code, code)}")


def _progress(what: str) -> Callable[[int, int], None]:
    """Return a progress callback that speaks on standard error: one line that moves, or a line per tenth."""
    shown = -1

    def tell(done: int, total: int) -> None:
        nonlocal shown
        percent = done * 100 // total if total else 100
        if sys.stderr.isatty():
            click.echo(f"\r{what} {done:,} / {total:,}", err=True, nl=done >= total)
        elif percent // 10 > shown:
            shown = percent // 10
            click.echo(f"{what} {percent}%", err=True)

    return tell


def _say(words: str) -> None:
    click.echo(words, err=True)


def _stop(words: str) -> NoReturn:
    click.echo(words, err=True)
    raise SystemExit(1)


@dataclass(frozen=True, slots=True)
class OldImport:
    """How the old platform's records of one kind come in (旧平台导入): what a feature's command is made of.

    `words_of` says a total in one sentence, `needed` which headings a sheet must have.
    """

    compare: Callable[[Actor, Iterator[Sheet]], Comparison[Any]]
    take_in: Callable[[Actor, Comparison[Any]], None]
    totals: Callable[[Actor], Any]
    after: Callable[[Any, Comparison[Any]], Any]
    words_of: Callable[[Any], str]
    needed: str


def old_import(how: OldImport) -> click.Command:
    """Make the command `import FILE --as USER [--commit] [--errors OUT] [--json]` of a feature."""

    @click.command("import")
    @click.argument("file", type=click.Path(path_type=Path))
    @click.option("--as", "username", required=True, help="the account that answers for them")
    @click.option("--commit", "really", is_flag=True, help="take the good rows in")
    @click.option("--errors", type=click.Path(path_type=Path), help="the workbook with remarks")
    @click.option("--json", "as_json", is_flag=True, help="print the figures as JSON only")
    @with_appcontext
    def command(
        file: Path, username: str, errors: Path | None, *, really: bool, as_json: bool
    ) -> None:
        """Read records of the old platform; without --commit it is a preview that changes nothing."""
        user = people.by_username(username)
        if user is None:
            _stop(f"没有 {username} 这个账号")
        actor = user.actor
        made = _compared(how, actor, file)
        before = how.totals(actor)
        if errors is not None:
            annotate(file, made.notes, errors)
            _say(f"批注好的表在 {errors}")
        if as_json:
            both = {"before": before, "after": how.after(before, made)}
            plain = {name: _plain(total) for name, total in both.items()}
            click.echo(json.dumps(made.summary() | plain, ensure_ascii=False))
        else:
            _tell_old(how, made, before)
        if really and made.new:
            try:
                with transaction():
                    how.take_in(actor, made)
            except IntegrityError:
                _stop("刚才有人导入了同样的记录，这次没有入档，请重新对照一次")
            _say(f"已入档 {len(made.new):,} 条。现在{how.words_of(how.totals(actor))}")

    return command


def _compared(how: OldImport, actor: Actor, file: Path) -> Comparison[Any]:
    try:
        made = how.compare(actor, read_sheets(file))
    except (SheetRefused, Refusal) as refusal:
        _stop(refusal.message)
    except OSError:
        _stop(f"打不开 {file}，请看看文件在不在、能不能读")
    if not made.rows:
        _stop(f"没有找到表头：{how.needed}")
    return made


def _plain(total: Any) -> dict[str, int]:
    found: dict[str, int] = total if isinstance(total, dict) else total._asdict()
    return found


def _tell_old(how: OldImport, made: Comparison[Any], before: Any) -> None:
    click.echo(
        f"读到 {made.rows:,} 行：新的 {len(made.new):,} 条 · 已有 {made.known:,} 条 · "
        f"退回 {len(made.refused):,} 行"
    )
    click.echo(f"导入前{how.words_of(before)}")
    click.echo(f"导入后{how.words_of(how.after(before, made))}")
    for each in made.refused:
        words = made.errors[each.reason]
        click.echo(f"  退回  {each.sheet} 第 {each.row} 行：{words}（{each.reason}）")
    for code, number in sorted(made.warned.items(), key=lambda pair: -pair[1]):
        click.echo(f"  提醒  {number:,} 处：{made.warnings[code]}")


@group.command("reindex")
@click.option("--after", default="", help="go on behind this file number")
def reindex(after: str) -> None:
    """Bring up what files are found by, after a release that knows more; may be stopped and run again."""
    file, done, added, removed = _first(after), 0, 0, 0
    try:
        while True:
            with transaction():
                made = indexing.reindex(SYSTEM, file.id if file else 0)
            if made.last is None:
                break
            file, done = made.last, done + made.files
            added, removed = added + made.added, removed + made.removed
            _say(f"{done:,} 户，最后一户 {file.file_no}")
    except KeyboardInterrupt:
        _stop(f"停下了。接着做：flask households reindex --after {file.file_no if file else ''}")
    _say(f"做完了：{done:,} 户，添了 {added:,} 个检索词，去掉 {removed:,} 个")


def _first(file_no: str) -> Household | None:
    if not file_no:
        return None
    try:
        return queries.by_file_no(file_no)
    except NotHere:
        _stop(f"没有 {file_no} 这份档案")


COMMANDS: tuple[click.Command, ...] = (group,)


def rewrap_data_keys() -> int:
    """Wrap every file's and every import's data key under the master key in use; returns how many were not yet.

    In steps of a thousand, each a transaction of its own: it may be stopped and run again.
    """
    return _rewrap(Household, Household.file_no) + _rewrap(ImportBatch, ImportBatch.code)


def _rewrap(model: Any, owner: Any) -> int:
    keys, last, count = ring(), 0, 0
    statement = (
        update(model.__table__)
        .where(model.id == bindparam("row"), model.data_key == bindparam("old"))
        .values(data_key=bindparam("new"))
    )
    while True:
        with transaction():
            rows = db.session.execute(
                select(model.id, model.data_key, owner)
                .where(model.id > last, model.data_key.is_not(None))
                .order_by(model.id)
                .limit(BATCH)
            ).all()
            if not rows:
                return count
            last = rows[-1][0]
            changed = [
                {"row": number, "old": wrapped, "new": keys.rewrap(wrapped, name)}
                for number, wrapped, name in rows
                if wrapped[0] != keys.current
            ]
            if changed:
                db.session.connection().execute(statement, changed)
            count += len(changed)
