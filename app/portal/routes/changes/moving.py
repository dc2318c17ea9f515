"""A household moves (全家搬走): the town first, then the community, the door and the worker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.accounts import queries as accounts
from app.households import policy
from app.households.services import families
from app.portal import forms
from app.portal.forms import FirstForm, made, picks
from app.portal.routes.changes.errand import Done, Errand, version_of, versions
from app.portal.services import family as verbs
from app.regions.queries import index as divisions
from app.regions.queries import place, place_short

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.households.services.families import Step
    from app.portal.forms import FamilyForm


class Moving:
    """全家搬走."""

    steps = ("选镇街", "填新家", "看前后")

    def first(self, errand: Errand) -> FirstForm:
        """Which town."""
        towns = [
            (town, f"{district} · {place_short(town)}")
            for district, several in divisions().towns_by_district().items()
            for town in several
        ]
        field_ = picks("搬到哪个镇街", [("", "请选镇街"), *towns])
        form: FirstForm = made(FirstForm, {"town": field_}, formdata=errand.said)
        if form["town"].data not in dict(towns):
            form.wrong = {"town": "请选要搬去的镇街"}
        return form

    def form(self, errand: Errand) -> FamilyForm:
        """Which community, which door, whose work it is then."""
        town = errand.said.get("town", "")
        form: Any = forms.MoveForm(**versions(errand))
        form.region_code.choices = [("", "请选村居")] + [
            (code, place_short(code)) for code in divisions().children(town)
        ]
        workers = accounts.workers_of(town)
        form.worker.choices = [("", "先空着，由那边安排")] + [
            (user.code, user.name) for user in workers
        ]
        errand.ready["workers"] = {user.code: user.id for user in workers}
        return form  # type: ignore[no-any-return]

    def _move(self, errand: Errand, form: Any) -> families.Move:
        worker = errand.ready["workers"].get(form.worker.data)
        return families.Move(form.region_code.data or "", form.door.data or "", worker)

    def plan(self, errand: Errand, form: Any) -> Sequence[Step]:
        """How it would be."""
        return [families.plan_move(errand.actor, errand.household, self._move(errand, form))]

    def do(self, errand: Errand, form: Any) -> Done:
        """Move."""
        move = self._move(errand, form)
        verbs.move(
            errand.actor,
            errand.household,
            move,
            reason=form.reason.data or "",
            version=version_of(form),
        )
        is_mine = any(move.region_code.startswith(p) for p in errand.actor.regions(*policy.READERS))
        where = place(move.region_code)
        return Done(
            f"档案已经转到{where}，还没办完的需求和任务也跟着过去了",
            errand.household.file_no if is_mine else "",
        )
