"""Commands of ledger."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup

ledger_group = AppGroup("ledger", help="The ledger of linked resources.")


@ledger_group.command("verify")
def verify() -> None:
    """Prove every total against its postings; exit code 1 with one line per ill."""
    ills = [ill for proof in current_app.extensions["proofs"] for ill in proof()]
    for ill in ills:
        click.echo(f"ILL {ill}")
    if ills:
        raise SystemExit(1)
    click.echo("the ledger reconciles")


COMMANDS: tuple[click.Command, ...] = (ledger_group,)
