"""Pages of near relatives of staff (近亲属备案): declared by a worker, visited by the district."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, render_template

from app.core.access import require
from app.core.db import transaction
from app.core.http import actor
from app.households import policy, queries, services
from app.households.errors import Wrong
from app.households.forms import KinForm, KinVisitForm, LifeForm
from app.households.routes.blueprint import bp, readers, reviewers, to_file, writable, writers
from app.households.rules.kin import VISIT_COUNTS, Kinship, Post
from app.households.services.states import kin_waits

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

    from app.households.models import Household


@bp.get("/households/<file_no>/kin")
@readers
def kin(file_no: str) -> str:
    """What was declared, when the district was there, and the forms for both."""
    household = queries.seen_by(actor(), file_no)
    return _page(household)


@bp.post("/households/<file_no>/kin")
@writers
def kin_declare(file_no: str) -> BaseResponse | tuple[str, int]:
    """Declare that somebody of the staff is a near relative (备案)."""
    household, form = writable(file_no), KinForm()
    if not form.validate():
        return _page(household, form), 422
    declared = services.Declared(
        form.staff.data or "", Post(form.post.data), Kinship(form.kinship.data)
    )
    try:
        with transaction():
            services.declare_kin(actor(), household, declared, version=form.at_version)
    except Wrong as refusal:
        form.say(refusal)
        return _page(household, form), 422
    flash("备案好了，区里入户以后才能审核", "good")
    return to_file(file_no)


@bp.post("/households/<file_no>/kin/visit")
@reviewers
def kin_visit(file_no: str) -> BaseResponse | tuple[str, int]:
    """Note that the district visited (区级入户)."""
    household, form = queries.seen_by(actor(), file_no), KinVisitForm()
    require(policy.can_visit_kin, actor(), household)
    if not form.validate():
        return _page(household, form), 422
    try:
        with transaction():
            services.confirm_district_visit(
                actor(),
                household,
                form.on.data,
                form.first.data or "",
                form.second.data or "",
                version=form.at_version,
            )
    except Wrong as refusal:
        form.say(refusal)
        return _page(household, form), 422
    flash("登记好了，这份档案可以继续审核", "good")
    return to_file(file_no)


def _page(household: Household, filled: LifeForm | None = None) -> str:
    """Show both forms; the one that came back keeps what was typed."""
    at = str(household.version)
    declare = filled if isinstance(filled, KinForm) else KinForm(formdata=None, version=at)
    visit = filled if isinstance(filled, KinVisitForm) else KinVisitForm(formdata=None, version=at)
    found = queries.sections(household).get("kin", {})
    return render_template(
        "households/kin.html",
        household=household,
        declare=declare,
        visit=visit,
        declared=found.get("declared", []),
        visits=found.get("visits", []),
        waits=kin_waits(household),
        counts=VISIT_COUNTS.days,
        may_declare=policy.can_edit(actor(), household),
        may_visit=household.is_kin and policy.can_visit_kin(actor(), household),
        post_words={one.value: one.label for one in Post},
        kinship_words={one.value: one.label for one in Kinship},
    )
