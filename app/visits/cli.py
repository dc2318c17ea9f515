"""Commands of visits (探访命令): the old platform's records."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click
from flask.cli import AppGroup
from sqlalchemy.exc import IntegrityError

from app.accounts import queries as people
from app.core.db import transaction
from app.core.errors import Refusal
from app.core.sheets import SheetRefused, annotate, read_sheets
from app.visits.rules.history import ERRORS, WARNINGS
from app.visits.services import history

if TYPE_CHECKING:
    from app.accounts.models import User
    from app.visits.services.history import History

group = AppGroup("visits", help="Visit records.")


@group.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--as", "username", required=True, help="the account that answers for the records")
@click.option("--commit", "really", is_flag=True, help="take the good rows in")
@click.option("--errors", type=click.Path(path_type=Path), help="the workbook back, with remarks")
@click.option("--json", "as_json", is_flag=True, help="print the figures as JSON and nothing else")
def import_file(
    file: Path, username: str, errors: Path | None, *, really: bool, as_json: bool
) -> None:
    """Read visits of the old platform; without --commit it is a preview that changes nothing."""
    user = people.by_username(username)
    if user is None:
        _stop(f"没有 {username} 这个账号")
    made = _compared(user, file)
    if errors is not None:
        annotate(file, made.notes, errors)
        click.echo(f"批注好的表在 {errors}", err=True)
    if as_json:
        click.echo(json.dumps(made.summary(), ensure_ascii=False))
    else:
        _tell(made)
    if really and made.new:
        _take_in(user, made)


def _compared(user: User, file: Path) -> History:
    try:
        made = history.compare(user.actor, read_sheets(file))
    except (SheetRefused, Refusal) as refusal:
        _stop(refusal.message)
    except OSError:
        _stop(f"打不开 {file}，请看看文件在不在、能不能读")
    if not made.rows:
        _stop("没有找到表头：要有一行写着探访日期，以及档案号或身份证号")
    return made


def _take_in(user: User, made: History) -> None:
    try:
        with transaction():
            history.take_in(user.actor, made)
    except IntegrityError:
        _stop("刚才有人导入了同样的记录，这次没有入档，请重新对照一次")
    now = history.totals(user.actor)
    click.echo(
        f"已入档 {len(made.new):,} 条。现在共 {now.records:,} 条记录，{now.households:,} 户有记录",
        err=True,
    )


def _tell(made: History) -> None:
    click.echo(
        f"读到 {made.rows:,} 行：新的 {len(made.new):,} 条 · 已有 {made.known:,} 条 · 退回 {len(made.refused):,} 行"
    )
    click.echo(f"导入前 {made.before.records:,} 条记录，{made.before.households:,} 户有记录")
    click.echo(f"导入后 {made.after.records:,} 条记录，{made.after.households:,} 户有记录")
    for each in made.refused:
        click.echo(f"  退回  {each.sheet} 第 {each.row} 行：{ERRORS[each.reason]}（{each.reason}）")
    for code, number in sorted(made.warned.items(), key=lambda pair: -pair[1]):
        click.echo(f"  提醒  {number:,} 处：{WARNINGS[code]}")


def _stop(words: str) -> NoReturn:
    click.echo(words, err=True)
    raise SystemExit(1)


COMMANDS: tuple[click.Command, ...] = (group,)
