"""What the demo centre looks like: sites, queues, teams. Plain values."""

from typing import NamedTuple

from .names import BENGALURU, BERLIN, BOGOTA, Culture


class Site(NamedTuple):
    """A division. `open_hours` are local: the first shift begins, the last one ends."""

    name: str
    time_zone: str
    cultures: tuple[Culture, ...]
    open_hours: tuple[int, int]


class QueuePlan(NamedTuple):
    """Typical figures of a queue; agents differ around them. Times in seconds, shares from 0 to 1."""

    name: str
    site: str | None
    media: str
    talk: float
    hold: float
    after_call: float
    wait: float
    resolved: float
    transferred: float
    outbound: float
    sales: float
    """Share of answered contacts that end in a sale."""
    wrap_ups: tuple[str, ...]
    """The most frequent first."""


class TeamPlan(NamedTuple):
    name: str
    site: str
    size: int
    """Of a centre with 120 agents."""
    queues: tuple[tuple[str, int], ...]
    """Name and weight; the first is the primary queue."""
    profile: str = ""
    part_of: str = ""
    """The team above; the site's own team when empty."""


DEFAULT_AGENTS = 120
SMALLEST_TEAM = "Berlin retention"
"""Stays under five people whatever the size of the centre."""

SITES = (
    Site("Berlin", "Europe/Berlin", BERLIN, (7, 21)),
    Site("Bengaluru", "Asia/Kolkata", BENGALURU, (7, 22)),
    Site("Bogotá", "America/Bogota", BOGOTA, (6, 20)),
)

BILLING_WRAP_UPS = ("Invoice explained", "Payment plan", "Refund", "Address changed", "Direct debit", "Escalated")
SUPPORT_WRAP_UPS = ("Answered", "Delivery date", "Complaint", "Account access", "Return", "Escalated")
TECH_WRAP_UPS = (
    "Restarted device",
    "Configuration",
    "Outage explained",
    "Technician booked",
    "Replacement",
    "Escalated",
)
SALES_WRAP_UPS = ("Offer sent", "Sold", "Not interested", "Call back agreed", "Price question")

QUEUES = (
    QueuePlan("Berlin sales", "Berlin", "voice", 290, 12, 48, 14, 0.86, 0.05, 0.35, 0.17, SALES_WRAP_UPS),
    QueuePlan("Berlin support", "Berlin", "voice", 275, 26, 42, 17, 0.80, 0.09, 0.06, 0.0, SUPPORT_WRAP_UPS),
    QueuePlan("Retention", "Berlin", "voice", 410, 20, 60, 11, 0.83, 0.04, 0.30, 0.09, SALES_WRAP_UPS),
    QueuePlan("Billing", "Bengaluru", "voice", 235, 34, 38, 15, 0.82, 0.08, 0.04, 0.0, BILLING_WRAP_UPS),
    QueuePlan("Technical support", "Bengaluru", "voice", 395, 45, 55, 20, 0.74, 0.11, 0.05, 0.0, TECH_WRAP_UPS),
    QueuePlan("Chat", None, "chat", 520, 0, 30, 22, 0.79, 0.07, 0.0, 0.0, SUPPORT_WRAP_UPS),
    QueuePlan("E-mail", None, "email", 330, 0, 25, 0, 0.76, 0.05, 0.10, 0.0, SUPPORT_WRAP_UPS),
    QueuePlan("Ventas", "Bogotá", "voice", 310, 10, 45, 13, 0.84, 0.05, 0.40, 0.19, SALES_WRAP_UPS),
    QueuePlan("Servicio al cliente", "Bogotá", "voice", 265, 28, 40, 16, 0.81, 0.08, 0.06, 0.0, SUPPORT_WRAP_UPS),
)

SELLING = frozenset(queue.name for queue in QUEUES if queue.sales)

SALES, CHAT, BERLIN_SUPPORT = "Sales", "Chat and e-mail", "Berlin support"
"""Names of the profiles besides the default one. The last belongs to the teams of one lead, who may change it."""

TEAMS = (
    TeamPlan("Berlin sales", "Berlin", 16, (("Berlin sales", 10), ("Retention", 3)), SALES),
    TeamPlan("Berlin support", "Berlin", 20, (("Berlin support", 10), ("E-mail", 2)), BERLIN_SUPPORT),
    TeamPlan(SMALLEST_TEAM, "Berlin", 4, (("Retention", 10), ("Berlin support", 3)), BERLIN_SUPPORT, "Berlin support"),
    TeamPlan("Bengaluru billing", "Bengaluru", 18, (("Billing", 10), ("Technical support", 2))),
    TeamPlan("Bengaluru tech support", "Bengaluru", 18, (("Technical support", 10), ("Billing", 1))),
    TeamPlan("Bengaluru chat", "Bengaluru", 16, (("Chat", 10), ("E-mail", 4)), CHAT),
    TeamPlan("Bogotá ventas", "Bogotá", 14, (("Ventas", 10), ("Servicio al cliente", 2)), SALES),
    TeamPlan("Bogotá servicio", "Bogotá", 14, (("Servicio al cliente", 10), ("Chat", 2))),
)


def team_sizes(agents: int) -> dict[str, int]:
    """Sizes that add up to `agents`, in the proportions of the plan; the smallest team keeps its own."""
    small = min(next(team.size for team in TEAMS if team.name == SMALLEST_TEAM), max(agents // 10, 1))
    others = [team for team in TEAMS if team.name != SMALLEST_TEAM]
    whole = sum(team.size for team in others)
    left = max(agents - small, len(others))
    bounds, running = [0], 0
    for team in others:
        running += team.size
        bounds.append(round(left * running / whole))
    sizes = {team.name: after - before for team, before, after in zip(others, bounds, bounds[1:], strict=False)}
    return {**sizes, SMALLEST_TEAM: small}
