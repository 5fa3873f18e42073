"""Beat publishes and a worker does, over each broker."""

import pytest

from .installation import Installation


def beat_and_worker_run_every_frequent_job(installation: Installation):
    installation.start_worker()
    installation.start_beat()
    installation.wait_until(lambda: {"rescore", "run_imports"} <= looked(installation))


def looked(installation: Installation) -> set[str]:
    """The jobs that have looked for work."""
    return {job for (job,) in installation.rows("SELECT job FROM jobs_heartbeat WHERE last_at IS NOT NULL")}


def test_file_system_broker_carries_the_schedule(install):
    beat_and_worker_run_every_frequent_job(install())


@pytest.mark.redis
def test_redis_broker_carries_the_schedule(install, redis_url):
    beat_and_worker_run_every_frequent_job(install(broker=redis_url))
