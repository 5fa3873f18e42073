"""Moments and days as people type them on a command line."""

import argparse
import datetime as dt

from django.utils import timezone
from django.utils.dateparse import parse_datetime


def moment(text: str) -> dt.datetime:
    """An ISO date and time; without an offset it is UTC."""
    at = parse_datetime(text)
    if at is None:
        raise argparse.ArgumentTypeError(f"“{text}” is not a date and time; write 2024-09-01T06:00:00Z")
    return at if timezone.is_aware(at) else at.replace(tzinfo=dt.UTC)


def day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}” is not a day; write 2024-09-01") from None
