"""The demonstration's server: the very server of `escrow serve`, with the story's clock and the desk that moves it.

Run as `python -m ledger.cli.demo_server CLOCK HOST PORT`.
"""

import sys
from pathlib import Path

from api.web.demo_desk import desk_pages
from ledger.cli.output import begin, set_json
from ledger.cli.serve import serve_until_stopped
from ledger.settings import Settings
from ledger.simulation.clock import StoryClock


def main(clock_file: str, host: str, port: str) -> None:
    """Serve until a signal; the first output is the address, as JSON."""
    begin(None)
    set_json(True)
    settings, clock = Settings(), StoryClock(Path(clock_file))
    desk = desk_pages(settings.data_dir, clock)
    serve_until_stopped(settings, host=host, port=int(port), clock=clock.now, more_pages=[desk])


if __name__ == "__main__":
    main(*sys.argv[1:])
