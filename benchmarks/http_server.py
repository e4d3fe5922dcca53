"""The real server with one more route that does nothing: `python -m benchmarks.http_server URL PORT [follow]`."""

import signal
import sys

import uvicorn

from api.observability import configure_logging
from api.server import build_app
from ledger.cli.follow import following
from ledger.cli.serve import STAND_BY_S
from ledger.settings import Settings


def _end(*_: object) -> None:
    sys.exit(0)


def main(url: str, port: int) -> None:
    """Serve until killed."""
    settings = Settings(database_url=url, port=port, allow_dev_secrets=True, rate_limit_per_s=0, log_level="warning")
    configure_logging(level=settings.log_level, log_format=settings.log_format)
    app = build_app(settings, url, stand_by_s=STAND_BY_S)

    @app.get("/bench/empty")
    async def empty() -> dict[str, str]:  # pyright: ignore[reportUnusedFunction]
        return {}

    # uvicorn raises the signal again when it is through: the follower is to end before the database goes.
    signal.signal(signal.SIGTERM, _end)
    with following(url):
        uvicorn.run(
            app, host="127.0.0.1", port=port, loop="uvloop", http="httptools", log_config=None, access_log=False
        )


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
