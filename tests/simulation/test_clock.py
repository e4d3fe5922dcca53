"""The story's clock: moved by one process, read by another, and running on in between."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from ledger.simulation.clock import StoryClock

MORNING = datetime(2026, 3, 2, 1, tzinfo=UTC)
SOON = timedelta(seconds=30)


def test_a_new_clock_shows_the_machines_time(tmp_path: Path) -> None:
    assert abs(StoryClock(tmp_path / "clock").now() - datetime.now(UTC)) < SOON


def test_whoever_reads_the_file_sees_the_story_move(tmp_path: Path) -> None:
    player, server = StoryClock(tmp_path / "clock"), StoryClock(tmp_path / "clock")
    player.set(MORNING)
    assert timedelta(0) <= server.now() - MORNING < SOON
    player.set(MORNING + timedelta(days=40))
    assert timedelta(0) <= server.now() - MORNING - timedelta(days=40) < SOON
    player.set(None)
    assert abs(server.now() - datetime.now(UTC)) < SOON


def test_a_paused_clock_stands_still_for_everybody_and_runs_on_from_there(tmp_path: Path) -> None:
    player, server = StoryClock(tmp_path / "clock"), StoryClock(tmp_path / "clock")
    player.set(MORNING)
    server.pause()
    standing = player.now()
    assert player.is_paused
    assert player.now() == standing == server.now()
    player.resume()
    assert not server.is_paused
    assert standing < server.now() < standing + SOON
