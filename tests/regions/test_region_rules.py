"""Place names and scopes (区划与范围)."""

import pytest

from app.regions.rules import (
    Division,
    Level,
    Match,
    RegionIndex,
    level_of,
    parent_of,
    scope_bounds,
    within,
)
from tests.texts import wide

DALIANG = "440606005"


@pytest.fixture(scope="module")
def regions() -> RegionIndex:
    return RegionIndex.from_csv()


@pytest.mark.parametrize(
    ("name", "code", "short"),
    [
        ("大良街道", "440606005", False), ("大良", "440606005", True),
        ("石湾镇街道", "440604010", False),
        ("石湾", "440604010", True), ("更合", "440608108", True), ("更合镇", "440608108", False),
        ("佛山市顺德区大良街道", "440606005", False), ("大 良　街道", "440606005", False),
    ],
)  # fmt: skip
def test_towns(regions: RegionIndex, name: str, code: str, short: bool) -> None:  # noqa: FBT001
    assert regions.town(name) == Match(code, short)


def test_a_town_is_looked_up_inside_its_district(regions: RegionIndex) -> None:
    assert regions.town("桂城街道", "440605") == Match("440605011", short=False)
    assert regions.town("桂城街道", "440606") is None


@pytest.mark.parametrize(
    ("name", "town", "code", "short"),
    [
        ("文秀社区居委会", DALIANG, "440606005002", False),
        ("文秀社区", DALIANG, "440606005002", True),
        ("文秀", DALIANG, "440606005002", True),
        ("文秀居民委员会", DALIANG, "440606005002", False),
        ("大良街道文秀社区", DALIANG, "440606005002", True),
        ("桃村", "440606102", "440606102215", True),
        ("桃村委会", "440606102", "440606102215", False),
        ("㘵心社区", "440607001", "440607001017", True),
        ("南庄社区", "440604100", "440604100001", True),
        ("南庄村", "440604100", "440604100201", True),
    ],
)
def test_communities(regions: RegionIndex, name: str, town: str, code: str, short: bool) -> None:  # noqa: FBT001
    assert regions.community(name, town) == Match(code, short)


@pytest.mark.parametrize(
    ("name", "town"),
    [
        ("南庄", "440604100"),
        ("大塘", "440607101"),
        ("文秀村", DALIANG),
        ("文秀", "440606003"),
        ("", DALIANG),
    ],
)
def test_unknown_and_ambiguous_names_are_not_guessed(
    regions: RegionIndex, name: str, town: str
) -> None:
    assert regions.community(name, town) is None


def test_every_division_is_found_by_its_own_name(regions: RegionIndex) -> None:
    rows = list(regions)

    assert len(rows) == 5 + 32 + 809
    for division in rows:
        if division.level == Level.COMMUNITY:
            found = regions.community(division.name, division.parent_code)
        elif division.level == Level.TOWN:
            found = regions.town(division.name, division.parent_code)
        else:
            found = regions.district(division.name)
        assert found == Match(division.code, short=False)


def test_titles_tell_their_place(regions: RegionIndex) -> None:
    assert regions.district_in("佛山市顺德区帮扶对象台账（2026年）") == "440606"
    assert regions.district_in("顺德区、南海区") is None
    assert regions.town_in("大良街道台账") == DALIANG
    assert regions.full_name("440606005002") == "顺德区大良街道文秀社区居委会"


def test_scopes() -> None:
    assert scope_bounds("440606") == ("440606000000", "440606999999")
    assert scope_bounds("440606005002") == ("440606005002", "440606005002")
    assert within("440606005002", DALIANG)
    assert not within("440606005002", "440605")
    assert not within("440606005002", "")


@pytest.mark.parametrize("prefix", ["", "44060", "4406060050021", "44060x", wide("440606")])
def test_a_scope_is_a_code(prefix: str) -> None:
    with pytest.raises(ValueError, match="digits"):
        scope_bounds(prefix)


def test_levels() -> None:
    assert [level_of(code) for code in ("4406", "440606", DALIANG, "440606005002")] == list(Level)
    assert parent_of("440606005002") == DALIANG
    assert parent_of(DALIANG) == "440606"


def test_an_index_can_be_built_from_any_rows() -> None:
    index = RegionIndex([Division("110101", "东城区", "district", "110100")])

    assert index.district("东城") == Match("110101", short=True)
    assert "110101" in index
    assert "110102" not in index
