"""What home pages and the file page ask (门户查询): every list cut, every count bounded."""

from app.portal.queries.family import (
    Side,
    Standing,
    cover_words,
    side,
    standing,
)
from app.portal.queries.figures import (
    CityFigures,
    city,
    coverage,
    months_of,
    quarter,
)
from app.portal.queries.file import (
    Handed,
    Happening,
    Looked,
    MemberLine,
    cover,
    handed_over,
    member_lines,
    names_of,
    needs_of,
    people_looking,
    timeline,
    visits_of,
    year_received,
)
from app.portal.queries.helpers import (
    donor_home,
    helper_home,
    last_done,
)
from app.portal.queries.offices import (
    failed_runs,
    foundation_home,
    last_rows,
    latest_runs,
    overdue_by_worker,
    people_by_role,
)
from app.portal.queries.passing import (
    Passed,
    papers,
    passed_on,
    provisions,
)
from app.portal.queries.record import (
    record,
)
from app.portal.queries.situation import (
    Stands,
    stands,
)
from app.portal.queries.worklist import (
    Line,
    Worklist,
    worklist,
)

__all__ = [
    "CityFigures",
    "Handed",
    "Happening",
    "Line",
    "Looked",
    "MemberLine",
    "Passed",
    "Side",
    "Standing",
    "Stands",
    "Worklist",
    "city",
    "cover",
    "cover_words",
    "coverage",
    "donor_home",
    "failed_runs",
    "foundation_home",
    "handed_over",
    "helper_home",
    "last_done",
    "last_rows",
    "latest_runs",
    "member_lines",
    "months_of",
    "names_of",
    "needs_of",
    "overdue_by_worker",
    "papers",
    "passed_on",
    "people_by_role",
    "people_looking",
    "provisions",
    "quarter",
    "record",
    "side",
    "standing",
    "stands",
    "timeline",
    "visits_of",
    "worklist",
    "year_received",
]
