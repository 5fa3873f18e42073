"""The whole schedule. Only beat publishes; every job asks the database for what is due, so a lost,
late or doubled message changes nothing. `expires` keeps a backlog from piling up while a worker is away.
"""

SECOND = 1.0
MINUTE = 60.0


def _every(seconds: float, task: str) -> dict:
    return {"task": task, "schedule": seconds, "options": {"expires": max(seconds, 5.0)}}


BEAT_SCHEDULE = {
    "run-imports": _every(2 * SECOND, "integrations.imports.tasks.run_imports"),
    "rescore": _every(3 * SECOND, "scorecards.tasks.rescore"),
    "close-workdays": _every(3 * MINUTE, "scorecards.tasks.close_workdays"),
    "award-badges": _every(MINUTE, "scorecards.tasks.award_badges"),
    "close-periods": _every(3 * MINUTE, "goals.tasks.close_periods"),
    "reconcile": _every(5 * MINUTE, "goals.tasks.reconcile"),
    "deliver-events": _every(5 * SECOND, "integrations.webhooks.tasks.deliver_events"),
    "ask-sources": _every(10 * SECOND, "integrations.webhooks.tasks.ask_sources"),
    "publish-boards": _every(10 * MINUTE, "leaderboards.tasks.publish_boards"),
    "complete-thanks": _every(10 * SECOND, "rewards.thanks.tasks.complete_thanks"),
    "send-digests": _every(5 * MINUTE, "inbox.tasks.send_digests"),
    "expire-points": _every(60 * MINUTE, "ledger.tasks.expire_points"),
    "tidy-api": _every(60 * MINUTE, "integrations.api.tasks.tidy_api"),
    "tell-of-unmatched": _every(10 * MINUTE, "integrations.api.tasks.tell_of_unmatched"),
    "apply-retention-times": _every(60 * MINUTE, "foundation.records.tasks.apply_retention_times"),
    "prune-job-runs": _every(60 * MINUTE, "foundation.jobs.tasks.prune_job_runs"),
}
