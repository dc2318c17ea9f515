"""Who may open and change what (权限矩阵): every address with a real thing behind it, every role, here and elsewhere.

A line of a table says who is answered; everybody else is refused in the way the line says. An address that stands in no
table fails the test, so that nobody adds a page without deciding who may see it.
"""

# ruff: noqa: E501 - tables

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.core.db import db
from tests.architecture.town import DOOR, ID_NUMBER, NAME, PHONE, Person, Town, build

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.test import TestResponse

ALL = "worker supervisor volunteer donor foundation keeper officer liaison auditor admin"
FILES = "worker supervisor officer"
DESK = "worker supervisor"
SECOND = "supervisor officer"
GIFTS = "worker supervisor keeper officer auditor foundation"
HANDS = "worker supervisor keeper foundation"
EXPORTERS = "worker supervisor officer keeper auditor foundation"
REGIONAL = "worker supervisor keeper officer auditor"


@dataclass(frozen=True, slots=True)
class Line:
    """An address, and what is answered: `here` to people of the town, `elsewhere` to the same roles outside it."""

    url: str
    here: str  # roles that are answered
    refused: int = 403  # what everybody else gets
    elsewhere: int | None = (
        None  # what those roles get outside; None: the same, a list of their own
    )
    but: dict[str, int] = field(default_factory=dict)  # roles refused in a way of their own
    onlookers: str = ""  # roles here that may see the thing and not do this: 403 instead of 404
    answer: int = 200
    stranger: int = 303
    clear: str = ""  # roles here to whom this very page opens name, phone or door
    data: dict[str, str] = field(default_factory=dict)

    def expected(self, person: Person) -> int:
        """Say what somebody is answered."""
        if person.role is None:
            return self.stranger
        role = person.role.value
        if role in self.here.split():
            if person.is_inside or self.elsewhere is None:
                return self.answer
            return self.elsewhere
        if role in self.onlookers.split() and person.is_inside:
            return 403
        return self.but.get(role, self.refused)


def public(url: str, answer: int = 200) -> Line:
    """A page that strangers open."""
    return Line(url, ALL, answer=answer, stranger=200)


FILE, IMPORT = "/households/{file_no}", "/households/import/{batch}"
MEMBER = FILE + "/members/{member}"
NEED, VISIT = "/needs/{need}", "/visits/{visit}"
OWN_BATCH = {"supervisor": 404, "officer": 404}
EXPORT = "/exports/{export}"
OWN_EXPORT = dict.fromkeys("supervisor officer keeper auditor foundation".split(), 404)  # noqa: SIM905 - a word list


def not_theirs(here: str) -> dict[str, int]:
    """A list that those who take out others do not work with: there is none for them."""
    return {role: 404 for role in EXPORTERS.split() if role not in here.split()}


