"""Pages of a family change (家庭变动): choose, say, look at before and after, confirm; each change on one page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import flash, render_template, request, url_for

from app.accounts.rules import Role
from app.core.access import require, roles
from app.core.db import transaction
from app.core.errors import NotHere
from app.core.http import actor, see_other
from app.households import policy
from app.households import queries as households
from app.households.errors import FamilyWrong
from app.households.rules.families import CHANGE_NOTES, CHANGE_WORDS, FamilyChange
from app.households.rules.states import STATE_WORDS, WRITABLE
from app.portal import queries
from app.portal.forms import SeparateForm
from app.portal.routes.blueprint import bp
from app.portal.routes.changes import OPERATIONS, Errand, version_of
from app.portal.services import family as verbs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from werkzeug.datastructures import MultiDict
    from werkzeug.wrappers import Response as BaseResponse

    from app.households.models import Household
    from app.portal.forms import FamilyForm, FirstForm
    from app.portal.queries import Side

writers = roles(Role.WORKER, Role.SUPERVISOR)


@bp.get("/households/<file_no>/family")
@writers
def family(file_no: str) -> str:
    """What may have happened in a family (家庭变动)."""
    household = _writable(file_no)
    return render_template(
        "portal/family.html",
        household=household,
        may=household.state in WRITABLE,
        state=STATE_WORDS[household.state],
        words=CHANGE_WORDS,
        notes=CHANGE_NOTES,
    )


@bp.get("/households/<file_no>/family/<any(move, join, split, merge, death):change>")
@writers
def family_form(file_no: str, change: str) -> str | tuple[str, int]:
    """What a change asks: first who or where, then the rest."""
    errand = _errand(file_no, change, request.args)
    first = OPERATIONS[errand.change].first(errand)
    if not errand.said:
        return _first_page(errand, first)
    if not first.validate():
        return _first_page(errand, first), 422
    return _page(errand, OPERATIONS[errand.change].form(errand))


@bp.post("/households/<file_no>/family/<any(move, join, split, merge, death):change>")
@writers
def family_change(file_no: str, change: str) -> BaseResponse | tuple[str, int]:
    """Show before and after, or do it; what is refused comes back with everything that was typed."""
    errand = _errand(file_no, change, request.form)
    operation = OPERATIONS[errand.change]
    if not (first := operation.first(errand)).validate():
        return _first_page(errand, first), 422
    form = operation.form(errand)
    sides: list[Side] = []
    if form.validate():
        try:
            if request.form.get("go") != "preview":
                return _done(errand, form)
            sides = [queries.side(step) for step in operation.plan(errand, form)]
        except FamilyWrong as refusal:
            form.show(refusal.wrong)
    return _page(errand, form, sides), 200 if sides else 422


@bp.get("/households/<file_no>/separate")
@writers
def separate_form(file_no: str) -> str:
    """Ask why a file should not have come into another (撤销合并)."""
    mine, other = _merged(file_no)
    known = {"version": str(mine.version), "other_version": str(other.version)}
    return _separate_page(SeparateForm(**known), mine, other)


@bp.post("/households/<file_no>/separate")
@writers
def separate(file_no: str) -> BaseResponse | tuple[str, int]:
    """Take a merge back."""
    mine, other = _merged(file_no)
    form = SeparateForm()
    if not form.validate():
        return _separate_page(form, mine, other), 422
    with transaction():
        verbs.separate(
            actor(),
            mine,
            other,
            reason=form.reason.data or "",
            version=version_of(form),
            other_version=version_of(form, "other_version"),
        )
    flash("两份档案分开了，各自恢复合并前的样子；同意书请重新征得", "good")
    return see_other(url_for(".file", file_no=mine.file_no, tab="members"))


def _done(errand: Errand, form: FamilyForm) -> BaseResponse:
    with transaction():
        done = OPERATIONS[errand.change].do(errand, form)
    flash(done.words, "good")
    if not done.file_no:
        return see_other(url_for("households.index"))
    return see_other(url_for(".file", file_no=done.file_no, tab="members"))


def _writable(file_no: str) -> Household:
    household = queries.cover(actor(), file_no)
    require(policy.can_edit, actor(), household)
    if household.data_key is None:
        raise NotHere
    return household


def _errand(file_no: str, change: str, said: MultiDict[str, str]) -> Errand:
    return Errand(actor(), _writable(file_no), FamilyChange(change), said)


def _merged(file_no: str) -> tuple[Household, Household]:
    """Return the file that carries on a merged one, and the merged one."""
    other = _writable(file_no)
    mine = households.carried_on(other)
    if mine is other:
        raise NotHere
    require(policy.can_edit, actor(), mine)
    return mine, other


def _about(errand: Errand) -> dict[str, Any]:
    return {
        "household": errand.household,
        "change": errand.change,
        "words": CHANGE_WORDS[errand.change],
        "steps": OPERATIONS[errand.change].steps,
    }


def _first_page(errand: Errand, first: FirstForm) -> str:
    return render_template("portal/family_first.html", form=first, **_about(errand))


def _page(errand: Errand, form: FamilyForm, sides: Sequence[Side] = ()) -> str:
    target = errand.target if "to" in errand.said else None
    return render_template(
        "portal/family_form.html",
        form=form,
        sides=sides,
        keeps=errand.keeps(),
        chosen=errand.chosen,
        target=target,
        coming=errand.ready.get("coming", ()),
        asks=errand.change is FamilyChange.MERGE
        and target is not None
        and not policy.merges_alone(actor(), errand.household, target),
        key=request.form.get("idempotency_key", ""),
        **_about(errand),
    )


def _separate_page(form: FamilyForm, mine: Household, other: Household) -> str:
    return render_template("portal/separate.html", form=form, household=mine, other=other)
