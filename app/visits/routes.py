"""Pages of visits (探访页面): the phone's form, the record, the worker's word, the list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, flash, render_template, request, url_for

from app.accounts.queries import display_name, names_of
from app.core import clock
from app.core.access import require, roles, signed_in
from app.core.db import transaction
from app.core.errors import BadInput, NotHere
from app.core.http import actor, idempotency_key, safe_next, see_other, upload
from app.households import queries as files
from app.households.rules import Purpose, Tier
from app.media.errors import BadPicture
from app.needs.rules import KIND_WORDS as NEED_WORDS
from app.regions.queries import index as divisions
from app.regions.queries import place_short
from app.visits import policy, queries, services
from app.visits.errors import BadVisit
from app.visits.forms import AmendForm, JudgeForm, RhythmForm, VisitForm, said_before
from app.visits.rules import (
    BODY_WORDS,
    FOLLOW_UP_WORDS,
    MANNER_WORDS,
    MOOD_WORDS,
    OPINION_WORDS,
    RESULT_NOTES,
    RESULT_WORDS,
    SAFETY_WORDS,
    STATE_WORDS,
    VisitState,
)

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

    from app.visits.models import Visit
    from app.visits.policy import Errand

bp = Blueprint("visits", __name__)
readers = roles(*policy.READERS)
CITY = "4406"
PHOTO_BODY = 96 << 20  # nine photos as an old phone sends them when no script makes them smaller
WORDS: dict[str, Any] = {
    "body_words": BODY_WORDS,
    "follow_up_words": FOLLOW_UP_WORDS,
    "manner_words": MANNER_WORDS,
    "mood_words": MOOD_WORDS,
    "need_words": NEED_WORDS,
    "opinion_words": OPINION_WORDS,
    "result_words": RESULT_WORDS,
    "safety_words": SAFETY_WORDS,
    "state_words": STATE_WORDS,
}


@bp.get("/visits")
@signed_in
def index() -> str:
    """The list of records (探访记录): a worker's region, or a helper's own."""
    wanted = queries.wanted_from(request.args)
    page = queries.listing(actor(), wanted, request.args.get("page"))
    query = {
        name: value for name in ("state", "town", "result") if (value := getattr(wanted, name))
    }
    return render_template(
        "visits/index.html",
        page=page,
        wanted=wanted,
        staff=bool(actor().regions(*policy.READERS)),
        chips=_chips(query),
        towns=[("", "全部镇街"), *_towns()],
        results=[("", "全部结果"), *((r.value, words) for r, words in RESULT_WORDS.items())],
        query=query,
        next_url=url_for(".index", **query, page=page.next) if page.next else None,
        **_words(),
    )


@bp.get("/visits/new")
@signed_in
def new() -> str:
    """The form on the phone (记探访), with the draft or the returned record in it."""
    errand = _errand()
    require(policy.can_record, actor(), errand)
    services.check_errand(errand)
    begun = queries.unfinished(actor().user_id, errand)
    said: dict[str, Any] = {"visited_on": clock.today(), "manner": "home"}
    if begun is not None:
        said = _said(begun)
    return _form(errand, VisitForm(**said), begun)


@bp.post("/visits/new")
@signed_in
@upload(PHOTO_BODY)
def create() -> Any:
    """Hand a record in, or keep it as a draft (交回、先存着)."""
    errand = _errand()
    require(policy.can_record, actor(), errand)
    form = VisitForm()
    if draft := "draft" in request.form:
        form.loosen()
    if not form.validate():
        return _form(errand, form), 422
    try:
        visit = _keep(errand, form, draft=draft)
    except (BadVisit, BadPicture) as refusal:
        _say(form, refusal)
        return _form(errand, form), 422
    flash(*_thanks(visit, draft=draft))
    return see_other(url_for(".show", code=visit.code))


@bp.get("/visits/rhythm")
@readers
def rhythm() -> str:
    """How often each tier is visited (探访节律), now and from which day on."""
    return _rhythm(RhythmForm(valid_from=clock.today()))


@bp.post("/visits/rhythm")
@readers
def set_rhythm() -> Any:
    """Set a tier's rhythm from a day on (设节律); the files follow in the night of that day."""
    require(policy.can_set_rhythm, actor())
    form = RhythmForm()
    if not form.validate():
        return _rhythm(form), 422
    tier, days = Tier(form.tier.data), form.days.data or 0
    start = form.valid_from.data or clock.today()
    try:
        with transaction():
            services.set_rhythm(actor(), tier, days, start)
    except BadInput as refusal:
        form.valid_from.errors = [refusal.message]
        return _rhythm(form), 422
    flash(f"记下了：{tier.label}从 {start} 起每 {days} 天去一次，当晚按新的排", "good")
    return see_other(url_for(".rhythm"))