GETS: dict[str, list[Line]] = {
    "accounts.audit_log": [Line("/audit", "auditor")],
    "accounts.invitation": [public("/invitations/{token}")],
    "accounts.invitations": [Line("/admin/invitations", "admin")],
    "accounts.login": [public("/login", 303)],
    "accounts.organisations": [Line("/admin/organisations", "admin")],
    "accounts.privacy": [public("/privacy")],
    "accounts.register": [public("/register", 302)],
    "accounts.settings": [Line("/me/settings", ALL)],
    "accounts.user": [Line("/admin/users/{user}", "admin")],
    "accounts.users": [Line("/admin/users", "admin")],
    "exports.clear": [Line("/exports/clear", FILES)],
    "exports.index": [Line("/exports", EXPORTERS)],
    "exports.new": [
        *(
            Line(f"/exports/new?list={name}", FILES, but=not_theirs(FILES))
            for name in ("households", "needs", "visits", "claims")
        ),
        Line("/exports/new?list=resources", GIFTS),
        *(
            Line(
                url,
                "foundation officer auditor",
                but=not_theirs("foundation officer auditor"),
                elsewhere=elsewhere,
            )
            for url, elsewhere in (
                ("/exports/new?list=programmes", None),
                ("/exports/new?list=postings&code={closed}", 404),
            )
        ),
        Line("/exports/new?list=audit", "auditor", but=not_theirs("auditor")),
        Line("/exports/new?list=secrets", "", but=not_theirs("")),
    ],
    "exports.show": [Line(EXPORT, "worker", elsewhere=404, but=OWN_EXPORT)],
    "households.alert": [Line("/audit/alerts/{alert}", "supervisor auditor", elsewhere=404)],
    "households.alerts": [Line("/audit/alerts", "supervisor auditor")],
    "households.approval": [
        # another town's people, and colleagues who neither asked nor decide, do not know of it
        Line("/approvals/{approval}", FILES, elsewhere=404),
    ],
    "households.approval_list": [Line("/approvals", FILES)],
    "households.assessment": [
        Line("/records/assessments/{assessment}", "supervisor officer", elsewhere=404)
    ],
    "households.assessment_form": [Line("/records/assessments/new", "supervisor officer")],
    "households.assessments": [Line("/records/assessments", "supervisor officer")],
    "households.case": [Line(FILE + "/case", FILES, elsewhere=404)],
    "households.class_form": [Line(FILE + "/class", DESK, elsewhere=404)],
    "households.consent_copy": [Line(FILE + "/consents/1", FILES, elsewhere=404)],
    "households.consent_form": [Line(FILE + "/consents/new", DESK, elsewhere=404)],
    "households.consent_paper": [Line(FILE + "/consents/paper", DESK, elsewhere=404)],
    "households.consent_scan": [Line(FILE + "/consents/{scanned}/scan", FILES, elsewhere=404)],
    "households.document": [Line(FILE + "/documents/{document}", FILES, elsewhere=404)],
    "households.document_form": [Line(FILE + "/documents/new", DESK, elsewhere=404)],
    "households.edit_form": [Line(FILE + "/edit", DESK, elsewhere=404, clear=DESK)],
    "households.import_columns": [
        Line(IMPORT + "/columns", "worker", elsewhere=404, but=OWN_BATCH)
    ],
    "households.import_mappings": [Line("/households/import/mappings", FILES)],
    "households.import_problems": [
        Line(IMPORT + "/problems", "worker", elsewhere=404, but=OWN_BATCH)
    ],
    "households.import_remarks": [
        Line(IMPORT + "/remarks.xlsx", "worker", elsewhere=404, but=OWN_BATCH)
    ],
    "households.import_rows": [Line(IMPORT + "/rows", "worker", elsewhere=404, but=OWN_BATCH)],
    "households.import_show": [Line(IMPORT, "worker", elsewhere=404, but=OWN_BATCH)],
    "households.import_start": [Line("/households/import", FILES)],
    "households.import_undo_form": [
        Line(IMPORT + "/undo", "worker", elsewhere=404, but=OWN_BATCH, answer=303)
    ],
    "households.index": [Line("/households", FILES)],
    "households.intake_page": [
        # the file of this town is in force: whoever may write in it is told that it is no draft any more
        Line(FILE + "/intake", DESK, elsewhere=404, answer=409)
    ],
    "households.kin": [Line(FILE + "/kin", FILES, elsewhere=404)],
    "households.labels": [Line(FILE + "/labels", DESK, elsewhere=404)],
    "households.leave_page": [Line(MEMBER + "/leave", DESK, elsewhere=404)],
    "households.member_new": [Line(FILE + "/members/new", DESK, elsewhere=404)],
    "households.member_page": [Line(MEMBER + "/edit", DESK, elsewhere=404, clear=DESK)],
    "households.new_page": [Line("/households/new", DESK)],
    "households.note_form": [Line(FILE + "/note", DESK, elsewhere=404)],
    "households.records_index": [Line("/records", FILES), Line("/records?asker=retention", FILES)],
    "households.request_form": [Line(FILE + "/requests/new", FILES, elsewhere=404)],
    "households.request_show": [
        Line("/records/requests/{request}", FILES, elsewhere=404),
        Line("/records/requests/{request}?words=1", FILES, elsewhere=404, clear=FILES),
    ],
    "households.retention_periods": [Line("/records/retention", FILES)],
    "households.review_form": [Line(FILE + "/review", FILES, elsewhere=404)],
    "households.search_again": [Line("/households/search", FILES, answer=303)],
    "households.section_page": [Line(FILE + "/sections/support/edit", DESK, elsewhere=404)],
    "households.state_form": [
        Line(FILE + "/state", DESK, elsewhere=404),
        Line(FILE + "/state?to=closed", DESK, elsewhere=404),
    ],
    "households.tier_form": [Line(FILE + "/tier", DESK, elsewhere=404)],
    "households.totals": [Line("/households/totals", FILES)],
    "households.twins_list": [Line("/households/twins", FILES)],
    "households.twins_show": [Line("/households/twins/{twins}", FILES, elsewhere=404)],
    "needs.edit": [Line("/needs/{draft}/edit", DESK, elsewhere=403)],
    "needs.index": [Line("/needs", FILES)],
    "needs.new": [Line(FILE + "/needs/new", DESK, elsewhere=404)],
    "notices.inbox": [Line("/me/messages", ALL)],
    "portal.admin": [Line("/admin", "admin")],
    "portal.as_of": [Line(FILE + "/as-of", FILES, elsewhere=404)],
    "portal.data_subject_form": [Line(FILE + "/data-subject", DESK, elsewhere=404)],
    "portal.family": [Line(FILE + "/family", DESK, elsewhere=404)],
    "portal.family_form": [
        Line(f"{FILE}/family/{rest}", DESK, elsewhere=404)
        for rest in (
            "move",
            "move?town=440606006",
            "join",
            "split?who={member}",
            "merge?to={again}",
            "death?who={member}",
        )
    ],
    "portal.file": [
        Line(f"{FILE}?tab={tab}", FILES, elsewhere=404)
        for tab in "timeline record needs visits resources members consents changes".split()  # noqa: SIM905 - a word list
        for tab in "timeline needs visits resources members documents consents changes".split()  # noqa: SIM905 - a word list
    ],
    "portal.front": [public("/")],
    "portal.handover": [Line("/households/handover", "supervisor")],
    "portal.handover_note": [
        Line("/households/handover/notes/{handover}", DESK, 404, elsewhere=404)
    ],
    "portal.handover_of": [Line("/households/handover/{holder}", "supervisor", elsewhere=404)],
    "portal.healthz": [public("/healthz")],
    "portal.me": [Line("/me", ALL)],
    "portal.minors_form": [Line(FILE + "/minors", FILES, elsewhere=404)],
    "portal.print_covered": [Line(FILE + "/print.pdf", FILES, elsewhere=404)],
    "portal.print_form": [Line(FILE + "/print", FILES, elsewhere=404)],
    "portal.provisions": [Line("/records/provisions", FILES)],
    "portal.readyz": [public("/readyz")],
    "portal.separate_form": [Line("/households/{merged}/separate", DESK, elsewhere=404)],
    "portal.unmask_form": [Line(FILE + "/unmask", FILES, elsewhere=404)],
    "programmes.edit_form": [Line("/programmes/{programme}/edit", "foundation", elsewhere=403)],
    "programmes.index": [Line("/programmes", ALL)],
    "programmes.new": [Line("/programmes/new", "foundation")],
    "programmes.show": [
        Line("/programmes/{programme}", ALL),
        Line("/programmes/{programme}?figure=delivered&measure=goods", ALL),
        Line("/programmes/{closed}", "foundation officer auditor", 404, elsewhere=404),
    ],
    "resources.deliver_form": [
        Line(
            "/resources/{line}/deliver",
            HANDS,
            404,
            elsewhere=404,
            onlookers="donor officer auditor",
        )
    ],
    "resources.evidence": [
        Line("/resources/{line}/evidence", GIFTS, 404, elsewhere=404, onlookers="donor")
    ],
    "resources.index": [Line("/resources", GIFTS)],
    "resources.mine": [Line("/me/gifts", ALL)],
    "resources.pledge": [
        Line("/resources/pledge?claim={gift_claim}", "donor", elsewhere=403),
        Line("/resources/pledge?programme={programme}", "donor volunteer"),
    ],
    "resources.proof": [
        Line(
            "/resources/{line}/deliveries/{delivery}/proof",
            REGIONAL,
            404,
            elsewhere=404,
            onlookers="donor foundation",
        )
    ],
    "resources.receive_form": [
        Line(
            "/resources/{promised}/receive",
            HANDS,
            404,
            elsewhere=404,
            onlookers="donor officer auditor",
        ),
        # money for the whole city is seen by all who hand things out, and received by its charity alone
        Line(
            "/resources/{cash}/receive",
            "foundation",
            404,
            elsewhere=404,
            but=dict.fromkeys(REGIONAL.split(), 403),
            onlookers="donor",
        ),
    ],
    "resources.show": [Line("/resources/{line}", GIFTS + " donor", 404, elsewhere=404)],
    "resources.towns": [Line("/resources/towns", FILES + " auditor")],
    "tasks.claim_page": [
        Line("/claims/{claim}", FILES + " volunteer", 404, elsewhere=404, clear="volunteer"),
        Line("/claims/{waiting}", FILES + " volunteer", 404, elsewhere=404),
        Line("/claims/{gift_claim}", FILES + " donor", 404, elsewhere=404),
    ],
    "tasks.index": [Line("/tasks", ALL)],
    "tasks.mine": [Line("/me/tasks", ALL)],
    "tasks.need_page": [
        Line(NEED, FILES, elsewhere=403),
        Line(NEED + "?story=1", FILES, elsewhere=403),
    ],
    "tasks.show": [
        Line("/tasks/{task}", ALL),
        Line("/tasks/{hidden}", FILES, 404, elsewhere=404),
    ],
    "visits.amend_form": [Line("/visits/{done}/amend", DESK, elsewhere=403)],
    "visits.index": [Line("/visits", ALL)],
    "visits.new": [
        Line("/visits/new?claim={claim}", "volunteer", elsewhere=403),
        Line("/visits/new?household={file_no}", DESK, 404, elsewhere=404, onlookers="officer"),
    ],
    "visits.photo": [
        Line(VISIT + "/photos/1", FILES + " volunteer", elsewhere=403),
        Line(VISIT + "/photos/1?size=thumb", FILES + " volunteer", elsewhere=403),
    ],
    "visits.rhythm": [Line("/visits/rhythm", FILES)],
    "visits.show": [Line(VISIT, FILES + " volunteer", elsewhere=403)],
}

