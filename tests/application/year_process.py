"""A process that lives a city's year, or goes on with it: `URL SEED INSTITUTIONS DAYS FILE`. It may be killed."""

import sys
from pathlib import Path

import uvloop

from tests.application.city_year import city_over


async def run(url: str, seed: int, institutions: int, days: int, done: Path) -> None:
    async with city_over(url, seed, institutions) as city:
        await city.live(days, done)


if __name__ == "__main__":
    uvloop.run(run(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), Path(sys.argv[5])))
