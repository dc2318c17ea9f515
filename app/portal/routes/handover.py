"""Pages of handing over (交接页面), for the supervisors of the region; an administrator sees no household."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, render_template, request, url_for

from app.accounts import queries as accounts
from app.accounts.rules import Role
from app.core import clock
from app.core.access import roles, signed_in
from app.core.db import transaction
from app.core.errors import NotHere
from app.core.http import actor, idempotency_key, see_other
from app.households.errors import NothingToHand
from app.needs.errors import ReasonTellsTooMuch
from app.portal.forms import PassOnForm, handover_form
from app.portal.queries import handover as queries
from app.portal.queries import names_of
from app.portal.routes.blueprint import bp
from app.portal.services import handover as services

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

    from app.accounts.models import User
    from app.portal.forms import HandoverForm

supervisors = roles(Role.SUPERVISOR)


@bp.get("/households/handover")
@supervisors
def handover() -> str:
    """Choose whose files change hands."""
    return render_template(
        "portal/handover.html",
        workers=queries.workers(actor()),
        helpers=queries.helpers(actor()),
        name_of=accounts.display_name,
    )


@bp.get("/households/handover/<code>")
@supervisors
def handover_of(code: str) -> str:
    """What somebody looks after, and to whom it may go."""
    user = _somebody(code)
    return _page(user, _form(user), PassOnForm(formdata=None, to=""))


@bp.post("/households/handover/<code>")
@supervisors
def hand_over(code: str) -> BaseResponse | tuple[str, int]:
    """Hand the files over, all in one."""
    user = _somebody(code)
    form = _form(user)
    if not form.validate():
        return _page(user, form, PassOnForm(formdata=None)), 422
    takers = {one.code: one for one in queries.receivers(actor(), user)}
    villages = [village for village, _ in queries.bundle(actor(), user).villages]
    shares = {
        village: takers[form[f"village_{village}"].data or form.to.data]
        for village in villages
        if f"village_{village}" in form
    }
    try:
        with transaction():
            made = services.hand_over(
                actor(), user, shares, form.note.data or "", key=idempotency_key()
            )
    except ReasonTellsTooMuch as refusal:
        form.note.errors = [refusal.message]
        return _page(user, form, PassOnForm(formdata=None)), 422
    flash(f"{sum(one.files for one in made):,} 份档案交接好了，两边都收到了消息", "good")
    return see_other(url_for(".handover_note", code=made[0].code))


@bp.post("/households/handover/<code>/claims")
@supervisors
def pass_on(code: str) -> BaseResponse | tuple[str, int]:
    """Take back what a helper holds and offer it on."""
    user = _somebody(code)
    form = _pass_on_form(user)
    if not form.validate():
        return _page(user, _form(user, empty=True), form), 422
    asked = next((one for one in _others(user) if one.code == form.to.data), None)
    try:
        with transaction():
            claims = queries.claims_in_hand(actor(), user)
            done = services.pass_on(actor(), user, claims, asked, form.note.data or "")
    except ReasonTellsTooMuch as refusal:
        form.note.errors = [refusal.message]
        return _page(user, _form(user, empty=True), form), 422
    flash(f"{done} 个认领收回来了，排队的和请来接手的都收到了消息", "good")
    return see_other(url_for(".handover"))


@bp.get("/households/handover/notes/<code>")
@signed_in
def handover_note(code: str) -> str:
    """A handover with its note, for the two people and their supervisors."""
    found = queries.handover_by_code(actor(), code)
    return render_template(
        "portal/handover_note.html",
        one=found,
        names=names_of([found.from_id, found.to_id, found.by_id]),
        may_list=actor().user_id == found.to_id or actor().has(Role.SUPERVISOR),
        today=clock.today(),
    )


def _somebody(code: str) -> User:
    """Return a person who looks after something in this supervisor's region; nobody else is known here."""
    me = actor()
    known = {one.user.code for one in (*queries.workers(me), *queries.helpers(me))}
    if code not in known:
        raise NotHere
    return accounts.by_code(code)


def _form(user: User, *, empty: bool = False) -> HandoverForm:
    people = [(one.code, one.name) for one in queries.receivers(actor(), user)]
    villages = [code for code, _ in queries.bundle(actor(), user).villages]
    return handover_form(people, villages, **({"formdata": None} if empty else {}))


def _pass_on_form(user: User) -> PassOnForm:
    form = PassOnForm(**({} if request.method == "POST" else {"formdata": None}))
    form.to.choices = [
        ("", "不指定，让给排队的"),
        *((one.code, accounts.display_name(one)) for one in _others(user)),
    ]
    return form


def _others(user: User) -> list[User]:
    return queries.other_helpers(actor(), user)


def _page(user: User, form: HandoverForm, passing: PassOnForm) -> str:
    if not passing.to.choices:
        passing.to.choices = _pass_on_form(user).to.choices
    return render_template(
        "portal/handover_of.html",
        user=user,
        name=accounts.display_name(user),
        bundle=queries.bundle(actor(), user),
        claims=queries.claims_in_hand(actor(), user),
        form=form,
        passing=passing,
        nobody=NothingToHand.message,
    )
