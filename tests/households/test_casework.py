"""Case work: six stages in their order, notes that nobody reads unseen, and a file that lives on when a case ends."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from app.accounts.rules import Role
from app.audit.models import AuditRow
from app.core import clock
from app.core.db import db, transaction
from app.core.errors import Forbidden, StalePage
from app.households import queries, services
from app.households.errors import CaseElsewhere, NotInState, Wrong
from app.households.rules import HouseholdState
from app.households.rules.casework import ENDED, NEXT_STAGE, ROAD, CaseSource, Stage, place_of
from app.households.rules.closing import Closing
from app.households.services.casework import Step
from tests.factories import DALIANG, SHUNDE, a_household, a_user, a_worker, reload, sign_in
from tests.households.life import RONGGUI
from tests.households.life import a_worker as a_worker_actor

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from app.households.models import Household

NOTE = "夜里睡不好，想找人说说话"


def step(stage: Stage, **facts: Any) -> Step:
    values: dict[str, Any] = {"on": clock.today(), "note": NOTE} | facts
    if stage is Stage.INTAKE:
        values.setdefault("source", CaseSource.ASKED)
    if stage is Stage.CLOSED:
        values.setdefault("closing", Closing.ACHIEVED)
    if stage is Stage.REFERRED:
        values.setdefault("referred_to", "区残联")
    return Step(stage, **values)


def walk(worker: Any, file: Household, *stages: Stage) -> None:
    for stage in stages:
        with transaction():
            services.take_step(worker, reload(file), step(stage), version=file.version)


def test_the_road_has_six_stages_and_can_be_walked() -> None:
    assert [stage.label for stage in ROAD] == ["接案", "预估", "计划", "介入", "评估", "结案"]
    before = ""
    for stage in ROAD:
        assert stage in NEXT_STAGE[before]
        before = stage
    assert all(NEXT_STAGE[stage] == (Stage.INTAKE,) for stage in ENDED)
    assert set(NEXT_STAGE) == {"", *Stage}


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("before", ["", *Stage])
def test_a_case_skips_no_stage(before: str) -> None:
    worker, file = a_worker_actor(), a_household(case_stage=before)

    for after in set(Stage) - set(NEXT_STAGE[before]):
        with pytest.raises(CaseElsewhere), transaction():
            services.take_step(worker, file, step(after), version=1)
    assert reload(file).case_stage == before


@pytest.mark.usefixtures("app")
def test_a_case_ends_and_the_file_stays_in_force_for_the_next_one() -> None:
    worker, file = a_worker_actor(), a_household()

    walk(worker, file, *ROAD)
    assert (reload(file).case_stage, file.state) == ("closed", HouseholdState.ACTIVE)
    assert file.next_visit_on is not None
    walk(worker, file, Stage.INTAKE, Stage.NOT_TAKEN)

    cases = queries.sections(reload(file))["case"]["cases"]
    assert [len(one["steps"]) for one in cases] == [6, 2]
    assert cases[0]["steps"][-1]["closing"] == "achieved"
    assert place_of(file.case_stage) == 0


@pytest.mark.usefixtures("app")
def test_each_step_asks_for_what_it_needs() -> None:
    worker, file, today = a_worker_actor(), a_household(), clock.today()
    walk(worker, file, Stage.INTAKE, Stage.ASSESSMENT)
    early, late = today - timedelta(days=1), today + timedelta(days=1)
    wrong = [
        ("on", step(Stage.PLANNING, on=None)),
        ("on", step(Stage.PLANNING, on=late)),
        ("on", step(Stage.PLANNING, on=early)),  # before the step before it
        ("note", step(Stage.PLANNING, note="  ")),
        ("closing", step(Stage.CLOSED, closing=None)),
        ("referred_to", step(Stage.REFERRED, referred_to=" ")),
    ]

    for field, given in wrong:
        with pytest.raises(Wrong) as refused, transaction():
            services.take_step(worker, reload(file), given, version=file.version)
        assert refused.value.field == field
    fresh = a_household()
    with pytest.raises(Wrong) as refused, transaction():
        services.take_step(worker, fresh, step(Stage.INTAKE, source=None), version=1)
    assert refused.value.field == "source"


@pytest.mark.usefixtures("app")
def test_notes_are_sealed_and_every_reading_is_written_down() -> None:
    worker, file = a_worker_actor(), a_household()
    walk(worker, file, Stage.INTAKE)

    with transaction():
        cases = services.read_case(worker, reload(file))

    assert cases[0]["steps"][0]["note"] == NOTE
    rows = db.session.scalars(select(AuditRow).where(AuditRow.action == "case.read")).all()
    assert [row.household_id for row in rows] == [file.id]
    assert NOTE not in queries.changes(file.id)[0].title


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
def test_only_who_works_there_goes_on_with_a_case(role: Role, region: str) -> None:
    file, actor = a_household(), a_user(role, region).actor

    with pytest.raises(Forbidden):
        services.take_step(actor, file, step(Stage.INTAKE), version=1)
    if role is not Role.OFFICER:
        with pytest.raises(Forbidden):
            services.read_case(actor, file)


@pytest.mark.usefixtures("app")
def test_two_who_go_on_at_once_are_one_too_many() -> None:
    worker, file = a_worker_actor(), a_household()
    walk(worker, file, Stage.INTAKE)

    with pytest.raises(StalePage), transaction():
        services.take_step(worker, reload(file), step(Stage.ASSESSMENT), version=1)
    closed = a_household(state=HouseholdState.CLOSED)
    with pytest.raises(NotInState), transaction():
        services.take_step(worker, closed, step(Stage.INTAKE), version=1)


def test_a_case_is_walked_on_the_page(client: FlaskClient) -> None:
    file = a_household()
    where = f"/households/{file.file_no}/case"
    sign_in(client, a_worker())
    form = {
        "stage": "intake",
        "on": clock.today().isoformat(),
        "source": "asked",
        "note": NOTE,
        "version": "1",
    }

    assert "从接案开始" in client.get(where).text
    assert "怎么来的" in client.get(f"{where}?to=intake").text
    answers = [
        client.post(where, data=form | more)
        for more in ({"note": ""}, {"source": ""}, {"stage": "x"}, {"on": "2999-01-01"}, {}, {})
    ]

    assert [one.status_code for one in answers] == [422, 422, 422, 422, 303, 409]
    assert NOTE in answers[1].text  # what was typed is kept
    page = client.get(where).text
    assert NOTE in page
    assert "预估" in page
    assert (
        NOTE not in client.get(f"/households/{file.file_no}").text
    )  # the file shows the stage alone
