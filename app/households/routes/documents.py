"""Pages of papers (附件): the form, the bytes behind a permission check, and marking one as withdrawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, flash, render_template, request

from app.core import clock
from app.core.db import transaction
from app.core.http import actor, idempotency_key, upload
from app.households import queries, services
from app.households.errors import Wrong
from app.households.forms import DocumentForm, ReasonForm
from app.households.routes.blueprint import bp, readers, to_file, writable, writers
from app.households.rules import Purpose
from app.households.rules.documents import DocumentKind
from app.media.errors import BadPicture
from app.media.rules import MAX_BYTES, PAPER_TYPE

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

    from app.households.models import Household

BODY = MAX_BYTES + (1 << 20)  # the largest picture, and the rest of the form


@bp.get("/households/<file_no>/documents/new")
@writers
def document_form(file_no: str) -> str:
    """The form for a paper or picture (添加附件)."""
    household = writable(file_no)
    kind = request.args.get("kind", "")
    form = DocumentForm(formdata=None, dated_on=clock.today())
    form.kind.data = kind if kind in set(DocumentKind) else None
    return _page(household, form)


@bp.post("/households/<file_no>/documents")
@writers
@upload(BODY)
def document_add(file_no: str) -> BaseResponse | tuple[str, int]:
    """Keep it."""
    household, form = writable(file_no), DocumentForm()
    sent = request.files.get("file")
    if not form.validate():
        return _page(household, form), 422
    try:
        with transaction():
            services.add_document(
                actor(),
                household,
                sent.read() if sent else b"",
                kind=DocumentKind(form.kind.data),
                title=form.title.data or "",
                dated_on=form.dated_on.data,
                key=idempotency_key(),
            )
    except (Wrong, BadPicture) as refusal:
        form.say(refusal if isinstance(refusal, Wrong) else Wrong("file", refusal.message))
        return _page(household, form), 422
    flash("收好了，只有照看这一家的同事能打开", "good")
    return to_file(file_no, "documents")


@bp.get("/households/<file_no>/documents/<code>")
@readers
def document(file_no: str, code: str) -> Response:
    """A paper or picture, for those who may read the file; a PDF is only ever a download."""
    household = queries.seen_by(actor(), file_no)
    found = queries.document_here(household, code)
    with transaction():
        data = services.open_document(actor(), household, found)
    is_paper = found.media.content_type == PAPER_TYPE
    response = Response(data, mimetype=found.media.content_type)
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Content-Disposition"] = (
        f"attachment; filename={code}.pdf" if is_paper else f"inline; filename={code}.jpg"
    )
    return response


@bp.post("/households/<file_no>/documents/<code>/withdraw")
@writers
def document_withdraw(file_no: str, code: str) -> BaseResponse:
    """Mark a paper as withdrawn, with a reason (撤下)."""
    household = writable(file_no)
    found, form = queries.document_here(household, code), ReasonForm()
    with transaction():
        services.withdraw_document(actor(), household, found, form.reason.data or "")
    flash("撤下了，原来的还能查到", "good")
    return to_file(file_no, "documents")


def _page(household: Household, form: DocumentForm) -> str:
    return render_template(
        "households/document.html",
        form=form,
        household=household,
        photos_allowed=queries.has_consent(household.id, Purpose.PHOTO),
        key=idempotency_key(),
    )