@bp.get("/visits/<code>")
@signed_in
def show(code: str) -> str:
    """One record (探访记录) with what may be read of it, and the worker's word."""
    visit = queries.by_code(code)
    require(policy.can_view, actor(), visit)
    return _show(visit, JudgeForm(version=visit.version))


@bp.post("/visits/<code>/confirm")
@signed_in
def confirm(code: str) -> BaseResponse:
    """Confirm (确认)."""
    visit = queries.by_code(code)
    with transaction():
        services.confirm(actor(), visit, version=JudgeForm().seen)
    flash("已确认。探访次数、下次日期和服务时间都跟着更新了", "good")
    return see_other(safe_next(url_for(".show", code=code)))


@bp.post("/visits/<code>/return")
@signed_in
def return_(code: str) -> Any:
    """Give back with a reason (退回)."""
    visit, form = queries.by_code(code), JudgeForm()
    require(policy.can_judge, actor(), visit)
    form.validate()
    try:
        with transaction():
            services.return_(actor(), visit, form.reason.data or "", version=form.seen)
    except BadVisit as refusal:
        _say(form, refusal)
        return _show(queries.by_code(code), form), 422
    flash("已退回，探访的人会收到你写的原因", "good")
    return see_other(url_for(".show", code=code))


@bp.get("/visits/<code>/amend")
@signed_in
def amend_form(code: str) -> str:
    """The form by which a confirmed record is put right (更正)."""
    visit = queries.by_code(code)
    require(policy.can_judge, actor(), visit)
    return _amend(visit, AmendForm(**_said(visit, with_promises=False)))


@bp.post("/visits/<code>/amend")
@signed_in
def amend(code: str) -> Any:
    """Write the new version (更正)."""
    visit, form = queries.by_code(code), AmendForm()
    require(policy.can_judge, actor(), visit)
    if not form.validate():
        return _amend(visit, form), 422
    try:
        with transaction():
            said, reason = form.facts(clock.today()), form.reason.data or ""
            newer = services.amend(actor(), visit, said, reason, key=idempotency_key())
    except BadVisit as refusal:
        _say(form, refusal)
        return _amend(queries.by_code(code), form), 422
    flash("已更正。原来的版本还在，次数和时间都按新的算", "good")
    return see_other(url_for(".show", code=newer.code))


@bp.get("/visits/<code>/photos/<int:position>")
@signed_in
def photo(code: str, position: int) -> Response:
    """A photo of a record (照片), for those who may read it, kept by no cache."""
    visit = queries.by_code(code)
    if request.args.get("size") == "thumb":
        data = services.open_photo(actor(), visit, position, thumb=True)
    else:
        with transaction():
            data = services.open_photo(actor(), visit, position, thumb=False)
    response = Response(data, mimetype="image/jpeg")
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Content-Disposition"] = f"inline; filename={code}-{position}.jpg"
    return response


@bp.post("/follow-ups/<code>/done")
@signed_in
def finish(code: str) -> BaseResponse:
    """Tick a follow-up off (跟进完成)."""
    follow_up = queries.follow_up_by_code(code)
    with transaction():
        services.finish_follow_up(actor(), follow_up)
    flash("记下了，这件事办完了", "good")
    return see_other(safe_next(url_for(".show", code=follow_up.visit.code)))


def _rhythm(form: RhythmForm) -> str:
    rows = queries.rhythms()
    return render_template(
        "visits/rhythm.html",
        form=form,
        now=queries.rhythm(clock.today()),
        rows=rows,
        setters=names_of({row.set_by_id for row in rows}),
        may_set=policy.can_set_rhythm(actor()),
        tiers=list(Tier),
        today=clock.today(),
    )


def _errand() -> Errand:
    if claim := request.args.get("claim"):
        return queries.errand_for_claim(claim)
    errand = queries.errand_for_file(request.args.get("household", ""))
    if not policy.in_reach(actor(), errand):
        raise NotHere  # file numbers can be tried out; a refusal would say which ones are taken
    return errand


