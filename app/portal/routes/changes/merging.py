"""Two files become one (合户): which other file first, then person by person, part by part, whose word counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.core.http import idempotency_key
from app.households import policy
from app.households import queries as households
from app.households.rules.families import Choices, clashes, same_people
from app.households.rules.labels import COVER_WORDS, words_of
from app.households.services import families
from app.portal import forms, queries
from app.portal.forms import FirstForm, cards, made, picks
from app.portal.routes.changes.errand import (
    Done,
    Errand,
    file_field,
    version_of,
    versions,
    with_target,
)
from app.portal.services import family as verbs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.households.rules.document import Document
    from app.households.services.families import Step
    from app.portal.forms import FamilyForm


class Merging:
    """合户."""

    steps = ("选另一份", "逐项选", "看前后")

    def first(self, errand: Errand) -> FirstForm:
        """Which other file comes into this one."""
        to = file_field("哪一份档案并进来（档案号）")
        return with_target(errand, made(FirstForm, {"to": to}, formdata=errand.said))

    def form(self, errand: Errand) -> FamilyForm:
        """Who is one person, who the others are, and whose word counts."""
        assert errand.target is not None  # noqa: S101 - the first step is complete
        mine, theirs = errand.document, households.document(errand.target)
        coming = queries.standing(theirs)
        same = same_people(mine, theirs)
        here = [("", "新来的家人"), *((one.code, f"就是 {one.words}") for one in errand.people)]
        fields: dict[str, Any] = {}
        for one in coming:
            fields[f"same_{one.code}"] = picks(f"{one.words} 是谁", here)
            fields[f"relation_{one.code}"] = picks(f"{one.name} 是户主的", forms.RELATIONS)
            if one.code in same:
                whose = [("", "以本档案为准，缺的补上"), ("theirs", "以并进来的为准")]
                fields[f"person_{one.code}"] = picks(f"{one.name} 两边不一样时", whose)
        for place_ in clashes(mine, theirs):
            fields[f"clash_{place_.replace('/', '.')}"] = _clash(place_, mine, theirs)
        known = {f"same_{code}": twin for code, twin in same.items()}
        members = theirs["members"]
        known |= {f"relation_{one.code}": _relation(members[one.code]) for one in coming}
        known |= {name: "mine" for name in fields if name.startswith("clash_")}
        form: FamilyForm = made(forms.MergeForm, fields, **versions(errand), **known)
        errand.ready["coming"] = coming
        return form

    def _choices(self, form: Any) -> Choices:
        same = form.starting("same_")
        theirs = {
            code.replace(".", "/")
            for code, whose in form.starting("clash_").items()
            if whose == "theirs"
        }
        theirs |= {f"members/{same[code]}" for code in form.starting("person_") if code in same}
        relations = {c: r for c, r in form.starting("relation_").items() if c not in same}
        return Choices(same, frozenset(theirs), relations)

    def plan(self, errand: Errand, form: Any) -> Sequence[Step]:
        """How it would be."""
        assert errand.target is not None  # noqa: S101
        return families.plan_merge(
            errand.actor, errand.household, errand.target, self._choices(form)
        )

    def do(self, errand: Errand, form: Any) -> Done:
        """Merge, or ask a supervisor to."""
        assert errand.target is not None  # noqa: S101
        mine, other = errand.household, errand.target
        reason = form.reason.data or ""
        if not policy.merges_alone(errand.actor, mine, other):
            families.ask_merge(
                errand.actor, mine, other, self._choices(form), reason=reason, key=idempotency_key()
            )
            return Done("合并申请已经交给督导，同意后两份档案就合在一起", mine.file_no)
        verbs.merge(
            errand.actor,
            mine,
            other,
            self._choices(form),
            reason=reason,
            version=version_of(form),
            other_version=version_of(form, "other_version"),
        )
        return Done("两份档案合好了，旧档案号也会带到这里", mine.file_no)


def _relation(one: dict[str, Any]) -> str:
    relation = str(one.get("relationship_code") or "8")
    return "8" if relation == "0" else relation


def _clash(place_: str, mine: Document, theirs: Document) -> Any:
    part, _, name = place_.partition("/")
    if part == "cover":
        here, there = (queries.cover_words(name, one["cover"].get(name)) for one in (mine, theirs))
        if here == there:  # a covered value may look the same and not be
            here, there = f"{here}（本档案）", f"{there}（并进来的）"
        label = COVER_WORDS[name]
    else:
        here, there, label = "本档案的", "并进来的", words_of(place_)
    return cards(f"{label}以哪份为准", [("mine", here), ("theirs", there)])
