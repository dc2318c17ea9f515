"""A family change on its way through its pages (正在办的变动): what was chosen, and what every change asks alike."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from wtforms import StringField
from wtforms.validators import InputRequired

from app.core import clock
from app.core.errors import NotHere, StalePage
from app.households import policy
from app.households import queries as households
from app.households.rules.families import FamilyChange, head_of
from app.portal import queries
from app.portal.forms import FirstForm, cards, checks, made, relation_fields

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from werkzeug.datastructures import MultiDict

    from app.core.access import Actor
    from app.households.models import Household
    from app.households.rules.document import Document
    from app.households.services.families import Step
    from app.portal.forms import FamilyForm
    from app.portal.queries import Standing


class Done(NamedTuple):
    """What was done, in a sentence, and whose file is shown next; nobody's: it lies outside the reader's scope now."""

    words: str
    file_no: str


@dataclass
class Errand:
    """A family change somebody is about to make (正在办的变动): what the address or the form already says."""

    actor: Actor
    household: Household
    change: FamilyChange
    said: MultiDict[str, str]
    ready: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def document(self) -> Document:
        """What the file says."""
        return households.document(self.household)

    @cached_property
    def people(self) -> list[Standing]:
        """Who is there."""
        return queries.standing(self.document)

    @property
    def who(self) -> list[str]:
        """Who was chosen."""
        return list(dict.fromkeys(self.said.getlist("who")))

    @property
    def chosen(self) -> list[Standing]:
        """Those who were chosen and are there."""
        return [one for one in self.people if one.code in self.who]

    @property
    def staying(self) -> list[Standing]:
        """Those who stay."""
        return [one for one in self.people if one.code not in self.who]

    @property
    def loses_head(self) -> bool:
        """Say whether somebody else has to become the householder."""
        return head_of(self.document) in self.who and bool(self.staying)

    @cached_property
    def target(self) -> Household | None:
        """The other file, when this person writes in it."""
        typed = self.said.get("to", "").strip().upper()
        if not typed.isascii() or not typed.isalnum() or typed == self.household.file_no:
            return None
        try:
            found = households.carried_on(households.seen_by(self.actor, typed))
        except NotHere:
            return None
        return found if policy.can_edit(self.actor, found) and found.data_key else None

    def keeps(self) -> dict[str, list[str]]:
        """Return what was chosen first, to be carried along in the form."""
        return {
            name: self.said.getlist(name) for name in ("who", "to", "town") if name in self.said
        }


class Operation(Protocol):
    """One family change as pages know it."""

    @property
    def steps(self) -> Sequence[str]:
        """What its pages are called."""

    def first(self, errand: Errand) -> FirstForm:
        """What has to be chosen before anything else can be asked."""

    def form(self, errand: Errand) -> FamilyForm:
        """What is asked then."""

    def plan(self, errand: Errand, form: Any) -> Sequence[Step]:
        """How it would be."""

    def do(self, errand: Errand, form: Any) -> Done:
        """Do it, in the caller's transaction."""


def version_of(form: FamilyForm, name: str = "version") -> int:
    """Return the version a page was decided on; StalePage when it says none."""
    try:
        return int(form[name].data or "")
    except ValueError:
        raise StalePage from None


def named(people: Sequence[Standing]) -> list[tuple[str, str]]:
    """Return people as choices."""
    return [(one.code, one.words) for one in people]


def versions(errand: Errand) -> dict[str, str]:
    """Return which versions of the files a page is made from."""
    known = {"version": str(errand.household.version)}
    if errand.target is not None:
        known["other_version"] = str(errand.target.version)
    return known


def ask_people(errand: Errand, sentence: str, **more: Callable[[], Any]) -> FirstForm:
    """Ask for some of the people, and whatever else."""
    fields = {"who": checks("哪几位家人", named(errand.people), sentence)}
    fields |= {
        name: make() for name, make in more.items()
    }  # asked in the order in which they are made
    form: FirstForm = made(FirstForm, fields, formdata=errand.said)
    if not errand.chosen:
        form.wrong = {"who": sentence}
    return form


def file_field(label: str) -> Any:
    """Ask for a file number."""
    return StringField(label, [InputRequired("请填档案号")])


def with_target(errand: Errand, form: FirstForm) -> FirstForm:
    """Let a first form also want a file that this person writes in."""
    if errand.target is None:
        form.wrong = dict(form.wrong) | {"to": "在你负责的地方没有找到这个档案号，请再核对一次"}
    return form


def leaving(errand: Errand, kind: type[FamilyForm], fields: dict[str, Any], **known: Any) -> Any:
    """Make a form for people who leave; who the householder is then is asked only when theirs goes."""
    if errand.loses_head:
        fields["head"] = cards("谁接着当户主", named(errand.staying))
        fields |= relation_fields(named(errand.staying), "relation_", guess=True)
    for name, people in (("head", errand.staying), ("new_head", errand.chosen)):
        if len(people) == 1:  # there is nobody else to choose
            known[name] = people[0].code
    form = made(kind, fields, on=clock.today(), **versions(errand), **known)
    if not errand.loses_head:
        for name in ("head", "phone", "door"):
            del form[name]
    return form
