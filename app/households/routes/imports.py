"""The way a workbook comes in (导入台账): chosen, columns placed, problems shown, confirmed."""

from __future__ import annotations

import io
from collections import Counter
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from flask import flash, render_template, request, send_file, url_for

from app.core.db import transaction
from app.core.errors import StalePage
from app.core.http import actor, idempotency_key, no_store, see_other, upload
from app.core.sheets import SheetRefused, read_sheets
from app.core.sheets.reading import MAX_BYTES
from app.households import queries
from app.households.errors import FieldTwice, ReasonMissing
from app.households.forms import ImportForm, WhyForm
from app.households.routes.blueprint import bp, readers
from app.households.rules import LABELS, MESSAGES, STATE_WORDS, Field
from app.households.rules.approvals import STATE_LABELS
from app.households.rules.importing import (
    APPROVED_FROM,
    BATCH_WORDS,
    REASONS,
    WAITING,
    BatchState,
    Choice,
)
from app.households.services import batches

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

    from app.households.models import ImportBatch

FORM_ROOM = 64 * 1024  # what a form adds around its file
PROBLEMS_A_PAGE = 50
LISTED = 20
SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
STEPS = ("选文件", "对列", "看问题", "入档")


@bp.get("/households/import")
@readers
def import_start() -> str:
    """Where a workbook is chosen, and the imports of late (导入台账)."""
    return _start(ImportForm(formdata=None))


@bp.post("/households/import")
@readers
@upload(MAX_BYTES + FORM_ROOM)
def import_upload() -> BaseResponse | tuple[str, int]:
    """Take a workbook; a small one is read while its sender waits."""
    form = ImportForm()
    if not form.validate():
        return _start(form), 422
    data = form.file.data.read()
    suffix = PurePath(form.file.data.filename or "").suffix.lower()
    try:
        next(iter(read_sheets(data, f"workbook{suffix}")), None)
    except SheetRefused as refusal:
        form.file.errors = [refusal.message]
        return _start(form), 422
    with transaction():
        batch = batches.receive(actor(), data, suffix, idempotency_key())
    return go_on(batch)


@bp.get("/households/import/<code>")
@readers
def import_show(code: str) -> str | BaseResponse:
    """An import where it stands (导入进度与预览)."""
    batch = queries.batch_by_code(actor(), code)
    if batch.state in WAITING:
        return render_template(
            "households/import_wait.html", batch=batch, words=BATCH_WORDS, steps=STEPS
        )
    if batch.state in (BatchState.ASKED, BatchState.UNDO_ASKED):
        return render_template(
            "households/import_asked.html",
            batch=batch,
            approval=queries.approval_about(batch),
            labels=STATE_LABELS,
            words=BATCH_WORDS,
            steps=STEPS,
        )
    if batch.state is not BatchState.READY:
        return render_template(
            "households/import_over.html",
            batch=batch,
            words=BATCH_WORDS,
            reasons=REASONS,
            messages=MESSAGES,
            report=queries.report(batch),
            steps=STEPS,
        )
    if batch.summary["unplaced"] and not batch.summary["columns_seen"]:
        return see_other(url_for(".import_columns", code=code))
    return _ready(batch, WhyForm(formdata=None))


@bp.get("/households/import/<code>/columns")
@readers
def import_columns(code: str) -> str | BaseResponse:
    """What each column means, to be put right (对列)."""
    batch = queries.batch_by_code(actor(), code)
    if batch.state is not BatchState.READY:
        return see_other(url_for(".import_show", code=code))
    return _columns(batch, queries.report(batch), {}, None)


@bp.post("/households/import/<code>/columns")
@readers
def import_place(code: str) -> BaseResponse | tuple[str, int]:
    """Keep what the columns mean and read the workbook again with it."""
    batch = queries.batch_by_code(actor(), code)
    report = queries.report(batch)
    chosen = _chosen(report)
    twice = [
        layout["name"]
        for layout in _layouts(report)
        if any(n > 1 for f, n in Counter(chosen[layout["signature"]].values()).items() if f)
    ]
    if twice:
        return _columns(batch, report, chosen, FieldTwice.message), 422
    with transaction():
        batches.place_columns(actor(), batch, chosen)
    return go_on(batch)


