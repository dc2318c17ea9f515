"""People, invitations and organisations (用户管理); an administrator sees no household."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import current_app, flash, render_template, request, session, url_for

from app.accounts import queries, rules, services
from app.accounts.errors import OrganisationExists, ScopeMissing
from app.accounts.forms import GrantForm, InviteForm, OrganisationForm
from app.accounts.routes.base import bp, refuse, scopes
from app.accounts.rules import OrganisationKind, Role
from app.core import clock
from app.core.access import roles
from app.core.db import transaction
from app.core.http import actor, idempotency_key, see_other

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

ROLE_WORDS = {role.value: words for role, words in rules.ROLE_WORDS.items()}


@bp.get("/admin/users")
@roles(Role.ADMIN)
def users() -> str:
    """Everybody with an account, found by the beginning of the user name (用户)."""
    asked = request.args.get("q", "")
    page = queries.users(asked, request.args.get("page"))
    return render_template("accounts/users.html", page=page, q=asked, role_words=ROLE_WORDS)


@bp.get("/admin/users/<code>")
@roles(Role.ADMIN)
def user(code: str) -> str:
    """One person: roles, sessions, whether the account is open."""
    return _user_page(code, _scoped(GrantForm()))


def _user_page(code: str, form: Any) -> str:
    person = queries.by_code(code)
    return render_template(
        "accounts/user.html",
        account=person,
        person_name=queries.display_name(person),
        form=form,
        sessions=queries.sessions_of(person.id),
        role_words=ROLE_WORDS,
        own=person.id == actor().user_id,
        today=clock.today(),
    )


@bp.post("/admin/users/<code>/disable")
@roles(Role.ADMIN)
def disable_user(code: str) -> BaseResponse:
    """Close an account (停用)."""
    with transaction():
        services.disable(actor(), queries.by_code(code))
    return _back(code, "账号已停用，所有设备都已退出")


@bp.post("/admin/users/<code>/enable")
@roles(Role.ADMIN)
def enable_user(code: str) -> BaseResponse:
    """Open a closed account again (启用)."""
    with transaction():
        services.enable(actor(), queries.by_code(code))
    return _back(code, "账号已重新启用")


@bp.post("/admin/users/<code>/sign-out")
@roles(Role.ADMIN)
def sign_out_user(code: str) -> BaseResponse:
    """End all sessions of a person (强制下线)."""
    with transaction():
        services.sign_out_everywhere(actor(), queries.by_code(code))
    return _back(code, "已从所有设备退出")


@bp.post("/admin/users/<code>/grants")
@roles(Role.ADMIN)
def give_grant(code: str) -> BaseResponse | tuple[str, int]:
    """Give one more role (授权)."""
    form = _scoped(GrantForm())
    if not form.validate():
        return _user_page(code, form), 422
    try:
        with transaction():
            services.give_grant(actor(), queries.by_code(code), **_scope_of(form))
    except ScopeMissing as refusal:
        refuse(form.region_code, refusal)
        return _user_page(code, form), 422
    return _back(code, "授权已生效")


@bp.post("/admin/users/<code>/grants/end")
@roles(Role.ADMIN)
def end_grant(code: str) -> BaseResponse:
    """End one role (收回授权)."""
    with transaction():
        services.end_grant(actor(), queries.by_code(code), request.form.get("grant", 0, int))
    return _back(code, "授权已收回，下一次点击就生效")


def _back(code: str, words: str) -> BaseResponse:
    flash(words, "good")
    return see_other(url_for("accounts.user", code=code))


@bp.get("/admin/invitations")
@roles(Role.ADMIN)
def invitations() -> str:
    """Invitations that wait, and the form for a new one (邀请); a new link is shown once."""
    return _invitations_page(_scoped(InviteForm()), link=session.pop("invitation", None))


@bp.post("/admin/invitations")
@roles(Role.ADMIN)
def invite() -> BaseResponse | tuple[str, int]:
    """Invite a member of staff; the same form sent twice makes one link."""
    form, key = _scoped(InviteForm()), idempotency_key()
    if not form.validate():
        return _invitations_page(form, key=key), 422
    try:
        with transaction():
            token = services.invite(actor(), name=form.name.data, key=key, **_scope_of(form))
    except ScopeMissing as refusal:
        refuse(form.region_code, refusal)
        return _invitations_page(form, key=key), 422
    # never from the Host header, which is whatever the request says
    base = current_app.config["SHANLIN"].base_url.rstrip("/")
    session["invitation"] = base + url_for("accounts.invitation", token=token)
    return see_other(url_for("accounts.invitations"))


@bp.post("/admin/invitations/withdraw")
@roles(Role.ADMIN)
def withdraw_invitation() -> BaseResponse:
    """Take an unused invitation back (撤回)."""
    with transaction():
        services.withdraw_invitation(actor(), request.form.get("invitation", 0, int))
    flash("邀请已撤回，那个链接不能再用了", "good")
    return see_other(url_for("accounts.invitations"))


def _invitations_page(form: Any, *, link: str | None = None, key: str = "") -> str:
    return render_template(
        "accounts/invitations.html",
        form=form,
        key=key,
        link=link,
        waiting=queries.open_invitations(),
        role_words=ROLE_WORDS,
        today=clock.today(),
    )


def _scoped(form: Any) -> Any:
    """Hand a form its choices of places and organisations."""
    form.region_code.choices = scopes()
    known = {one.code: one.name for one in queries.organisations()}
    form.organisation.choices = {"": "不属于机构", **known}
    return form


def _scope_of(form: Any) -> dict[str, Any]:
    organisation = queries.organisation_by_code(form.organisation.data or "")
    return {
        "role": Role(form.role.data),
        "region_code": form.region_code.data or "",
        "organisation_id": organisation.id if organisation else None,
    }


@bp.get("/admin/organisations")
@roles(Role.ADMIN)
def organisations() -> str:
    """Stations, bureaus, charities, companies (机构)."""
    return _organisations_page(_organisation_form())


@bp.post("/admin/organisations")
@roles(Role.ADMIN)
def create_organisation() -> BaseResponse | tuple[str, int]:
    """Add an organisation (新建机构)."""
    form, key = _organisation_form(), idempotency_key()
    if not form.validate():
        return _organisations_page(form, key), 422
    try:
        with transaction():
            services.create_organisation(
                actor(),
                name=form.name.data or "",
                kind=OrganisationKind(form.kind.data),
                region_code=form.region_code.data or "",
                notice=form.notice.data or "",
                key=key,
            )
    except OrganisationExists as refusal:
        refuse(form.name, refusal)
        return _organisations_page(form, key), 422
    flash("机构已经建好，可以邀请它的人了", "good")
    return see_other(url_for("accounts.organisations"))


def _organisation_form() -> OrganisationForm:
    form = OrganisationForm()
    form.region_code.choices = {**scopes(), "全市": {"": "全市"}}
    return form


def _organisations_page(form: OrganisationForm, key: str = "") -> str:
    return render_template(
        "accounts/organisations.html",
        form=form,
        key=key,
        found=queries.organisations(),
        kind_words={kind.value: words for kind, words in rules.ORGANISATION_WORDS.items()},
    )