def _asked() -> dict[str, Any]:
    return {name: request.args[name] for name in ("claim", "household") if name in request.args}


def _keep(errand: Errand, form: VisitForm, *, draft: bool) -> Visit:
    verb = services.save_draft if draft else services.submit
    photos = form.pictures()
    with transaction():
        return verb(actor(), errand, form.facts(clock.today()), photos, key=idempotency_key())


def _thanks(visit: Visit, *, draft: bool) -> tuple[str, str]:
    if draft and visit.state in queries.UNFINISHED:
        return "先存好了，随时回来接着写", "info"
    if visit.claim_id is None:
        return "已经记下了，等同事或督导看过就算数", "good"
    return "已经帮你记下了，社工会在两天内确认", "good"


def _say(form: Any, refusal: BadVisit | BadPicture) -> None:
    """Put a refusal beside its field."""
    field = form[refusal.field if isinstance(refusal, BadVisit) else "photos"]
    field.errors = [*field.errors, refusal.message]


def _said(visit: Visit, *, with_promises: bool = True) -> dict[str, Any]:
    with transaction():
        notes = services.read(actor(), visit)
    promises = [
        (queries.promise(follow_up, visit.household), follow_up.due_on)
        for follow_up in (queries.follow_ups_of(visit) if with_promises else ())
    ]
    return said_before(visit, notes, promises)


def _form(errand: Errand, form: VisitForm, begun: Visit | None = None) -> str:
    begun = begun or queries.unfinished(actor().user_id, errand)
    return render_template(
        "visits/new.html",
        errand=errand,
        form=form,
        begun=begun,
        photos=queries.photos(begun) if begun else [],
        photos_allowed=files.has_consent(errand.household.id, Purpose.PHOTO),
        result_notes=RESULT_NOTES,
        action=url_for(".create", **_asked()),
        **_words(),
    )


def _amend(visit: Visit, form: AmendForm) -> str:
    return render_template(
        "visits/amend.html", visit=visit, form=form, result_notes=RESULT_NOTES, **_words()
    )


def _show(visit: Visit, form: JudgeForm) -> str:
    notes = None
    if queries.is_open_to(actor(), visit):
        with transaction():
            notes = services.read(actor(), visit)
    return render_template(
        "visits/show.html",
        visit=visit,
        form=form,
        notes=notes,
        visitor=_who_went(visit),
        photos=queries.photos(visit) if notes is not None else [],
        follow_ups=_promises(visit) if notes is not None else [],
        versions=queries.versions(visit),
        staff=policy.in_scope(actor(), visit),
        may_judge=policy.can_judge(actor(), visit),
        may_go_on=visit.state in queries.UNFINISHED and visit.visitor_id == actor().user_id,
        **_words(),
    )


def _who_went(visit: Visit) -> str:
    """Say who went; of the old platform's records only those who may read them learn the name."""
    return "旧平台记录" if visit.source_key else display_name(visit.visitor)


def _promises(visit: Visit) -> list[dict[str, Any]]:
    return [
        {
            "row": follow_up,
            "what": queries.promise(follow_up, visit.household),
            "mine": policy.can_finish(actor(), follow_up),
        }
        for follow_up in queries.follow_ups_of(visit)
    ]


def _words() -> dict[str, Any]:
    return {"today": clock.today(), "who_went": _who_went, **WORDS}


def _chips(query: dict[str, Any]) -> list[dict[str, Any]]:
    states = (
        None,
        VisitState.SUBMITTED,
        VisitState.RETURNED,
        VisitState.CONFIRMED,
        VisitState.DRAFT,
    )
    rest = {name: value for name, value in query.items() if name != "state"}
    return [
        {
            "label": STATE_WORDS[state] if state else "全部",
            "href": url_for(".index", **rest, state=state.value if state else None),
            "current": query.get("state") == state,
        }
        for state in states
    ]


def _towns() -> list[tuple[str, str]]:
    regions = actor().regions(*policy.READERS)
    towns = [t for d in divisions().children(CITY) for t in divisions().children(d)]
    reach = [t for t in towns if any(t.startswith(r) or r.startswith(t) for r in regions)]
    return [(code, place_short(code)) for code in reach]
