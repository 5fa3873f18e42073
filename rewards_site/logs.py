"""What is written to the log, and how much of it."""

import logging


class RefusalsInOneLine(logging.Filter):
    """A request that is refused (4xx) is one line: where in the code it was refused says nothing to an operator."""

    def filter(self, record: logging.LogRecord) -> bool:
        if 400 <= getattr(record, "status_code", 0) < 500:
            record.exc_info = record.exc_text = None
        return True
