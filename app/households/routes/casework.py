"""Pages of case work (个案): its steps with their notes, and the next one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, render_template, request

from app.core import clock
from app.core.db import transaction
from app.core.http import actor
from app.households import policy, queries, services
from app.households.errors import Wrong
from app.households.forms import CaseForm, chosen
from app.households.routes.blueprint import bp, readers, to_file, writable, writers
from app.households.rules.casework import (
    NEXT_STAGE,
    ROAD,
    STAGE_NOTES,
    CaseSource,
    Stage,
    place_of,
)
from app.households.rules.closing import Closing
from app.households.services.casework import IN_FORCE, Step

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

    from app.households.models import Household


@bp.get("/households/<file_no>/case")
@readers
def case(file_no: str) -> str:
    """The cases of a household with their notes; `to` opens the form of the next stage."""
    household = queries.seen_by(actor(), file_no)
    form = CaseForm(formdata=None, version=str(household.version), on=clock.today())
    form.stage.data = request.args.get("to", "")
    return _page(household, form)


@bp.post("/households/<file_no>/case")
@writers
def case_step(file_no: str) -> BaseResponse | tuple[str, int]:
    """Take the case to its next stage."""
    household, form = writable(file_no), CaseForm()
    stage = chosen(Stage, form.stage.data)
    if not form.validate() or stage is None:
        return _page(household, form), 422
    step = Step(
        stage=stage,
        on=form.on.data,
        note=form.note.data or "",
        source=chosen(CaseSource, form.source.data),
        closing=chosen(Closing, form.closing.data),
        referred_to=form.referred_to.data or "",
    )
    try:
        with transaction():
            services.take_step(actor(), household, step, version=form.at_version)
    except Wrong as refusal:
        form.say(refusal)
        return _page(household, form), 422
    flash(f"记下了，个案到了“{stage.label}”", "good")
    return to_file(file_no)


def _page(household: Household, form: CaseForm) -> str:
    with transaction():
        cases = services.read_case(actor(), household)
    may_step = policy.can_edit(actor(), household) and household.state in IN_FORCE
    steps = NEXT_STAGE[household.case_stage] if may_step else ()
    wanted = chosen(Stage, form.stage.data)
    return render_template(
        "households/case.html",
        household=household,
        form=form,
        cases=cases,
        names=queries.names(step.get("by") for one in cases for step in one["steps"]),
        steps=steps,
        wanted=wanted if wanted in steps else None,
        road=[stage.label for stage in ROAD],
        place=place_of(household.case_stage),
        stages={stage.value: stage.label for stage in Stage},
        notes=STAGE_NOTES,
        sources={one.value: one.label for one in CaseSource},
        closings={one.value: one.label for one in Closing},
    )
