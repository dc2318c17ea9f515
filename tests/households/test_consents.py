"""Consents: who may sign for whom, refusals, asking again, the signed page, and what a household keeps (同意书)."""

from __future__ import annotations

import io
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from app.accounts.rules import Role
from app.audit.models import AuditRow
from app.core import clock, codes
from app.core.access import SYSTEM
from app.core.crypto import ring
from app.core.db import db, transaction
from app.households import queries, services
from app.households.errors import AskedTooSoon, SigningWrong
from app.households.jobs import remind_consents
from app.households.models import Consent, Household, Member
from app.households.rules import Purpose, Recipient
from app.households.rules.consent import Signatory, Terms, signing_problems
from app.households.rules.wordings import WORDINGS, wording
from app.media.models import Media
from app.notices.models import Message
from tests.factories import a_household, a_user, a_worker, keep, sign_in
from tests.visits.stories import a_photo

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

pytestmark = pytest.mark.usefixtures("app")
GUARDIAN = Terms(relation="child", reason="dementia", guardian_name="霍大文")


def give(household: Household, worker: Any = None, **more: Any) -> None:
    today = clock.today()
    facts: dict[str, Any] = {
        "signatory": "self",
        "given_on": today,
        "expires_on": today + timedelta(days=300),
    }
    signer = worker or a_worker()
    with transaction():
        services.record_consent(
            signer.actor,
            household,
            more.pop("purposes", [Purpose.VISIT]),
            more.pop("recipient", Recipient.HELPERS),
            **(facts | more),
        )


def a_member(household: Household, name: str, birth: str) -> str:
    """Another member; returns their code."""
    code = codes.new()
    box = ring().box(household.data_key or b"", household.file_no)
    sealed = box.seal_json({"name": name, "birth": birth}, f"member.person:{code}")
    keep(
        Member(
            code=code,
            household_id=household.id,
            position=1,
            relationship_code="4",
            person=sealed,
        )
    )
    return code


# ── who signs ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("signatory", "terms", "age", "wrong"),
    [
        ("self", Terms(), 70, set()),
        ("self", Terms(), None, set()),
        ("self", Terms(), 13, {"signatory"}),
        ("self", Terms(), 14, set()),
        ("guardian", Terms(), 80, {"relation", "reason", "guardian_name"}),
        ("guardian", GUARDIAN, 80, set()),
        ("guardian", GUARDIAN._replace(reason="minor"), 80, {"reason"}),
        ("guardian", GUARDIAN._replace(reason="minor", relation="parent"), 9, set()),
        ("self", Terms(children=("K2",)), 40, {"relation"}),
        ("self", Terms(relation="parent", children=("K2",)), 40, set()),
        ("self", Terms(relation="parent", children=("nobody",)), 40, {"children"}),
    ],
)
def test_who_may_sign_depends_on_age_and_on_whom_it_is_for(
    signatory: str, terms: Terms, age: int | None, wrong: set[str]
) -> None:
    assert set(signing_problems(Signatory(signatory), terms, age, {"K2"})) == wrong


def test_a_childs_data_is_given_by_a_guardian_and_said_on_the_record() -> None:
    household = a_household(consents=())
    child = a_member(household, "霍小明", f"{clock.today().year - 8}-01-02")
    teenager = a_member(household, "霍小红", f"{clock.today().year - 15}-01-02")

    assert list(queries.signing(household).children) == [child]
    with pytest.raises(SigningWrong) as refusal:
        give(household, terms=Terms(relation="grandparent", children=(teenager,)))
    assert "children" in refusal.value.problems
    give(household, terms=Terms(relation="grandparent", children=(child,)))

    [consent] = queries.consents(household.id)
    assert queries.terms(household, consent).children == (child,)
    assert child.encode() not in bytes(consent.terms or b"")


# ── versions of the wording ───────────────────────────────────────────────────────


def test_every_version_says_who_what_for_which_data_and_how_to_withdraw() -> None:
    for text in WORDINGS.values():
        assert set(text.who) == set(Recipient)
        assert set(text.why) == set(text.data) == set(Purpose)
        assert text.withdrawing
    newest = wording("2026-2")
    assert "敏感" in newest.necessity
    assert newest.effect
    assert any("撤回" in words for words in newest.rights)
    assert wording("2026-1").version == "2026-1"


# ── refusal ───────────────────────────────────────────────────────────────────────


