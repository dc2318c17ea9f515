"""What the places of a document are called (档案字段名): for the history, and for titles without personal data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.households.rules.sections.kinds import SECTIONS as KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.households.rules.sections.shape import Question

COVER_WORDS = {
    "aid_fen": "救助金额",
    "case_stage": "个案阶段",
    "category": "类别",
    "cause": "致困原因",
    "class_until": "类别有效期",
    "closing": "结案类型",
    "door": "住址",
    "filed_on": "建档日期",
    "housing": "住房",
    "income_fen": "月人均收入",
    "is_kin": "近亲属备案",
    "kin_visited_on": "区里入户日期",
    "name": "户主姓名",
    "paused_until": "暂停到",
    "phone": "电话",
    "region_code": "所在村居",
    "state": "档案状态",
    "tier": "风险档",
    "tier_rule": "风险档依据",
    "worker_id": "责任社工",
}
MEMBER_WORDS = {
    "account": "银行账号",
    "bank": "开户银行",
    "birth": "出生日期",
    "cannot": "不能自己做的",
    "certificate": "残疾证号",
    "disability_kind": "残疾类别",
    "disability_level": "残疾等级",
    "employment": "就业状况",
    "ethnicity": "民族",
    "health": "健康状况",
    "id_kind": "证件类型",
    "id_why": "没有证件的原因",
    "illness": "患病病种",
    "id_number": "证件号",
    "labour": "劳动能力",
    "left_on": "离户日期",
    "left_why": "离户原因",
    "name": "姓名",
    "note": "备注",
    "phone": "电话",
    "phones": "其他电话",
    "position": "排列",
    "relationship": "与户主关系",
    "relationship_code": "与户主关系",
    "schooling": "文化程度",
    "self_care": "自理能力",
    "sex": "性别",
    "source": "来源",
}
PAPER_WORDS = {
    "cause": "致困原因（原文）",
    "housing": "住房（原文）",
    "last_visited_on": "台账上次探访",
    "source_no": "台账编号",
    "worker": "台账责任人",
}
MEMBERS, PAPERS, SECTIONS = "家庭成员", "台账原文", "档案内容"
NAMED = 4  # a title names so many places and counts the others


def words_of(path: str) -> str:
    """Return what the place of a document is called; a member is 家庭成员, never by name."""
    part, _, rest = path.partition("/")
    name = rest.rpartition("/")[2]
    if part == "cover":
        return COVER_WORDS.get(name, name)
    if part == "papers":
        return PAPER_WORDS.get(name, PAPERS)
    if part == "members":
        return (
            f"{MEMBERS}的{MEMBER_WORDS[name]}" if "/" in rest and name in MEMBER_WORDS else MEMBERS
        )
    if part == "sections":
        return _section(rest)
    return SECTIONS


def question_at(path: str) -> Question | None:
    """Return the question that a place of a section answers; within the rows of a list, the row's question."""
    _, kind, *keys = path.split("/")
    section = KINDS.get(kind)
    asked: tuple[Question, ...] = section.questions if section else ()
    found = None
    for key in keys:
        found = next((one for one in asked if one.key == key), None)
        asked = found.within if found else ()
    return found


def _section(rest: str) -> str:
    """Return 收入·工资性收入; a whole new section is called by its title."""
    section = KINDS.get(rest.partition("/")[0])
    if section is None:
        return SECTIONS
    asked = question_at(f"sections/{rest}")
    label = asked.label if asked else ""
    return f"{section.title}·{label}" if label else section.title


def title_of(paths: Iterable[str]) -> str:
    """Return a title for a change: what was changed, without a word of what it says."""
    # a rule's own note follows the tier and needs no mention beside it
    named = {path for path in paths if path != "cover/tier_rule"} or set(paths)
    words = sorted({words_of(path) for path in named})
    more = f"等 {len(words)} 处" if len(words) > NAMED else ""
    return "改了" + "、".join(words[:NAMED]) + more
