"""A worker is killed while it scores and while it closes workdays; then another one goes on."""

import pytest

from tests.installation import Installation, kill

from .figures import figures

pytestmark = pytest.mark.faults
AGENTS, DAYS = 2, 250
ATTEMPTS = 5
AT = "2026-03-02T12:00:00+00:00"


def seeded(installation: Installation) -> Installation:
    installation.manage("shell", "-v0", "-c", f"from tests.faults.seed import seed; seed(agents={AGENTS}, days={DAYS})")
    return installation


def final_days(installation: Installation) -> int:
    return installation.number("SELECT COUNT(*) FROM scorecards_divisionday")


def touches(installation: Installation) -> int:
    return installation.number("SELECT COUNT(*) FROM interactions_touch")


def killed_while_closing(install, broker="filesystem://") -> Installation:
    """An installation whose worker was killed once the first day was final; on a busy machine that may be late."""
    installation = seeded(install(broker))
    installation.manage("rescore")
    worker = installation.start_worker()
    installation.ask("scorecards.tasks.close_workdays")
    installation.wait_until(lambda: final_days(installation) > 0, every=0.001)
    kill(worker)
    return installation


@pytest.fixture(params=["files", pytest.param("redis", marks=pytest.mark.redis)])
def broker(request) -> str:
    return request.getfixturevalue("redis_url") if request.param == "redis" else "filesystem://"


def test_close_killed_in_the_middle_ends_as_if_undisturbed(install, broker):
    undisturbed = seeded(install())
    undisturbed.manage("rescore")
    undisturbed.manage("close_workdays", "--at", AT)

    disturbed = next(
        killed for _ in range(ATTEMPTS) if final_days(killed := killed_while_closing(install, broker)) < DAYS
    )
    assert final_days(disturbed) > 0
    disturbed.start_worker()
    disturbed.ask("scorecards.tasks.close_workdays")
    disturbed.wait_until(lambda: final_days(disturbed) == DAYS)
    assert figures(disturbed) == figures(undisturbed)
    assert len(figures(disturbed)["scored days"]) == AGENTS * DAYS


def killed_while_scoring(install) -> Installation:
    """An installation whose worker was killed as soon as it had begun; on a busy machine that may be late."""
    installation = seeded(install())
    worker = installation.start_worker()
    installation.ask("scorecards.tasks.rescore")
    installation.wait_until(lambda: installation.number("SELECT COUNT(*) FROM jobs_heartbeat") > 0, every=0.001)
    kill(worker)
    return installation


def test_rescore_killed_in_the_middle_ends_as_if_undisturbed(install):
    undisturbed = seeded(install())
    undisturbed.manage("rescore")

    disturbed = next(killed for _ in range(ATTEMPTS) if touches(killed := killed_while_scoring(install)))
    disturbed.start_worker()
    disturbed.ask("scorecards.tasks.rescore")
    disturbed.wait_until(lambda: touches(disturbed) == 0)
    assert figures(disturbed) == figures(undisturbed)


def test_two_workers_and_two_beats_close_each_day_once(install):
    undisturbed = seeded(install())
    undisturbed.manage("rescore")
    undisturbed.manage("close_workdays", "--at", AT)

    crowded = seeded(install())
    crowded.start_worker(concurrency=2)
    crowded.start_worker(concurrency=2)
    crowded.start_beat()
    crowded.start_beat()
    for _ in range(6):
        crowded.ask("scorecards.tasks.rescore")
        crowded.ask("scorecards.tasks.close_workdays")
    crowded.wait_until(lambda: touches(crowded) == 0)
    for _ in range(4):
        crowded.ask("scorecards.tasks.close_workdays")
    crowded.wait_until(lambda: final_days(crowded) == DAYS)
    assert figures(crowded) == figures(undisturbed)
