"""Resources of the old platform (历史资源导入): compared first, then taken in with their entries in the ledger.

Each row is a gift that arrived long ago: one line, one delivery, and the two entries that a gift has on its way. The
evidence stays with the old platform; the basis of the value is kept here as it was written there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy import insert, select

from app.audit import services as audit
from app.core import clock, codes
from app.core.access import require
from app.core.crypto import ring
from app.core.db import db
from app.core.sheets import Form
from app.households import policy as files
from app.households.rules.references import Remark
from app.households.services import old_records
from app.households.services.old_records import Comparison
from app.ledger import queries as ledger_queries
from app.ledger import services as ledger
from app.ledger.rules import Account, EntryKind, Leg, Measure, move
from app.ledger.services import Happening
from app.programmes.models import Donor, Programme
from app.resources import rules
from app.resources.models import Delivery, ResourceLine
from app.resources.rules import LineState
from app.resources.rules.history import ERRORS, NEEDED, WARNINGS, WORDS, OldGift, read_gift

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from app.core.access import Actor
    from app.core.sheets import Line, Sheet
    from app.households.queries import Linked
    from app.households.services.old_records import New

History: TypeAlias = Comparison[OldGift]
Totals: TypeAlias = dict[Measure, int]

AT_ONCE = 1_000
FORM = Form(WORDS, NEEDED)


def compare(actor: Actor, sheets: Iterable[Sheet]) -> History:
    """Read a workbook of old resources and compare it with the lines; reads only.

    A record is known by its own number, or else by household, day, donor, thing and amount; the same workbook a second
    time has nothing new. A programme must be here by its name.
    """
    made: History = Comparison(ERRORS, WARNINGS)
    return old_records.compare(actor, made, _read(sheets), _key, ResourceLine.source_key)


def take_in(actor: Actor, made: History, subject: str = "workbook") -> None:
    """Take the new records in, in the caller's one transaction: lines, deliveries, entries and totals.

    A row that somebody else took in meanwhile is refused by its key, and the whole import with it (IntegrityError).
    """
    require(files.can_list, actor)
    donors, programmes = _donors(made), _programmes()
    for start in range(0, len(made.new), AT_ONCE):
        _write(actor, made.new[start : start + AT_ONCE], donors, programmes)
    audit.record(
        actor, "resources.import", subject, detail={"new": len(made.new), "known": made.known}
    )


def totals(actor: Actor) -> Totals:
    """Return what has been delivered where somebody works, each measure by itself: fen, fen, minutes, pieces."""
    found = dict.fromkeys(Measure, 0)
    for prefix in dict.fromkeys(actor.regions(*files.READERS)):
        for sums in ledger_queries.town_totals(prefix).values():
            for measure, amount in sums.items():
                found[measure] += amount
    return found


def after(before: Totals, made: History) -> Totals:
    """Return the totals as they will be once a compared workbook is in."""
    found = dict(before)
    for each in made.new:
        measure, amount = _counts_as(each.record)
        found[measure] += amount
    return found


def _read(sheets: Iterable[Sheet]) -> Iterator[tuple[Line, OldGift | None, Sequence[Remark]]]:
    today, programmes = clock.today(), _programmes()
    for line in FORM.lines(sheets):
        gift, remarks = read_gift(line.cells, today)
        if gift is not None and gift.programme and gift.programme not in programmes:
            gift, remarks = None, [Remark("programme", "programme_unknown")]
        yield line, gift, remarks


def _key(gift: OldGift, file: Linked) -> bytes:
    facts = (gift.given_on, gift.donor, gift.item, gift.quantity, gift.value_fen)
    return ring().index("old gift", f"{file.file_no}|{gift.record_no or facts}")


def _programmes() -> dict[str, Programme]:
    return {one.name: one for one in db.session.scalars(select(Programme).order_by(Programme.id))}


def _donors(made: History) -> dict[str, int]:
    """Return the donors by name, those made who are not here yet; anonymous, as nobody has asked them (慈善法 §82)."""
    wanted = {each.record.donor for each in made.new}
    nobodys = select(Donor).where(Donor.user_id.is_(None), Donor.organisation_id.is_(None))
    found = {one.name: one.id for one in db.session.scalars(nobodys) if one.name in wanted}
    missing = sorted(wanted - found.keys())
    if missing:
        now = clock.now()
        rows = [{"code": codes.new("D"), "name": name, "created_at": now} for name in missing]
        ids = db.session.scalars(
            insert(Donor).returning(Donor.id, sort_by_parameter_order=True), rows
        )
        found |= dict(zip(missing, ids, strict=True))
    return found


def _counts_as(gift: OldGift) -> tuple[Measure, int]:
    return rules.received_as(gift.kind, gift.basis, gift.quantity, gift.value_fen)


def _write(
    actor: Actor,
    some: Sequence[New[OldGift]],
    donors: Mapping[str, int],
    programmes: Mapping[str, Programme],
) -> None:
    now = clock.now()
    lines = [_line(actor, each, donors, programmes) for each in some]
    ids = db.session.scalars(
        insert(ResourceLine).returning(ResourceLine.id, sort_by_parameter_order=True), lines
    ).all()
    happened = [
        happening
        for each, line in zip(some, lines, strict=True)
        for happening in _happenings(each, line)
    ]
    entries = ledger.post_many(actor, happened)[1::2]
    db.session.execute(
        insert(Delivery),
        [
            {
                "code": codes.new("S"),
                "line_id": number,
                "household_id": each.file.id,
                "quantity": each.record.quantity,
                "value_fen": each.record.value_fen,
                "delivered_on": each.record.given_on,
                "signatory": each.record.signatory,
                "entry_id": entry,
                "recorded_by_id": actor.user_id,
                "recorded_at": now,
            }
            for each, number, entry in zip(some, ids, entries, strict=True)
        ],
    )


def _line(
    actor: Actor,
    each: New[OldGift],
    donors: Mapping[str, int],
    programmes: Mapping[str, Programme],
) -> dict[str, Any]:
    gift, file = each.record, each.file
    programme = programmes.get(gift.programme)
    return {
        "code": codes.new("R"),
        "kind": gift.kind,
        "donor_id": donors[gift.donor],
        "programme_id": programme.id if programme else None,
        "charity_id": programme.charity_id if programme else None,
        "household_id": file.id,
        "town_code": file.town_code,
        "item": gift.item,
        "quantity": gift.quantity,
        "unit": gift.unit,
        "pledged_quantity": gift.quantity,
        "pledged_fen": gift.value_fen,
        "value_fen": gift.value_fen,
        "value_basis": gift.basis,
        "receipt_code": gift.receipt_code or None,
        "receipt_no": gift.receipt_no or None,
        "delivered_quantity": gift.quantity,
        "delivered_fen": gift.value_fen,
        "state": LineState.DELIVERED,
        "pledged_at": clock.at(gift.given_on),
        "received_on": gift.given_on,
        "received_by_id": actor.user_id,
        "recorded_by_id": actor.user_id,
        "reverse_reason": "",
        "source_key": each.key,
        "version": 1,
    }


def _happenings(each: New[OldGift], line: Mapping[str, Any]) -> tuple[Happening, Happening]:
    """The gift comes in, and goes on to its household; the same two entries as for a gift of today."""
    gift, file = each.record, each.file
    measure, amount = _counts_as(gift)
    source = Leg(Account.DONOR, measure, amount, line["programme_id"], line["donor_id"])
    held = source._replace(account=Account.HELD)
    there = move(held, Account.DELIVERED, household_id=file.id, town_code=file.town_code)
    return (
        Happening(EntryKind.RECEIVE, gift.given_on, line["code"], move(source, Account.HELD)),
        Happening(EntryKind.DELIVER, gift.given_on, line["code"], there),
    )
