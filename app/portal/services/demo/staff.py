"""Who is there (人员): the demonstration accounts, their colleagues, neighbours, donors and foundations."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from app.accounts.models import Grant, Organisation, User
from app.accounts.rules import PLEDGE_VERSION, OrganisationKind, Role
from app.core import clock
from app.core.crypto import ring
from app.portal.services.demo import people
from app.portal.services.demo.chance import Dice, dice
from app.portal.services.demo.gifts import Fund
from app.portal.services.demo.plan import DALIANG
from app.programmes.models import Donor, Programme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.portal.services.demo.plan import FilePlan, Size
    from app.portal.services.demo.rows import Rows

PASSWORD = "shanlin-demo"  # noqa: S105 - printed at every start: it guards invented people
CITY, DISTRICT = "4406", DALIANG[:6]
BUSY = 5  # claims at once: fewer than the rules would let somebody hold
ENOUGH = 3  # things to do that the demonstration's volunteer holds


class Account(NamedTuple):
    """One demonstration account (演示账号)."""

    username: str
    role: Role
    name: str
    region: str
    words: str


ACCOUNTS = (
    Account("worker", Role.WORKER, "梁慧敏", DALIANG, "双百社工（大良街道）"),
    Account("supervisor", Role.SUPERVISOR, "霍文静", DISTRICT, "督导（顺德区）"),
    Account("volunteer", Role.VOLUNTEER, "陈小燕", CITY, "志愿者（住在大良）"),
    Account("donor", Role.DONOR, "何嘉豪", CITY, "爱心人士"),
    Account("foundation", Role.FOUNDATION, "麦婉仪", "", "基金会专员（和的慈善基金会）"),
    Account("keeper", Role.KEEPER, "苏志锋", DISTRICT, "慈善综合体管理员（顺德区）"),
    Account("officer", Role.OFFICER, "冯永泽", DISTRICT, "民政干部（顺德区）"),
    Account("liaison", Role.LIAISON, "黎家荣", DALIANG, "党组织联络员（大良街道）"),
    Account("auditor", Role.AUDITOR, "区静雯", DISTRICT, "审计（顺德区）"),
    Account("admin", Role.ADMIN, "冼文斌", "", "系统管理员"),
)
COMPANIES = (
    "榕江电器",
    "木棉纺织",
    "桑园食品",
    "龙眼树家具",
    "水乡医疗器械",
    "基塘农业",
    "凤城文具",
)
PURPOSES = {
    Fund.ELDERS: "探访和照顾独居、高龄、失能的困难长者：慰问、辅具、居家适老改造和医疗补助",
    Fund.SCHOOL: "帮助困难家庭的孩子安心上学：助学金、书桌、台灯和图书",
}
NOTICE = "善款请汇入顺德区慈善会的对公账户（演示数据，账户略），备注项目名称；票据由慈善会开具。善邻不经手任何款项。"


@dataclass(slots=True)
class Cast:
    """The people of the city by what they do (角色表); all values are internal ids."""

    workers: dict[str, list[int]] = field(default_factory=dict)
    supervisors: dict[str, int] = field(default_factory=dict)
    helpers: dict[str, list[int]] = field(default_factory=dict)
    accounts: dict[str, int] = field(default_factory=dict)
    people: list[tuple[int, int]] = field(default_factory=list)  # donor id, user id
    givers: list[int] = field(default_factory=list)  # donor ids of companies and the foundation
    donors: dict[int, int] = field(default_factory=dict)  # donor by user
    programmes: dict[Fund, int] = field(default_factory=dict)
    charity: int = 0
    holding: Counter[int] = field(default_factory=Counter)
    doing: Counter[int] = field(default_factory=Counter)

    def worker_of(self, file: FilePlan) -> int:
        """Return who is responsible for a file; the demonstration's worker for most of her town."""
        found = self.workers[file.region[:9]]
        return found[file.number % 4 // 3 % len(found)]

    def supervisor_of(self, region: str) -> int:
        """Return who reviews there."""
        return self.supervisors[region[:6]]

    def helper_near(self, chance: Dice, region: str, *, live: bool = False) -> int | None:
        """Draw a neighbour of that town; for a live claim one who has not too many yet, None when all have."""
        near = self.helpers[region[:9]]
        if not live:
            return chance.choice(near)
        free = [user for user in near if self.holding[user] < BUSY]
        if not free:
            return None
        chosen = free[0] if chance.chance(40) else chance.choice(free)
        self.holding[chosen] += 1
        return chosen

    def holder_near(self, chance: Dice, region: str) -> int | None:
        """Draw who holds something to do there; the demonstration's own volunteer first, until she has enough."""
        mine = self.accounts["volunteer"]
        if mine in self.helpers[region[:9]] and self.doing[mine] < ENOUGH:
            self.doing[mine] += 1
            self.holding[mine] += 1
            return mine
        return self.helper_near(chance, region, live=True)

    def donor_near(self, chance: Dice) -> int | None:
        """Draw a donor for a living claim: one who has not too many yet, the demonstration's more often."""
        free = [user for _, user in self.people if self.holding[user] < BUSY]
        if not free:
            return None
        chosen = free[0] if chance.chance(15) else chance.choice(free)
        self.holding[chosen] += 1
        return chosen


def settle(rows: Rows, size: Size, today: date, seed: int, password_hash: str) -> Cast:
    """Write everybody who has an account or gives; the demonstration accounts come first."""
    cast = Cast()
    made = _Maker(rows, dice(seed, "staff"), clock.at(today - timedelta(days=420)), password_hash)
    foundation = made.organisation("和的慈善基金会", OrganisationKind.FOUNDATION, CITY)
    cast.charity = made.organisation("顺德区慈善会", OrganisationKind.CHARITY, DISTRICT, NOTICE)
    for account in ACCOUNTS:
        of = foundation if account.role is Role.FOUNDATION else None
        cast.accounts[account.username] = made.user(
            account.username, account.role, account.name, account.region, of
        )
    _stations(made, cast)
    _helpers(made, cast, size)
    _donors(made, cast, size, foundation)
    for fund, purpose in PURPOSES.items():
        cast.programmes[fund] = rows.add(
            Programme,
            code=made.chance.code("P"),
            name=fund.value,
            purpose=purpose,
            starts_on=today - timedelta(days=400),
            foundation_id=foundation,
            charity_id=cast.charity,
            created_at=made.at,
        )
    return cast


class _Maker:
    """Writes users and organisations."""

    def __init__(self, rows: Rows, chance: Dice, at: Any, password_hash: str) -> None:
        self.rows, self.chance, self.at, self._hash = rows, chance, at, password_hash
        self._phones = 0

    def organisation(self, name: str, kind: OrganisationKind, region: str, notice: str = "") -> int:
        return self.rows.add(
            Organisation,
            code=self.chance.code("O"),
            name=name,
            kind=kind,
            region_code=region,
            account_notice=notice,
        )

    def user(
        self, username: str, role: Role, name: str, region: str, organisation: int | None = None
    ) -> int:
        self._phones += 1
        phone = f"16800{self._phones:06d}"
        home = region if len(region) > len(DISTRICT) else DALIANG
        user = self.rows.add(
            User,
            code=self.chance.code("U"),
            username=username,
            name=name,
            phone=phone,
            phone_index=ring().index("phone", phone),
            password_hash=self._hash,
            home_region=home if role in {Role.VOLUNTEER, Role.DONOR} else "",
            pledge_version=PLEDGE_VERSION,
            pledged_at=self.at,
            created_at=self.at,
        )
        scope = CITY if role in {Role.VOLUNTEER, Role.DONOR} else region
        self.rows.add(
            Grant,
            user_id=user,
            role=role,
            region_code=scope,
            organisation_id=organisation,
            granted_at=self.at,
        )
        return user

    def somebody(self, username: str, role: Role, region: str) -> int:
        name = people.name(self.chance, self.chance.choice("12"), self.chance.randint(22, 58))
        return self.user(username, role, name, region)


def _stations(made: _Maker, cast: Cast) -> None:
    """Give every town a station with its worker and every district its supervisor."""
    for town in people.towns():
        made.organisation(f"{people.town_name(town)}社工站", OrganisationKind.STATION, town)
        district = town[:6]
        if district not in cast.supervisors:
            cast.supervisors[district] = (
                cast.accounts["supervisor"]
                if district == DISTRICT
                else made.somebody(f"supervisor-{district}", Role.SUPERVISOR, district)
            )
        cast.workers[town] = [made.somebody(f"worker-{town}", Role.WORKER, town)]
    cast.workers[DALIANG].insert(0, cast.accounts["worker"])


def _helpers(made: _Maker, cast: Cast, size: Size) -> None:
    """Give every town neighbours, the demonstration's town more."""
    towns = people.towns()
    cast.helpers = {town: [] for town in towns}
    cast.helpers[DALIANG].append(cast.accounts["volunteer"])
    for number in range(max(size.helpers, len(towns))):
        town = DALIANG if number >= len(towns) and number % 5 == 0 else towns[number % len(towns)]
        cast.helpers[town].append(made.somebody(f"volunteer-{number:04d}", Role.VOLUNTEER, town))


def _donors(made: _Maker, cast: Cast, size: Size, foundation: int) -> None:
    def donor(name: str, *, anonymous: bool, **who: int) -> int:
        code = made.chance.code("D")
        return made.rows.add(
            Donor, code=code, name=name, is_anonymous=anonymous, created_at=made.at, **who
        )

    cast.givers = [donor("和的慈善基金会", anonymous=False, organisation_id=foundation)]
    for company in COMPANIES:
        of = made.organisation(f"{company}（演示）", OrganisationKind.COMPANY, DISTRICT)
        cast.givers.append(donor(company, anonymous=False, organisation_id=of))
    known = cast.accounts["donor"]
    cast.people = [(donor("何嘉豪", anonymous=True, user_id=known), known)]
    for number in range(size.donors):
        user = made.somebody(f"donor-{number:04d}", Role.DONOR, CITY)
        cast.people.append((donor("热心街坊", anonymous=True, user_id=user), user))
    cast.donors = {user: donor for donor, user in cast.people}


def listing() -> Sequence[str]:
    """Return the demonstration accounts as lines for a terminal."""
    lines = [f"  {account.username:<11} {account.words}" for account in ACCOUNTS]
    return [f"演示账号（密码都是 {PASSWORD}）：", *lines]
