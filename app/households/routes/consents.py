"""Pages of consents (同意书页面): recording one, what the household keeps of it, the signed page itself."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from flask import Response, flash, render_template, request, url_for

from app.accounts.models import User
from app.core import clock
from app.core.db import db, transaction
from app.core.http import actor, see_other, upload
from app.households import queries, services
from app.households.errors import AskedTooSoon, SigningWrong
from app.households.forms import ConsentForm, RefusalForm
from app.households.routes.blueprint import bp, readers, writable, writers
from app.households.rules import (
    DEFAULT_MONTHS,
    PURPOSE_WORDS,
    RECIPIENT_WORDS,
    WORDING,
    Purpose,
    Recipient,
)
from app.households.rules.consent import RELATION_WORDS
from app.households.rules.wordings import wording
from app.media.errors import BadPicture
from app.media.rules import MAX_BYTES

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

    from app.households.models import Household

Refused = tuple[str, int]


@bp.get("/households/<file_no>/consents/new")
@writers
def consent_form(file_no: str) -> str:
    """The form for a new consent (同意书), and for a refusal."""
    household = writable(file_no)
    form = _form(household)
    form.given_on.data = clock.today()
    form.expires_on.data = clock.today() + timedelta(days=DEFAULT_MONTHS * 365 // 12)
    return _page(household, form)


@bp.post("/households/<file_no>/consents")
@writers
@upload(MAX_BYTES + (1 << 20))
def consent(file_no: str) -> BaseResponse | Refused:
    """Record a consent."""
    household = writable(file_no)
    form = _form(household)
    if not form.validate():
        return _page(household, form), 422
    try:
        with transaction():
            _record(household, form)
    except (SigningWrong, AskedTooSoon, BadPicture) as refusal:
        return _again(household, form, refusal)
    flash("同意已经记下，到期前会提醒你再问一次", "good")
    return see_other(url_for("portal.file", file_no=file_no, tab="consents"))


@bp.post("/households/<file_no>/consents/refuse")
@writers
def refuse_consent(file_no: str) -> BaseResponse | Refused:
    """Write down that the household said no."""
    household, form = writable(file_no), RefusalForm(clock.today())
    if not form.validate():
        return _page(household, _form(household, empty=True), form), 422
    with transaction():
        services.refuse_consent(
            actor(),
            household,
            [Purpose(value) for value in form.purposes.data or []],
            Recipient(form.recipient.data),
            refused_on=form.refused_on.data or clock.today(),
        )
    flash("记下了：这家人没有同意。半年里不再去问，救助照旧", "info")
    return see_other(url_for("portal.file", file_no=file_no, tab="consents"))


@bp.get("/households/<file_no>/consents/paper")
@writers
def consent_paper(file_no: str) -> str:
    """The blank form with the wording (空白同意书), to print, read out and sign."""
    household = writable(file_no)
    return _paper(household, None)


@bp.get("/households/<file_no>/consents/<int:position>")
@readers
def consent_copy(file_no: str, position: int) -> str:
    """What the household keeps (同意书留存联): what it agreed to, until when, and how to take it back."""
    household = queries.seen_by(actor(), file_no)
    queries.consent_at(household, position)
    return _paper(household, position)


@bp.get("/households/<file_no>/consents/<int:position>/scan")
@readers
def consent_scan(file_no: str, position: int) -> Response:
    """The signed page (同意书原件), as a picture that no cache keeps."""
    household = queries.seen_by(actor(), file_no)
    found = queries.consent_at(household, position)
    with transaction():
        picture = services.open_scan(actor(), household, found)
    return Response(picture, mimetype="image/jpeg", headers={"Cache-Control": "no-store"})


def _form(household: Household, *, empty: bool = False) -> ConsentForm:
    form = ConsentForm(clock.today(), queries.signing(household).children)
    if empty:
        form.process(None)
    return form


def _record(household: Household, form: ConsentForm) -> None:
    services.record_consent(
        actor(),
        household,
        [Purpose(value) for value in form.purposes.data or []],
        Recipient(form.recipient.data),
        signatory=str(form.signatory.data),
        given_on=form.given_on.data or clock.today(),
        expires_on=form.expires_on.data or clock.today(),
        terms=form.terms,
        recipient_name=form.recipient_name.data or "",
        scan=form.page,
        own_wish=bool(form.own_wish.data),
    )


def _again(
    household: Household, form: ConsentForm, refusal: SigningWrong | AskedTooSoon | BadPicture
) -> Refused:
    """Put a refusal beside its field."""
    if isinstance(refusal, SigningWrong):
        for name, words in refusal.problems.items():
            form[name].errors = [*form[name].errors, words]
        return _page(household, form), 422
    field = form.scan if isinstance(refusal, BadPicture) else form.own_wish
    field.errors = [*field.errors, refusal.message]
    return _page(household, form), refusal.status


def _page(household: Household, form: ConsentForm, refusal: RefusalForm | None = None) -> str:
    no = refusal or RefusalForm(clock.today())
    if refusal is None:
        no.process(None, refused_on=clock.today())
    return render_template(
        "households/consent.html",
        form=form,
        no=no,
        household=household,
        text=wording(WORDING),
        resting=queries.refusals(household.id, clock.today()),
        purpose_words=PURPOSE_WORDS,
        has_children=bool(queries.signing(household).children),
    )


def _paper(household: Household, position: int | None) -> str:
    found = queries.consent_at(household, position) if position else None
    alike = []
    if found is not None:
        alike = [
            one
            for one in queries.consents(household.id)
            if (one.given_on, one.expires_on, one.recipient, one.wording, one.ended)
            == (found.given_on, found.expires_on, found.recipient, found.wording, found.ended)
        ]
    asked = request.args.get("recipient", "")
    chosen = Recipient(asked) if asked in set(Recipient) else Recipient.HELPERS
    worker = db.session.get(User, household.worker_id) if household.worker_id else None
    return render_template(
        "households/consent_paper.html",
        household=household,
        consent=found,
        alike=alike,
        recipient=found.recipient if found else chosen,
        text=wording(found.wording if found else WORDING),
        terms=queries.terms(household, found) if found else None,
        worker=worker,
        purpose_words=PURPOSE_WORDS,
        recipient_words=RECIPIENT_WORDS,
        relation_words=RELATION_WORDS,
        recipients=list(Recipient),
        purposes=list(Purpose),
    )
