"""What is held about one person (个人信息副本), on paper or as JSON; and who received what (对外提供)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from flask import Response, flash, render_template, request, url_for

from app.accounts.rules import Role
from app.core import clock
from app.core.access import require, roles
from app.core.db import transaction
from app.core.http import actor, idempotency_key, no_store, see_other
from app.households import policy
from app.households import queries as households
from app.households.rules.masking import mask_name
from app.households.rules.requests import Asker, Ground, RequestKind
from app.households.services import requests
from app.portal import queries
from app.portal.forms import CorrectionForm, SubjectForm
from app.portal.queries import subject
from app.portal.routes.blueprint import bp
from app.portal.services.subject import copy_for

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

    from app.households.models import Household

writers = roles(Role.WORKER, Role.SUPERVISOR)


@bp.get("/households/<file_no>/data-subject")
@writers
def data_subject_form(file_no: str) -> str:
    """Ask who wants what is held about whom."""
    household = _file(file_no)
    return _page(household, SubjectForm(_people(household)))


@bp.post("/households/<file_no>/data-subject")
@writers
def data_subject(file_no: str) -> str | tuple[str, int] | BaseResponse:
    """Show what is held about one person as a sheet to print, or hand it out as JSON; no cache keeps either."""
    household = _file(file_no)
    form = SubjectForm(_people(household))
    if not form.validate():
        return _page(household, form), 422
    kind = "json" if request.form.get("as") == "json" else "paper"
    with transaction():
        held = copy_for(
            actor(), household, form.member.data or "", reason=form.reason.data or "", form=kind
        )
    if kind == "json":
        said = json.dumps(held, ensure_ascii=False, indent=2)
        name = f"personal-data-{household.file_no}.json"
        answer = Response(said, mimetype="application/json")
        answer.headers["Content-Disposition"] = f"attachment; filename={name}"
        return no_store(answer)
    page = render_template(
        "portal/subject_paper.html",
        household=household,
        held=held,
        member=form.member.data,
        correction=CorrectionForm(formdata=None),
    )
    return no_store(Response(page))


@bp.post("/households/<file_no>/data-subject/correction")
@writers
def ask_correction(file_no: str) -> BaseResponse | tuple[str, int]:
    """Note what the person says is wrong (要求更正); answered like every request."""
    household, form = _file(file_no), CorrectionForm()
    if not form.validate():
        return _page(household, SubjectForm(_people(household)), form), 422
    codes = dict(_people(household))
    with transaction():
        made = requests.receive(
            actor(),
            household,
            kind=RequestKind.CORRECT,
            asker=Asker.SUBJECT,
            ground=Ground.NONE,
            words=form.words.data or "",
            received_on=clock.today(),
            member_code=form.member.data if form.member.data in codes else "",
            key=idempotency_key(),
        )
    flash("更正的要求记下了，15 个工作日内答复", "good")
    return see_other(url_for("households.request_show", code=made.code))


@bp.get("/records/provisions")
@roles(Role.WORKER, Role.SUPERVISOR, Role.OFFICER)
def provisions() -> str:
    """Who outside received what, when, under which consent (对外提供记录)."""
    page = queries.provisions(actor(), request.args.get("page"))
    return render_template(
        "portal/provisions.html",
        page=page,
        names=queries.names_of(passed.user_id for passed, _ in page.rows),
        next_url=url_for(".provisions", page=page.next) if page.next else None,
    )


def _file(file_no: str) -> Household:
    household = queries.cover(actor(), file_no)
    require(policy.can_edit, actor(), household)
    households.box(household)  # NotHere once it is erased
    return household


def _people(household: Household) -> list[tuple[str, str]]:
    return [(code, mask_name(name)) for code, name in subject.members_of(household)]


def _page(household: Household, form: SubjectForm, correction: CorrectionForm | None = None) -> str:
    return render_template(
        "portal/subject.html",
        form=form,
        household=household,
        correction=correction or CorrectionForm(formdata=None),
    )
