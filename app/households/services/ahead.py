"""Sealing ahead (预先装档): while a workbook is still being read, a second process seals what has been read of it.

Nobody knows yet which households are new; what is sealed for one that has a file already is thrown away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from app.core.crypto import ring
from app.core.helper import Helper
from app.households.services.filing import Filer
from app.households.services.recognising import Candidate, Filed, candidate_of

if TYPE_CHECKING:
    from types import TracebackType

    from app.core.access import Actor
    from app.households.rules import HouseholdRow

    Sealed = list[tuple[bytes, bytes, tuple[bytes | None, ...], Filed]]

CHUNK = 400
WORTH_IT = 5_000  # households from which on a second process is begun: never in a request, which reads less


class Ahead:
    """Follows a reading and seals its households; `with` ends the second process whatever happens."""

    def __init__(self, actor: Actor) -> None:
        """Take the hand in whose name the files will be made."""
        self._keys = ring()
        self._keys.index_key  # noqa: B018 - read from the database now: the second process has none
        self._filer = Filer(actor)
        self._helper: Helper[list[HouseholdRow], Sealed] = Helper(self._seal)
        self._given = 0

    def __enter__(self) -> Self:
        """Begin with the first households."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """End the second process."""
        self._helper.__exit__(kind, error, at)

    def follow(self, households: list[HouseholdRow]) -> None:
        """Hand over the households that were read since the last time."""
        if len(households) >= WORTH_IT:
            self._give(households, len(households) - CHUNK)

    def finish(self, households: list[HouseholdRow]) -> list[Candidate]:
        """Return every household of a whole reading, compared and sealed."""
        if not self._given and len(households) < WORTH_IT:
            return [
                Candidate(row, *sealed)
                for row, sealed in zip(households, self._seal(households), strict=True)
            ]
        self._give(households, len(households) - 1)
        sealed = (each for some in self._helper.finish() for each in some)
        return [Candidate(row, *each) for row, each in zip(households, sealed, strict=True)]

    def _give(self, households: list[HouseholdRow], until: int) -> None:
        while self._given <= until:
            some = households[self._given : self._given + CHUNK]
            self._given += len(some)
            self._helper.give(some)

    def _seal(self, some: list[HouseholdRow]) -> Sealed:
        found: Sealed = []
        for row in some:
            each = candidate_of(self._keys, row)
            filed = self._filer.file(each, self._filer.draw(row))
            found.append((each.key, each.digest, each.people, filed))
        return found