@bp.get("/households/import/<code>/problems")
@readers
def import_problems(code: str) -> str:
    """Every problem, sheet by sheet (全部问题)."""
    batch = queries.batch_by_code(actor(), code)
    report = queries.report(batch)
    only = request.args.get("only", "")
    found = [each for each in report["problems"] if not only or each[3] == only]
    sheets = Counter(each[0] for each in found)
    sheet = request.args.get("sheet", "")
    shown = [each for each in found if not sheet or each[0] == sheet]
    start = max(request.args.get("page", 0, type=int), 0)
    following = start + PROBLEMS_A_PAGE

    def link(**more: Any) -> str:
        return url_for(".import_problems", code=code, **{k: v for k, v in more.items() if v})

    return render_template(
        "households/import_problems.html",
        batch=batch,
        problems=shown[start:following],
        sheet=sheet,
        tabs=[
            {"label": "全部", "href": link(only=only), "current": not sheet, "count": len(found)},
            *(
                {
                    "label": name,
                    "href": link(only=only, sheet=name),
                    "current": name == sheet,
                    "count": count,
                }
                for name, count in sheets.items()
            ),
        ],
        chips=[
            {"label": label, "href": link(only=value, sheet=sheet), "current": only == value}
            for value, label in (("", "全部"), ("error", "要退回的"), ("warning", "提醒"))
        ],
        next_url=link(only=only, sheet=sheet, page=following) if len(shown) > following else None,
        prev_url=link(only=only, sheet=sheet, page=start - PROBLEMS_A_PAGE) if start else None,
    )


@bp.get("/households/import/<code>/remarks.xlsx")
@readers
def import_remarks(code: str) -> BaseResponse:
    """The workbook back, with a remark in every cell that was wrong (批注好的表)."""
    batch = queries.batch_by_code(actor(), code)
    data = queries.remarked_workbook(batch)
    name = f"remarks-{batch.code}.xlsx"
    return no_store(
        send_file(io.BytesIO(data), SPREADSHEET, as_attachment=True, download_name=name)
    )


@bp.post("/households/import/<code>/confirm")
@readers
def import_confirm(code: str) -> BaseResponse | tuple[str, int]:
    """Let the chosen households go in, or ask a second person to let them."""
    batch, form = queries.batch_by_code(actor(), code), WhyForm()
    if not form.validate():
        return _ready(batch, form), 422
    try:
        with transaction():
            batches.confirm(actor(), batch, reason=form.reason.data or "", key=idempotency_key())
    except ReasonMissing as refusal:
        form.reason.errors = [refusal.message]
        return _ready(batch, form), 422
    return go_on(batch)


@bp.post("/households/import/<code>/cancel")
@readers
def import_cancel(code: str) -> BaseResponse:
    """Give an import up; its workbook is deleted at once."""
    batch = queries.batch_by_code(actor(), code)
    with transaction():
        batches.cancel(actor(), batch)
    batches.clear_away(batch, transaction)
    flash("已取消，上传的表格也删掉了，什么都没有入档", "good")
    return see_other(url_for(".import_start"))


def go_on(batch: ImportBatch) -> BaseResponse:
    """Go on with a batch: a small one at once, a large one in the scheduler."""
    if batch.size <= batches.SMALL:
        batches.advance(batch.code, transaction)
    return see_other(url_for(".import_show", code=batch.code))


def _ready(batch: ImportBatch, form: WhyForm) -> str:
    if batch.state is not BatchState.READY:
        raise StalePage
    choice = Choice.of(batch.choice)
    going = choice.going(batch.summary["counts"])
    return render_template(
        "households/import_ready.html",
        batch=batch,
        report=queries.report(batch),
        form=form,
        choice=choice,
        going=going,
        needs_second=sum(going.values()) >= APPROVED_FROM,
        states=STATE_WORDS,
        listed=LISTED,
        reasons=REASONS,
        messages=MESSAGES,
        steps=STEPS,
    )


def _start(form: ImportForm) -> str:
    return render_template(
        "households/import_start.html",
        form=form,
        recent=queries.my_batches(actor()),
        words=BATCH_WORDS,
        steps=STEPS,
    )


def _layouts(report: dict[str, Any]) -> list[dict[str, Any]]:
    """Return each kind of header once, with the names of the sheets that have it."""
    found: dict[str, dict[str, Any]] = {}
    for sheet in report["sheets"]:
        if not sheet["columns"]:
            continue
        known = found.setdefault(sheet["signature"], {**sheet, "names": []})
        known["names"].append(sheet["name"])
    return list(found.values())


def _chosen(report: dict[str, Any]) -> dict[str, dict[str, str | None]]:
    """Read what was chosen for every column: field, or None to leave it out."""
    fields = set(Field)
    chosen: dict[str, dict[str, str | None]] = {}
    for number, layout in enumerate(_layouts(report)):
        mine = chosen.setdefault(layout["signature"], {})
        for column in layout["columns"]:
            value = request.form.get(f"c{number}-{column['letter']}", column["field"])
            if value != column["field"] or value:
                mine[column["heading"]] = value if value in fields else None
    return chosen


def _columns(
    batch: ImportBatch,
    report: dict[str, Any],
    chosen: dict[str, dict[str, str | None]],
    error: str | None,
) -> str:
    if batch.state is not BatchState.READY:
        raise StalePage
    return render_template(
        "households/import_columns.html",
        batch=batch,
        layouts=_layouts(report),
        chosen=chosen,
        error=error,
        fields=[("", "不导入这一列"), *((field.value, LABELS[field]) for field in Field)],
        steps=STEPS,
    )
