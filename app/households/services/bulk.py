"""Writing many files at once (成批写档): what `writing.write` does to one, in statements over some hundred.

An import brings known files up to a workbook, and its undoing takes them back; both make documents, and their
difference is the history, as everywhere. The audit row is the caller's: one for the whole of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from sqlalchemy import bindparam, delete, select, update

from app.core import clock
from app.core.db import bulk_insert, db
from app.core.errors import StalePage
from app.households.models import Change, Household, Member, SearchToken
from app.households.services import spans
from app.households.services.writing import (
    cover_values,
    judged_by_rule,
    member_values,
    standing_of,
    tokens_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from app.core.access import Actor
    from app.households.queries import Opened
    from app.households.rules.document import Difference, Document

T = TypeVar("T")

AT_ONCE = 500
CHANGE = ("household_id", "at", "user_id", "kind", "title", "fields", "reason")
MEMBER = (
    "household_id", "code", "position", "relationship_code", "sex", "left_on", "id_index", "alike", "person",
)  # fmt: skip
WORD = ("token", "region_code", "household_id")


class Rewrite(NamedTuple):
    """A file as it goes back into the tables, ready to be written."""

    id: int
    version: int
    cover: dict[str, Any]
    new: list[dict[str, Any]]
    changed: list[dict[str, Any]]
    gone: list[str]
    lost: list[tuple[int, str]]
    found: list[tuple[int, str]]
    standing: spans.Standing
    history: bytes


def rewrite(
    opened: Opened, after: Document, changed: Difference, extra: dict[str, Any] | None = None
) -> Rewrite:
    """Seal a file that is to say what `after` says; `extra` are columns that no document knows.

    `changed` is the difference that will be its history. Sections stay as they are.
    """
    file, box, before = opened
    region = after["cover"]["region_code"]
    old, now = before.get("members", {}), after.get("members", {})
    has_moved = region != before["cover"]["region_code"]
    touched = [
        {"household_id": file.id, "code": code, **member_values(box, code, facts, region)}
        for code, facts in now.items()
        if has_moved or old.get(code) != facts
    ]
    words_before = {(token, file.region_code) for token in tokens_of(before)}
    words_after = {(token, region) for token in tokens_of(after)}
    return Rewrite(
        file.id,
        file.version,
        cover_values(box, file.file_no, after, changed) | (extra or {}),
        [one for one in touched if one["code"] not in old],
        [one for one in touched if one["code"] in old],
        sorted(old.keys() - now.keys()),
        sorted(words_before - words_after),
        sorted(words_after - words_before),
        standing_of(after),
        box.seal_json(changed, f"change.fields:{file.file_no}"),
    )


def release(files: Sequence[Rewrite]) -> None:
    """Take people out of files that let them go, before any file takes them in.

    StalePage when a file was changed since it was opened; the files stay locked until the transaction ends.
    """
    for some in pieces(files):
        versions = {each.id: each.version for each in some}
        found = db.session.execute(
            select(Household.id, Household.version)
            .where(Household.id.in_(versions))
            .with_for_update()
        )
        if {row.id: row.version for row in found} != versions:
            raise StalePage
        gone = [code for each in some for code in each.gone]
        touched = [one["code"] for each in some for one in each.changed]
        of_these = Member.household_id.in_(versions)
        db.session.execute(delete(Member).where(of_these, Member.code.in_(gone)))
        db.session.execute(
            update(Member)
            .where(of_these, Member.code.in_(touched))
            .values(id_index=None)
            .execution_options(synchronize_session=False)
        )


def write_all(
    actor: Actor, files: Sequence[Rewrite], kind: str, title: str, reason: str = ""
) -> None:
    """Write released files into the tables, each with its history."""
    now = clock.now()
    for some in pieces(files):
        covers = [
            {**each.cover, "id": each.id, "version": each.version + 1, "updated_at": now}
            for each in some
        ]
        db.session.execute(update(Household), covers)
        _update_members([one for each in some for one in each.changed])
        _insert_members(one for each in some for one in each.new)
        _words(some)
        spans.keep_all({each.id: each.standing for each in some})
        notes = ((each.id, now, actor.user_id, kind, title, each.history, reason) for each in some)
        bulk_insert(table(Change), CHANGE, notes)
    if files:
        db.session.expire_all()


def judged(after: Document) -> Document:
    """Let the rules say the tier of a document, where nobody else did."""
    return judged_by_rule(after)


def pieces(items: Sequence[T], size: int = AT_ONCE) -> Iterator[Sequence[T]]:
    """Cut a sequence into pieces that one statement can carry."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def table(model: Any) -> Any:
    """Return the table of a model, for `bulk_insert`."""
    return model.__table__


def _update_members(rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    names = [name for name in MEMBER if name not in ("household_id", "code")]
    statement = (
        update(table(Member))
        .where(
            Member.household_id == bindparam("of_household"), Member.code == bindparam("of_code")
        )
        .values({name: bindparam(f"new_{name}") for name in names})
    )
    values = [
        {"of_household": row["household_id"], "of_code": row["code"]}
        | {f"new_{name}": row[name] for name in names}
        for row in rows
    ]
    db.session.connection().execute(statement, values)


def _insert_members(rows: Iterable[dict[str, Any]]) -> None:
    bulk_insert(table(Member), MEMBER, ([row[name] for name in MEMBER] for row in rows))


def _words(some: Sequence[Rewrite]) -> None:
    """Let the files be found by what they say now; a word that stands there already is not written twice."""
    going = [
        {"of_token": token, "of_region": region, "of_household": each.id}
        for each in some
        for token, region in (*each.lost, *each.found)
    ]
    if going:
        db.session.connection().execute(
            delete(table(SearchToken)).where(
                SearchToken.token == bindparam("of_token"),
                SearchToken.region_code == bindparam("of_region"),
                SearchToken.household_id == bindparam("of_household"),
            ),
            going,
        )
    coming = [(token, region, each.id) for each in some for token, region in each.found]
    bulk_insert(table(SearchToken), WORD, sorted(coming))
