"""Case work (个案): one stage after the other, each with its day and a note that is sealed with the file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.audit import services as audit
from app.core import clock
from app.core.access import require
from app.households import policy, queries
from app.households.errors import CaseElsewhere, NotInState, Wrong
from app.households.rules import HouseholdState
from app.households.rules.casework import ENDED, NEXT_STAGE, Stage
from app.households.services.writing import write

if TYPE_CHECKING:
    from datetime import date

    from app.core.access import Actor
    from app.households.models import Household
    from app.households.rules.casework import CaseSource
    from app.households.rules.closing import Closing

IN_FORCE = frozenset({HouseholdState.ACTIVE, HouseholdState.PAUSED})
LONGEST_NOTE = 2_000


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a case (个案的一步)."""

    stage: Stage
    on: date | None
    note: str
    source: CaseSource | None = None
    closing: Closing | None = None
    referred_to: str = ""


def take_step(actor: Actor, household: Household, step: Step, *, version: int) -> None:
    """Take a case to its next stage (推进个案); a case that ended is kept, and a new one begins at the beginning.

    CaseElsewhere where the table knows no such step; Wrong beside the field that is missing.
    """
    require(policy.can_edit, actor, household)
    if household.state not in IN_FORCE:
        raise NotInState
    if step.stage not in NEXT_STAGE[household.case_stage]:
        raise CaseElsewhere
    after = queries.document(household)
    cases = after.setdefault("sections", {}).setdefault("case", {}).setdefault("cases", [])
    _check(step, cases)
    if step.stage is Stage.INTAKE:
        cases.append({"source": step.source.value if step.source else "", "steps": []})
    cases[-1]["steps"].append(_entry(actor, step))
    after["cover"]["case_stage"] = step.stage.value
    title = f"个案：{step.stage.label}"
    write(actor, household, after, version=version, kind="case", title=title)


def read_case(actor: Actor, household: Household) -> list[dict[str, Any]]:
    """Open a household's cases with their notes (查看个案), the newest first; every reading leaves its row."""
    require(policy.can_view, actor, household)
    audit.record(
        actor,
        "case.read",
        household.file_no,
        household_id=household.id,
        region_code=household.region_code,
    )
    sections = queries.document(household).get("sections", {})
    cases: list[dict[str, Any]] = sections.get("case", {}).get("cases", [])
    return cases[::-1]


def _check(step: Step, cases: list[dict[str, Any]]) -> None:
    today = clock.today()
    if step.on is None or step.on > today:
        raise Wrong("on", "请填是哪一天，不能晚于今天")
    steps = cases[-1]["steps"] if cases else []
    if steps and step.on.isoformat() < str(steps[-1]["on"]):
        raise Wrong("on", "不能早于上一步的日期")
    if not step.note.strip():
        raise Wrong("note", "请写几句，接手的同事才看得懂")
    if step.stage is Stage.INTAKE and step.source is None:
        raise Wrong("source", "请选个案是怎么来的")
    if step.stage is Stage.CLOSED and step.closing is None:
        raise Wrong("closing", "请选是怎么结束的")
    if step.stage is Stage.REFERRED and not step.referred_to.strip():
        raise Wrong("referred_to", "请写转给了哪里")


def _entry(actor: Actor, step: Step) -> dict[str, Any]:
    entry = {
        "stage": step.stage.value,
        "on": step.on.isoformat() if step.on else "",
        "note": step.note.strip()[:LONGEST_NOTE],
        "by": actor.user_id,
    }
    if step.stage in ENDED:
        entry |= {
            "closing": step.closing.value if step.closing else "",
            "referred_to": step.referred_to.strip()[:60],
        }
    return entry
