"""Everyone's own page (我的页面、工作台): what this person can do next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import g, render_template, request

from app.accounts.rules import Role
from app.audit.rules import words
from app.core import clock
from app.core.access import signed_in
from app.core.http import actor
from app.households import policy
from app.portal import queries, rules
from app.portal.routes.blueprint import bp
from app.regions.queries import place_short

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.portal.models import TownMonth


@bp.get("/me")
@signed_in
def me() -> str:
    """My page (工作台)."""
    role = rules.first_role(g.signed_in.roles)
    make = _HOMES.get(role) if role else None
    if role is None or make is None:
        return render_template("portal/home_nobody.html")
    return render_template(f"portal/home_{role.value}.html", **make())


def _worker() -> dict[str, Any]:
    today, mine = clock.today(), "mine" in request.args
    months = queries.months_of(actor().regions(Role.WORKER), today)
    return {
        **_lists(rules.WORKER_PARTS, mine=mine),
        "mine": mine,
        "chart": _chart(months, _place(Role.WORKER)),
        "quarter": queries.quarter(months, today),
        "counted_on": months[-1].counted_on if months else None,
    }


def _supervisor() -> dict[str, Any]:
    return {
        **_lists(rules.SUPERVISOR_PARTS),
        "workers": [
            {"label": name, "value": number}
            for name, number in queries.overdue_by_worker(actor(), clock.today())
        ],
    }


def _keeper() -> dict[str, Any]:
    return _lists(rules.KEEPER_PARTS)


def _lists(parts: Sequence[str], *, mine: bool = False) -> dict[str, Any]:
    work = queries.worklist(actor(), clock.today(), tuple(parts), mine=mine)
    return {
        "work": work,
        "parts": {name: rules.PARTS[name] for name in parts},
        "total": sum(work.counts[name] for name in parts if name not in rules.QUIET),
    }


def _volunteer() -> dict[str, Any]:
    home = queries.helper_home(g.signed_in.id, g.signed_in.home_region)
    return {
        "claims": home.claims,
        "nearby": home.nearby,
        "done": queries.last_done(g.signed_in.id),
        "near": place_short(g.signed_in.home_region),
    }


def _donor() -> dict[str, Any]:
    lines, totals = queries.donor_home(g.signed_in.id)
    home = queries.helper_home(g.signed_in.id, g.signed_in.home_region)
    return {"lines": lines, "totals": totals, "claims": home.claims, "nearby": home.nearby}


def _foundation() -> dict[str, Any]:
    return {"programmes": queries.foundation_home(actor())}


def _officer() -> dict[str, Any]:
    towns, months = queries.coverage(actor().regions(*policy.READERS), clock.today())
    return {
        **_lists(rules.OFFICER_PARTS),
        "towns": towns,
        "months": months,
        "now": months[-1] if months else None,
        "chart": _chart(months, _place(Role.OFFICER)),
        "quarter": queries.quarter(months, clock.today()),
    }


def _liaison() -> dict[str, Any]:
    return {}


def _auditor() -> dict[str, Any]:
    return {"rows": queries.last_rows(actor().regions(Role.AUDITOR)), "said_action": words}


def _admin() -> dict[str, Any]:
    runs = queries.latest_runs()
    return {
        "people": queries.people_by_role(),
        "runs": runs[:8],
        "failed": queries.failed_runs(runs),
    }


def _place(role: Role) -> str:
    return "、".join(place_short(prefix) for prefix in actor().regions(role))


def _chart(months: Sequence[TownMonth], place: str) -> dict[str, Any] | None:
    """Return what the chart of visit rates says and shows; none before the first night's count."""
    if not months:
        return None
    rates = [rules.share(row.visited, row.households) for row in months]
    last = months[-1]
    return {
        "sentence": rules.rate_sentence(
            place, last.month.month, rates[-1], rates[-2] if len(rates) > 1 else None
        ),
        "points": [
            {"label": f"{row.month.month}月", "value": rate, "current": row is last}
            for row, rate in zip(months, rates, strict=True)
        ],
    }


_HOMES: dict[Role, Callable[[], dict[str, Any]]] = {
    Role.WORKER: _worker,
    Role.SUPERVISOR: _supervisor,
    Role.VOLUNTEER: _volunteer,
    Role.DONOR: _donor,
    Role.FOUNDATION: _foundation,
    Role.KEEPER: _keeper,
    Role.OFFICER: _officer,
    Role.LIAISON: _liaison,
    Role.AUDITOR: _auditor,
    Role.ADMIN: _admin,
}
