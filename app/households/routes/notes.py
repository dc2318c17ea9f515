"""The page of one's own note on a file (自用便条)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, render_template, url_for

from app.core.db import transaction
from app.core.http import actor, see_other
from app.households.forms.files import NoteForm
from app.households.queries.notes import own_note
from app.households.routes.blueprint import bp, writable, writers
from app.households.services.notes import keep_note

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse


@bp.get("/households/<file_no>/note")
@writers
def note_form(file_no: str) -> str:
    """One's own note on a file."""
    household = writable(file_no)
    form = NoteForm(text=own_note(actor(), household))
    return render_template("households/note.html", form=form, household=household)


@bp.post("/households/<file_no>/note")
@writers
def note(file_no: str) -> BaseResponse | tuple[str, int]:
    """Keep it."""
    household, form = writable(file_no), NoteForm()
    if not form.validate():
        return render_template("households/note.html", form=form, household=household), 422
    with transaction():
        keep_note(actor(), household, form.text.data or "")
    flash("便条存好了，只有你看得到", "good")
    return see_other(url_for("portal.file", file_no=file_no))
