"""Pages of files (档案页面): the list and what a worker changes; the file page itself is the portal's."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flask import flash, render_template, request, url_for

from app.core import clock
from app.core.db import transaction
from app.core.errors import StalePage
from app.core.http import actor, see_other
from app.core.money import FEN_PER_YUAN, parse_yuan
from app.households import policy, queries, services
from app.households.errors import NoSuchConsent
from app.households.forms import ConsentForm, EditForm
from app.households.queries import Wanted
from app.households.routes.blueprint import bp, readers, writable, writers
from app.households.rules import (
    DEFAULT_MONTHS,
    STATE_WORDS,
    Category,
    HouseholdState,
    Purpose,
    Recipient,
    Tier,
)
from app.regions.queries import index as divisions
from app.regions.queries import place_short

if TYPE_CHECKING:
    from enum import StrEnum

    from werkzeug.wrappers import Response as BaseResponse


@bp.get("/households")
@readers
def index() -> str:
    """The list of files (档案列表): what is urgent first."""
    return _list(_wanted(request.args.get("q", "")), request.args.get("page"))


@bp.get("/households/search")
@readers
def search_again() -> BaseResponse:
    """Lead back to the list: whoever reloads or bookmarks a search has sent no words along."""
    return see_other(url_for(".index"))


@bp.post("/households/search")
@readers
def search() -> str:
    """Search by name, initials, number or phone; sent in the body, so that no name stands in an address or a log."""
    return _list(_wanted(request.form.get("q", "")), request.form.get("page"))


def _list(wanted: Wanted, cursor: str | None) -> str:
    page = queries.listing(actor(), wanted, cursor)
    return render_template(
        "households/index.html",
        page=page,
        wanted=wanted,
        chips=_chips(wanted),
        region_choices=_places(),
        category_choices=[("", "全部类别"), *((c.value, c.label) for c in Category)],
        tier_choices=[("", "全部节律"), *((t.value, t.label) for t in Tier)],
        state_words=STATE_WORDS,
        query=_query(wanted),
        next_url=url_for(".index", **_query(wanted), page=page.next) if page.next else None,
    )


@bp.get("/households/<file_no>/edit")
@writers
def edit_form(file_no: str) -> str:
    """The form by which a worker puts facts right (改档)."""
    household = writable(file_no)
    head = queries.head(household)
    with transaction():
        services.unmask(actor(), household, "修改档案")
    form = EditForm(
        cause=household.cause,
        housing=household.housing,
        income=f"{household.income_fen / FEN_PER_YUAN:.2f}",
        phone=head.phone,
        door=head.door,
        version=str(household.version),
    )
    return render_template("households/edit.html", form=form, household=household)


@bp.post("/households/<file_no>/edit")
@writers
def edit(file_no: str) -> BaseResponse | tuple[str, int]:
    """Keep the corrected facts, or give the form back with what is wrong."""
    household = writable(file_no)
    form = EditForm()
    if not form.validate():
        return render_template("households/edit.html", form=form, household=household), 422
    values = {
        "cause": form.cause.data,
        "housing": form.housing.data,
        "income_fen": parse_yuan(form.income.data or ""),
        "phone": (form.phone.data or "").strip(),
        "door": (form.door.data or "").strip(),
    }
    with transaction():
        changed = services.edit(
            actor(), household, values, reason=form.reason.data or "", version=_version(form)
        )
    flash(
        "改好了，变更记录里能看到改了什么" if changed else "没有不一样的地方，档案保持原样", "good"
    )
    return see_other(url_for("portal.file", file_no=file_no))


@bp.get("/households/<file_no>/consents/new")
@writers
def consent_form(file_no: str) -> str:
    """The form for a new consent (同意书)."""
    household = writable(file_no)
    form = ConsentForm(clock.today())
    form.given_on.data = clock.today()
    form.expires_on.data = clock.today() + timedelta(days=DEFAULT_MONTHS * 365 // 12)
    form.recipient.data = Recipient.HELPERS.value
    form.signatory.data = "self"
    return render_template("households/consent.html", form=form, household=household)


@bp.post("/households/<file_no>/consents")
@writers
def consent(file_no: str) -> BaseResponse | tuple[str, int]:
    """Record a consent."""
    household = writable(file_no)
    form = ConsentForm(clock.today())
    if not form.validate():
        return render_template("households/consent.html", form=form, household=household), 422
    with transaction():
        services.record_consent(
            actor(),
            household,
            [Purpose(value) for value in form.purposes.data or []],
            Recipient(form.recipient.data),
            signatory=str(form.signatory.data),
            given_on=form.given_on.data or clock.today(),
            expires_on=form.expires_on.data or clock.today(),
        )
    flash("同意已经记下，到期前会提醒你再问一次", "good")
    return see_other(url_for("portal.file", file_no=file_no))


@bp.post("/households/<file_no>/consents/withdraw")
@writers
def withdraw(file_no: str) -> BaseResponse:
    """Withdraw what was agreed to for one purpose, at once (撤回)."""
    household = writable(file_no)
    purpose, recipient = request.form.get("purpose", ""), request.form.get("recipient", "")
    if purpose not in set(Purpose) or recipient not in set(Recipient):
        raise NoSuchConsent
    with transaction():
        services.withdraw_consent(actor(), household, Purpose(purpose), Recipient(recipient))
    flash("已撤回，从现在起不再对外提供", "good")
    return see_other(url_for("portal.file", file_no=file_no))


def _version(form: EditForm) -> int:
    try:
        return int(form.version.data or "")
    except ValueError:
        raise StalePage from None


def _pick(kind: type[StrEnum], name: str) -> Any:
    value = request.args.get(name, "")
    return kind(value) if value in set(kind) else None


def _wanted(text: str) -> Wanted:
    region = request.args.get("region", "")
    return Wanted(
        text=text.strip()[:40],
        region=region if region in divisions() else "",
        category=_pick(Category, "category"),
        tier=_pick(Tier, "tier"),
        state=_pick(HouseholdState, "state") or HouseholdState.ACTIVE,
        overdue="overdue" in request.args,
        never="never" in request.args,
        expired="expired" in request.args,
        kin="kin" in request.args,
    )


def _query(wanted: Wanted) -> dict[str, Any]:
    """Write a filter back into the address; nothing personal: a search by words is not carried along."""
    plain = {
        "region": wanted.region,
        "category": wanted.category.value if wanted.category else "",
        "tier": wanted.tier.value if wanted.tier else "",
        "state": "" if wanted.state is HouseholdState.ACTIVE else wanted.state.value,
        "overdue": "1" if wanted.overdue else "",
        "never": "1" if wanted.never else "",
        "expired": "1" if wanted.expired else "",
        "kin": "1" if wanted.kin else "",
    }
    return {name: value for name, value in plain.items() if value}


def _chips(wanted: Wanted) -> list[dict[str, Any]]:
    base = Wanted(region=wanted.region, category=wanted.category, tier=wanted.tier)
    choices = [
        ("最急的在前", base),
        ("逾期未访", replace(base, overdue=True)),
        ("从没去过", replace(base, never=True)),
        ("类别过期", replace(base, expired=True)),
        ("待区里入户", replace(base, kin=True)),
        *(
            (STATE_WORDS[state], replace(base, state=state))
            for state in (
                HouseholdState.DRAFT,
                HouseholdState.UNDER_REVIEW,
                HouseholdState.RETURNED,
                HouseholdState.PAUSED,
                HouseholdState.CLOSED,
            )
        ),
    ]
    return [
        {
            "label": label,
            "href": url_for(".index", **_query(choice)),
            "current": choice == wanted,
        }
        for label, choice in choices
    ]


def _places() -> list[tuple[str, str]]:
    """Offer the regions one level below what the reader oversees."""
    found = []
    for prefix in actor().regions(*policy.READERS):
        found += [(code, place_short(code)) for code in divisions().children(prefix)]
    return [("", "全部地方"), *found]
