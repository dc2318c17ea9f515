"""Does a record make sense (核对记录)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core import clock
from app.households import queries as files
from app.households.rules import HouseholdState, Purpose
from app.tasks.rules import ClaimState, TaskKind
from app.visits import errors
from app.visits.rules import CONTACT, MAX_MINUTES, MAX_PHOTOS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.households.models import Household
    from app.visits.policy import Errand
    from app.visits.rules import Facts

VISITED = frozenset({TaskKind.VISIT, TaskKind.SERVICE})
OPEN_FILES = frozenset({HouseholdState.ACTIVE, HouseholdState.PAUSED})


def check_errand(errand: Errand) -> None:
    """Refuse a record for which there is nothing left to do: ClaimIsOver, NotAVisit, FileNotOpen."""
    if errand.claim is not None:
        if errand.claim.task.kind not in VISITED:
            raise errors.NotAVisit
        if errand.claim.state is not ClaimState.HELD:
            raise errors.ClaimIsOver
    elif errand.household.state not in OPEN_FILES:
        raise errors.FileNotOpen


def check_facts(facts: Facts, errand: Errand) -> None:
    """Refuse what cannot have happened so; each refusal knows its field."""
    _check_day(facts, errand)
    if facts.starts is not None and facts.ends is not None and facts.ends <= facts.starts:
        raise errors.TimesCrossed
    if facts.result in CONTACT and not 1 <= facts.length <= MAX_MINUTES:
        raise errors.MinutesMissing
    if facts.length < 0 or facts.length > MAX_MINUTES:
        raise errors.MinutesMissing
    if any(promise.due_on < facts.visited_on for promise in facts.promises):
        raise errors.PromiseTooEarly


def _check_day(facts: Facts, errand: Errand) -> None:
    if facts.visited_on > clock.today():
        raise errors.InTheFuture
    claim = errand.claim
    if claim is None:
        if facts.visited_on < errand.household.filed_on:
            raise errors.BeforeTheFile
        return
    if facts.visited_on < clock.day_of(claim.claimed_at):
        raise errors.BeforeTheClaim
    if claim.expires_at is not None and facts.visited_on > clock.day_of(claim.expires_at):
        raise errors.AfterTheWindow


def check_photos(household: Household, facts: Facts, photos: Sequence[bytes], already: int) -> None:
    """Refuse photos without the household's consent on file and its nod on the day, and more than nine."""
    if not photos:
        return
    if not files.has_consent(household.id, Purpose.PHOTO):
        raise errors.NoPhotoConsent
    if not facts.asked_for_photos:
        raise errors.PhotosNotAsked
    if len(photos) + already > MAX_PHOTOS:
        raise errors.TooManyPhotos
