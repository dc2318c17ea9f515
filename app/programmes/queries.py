"""What pages ask about programmes and donors (项目、捐赠人查询)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.accounts.models import Organisation
from app.core import paging
from app.core.db import db
from app.core.errors import NotHere
from app.households.models import Household
from app.ledger import queries as ledger
from app.ledger.rules import Dimension, Figure, Measure, figures
from app.programmes import policy
from app.programmes.models import Donor, Programme
from app.programmes.rules import QUALIFIED, ProgrammeState

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Select

    from app.accounts.models import User
    from app.core.access import Actor
    from app.core.paging import Page
    from app.ledger.models import Posting

Figures = dict[Figure, dict[Measure, int]]


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the list behind a figure: what, when, where at village level, and never who."""

    posting: Posting
    region_code: str


def by_code(code: str) -> Programme:
    """Return a programme with its foundation and charity; NotHere when there is none."""
    found = db.session.scalars(_whole().where(Programme.code == code)).one_or_none()
    if found is None:
        raise NotHere
    return found


def seen_by(actor: Actor, code: str) -> Programme:
    """Return a programme that this person may see; NotHere otherwise."""
    found = by_code(code)
    if not policy.can_view(actor, found):
        raise NotHere
    return found


def visible_to(
    actor: Actor, state: ProgrammeState | None = None, cursor: str | None = None
) -> Page[Programme]:
    """Return the programmes that this person may see, newest first."""
    return paging.fetch(
        db.session,
        chosen(actor, state),
        [(Programme.id, True)],
        cursor,
        key=lambda programme: [programme.id],
    )


def chosen(actor: Actor, state: ProgrammeState | None = None) -> Select[Programme]:
    """Select all the programmes that a list is narrowed to."""
    wanted = _whole().where(policy.visible_to(actor))
    return wanted if state is None else wanted.where(Programme.state == state)


def open_ones() -> Sequence[Programme]:
    """Return the programmes that a need or a gift may name."""
    return db.session.scalars(
        _whole().where(Programme.state == ProgrammeState.OPEN).order_by(Programme.id)
    ).all()


def figures_of(programmes: Iterable[Programme]) -> dict[int, Figures]:
    """Return pledged, received, delivered and remaining of many programmes, by measure, in one statement."""
    ids = [programme.id for programme in programmes]
    balances = ledger.balances_of(Dimension.PROGRAMME, ids)
    return {number: figures(balances[str(number)]) for number in ids}


def behind(
    programme: Programme,
    figure: Figure,
    measure: Measure,
    cursor: str | None = None,
    *,
    size: int = paging.PAGE_SIZE,
) -> Page[Step]:
    """Return the list that adds up to a figure: two statements, however long it is."""
    page = ledger.behind(figure, Dimension.PROGRAMME, programme.id, measure, cursor, size=size)
    regions = _regions({p.household_id for p in page.rows if p.household_id is not None})
    steps = [Step(p, regions.get(p.household_id or 0, p.town_code)) for p in page.rows]
    return paging.Page(steps, page.next)


def donor_of(user: User) -> Donor | None:
    """Return the donor that this person is."""
    return donor_of_user(user.id)


def donor_of_user(user_id: int | None) -> Donor | None:
    """Return the donor that a person is, by the person's id."""
    return db.session.scalars(select(Donor).where(Donor.user_id == user_id)).one_or_none()


def qualified() -> Sequence[Organisation]:
    """Return the organisations that may receive money and issue receipts (慈善法 §38)."""
    return db.session.scalars(
        select(Organisation).where(Organisation.kind.in_(QUALIFIED)).order_by(Organisation.name)
    ).all()


def organisation(number: int) -> Organisation | None:
    """Return an organisation."""
    return db.session.get(Organisation, number)


def repeated(actor: Actor, key: str) -> Programme | None:
    """Return what the same submission made before."""
    return db.session.scalars(
        select(Programme).where(
            Programme.created_by_id == actor.user_id, Programme.idempotency_key == key
        )
    ).one_or_none()


def _whole() -> Select[Programme]:
    return select(Programme).options(
        joinedload(Programme.foundation), joinedload(Programme.charity)
    )


def _regions(household_ids: set[int]) -> dict[int, str]:
    if not household_ids:
        return {}
    rows = db.session.execute(
        select(Household.id, Household.region_code).where(Household.id.in_(household_ids))
    )
    return {row.id: row.region_code for row in rows}
