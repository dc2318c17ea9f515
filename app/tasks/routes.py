"""Pages of tasks and claims (任务页面): found, taken, in hand, given back; and the page of a need with its tasks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any

from flask import Blueprint, flash, g, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.rules import Role
from app.core.access import require, roles, signed_in
from app.core.clock import day_of, now, today
from app.core.db import transaction
from app.core.errors import BadInput, NotHere
from app.core.http import actor, idempotency_key, see_other
from app.core.phrases import greeting
from app.households import queries as households
from app.households.errors import NoSuchConsent
from app.households.rules import Purpose, Recipient
from app.needs import policy as need_policy
from app.needs import queries as needs
from app.needs import services as need_services
from app.needs.errors import ReasonTellsTooMuch
from app.needs.forms import ReasonForm
from app.needs.models import Need
from app.needs.rules import KIND_WORDS as NEED_WORDS
from app.needs.rules import STATE_WORDS as NEED_STATE_WORDS
from app.needs.rules import URGENCY_WORDS
from app.regions.queries import index as divisions
from app.regions.queries import place_short
from app.regions.rules import Level
from app.tasks import policy, queries, services
from app.tasks.errors import (
    AlreadyWaiting,
    AlreadyYours,
    ConsentWithdrawn,
    JustTaken,
    NotEnoughLeft,
)
from app.tasks.forms import ClaimForm, ReleaseForm
from app.tasks.models import Claim, Task
from app.tasks.queries import Card, Filters, When
from app.tasks.rules import (
    CLAIM_WORDS,
    DOOR_KINDS,
    EMERGENCY,
    KIND_WORDS,
    LIVE,
    TASK_WORDS,
    ClaimState,
    TaskKind,
    minding,
    seats_words,
)

bp = Blueprint("tasks", __name__)
staff = roles(Role.WORKER, Role.SUPERVISOR, Role.OFFICER)
Answer = BaseResponse | tuple[str, int]
WHY_SHOWN = {
    "community": "就在你的社区",
    "town": "就在{town}",
    "district": "",
    "city": "",
}
WHEN_WORDS = {When.WEEK: "这周", When.WEEKEND: "周末"}


@bp.get("/tasks")
@signed_in
def index() -> str:
    """The list of open cards (找任务): nearest first, soonest first."""
    filters = _filters()
    page = queries.open_for(actor(), filters, request.args.get("page"))
    query = _query(filters)
    return render_template(
        "tasks/index.html",
        page=page,
        why={ring: _why(ring, filters) for ring in WHY_SHOWN},
        been=_been(page.rows),
        greeting=greeting(now()),
        filters=filters,
        query=query,
        chips=_chips(query),
        towns=_towns(),
        skills=queries.skills(),
        wanted="认领" if policy.kinds_for(actor()) else "看看",
        next_url=url_for(".index", **query, page=page.next) if page.next else None,
        **_words(),
    )


@bp.get("/tasks/<code>")
@signed_in
def show(code: str) -> str:
    """One task (任务详情): what to do, what to mind, and the form that claims it."""
    task = _shown(code)
    return render_template("tasks/show.html", **_page(task, ClaimForm(task)))


@bp.post("/tasks/<code>/claim")
@roles(Role.VOLUNTEER, Role.DONOR)
def claim(code: str) -> Answer:
    """Claim a task, or a part of it (认领)."""
    task = queries.offer(code)
    form = ClaimForm(task)
    if not form.validate():
        return render_template("tasks/show.html", **_page(_shown(code), form)), 422
    asked = _promise(form)
    made = services.turn_away(actor(), task, units=asked["units"], key=asked["key"])
    if made is None:
        with transaction():
            made = services.claim(actor(), task, **asked)
    flash("认领好了。社工已经收到消息，有变动会告诉你", "good")
    return see_other(url_for(".claim_page", code=made.code))


@bp.post("/tasks/<code>/wait")
@roles(Role.VOLUNTEER, Role.DONOR)
def wait(code: str) -> Answer:
    """Stand in line (排队)."""
    task = queries.by_code(code)
    form = ClaimForm(task)
    if not form.validate():
        return render_template("tasks/show.html", **_page(_shown(code), form)), 422
    with transaction():
        made = services.wait(actor(), task, **_promise(form))
    flash("排上了。轮到你时会发消息，名额会直接留给你", "good")
    return see_other(url_for(".claim_page", code=made.code))


@bp.errorhandler(JustTaken)
def show_taken(refusal: JustTaken) -> tuple[str, int]:
    """Say kindly that somebody was faster, and offer the line and three similar tasks."""
    task = queries.by_code((request.view_args or {})["code"])
    units = request.form.get("units", "")
    return (
        render_template(
            "tasks/taken.html",
            title="手慢了一步",
            message=refusal.message,
            task=task,
            similar=queries.similar_to(task, actor()),
            promise={"units": units, "pledge": "y", "unrelated": "y"},
            **_words(),
        ),
        refusal.status,
    )


@bp.errorhandler(NotEnoughLeft)
def show_less(refusal: NotEnoughLeft) -> tuple[str, int]:
    """Give the form back with what is left."""
    task = queries.by_code((request.view_args or {})["code"])
    form = ClaimForm(task)
    form.units.errors = [refusal.message]
    return render_template("tasks/show.html", **_page(task, form)), refusal.status


@bp.errorhandler(AlreadyYours)
@bp.errorhandler(AlreadyWaiting)
def show_mine(refusal: AlreadyYours | AlreadyWaiting) -> tuple[str, int]:
    """Lead to what somebody has already."""
    return render_template(
        "layout/refusal.html",
        title="你已经在帮了",
        message=refusal.message,
        next_url=url_for(".mine"),
        next_label="看我的任务",
    ), refusal.status


@bp.get("/me/tasks")
@signed_in
def mine() -> str:
    """What I have in hand, wait for and have done (我的任务)."""
    me = actor().user_id
    past = queries.past_claims(me, request.args.get("page"))
    first = not request.args.get("page")
    return render_template(
        "tasks/mine.html",
        live=queries.live_claims(me) if first else [],
        waiting=queries.waiting_claims(me) if first else [],
        past=past,
        day_of=day_of,
        next_url=url_for(".mine", page=past.next) if past.next else None,
        **_words(),
    )


@bp.get("/claims/<code>")
@signed_in
def claim_page(code: str) -> str:
    """One claim (我的认领): whom, where and what to mind, while it lives."""
    found = _claim(code)
    return render_template("tasks/claim.html", **_claim_page(found, ReleaseForm()))


@bp.post("/claims/<code>/release")
@signed_in
def release(code: str) -> Answer:
    """Give a task back (交回)."""
    found, form = _claim(code), ReleaseForm()
    if not form.validate():
        return render_template("tasks/claim.html", **_claim_page(found, form)), 422
    try:
        with transaction():
            services.release(actor(), found, form.said)
    except ReasonTellsTooMuch as refusal:
        form.more.errors = [refusal.message]
        return render_template("tasks/claim.html", **_claim_page(found, form)), 422
    flash("已经交回，名额会让给下一位。谢谢你早点说", "good")
    return see_other(url_for(".mine"))


@bp.post("/claims/<code>/leave")
@signed_in
def leave(code: str) -> BaseResponse:
    """Step out of the line (不排了)."""
    found = _claim(code)
    with transaction():
        services.leave(actor(), found)
    flash("不排了，后面的人往前挪一位", "good")
    return see_other(url_for(".mine"))


@bp.get("/needs/<code>")
@staff
def need_page(code: str) -> str:
    """One need with its tasks and who has taken them (需求详情)."""
    need = _need(code)
    own, story = needs.wrote(need, actor().user_id), None
    if request.args.get("story"):
        with transaction():
            story = need_services.read_story(actor(), need)
    tasks = queries.for_need(need.id)
    claims = queries.claims_of([task.id for task in tasks]) if tasks else []
    codes = {found.code: found.user.name for found in claims}
    return render_template(
        "tasks/need.html",
        need=need,
        story=story,
        tasks=tasks,
        claims={task.id: [c for c in claims if c.task_id == task.id] for task in tasks},
        readings=queries.readings(need.household_id, codes) if codes else [],
        holders=codes,
        preview=services.preview(need),
        reason=ReasonForm(),
        may_edit=need_policy.can_edit(actor(), need),
        may_review=need_policy.can_review(actor(), need) and not own,
        own=own,
        need_words=NEED_WORDS,
        need_state_words=NEED_STATE_WORDS,
        **_words(),
    )


@bp.post("/needs/<code>/publish")
@roles(Role.SUPERVISOR)
def publish(code: str) -> BaseResponse:
    """Let a reviewed need be seen, and open its tasks (审核通过)."""
    need = _need(code)
    with transaction():
        services.publish(actor(), need)
    flash("已经发布，附近的街坊现在能看到了", "good")
    return see_other(url_for(".need_page", code=code))


@bp.post("/needs/<code>/withdraw")
@roles(Role.WORKER, Role.SUPERVISOR)
def withdraw(code: str) -> BaseResponse:
    """Take a need back; its tasks are cancelled and everybody is told (撤下)."""
    need, form = _need(code), ReasonForm()
    if not form.validate():
        raise BadInput(form.reason.errors[0] if form.reason.errors else None)
    with transaction():
        services.withdraw(actor(), need, form.reason.data or "")
    flash("已经撤下，认领和排队的街坊都会收到消息", "good")
    return see_other(url_for(".need_page", code=code))


@bp.post("/households/<file_no>/consents/withdraw")
@roles(Role.WORKER, Role.SUPERVISOR)
def withdraw_consent(file_no: str) -> BaseResponse:
    """Withdraw what a household agreed to for one purpose, at once (撤回同意); who was on the way is told."""
    household = households.seen_by(actor(), file_no)
    purpose, recipient = request.form.get("purpose", ""), request.form.get("recipient", "")
    if purpose not in set(Purpose) or recipient not in set(Recipient):
        raise NoSuchConsent
    with transaction():
        told = services.withdraw_consent(actor(), household, Purpose(purpose), Recipient(recipient))
    also = f"，{told} 位认领或排队的街坊已经收到消息" if told else ""
    flash(f"已撤回，从现在起不再对外提供{also}", "good")
    return see_other(url_for("portal.file", file_no=file_no, tab="consents"))


def _need(code: str) -> Need:
    need = needs.by_code(code)
    require(need_policy.can_view, actor(), need)
    return need


def _shown(code: str) -> Task:
    """Return a task that this person may look at: public, or theirs, or of their region."""
    task = queries.by_code(code)
    if policy.can_view_inside(actor(), task):
        return task
    if queries.shown(task.id) or queries.mine_on(task.id, actor().user_id):
        return task
    raise NotHere


def _claim(code: str) -> Claim:
    found = queries.claim_by_code(code)
    if not policy.can_view_claim(actor(), found):
        raise NotHere
    return found


def _promise(form: ClaimForm) -> dict[str, Any]:
    return {
        "units": form.wanted,
        "pledge": bool(form.pledge.data),
        "unrelated": bool(form.unrelated.data),
        "key": idempotency_key(),
    }


def _page(task: Task, form: ClaimForm) -> dict[str, Any]:
    me = actor()
    own = queries.mine_on(task.id, me.user_id)
    left = task.capacity - task.taken
    return {
        "task": task,
        "form": form,
        "left": left,
        "mine": own,
        "may_claim": policy.can_claim(me, task),
        "is_helper": bool(policy.kinds_for(me)),
        "inside": policy.can_view_inside(me, task),
        "ahead": queries.ahead_of(task.id) if not left else 0,
        "similar": queries.similar_to(task, me) if not left or task.state != "open" else [],
        "minding": minding(task.kind),
        "key": request.form.get("idempotency_key"),
        **_words(),
    }


def _claim_page(found: Claim, form: ReleaseForm) -> dict[str, Any]:
    me, task = actor(), found.task
    head, closed = None, ""
    if policy.sees_household(me, found):
        if queries.still_agreed(task.id):
            with transaction():
                head = services.read_household(me, found)
        else:
            closed = ConsentWithdrawn.message
    waiting = found.state is ClaimState.WAITING
    return {
        "claim": found,
        "task": task,
        "form": form,
        "head": head,
        "closed": closed,
        "holds": policy.holds(me, found),
        "ahead": queries.ahead_of(task.id, found.id) if waiting else 0,
        "minding": minding(task.kind),
        "emergency": EMERGENCY,
        "record_url": record_url(found),
        "over": found.expires_at is not None and found.expires_at <= now(),
        **_words(),
    }


def record_url(found: Claim) -> str:
    """Return where a claim is written down: visits and gifts stand above us, so their paths are plain text."""
    where = "/visits/new" if found.task.kind in DOOR_KINDS else "/resources/pledge"
    return f"{where}?claim={found.code}"


def _words() -> dict[str, Any]:
    return {
        "kind_words": KIND_WORDS,
        "task_words": TASK_WORDS,
        "claim_words": CLAIM_WORDS,
        "urgency_words": URGENCY_WORDS,
        "seats_words": seats_words,
        "live_states": LIVE,
        "door_kinds": DOOR_KINDS,
    }


def _filters() -> Filters:
    town, when = request.args.get("town", ""), request.args.get("when", "")
    kind, day = request.args.get("kind", ""), _day(request.args.get("on", ""))
    chosen = When(when) if when in set(When) else When.ANY
    return Filters(
        home=g.signed_in.home_region,
        town=town if town in divisions() else "",
        kinds=frozenset({TaskKind(kind)}) if kind in set(TaskKind) else frozenset(TaskKind),
        when=When.DAY if day else chosen if chosen is not When.DAY else When.ANY,
        on=day,
        skill=request.args.get("skill", "")[:60],
    )


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day >= today() else None


def _query(filters: Filters) -> dict[str, Any]:
    values = {
        "town": filters.town,
        "kind": next(iter(filters.kinds)).value if len(filters.kinds) == 1 else "",
        "when": filters.when.value if filters.when is not When.DAY else "",
        "on": filters.on.isoformat() if filters.on else "",
        "skill": filters.skill,
    }
    return {name: value for name, value in values.items() if value}


def _chips(query: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the quick choices: everything near, each kind this person may take, this week, the weekend."""
    chips = [{"label": "离我近", "href": url_for(".index"), "current": not query}]
    chips += [
        _chip(query, "kind", kind.value, KIND_WORDS[kind])
        for kind in TaskKind
        if kind in policy.kinds_shown(actor())
    ]
    return chips + [_chip(query, "when", when.value, words) for when, words in WHEN_WORDS.items()]


