"""People leave a household (转户、分户、去世): who first, then where to and under whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.households.rules.families import LeftWhy, Successor
from app.households.services import families
from app.needs import queries as needs
from app.portal import forms
from app.portal.forms import FirstForm, cards, checks, made, relation_fields
from app.portal.routes.changes.errand import (
    Done,
    Errand,
    ask_people,
    file_field,
    leaving,
    named,
    version_of,
    with_target,
)
from app.portal.services import family as verbs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.households.services.families import Step
    from app.portal.forms import FamilyForm


class Joining:
    """转到另一户."""

    steps = ("选人和去处", "填清楚", "看前后")

    def first(self, errand: Errand) -> FirstForm:
        """Who, and to which household."""
        form = ask_people(
            errand, "请选要转过去的家人", to=lambda: file_field("转到哪一户（档案号）")
        )
        return with_target(errand, form)

    def form(self, errand: Errand) -> FamilyForm:
        """When, why, and who they are there."""
        fields = relation_fields(named(errand.chosen), "there_", guess=False)
        form: FamilyForm = leaving(errand, forms.JoinForm, fields)
        return form

    def _join(self, errand: Errand, form: Any) -> families.Join:
        return families.Join(
            tuple(errand.who),
            errand.target,
            form.on.data,
            LeftWhy(form.why.data) if form.why.data in set(LeftWhy) else LeftWhy.MOVED,
            form.starting("there_"),
            form.successor(),
        )

    def plan(self, errand: Errand, form: Any) -> Sequence[Step]:
        """How it would be."""
        return families.plan_join(errand.actor, errand.household, self._join(errand, form))

    def do(self, errand: Errand, form: Any) -> Done:
        """Let them go over."""
        verbs.join(
            errand.actor,
            errand.household,
            self._join(errand, form),
            reason=form.reason.data or "",
            version=version_of(form),
            other_version=version_of(form, "other_version"),
        )
        return Done("两份档案都记好了，两边的变更记录能互相查到", errand.household.file_no)


class Splitting:
    """分户."""

    steps = ("选人", "填新家", "看前后")

    def first(self, errand: Errand) -> FirstForm:
        """Who parts."""
        return ask_people(errand, "请选要分出去的家人")

    def form(self, errand: Errand) -> FamilyForm:
        """Who is their householder, and where they live."""
        fields = {"new_head": cards("新档案的户主", named(errand.chosen), "请选一位新户主")}
        fields |= relation_fields(named(errand.chosen), "there_", guess=True)
        form: FamilyForm = leaving(errand, forms.SplitForm, fields)
        return form

    def _split(self, errand: Errand, form: Any) -> families.Split:
        head = Successor(
            form.new_head.data or "",
            form.starting("there_"),
            (form.new_phone.data or "").strip(),
            (form.new_door.data or "").strip(),
        )
        return families.Split(tuple(errand.who), form.on.data, head, form.successor())

    def plan(self, errand: Errand, form: Any) -> Sequence[Step]:
        """How it would be."""
        return families.plan_split(errand.actor, errand.household, self._split(errand, form))

    def do(self, errand: Errand, form: Any) -> Done:
        """Split."""
        new = verbs.split(
            errand.actor,
            errand.household,
            self._split(errand, form),
            reason=form.reason.data or "",
            version=version_of(form),
        )
        return Done("新档案已经建好，等督导审核；类别先跟原来一样", new.file_no)


class Dying:
    """去世."""

    steps = ("选人", "填清楚", "看前后")

    def first(self, errand: Errand) -> FirstForm:
        """Who died."""
        field_ = cards("哪一位家人", named(errand.people), "请选一位家人")
        form: FirstForm = made(FirstForm, {"who": field_}, formdata=errand.said)
        if not errand.chosen:
            form.wrong = {"who": "请选一位家人"}
        return form

    def form(self, errand: Errand) -> FamilyForm:
        """When, who is the householder now, and what is no longer needed."""
        fields: dict[str, Any] = {}
        asked = needs.open_of(errand.household.id)
        if asked and errand.staying:
            fields["over"] = checks(
                "哪些需求是为逝者提的，不用再办", [(need.code, need.title) for need in asked]
            )
        form: FamilyForm = leaving(errand, forms.DeathForm, fields)
        if "over" not in fields:
            del form["over"]
        return form

    def _death(self, errand: Errand, form: Any) -> families.Death:
        return families.Death(errand.who[0] if errand.who else "", form.on.data, form.successor())

    def plan(self, errand: Errand, form: Any) -> Sequence[Step]:
        """How it would be."""
        death = self._death(errand, form)
        return [families.plan_death(errand.actor, errand.household, death)]

    def do(self, errand: Errand, form: Any) -> Done:
        """Note the death."""
        over = form.over.data if "over" in form else ()
        is_going_on = verbs.record_death(
            errand.actor,
            errand.household,
            self._death(errand, form),
            over=over or (),
            reason=form.reason.data or "",
            version=version_of(form),
        )
        words = "记好了。" + (
            "换了户主的话，请重新征得同意" if is_going_on else "家里没有人了，档案已经结案"
        )
        return Done(words, errand.household.file_no)