def test_after_a_refusal_nobody_asks_again_for_half_a_year_unless_the_family_comes_itself() -> None:
    household = a_household(consents=())
    today, worker = clock.today(), a_worker()
    with transaction():
        for _ in range(2):
            services.refuse_consent(
                worker.actor, household, [Purpose.VISIT], Recipient.HELPERS, refused_on=today
            )
            db.session.flush()

    assert len(queries.refusals(household.id, today)) == 1
    assert not queries.has_consent(household.id, Purpose.VISIT)
    with pytest.raises(AskedTooSoon):
        give(household)
    give(household, purposes=[Purpose.GOODS])
    give(household, own_wish=True)

    assert queries.has_consent(household.id, Purpose.VISIT)
    assert queries.refusals(household.id, today + timedelta(days=181)) == []


def test_a_refusal_leaves_what_was_agreed_to_until_its_day() -> None:
    household, worker = a_household(consents=(Purpose.VISIT,)), a_worker()

    with transaction():
        services.refuse_consent(
            worker.actor,
            household,
            [Purpose.VISIT],
            Recipient.HELPERS,
            refused_on=clock.today(),
        )

    assert queries.has_consent(household.id, Purpose.VISIT)


# ── asking again ──────────────────────────────────────────────────────────────────

LAST = date(2026, 9, 30)


def reminders(day: date) -> int:
    noon = datetime(day.year, day.month, day.day, 4, tzinfo=clock.FOSHAN)
    with clock.frozen(noon):
        remind_consents(day)
    return len(db.session.scalars(select(Message).where(Message.kind == "consent.renew")).all())


def ends_on(household: Household, day: date) -> None:
    with transaction():
        db.session.execute(
            update(Consent)
            .where(Consent.household_id == household.id)
            .values(given_on=date(2025, 1, 5), expires_on=day)
        )


def test_the_worker_is_reminded_thirty_days_before_and_on_the_day_once_each() -> None:
    worker = a_worker()
    household = a_household(worker=worker)
    ends_on(household, LAST)

    counts = [
        reminders(day)
        for day in (
            LAST - timedelta(days=31),
            LAST - timedelta(days=30),
            LAST - timedelta(days=30),
            LAST - timedelta(days=29),
            LAST,
            LAST,
        )
    ]

    assert counts == [0, 1, 1, 1, 2, 2]
    [first, last] = db.session.scalars(select(Message).order_by(Message.id))
    assert first.user_id == worker.id
    assert household.file_no in first.title
    assert "今天到期" in last.title
    assert "霍" not in first.title


@pytest.mark.parametrize("how", ["refused", "renewed", "withdrawn", "closed", "no worker"])
def test_nobody_is_reminded_of_what_needs_no_asking(how: str) -> None:
    household = a_household(
        worker=None if how == "no worker" else a_worker(),
        consents=(Purpose.VISIT,),
        **({"state": "closed"} if how == "closed" else {}),
    )
    ends_on(household, LAST)
    worker = a_worker()
    if how == "renewed":
        with transaction():
            db.session.add(
                Consent(
                    household_id=household.id,
                    purpose=Purpose.VISIT,
                    recipient=Recipient.HELPERS,
                    wording="2026-2",
                    signatory="self",
                    given_on=LAST - timedelta(days=40),
                    expires_on=LAST + timedelta(days=300),
                )
            )
    if how == "withdrawn":
        with transaction():
            services.withdraw_consent(worker.actor, household, Purpose.VISIT, Recipient.HELPERS)
    if how == "refused":
        with transaction():
            services.refuse_consent(
                worker.actor,
                household,
                [Purpose.VISIT],
                Recipient.HELPERS,
                refused_on=LAST - timedelta(days=60),
            )

    assert reminders(LAST - timedelta(days=30)) == 0


# ── pages ─────────────────────────────────────────────────────────────────────────


def form(**changes: Any) -> dict[str, Any]:
    today = clock.today()
    said = {
        "purposes": ["visit"],
        "recipient": "helpers",
        "signatory": "self",
        "given_on": today.isoformat(),
        "expires_on": (today + timedelta(days=300)).isoformat(),
    }
    return said | changes


