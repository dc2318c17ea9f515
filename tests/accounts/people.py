"""What the tests of accounts share: people with a password, and the sign-in form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.accounts.rules import Role
from app.core import passwords
from app.core.crypto import ring
from tests.factories import DALIANG, a_user, keep, sign_in

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from app.accounts.models import User

PASSWORD = "banyan-shade-river"


def a_person(
    role: Role = Role.VOLUNTEER, *, region: str = DALIANG, phone: str = "", password: str = PASSWORD
) -> User:
    """A user who can sign in."""
    user = a_user(role, region)
    user.password_hash = passwords.hash_password(password)
    user.phone = phone or None
    user.phone_index = ring().index("phone", phone) if phone else None
    return keep(user)


def log_in(client: FlaskClient, username: str, password: str = PASSWORD) -> TestResponse:
    """Send the sign-in form."""
    return client.post("/login", data={"username": username, "password": password})


def signed_in(app: Flask, role: Role, region: str = DALIANG) -> tuple[FlaskClient, User]:
    """A browser of its own for somebody with a role."""
    user = a_user(role, region)
    return sign_in(app.test_client(), user), user


def is_in(client: FlaskClient) -> bool:
    """Say whether this browser is signed in."""
    return client.get("/me/settings").status_code == 200
