"""What an agent did on a workday: drawn from a seed, plain values. Times in UTC, durations in whole seconds."""

import datetime as dt
import math
import zoneinfo
from collections.abc import Iterator
from functools import cache
from random import Random
from typing import NamedTuple

from .plan import QUEUES, QueuePlan
from .staff import Agent

QUEUE_BY_NAME = {queue.name: queue for queue in QUEUES}
LOAD_BY_WEEKDAY = (1.2, 1.08, 1.0, 1.0, 0.93, 0.75, 0.6)
LOAD_FROM_SIX = (0.4, 0.6, 0.85, 1.15, 1.3, 1.25, 0.9, 0.95, 1.1, 1.12, 1.05, 0.95, 0.9, 0.75, 0.6, 0.45, 0.35)
LOAD_BY_HOUR = dict(enumerate(LOAD_FROM_SIX, start=6))
BETWEEN_CONTACTS = {"voice": 600, "chat": 470, "email": 420}
"""Seconds from the end of a contact to the next one at a load of 1."""
AT_ONCE = {"voice": 1.0, "chat": 0.55, "email": 1.0}
"""Share of a contact's time that passes before the next can begin: two chats run side by side."""
OUTAGE_QUEUE, OUTAGE_AT = "Technical support", 0.62
"""One Tuesday on which everybody calls: this share of the way through the records."""
TUESDAY = 1
CUSTOMERS = 90_000
WAITING_FOR_AN_ANSWER = 160
"""Customers of the agent who gets rid of callers: they call again, and others have to help them."""


class Contact(NamedTuple):
    external_id: str
    workday: dt.date
    started_at: dt.datetime
    ended_at: dt.datetime
    media_type: str
    direction: str
    queue: str
    wait: int | None
    talk: int | None
    hold: int | None
    after_call: int | None
    answered: bool
    abandoned: bool
    transferred: bool | None
    resolved: bool | None
    wrap_up: str | None
    rating: int | None
    customer: str
    sale: int
    """Value of the order in euros, 0 without one."""


class Assessment(NamedTuple):
    external_id: str
    workday: dt.date
    contact: str
    form: str
    score: int
    released: bool


class Records(NamedTuple):
    """The span of the records and the moment they were taken; nothing in them lies after it."""

    seed: int
    first: dt.date
    days: int
    at: dt.datetime

    def progress(self, day: dt.date) -> float:
        """0 on the first day, 1 on the last."""
        return (day - self.first).days / max(self.days, 1)

    @property
    def outage(self) -> dt.date:
        near = self.first + dt.timedelta(days=int(self.days * OUTAGE_AT))
        return near + dt.timedelta(days=(TUESDAY - near.weekday()) % 7)


class Workday(NamedTuple):
    contacts: list[Contact]
    assessment: Assessment | None


def _chance(share: float, log_odds: float) -> float:
    """`share` moved on the log-odds scale."""
    odds = share / (1 - share) * math.exp(log_odds)
    return odds / (1 + odds)


@cache
def pressure(queue: str, day: dt.date, records: Records) -> float:
    """How busy a queue is on a day, shared by all who serve it; 1 is usual."""
    luck = math.exp(Random(f"queue {records.seed} {queue} {day}").gauss(0, 0.12))
    outage = queue == OUTAGE_QUEUE and day == records.outage
    return LOAD_BY_WEEKDAY[day.weekday()] * luck * (2.2 if outage else 1)


