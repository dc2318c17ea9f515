"""Recording, refusing and withdrawing consent, and asking again in time (同意、拒绝、撤回、续签)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from app.audit import services as audit
from app.core import clock, phrases
from app.core.access import require
from app.core.db import db
from app.core.errors import NotHere
from app.households import policy, queries
from app.households.errors import AskedTooSoon, NoSuchConsent, SigningWrong
from app.households.models import Change, Consent, ConsentRefusal
from app.households.queries.consents import expiring, terms_place
from app.households.rules import PURPOSE_WORDS, RECIPIENT_WORDS, WORDING, Purpose, Recipient
from app.households.rules.consent import (
    REMIND_DAYS,
    ConsentEnd,
    Signatory,
    Terms,
    ask_after,
    signing_problems,
)
from app.media import services as media
from app.media.models import Media
from app.notices import services as notices

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from app.core.access import Actor
    from app.households.models import Household

BATCH = 500


def record_consent(  # noqa: PLR0913 - what a signed page says
    actor: Actor,
    household: Household,
    purposes: list[Purpose],
    recipient: Recipient,
    *,
    signatory: str,
    given_on: date,
    expires_on: date,
    terms: Terms | None = None,
    recipient_name: str = "",
    scan: bytes | None = None,
    own_wish: bool = False,
) -> None:
    """Record a household's separate consent for each purpose (单独同意, 个人信息保护法 §23, 29).

    A living consent for the same purpose and recipient is replaced: the newest wording counts. The same page sent twice
    is recorded once. SigningWrong when who signed does not fit the ages (§31); AskedTooSoon within the time of rest
    after a refusal, unless the household came by itself.
    """
    require(policy.can_edit, actor, household)
    said = terms or Terms()
    _check_signing(household, Signatory(signatory), said)
    if not own_wish:
        _check_rest(household, purposes, recipient)
    its_box = queries.box(household)
    if scan is None and _said_already(household, purposes, recipient, given_on, expires_on):
        return
    kept = None
    if scan is not None:
        kept = media.store_image(
            actor,
            scan,
            kind="consent",
            box=its_box,
            household_id=household.id,
            code_text=household.file_no,
            taken_on=given_on,
        )
    _end(household, purposes, recipient, ConsentEnd.REPLACED)
    sealed = its_box.seal_json(said._asdict(), terms_place(household)) if any(said) else None
    for purpose in purposes:
        db.session.add(
            Consent(
                household_id=household.id,
                purpose=purpose,
                recipient=recipient,
                recipient_name=recipient_name.strip(),
                wording=WORDING,
                signatory=signatory,
                terms=sealed,
                scan_id=kept.id if kept else None,
                given_on=given_on,
                expires_on=expires_on,
                recorded_by_id=actor.user_id,
            )
        )
    _note(actor, household, f"同意向{RECIPIENT_WORDS[recipient]}提供信息：{_words(purposes)}")
    _record(actor, household, "consent.record", purposes, recipient)
    db.session.flush()  # what is shown next counts them


def refuse_consent(
    actor: Actor,
    household: Household,
    purposes: list[Purpose],
    recipient: Recipient,
    *,
    refused_on: date,
) -> None:
    """Write down that a household said no (不同意); it is not asked again for a while (网络数据安全管理条例 §22).

    What it agreed to before stays until it withdraws it or its days are over. The same refusal twice is one.
    """
    require(policy.can_edit, actor, household)
    known = set(
        db.session.scalars(
            select(ConsentRefusal.purpose).where(
                ConsentRefusal.household_id == household.id,
                ConsentRefusal.recipient == recipient,
                ConsentRefusal.refused_on == refused_on,
            )
        )
    )
    said_now = [purpose for purpose in purposes if purpose not in known]
    if not said_now:
        return
    for purpose in said_now:
        db.session.add(
            ConsentRefusal(
                household_id=household.id,
                purpose=purpose,
                recipient=recipient,
                refused_on=refused_on,
                ask_after=ask_after(refused_on),
                recorded_by_id=actor.user_id,
            )
        )
    _note(actor, household, f"不同意向{RECIPIENT_WORDS[recipient]}提供信息：{_words(said_now)}")
    _record(actor, household, "consent.refuse", said_now, recipient)
    db.session.flush()  # what is shown next counts them


def withdraw_consent(
    actor: Actor, household: Household, purpose: Purpose, recipient: Recipient
) -> None:
    """Withdraw what was agreed to; it works at once, because every reading asks for a living one (个人信息保护法 §15).

    Every living consent for this purpose and these recipients goes: were one written down twice, none stays behind.
    """
    require(policy.can_edit, actor, household)
    if not _end(household, [purpose], recipient, ConsentEnd.WITHDRAWN):
        raise NoSuchConsent
    _note(actor, household, f"撤回同意：{PURPOSE_WORDS[purpose]}")
    audit.record(
        actor,
        "consent.withdraw",
        household.file_no,
        household_id=household.id,
        region_code=household.region_code,
        detail={"purpose": purpose.value, "recipient": recipient.value},
    )


def open_scan(actor: Actor, household: Household, consent: Consent) -> bytes:
    """Return the signed page (看同意书原件) to those who look after the file; every look leaves its row."""
    require(policy.can_view, actor, household)
    page = db.session.get(Media, consent.scan_id) if consent.scan_id is not None else None
    if page is None:
        raise NotHere
    audit.record(
        actor,
        "consent.read_scan",
        household.file_no,
        household_id=household.id,
        region_code=household.region_code,
        detail={"purpose": consent.purpose.value, "media": page.code},
    )
    return media.open_image(page, queries.box(household), thumb=False)


def remind_of_expiry(day: date) -> int:
    """Tell workers which consents end in thirty days, and which today (同意到期提醒); once for each file."""
    told = 0
    for ahead in REMIND_DAYS:
        last = day + timedelta(days=ahead)
        after = 0
        while rows := expiring(last, after, BATCH):
            after = rows[-1][0]
            for _, file_no, worker_id in rows:
                when = f"{ahead} 天后（{phrases.day(last, day)}）到期" if ahead else "今天到期"
                notices.queue(
                    worker_id,
                    "consent.renew",
                    f"档案 {file_no} 的同意书{when}，去的时候再问一次；不愿意也没关系，记下来就好",
                    f"/households/{file_no}?tab=consents",
                    once_key=f"renew:{file_no}:{last:%y%m%d}:{ahead}",
                )
                told += 1
    return told


def _check_signing(household: Household, signatory: Signatory, terms: Terms) -> None:
    who = queries.signing(household)
    problems = signing_problems(signatory, terms, who.householder_age, set(who.children))
    if problems:
        raise SigningWrong(problems)


def _check_rest(household: Household, purposes: Sequence[Purpose], recipient: Recipient) -> None:
    resting = [
        one.ask_after
        for one in queries.refusals(household.id, clock.today())
        if one.purpose in purposes and one.recipient == recipient
    ]
    if resting:
        raise AskedTooSoon(phrases.day(max(resting), clock.today()))


def _said_already(
    household: Household,
    purposes: Sequence[Purpose],
    recipient: Recipient,
    given_on: date,
    expires_on: date,
) -> bool:
    known = {
        one.purpose
        for one in queries.consents(household.id)
        if one.recipient == recipient
        and one.withdrawn_at is None
        and (one.given_on, one.expires_on) == (given_on, expires_on)
        and one.wording == WORDING
    }
    return set(purposes) <= known


def _end(
    household: Household, purposes: Sequence[Purpose], recipient: Recipient, how: ConsentEnd
) -> Sequence[int]:
    return db.session.scalars(
        update(Consent)
        .where(
            Consent.household_id == household.id,
            Consent.purpose.in_(purposes),
            Consent.recipient == recipient,
            Consent.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=clock.now(), ended=how)
        .returning(Consent.id)
        .execution_options(synchronize_session=False)
    ).all()


def _words(purposes: Sequence[Purpose]) -> str:
    return "、".join(PURPOSE_WORDS[purpose] for purpose in purposes)


def _record(
    actor: Actor,
    household: Household,
    action: str,
    purposes: Sequence[Purpose],
    recipient: Recipient,
) -> None:
    audit.record(
        actor,
        action,
        household.file_no,
        household_id=household.id,
        region_code=household.region_code,
        detail={"purposes": [purpose.value for purpose in purposes], "recipient": recipient.value},
    )


def end_consents(
    actor: Actor, household: Household, title: str, *, signatory: str | None = None
) -> int:
    """End every living consent of a household, or those that one kind of signatory gave; returns how many.

    For what takes a consent's ground away: its signatory died, its household is another file now. It works at once,
    like a withdrawal; the household is asked anew.
    """
    require(policy.can_write, actor, household)
    living = [Consent.household_id == household.id, Consent.withdrawn_at.is_(None)]
    if signatory is not None:
        living.append(Consent.signatory == signatory)
    ended = db.session.scalars(
        update(Consent).where(*living).values(withdrawn_at=clock.now()).returning(Consent.id)
    ).all()
    if ended:
        _note(actor, household, title)
        audit.record(
            actor,
            "consent.end",
            household.file_no,
            household_id=household.id,
            region_code=household.region_code,
            detail={"count": len(ended)},
        )
    return len(ended)


def _note(actor: Actor, household: Household, title: str) -> None:
    db.session.add(
        Change(
            household_id=household.id,
            at=clock.now(),
            user_id=actor.user_id,
            kind="consent",
            title=title,
        )
    )
