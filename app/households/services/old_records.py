"""Comparing records of the old platform with what is here (旧平台记录对照): visits, resources and what may follow."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Protocol, TypeVar

from sqlalchemy import select

from app.core.access import require
from app.core.db import db
from app.core.sheets import CellNote
from app.households import policy, queries
from app.households.rules.references import Reference, Remark

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from app.core.access import Actor
    from app.core.sheets import Line
    from app.households.queries import Linked

AT_ONCE = 2_000


class OldRecord(Protocol):
    """What every record of the old platform has: by what it names its household."""

    @property
    def reference(self) -> Reference:
        """File number, ID number, or both."""


R = TypeVar("R", bound=OldRecord)


class Refused(NamedTuple):
    """A row that stays outside, by its sheet and number (from 1), and why."""

    sheet: str
    row: int
    reason: str


class New(NamedTuple, Generic[R]):
    """A record that is not here yet, its household's file, and the key by which it will be known."""

    record: R
    file: Linked
    key: bytes


@dataclass(slots=True)
class Comparison(Generic[R]):
    """What an import of old records would do (对照): shown before anything is changed.

    `errors` and `warnings` are the sentences of the codes that rows may be remarked with.
    """

    errors: Mapping[str, str]
    warnings: Mapping[str, str]
    rows: int = 0
    new: list[New[R]] = field(default_factory=list)
    known: int = 0
    refused: list[Refused] = field(default_factory=list)
    notes: list[CellNote] = field(default_factory=list)
    warned: Counter[str] = field(default_factory=Counter)

    def summary(self) -> dict[str, Any]:
        """Return the figures as plain data."""
        return {
            "rows": self.rows,
            "new": len(self.new),
            "known": self.known,
            "warned": dict(sorted(self.warned.items())),
            "rejected": [each._asdict() for each in self.refused],
        }

    def remark(self, line: Line, remarks: Sequence[Remark], *, refused: bool) -> None:
        """Note what is said of a row's cells; a refused row names its first error as the reason."""
        for remark in remarks:
            is_error = remark.code in self.errors
            if not is_error:
                self.warned[remark.code] += 1
            words = self.errors[remark.code] if is_error else self.warnings[remark.code]
            severity = "error" if is_error else "warning"
            column = line.column(remark.meaning)
            self.notes.append(CellNote(line.sheet, line.row, column, severity, words))
        if refused:
            reason = next(remark.code for remark in remarks if remark.code in self.errors)
            self.refused.append(Refused(line.sheet, line.row, reason))


def compare(
    actor: Actor,
    made: Comparison[R],
    read: Iterable[tuple[Line, R | None, Sequence[Remark]]],
    key: Callable[[R, Linked], bytes],
    source_key: Any,
) -> Comparison[R]:
    """Sort rows that were read (each with its record, or None, and its remarks) into new, known and refused ones.

    `key` gives the keyed hash by which a record is known again, `source_key` is the column that holds it. Rows of
    households outside the reader's scope are refused like rows of nobody. Reads only.
    """
    require(policy.can_list, actor)
    good: list[tuple[Line, R]] = []
    for line, record, remarks in read:
        made.rows += 1
        made.remark(line, remarks, refused=record is None)
        if record is not None:
            good.append((line, record))
    links = queries.linked(actor, [record.reference for _, record in good])
    found: dict[bytes, New[R]] = {}
    for line, record in good:
        file = links.find(record.reference)
        if isinstance(file, Remark):
            made.remark(line, [file], refused=True)
        elif (its_key := key(record, file)) in found:
            made.known += 1
        else:
            found[its_key] = New(record, file, its_key)
    here = _here(list(found), source_key)
    made.known += len(here)
    made.new = [each for its_key, each in found.items() if its_key not in here]
    return made


def _here(keys: Sequence[bytes], source_key: Any) -> set[bytes]:
    found: set[bytes] = set()
    for start in range(0, len(keys), AT_ONCE):
        some = keys[start : start + AT_ONCE]
        found.update(db.session.scalars(select(source_key).where(source_key.in_(some))))
    return found