class _Day:
    """Draws one agent's workday, contact by contact."""

    def __init__(self, agent: Agent, day: dt.date, records: Records):
        self.agent, self.day, self.records = agent, day, records
        self.rng = Random(f"day {records.seed} {agent.key} {day}")
        self.zone = zoneinfo.ZoneInfo(agent.site.time_zone)
        self.mood = math.exp(self.rng.gauss(0, agent.skill.moods))
        self.growth = agent.skill.trend * records.progress(day)
        if agent.joined_late:
            self.growth -= 0.35 * math.exp(-(day - agent.from_on).days / 14)
        queues = agent.team_on(day).queues
        self.queues = [QUEUE_BY_NAME[name] for name, _ in queues]
        self.weights = [weight for _, weight in queues]
        self.number = 0

    def contacts(self) -> Iterator[Contact]:
        now, end = self._hours()
        breaks = now + (end - now) * self.rng.uniform(0.45, 0.6) if self.agent.shift_hours > 5 else end
        while True:
            queue = self.rng.choices(self.queues, self.weights)[0]
            load = pressure(queue.name, self.day, self.records) * LOAD_BY_HOUR.get(now.astimezone(self.zone).hour, 0.5)
            now += dt.timedelta(seconds=int(self.rng.expovariate(1 / BETWEEN_CONTACTS[queue.media]) / load) + 4)
            if now >= breaks:
                now, breaks = now + dt.timedelta(minutes=self.rng.randint(30, 45)), end
            if now >= end:
                return
            contact = self._contact(queue, now, load)
            if contact.ended_at > self.records.at:
                return
            yield contact
            now += (contact.ended_at - now) * AT_ONCE[queue.media]
            now = now.replace(microsecond=0)

    def assessment(self, contacts: list[Contact]) -> Assessment | None:
        """About one contact a week is assessed; the newest assessments are not released yet."""
        answered = [contact for contact in contacts if contact.answered]
        if self.rng.random() > 0.24 or not answered:
            return None
        contact = self.rng.choice(answered)
        quality = 1.75 + self.agent.skill.quality + 2 * self.growth + self.rng.gauss(0, 0.45)
        return Assessment(
            external_id=f"QA-{contact.external_id}",
            workday=self.day,
            contact=contact.external_id,
            form="Call quality" if contact.media_type == "voice" else "Written contact",
            score=round(100 / (1 + math.exp(-quality))),
            released=(self.records.at.date() - self.day).days > 2 or self.rng.random() < 0.5,
        )

    def _hours(self) -> tuple[dt.datetime, dt.datetime]:
        midnight = dt.datetime.combine(self.day, dt.time(), self.zone)
        begin = midnight + dt.timedelta(hours=self.agent.shift_start, seconds=self.rng.randint(-120, 420))
        begin = begin.astimezone(dt.UTC)
        return begin, begin + dt.timedelta(hours=self.agent.shift_hours)

    def _contact(self, queue: QueuePlan, now: dt.datetime, load: float) -> Contact:
        self.number += 1
        rng = self.rng
        outbound = rng.random() < queue.outbound
        wait = None if outbound or not queue.wait else self._wait(queue, load)
        common = {
            "external_id": f"{self.agent.key.rpartition('-')[2]}-{self.day:%y%m%d}-{self.number:03}",
            "workday": self.day,
            "started_at": now,
            "media_type": queue.media,
            "direction": "outbound" if outbound else "inbound",
            "queue": queue.name,
            "wait": wait,
            "customer": self._customer(),
        }
        if queue.media != "email" and not outbound and rng.random() < 0.032 * load:
            return self._given_up(common, now)
        return self._answered(queue, common, now)

    def _wait(self, queue: QueuePlan, load: float) -> int:
        if self.rng.random() < 0.42:
            return self.rng.randint(0, 5)
        return int(self.rng.expovariate(1 / (queue.wait * load**1.5)))

    def _customer(self) -> str:
        """Most customers are new; those whom the gaming agent got rid of come back to the team."""
        share = 0.85 if self.agent.is_gaming else 0.05 if self.agent.team.name == "Bengaluru billing" else 0.0
        if share and self.rng.random() < share:
            return f"again {self.rng.randrange(WAITING_FOR_AN_ANSWER)}"
        return f"{self.agent.site.name} {self.rng.randrange(CUSTOMERS)}"

    def _given_up(self, common: dict, now: dt.datetime) -> Contact:
        wait = (common["wait"] or 0) + self.rng.randint(8, 40)
        unknown = dict.fromkeys(("talk", "hold", "after_call", "transferred", "resolved", "wrap_up", "rating"))
        return Contact(
            **{**common, **unknown, "wait": wait},
            ended_at=now + dt.timedelta(seconds=15),
            answered=False,
            abandoned=True,
            sale=0,
        )

    def _answered(self, queue: QueuePlan, common: dict, now: dt.datetime) -> Contact:
        rng, skill = self.rng, self.agent.skill
        short = self.agent.is_gaming and rng.random() < 0.45
        hurries = self.agent.hurries_from is not None and self.day >= self.agent.hurries_from
        pace = skill.pace * self.mood * (1 - self.growth) * (0.7 if hurries else 1)
        talk = rng.randint(6, 28) if short else max(8, int(queue.talk * pace * math.exp(rng.gauss(-0.12, 0.5))))
        hold = None if queue.media != "voice" else self._hold(queue, short)
        after_call = int(queue.after_call * skill.after_call * math.exp(rng.gauss(-0.1, 0.45)))
        transferred = rng.random() < _chance(
            queue.transferred, skill.transferring + (0.9 if short else 0) + (1.4 if hurries else 0) - self.growth
        )
        resolved = self._resolved(queue, transferred, short)
        sale = self._sale(queue)
        return Contact(
            **common,
            ended_at=now + dt.timedelta(seconds=talk + (hold or 0) + after_call),
            talk=talk,
            hold=hold,
            after_call=after_call,
            answered=True,
            abandoned=False,
            transferred=transferred,
            resolved=resolved,
            wrap_up="Sold" if sale else "Transferred" if transferred else self._wrap_up(queue),
            rating=self._rating(resolved, short) if rng.random() < 0.2 else None,
            sale=sale,
        )

    def _hold(self, queue: QueuePlan, short: bool) -> int:
        if short or self.rng.random() < 0.6:
            return 0
        return int(self.rng.expovariate(1 / (2.5 * queue.hold * self.agent.skill.hold)))

    def _resolved(self, queue: QueuePlan, transferred: bool, short: bool) -> bool | None:
        """Unknown for one contact in eight: nobody asked."""
        if self.rng.random() < 0.12:
            return None
        against = (1.6 if transferred else -0.15) + (1.4 if short else 0)
        return self.rng.random() < _chance(queue.resolved, self.agent.skill.resolving + 2 * self.growth - against)

    def _wrap_up(self, queue: QueuePlan) -> str:
        codes = [code for code in queue.wrap_ups if code != "Sold"]
        return codes[min(int(self.rng.expovariate(0.75)), len(codes) - 1)]

    def _rating(self, resolved: bool | None, short: bool) -> int:
        liking = 4.75 + 0.8 * self.agent.skill.liking + self.growth - (1.3 if resolved is False else 0)
        return min(5, max(1, round(self.rng.gauss(liking - (1.2 if short else 0), 0.8))))

    def _sale(self, queue: QueuePlan) -> int:
        if not queue.sales or self.rng.random() > _chance(queue.sales, self.agent.skill.selling + 2 * self.growth):
            return 0
        return int(90 * math.exp(self.rng.gauss(0, 0.55)))


def workday_of(agent: Agent, day: dt.date, records: Records) -> Workday:
    """All that the agent finished on `day` until the moment of the records."""
    if not agent.works_on(day):
        return Workday([], None)
    drawn = _Day(agent, day, records)
    contacts = list(drawn.contacts())
    return Workday(contacts, drawn.assessment(contacts))