def _chip(query: dict[str, Any], name: str, value: str, words: str) -> dict[str, Any]:
    current = query.get(name) == value
    rest = {key: held for key, held in query.items() if key != name}
    return {
        "label": words,
        "href": url_for(".index", **rest)
        if current
        else url_for(".index", **(rest | {name: value})),
        "current": current,
    }


def _why(ring: str, filters: Filters) -> str:
    if filters.town:
        return ""
    home: str = filters.home
    return WHY_SHOWN[ring].format(town=place_short(home[:9]))


def _been(tasks: Sequence[Card]) -> defaultdict[int, str]:
    """Say why a card is for me in particular: I have been to this family before."""
    times = queries.been_to(actor().user_id, {task.household_id for task in tasks})
    said = {
        family: "你去过这家" if number == 1 else f"你去过这家 {number} 次"
        for family, number in times.items()
    }
    return defaultdict(str, said)


def _towns() -> Sequence[tuple[str, str]]:
    """Return all towns, one's own district first."""
    return _towns_from(g.signed_in.home_region[:6])


@cache
def _towns_from(district: str) -> Sequence[tuple[str, str]]:
    towns = [division.code for division in divisions() if division.level == Level.TOWN]
    towns.sort(key=lambda code: (code[:6] != district, code))
    return [("", "哪里都可以"), *((code, place_short(code)) for code in towns)]
