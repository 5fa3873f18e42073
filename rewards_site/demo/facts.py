"""Writes contacts, evaluations and sales of the demo centre, with a touch for each workday."""

import datetime as dt
import hashlib
import zoneinfo
from collections.abc import Iterator

from interactions.actions import LEG_COLUMNS, upsert_legs
from interactions.models import Evaluation, Leg
from metrics.models import Metric, Reading

from .people import Written
from .plan import SELLING
from .staff import Agent, Staff
from .workdays import Assessment, Contact, Records, Workday, workday_of

SOURCE = "demo"
BATCH = 5000
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
MICROSECOND = dt.timedelta(microseconds=1)


def write_facts(staff: Staff, written: Written, records: Records, *, sales: Metric) -> int:
    """All workdays of all agents up to the moment of the records. How many contacts were written."""
    number, waiting, batch = 0, 0, []
    for agent, workday in _workdays(staff, records):
        batch.append((agent, workday))
        waiting += len(workday.contacts)
        if waiting >= BATCH:
            number += _write(batch, written, records, sales=sales)
            waiting, batch = 0, []
    return number + (_write(batch, written, records, sales=sales) if batch else 0)


def _workdays(staff: Staff, records: Records) -> Iterator[tuple[Agent, Workday]]:
    for agent in staff.agents:
        today = records.at.astimezone(zoneinfo.ZoneInfo(agent.site.time_zone)).date()
        for offset in range((today - records.first).days + 1):
            workday = workday_of(agent, records.first + dt.timedelta(days=offset), records)
            if workday.contacts:
                yield agent, workday


def _write(batch: list[tuple[Agent, Workday]], written: Written, records: Records, *, sales: Metric) -> int:
    contacts = [(agent, contact) for agent, workday in batch for contact in workday.contacts]
    upsert_legs(_columns(contacts, written), updated=(), at=records.at)
    legs = _legs_of([workday.assessment for _, workday in batch if workday.assessment])
    Evaluation.objects.bulk_create(
        _evaluation(workday.assessment, agent, legs, written) for agent, workday in batch if workday.assessment
    )
    Reading.objects.bulk_create(
        _reading(agent, workday, written, records, sales)
        for agent, workday in batch
        if any(contact.queue in SELLING for contact in workday.contacts)
    )
    return len(contacts)


def _columns(contacts: list[tuple[Agent, Contact]], written: Written) -> dict[str, list]:
    """The contacts by columns, in the units of the table."""
    agent_ids = {key: person.pk for key, person in written.people.items()}
    queue_ids = {name: queue.pk for name, queue in written.queues.items()}
    rows = [
        (
            SOURCE,
            contact.external_id,
            1,
            agent_ids[agent.key],
            (contact.workday - EPOCH.date()).days,
            _microseconds(contact.started_at),
            _microseconds(contact.ended_at),
            contact.media_type,
            contact.direction,
            queue_ids[contact.queue],
            *(None if seconds is None else seconds * 1000 for seconds in _durations(contact)),
            contact.answered,
            contact.abandoned,
            contact.transferred,
            contact.resolved,
            contact.wrap_up,
            None if contact.rating is None else contact.rating * 1000,
            None,
            hashlib.sha256(f"demo {contact.customer}".encode()).hexdigest(),
        )
        for agent, contact in contacts
    ]
    return dict(zip(LEG_COLUMNS, map(list, zip(*rows, strict=True)), strict=True))


def _durations(contact: Contact) -> tuple[int | None, ...]:
    return contact.wait, contact.talk, contact.hold, contact.after_call


def _microseconds(moment: dt.datetime) -> int:
    return (moment - EPOCH) // MICROSECOND


def _legs_of(assessments: list[Assessment]) -> dict[str, Leg]:
    """The legs that were assessed, by their id in the source."""
    ids = [assessment.contact for assessment in assessments]
    return {leg.external_id: leg for leg in Leg.objects.filter(source=SOURCE, external_id__in=ids)}


def _evaluation(assessment: Assessment, agent: Agent, legs: dict[str, Leg], written: Written) -> Evaluation:
    return Evaluation(
        source=SOURCE,
        external_id=assessment.external_id,
        leg=legs[assessment.contact],
        agent_id=written.people[agent.key].pk,
        workday=assessment.workday,
        form=assessment.form,
        score=assessment.score,
        maximum=100,
        evaluator=written.evaluators[agent.site.name],
        released=assessment.released,
    )


def _reading(agent: Agent, workday: Workday, written: Written, records: Records, sales: Metric) -> Reading:
    """The day's sales as a shop system would send them: one total for an agent and workday."""
    day = workday.contacts[0].workday
    return Reading(
        metric=sales,
        agent_id=written.people[agent.key].pk,
        workday=day,
        value=sum(contact.sale for contact in workday.contacts),
        count=1,
        source=SOURCE,
        key=f"{sales.key}-{agent.key}-{day}",
        at=records.at,
    )
