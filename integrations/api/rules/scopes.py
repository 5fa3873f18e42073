"""Which scopes of a token allow what an operation asks."""

from collections.abc import Iterable

READONLY = ":readonly"
WIDER = {"gamification_goals.write": "gamification_goals.readwrite"}


def allows(held: Iterable[str], wanted: str) -> bool:
    """Whether the scopes of a token allow `wanted`: by its name, or by a wider one."""
    return bool(set(held) & {wanted, wanted.removesuffix(READONLY), WIDER.get(wanted, wanted)})


def not_implied(scopes: Iterable[str]) -> list[str]:
    """The scopes without those that a wider one among them includes, in their order."""
    scopes = list(scopes)
    return [scope for scope in scopes if not allows(set(scopes) - {scope}, scope)]


def allows_any(held: Iterable[str], wanted: Iterable[str]) -> bool:
    held = set(held)
    return any(allows(held, one) for one in wanted)
