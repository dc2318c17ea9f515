"""Case work (个案): the six stages, and which may follow which (DOMAIN §5). Closing a case does not close the file."""

from __future__ import annotations

from app.households.rules.codes import Labelled


class Stage(Labelled):
    """Where a case stands (个案阶段)."""

    INTAKE = "intake", "接案"
    ASSESSMENT = "assessment", "预估"
    PLANNING = "planning", "计划"
    INTERVENTION = "intervention", "介入"
    EVALUATION = "evaluation", "评估"
    CLOSED = "closed", "结案"
    NOT_TAKEN = "not_taken", "不接案"
    REFERRED = "referred", "转介"


class CaseSource(Labelled):
    """How a case came (个案来源)."""

    ASKED = "asked", "主动求助"
    FOUND = "found", "社工发现（非自愿）"
    REFERRED = "referred", "别处转介"


_S = Stage
ROAD = (_S.INTAKE, _S.ASSESSMENT, _S.PLANNING, _S.INTERVENTION, _S.EVALUATION, _S.CLOSED)
ENDED = frozenset({_S.CLOSED, _S.NOT_TAKEN, _S.REFERRED})
NEXT_STAGE: dict[str, tuple[Stage, ...]] = {
    "": (_S.INTAKE,),
    _S.INTAKE: (_S.ASSESSMENT, _S.NOT_TAKEN, _S.REFERRED),
    _S.ASSESSMENT: (_S.PLANNING, _S.REFERRED, _S.CLOSED),
    _S.PLANNING: (_S.INTERVENTION, _S.ASSESSMENT, _S.REFERRED, _S.CLOSED),
    _S.INTERVENTION: (_S.EVALUATION, _S.PLANNING, _S.REFERRED, _S.CLOSED),
    _S.EVALUATION: (_S.CLOSED, _S.INTERVENTION, _S.REFERRED),
    # a new case begins at the beginning; the old one stays in the file
    _S.CLOSED: (_S.INTAKE,),
    _S.NOT_TAKEN: (_S.INTAKE,),
    _S.REFERRED: (_S.INTAKE,),
}
STAGE_NOTES = {
    _S.INTAKE: "谁来求助、为什么来、愿不愿意接受服务",
    _S.ASSESSMENT: "家庭结构和生态、有什么难处、有什么长处",
    _S.PLANNING: "目标、步骤、时间，怎样算做到了",
    _S.INTERVENTION: "做了什么，对方怎么说，有什么变化",
    _S.EVALUATION: "目标做到了多少，还差什么",
    _S.CLOSED: "怎么结束的，以后怎么跟进",
    _S.NOT_TAKEN: "为什么不接，资料怎样存档",
    _S.REFERRED: "转给谁，交接了什么",
}


def place_of(stage: str) -> int:
    """Return how far along the road a stage is, counted from one; beside the road is nowhere (0)."""
    return ROAD.index(Stage(stage)) + 1 if stage in ROAD else 0
