"""Pages of exports (导出页面): what is taken out, how far it is, and the file itself."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

from flask import Blueprint, flash, render_template, request, send_file, url_for

from app.accounts.rules import Role
from app.core import clock
from app.core.access import roles
from app.core.db import transaction
from app.core.errors import BadInput
from app.core.http import actor, idempotency_key, see_other
from app.exports import policy, queries, services
from app.exports.forms import ClearForm, ExportForm
from app.exports.queries.lists import LISTS
from app.exports.rules import (
    CONTENT_TYPES,
    FOR_WORDS,
    FORM_WORDS,
    MOST_CLEAR,
    SMALL,
    STATE_WORDS,
    TONES,
    WORKING,
    For,
    Form,
)
from app.households.errors import ReasonMissing
from app.households.rules.approvals import STATE_LABELS
from app.households.services.approvals import wanted

if TYPE_CHECKING:
    from flask import Response
    from werkzeug.wrappers import Response as BaseResponse

    from app.exports.models import Export
    from app.exports.queries.lists import Listed

bp = Blueprint("exports", __name__)
exporters = roles(
    Role.WORKER, Role.SUPERVISOR, Role.OFFICER, Role.KEEPER, Role.AUDITOR, Role.FOUNDATION
)
readers = roles(Role.WORKER, Role.SUPERVISOR, Role.OFFICER)
Answer = "BaseResponse | tuple[str, int] | str"


@bp.app_template_global()
def export_url(name: str, asked: dict[str, Any]) -> str | None:
    """Return where a list is taken out with its filters; None for those who may not."""
    listed = LISTS[name]
    if not policy.can_export(actor(), listed.roles):
        return None
    return url_for("exports.new", list=name, **{k: v for k, v in asked.items() if v})


@bp.get("/exports")
@exporters
def index() -> str:
    """What somebody took out lately (我的导出), and what they asked for in clear."""
    return render_template(
        "exports/index.html",
        exports=queries.mine(actor()),
        requests=[
            (one, wanted(one), services.may_be_used(one)) for one in queries.asked_in_clear(actor())
        ],
        lists=LISTS,
        request_words=STATE_LABELS,
        may_ask=policy.can_export(actor(), LISTS["households"].roles),
        **_words(),
    )


@bp.get("/exports/new")
@exporters
def new() -> str:
    """What an export would hold (导出前看一眼): which list, narrowed to what, how many rows."""
    return _new(ExportForm())


@bp.post("/exports")
@exporters
def create() -> BaseResponse | tuple[str, int]:
    """Put a list on its way out; a short one is there at once."""
    form, planned = ExportForm(), services.plan(actor(), _listed(), request.args)
    if not form.validate():
        return _new(form), 422
    try:
        with transaction():
            export = services.start(actor(), planned, Form(form.form.data), idempotency_key())
    except BadInput as refusal:
        form.form_errors.append(refusal.message)
        return _new(form), 422
    return _begun(export)


@bp.get("/exports/<code>")
@exporters
def show(code: str) -> str:
    """How far an export is (导出进度); one may leave and come back."""
    export = queries.by_code(actor(), code)
    return render_template(
        "exports/wait.html" if export.state in WORKING else "exports/show.html",
        export=export,
        listed=LISTS[export.list],
        said=LISTS[export.list].said(export.filters),
        **_words(),
    )


@bp.post("/exports/<code>/stop")
@exporters
def stop(code: str) -> BaseResponse:
    """Stop an export, or throw its file away (停止、删除)."""
    export = queries.by_code(actor(), code)
    with transaction():
        services.stop(actor(), export)
    services.throw_away(export, transaction)
    flash("已经停下，没有留下文件", "info")
    return see_other(url_for(".index"))


@bp.post("/exports/<code>/again")
@exporters
def again(code: str) -> BaseResponse:
    """Try once more what failed (再试一次)."""
    export = queries.by_code(actor(), code)
    with transaction():
        services.again(actor(), export)
    return _begun(export)


@bp.post("/exports/<code>/download")
@exporters
def download(code: str) -> Response:
    """Hand the file over (下载); one in clear once, after which it is gone."""
    export = queries.by_code(actor(), code)
    with transaction():
        data = services.take(actor(), export)
    services.throw_away(export, transaction)
    day = clock.day_of(export.created_at)
    return send_file(
        BytesIO(data),
        mimetype=CONTENT_TYPES[export.form],
        as_attachment=True,
        download_name=f"{LISTS[export.list].words}-{day:%Y%m%d}-{export.code}.{export.form}",
        max_age=0,
    )


@bp.get("/exports/clear")
@readers
def clear() -> str:
    """The form that asks for files in clear (提请明文导出)."""
    return _clear(ClearForm())


@bp.post("/exports/clear")
@readers
def ask() -> BaseResponse | tuple[str, int]:
    """Ask a second person."""
    form = ClearForm()
    if not form.validate():
        return _clear(form), 422
    planned = services.plan_clear(actor(), request.args, For(form.to.data))
    try:
        with transaction():
            services.ask_for_clear(actor(), planned, form.reason.data or "", idempotency_key())
    except ReasonMissing as refusal:
        form.reason.errors = [refusal.message]
        return _clear(form), 422
    except BadInput as refusal:
        form.form_errors.append(refusal.message)
        return _clear(form), 422
    flash("已经提请审批，同意以后在这里生成文件", "good")
    return see_other(url_for(".index"))


@bp.post("/exports/clear/<code>/make")
@readers
def make(code: str) -> BaseResponse:
    """Make the file that was agreed to (生成明文文件)."""
    approval = queries.approval_by_code(actor(), code)
    with transaction():
        export = services.start_clear(actor(), approval)
    return _begun(export)


def _begun(export: Export) -> BaseResponse:
    if export.total <= SMALL:
        services.advance(export.code, transaction)
    return see_other(url_for(".show", code=export.code))


def _listed() -> Listed:
    return queries.listed(actor(), request.args.get("list", ""))


def _new(form: ExportForm) -> str:
    planned = services.plan(actor(), _listed(), request.args)
    listed = planned.listed
    return render_template(
        "exports/new.html",
        form=form,
        listed=listed,
        asked=planned.asked,
        total=planned.total,
        said=listed.said(planned.asked),
        back=_back(listed, dict(planned.asked)),
        clear_too=listed.name == "households",
    )


def _back(listed: Listed, asked: dict[str, Any]) -> str:
    return url_for(listed.back, **asked)


def _clear(form: ClearForm) -> str:
    planned = services.plan(actor(), LISTS["households"], request.args)
    return render_template(
        "exports/clear.html",
        form=form,
        asked=planned.asked,
        total=planned.total,
        most=MOST_CLEAR,
        said=planned.listed.said(planned.asked),
    )


def _words() -> dict[str, Any]:
    return {
        "today": clock.today(),
        "state_words": STATE_WORDS,
        "tones": TONES,
        "form_words": FORM_WORDS,
        "for_words": FOR_WORDS,
    }
