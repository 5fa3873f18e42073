"""Local times into UTC and back, by the set. Offsets are remembered a day at a time.

The rule for local times that a change of the clock skips or repeats: a skipped time (02:30 in the hour that is left
out) is read with the offset before the change, so it is the moment that many minutes after the change; a repeated
time is its first occurrence.
"""

import datetime as dt
import zoneinfo

from .patterns import DAY

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICRO = dt.timedelta(microseconds=1)
_CHANGES = None
"""Mark of a day on which the clock changes: each of its times is asked for."""


class Zone:
    """A time zone with its memory."""

    def __init__(self, name: str):
        self.name = name
        self.tz = zoneinfo.ZoneInfo(name)
        self.by_local_day: dict[int, int | None] = {}
        self.by_utc_day: dict[int, int | None] = {}

    def to_utc(self, local: int, *, second: bool = False) -> int:
        """Microseconds in UTC of local microseconds. `second` takes the second of a repeated time."""
        day = local // DAY
        try:
            offset = self.by_local_day[day]
        except KeyError:
            first, last = self._local_offset(day * DAY), self._local_offset((day + 1) * DAY)
            offset = self.by_local_day[day] = first if first == last else _CHANGES
        if offset is _CHANGES:
            offset = self._local_offset(local, fold=int(second))
        return local - offset

    def to_local(self, utc: int) -> int:
        day = utc // DAY
        try:
            offset = self.by_utc_day[day]
        except KeyError:
            first, last = self._utc_offset(day * DAY), self._utc_offset((day + 1) * DAY)
            offset = self.by_utc_day[day] = first if first == last else _CHANGES
        return utc + (self._utc_offset(utc) if offset is _CHANGES else offset)

    def _local_offset(self, local: int, fold: int = 0) -> int:
        wall = (_EPOCH + local * _MICRO).replace(tzinfo=self.tz, fold=fold)
        return wall.utcoffset() // _MICRO

    def _utc_offset(self, utc: int) -> int:
        return (_EPOCH + utc * _MICRO).astimezone(self.tz).utcoffset() // _MICRO


class Zones(dict):
    """Zones by name, each made once. Raises KeyError for a name that is not a zone."""

    def __missing__(self, name: str) -> Zone:
        try:
            zone = self[name] = Zone(name)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise KeyError(name) from error
        return zone
