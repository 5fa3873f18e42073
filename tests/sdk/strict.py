"""Walks an answer as it came, strictly against the official SDK's own models.

The SDK swallows most mistakes of a server: unknown keys vanish, floats in whole numbers are cut, wrong dates become
year 1. This finds them: keys that no model has, null anywhere, values of another type, words that no enum has.
"""

import datetime as dt
import inspect
import re
from functools import cache

DATE = re.compile(r"\d{4}-\d\d-\d\d")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
PLAIN = {"str": str, "bool": bool, "object": object}


def mistakes(sdk, value, kind: str, at: str = "$") -> list[str]:
    """What is wrong with a value that should be of an SDK's type; nothing where all is right."""
    if value is None:
        return [f"{at}: null"]
    if kind in CHECKS:
        return [] if CHECKS[kind](value) else [f"{at}: {value!r} is no {kind}"]
    if inner := re.fullmatch(r"list\[(.+)\]", kind):
        return _of_list(sdk, value, inner[1], at)
    if inner := re.fullmatch(r"dict\(str, (.+)\)", kind):
        return [each for key in value for each in mistakes(sdk, value[key], inner[1], f"{at}.{key}")]
    return _of_model(sdk, value, kind, at)


def nulls(value, at: str = "$") -> list[str]:
    """Where null stands in an answer of which the SDK has no model."""
    if isinstance(value, dict):
        return [each for key in value for each in nulls(value[key], f"{at}.{key}")]
    if isinstance(value, list):
        return [each for place, item in enumerate(value) for each in nulls(item, f"{at}[{place}]")]
    return [at] if value is None else []


def _of_list(sdk, value, inner: str, at: str) -> list[str]:
    if not isinstance(value, list):
        return [f"{at}: {value!r} is no list"]
    return [each for place, item in enumerate(value) for each in mistakes(sdk, item, inner, f"{at}[{place}]")]


def _of_model(sdk, value, kind: str, at: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{at}: {value!r} is no {kind}"]
    kinds, words = shape_of(sdk, kind)
    found = [f"{at}.{key}: {kind} has no such key" for key in value if key not in kinds]
    for key in value:
        if key in kinds:
            found += mistakes(sdk, value[key], kinds[key], f"{at}.{key}")
            if value[key] is not None and key in words and value[key] not in words[key]:
                found.append(f"{at}.{key}: {value[key]!r} is none of {sorted(words[key])}")
    return found


@cache
def shape_of(sdk, kind: str) -> tuple[dict, dict]:
    """(type by key, words of an enum by key) of a model."""
    model = getattr(sdk, kind)()
    kinds = {model.attribute_map[name]: type_ for name, type_ in model.swagger_types.items()}
    source, words = inspect.getsource(type(model)), {}
    for name, key in model.attribute_map.items():
        setter = re.search(rf"@{name}\.setter\n(.*?)(?=\n    @property|\n    def to_dict)", source, re.S)
        allowed = re.search(r"allowed_values = \[(.*?)\]", setter[1], re.S) if setter else None
        if allowed:
            words[key] = frozenset(re.findall(r"\"(.*?)\"", allowed[1]))
    return kinds, words


def _is_date(value) -> bool:
    return isinstance(value, str) and bool(DATE.fullmatch(value)) and bool(dt.date.fromisoformat(value))


def _is_moment(value) -> bool:
    return isinstance(value, str) and bool(MOMENT.fullmatch(value))


def _is_number(value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


CHECKS = {
    "int": lambda value: type(value) is int,
    "float": _is_number,
    "date": _is_date,
    "datetime": _is_moment,
    **{name: (lambda value, kind=kind: isinstance(value, kind)) for name, kind in PLAIN.items()},
}
