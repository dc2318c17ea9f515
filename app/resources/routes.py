"""Pages of gifts (捐赠页面)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, flash, render_template, request, url_for

from app.accounts.rules import Role
from app.core import clock
from app.core.access import require, roles, signed_in
from app.core.db import transaction
from app.core.errors import BadInput, NotHere
from app.core.http import actor, idempotency_key, see_other, upload
from app.core.phrases import money
from app.households import queries as households
from app.ledger import queries as ledger
from app.ledger.rules import Dimension, Measure, figures, no_balances
from app.media.rules import MAX_BYTES
from app.programmes import queries as programmes
from app.regions.queries import place_short
from app.resources import policy, queries, services
from app.resources.forms import UNITS, DeliverForm, PledgeForm, ReceiveForm, said
from app.resources.rules import (
    BASIS_WORDS,
    DELIVERABLE,
    KIND_WORDS,
    SIGNATORY_WORDS,
    STATE_WORDS,
    LineKind,
    LineState,
)
from app.tasks.rules import TaskKind

if TYPE_CHECKING:
    from collections.abc import Callable
    from enum import StrEnum

    from flask_wtf import FlaskForm
    from werkzeug.wrappers import Response as BaseResponse

    from app.programmes.models import Programme
    from app.resources.models import ResourceLine
    from app.tasks.models import Claim

bp = Blueprint("resources", __name__)
handlers = roles(
    Role.WORKER, Role.SUPERVISOR, Role.KEEPER, Role.OFFICER, Role.AUDITOR, Role.FOUNDATION
)
OVERLOOK = (Role.WORKER, Role.SUPERVISOR, Role.OFFICER, Role.AUDITOR)
FILES = (Role.WORKER, Role.SUPERVISOR, Role.OFFICER)
WITH_PHOTO = MAX_BYTES + (1 << 20)
STATES_SHOWN = (LineState.PLEDGED, LineState.RECEIVED, LineState.DELIVERED, LineState.REVERSED)
TONES = {
    LineState.PLEDGED: "warn",
    LineState.RECEIVED: "info",
    LineState.IN_STOCK: "info",
    LineState.EARMARKED: "info",
    LineState.DELIVERED: "good",
    LineState.ACKNOWLEDGED: "good",
    LineState.REVERSED: "plain",
}


@bp.app_template_filter("amount_of")
def amount_of(line: ResourceLine, quantity: int | None = None) -> str:
    """Say how much of a gift: ¥500.00, 4 床, 2 小时."""
    number = line.quantity if quantity is None else quantity
    if line.kind is LineKind.MONEY:
        return f"¥{number / 100:,.2f}"
    return f"{said(line.kind, number)}\N{NO-BREAK SPACE}{line.unit}"  # a figure keeps its unit


@bp.context_processor
def _words() -> dict[str, Any]:
    return {"state_words": STATE_WORDS, "kind_words": KIND_WORDS, "tones": TONES}


@bp.get("/resources")
@handlers
def index() -> str:
    """The list of gifts (资源登记): what waits to be received first by its filter."""
    wanted = queries.wanted_from(request.args)
    page = queries.listing(actor(), wanted, request.args.get("page"))
    query: dict[str, Any] = {"state": wanted.state, "kind": wanted.kind}
    return render_template(
        "resources/index.html",
        page=page,
        wanted=wanted,
        sees_towns=actor().has(*OVERLOOK),
        chips=[
            {
                "label": STATE_WORDS[state] if state else "全部",
                "href": url_for(".index", state=state, kind=wanted.kind),
                "current": state is wanted.state,
            }
            for state in (None, *STATES_SHOWN)
        ],
        kinds=[
            {
                "label": KIND_WORDS[kind] if kind else "全部种类",
                "href": url_for(".index", state=wanted.state, kind=kind),
                "current": kind is wanted.kind,
            }
            for kind in (None, *LineKind)
        ],
        next_url=url_for(".index", **query, page=page.next) if page.next else None,
    )


@bp.get("/resources/towns")
@roles(*OVERLOOK)
def towns() -> str:
    """What reached the households of each town (镇街资源价值), money and goods with their parts."""
    reach = actor().regions(*OVERLOOK)
    totals: dict[str, dict[Measure, int]] = {}
    for prefix in reach:
        totals |= ledger.town_totals(prefix[:9])
    whole = {m: sum(parts[m] for parts in totals.values()) for m in Measure}
    worth = {town: parts[Measure.MONEY] + parts[Measure.GOODS] for town, parts in totals.items()}
    ordered = sorted(totals, key=lambda town: -worth[town])
    points = [
        {"label": place_short(town), "value": worth[town], "text": money(worth[town])}
        for town in ordered
    ]
    return render_template(
        "resources/towns.html",
        reach=reach,
        totals=[(town, totals[town]) for town in ordered],
        whole=whole,
        points=points,
    )


@bp.get("/me/gifts")
@signed_in
def mine() -> str:
    """What I gave (我的捐赠), and how far it has come."""
    donor = programmes.donor_of_user(actor().user_id)
    page = queries.gifts_of(donor, request.args.get("page"))
    balances = ledger.balances(Dimension.DONOR, donor.id) if donor else no_balances()
    return render_template(
        "resources/mine.html",
        page=page,
        figures=figures(balances),
        next_url=url_for(".mine", page=page.next) if page.next else None,
    )


@bp.get("/resources/pledge")
@signed_in
def pledge() -> str:
    """The form by which somebody promises a gift for a claim or to a programme (认捐)."""
    claim, programme, kind = _aim()
    form = _pledge_form(claim, kind)
    return _pledge_page(form, claim, programme, kind)


@bp.post("/resources")
@signed_in
def create() -> BaseResponse | tuple[str, int]:
    """Promise a gift."""
    claim, programme, kind = _aim()
    form = _pledge_form(claim, kind)
    if form.validate():
        made: list[ResourceLine] = []
        key = idempotency_key()

        def verb() -> None:
            made.append(
                services.pledge(
                    actor(),
                    form.gift(),
                    claim=claim,
                    programme=None if claim else programme,
                    key=key,
                )
            )

        if _done(form, verb):
            flash("记下了。收到以后会告诉你，送到哪个村居也看得见", "good")
            return see_other(url_for(".show", code=made[0].code))
    return _pledge_page(form, claim, programme, kind), 422


@bp.get("/resources/<code>")
@signed_in
def show(code: str) -> str:
    """One gift on its way (资源登记): promised, received, handed over."""
    line = queries.seen_by(actor(), code)
    me = actor()
    return render_template(
        "resources/show.html",
        line=line,
        basis_words=BASIS_WORDS,
        signatory_words=SIGNATORY_WORDS,
        is_donor=policy.is_donor(me, line),
        is_open=line.state in DELIVERABLE,
        may_receive=line.state is LineState.PLEDGED and policy.can_receive(me, line),
        may_deliver=line.state in DELIVERABLE and policy.can_reach_out(me, line),
        may_reverse=line.state is not LineState.REVERSED
        and (
            policy.can_receive(me, line)
            or (policy.is_donor(me, line) and line.state is LineState.PLEDGED)
        ),
        may_see_papers=policy.can_see_papers(me, line),
        proofs={
            d.code
            for d in line.deliveries
            if d.proof and d.proof.gone_at is None and policy.can_see_proof(me, d)
        },
        files={d.code for d in line.deliveries if me.covers(d.household.region_code, *FILES)},
        undoable={
            d.code
            for d in line.deliveries
            if d.reversed_at is None and policy.can_reverse_delivery(me, d)
        },
    )


@bp.get("/resources/<code>/receive")
@signed_in
def receive_form(code: str) -> str:
    """The form by which what came in is counted, receipted or valued (收到登记)."""
    line = _receivable(code)
    form = _receive_form(line, quantity=said(line.kind, line.quantity), received_on=clock.today())
    return render_template("resources/receive.html", form=form, line=line)


@bp.post("/resources/<code>/receive")
@signed_in
@upload(WITH_PHOTO)
def receive(code: str) -> BaseResponse | tuple[str, int]:
    """Record what came in."""
    line = _receivable(code)
    form = _receive_form(line)
    if form.validate() and _done(
        form, lambda: services.receive(actor(), line, form.receipt(), _bytes(form, "evidence"))
    ):
        flash("登记好了，数量和价值已经固定，捐赠人会收到消息", "good")
        return see_other(url_for(".show", code=code))
    return render_template("resources/receive.html", form=form, line=line), 422


@bp.get("/resources/<code>/deliver")
@signed_in
def deliver_form(code: str) -> str:
    """The form by which a delivery is signed for (发放签收)."""
    line = _deliverable(code)
    form = _deliver_form(
        line,
        quantity=said(line.kind, line.quantity - line.delivered_quantity),
        delivered_on=clock.today(),
        version=str(line.version),
    )
    return render_template("resources/deliver.html", form=form, line=line)


@bp.post("/resources/<code>/deliver")
@signed_in
@upload(WITH_PHOTO)
def deliver(code: str) -> BaseResponse | tuple[str, int]:
    """Record a delivery."""
    line = _deliverable(code)
    form = _deliver_form(line)
    key = idempotency_key()
    if form.validate() and _done(form, lambda: _hand_over(line, form, key)):
        flash("送达登记好了，已经记到这户家庭和项目的账上", "good")
        return see_other(url_for(".show", code=code))
    return render_template("resources/deliver.html", form=form, line=line), 422


@bp.post("/resources/<code>/reverse")
@signed_in
def reverse(code: str) -> BaseResponse:
    """Take a whole gift back (整笔冲正)."""
    line = queries.seen_by(actor(), code)
    with transaction():
        services.reverse(actor(), line, request.form.get("reason", ""))
    flash("已经冲正，原来的记录和原因都留着", "good")
    return see_other(url_for(".show", code=code))


@bp.post("/resources/<code>/deliveries/<delivery>/reverse")
@signed_in
def reverse_delivery(code: str, delivery: str) -> BaseResponse:
    """Take one delivery back (冲正发放)."""
    found = queries.delivery_of(queries.seen_by(actor(), code), delivery)
    with transaction():
        services.reverse_delivery(actor(), found, request.form.get("reason", ""))
    flash("这次发放已经冲正，东西回到待送", "good")
    return see_other(url_for(".show", code=code))


@bp.get("/resources/<code>/evidence")
@signed_in
def evidence(code: str) -> Response:
    """The picture that shows a value (价值依据)."""
    line = queries.seen_by(actor(), code)
    with transaction():
        picture = services.open_evidence(actor(), line)
    return Response(picture, mimetype="image/jpeg")


@bp.get("/resources/<code>/deliveries/<delivery>/proof")
@signed_in
def proof(code: str, delivery: str) -> Response:
    """The signature or photo of a delivery (签收凭据)."""
    found = queries.delivery_of(queries.seen_by(actor(), code), delivery)
    with transaction():
        picture = services.open_proof(actor(), found)
    return Response(picture, mimetype="image/jpeg")


def _hand_over(line: ResourceLine, form: DeliverForm, key: str) -> None:
    household = households.carried_on(
        line.household or households.by_file_no((form.file_no.data or "").strip())
    )
    if not policy.can_deliver(actor(), line, household):
        raise NotHere  # file numbers can be tried out; a refusal would say which ones are taken
    services.deliver(
        actor(), line, household, form.handover(), _bytes(form, "proof"), key=key, seen=form.seen
    )


def _done(form: FlaskForm, verb: Callable[[], Any]) -> bool:
    """Run one verb in its transaction; what it says about the input goes back onto the form."""
    try:
        with transaction():
            verb()
    except BadInput as refusal:
        form.form_errors.append(refusal.message)
        return False
    return True


def _aim() -> tuple[Claim | None, Programme | None, LineKind]:
    """Return for what somebody wants to give: a claim of theirs, or a programme that they may see."""
    code = request.values.get("claim")
    if code:
        claim = queries.claim_by_code(code)
        require(policy.can_pledge, actor(), claim)
        kind = LineKind.GOODS if claim.task.kind is TaskKind.VISIT else claim.task.kind.value
        return claim, claim.task.programme, LineKind(kind)
    require(policy.can_pledge, actor(), None)
    programme = programmes.seen_by(actor(), request.values.get("programme", ""))
    return None, programme, _choice(LineKind, request.values.get("kind")) or LineKind.MONEY


def _pledge_form(claim: Claim | None, kind: LineKind) -> PledgeForm:
    known: dict[str, Any] = {}
    if claim is not None:
        need = claim.task.need
        known["item"] = need.item if need and need.item else claim.task.title
        known["unit"] = claim.task.unit
        if kind is not LineKind.SERVICE:
            known["quantity"] = said(kind, claim.units)
    return PledgeForm(kind, for_claim=claim is not None, **known)


def _pledge_page(
    form: PledgeForm, claim: Claim | None, programme: Programme | None, kind: LineKind
) -> str:
    tabs = [
        {
            "label": KIND_WORDS[one],
            "href": url_for(".pledge", programme=programme.code, kind=one.value),
            "current": one is kind,
        }
        for one in LineKind
        if programme is not None and claim is None
    ]
    return render_template(
        "resources/pledge.html",
        form=form,
        claim=claim,
        programme=programme,
        kind=kind,
        tabs=tabs,
        units=UNITS,
        action=url_for(
            ".create",
            claim=claim.code if claim else None,
            programme=programme.code if programme and not claim else None,
            kind=None if claim else kind.value,
        ),
    )


def _receivable(code: str) -> ResourceLine:
    line = queries.seen_by(actor(), code)
    require(policy.can_receive, actor(), line)
    return line


def _deliverable(code: str) -> ResourceLine:
    line = queries.seen_by(actor(), code)
    require(policy.can_reach_out, actor(), line)
    return line


def _receive_form(line: ResourceLine, **known: Any) -> ReceiveForm:
    return ReceiveForm(line.kind, first=clock.day_of(line.pledged_at), last=clock.today(), **known)


def _deliver_form(line: ResourceLine, **known: Any) -> DeliverForm:
    return DeliverForm(
        line.kind,
        line.quantity - line.delivered_quantity,
        choose_household=line.household_id is None,
        first=line.received_on or clock.today(),
        last=clock.today(),
        **known,
    )


def _bytes(form: FlaskForm, name: str) -> bytes | None:
    sent = form[name].data if name in form else None
    data: bytes = sent.read() if sent else b""
    return data or None


def _choice(kind: type[StrEnum], text: str | None) -> Any:
    return next((member for member in kind if member.value == text), None)
