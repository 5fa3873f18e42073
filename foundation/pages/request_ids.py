"""The id of the request that is being answered: in the answer, and in every line of the log that it causes."""

import contextlib
import contextvars
import logging
from collections.abc import Iterator

_current: contextvars.ContextVar[str] = contextvars.ContextVar("request_id", default="")


@contextlib.contextmanager
def request_id_is(request_id: str) -> Iterator[None]:
    token = _current.set(request_id)
    try:
        yield
    finally:
        _current.reset(token)


class WithRequestId(logging.Filter):
    """Gives each record `request_id` as ` [id]`, empty outside of a request that has one."""

    def filter(self, record: logging.LogRecord) -> bool:
        current = _current.get()
        record.request_id = f" [{current}]" if current else ""
        return True
