"""The blueprint of files (档案蓝图), and who may open its pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, url_for

from app.accounts.rules import Role
from app.core.access import require, roles
from app.core.http import actor, see_other
from app.households import policy, queries

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

    from app.households.models import Household

bp = Blueprint("households", __name__)
readers = roles(Role.WORKER, Role.SUPERVISOR, Role.OFFICER)
writers = roles(Role.WORKER, Role.SUPERVISOR)
reviewers = roles(Role.SUPERVISOR, Role.OFFICER)


def writable(file_no: str) -> Household:
    """Return a file that this person may write in."""
    household = queries.seen_by(actor(), file_no)
    require(policy.can_edit, actor(), household)
    return household


def to_file(file_no: str, tab: str | None = None) -> BaseResponse:
    """Lead back to the file."""
    return see_other(url_for("portal.file", file_no=file_no, tab=tab))
