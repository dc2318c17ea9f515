"""The five family changes as pages know them (五种家庭变动)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.households.rules.families import FamilyChange
from app.portal.routes.changes.errand import Errand, version_of
from app.portal.routes.changes.leaving import Dying, Joining, Splitting
from app.portal.routes.changes.merging import Merging
from app.portal.routes.changes.moving import Moving

if TYPE_CHECKING:
    from app.portal.routes.changes.errand import Operation

__all__ = ["OPERATIONS", "Errand", "version_of"]

OPERATIONS: dict[FamilyChange, Operation] = {
    FamilyChange.MOVE: Moving(),
    FamilyChange.JOIN: Joining(),
    FamilyChange.SPLIT: Splitting(),
    FamilyChange.MERGE: Merging(),
    FamilyChange.DEATH: Dying(),
}
