"""How relationships turn when another member becomes the householder (换户主后的关系, GB/T 4761)."""

from __future__ import annotations

from app.households.rules.codes import Relationship, Sex

_R = Relationship
# what the others are to the new householder, by what the new householder was; whatever is not here could be two things
_SEEN: dict[Relationship, dict[Relationship, Relationship]] = {
    _R.SPOUSE: {_R.SON: _R.SON, _R.DAUGHTER: _R.DAUGHTER, _R.GRANDCHILD: _R.GRANDCHILD},
    _R.SON: {
        _R.SPOUSE: _R.PARENT,
        _R.SON: _R.SIBLING,
        _R.DAUGHTER: _R.SIBLING,
        _R.PARENT: _R.GRANDPARENT,
    },
    _R.GRANDCHILD: {_R.SPOUSE: _R.GRANDPARENT},
    _R.PARENT: {_R.PARENT: _R.SPOUSE, _R.SON: _R.GRANDCHILD, _R.DAUGHTER: _R.GRANDCHILD},
    _R.GRANDPARENT: {_R.GRANDPARENT: _R.SPOUSE},
    _R.SIBLING: {
        _R.PARENT: _R.PARENT,
        _R.GRANDPARENT: _R.GRANDPARENT,
        _R.SIBLING: _R.SIBLING,
    },
}
_SEEN[_R.DAUGHTER] = _SEEN[_R.SON]
# what the former householder is to the new one
_BACK = {
    _R.SPOUSE: _R.SPOUSE,
    _R.SON: _R.PARENT,
    _R.DAUGHTER: _R.PARENT,
    _R.GRANDCHILD: _R.GRANDPARENT,
    _R.GRANDPARENT: _R.GRANDCHILD,
    _R.SIBLING: _R.SIBLING,
}


def seen_from(new_head: Relationship, other: Relationship, sex: str) -> Relationship:
    """Return what somebody is to the new householder; 其他 where that cannot be told without asking."""
    if other is _R.HOUSEHOLDER:
        if new_head is _R.PARENT:
            return _child(sex)
        return _BACK.get(new_head, _R.OTHER)
    if new_head is _R.PARENT and other is _R.SIBLING:
        return _child(sex)
    return _SEEN.get(new_head, {}).get(other, _R.OTHER)


def _child(sex: str) -> Relationship:
    return {Sex.MALE.value: _R.SON, Sex.FEMALE.value: _R.DAUGHTER}.get(sex, _R.OTHER)
