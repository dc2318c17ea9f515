"""Commands of accounts."""

from __future__ import annotations

import secrets

import click
from flask import current_app
from flask.cli import AppGroup

from app.accounts import queries, services
from app.accounts.errors import WeakPassword
from app.accounts.rules import ROLE_WORDS, Role
from app.core.access import SYSTEM
from app.core.db import transaction
from app.core.errors import Refusal

users = AppGroup("users", help="People with an account.")
ROLES = click.Choice([role.value for role in Role])


@users.command("create")
@click.argument("username")
@click.option("--role", type=ROLES, required=True)
@click.option("--name", default="", help="the user name otherwise")
@click.option(
    "--region", default="", help="division code the role is held over: 4, 6, 9 or 12 digits"
)
@click.password_option()
def create(username: str, role: str, name: str, region: str, password: str) -> None:
    """Make an account, such as the first administrator's."""
    try:
        password_hash = services.hashed(password, username, name)
        with transaction():
            services.create_user(
                SYSTEM,
                username=username,
                name=name or username,
                password_hash=password_hash,
                role=Role(role),
                region_code=region,
                key=secrets.token_urlsafe(18),
            )
    except (Refusal, WeakPassword) as refusal:
        raise click.ClickException(refusal.message) from None
    click.echo(f"{username}: {ROLE_WORDS[Role(role)]}")


@users.command("set-password")
@click.argument("username")
@click.password_option()
def set_password(username: str, password: str) -> None:
    """Set the password of somebody who forgot it; all their sessions end."""
    user = queries.by_username(username)
    if user is None:
        message = f"nobody is called {username}"
        raise click.ClickException(message)
    try:
        password_hash = services.hashed(password, username, user.name)
    except WeakPassword as refusal:
        raise click.ClickException(refusal.message) from None
    with transaction():
        services.reset_password(SYSTEM, user, password_hash)
    click.echo(f"{username}: 密码已重设")


@users.command("invite")
@click.argument("name")
@click.option("--role", type=ROLES, required=True)
@click.option("--region", default="")
def invite(name: str, role: str, region: str) -> None:
    """Make an invitation and print its link, which works once within seven days."""
    try:
        with transaction():
            token = services.invite(
                SYSTEM,
                role=Role(role),
                name=name,
                region_code=region,
                key=secrets.token_urlsafe(18),
            )
    except Refusal as refusal:
        raise click.ClickException(refusal.message) from None
    click.echo(current_app.config["SHANLIN"].base_url + "/invitations/" + token)


COMMANDS: tuple[click.Command, ...] = (users,)
