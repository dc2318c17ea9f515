"""Pages of what is said about a household (风险档、标签): the tier and why, the labels of its people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, render_template, request
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from app.core.db import transaction
from app.core.http import actor
from app.households import queries, services
from app.households.errors import Wrong
from app.households.forms import ReasonForm, TagForm, TierForm, chosen
from app.households.routes.blueprint import bp, to_file, writable, writers
from app.households.rules import Tier
from app.households.rules.masking import mask_name
from app.households.rules.risk import said_rule
from app.households.rules.tags import Tag

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

    from app.households.models import Household


@bp.get("/households/<file_no>/tier")
@writers
def tier_form(file_no: str) -> str:
    """The tier, the rule behind it, and another word (风险档)."""
    household = writable(file_no)
    form = TierForm(formdata=None, version=str(household.version), tier=household.tier.value)
    return _tier_page(household, form)


@bp.post("/households/<file_no>/tier")
@writers
def tier(file_no: str) -> BaseResponse | tuple[str, int]:
    """Set it by hand, or let the rules speak again."""
    household, form = writable(file_no), TierForm()
    if not form.validate():
        return _tier_page(household, form), 422
    wanted = chosen(Tier, form.tier.data)
    try:
        with transaction():
            changed = services.set_tier(
                actor(), household, wanted, reason=form.reason.data or "", version=form.at_version
            )
    except Wrong as refusal:
        form.say(refusal)
        return _tier_page(household, form), 422
    words = "记下了，下次探访按新的节律排" if wanted else "现在由规则评定，依据写在档案上"
    flash(words if changed else "没有不一样的地方，档案保持原样", "good")
    return to_file(file_no)


def _tier_page(household: Household, form: TierForm) -> str:
    return render_template(
        "households/tier.html", form=form, household=household, rule=said_rule(household.tier_rule)
    )


@bp.get("/households/<file_no>/labels")
@writers
def labels(file_no: str) -> str:
    """The labels of a household's people (标签)."""
    household = writable(file_no)
    return _labels_page(household, TagForm(formdata=None, version=str(household.version)))


@bp.post("/households/<file_no>/labels")
@writers
def label_add(file_no: str) -> BaseResponse | tuple[str, int]:
    """Put a label on somebody."""
    household, form = writable(file_no), TagForm()
    try:
        if not form.validate():
            return _labels_page(household, form), 422
        with transaction():
            services.add_tag(
                actor(),
                household,
                form.member.data or "",
                chosen(Tag, form.tag.data),
                form.on.data,
                version=form.at_version,
            )
    except Wrong as refusal:
        form.say(refusal)
        return _labels_page(household, form), 422
    flash("标签加好了，只有照看这一家的同事看得到", "good")
    return to_file(file_no, "members")


@bp.post("/households/<file_no>/labels/remove")
@writers
def label_remove(file_no: str) -> BaseResponse | tuple[str, int]:
    """Take a label off somebody, with a reason."""
    household, form = writable(file_no), ReasonForm()
    tag = chosen(Tag, request.form.get("tag"))
    if tag is None or not form.validate():
        return _labels_page(household, _anew(household)), 422
    with transaction():
        services.remove_tag(
            actor(),
            household,
            request.form.get("member", ""),
            tag,
            reason=form.reason.data or "",
            version=form.at_version,
        )
    flash("标签去掉了，变更记录里还看得到", "good")
    return to_file(file_no, "members")


def _anew(household: Household) -> TagForm:
    return TagForm(formdata=None, version=str(household.version))


def _labels_page(household: Household, form: TagForm) -> str:
    box = queries.box(household)
    people = [
        (one.code, mask_name(queries.person(box, one).get("name") or ""))
        for one in queries.members(household)
        if one.left_on is None
    ]
    form.member.choices = [SelectChoice(code, name) for code, name in people]
    return render_template(
        "households/labels.html",
        form=form,
        household=household,
        people=people,
        labels=queries.sections(household).get("labels", {}),
        tag_words={tag.value: tag.label for tag in Tag},
    )
