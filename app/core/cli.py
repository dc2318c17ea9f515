"""Commands (命令行) that any installation needs: serve, scheduler, jobs, keys, doctor."""

from __future__ import annotations

import os
from datetime import date, datetime
from typing import Any

import chinese_calendar
import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext
from sqlalchemy import select, text

from app.core import clock, jobs, server
from app.core.crypto import Secret, rewrap_texts, ring
from app.core.db import db, transaction


def _app() -> Any:
    return current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - the object outlives the context


def _day(value: datetime | None) -> date:
    return value.date() if value else clock.today()


@click.command("serve")
@click.option("--host", default="127.0.0.1")
@click.option("--port", type=int, help="SHANLIN_PORT otherwise")
@click.option("--workers", type=int, default=min(2, os.cpu_count() or 1), show_default=True)
@click.option("--with-scheduler", is_flag=True, help="run the scheduler beside the web processes")
@with_appcontext
def serve(host: str, port: int | None, workers: int, *, with_scheduler: bool) -> None:
    """Serve the site."""
    app = _app()
    where = port or app.config["SHANLIN"].port
    click.echo(f"善邻 http://{host}:{where}")
    server.serve(app, host, where, workers, with_scheduler=with_scheduler)


@click.command("scheduler")
@with_appcontext
def scheduler() -> None:
    """Run the scheduler in this process."""
    server.run_scheduler(_app())


jobs_group = AppGroup("jobs", help="Jobs of the scheduler.")


@jobs_group.command("list")
def jobs_list() -> None:
    """List the jobs, when they run, and how they last went."""
    for job in current_app.extensions["jobs"]:
        last = db.session.scalars(
            select(jobs.JobRun)
            .where(jobs.JobRun.name == job.name)
            .order_by(jobs.JobRun.started_at.desc())
            .limit(1)
        ).one_or_none()
        went = f"{last.period} {last.state} {last.changed}" if last else "never"
        click.echo(f"{job.name:<20} {job.when:<16} {went:<32} {job.words}")


@jobs_group.command("run")
@click.argument("name")
@click.option(
    "--day", type=click.DateTime(["%Y-%m-%d"]), help="the day to run for; today otherwise"
)
def jobs_run(name: str, day: datetime | None) -> None:
    """Run one job now, for a day."""
    job = next((job for job in current_app.extensions["jobs"] if job.name == name), None)
    if job is None:
        known = ", ".join(job.name for job in current_app.extensions["jobs"])
        message = f"no job is called {name}; there are: {known}"
        raise click.ClickException(message)
    when = _day(day)
    changed = jobs.run_once(_app(), job, when, again=True)
    click.echo(f"{name} {when}: {changed} changed")


keys_group = AppGroup("keys", help="Keys of the data.")


@keys_group.command("rotate")
def keys_rotate() -> None:
    """Wrap every data key under the master key in use (the first of SHANLIN_DATA_KEYS)."""
    count = 0
    with transaction():
        for secret in db.session.scalars(select(Secret)):
            secret.wrapped = ring().rewrap(secret.wrapped, f"secret:{secret.name}")
            count += 1
        count += rewrap_texts()
    for rewrap in current_app.extensions["rewrap"]:
        count += rewrap()
    click.echo(f"{count} keys are wrapped under master key {ring().current}")


@click.command("doctor")
@with_appcontext
def doctor() -> None:
    """Say whether this installation is healthy; exit code 1 when it is not."""
    ills = []
    version = db.session.execute(
        text(
            "select sqlite_version()"
            if db.engine.dialect.name == "sqlite"
            else "show server_version"
        )
    ).scalar_one()
    click.echo(f"database   {db.engine.dialect.name} {version}")
    if db.engine.dialect.name == "sqlite":
        found = db.session.execute(text("pragma quick_check")).scalar_one()
        click.echo(f"file check {found}")
        if found != "ok":
            ills.append("the database file is damaged")
    if db.session.get(Secret, "index") is None:
        ills.append("there is no index key: run `flask --app wsgi init`")
    try:
        chinese_calendar.is_workday(date(clock.today().year + 1, 1, 2))
    except NotImplementedError:
        click.echo(
            f"calendar   no holiday table for {clock.today().year + 1} yet; weekends alone will count as free"
        )
    for ill in ills:
        click.echo(f"ILL        {ill}")
    if ills:
        raise SystemExit(1)
    click.echo("healthy")


COMMANDS = (serve, scheduler, jobs_group, keys_group, doctor)
