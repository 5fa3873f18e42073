"""Runs of jobs, to read: when, how long, with what outcome; and which jobs fell silent."""

import datetime as dt

from django.contrib import admin
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from .models import Heartbeat, JobRun
from .queries import interval_of, is_silent, silent_jobs


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows that only jobs write."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def changelist_view(self, request, extra_context=None):
        silent = silent_jobs(at=timezone.now())
        return super().changelist_view(request, {**(extra_context or {}), "silent_jobs": silent})


@admin.register(JobRun)
class JobRunAdmin(ReadOnlyAdmin):
    change_list_template = "jobs/admin/change_list.html"
    list_display = ["job", "started_at", "duration", "outcome", "short_detail"]
    list_filter = ["job", "outcome"]
    fields = ["job", "outcome", "started_at", "finished_at", "duration", "detail"]
    date_hierarchy = "started_at"
    show_full_result_count = False

    @admin.display(description=_("duration"))
    def duration(self, run):
        seconds = run.duration_seconds
        if seconds is None:
            return _("not finished")
        return _("%(seconds)s s") % {"seconds": f"{seconds:.1f}" if seconds < 10 else round(seconds)}

    @admin.display(description=_("detail"))
    def short_detail(self, run):
        first_line = run.detail.strip().partition("\n")[0]
        return first_line if len(first_line) <= 120 else f"{first_line[:119]}…"


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnlyAdmin):
    change_list_template = "jobs/admin/change_list.html"
    list_display = ["job", "last_at", "interval", "state"]

    @admin.display(description=_("looks for work"))
    def interval(self, heartbeat):
        seconds = interval_of(heartbeat.job)
        return _("when someone starts it") if seconds is None else _("every %(time)s") % {"time": in_words(seconds)}

    @admin.display(description=_("state"))
    def state(self, heartbeat):
        return _("has fallen silent") if is_silent(heartbeat, at=timezone.now()) else _("looks as planned")


def in_words(seconds: float) -> str:
    """3 seconds, 5 minutes."""
    whole = dt.timedelta(seconds=seconds)
    if whole < dt.timedelta(minutes=2):
        return ngettext("%(count)d second", "%(count)d seconds", round(seconds)) % {"count": round(seconds)}
    minutes = round(seconds / 60)
    return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
