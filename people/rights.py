"""Which rows of the admin each of Laurel's permissions opens, in one place.

`MODEL_RIGHTS[permission][model label]` lists what may be done. `EVERYWHERE_ONLY` names models whose rows belong to no
division: a grant in one division does not open them. An app adds its own with `allow`, in `AppConfig.ready`.
"""

from collections.abc import Iterable, Mapping

from .enums import Permission

VIEW = ("view",)
ADD = ("view", "add")
EDIT = ("view", "add", "change")
ALL = ("view", "add", "change", "delete")
END = ("view", "delete")

MODEL_RIGHTS: dict[Permission, dict[str, tuple[str, ...]]] = {
    Permission.CONFIGURE_PEOPLE: {
        "people.user": EDIT,
        "people.division": EDIT,
        "people.team": ALL,
        "people.queue": ALL,
        "people.role": ALL,
        "people.grant": ALL,
        "people.divisionassignment": ALL,
        "people.queuemembership": ALL,
        "people.teammembership": ALL,
        "people.teamlead": ALL,
        "people.objection": ("view", "change"),
        "axes.accessattempt": END,
        "mfa.authenticator": END,
        "auditlog.logentry": VIEW,
    },
    Permission.CONFIGURE_SCORING: {
        "people.user": VIEW,
        "people.division": VIEW,
        "people.team": VIEW,
        "people.queue": VIEW,
        "metrics.metric": ALL,
        "metrics.metriccondition": ALL,
        "scorecards.profile": ALL,
        "scorecards.profileassignment": ALL,
        "scorecards.objective": ALL,
        "scorecards.objectiveterms": ALL,
        "scorecards.multiplier": ALL,
        "scorecards.scoringswitch": ADD,
        "scorecards.divisionday": VIEW,
        "scorecards.badge": ALL,
        "scorecards.watch": ALL,
        "leaderboards.board": ALL,
        "goals.goal": ALL,
        "catalogue.item": EDIT,
        "catalogue.category": EDIT,
        "ledger.account": EDIT,
        "ledger.transfer": VIEW,
        "ledger.debt": VIEW,
    },
    Permission.CONFIGURE_LED: {
        "people.user": VIEW,
        "people.team": VIEW,
        "people.queue": VIEW,
        "metrics.metric": VIEW,
        "metrics.metriccondition": VIEW,
        "scorecards.profile": EDIT,
        "scorecards.profileassignment": EDIT,
        "scorecards.objective": EDIT,
        "scorecards.objectiveterms": EDIT,
        "scorecards.multiplier": EDIT,
        "goals.goal": EDIT,
    },
    Permission.IMPORT: {"imports.*": EDIT},
    Permission.REOPEN: {"people.division": VIEW, "scorecards.divisionday": VIEW, "scorecards.reopening": ADD},
    Permission.OPERATE: {"jobs.*": VIEW},
    Permission.CATALOGUE: {"catalogue.item": EDIT, "catalogue.category": EDIT, "people.division": VIEW},
}

EVERYWHERE_ONLY = {
    "people.role",
    "axes.accessattempt",
    "mfa.authenticator",
    "auditlog.logentry",
    "jobs.jobrun",
    "jobs.heartbeat",
    "ledger.account",
    "ledger.transfer",
    "ledger.debt",
}

LED = frozenset({Permission.CONFIGURE_LED})
"""Permissions that hold for what one leads, not for a whole division."""


def allow(permission: Permission, rights: Mapping[str, Iterable[str]], *, everywhere_only: bool = False) -> None:
    """Adds models to what a permission opens: `allow(Permission.OPERATE, {"shop.order": VIEW})`."""
    MODEL_RIGHTS.setdefault(permission, {}).update({label: tuple(actions) for label, actions in rights.items()})
    if everywhere_only:
        EVERYWHERE_ONLY.update(rights)


def permissions_for(label: str, action: str) -> list[Permission]:
    """Laurel's permissions that allow `action` (view, add, change, delete) on the model `app.model`."""
    every = f"{label.split('.', maxsplit=1)[0]}.*"
    return [
        permission
        for permission, rights in MODEL_RIGHTS.items()
        if action in rights.get(label, ()) or action in rights.get(every, ())
    ]


def opens_admin(permissions: Iterable[str]) -> bool:
    """Whether a role with these permissions has anything to do in the admin."""
    return any(permission in MODEL_RIGHTS for permission in permissions)
