"""Judging one household (校验一户): what its cells mean, what is untidy, what is wrong."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar

from app.core.text import trim
from app.households.rules import tidy
from app.households.rules.categories import Tier, read_category
from app.households.rules.codes import (
    Cause,
    DisabilityKind,
    DisabilityLevel,
    Education,
    Employment,
    Health,
    Housing,
    Labelled,
    LabourAbility,
    Relationship,
    SelfCare,
    Sex,
    recognise,
)
from app.households.rules.columns import Columns, Field
from app.households.rules.grouping import AT, FIELDS, Cells, Group, PersonCells
from app.households.rules.identity import (
    IdKind,
    birth_of,
    decode_certificate,
    is_valid,
    kind_of,
    sex_of,
    widen,
)
from app.households.rules.messages import MESSAGES
from app.households.rules.records import (
    ERROR,
    WARNING,
    HouseholdRow,
    PersonRow,
    Problem,
    Reading,
    Rejection,
)
from app.households.rules.titles import Title
from app.regions.rules import RegionIndex

WARNINGS_KEPT = 10_000

_FOREIGN_PAPERS = {
    "护照": IdKind.PASSPORT,
    "回乡证": IdKind.HOME_RETURN,
    "港澳居民来往内地通行证": IdKind.HOME_RETURN,
    "台湾居民来往大陆通行证": IdKind.HOME_RETURN,
    "通行证": IdKind.HOME_RETURN,
    "其他": IdKind.OTHER,
    "其他证件": IdKind.OTHER,
    "户口簿": IdKind.OTHER,
    "出生医学证明": IdKind.OTHER,
    "出生证": IdKind.OTHER,
}
_COMPARED = (Field.COMMUNITY, Field.CATEGORY, Field.INCOME, Field.AID, Field.MEMBER_COUNT)

L = TypeVar("L", bound=Labelled)


class Book(NamedTuple):
    """What the sheets of one workbook share.

    ``owners`` maps each ID number to the household (sheet, row) that named it first.
    """

    reading: Reading
    regions: RegionIndex
    owners: dict[str, tuple[str, int]]


class SheetJudge:
    """Judges the households of one sheet and writes down what it finds."""

    def __init__(
        self,
        book: Book,
        sheet: str,
        columns: Columns,
        title: Title,
    ) -> None:
        """Take what the sheet's title says for the columns that it does not have."""
        self.reading, self.regions, self.owners = book
        self.sheet, self.columns = sheet, columns
        self.district, self.town = title.district, title.town
        self.community = "" if Field.COMMUNITY in columns.places else title.community
        self.category = None if Field.CATEGORY in columns.places else title.category
        self.source_nos: set[str] = set()
        self.has = self.own = frozenset(columns.places)
        self.places: Mapping[int, tuple[str, int, Columns]] = {}
        self.household_row = 0
        self.failed = ""

    # --- notes -----------------------------------------------------------------------------

    def _note(self, severity: str, code: str, row: int, field: Field) -> None:
        sheet, row, columns = self.places.get(row, (self.sheet, row, self.columns))
        column = columns.places.get(field, -1) + 1
        self.reading.problems.append(
            Problem(code, severity, sheet, row, column, MESSAGES[code], self.household_row)
        )

    def _error(self, code: str, row: int, field: Field) -> None:
        self.failed = self.failed or code
        self._note(ERROR, code, row, field)

    def _warn(self, code: str, row: int, field: Field) -> None:
        warned = self.reading.warned
        warned[code] += 1
        # A column of text dates in a large file would otherwise fill memory with one remark.
        if warned[code] <= WARNINGS_KEPT:
            self._note(WARNING, code, row, field)

    def _take(
        self, read: Callable[[object], tidy.Tidied[Any]], cell: object, row: int, field: Field
    ) -> Any:
        if cell == "":
            return None
        tidied = read(cell)
        for code in tidied.codes:
            self._warn(code, row, field)
        return tidied.value

    def _word(self, codes: type[L], cell: object, row: int, field: Field) -> L | None:
        if cell in ("", None):
            return None
        word = cell if isinstance(cell, str) else tidy.as_text(cell)
        found = recognise(codes, word)
        if found is None and trim(word) not in tidy.NOTHING:
            self._warn("word_unknown", row, field)
        return found

    # --- household -------------------------------------------------------------------------

    def judge(
        self, group: Group, places: Mapping[int, tuple[str, int, Columns]] | None = None
    ) -> None:
        """Put a household among the good or among the refused.

        ``places`` maps the rows of persons that stand on another sheet to sheet, row and columns there.
        """
        if places or self.places:
            self.places = places or {}
            elsewhere = {
                field for _, _, columns in self.places.values() for field in columns.places
            }
            self.has = self.own | elsewhere
        self.household_row = first_row = group.first.row
        self.failed = ""
        cells = self._filled(group)
        household = self._household(group, cells)
        if self.failed or household is None:
            self.reading.rejections.append(Rejection(self.sheet, first_row, self.failed))
        else:
            self.reading.households.append(household)

    def _filled(self, group: Group) -> Cells:
        """Return the first row's cells; a later row of the household may fill a gap in them."""
        cells = group.first.cells
        if len(group.persons) == 1:
            return cells
        gaps: list[Any] | None = None
        for person in group.persons:
            if person.row == group.first.row:
                continue
            later = person.cells[: AT[Field.NAME]]
            if not any(later[1:]):
                continue
            gaps = gaps or list(cells)
            for index in range(1, AT[Field.NAME]):
                if not gaps[index]:
                    gaps[index] = later[index]
            for field in _COMPARED:
                if later[AT[field]] not in ("", None, gaps[AT[field]]):
                    self._warn("household_values_differ", person.row, field)
        return tuple(gaps) if gaps else cells

    def _household(self, group: Group, cells: Cells) -> HouseholdRow | None:
        row = group.first.row
        (
            serial, district, town, community, source_no, householder_name, _, address,
            category_cell, member_count, income, aid, cause, housing, filed_on, last_visited_on,
            worker, tier,
        ) = cells[: AT[Field.NAME]]  # fmt: skip
        codes = self._place(row, district, town, community)
        category, alias = read_category(tidy.as_text(category_cell))
        if category is None and self.category is not None:
            category, alias = self.category, False
            self._warn("category_from_title", row, Field.CATEGORY)
        if category is None:
            self._error("unknown_category", row, Field.CATEGORY)
        elif alias:
            self._warn("category_alias", row, Field.CATEGORY)
        income_fen = self._income(income, row)
        aid_fen = self._aid(aid, row)
        if group.misfits:
            self._error("members_not_aligned", group.misfits[0], Field.NAME)
            return None
        for shared, field in group.shared:
            self._warn("listed_fact_shared", shared, field)
        persons = self._persons(group, householder_name)
        claimed = self._take(tidy.read_count, member_count, row, Field.MEMBER_COUNT)
        if claimed is not None and claimed != len(group.persons):
            self._warn("member_count_differs", row, Field.MEMBER_COUNT)
        self._householder(row, persons, householder_name)
        number = tidy.as_text(source_no)
        if number and number in self.source_nos:
            self._warn("source_no_repeated", row, Field.SOURCE_NO)
        self.source_nos.add(number)
        filed = self._take(tidy.read_day, filed_on, row, Field.FILED_ON)
        visited = self._take(tidy.read_day, last_visited_on, row, Field.LAST_VISITED_ON)
        for skipped in group.skipped:
            self._warn("row_not_understood", skipped, Field.NAME)
        if self.failed or codes is None or category is None:
            return None
        return HouseholdRow(
            self.sheet, row, group.persons[-1].row, tidy.as_text(serial), number,
            codes[:6], codes[:9], codes,
            tidy.read_name(householder_name).value or "",
            category, tidy.as_text(category_cell), claimed, income_fen, aid_fen,
            tidy.as_text(address),
            self._word(Cause, cause, row, Field.CAUSE), tidy.as_text(cause),
            self._word(Housing, housing, row, Field.HOUSING), tidy.as_text(housing),
            self._word(Tier, tier, row, Field.TIER),
            filed.date if filed else None, visited.date if visited else None,
            tidy.as_text(worker), tuple(persons),
        )  # fmt: skip

    def _place(self, row: int, district: object, town: object, community: object) -> str | None:
        """Return the community's code, or None after saying which name is unknown."""
        district_code = self.district or ""
        if district and (found := self.regions.district(tidy.as_text(district))):
            district_code = found.code
        elif district:
            self._error("unknown_community", row, Field.DISTRICT)
            return None
        town_code = self.town
        if town:
            match = self.regions.town(tidy.as_text(town), district_code)
            town_code = match.code if match else ""
            if match and match.short:
                self._warn("town_short_name", row, Field.TOWN)
        if not town_code:
            self._error("unknown_community", row, Field.TOWN)
            return None
        match = self.regions.community(tidy.as_text(community), town_code)
        if match is None and self.community.startswith(town_code):
            self._warn("community_from_title", row, Field.COMMUNITY)
            return self.community
        if match is None:
            self._error("unknown_community", row, Field.COMMUNITY)
            return None
        if match.short:
            self._warn("community_short_name", row, Field.COMMUNITY)
        return match.code

    def _income(self, cell: object, row: int) -> int | None:
        tidied = tidy.read_money(cell)
        if not tidied.readable:
            self._error("income_not_a_number", row, Field.INCOME)
        elif tidied.value is None:
            if Field.INCOME in self.has:
                self._warn("income_missing", row, Field.INCOME)
        elif tidied.value < 0:
            self._error("negative_income", row, Field.INCOME)
        for code in tidied.codes if tidied.readable else ():
            self._warn(code, row, Field.INCOME)
        return tidied.value

    def _aid(self, cell: object, row: int) -> int | None:
        tidied = tidy.read_money(cell)
        if not tidied.readable:
            self._warn("aid_unreadable", row, Field.AID)
        elif tidied.value is not None and tidied.value < 0:
            self._warn("aid_negative", row, Field.AID)
            return None
        for code in tidied.codes if tidied.readable else ():
            self._warn(code, row, Field.AID)
        return tidied.value

    def _householder(self, row: int, persons: list[PersonRow], named: object) -> None:
        found = [each for each in persons if each.relationship is Relationship.HOUSEHOLDER]
        if not found:
            self._error("no_householder", row, Field.RELATIONSHIP)
            return
        if len(found) > 1:
            self._warn("several_householders", found[1].row, Field.RELATIONSHIP)
        if named and found[0].name != named and tidy.read_name(named).value != found[0].name:
            self._warn("householder_name_differs", row, Field.HOUSEHOLDER_NAME)

    # --- persons ---------------------------------------------------------------------------

    def _persons(self, group: Group, householder_name: object) -> list[PersonRow]:
        persons: list[PersonRow] = []
        numbers: dict[str, str] = {}
        for person in group.persons:
            read = self._person(person, householder_name)
            if read.id_number and read.id_number in numbers:
                self._warn("id_repeated", person.row, Field.ID_NUMBER)
                if numbers[read.id_number] == read.name:
                    continue
                read = _without_number(read)
            numbers[read.id_number] = read.name
            persons.append(read)
        return persons

    def _person(self, person: PersonCells, householder_name: object) -> PersonRow:
        row = person.row
        (
            name_cell, relationship_cell, sex_cell, id_cell, id_kind_cell, birth_cell, ethnicity,
            phone, health, self_care, kind, level, certificate, labour, employment, schooling,
            bank_name, account, note,
        ) = person.cells[AT[Field.NAME] :]  # fmt: skip
        name = self._take(tidy.read_name, name_cell, row, Field.NAME) or ""
        if not name:
            self._warn("name_missing", row, Field.NAME)
        word, relationship = self._relationship(relationship_cell, row, name, householder_name)
        number, id_kind = self._number(id_cell, id_kind_cell, row)
        sex, birth = self._sex_and_birth(sex_cell, birth_cell, row, number, id_kind)
        disability_kind = self._word(DisabilityKind, kind, row, Field.DISABILITY_KIND)
        disability_level = self._word(DisabilityLevel, level, row, Field.DISABILITY_LEVEL)
        certificate_no = ""
        if certificate:
            certificate_no, disability_kind, disability_level = self._certificate(
                certificate, row, number, disability_kind, disability_level
            )
        return PersonRow(
            row, name, relationship, word, sex, number, id_kind,
            birth.date if birth else None, birth.precision if birth else "",
            tidy.as_text(ethnicity),
            (self._take(tidy.read_phones, phone, row, Field.PHONE) or ()) if phone else (),
            self._word(Health, health, row, Field.HEALTH),
            self._word(SelfCare, self_care, row, Field.SELF_CARE),
            disability_kind, disability_level, certificate_no,
            self._word(LabourAbility, labour, row, Field.LABOUR),
            self._word(Employment, employment, row, Field.EMPLOYMENT),
            self._word(Education, schooling, row, Field.SCHOOLING),
            tidy.as_text(bank_name), self._account(account, row), tidy.as_text(note),
        )  # fmt: skip

    def _relationship(
        self, cell: object, row: int, name: str, householder_name: object
    ) -> tuple[str, Relationship]:
        word = tidy.as_text(cell)
        if Field.RELATIONSHIP not in self.has and not word:
            # Without the column, the person named as householder is the only one who can be.
            is_householder = bool(name) and tidy.read_name(householder_name).value == name
            return "", Relationship.HOUSEHOLDER if is_householder else Relationship.OTHER
        found = recognise(Relationship, word)
        if found is None:
            self._warn("relationship_unreadable", row, Field.RELATIONSHIP)
        return word, found or Relationship.OTHER

    def _number(self, cell: object, kind_cell: object, row: int) -> tuple[str, IdKind]:
        tidied = tidy.read_id(cell)
        if not tidied.readable:
            self._error("id_lost_to_number", row, Field.ID_NUMBER)
            return "", IdKind.NONE
        for code in tidied.codes:
            self._warn(code, row, Field.ID_NUMBER)
        number = tidied.value
        if number is None:
            self._warn("id_missing", row, Field.ID_NUMBER)
            return "", IdKind.NONE
        kind = IdKind.RESIDENT
        if number[:1] == "8" or not is_valid(number):
            number, found = self._unusual(number, kind_cell, row)
            if found is None:
                return "", IdKind.NONE
            kind = found
        if number.endswith("000"):
            self._warn("id_ends_in_zeros", row, Field.ID_NUMBER)
        household = self.sheet, self.household_row
        if self.owners.setdefault(number, household) != household:
            self._error("person_in_another_household", row, Field.ID_NUMBER)
            return "", IdKind.NONE
        return number, kind

    def _unusual(self, number: str, kind_cell: object, row: int) -> tuple[str, IdKind | None]:
        """Judge a number that is not plainly a resident ID; None after noting an error."""
        if wide := widen(number):
            self._warn("id_15_digits", row, Field.ID_NUMBER)
            return wide, IdKind.RESIDENT
        kind = _FOREIGN_PAPERS.get(tidy.as_text(kind_cell)) or kind_of(number)
        if kind is None:
            self._error("id_checksum", row, Field.ID_NUMBER)
        elif kind not in (IdKind.RESIDENT, IdKind.RESIDENCE_PERMIT):
            self._warn("id_other_kind", row, Field.ID_NUMBER)
        return number, kind

    def _sex_and_birth(
        self, sex_cell: object, birth_cell: object, row: int, number: str, kind: IdKind
    ) -> tuple[Sex, tidy.Day | None]:
        said_sex = recognise(Sex, tidy.as_text(sex_cell)) if sex_cell else None
        if sex_cell and said_sex is None:
            self._warn("sex_unreadable", row, Field.SEX)
        said_birth: tidy.Day | None = self._take(tidy.read_day, birth_cell, row, Field.BIRTH)
        if kind not in (IdKind.RESIDENT, IdKind.RESIDENCE_PERMIT):
            return said_sex or Sex.UNKNOWN, said_birth
        sex, birth = sex_of(number), birth_of(number)
        if said_sex in (Sex.MALE, Sex.FEMALE) and said_sex is not sex:
            self._warn("sex_differs_from_id", row, Field.SEX)
        if said_birth is not None and not _agrees(said_birth, birth):
            self._warn("birth_differs_from_id", row, Field.BIRTH)
        return sex, tidy.Day(birth)

    def _certificate(
        self,
        cell: object,
        row: int,
        number: str,
        kind: DisabilityKind | None,
        level: DisabilityLevel | None,
    ) -> tuple[str, DisabilityKind | None, DisabilityLevel | None]:
        text = tidy.read_id(cell).value or ""
        decoded = decode_certificate(text)
        if decoded is None:
            if text or not isinstance(cell, str):
                self._warn("certificate_unreadable", row, Field.DISABILITY_CERTIFICATE)
            return text, kind, level
        agrees = (
            decoded.id_number in (number or decoded.id_number)
            and (kind or decoded.kind) is decoded.kind
            and (level or decoded.level) is decoded.level
        )
        if not agrees:
            self._warn("certificate_differs", row, Field.DISABILITY_CERTIFICATE)
        return text, kind or decoded.kind, level or decoded.level

    def _account(self, cell: object, row: int) -> str:
        if isinstance(cell, str):
            if cell.isascii() and cell.isdigit():
                return cell
            tidied = tidy.read_id(cell)
            if tidied.readable:
                return tidied.value or ""
        elif cell is None:
            return ""
        self._warn("account_lost_to_number", row, Field.BANK_ACCOUNT)
        return ""


def _agrees(said: tidy.Day, birth: dt.date) -> bool:
    if said.precision == "day":
        return said.date == birth
    if said.precision == "month":
        return (said.date.year, said.date.month) == (birth.year, birth.month)
    return said.date.year == birth.year


def _without_number(person: PersonRow) -> PersonRow:
    fields = {name: getattr(person, name) for name in PersonRow.__dataclass_fields__}
    return PersonRow(**{**fields, "id_number": "", "id_kind": IdKind.NONE})


assert FIELDS[: AT[Field.NAME]][-1] is Field.TIER, "household fields come first"  # noqa: S101
