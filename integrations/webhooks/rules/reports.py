"""What another system may report of a goal, read from its event; and what its status address answers. Pure."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from foundation.periods import Kind, parse_period
from goals.enums import GoalStatus

LONGEST_ID = 200
MOST_VALUE = Decimal(10) ** 12
KINDS = (Kind.DAILY, Kind.WEEKLY, Kind.MONTHLY, Kind.QUARTERLY)


class BadReport(ValueError):
    """An event that cannot be read; the message is a sentence for whoever sends it."""


class BadSignature(ValueError):
    """An event that is not from the source, or too old; the message is a sentence for whoever sends it."""


@dataclass(frozen=True)
class ReportedStatus:
    """A goal's status for a period, as the source names it."""

    external_goal: str
    period: str
    status: GoalStatus
    value: Decimal | None = None


class Answer(StrEnum):
    """What the status address makes of a report."""

    LOCKED = "locked"
    NOT_LOCKED = "not_locked"
    OTHER = "other"
    """Locked, with another value or status."""
    NONE = "none"
    """No answer that can be read."""


def check_signature(headers: Mapping[str, str], body: bytes, *, secrets: Iterable[str], now: int, window: int) -> str:
    """The event's id, once the Standard Webhooks signature is seen to be right and its time within `window` seconds of
    `now` (seconds since 1970). BadSignature otherwise.
    """
    event_id, sent, signatures = (headers.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature"))
    if not (event_id and sent and signatures):
        raise BadSignature("Send the headers webhook-id, webhook-timestamp and webhook-signature.")
    if len(event_id) > LONGEST_ID or not event_id.isprintable():
        raise BadSignature(f"webhook-id has at most {LONGEST_ID} printable characters.")
    if not (sent.isascii() and sent.isdigit() and len(sent) <= 12):
        raise BadSignature("webhook-timestamp is a whole number of seconds since 1970.")
    given = [part.partition(",")[2] for part in signatures.split() if part.startswith("v1,")]
    signed = f"{event_id}.{sent}.".encode() + body
    right = [hmac.new(_key(secret), signed, hashlib.sha256).digest() for secret in secrets]
    if not any(hmac.compare_digest(one, _decoded(other)) for one in right for other in given):
        raise BadSignature("The signature is not that of this source's secret.")
    if abs(now - int(sent)) > window:
        raise BadSignature(f"webhook-timestamp is more than {window} seconds from now. Sign each try anew.")
    return event_id


def _key(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix("whsec_"))


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return b""


def read_report(body: bytes) -> ReportedStatus:
    """The goal, period and status of an event: at the top of the body, or in its `data`. BadReport otherwise."""
    try:
        content = json.loads(body, parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise BadReport("The body is not JSON.") from error
    data = content.get("data", content) if isinstance(content, dict) else None
    if not isinstance(data, dict):
        raise BadReport("The body is an object, with the fields at its top or in “data”.")
    return ReportedStatus(
        _text(data, "goalId"), _period(_text(data, "evaluationPeriod")), _status(data), _value(data.get("metricValue"))
    )


def _no_constant(name: str):
    raise ValueError(name)


def _text(data: dict, name: str) -> str:
    value = data.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_ID or not value.isprintable():
        raise BadReport(f"“{name}” is a text of 1 to {LONGEST_ID} characters.")
    return value


def _period(text: str) -> str:
    try:
        period = parse_period(text)
    except (ValueError, OverflowError) as error:
        raise BadReport("“evaluationPeriod” is 2024-09-01, 2024-W36, 2024-09 or 2024-Q3.") from error
    if period.kind not in KINDS:
        raise BadReport("“evaluationPeriod” is one day, week, month or quarter.")
    return period.key


def _status(data: dict) -> GoalStatus:
    value = data.get("currentStatus")
    if value not in GoalStatus.values:
        raise BadReport(f"“currentStatus” is one of {', '.join(GoalStatus.values)}.")
    return GoalStatus(value)


def _value(value) -> Decimal | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or abs(value) >= MOST_VALUE:
        raise BadReport("“metricValue” is a number, or left out.")
    return round(Decimal(value), 5)


def judge(text: str, reported: ReportedStatus) -> Answer:
    """What an answer of the status address says of a report: `snapshotLocked` must be true, and where the answer has a
    `metricValue` or a status, it must be the reported one.
    """
    try:
        answer = json.loads(text, parse_float=Decimal, parse_constant=_no_constant)
        locked = answer.get("snapshotLocked") if isinstance(answer, dict) else None
        value = _value(answer.get("metricValue")) if isinstance(answer, dict) else None
    except (ValueError, RecursionError, InvalidOperation):
        return Answer.NONE
    if not isinstance(locked, bool):
        return Answer.NONE
    if not locked:
        return Answer.NOT_LOCKED
    status = answer.get("currentStatus", answer.get("status", reported.status))
    same_value = value is None or reported.value is None or value == reported.value
    return Answer.LOCKED if same_value and status == reported.status else Answer.OTHER
