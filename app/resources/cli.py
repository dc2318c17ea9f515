"""Commands of resources, and what a rotation of the master keys needs of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from flask.cli import AppGroup
from sqlalchemy import select, update

from app.core.crypto import ring
from app.core.db import db, transaction
from app.core.phrases import duration, money
from app.households.cli import OldImport, old_import
from app.ledger.rules import Measure
from app.resources.models import ResourceLine
from app.resources.services import history

if TYPE_CHECKING:
    from app.resources.services.history import Totals

BATCH = 500

group = AppGroup("resources", help="Linked resources.")


def _words_of(totals: Totals) -> str:
    return (
        f"送达资金 {money(totals[Measure.MONEY])}，实物折价 {money(totals[Measure.GOODS])}，"
        f"服务 {duration(totals[Measure.HOURS])}，未估值 {totals[Measure.UNVALUED]:,} 件"
    )


group.add_command(
    old_import(
        OldImport(
            history.compare,
            history.take_in,
            history.totals,
            history.after,
            _words_of,
            "要有一行写着送达日期、金额或数量，以及档案号或身份证号",
        )
    )
)


def rewrap_line_keys() -> int:
    """Wrap the key of every line's evidence under the master key in use; returns how many."""
    count = last = 0
    while True:
        with transaction():
            rows = db.session.execute(
                select(ResourceLine.id, ResourceLine.code, ResourceLine.data_key)
                .where(ResourceLine.data_key.is_not(None), ResourceLine.id > last)
                .order_by(ResourceLine.id)
                .limit(BATCH)
            ).all()
            for number, code, data_key in rows:
                db.session.execute(
                    update(ResourceLine)
                    .where(ResourceLine.id == number)
                    .values(data_key=ring().rewrap(data_key or b"", code))
                )
        if not rows:
            return count
        count, last = count + len(rows), rows[-1].id


COMMANDS: tuple[click.Command, ...] = (group,)
