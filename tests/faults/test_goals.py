"""A worker is killed at each named step of closing, reconciling and delivering; the next one ends as an undisturbed
one. Two workers, two beats and two processes in a race end so too, and only because of the claim and the keys.
"""

import pytest

from integrations.webhooks.tests.receiver import receiving

from .goals import GOALS, MEMBERS, STEPS
from .killing import (
    TASKS,
    ask_for_all,
    copy_of,
    effects,
    event_ids,
    figures,
    kill_at,
    kill_worker_at,
    lease_runs_out,
    run_goals,
    subscribe,
)
from .ready import exit_code, fork

pytestmark = pytest.mark.faults
EVENTS = 3 * GOALS
"""Closed, status changed, reward posted."""
TWICE = {"deliver: sent, not noted"}
"""Where a kill has one event sent once more, with the same id."""


@pytest.fixture(autouse=True)
def subscribers_on_loopback(monkeypatch):
    monkeypatch.setenv("LAUREL_WEBHOOK_ALLOW_PRIVATE", "true")


def test_killed_at_each_step_ends_as_if_undisturbed(install, tmp_path):
    seeded = install()
    run_goals(seeded, "seed(subscriber='http://127.0.0.1/')")
    undisturbed = copy_of(seeded, tmp_path / "undisturbed")
    with receiving(200) as subscriber:
        subscribe(undisturbed, subscriber.url)
        assert run_goals(undisturbed, "work()") == 0
        told = effects(subscriber)
    expected = figures(undisturbed)
    counted = [len(expected[name]) for name in ("payouts", "comparisons", "deliveries")]
    assert [*counted, len(told)] == [MEMBERS * GOALS, GOALS, EVENTS, EVENTS]

    for number, step in enumerate(STEPS):
        killed = copy_of(seeded, tmp_path / f"killed-{number}")
        with receiving(200) as subscriber:
            subscribe(killed, subscriber.url)
            kill_at(killed, step)
            assert figures(killed) != expected, step
            for minutes in (2, 4):
                assert run_goals(killed, f"work(minutes={minutes})") == 0
                assert (figures(killed), effects(subscriber)) == (expected, told), step
            assert len(subscriber.got) == EVENTS + (step in TWICE), step


@pytest.fixture(params=["files", pytest.param("redis", marks=pytest.mark.redis)])
def broker(request) -> str:
    return request.getfixturevalue("redis_url") if request.param == "redis" else "filesystem://"


@pytest.fixture
def by_the_clock(install, tmp_path, broker):
    """An installation without stabilisation, and what an undisturbed run of it comes to."""
    seeded = install(broker)
    run_goals(seeded, "seed(hours=0, subscriber='http://127.0.0.1/')")
    undisturbed = copy_of(seeded, tmp_path / "undisturbed")
    with receiving(200) as subscriber:
        subscribe(undisturbed, subscriber.url)
        assert run_goals(undisturbed, "work(by_the_clock=True)") == 0
        told = effects(subscriber)
    assert len(told) == EVENTS
    return seeded, figures(undisturbed), told


def test_worker_of_a_broker_killed_ends_as_if_undisturbed(by_the_clock):
    installation, expected, told = by_the_clock
    with receiving(200) as subscriber:
        subscribe(installation, subscriber.url)
        for step in ("close: before the events", "reconcile: one transfer is posted", "deliver: sent, not noted"):
            kill_worker_at(installation, step)
            assert figures(installation) != expected
        lease_runs_out(installation)
        installation.start_worker()
        ask_for_all(installation)
        installation.wait_until(lambda: figures(installation) == expected)
        assert sorted(effects(subscriber)) == sorted(told)


def test_two_workers_and_two_beats_end_as_one(by_the_clock):
    installation, expected, told = by_the_clock
    with receiving(200) as subscriber:
        subscribe(installation, subscriber.url)
        for _ in range(2):
            installation.start_worker(concurrency=2)
            installation.start_beat()
        for task in TASKS * 4:
            installation.ask(task)
        installation.wait_until(lambda: figures(installation) == expected)
        assert sorted(effects(subscriber)) == sorted(told)
        assert subscriber.effects == event_ids(installation)
        assert len(subscriber.got) == EVENTS


RACE = "race({folder!r})"
UNPROTECTED = f"drop_claim_and_keys(); {RACE}"


def paid_after_race(seeded, folder, code: str, *, first: str = "") -> int:
    """Points that are held for members after two processes closed the same periods at once."""
    installation = copy_of(seeded, folder)
    if first:
        assert run_goals(installation, first) == 0
    runners = [fork(installation.database, code.format(folder=str(folder))) for _ in range(2)]
    assert [exit_code(runner) for runner in runners] == [0, 0]
    return installation.number("SELECT SUM(points) FROM ledger_transfer WHERE kind = 'pending'")


def test_race_of_two_processes_pays_twice_without_claim_and_keys_and_once_with_them(install, tmp_path):
    """If the second part fails, the first proves nothing: the two did not race."""
    seeded = install()
    run_goals(seeded, "seed()")
    once = 50 * GOALS
    assert paid_after_race(seeded, tmp_path / "as-it-is", RACE) == once
    assert paid_after_race(seeded, tmp_path / "without", UNPROTECTED, first="drop_key_of_results()") == 2 * once