def in_hand(said: dict[str, Any]) -> dict[str, Any]:
    """A form's files are read once: each sending has its own."""
    return {
        name: (io.BytesIO(value[0]), value[1]) if isinstance(value, tuple) else value
        for name, value in said.items()
    }


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"signatory": "guardian"}, "请写监护人的姓名"),
        ({"recipient": "charity"}, "要写明是哪一家"),
        ({"scan": (b"no picture", "x.jpg")}, "有一个文件不是照片"),
    ],
)
def test_a_page_that_does_not_fit_comes_back_with_what_was_typed(
    client: FlaskClient, changes: dict[str, Any], words: str
) -> None:
    sign_in(client, a_worker())
    household = a_household(consents=())

    answer = client.post(
        f"/households/{household.file_no}/consents",
        data=form(guardian_phone="0757-22220000", **in_hand(changes)),
    )

    assert answer.status_code == 422
    assert words in answer.text
    assert "0757-22220000" in answer.text
    assert queries.consents(household.id) == []


def test_the_same_page_sent_twice_is_recorded_once(client: FlaskClient) -> None:
    sign_in(client, a_worker())
    household = a_household(consents=())

    for _ in range(2):
        sent = client.post(f"/households/{household.file_no}/consents", data=form())
        assert sent.status_code == 303

    assert len(queries.consents(household.id)) == 1


def test_the_signed_page_is_sealed_and_each_look_at_it_is_logged(
    app: Flask, client: FlaskClient
) -> None:
    worker = a_worker()
    sign_in(client, worker)
    household = a_household(consents=())
    where = f"/households/{household.file_no}/consents"
    photo = {"scan": (io.BytesIO(a_photo()), "page.jpg")}

    assert client.post(where, data=form(**photo)).status_code == 303

    [page] = db.session.scalars(select(Media).where(Media.kind == "consent"))
    folder = app.config["SHANLIN"].instance / "media"
    assert not (folder / page.storage_key).read_bytes().startswith(b"\xff\xd8")
    shown = client.get(f"{where}/1/scan")
    assert shown.data.startswith(b"\xff\xd8")
    assert shown.headers["Cache-Control"] == "no-store"
    db.session.rollback()
    actions = db.session.scalars(select(AuditRow.action).where(AuditRow.user_id == worker.id))
    assert list(actions).count("consent.read_scan") == 1
    assert client.get(f"{where}/2/scan").status_code == 404


def test_a_refusal_is_written_down_on_the_page(client: FlaskClient) -> None:
    sign_in(client, a_worker())
    household = a_household(consents=())
    where = f"/households/{household.file_no}/consents"
    said = {"no-purposes": ["visit"], "no-recipient": "helpers"}

    late = client.post(f"{where}/refuse", data=said | {"no-refused_on": "2999-01-01"})
    done = client.post(f"{where}/refuse", data=said | {"no-refused_on": clock.today().isoformat()})

    assert late.status_code == 422
    assert "日期不能晚于今天" in late.text
    assert done.status_code == 303
    assert "说过不同意" in client.get(f"{where}/new").text
    assert client.post(where, data=form()).status_code == 409
    assert "不同意：上门探访" in client.get(f"/households/{household.file_no}?tab=consents").text


def test_the_households_copy_names_the_worker_and_how_to_withdraw_and_no_member(
    client: FlaskClient,
) -> None:
    worker = a_worker()
    sign_in(client, a_user(Role.SUPERVISOR))
    household = a_household(worker=worker, consents=(Purpose.VISIT, Purpose.GOODS))
    where = f"/households/{household.file_no}/consents"

    copy = client.get(f"{where}/1").text
    blank = client.get(f"{where}/paper?recipient=charity").text

    assert worker.name in copy
    assert "上门探访" in copy
    assert "送物资" in copy
    assert "怎么撤回" in copy
    assert "霍凤志" not in copy
    assert "签字或按指印" in blank
    assert "机构名称和联系方式" in blank


# ── what leaves the office ────────────────────────────────────────────────────────


def test_a_list_for_charities_holds_only_who_agrees_today() -> None:
    worker, today = a_worker(), clock.today()
    agrees, withdrew, ran_out, _never = (a_household() for _ in range(4))
    for household in (agrees, withdrew, ran_out):
        give(household, worker, recipient=Recipient.CHARITY, purposes=[Purpose.MONEY])
    with transaction():
        services.withdraw_consent(worker.actor, withdrew, Purpose.MONEY, Recipient.CHARITY)
        db.session.execute(
            update(Consent)
            .where(Consent.household_id == ran_out.id)
            .values(given_on=today - timedelta(days=9), expires_on=today - timedelta(days=1))
        )

    wanted = queries.Wanted(for_recipient=Recipient.CHARITY)
    listed = db.session.scalars(queries.chosen(SYSTEM, wanted))

    assert [file.file_no for file in listed] == [agrees.file_no]
