"""Pages of the people of a file (成员页面)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import flash, render_template, request, url_for

from app.core import clock
from app.core.db import transaction
from app.core.errors import NotHere, StalePage
from app.core.http import actor, idempotency_key, see_other
from app.households import queries
from app.households.errors import (
    AlreadyOnFile,
    HouseholderStays,
    LastOneLeaves,
    NoHouseholder,
    Wrong,
)
from app.households.forms import LeaveForm, MemberForm, typed_person
from app.households.routes.blueprint import bp, writers
from app.households.routes.desk import Answer, asks_why, opened, refreshed, writable
from app.households.rules.masking import mask_bank_account, mask_name
from app.households.rules.person import LEAVING_WORDS
from app.households.services import members
from app.households.services.sections import WHY

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

    from app.households.models import Household


@bp.get("/households/<file_no>/members/new")
@writers
def member_new(file_no: str) -> str:
    """The form for one more member (添成员)."""
    household = writable(file_no)
    form = MemberForm(data={"ethnicity": "汉族", "version": str(household.version)})
    return _page(household, form, url_for(".member_add", file_no=file_no))[0]


@bp.post("/households/<file_no>/members/new")
@writers
def member_add(file_no: str) -> Answer:
    """Add a member."""
    household, form = writable(file_no), MemberForm()
    here = url_for(".member_add", file_no=file_no)

    def keep(facts: dict[str, Any]) -> None:
        members.add(
            actor(),
            household,
            facts,
            key=idempotency_key(),
            version=form.seen_version(),
            reason=form.reason.data or "",
        )

    return _kept(household, form, here, keep, "这位成员已经记下")


@bp.get("/households/<file_no>/members/<code>/edit")
@writers
def member_page(file_no: str, code: str) -> str:
    """The form of a member, in clear."""
    household = writable(file_no)
    facts = _facts(household, code)
    opened(household, "家庭成员")
    form = MemberForm(data=typed_person(facts) | {"version": str(household.version)})
    here = url_for(".member_change", file_no=file_no, code=code)
    return _page(household, form, here, facts=facts)[0]


@bp.post("/households/<file_no>/members/<code>/edit")
@writers
def member_change(file_no: str, code: str) -> Answer:
    """Keep what is said of a member."""
    household, form = writable(file_no), MemberForm()
    facts = _facts(household, code)
    here = url_for(".member_change", file_no=file_no, code=code)

    def keep(said: dict[str, Any]) -> None:
        members.change(
            actor(),
            household,
            code,
            said,
            version=form.seen_version(),
            reason=form.reason.data or "",
        )

    return _kept(household, form, here, keep, "改好了，变更记录里能看到改了什么", facts)


@bp.get("/households/<file_no>/members/<code>/leave")
@writers
def leave_page(file_no: str, code: str) -> str:
    """Ask when and why somebody leaves (离户)."""
    household = writable(file_no)
    form = LeaveForm(clock.today(), data={"version": str(household.version)})
    return _leave_page(household, form, _facts(household, code), code)[0]


@bp.post("/households/<file_no>/members/<code>/leave")
@writers
def leave(file_no: str, code: str) -> Answer:
    """Let somebody leave the household."""
    household, form = writable(file_no), LeaveForm(clock.today())
    facts, reason = _facts(household, code), form.reason.data or ""
    if not form.validate():
        return _leave_page(household, form, facts, code, 422)
    try:
        with transaction():
            members.leave(
                actor(),
                household,
                code,
                on=form.day,
                why=form.why.data,
                version=form.seen_version(),
                reason=reason or LEAVING_WORDS[form.why.data],
            )
    except (HouseholderStays, LastOneLeaves) as refusal:
        form.refuse({"": refusal.message})
        return _leave_page(household, form, facts, code, refusal.status)
    except Wrong as refusal:
        form.refuse({refusal.field: refusal.message})
        return _leave_page(household, form, facts, code, refusal.status)
    except StalePage as refusal:
        refreshed(form, household)
        return _leave_page(household, form, facts, code, refusal.status)
    flash("已经记下离户，人还在档案里，不再计入家庭人口", "good")
    return see_other(_tab(household))


@bp.post("/households/<file_no>/members/<code>/move")
@writers
def member_move(file_no: str, code: str) -> BaseResponse:
    """Put a member one place up or down."""
    household = writable(file_no)
    version = request.form.get("version", "")
    if not version.isdecimal():
        raise StalePage
    with transaction():
        up = request.form.get("to") == "up"
        members.move(actor(), household, code, up=up, version=int(version))
    return see_other(_tab(household))


def _kept(
    household: Household,
    form: MemberForm,
    here: str,
    keep: Any,
    words: str,
    facts: dict[str, Any] | None = None,
) -> Answer:
    """Run the one verb that keeps a member; whatever it refuses comes back beside its field."""
    found = form.read(clock.today())
    if asks_why(household) and not (form.reason.data or "").strip():
        form.refuse({"reason": WHY})
        found = None
    if found is None:
        return _page(household, form, here, 422, facts=facts)
    try:
        with transaction():
            keep(found.facts)
    except (AlreadyOnFile, NoHouseholder) as refusal:
        name = "id_number" if isinstance(refusal, AlreadyOnFile) else "relationship_code"
        form.refuse({name: refusal.message})
        return _page(household, form, here, refusal.status, facts=facts)
    except Wrong as refusal:
        form.refuse({refusal.field: refusal.message})
        return _page(household, form, here, refusal.status, facts=facts)
    except StalePage as refusal:
        refreshed(form, household)
        return _page(household, form, here, refusal.status, facts=facts)
    flash(words, "good")
    return see_other(_tab(household))


def _page(
    household: Household,
    form: MemberForm,
    here: str,
    status: int = 200,
    *,
    facts: dict[str, Any] | None = None,
) -> tuple[str, int]:
    page = render_template(
        "households/member.html",
        household=household,
        form=form,
        here=here,
        is_new=facts is None,
        code=request.view_args.get("code") if request.view_args else None,
        may_move=int((facts or {}).get("position", 0)) > 1,
        account=mask_bank_account((facts or {}).get("account") or ""),
        asks_why=asks_why(household),
        key=request.form.get("idempotency_key"),
    )
    return page, status


def _leave_page(
    household: Household, form: LeaveForm, facts: dict[str, Any], code: str, status: int = 200
) -> tuple[str, int]:
    page = render_template(
        "households/leave.html",
        household=household,
        form=form,
        name=mask_name(facts.get("name") or ""),
        code=code,
    )
    return page, status


def _facts(household: Household, code: str) -> dict[str, Any]:
    found: dict[str, Any] | None = queries.document(household).get("members", {}).get(code)
    if found is None or found.get("left_on"):
        raise NotHere
    return found


def _tab(household: Household) -> str:
    return url_for("portal.file", file_no=household.file_no, tab="members")
