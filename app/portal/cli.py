"""Commands for a whole installation (安装、备份与恢复)."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import with_appcontext
from flask_migrate import upgrade

from app.core.crypto import ensure_secrets, ring
from app.core.db import db, transaction
from app.core.storage import storage
from app.portal.errors import CannotKeep
from app.portal.services import backup as keeping
from app.regions import services as regions


@click.command("init")
@with_appcontext
def init() -> None:
    """Bring the database up to date and load the regions; may be repeated."""
    upgrade()
    with transaction():
        ensure_secrets()
        changed = regions.load()
    click.echo(f"database is up to date; {changed} regions new or renamed")


@click.command("backup")
@click.argument("folder", type=click.Path(path_type=Path))
@with_appcontext
def backup(folder: Path) -> None:
    """Write a backup of database and files into a new FOLDER; the site may go on."""
    try:
        keeping.backup(db.engine, storage(), folder.absolute())
    except CannotKeep as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"backup written to {folder}")
    click.echo(
        "the data keys are not in it: keep them somewhere else, without them it opens for nobody"
    )


@click.command("restore")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--yes", is_flag=True, help="do not ask")
@with_appcontext
def restore(folder: Path, *, yes: bool) -> None:
    """Put the backup in FOLDER in the place of this installation's database; stop the site first."""
    if not yes:
        click.confirm(
            "everything in this installation's database will be replaced; go on?", abort=True
        )
    try:
        keeping.restore(db.engine, storage(), folder.absolute(), ring())
    except CannotKeep as error:
        raise click.ClickException(str(error)) from None
    click.echo("restored; run `doctor`, `ledger verify` and `audit verify` before opening the site")


COMMANDS: tuple[click.Command, ...] = (init, backup, restore)
