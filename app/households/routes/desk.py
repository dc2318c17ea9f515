"""What the pages that write in a file share (写档案的页面): whose file it is, and what a stale page is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import url_for
from werkzeug.wrappers import Response as BaseResponse

from app.core.access import require
from app.core.db import db, transaction
from app.core.http import actor
from app.households import policy, queries, services
from app.households.errors import NotWritable
from app.households.rules.states import IN_FORCE, WRITABLE

if TYPE_CHECKING:
    from app.households.forms.typing import TypedForm
    from app.households.models import Household

Answer = BaseResponse | tuple[str, int]
STALE = "刚才有人先改了这份档案。你写的都还在这里；核对一下，再保存一次"


def writable(file_no: str) -> Household:
    """Return a file that this person may write in; refuse one that cannot be written in now."""
    household = queries.seen_by(actor(), file_no)
    require(policy.can_edit, actor(), household)
    if household.state not in WRITABLE:
        raise NotWritable
    return household


def asks_why(household: Household) -> bool:
    """A file in force is changed with a reason; a draft is simply written on."""
    return household.state in IN_FORCE


def opened(household: Household, what: str) -> None:
    """Write down that somebody opened clear data in order to change it."""
    with transaction():
        services.unmask(actor(), household, f"修改档案：{what}")


def refreshed(form: TypedForm, household: Household) -> None:
    """Keep what was typed on a page that is out of date, and let it be sent again for the file as it is now."""
    db.session.refresh(household)
    form.is_stale = True
    form.version.data = str(household.version)
    form.refuse({"": STALE})


def record_tab(household: Household) -> str:
    """Return where a file's content is read."""
    return url_for("portal.file", file_no=household.file_no, tab="record")
