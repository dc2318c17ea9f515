"""Commands for a whole installation (安装、备份与恢复)."""

from __future__ import annotations

from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade
from sqlalchemy import inspect

from app.accounts import services as accounts
from app.core import phrases
from app.core.access import SYSTEM
from app.core.crypto import ensure_secrets, ring
from app.core.db import db, transaction
from app.core.passwords import hash_password
from app.core.storage import storage
from app.households.services import erasure
from app.portal.errors import CannotKeep
from app.portal.services import backup as keeping
from app.portal.services import demo
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


@click.command("demo")
@click.option("--full", is_flag=True, help="76,511 files instead of 600; takes some minutes")
@with_appcontext
def demo_command(*, full: bool) -> None:
    """Fill an empty installation with an invented city and name its accounts; an inhabited one is left as it is."""
    if current_app.config["SHANLIN"].production:
        line = "this is a production installation: invented people have no place in it"
        raise click.ClickException(line)
    if not demo.is_settled():
        size = demo.FULL if full else demo.SMALL
        password_hash = hash_password(demo.PASSWORD)
        jobs = [job.name for job in current_app.extensions["jobs"] if job.every_day]
        with (
            click.progressbar(length=size.files, label="建一座城") as bar,
            transaction(),
        ):
            built = demo.build(
                SYSTEM, size, password_hash=password_hash, jobs=jobs, progress=bar.update
            )
        click.echo(
            f"{built.files:,} 户 {built.persons:,} 人，{built.visits:,} 份探访记录，"
            f"链接资源 {phrases.money(built.linked_fen)}；人和事都是虚构的"
        )
    elif not demo.has_accounts():
        click.echo("这里已经有真实的数据，没有改动任何东西")
        return
    for line in demo.listing():
        click.echo(line)


@click.command("backup")
@click.argument("folder", type=click.Path(path_type=Path))
@with_appcontext
def backup(folder: Path) -> None:
    """Write a backup of database and files into a new FOLDER; the site may go on."""
    try:
        keeping.backup(db.engine, storage(), folder.absolute())
    except CannotKeep as error:
        raise click.ClickException(str(error)) from None
    listed = erasure.erased()
    keeping.write_erasures(listed, folder.absolute() / keeping.ERASURES)
    keeping.write_erasures(listed, own_list())
    click.echo(f"backup written to {folder}")
    click.echo(
        "the data keys are not in it: keep them somewhere else, without them it opens for nobody"
    )


@click.command("restore")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--yes", is_flag=True, help="do not ask")
@click.option(
    "--erasures",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="the newest erasures.json, when this machine does not hold it",
)
@with_appcontext
def restore(folder: Path, *, yes: bool, erasures: Path | None) -> None:
    """Put the backup in FOLDER in the place of this installation's database; stop the site first.

    Whoever was erased since the backup was made is erased again.
    """
    if not yes:
        click.confirm(
            "everything in this installation's database will be replaced; go on?", abort=True
        )
    try:
        listed = keeping.union(
            _listed_here(),
            keeping.read_erasures(own_list()),
            keeping.read_erasures(folder.absolute() / keeping.ERASURES),
            keeping.read_erasures(erasures) if erasures else [],
        )
        keeping.restore(db.engine, storage(), folder.absolute(), ring())
        if inspect(db.engine).has_table("alembic_version"):
            upgrade()  # an older backup knows less than the code that now reads it
        with transaction():
            accounts.end_everybodys()
        with transaction():
            again = erasure.repeat(listed)
        keeping.write_erasures(keeping.union(listed, erasure.erased()), own_list())
    except CannotKeep as error:
        raise click.ClickException(str(error)) from None
    if again:
        click.echo(f"erased again what had been erased since the backup: {again}")
    click.echo("restored; run `doctor`, `ledger verify` and `audit verify` before opening the site")


def own_list() -> Path:
    """Return where this installation keeps its list of erasures: beside the keys, outside the database."""
    return Path(current_app.config["SHANLIN"].instance) / keeping.ERASURES


def _listed_here() -> list[tuple[str, str]]:
    """Return what the database that is about to be replaced says was erased; an empty or older one says nothing."""
    if not inspect(db.engine).has_table("erasure"):
        return []
    found = erasure.erased()
    db.session.rollback()
    return found


COMMANDS: tuple[click.Command, ...] = (init, demo_command, backup, restore)
