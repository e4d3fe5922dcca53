"""The machine of a whole life over one account in memory, decided and evolved by the domain alone."""

from hypothesis import settings

from tests.model.life_machine import LifeMachine
from tests.model.memory_driver import MemoryDriver

TORTURED = settings.get_current_profile_name() == "torture"


class MemoryLife(MemoryDriver, LifeMachine):
    """The books beside the domain alone."""


TestMemoryLife = MemoryLife.TestCase
TestMemoryLife.settings = settings(max_examples=5_000 if TORTURED else 120, stateful_step_count=120 if TORTURED else 50)
