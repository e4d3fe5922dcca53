"""When a delivery that failed is tried again: soon, then ever later, for three days."""

from datetime import timedelta
from random import Random
from typing import Final

FIRST_S: Final = 5
FACTOR: Final = 4
LONGEST_S: Final = 8 * 3_600
ATTEMPTS: Final = 16
"""Then it is given up: 5 s, 20 s, 80 s ... 5.7 h, and every 8 hours come to three days."""
DISABLED_AFTER: Final = timedelta(days=5)
"""An endpoint that took nothing for so long is disabled: the delivery after the first that was given up fails too."""


def pause(tries: int, random: Random) -> timedelta:
    """The time after the `tries`-th failed attempt: exponential, up to a tenth more or less, so that many endpoints
    of one receiver that was down do not come back all at once."""
    seconds = min(FIRST_S * FACTOR ** (tries - 1), LONGEST_S)
    return timedelta(seconds=seconds * random.uniform(0.9, 1.1))
