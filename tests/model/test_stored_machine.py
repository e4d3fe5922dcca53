"""The machines over the real ledger on PostgreSQL: restarts, lost backends, killed processes and rebuilt views between
the commands change nothing."""

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.model.life_machine import LifeMachine
from tests.model.machine import LedgerMachine
from tests.model.stored_driver import StoredDriver

TORTURED = settings.get_current_profile_name() == "torture"


class StoredMachine(StoredDriver, LedgerMachine):
    """The oracle beside the store."""


class StoredLife(StoredDriver, LifeMachine):
    """All commands beside the store."""


def _run(machine: type[StoredDriver], examples: int) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=500 if TORTURED else examples,
            stateful_step_count=80 if TORTURED else 40,
            phases=[Phase.explicit, Phase.generate],  # to shrink here would take hours: the machine in memory does it
        ),
    )


@pytest.fixture(autouse=True)
def cluster(cluster_url: str) -> None:
    StoredDriver.cluster_url = cluster_url


@pytest.mark.timeout(7_200 if TORTURED else 300)
def test_the_stored_ledger_does_what_the_oracle_says() -> None:
    _run(StoredMachine, 12)


@pytest.mark.timeout(7_200 if TORTURED else 300)
def test_whatever_is_asked_of_the_stored_ledger_its_books_add_up() -> None:
    _run(StoredLife, 6)
