"""Writes contacts, evaluations and sales of the demo centre, with a touch for each workday."""

import datetime as dt
import hashlib
import zoneinfo
from collections.abc import Iterator

from interactions.actions import touch
from interactions.enums import TouchReason
from interactions.models import Evaluation, Leg
from metrics.models import Metric, Reading

from .people import Written
from .plan import SELLING
from .staff import Agent, Staff
from .workdays import Assessment, Contact, Records, Workday, workday_of

SOURCE = "demo"
BATCH = 5000


def write_facts(staff: Staff, written: Written, records: Records, *, sales: Metric) -> int:
    """All workdays of all agents up to the moment of the records. How many contacts were written."""
    number, batch = 0, []
    for agent, workday in _workdays(staff, records):
        batch.append((agent, workday))
        if sum(len(workday.contacts) for _, workday in batch) >= BATCH:
            number += _write(batch, written, records, sales=sales)
            batch = []
    return number + _write(batch, written, records, sales=sales)


def _workdays(staff: Staff, records: Records) -> Iterator[tuple[Agent, Workday]]:
    for agent in staff.agents:
        today = records.at.astimezone(zoneinfo.ZoneInfo(agent.site.time_zone)).date()
        for offset in range((today - records.first).days + 1):
            workday = workday_of(agent, records.first + dt.timedelta(days=offset), records)
            if workday.contacts:
                yield agent, workday


def _write(batch: list[tuple[Agent, Workday]], written: Written, records: Records, *, sales: Metric) -> int:
    legs = [_leg(contact, agent, written) for agent, workday in batch for contact in workday.contacts]
    Leg.objects.bulk_create(legs, batch_size=BATCH)
    by_id = {leg.external_id: leg for leg in legs}
    Evaluation.objects.bulk_create(
        _evaluation(workday.assessment, agent, by_id, written) for agent, workday in batch if workday.assessment
    )
    Reading.objects.bulk_create(
        _reading(agent, workday, written, records, sales)
        for agent, workday in batch
        if any(contact.queue in SELLING for contact in workday.contacts)
    )
    touch(((leg.agent_id, leg.workday) for leg in legs), reason=TouchReason.INTERACTION, at=records.at)
    return len(legs)


def _leg(contact: Contact, agent: Agent, written: Written) -> Leg:
    return Leg(
        source=SOURCE,
        external_id=contact.external_id,
        agent_id=written.people[agent.key].pk,
        workday=contact.workday,
        started_at=contact.started_at,
        ended_at=contact.ended_at,
        media_type=contact.media_type,
        direction=contact.direction,
        queue_id=written.queues[contact.queue].pk,
        wait_seconds=contact.wait,
        talk_seconds=contact.talk,
        hold_seconds=contact.hold,
        after_call_seconds=contact.after_call,
        answered=contact.answered,
        abandoned=contact.abandoned,
        transferred=contact.transferred,
        resolved=contact.resolved,
        wrap_up=contact.wrap_up,
        rating=contact.rating,
        customer_key=hashlib.sha256(f"demo {contact.customer}".encode()).hexdigest(),
    )


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
