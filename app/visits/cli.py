"""Commands of visits (探访命令): the old platform's records."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from app.households.cli import OldImport, old_import
from app.visits.services import history
from app.visits.services.history import Totals

group = AppGroup("visits", help="Visit records.")


def _words_of(totals: Totals) -> str:
    return f"共 {totals.records:,} 条记录，{totals.households:,} 户有记录"


group.add_command(
    old_import(
        OldImport(
            history.compare,
            history.take_in,
            history.totals,
            history.after,
            _words_of,
            "要有一行写着探访日期，以及档案号或身份证号",
        )
    )
)

COMMANDS: tuple[click.Command, ...] = (group,)
