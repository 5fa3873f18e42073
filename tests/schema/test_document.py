"""Calls made up from the OpenAPI document, by callers of every role: no failure of the server, no status and no answer
that the document does not know, and nothing of another division.

Each call is taken back, so all meet the same centre. `LAUREL_SCHEMA_EXAMPLES` says how many calls an operation gets
(`python -m bench.schema` gives it more), `LAUREL_SCHEMA_SEED` which.
"""

import datetime as dt
import importlib.util
import os
from dataclasses import dataclass, field

import pytest
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from conftest import IN_CI
from integrations.api.enums import Acting
from integrations.api.tests.factories import make_client, make_token
from integrations.api.urls import api
from integrations.imports.enums import Status
from integrations.imports.models import Import
from interactions.models import Leg
from people.models import Queue
from people.tests.factories import join, make_division, make_person, make_team
from scorecards.models import Objective, Profile
from scorecards.tests.factories import make_external
from tests import centre as centres

pytestmark = [pytest.mark.schema, pytest.mark.django_db]
EXAMPLES = int(os.environ.get("LAUREL_SCHEMA_EXAMPLES", "8"))
SEED = int(os.environ.get("LAUREL_SCHEMA_SEED", "0"))
DOCUMENT = api.get_openapi_schema()
OPERATIONS = [f"{method.upper()} {path}" for path, methods in DOCUMENT["paths"].items() for method in methods]
PARTS = 4
"""They are asked in so many tests, which may run at once; each builds the centre."""
SOUTH = ("Xaver Zzyzx", "xaver.zzyzx@example.com", "Zzyzx team", "Zzyzx division")
"""What only the other division has, in words that no made-up call has."""
NORTH = ("Bruno Sørensen", "Bookings", "Northern")


@dataclass
class Asked:
    """The centre that is asked: a token of each caller, with what it must not be told, and ids that are there."""

    tokens: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    ids: dict[str, list[str]] = field(default_factory=dict)


@pytest.fixture(scope="module")
def schemathesis():
    if importlib.util.find_spec("schemathesis") is None:
        reason = "schemathesis is not installed: .venv/bin/pip install -r requirements-sdk.txt"
        pytest.fail(reason) if IN_CI else pytest.skip(reason)
    return importlib.import_module("schemathesis")


@pytest.fixture(scope="module")
def operations(schemathesis):
    document = schemathesis.openapi.from_dict(DOCUMENT)
    document.app = get_wsgi_application()
    return {found.ok().label: found.ok() for found in document.get_all_operations()}


@pytest.fixture(autouse=True)
def one_connection():
    """A server would close it after each call; here it holds the centre, which nobody else sees."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def _asked(*, at: dt.datetime) -> Asked:
    centre = centres.build(at=at)
    south = make_division(SOUTH[3], time_zone="UTC")
    far = make_person(SOUTH[0], email=SOUTH[1], division=south, role="agent")
    join(far, make_team(SOUTH[2], division=south))
    Leg.objects.bulk_create(centres.call(far, 1, centre.today, number) for number in range(3))
    asked = Asked()
    for name in ("agent", "supervisor"):
        asked.tokens[name] = (_person(centre.people[name]), SOUTH)
    for name in ("reviewer", "administrator"):
        asked.tokens[name] = (_person(centre.people[name]), ())
    asked.tokens["agent of the south"] = (_person(far), NORTH)
    asked.tokens["administrator client"] = (_client("administrator"), ())
    for role in ("administrator", "quality_evaluator", "supervisor"):
        asked.tokens[f"{role} client of the north"] = (_client(role, centre.division), SOUTH)
    people = [str(person.public_id) for person in (centre.people["agent"], centre.agents[1], far)]
    profile = Profile.objects.get(is_default=True)
    objectives = [str(pk) for pk in Objective.objects.values_list("pk", flat=True)[:2]]
    days = [str(centre.today - dt.timedelta(days)) for days in (0, 1, 9)]
    asked.ids = {
        "user": people,
        "profile": [str(profile.pk)],
        "metric": [*objectives, str(make_external("sold").pk), str(profile.objectives.first().metric_id)],
        "division": [str(centre.division.pk), str(south.pk)],
        "team": [str(centre.team.pk), str(far.team_memberships.first().team_id)],
        "job": [str(Import.objects.create(status=Status.QUEUED, created_at=at).public_id)],
        "filter": [str(profile.pk), str(centre.division.pk), str(south.pk)],
        "queue": [str(Queue.objects.get_or_create(name="Sales")[0].pk)],
        "template": ["HigherIsBetter"],
        "workday": days,
        "date": days,
    }
    return asked


def _person(person) -> str:
    return make_token(make_client(acting=Acting.DEVICE, calls_a_minute=10**9), person=person)


def _client(role, *divisions) -> str:
    return make_token(make_client(role, *divisions, calls_a_minute=10**9))


@pytest.mark.parametrize("part", range(PARTS))
def test_answers_are_those_of_the_document(part, schemathesis, operations):
    asked, modes = _asked(at=timezone.now()), list(schemathesis.GenerationMode)
    failed = {}
    for label in OPERATIONS[part::PARTS]:
        try:
            _ask(operations[label], modes, asked)
        except (Exception, BaseExceptionGroup) as error:  # noqa: BLE001 - told below, of each operation
            failed[label] = str(error)
    assert failed == {}, "\n\n".join(f"{label}: {what}" for label, what in failed.items())


def _ask(operation, modes, asked: Asked) -> None:
    @seed(SEED)
    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    @given(st.data())
    def calls(data):
        case = data.draw(operation.as_strategy(data.draw(st.sampled_from(modes))))
        caller = data.draw(st.sampled_from(sorted(asked.tokens)))
        if data.draw(st.integers(0, 3)):
            for part in (case.path_parameters, case.query, case.body):
                _put_ids(part, asked.ids, data)
        token, hidden = asked.tokens[caller]
        answer = _answer(case, token)
        case.validate_response(answer, checks=_checks())
        told = answer.content.decode("utf-8", "replace")
        assert [word for word in hidden if word in told] == [], f"{caller} was told by {case.formatted_path}"

    calls()


def _answer(case, token: str):
    """The answer to a call, which is then taken back."""
    with transaction.atomic():
        answer = case.call(headers={"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"})
        transaction.set_rollback(True)
    return answer


def _checks() -> list:
    from schemathesis.checks import load_all_checks, not_a_server_error  # noqa: PLC0415 - not there everywhere
    from schemathesis.specs.openapi import checks  # noqa: PLC0415 - as above

    load_all_checks()
    return [
        not_a_server_error,
        checks.status_code_conformance,
        checks.content_type_conformance,
        checks.response_schema_conformance,
    ]


def _put_ids(part, ids: dict[str, list[str]], data) -> None:
    """Ids and days that are there, in place of most of those that were made up."""
    for key, value in list(part.items()) if hasattr(part, "items") else []:
        if isinstance(value, (dict, list)) and not _kind(key, ids):
            _put_ids(value, ids, data)
        elif (kind := _kind(key, ids)) and isinstance(value, str):
            part[key] = data.draw(st.sampled_from(ids[kind]))
        elif kind and isinstance(value, list):
            part[key] = [data.draw(st.sampled_from(ids[kind]))]
    for each in part if isinstance(part, list) else ():
        _put_ids(each, ids, data)


def _kind(key: str, ids: dict[str, list[str]]) -> str | None:
    words = key.lower()
    return next((kind for kind in ids if kind in words and ("id" in words or kind in ("workday", "date"))), None)
