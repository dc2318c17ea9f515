"""Papers of a file: judged by their bytes, sealed, opened with a trace, withdrawn and never deleted."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from app.accounts.rules import Role
from app.audit.models import AuditRow
from app.core import clock
from app.core.db import db, transaction
from app.core.errors import Forbidden, NotHere
from app.core.storage import storage
from app.households import queries, services
from app.households.errors import NoPhotoConsent, NotInState, WithdrawnAlready, Wrong
from app.households.models import HouseholdDocument
from app.households.rules import HouseholdState, Purpose
from app.households.rules.documents import DocumentKind
from app.media.errors import BrokenPaper, NotAPicture, PaperTooLarge
from app.media.rules import MAX_PAPER_BYTES
from tests.factories import DALIANG, SHUNDE, a_household, a_user, a_worker, reload, sign_in
from tests.households.life import PDF, RONGGUI, a_paper, a_picture, anew, key
from tests.households.life import a_worker as a_worker_actor

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

K = DocumentKind


def add(actor: Any, file: Any, data: bytes = PDF, **facts: Any) -> HouseholdDocument:
    values: dict[str, Any] = {
        "kind": K.OTHER, "title": "户口本首页", "dated_on": clock.today(), "key": key(),
    } | facts  # fmt: skip
    with transaction():
        return services.add_document(actor, file, data, **values)


@pytest.mark.usefixtures("app")
def test_a_paper_is_kept_as_it_came_and_lies_sealed() -> None:
    file, worker = a_household(), a_worker_actor()

    found = add(worker, file)

    assert storage().get(found.media.storage_key) != PDF
    assert PDF not in storage().get(found.media.storage_key)
    with transaction():
        assert services.open_document(worker, file, found) == PDF
    assert [one.title for one in queries.papers(file)] == ["户口本首页"]
    actions = db.session.scalars(select(AuditRow.action).order_by(AuditRow.id)).all()
    assert actions == ["media.store", "document.create", "document.read"]


@pytest.mark.usefixtures("app")
def test_a_picture_is_drawn_anew() -> None:
    file, worker, original = a_household(), a_worker_actor(), a_picture()

    found = add(worker, file, original, kind=K.ASSESSMENT, title="")

    with transaction():
        data = services.open_document(worker, file, found)
        small = services.open_document(worker, file, found, thumb=True)
    assert data.startswith(b"\xff\xd8")
    assert data != original
    assert len(small) < len(data)
    assert queries.papers(file)[0].title == "评估表"


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b"<html><script>alert(1)</script></html>", NotAPicture),
        (b"MZ\x90\x00 a program", NotAPicture),
        (b"PK\x03\x04 a workbook or an archive", NotAPicture),
        (b"\n%PDF-1.7 after something else\n%%EOF", NotAPicture),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", NotAPicture),
        (b"%PDF-1.7 and then nothing", BrokenPaper),
        (b"%PDF-1.7" + b"0" * MAX_PAPER_BYTES + b"%%EOF", PaperTooLarge),
    ],
)
def test_nothing_but_pictures_and_whole_papers_is_kept(
    data: bytes, refusal: type[Exception]
) -> None:
    file, worker = a_household(), a_worker_actor()

    with pytest.raises(refusal):
        add(worker, file, data)

    assert queries.documents(file) == []


@pytest.mark.usefixtures("app")
def test_a_photo_needs_consent_for_photos() -> None:
    file, worker = a_household(consents=(Purpose.VISIT,)), a_worker_actor()

    with pytest.raises(NoPhotoConsent):
        add(worker, file, a_picture(), kind=K.PHOTO)
    agreed = a_household(consents=(Purpose.PHOTO,))
    add(worker, agreed, a_picture(), kind=K.PHOTO)

    assert len(queries.documents(agreed)) == 1


@pytest.mark.usefixtures("app")
def test_the_same_form_sent_twice_adds_one_paper() -> None:
    file, worker, same = a_household(), a_worker_actor(), key()

    assert add(worker, file, key=same).id == add(worker, file, key=same).id
    assert len(queries.documents(file)) == 1


@pytest.mark.usefixtures("app")
def test_a_paper_has_a_day_that_has_been_and_a_title_that_names_nobody() -> None:
    file, worker = a_household(), a_worker_actor()
    tomorrow = clock.today() + timedelta(days=1)

    for field, given in (
        ("dated_on", {"dated_on": None}),
        ("dated_on", {"dated_on": tomorrow}),
        ("title", {"title": "霍凤志的残疾证"}),
        ("title", {"title": "电话 13800005678"}),
        ("file", {"data": b""}),
    ):
        with pytest.raises(Wrong) as refused:
            add(worker, file, **given)
        assert refused.value.field == field


@pytest.mark.usefixtures("app")
def test_a_withdrawn_paper_stays_readable_and_says_why() -> None:
    file, worker = a_household(), a_worker_actor()
    found = a_paper(file, worker)

    with pytest.raises(Wrong), transaction():
        services.withdraw_document(worker, file, found, " ")
    with transaction():
        services.withdraw_document(worker, file, found, "扫描不清楚")
    with pytest.raises(WithdrawnAlready), transaction():
        services.withdraw_document(worker, file, anew(found), "再撤一次")

    paper = queries.papers(file)[0]
    assert (paper.why, paper.row.withdrawn_by_id) == ("扫描不清楚", worker.user_id)
    assert queries.papers(file, K.CLASS) == []  # it is nobody's grounds any more
    with transaction():
        assert services.open_document(worker, file, found) == PDF
    assert [one.title for one in queries.changes(file.id)] == [
        "撤下附件：类别认定依据",
        "添加附件：类别认定依据",
    ]


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    ("role", "region"),
    [
        (Role.WORKER, RONGGUI),
        (Role.OFFICER, SHUNDE),
        (Role.ADMIN, "4406"),
        (Role.VOLUNTEER, DALIANG),
    ],
)
def test_only_who_works_there_adds_and_withdraws(role: Role, region: str) -> None:
    file, actor = a_household(), a_user(role, region).actor
    paper = a_paper(file, a_worker_actor())

    with pytest.raises(Forbidden):
        add(actor, file)
    with pytest.raises(Forbidden):
        services.withdraw_document(actor, file, paper, "试")
    if role is not Role.OFFICER:
        with pytest.raises(Forbidden):
            services.open_document(actor, file, paper)


@pytest.mark.usefixtures("app")
def test_nothing_is_added_to_an_archived_file() -> None:
    file, worker = a_household(state=HouseholdState.ARCHIVED), a_worker_actor()

    with pytest.raises(NotInState):
        add(worker, file)


@pytest.mark.usefixtures("app")
def test_bytes_that_are_lost_are_not_there() -> None:
    file, worker = a_household(), a_worker_actor()
    paper = a_paper(file, worker)
    storage().delete(paper.media.storage_key)

    with pytest.raises(NotHere):
        services.open_document(worker, file, paper)


def form(data: bytes = PDF, **changes: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "kind": "class", "title": "区民政确认告知书", "dated_on": clock.today().isoformat(),
        "file": (BytesIO(data), "扫描件.pdf"), "idempotency_key": "one-key-for-a-paper",
    }  # fmt: skip
    return values | changes


def test_a_paper_is_added_on_the_page_once_and_comes_back_as_a_download(
    client: FlaskClient,
) -> None:
    file = a_household()
    sign_in(client, a_worker())
    where = f"/households/{file.file_no}/documents"
    assert "添加附件" in client.get(f"{where}/new?kind=class").text

    answers = [client.post(where, data=form()) for _ in range(2)]

    assert [one.status_code for one in answers] == [303, 303]
    assert answers[0].location == f"/households/{file.file_no}?tab=documents"
    found = queries.documents(file)
    assert len(found) == 1
    got = client.get(f"{where}/{found[0].code}")
    assert got.data == PDF
    assert got.mimetype == "application/pdf"
    assert got.headers["Content-Disposition"] == f"attachment; filename={found[0].code}.pdf"
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in got.headers["Cache-Control"]
    assert "区民政确认告知书" in client.get(answers[0].location).text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kind": ""}, "请选种类"),
        ({"kind": "x"}, "是什么："),
        ({"dated_on": "2999-01-01"}, "不能晚于今天"),
        ({"title": "长" * 41}, "标题请在 40 字以内"),
        ({"title": "霍凤志"}, "这里不写姓名"),
        ({"file": (b"", "")}, "请选一个文件"),
        ({"file": (b"MZ a program", "看着像.pdf")}, "不是照片"),
        ({"file": (b"%PDF-1.7 cut", "半.pdf")}, "没有传完整"),
    ],
)
def test_a_refused_paper_keeps_what_was_typed(
    client: FlaskClient, changes: dict[str, Any], words: str
) -> None:
    file = a_household()
    sign_in(client, a_worker())

    typed = form() | changes
    if "file" in changes:  # read once: each sending has its own
        content, name = changes["file"]
        typed["file"] = (BytesIO(content), name)
    answer = client.post(f"/households/{file.file_no}/documents", data=typed)

    assert answer.status_code == 422
    assert words in answer.text
    assert "title" in changes or "区民政确认告知书" in answer.text
    assert queries.documents(file) == []


def test_photos_without_consent_are_told_so(client: FlaskClient) -> None:
    file = a_household(consents=())
    sign_in(client, a_worker())

    typed = form(a_picture(), kind="photo")
    answer = client.post(f"/households/{file.file_no}/documents", data=typed)

    assert answer.status_code == 409
    assert "还没有同意拍照" in answer.text


def test_papers_are_shut_to_everybody_else(app: Flask) -> None:
    file, other = a_household(), a_household()
    paper = a_paper(file, a_worker_actor())
    answers = {}
    where = f"/households/{file.file_no}/documents/{paper.code}"
    for role, region in (
        (Role.WORKER, DALIANG),
        (Role.WORKER, RONGGUI),
        (Role.OFFICER, SHUNDE),
        (Role.VOLUNTEER, DALIANG),
    ):
        client = sign_in(app.test_client(), a_user(role, region))
        answers[role, region] = (
            client.get(where).status_code,
            client.get(f"/households/{other.file_no}/documents/{paper.code}").status_code,
            client.post(f"{where}/withdraw", data={"reason": ""}).status_code,
        )

    assert answers == {
        (Role.WORKER, DALIANG): (200, 404, 422),
        (Role.WORKER, RONGGUI): (404, 404, 404),
        (Role.OFFICER, SHUNDE): (200, 404, 403),
        (Role.VOLUNTEER, DALIANG): (403, 403, 403),
    }
    client = sign_in(app.test_client(), a_user(Role.WORKER, DALIANG))
    gone = [client.post(f"{where}/withdraw", data={"reason": "扫错了"}).status_code for _ in "ab"]
    assert gone == [303, 409]
    assert reload(paper).withdrawn_at is not None