ADMIN = {name: Line(url, "admin", data=data) for name, url, data in (
    ("create_organisation", "/admin/organisations", {"name": "新机构", "kind": "charity"}),
    ("disable_user", "/admin/users/{user}/disable", {}),
    ("enable_user", "/admin/users/{user}/enable", {}),
    ("end_grant", "/admin/users/{user}/grants/end", {"grant": "{grant}"}),
    ("give_grant", "/admin/users/{user}/grants", {"role": "worker", "region_code": "4406"}),
    ("invite", "/admin/invitations", {"role": "admin", "name": "自己人"}),
    ("sign_out_user", "/admin/users/{user}/sign-out", {}),
    ("withdraw_invitation", "/admin/invitations/withdraw", {"invitation": "1"}),
)}  # fmt: skip
SAID = {"reason": "试试能不能改"}
OPENED = {"region_code": "440606005002", "category": "DB", "name": "新的"}
POSTS: dict[str, list[Line]] = {
    **{f"accounts.{name}": [line] for name, line in ADMIN.items()},
    "exports.again": [Line(EXPORT + "/again", "worker", elsewhere=404, but=OWN_EXPORT)],
    "exports.ask": [Line("/exports/clear", FILES, data=SAID)],
    "exports.create": [
        Line("/exports?list=needs", FILES, but=not_theirs(FILES), data={"form": "xlsx"}),
        Line("/exports?list=audit", "auditor", but=not_theirs("auditor"), data={"form": "csv"}),
    ],
    "exports.download": [Line(EXPORT + "/download", "worker", elsewhere=404, but=OWN_EXPORT)],
    "exports.make": [
        Line("/exports/clear/{clear_request}/make", "worker", elsewhere=404, but={"supervisor": 404, "officer": 404})
    ],
    "exports.stop": [Line(EXPORT + "/stop", "worker", elsewhere=404, but=OWN_EXPORT)],
    "households.acknowledge_alert": [
        Line("/audit/alerts/{alert}", "supervisor auditor", elsewhere=404, data={"note": "问过了"})
    ],
    "households.approval_decide": [
        Line("/approvals/{approval}/decide", SECOND, elsewhere=404, onlookers="worker", but={"worker": 404}, data={"approve": "1"})
    ],
    "households.approval_withdraw": [
        Line("/approvals/{approval}/withdraw", "worker", elsewhere=404, onlookers=SECOND, but=dict.fromkeys(SECOND.split(), 404))
    ],
    "households.ask_erasure": [
        Line("/records/requests/{request}/ask", FILES, elsewhere=404, data={"answer": "核对过"})
    ],
    "households.case_step": [
        Line(FILE + "/case", DESK, elsewhere=404, data={"stage": "intake", "on": "2026-01-05", "source": "asked", "note": "试", "version": "{file_version}"})
    ],
    "households.class_ask": [
        Line(FILE + "/class", DESK, elsewhere=404, data={"category": "BY", "since": "2026-01-05", "evidence": "{document}", **SAID})
    ],
    "households.consent": [
        Line(FILE + "/consents", DESK, elsewhere=404, data={"purposes": "visit", "recipient": "helpers", "signatory": "self", "given_on": "2026-01-05", "expires_on": "2027-01-05"})
    ],
    "households.document_add": [
        Line(FILE + "/documents", DESK, elsewhere=404, data={"kind": "other", "dated_on": "2026-01-05"})
    ],
    "households.document_withdraw": [
        Line(FILE + "/documents/{document}/withdraw", DESK, elsewhere=404, data=SAID)
    ],
    "households.edit": [
        Line(FILE + "/edit", DESK, elsewhere=404, data={"income": "1", "version": "{file_version}", **SAID})
    ],
    "households.import_cancel": [Line(IMPORT + "/cancel", "worker", elsewhere=404, but=OWN_BATCH)],
    "households.import_choose": [
        Line(IMPORT + "/rows", "worker", elsewhere=404, but=OWN_BATCH, data={"kind": "new", "all": "no"})
    ],
    "households.import_confirm": [Line(IMPORT + "/confirm", "worker", elsewhere=404, but=OWN_BATCH)],
    "households.import_forget": [Line("/households/import/mappings/forget", FILES, data={"signature": "x"})],
    "households.import_place": [Line(IMPORT + "/columns", "worker", elsewhere=404, but=OWN_BATCH)],
    "households.import_reconsider": [
        Line(IMPORT + "/reconsider", "worker", elsewhere=404, but=OWN_BATCH)
    ],
    "households.import_undo": [Line(IMPORT + "/undo", "worker", elsewhere=404, but=OWN_BATCH, data=SAID)],
    "households.import_upload": [Line("/households/import", FILES)],
    "households.intake": [Line(FILE + "/intake", DESK, elsewhere=404, answer=409, data=OPENED)],
    "households.keep_assessment": [
        Line("/records/assessments", "supervisor officer", data={"title": "试试"})
    ],
    "households.kin_declare": [
        Line(FILE + "/kin", DESK, elsewhere=404, data={"staff": "麦仪", "post": "handler", "kinship": "spouse", "version": "{file_version}"})
    ],
    "households.kin_visit": [
        # the supervisor here is the town's, and the district's word is asked for
        Line(FILE + "/kin/visit", "officer", elsewhere=404, onlookers="supervisor", but={"supervisor": 404}, data={"on": "2026-11-01", "first": "甲", "second": "乙", "version": "{file_version}"})
    ],
    "households.label_add": [
        Line(FILE + "/labels", DESK, elsewhere=404, data={"member": "{member}", "tag": "QT", "on": "2026-01-05", "version": "{file_version}"})
    ],
    "households.label_remove": [
        Line(FILE + "/labels/remove", DESK, elsewhere=404, data={"member": "{member}", "tag": "YB", "version": "{file_version}", **SAID})
    ],
    "households.leave": [
        Line(MEMBER + "/leave", DESK, elsewhere=404, data={"left_on": "2026-01-05", "why": "away", "version": "1"})
    ],
    "households.member_add": [
        Line(FILE + "/members/new", DESK, elsewhere=404, data={"name": "新的", "relationship_code": "8", "version": "1", **SAID})
    ],
    "households.member_change": [
        Line(MEMBER + "/edit", DESK, elsewhere=404, data={"name": "改掉", "relationship_code": "0", "version": "1", **SAID})
    ],
    "households.member_move": [
        Line(MEMBER + "/move", DESK, elsewhere=404, data={"to": "up", "version": "1"})
    ],
    "households.note": [Line(FILE + "/note", DESK, elsewhere=404, data={"text": "别人的便条"})],
    "households.open_file": [Line("/households/new", DESK, data=OPENED)],
    "households.receive_request": [
        Line(FILE + "/requests", FILES, elsewhere=404, data={"kind": "copy", "asker": "subject", "words": "试试", "received_on": "2026-01-05"})
    ],
    "households.refuse_consent": [
        Line(FILE + "/consents/refuse", DESK, elsewhere=404, data={"no-purposes": "visit", "no-recipient": "helpers", "no-refused_on": "2026-01-05"})
    ],
    "households.refuse_request": [
        Line("/records/requests/{request}/refuse", FILES, elsewhere=404, data={"answer": "不行"})
    ],
    "households.review": [
        Line(FILE + "/review", SECOND, elsewhere=404, data={"approve": "1", "version": "{file_version}"})
    ],
    "households.search": [Line("/households/search", FILES, data={"q": NAME})],
    "households.section": [
        Line(FILE + "/sections/housing/edit", DESK, elsewhere=404, data={"area": "60", "version": "1", **SAID})
    ],
    "households.set_retention": [
        Line("/records/retention", "officer", data={"kind": "photo", "months": "24", "valid_from": "2026-01-01", "basis": "通知"})
    ],
    "households.settle_request": [
        Line("/records/requests/{request}/done", FILES, elsewhere=404, data={"answer": "办了"})
    ],
    "households.state": [
        Line(FILE + "/state", DESK, elsewhere=404, data={"state": "paused", "until": "2027-01-01", "version": "{file_version}", **SAID})
    ],
    "households.tier": [
        Line(FILE + "/tier", DESK, elsewhere=404, data={"tier": "weekly", "version": "{file_version}", **SAID})
    ],
    "households.twins_ask": [
        Line("/households/twins/{twins}/ask", DESK, elsewhere=404, data={"keep": "first", "why": "同一家"})
    ],
    "households.twins_different": [
        Line("/households/twins/{twins}/different", DESK, elsewhere=404, data=SAID)
    ],
    "needs.change": [Line("/needs/{draft}/edit", DESK, elsewhere=403, data={"title": "改掉"})],
    "needs.post": [Line(FILE + "/needs/new", DESK, elsewhere=404, data={"title": "新的"})],
    "needs.return_": [Line(NEED + "/return", "supervisor", elsewhere=403, data=SAID)],
    "needs.submit": [Line("/needs/{draft}/submit", DESK, elsewhere=403)],
    "notices.read": [Line("/me/messages/read", "", 404, data={"message": "{message}"})],
    "portal.ask_correction": [
        Line(FILE + "/data-subject/correction", DESK, elsewhere=404, data={"words": "写错了"})
    ],
    "portal.ask_for_minors": [Line(FILE + "/minors", FILES, elsewhere=404, data=SAID)],
    "portal.data_subject": [
        Line(FILE + "/data-subject", DESK, elsewhere=404, data={"member": "{member}", "reason": "本人来要"})
    ],
    "portal.family_change": [
        Line(FILE + "/family/death", DESK, elsewhere=404, data={"who": "{member}", "on": "2026-01-05", "version": "1", **SAID}),
        Line(FILE + "/family/merge", DESK, elsewhere=404, data={"to": "{again}", "version": "1", "other_version": "1", **SAID}),
        Line(FILE + "/family/move", DESK, elsewhere=404, data={"town": "440606006", "region_code": "440606006001", "door": "新家", "version": "1", **SAID}),
    ],
    "portal.hand_over": [
        Line("/households/handover/{holder}", "supervisor", elsewhere=404, data={"to": "{user}", "note": "交接"})
    ],
    "portal.pass_on": [
        Line("/households/handover/{holder}/claims", "supervisor", elsewhere=404, data={"note": "转交"})
    ],
    "portal.print_clear": [Line(FILE + "/print", FILES, elsewhere=404, data={"why": "check"})],
    "portal.separate": [
        Line("/households/{merged}/separate", DESK, elsewhere=404, data={"version": "2", "other_version": "2", **SAID})
    ],
    "portal.unmask": [Line(FILE + "/unmask", FILES, elsewhere=404, data={"why": "check"})],
    "programmes.create": [Line("/programmes", "foundation", data={"name": "我的项目"})],
    "programmes.edit": [
        Line("/programmes/{programme}/edit", "foundation", elsewhere=403, data={"name": "改名"})
    ],
    "resources.create": [
        Line("/resources?claim={gift_claim}", "donor", elsewhere=403, data={"quantity": "1"}),
        Line("/resources?programme={programme}", "donor volunteer", data={"quantity": "1"}),
        Line("/resources?programme={closed}", "", but={"donor": 404, "volunteer": 404}),
    ],
    "resources.deliver": [
        Line("/resources/{line}/deliver", HANDS, 404, elsewhere=404, onlookers="donor officer auditor")
    ],
    "resources.receive": [
        Line("/resources/{promised}/receive", HANDS, 404, elsewhere=404, onlookers="donor officer auditor")
    ],
    "resources.reverse": [
        Line("/resources/{line}/reverse", HANDS + " donor", 404, elsewhere=404, onlookers="officer auditor", data=SAID)
    ],
    "resources.reverse_delivery": [
        Line("/resources/{line}/deliveries/{delivery}/reverse", HANDS, 404, elsewhere=404, onlookers="donor officer auditor", data=SAID)
    ],
    "tasks.claim": [Line("/tasks/{task}/claim", "volunteer donor", data={"pledge": "y", "unrelated": "y"})],
    "tasks.leave": [Line("/claims/{waiting}/leave", "volunteer", 404, elsewhere=404, onlookers=FILES)],
    "tasks.publish": [Line(NEED + "/publish", "supervisor", elsewhere=403)],
    "tasks.release": [
        Line("/claims/{claim}/release", "volunteer", 404, elsewhere=404, onlookers=FILES, data={"reason": "time"})
    ],
    "tasks.wait": [Line("/tasks/{task}/wait", "volunteer donor", data={"pledge": "y", "unrelated": "y"})],
    "tasks.withdraw": [Line(NEED + "/withdraw", DESK, elsewhere=403, data=SAID)],
    "tasks.withdraw_consent": [
        Line(FILE + "/consents/withdraw", DESK, elsewhere=404, data={"purpose": "visit", "recipient": "helpers"})
    ],
    "visits.amend": [Line("/visits/{done}/amend", DESK, elsewhere=403, data={"result": "met", **SAID})],
    "visits.confirm": [Line(VISIT + "/confirm", DESK, elsewhere=403, data={"version": "{visit_version}"})],
    "visits.create": [
        Line("/visits/new?claim={claim}", "volunteer", elsewhere=403, data={"result": "met"}),
        Line("/visits/new?household={file_no}", DESK, 404, elsewhere=404, onlookers="officer", data={"result": "met"}),
    ],
    "visits.finish": [Line("/follow-ups/{follow_up}/done", DESK, elsewhere=403)],
    "visits.return_": [Line(VISIT + "/return", DESK, elsewhere=403, data={"version": "{visit_version}", **SAID})],
    "visits.set_rhythm": [  # for the whole city; these people have a town or a district
        Line("/visits/rhythm", "", data={"tier": "weekly", "days": "10", "valid_from": "2099-01-01"})
    ],
}  # fmt: skip
OPEN_TO_ALL = {  # what everybody does to their own account: there is nobody else's thing to name
    "accounts.accept_invitation",
    "accounts.change_password",
    "accounts.change_settings",
    "accounts.create_account",
    "accounts.end_session",
    "accounts.logout",
    "accounts.logout_everywhere",
    "accounts.sign_in",
    "notices.read_all",
}


