"""Pages of records (合规页面): requests, what is due, periods, impact assessments; provisions are the portal's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import flash, render_template, request, url_for

from app.accounts.queries import names_of
from app.accounts.rules import Role
from app.core import clock
from app.core.access import require, roles
from app.core.db import transaction
from app.core.errors import Refusal
from app.core.http import actor, idempotency_key, see_other
from app.households import policy, queries
from app.households.forms.records import (
    CONCLUSIONS,
    AnswerForm,
    AssessmentForm,
    PeriodForm,
    RequestForm,
)
from app.households.queries import records
from app.households.routes.blueprint import bp, readers
from app.households.rules.codes import Relationship
from app.households.rules.masking import mask_name
from app.households.rules.requests import (
    ASKER_WORDS,
    DUTIES,
    GROUND_WORDS,
    REQUEST_STATES,
    REQUEST_WORDS,
    Asker,
    Ground,
    RequestKind,
    RequestState,
    may_erase,
)
from app.households.rules.retention import RULES, Kept, months_after, months_on
from app.households.services import requests as services
from app.regions.queries import place_short

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

    from app.households.models import Household, SubjectRequest

keepers = roles(Role.SUPERVISOR, Role.OFFICER)

KEEP_MONTHS = 36


@bp.get("/records")
@readers
def records_index() -> str:
    """What people asked about their data, and what is due to go (请求与到期)."""
    state = request.args.get("state", "")
    asker = request.args.get("asker", "")
    wanted = RequestState(state) if state in set(RequestState) else None
    page = records.requests(actor(), wanted, asker[:20], request.args.get("page"))
    filters: dict[str, Any] = {
        name: value for name, value in (("state", state), ("asker", asker)) if value
    }
    return render_template(
        "households/records.html",
        page=page,
        chips=_chips(filters),
        next_url=url_for(".records_index", **filters, page=page.next) if page.next else None,
        **_words(),
    )


@bp.get("/households/<file_no>/requests/new")
@readers
def request_form(file_no: str) -> str:
    """The form by which a request is written down."""
    household = _open_file(file_no)
    form = RequestForm(clock.today(), _members(household))
    form.received_on.data = clock.today()
    return render_template("households/request_new.html", form=form, household=household)


@bp.post("/households/<file_no>/requests")
@readers
def receive_request(file_no: str) -> BaseResponse | tuple[str, int]:
    """Write a request down."""
    household = _open_file(file_no)
    form = RequestForm(clock.today(), _members(household))
    if not form.validate():
        return render_template("households/request_new.html", form=form, household=household), 422
    with transaction():
        made = services.receive(
            actor(),
            household,
            kind=RequestKind(form.kind.data),
            asker=Asker(form.asker.data),
            ground=Ground(form.ground.data),
            words=form.words.data or "",
            received_on=form.received_on.data or clock.today(),
            member_code=form.member.data or "",
            key=idempotency_key(),
        )
    flash(f"记下了，{made.due_on.month} 月 {made.due_on.day} 日前要答复", "good")
    return see_other(url_for(".request_show", code=made.code))


@bp.get("/records/requests/<code>")
@readers
def request_show(code: str) -> str:
    """One request: what stands for and against it, and what was decided."""
    found, words = records.request_by_code(actor(), code), None
    if request.args.get("words") and found.words:
        with transaction():
            words = services.read_words(actor(), found)
    return _show(found, AnswerForm(formdata=None), words)


@bp.post("/records/requests/<code>/ask")
@readers
def ask_erasure(code: str) -> BaseResponse | tuple[str, int]:
    """Ask a second person to erase."""
    found, form = records.request_by_code(actor(), code), AnswerForm()
    if not form.validate():
        return _show(found, form), 422
    try:
        with transaction():
            services.ask(
                actor(),
                found,
                duties=form.duties.data or [],
                reason=form.answer.data or "",
                key=idempotency_key(),
            )
    except Refusal as refusal:
        if not form.duties.data:
            raise
        form.duties.errors = [refusal.message]
        return _show(found, form), 409
    flash("已提请审批：要另一位督导或民政干部同意才会清除", "info")
    return see_other(url_for(".request_show", code=code))


@bp.post("/records/requests/<code>/refuse")
@readers
def refuse_request(code: str) -> BaseResponse | tuple[str, int]:
    """Say no, with the reason."""
    found, form = records.request_by_code(actor(), code), AnswerForm()
    if not form.validate():
        return _show(found, form), 422
    with transaction():
        services.refuse(
            actor(), found, duties=form.duties.data or [], answer=form.answer.data or ""
        )
    flash("记下了。请把理由告诉提出的人，他们可以再来问", "info")
    return see_other(url_for(".request_show", code=code))


@bp.post("/records/requests/<code>/done")
@readers
def settle_request(code: str) -> BaseResponse | tuple[str, int]:
    """Note that it was done."""
    found, form = records.request_by_code(actor(), code), AnswerForm()
    if not form.validate():
        return _show(found, form), 422
    with transaction():
        services.settle(actor(), found, answer=form.answer.data or "")
    flash("记下了，这件事办好了", "good")
    return see_other(url_for(".request_show", code=code))


@bp.get("/records/retention")
@readers
def retention_periods() -> str:
    """How long what is kept (保存期限)."""
    return _periods(PeriodForm(formdata=None, valid_from=clock.today()))


@bp.post("/records/retention")
@roles(Role.OFFICER)
def set_retention() -> BaseResponse | tuple[str, int]:
    """Set a period from a day on."""
    require(policy.can_set_periods, actor())
    form = PeriodForm()
    if not form.validate():
        return _periods(form), 422
    try:
        with transaction():
            services.set_period(
                actor(),
                Kept(form.kind.data),
                months=int(form.months.data or 0),
                valid_from=form.valid_from.data or clock.today(),
                basis=form.basis.data or "",
            )
    except Refusal as refusal:
        form.months.errors = [refusal.message]
        return _periods(form), refusal.status
    flash("期限定好了，今晚起按新的算", "good")
    return see_other(url_for(".retention_periods"))


@bp.get("/records/assessments")
@keepers
def assessments() -> str:
    """The register of impact assessments (影响评估登记簿)."""
    page = records.assessments(actor(), request.args.get("page"))
    return render_template(
        "households/assessments.html",
        page=page,
        conclusions=CONCLUSIONS,
        keep_months=KEEP_MONTHS,
        months_after=months_after,
        next_url=url_for(".assessments", page=page.next) if page.next else None,
    )


@bp.get("/records/assessments/new")
@keepers
def assessment_form() -> str:
    """The form of an impact assessment."""
    form = AssessmentForm(clock.today(), _regions())
    form.assessed_on.data = clock.today()
    return render_template("households/assessment_new.html", form=form)


@bp.post("/records/assessments")
@keepers
def keep_assessment() -> BaseResponse | tuple[str, int]:
    """Keep an impact assessment."""
    form = AssessmentForm(clock.today(), _regions())
    if not form.validate():
        return render_template("households/assessment_new.html", form=form), 422
    said: dict[str, Any] = {
        name: form[name].data or ""
        for name in ("title", "purpose", "risk", "measures", "conclusion", "assessors")
    }
    with transaction():
        made = services.assess(
            actor(),
            region_code=form.region.data or "",
            assessed_on=form.assessed_on.data or clock.today(),
            key=idempotency_key(),
            **said,
        )
    flash("评估存好了，至少保存三年", "good")
    return see_other(url_for(".assessment", code=made.code))


@bp.get("/records/assessments/<code>")
@keepers
def assessment(code: str) -> str:
    """One impact assessment, as a sheet to print and sign."""
    found = records.assessment_by_code(actor(), code)
    return render_template(
        "households/assessment_paper.html",
        one=found,
        conclusions=CONCLUSIONS,
        keep_until=months_after(found.assessed_on, KEEP_MONTHS),
    )


def _open_file(file_no: str) -> Household:
    household = queries.seen_by(actor(), file_no)
    queries.box(household)  # NotHere once it is erased: nothing is left to ask about
    return household


def _members(household: Household) -> dict[str, str]:
    its_box = queries.box(household)
    found = {}
    for member in queries.members(household):
        name = str(queries.person(its_box, member).get("name") or "")
        code = member.relationship_code
        related = Relationship(code).label if code in set(Relationship) else "家人"
        found[member.code] = f"{mask_name(name)}（{related}）"
    return found


def _show(found: SubjectRequest, form: AnswerForm, words: str | None = None) -> str:
    household = found.household
    waits = records.waits_for_approval(found)
    return render_template(
        "households/request.html",
        one=found,
        words=words,
        household=household,
        form=form,
        waits=waits,
        approval=records.approval_of(found),
        is_open=found.state in records.OPEN and not waits,
        may_erase=may_erase(household.state, found.asker, only_photos=bool(found.what)),
        about=_members(household).get(found.member_code, "已不在档案里的成员")
        if found.member_code and household.data_key
        else "",
        names=names_of([found.recorded_by_id]),
        **_words(),
    )


def _periods(form: PeriodForm) -> str:
    set_ones, today = records.set_periods(), clock.today()
    known = records.periods()
    return render_template(
        "households/retention.html",
        form=form,
        rules=RULES,
        now={kind: months_on(kind, known, today) for kind in Kept},
        set_ones=set_ones,
        names=names_of(one.set_by_id for one in set_ones),
        may_set=policy.can_set_periods(actor()),
    )


def _regions() -> list[tuple[str, str]]:
    return [(code, place_short(code)) for code in actor().regions(*policy.RECORD_KEEPERS)]


def _chips(now: dict[str, Any]) -> list[dict[str, Any]]:
    choices: list[tuple[str, dict[str, Any]]] = [
        ("待处理", {}),
        ("保存期满", {"asker": "retention"}),
        ("有人提出", {"asker": "people"}),
        ("办好的", {"state": "done"}),
        ("没有同意的", {"state": "refused"}),
    ]
    return [
        {"label": label, "href": url_for(".records_index", **wanted), "current": now == wanted}
        for label, wanted in choices
    ]


def _words() -> dict[str, Any]:
    return {
        "kind_words": REQUEST_WORDS,
        "asker_words": ASKER_WORDS,
        "ground_words": GROUND_WORDS,
        "state_words": REQUEST_STATES,
        "duty_words": DUTIES,
        "today": clock.today(),
    }