def endpoints(app: Flask, method: str) -> set[str]:
    """The endpoints that answer a method."""
    return {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if method in (rule.methods or set()) and rule.endpoint != "static"
    }


def test_every_address_stands_in_the_matrix(sqlite_app: Flask) -> None:
    assert set(GETS) == endpoints(sqlite_app, "GET")
    assert set(POSTS) | OPEN_TO_ALL == endpoints(sqlite_app, "POST")


def said(answer: TestResponse) -> str:
    """Everything that reaches the browser."""
    text: str = answer.data.decode("utf-8", "replace")
    return text + str(answer.headers)


def told(text: str, town: Town, person: Person, line: Line) -> list[str]:
    """Return what a page says that it may not say to this person."""
    role = person.role.value if person.role and person.is_inside else ""
    secrets = {} if role in line.clear.split() else {"name": NAME, "phone": PHONE, "door": DOOR}
    if not line.url.startswith(MEMBER) or role not in line.clear.split():
        secrets["ID number"] = ID_NUMBER
    if role not in (*FILES.split(), "auditor"):
        secrets["file number"] = town.codes["file_no"]
    return [what for what, secret in secrets.items() if secret in text]


def test_everybody_opens_what_they_may_and_nothing_else(app: Flask) -> None:
    town = build(app)
    wrong = []
    for endpoint, lines in GETS.items():
        for line in lines:
            for person in town.people:
                answer = person.client.get(line.url.format(**town.codes))
                where = f"{endpoint} {line.url} for {person.words}"
                if answer.status_code != line.expected(person):
                    wrong.append(f"{where}: {answer.status_code}, not {line.expected(person)}")
                if leaks := told(said(answer), town, person, line):
                    if person.role is None and leaks == ["file number"]:
                        continue  # whoever signs in is led back to the address they typed
                    wrong.append(f"{where}: tells the {', '.join(leaks)}")

    assert not wrong, "\n".join(wrong)


def test_nobody_changes_what_is_not_theirs_to_change(app: Flask) -> None:
    town = build(app)
    before, wrong = everything(), []
    for endpoint, lines in POSTS.items():
        for line in lines:
            for person in town.people:
                if person.role and line.expected(person) == line.answer:
                    continue
                data = {name: value.format(**town.codes) for name, value in line.data.items()}
                answer = person.client.post(line.url.format(**town.codes), data=data)
                where = f"{endpoint} {line.url} for {person.words}"
                if answer.status_code != line.expected(person):
                    wrong.append(f"{where}: {answer.status_code}, not {line.expected(person)}")
                if leaks := told(said(answer), town, person, Line("", "")):
                    wrong.append(f"{where}: tells the {', '.join(leaks)}")
        after = everything()
        wrong += [f"{endpoint} changed {name}" for name in after if after[name] != before[name]]
        before = after

    assert not wrong, "\n".join(wrong)


def everything() -> dict[str, bytes]:
    """A digest of every table."""
    db.session.rollback()
    return {
        table.name: hashlib.sha256(
            "\n".join(sorted(map(repr, db.session.execute(table.select())))).encode()
        ).digest()
        for table in db.metadata.sorted_tables
    }
