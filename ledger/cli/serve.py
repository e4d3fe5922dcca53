"""`escrow serve`: the HTTP server, one process or several on one port, over a URL's or the embedded database."""

import os
import signal
import socket
from collections.abc import Sequence
from types import FrameType
from typing import Annotated, Any

import typer
import uvicorn
from fastapi import FastAPI
from uvicorn.supervisors import Multiprocess

from api.observability import configure_logging
from api.server import build_app
from api.web.site import Pages
from ledger.application.ledger import Clock, system_clock
from ledger.cli.follow import following
from ledger.cli.output import JsonOption, is_json, note, print_json, say
from ledger.cli.store import require_migrated, store_exists
from ledger.settings import Settings
from ledger.storage.database import Database
from ledger.storage.errors import StorageError
from ledger.storage.migrate import migrate

_WORKER_URL = "ESCROW_DATABASE_URL"
_BACKLOG = 2_048
STAND_BY_S = 3.0
"""A server leaves the views to the following process unless that one stands still for so long."""


def run(
    host: Annotated[str | None, typer.Option(help="Address to listen on; the setting's if absent.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = None,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Server processes that share the port.")] = 1,
    json_: JsonOption = False,
) -> None:
    """Serve the API until it is told to stop (Ctrl-C, SIGTERM)."""
    settings = Settings()
    serve_until_stopped(
        settings, host=host or settings.host, port=settings.port if port is None else port, workers=workers
    )
    say("Stopped.", "已停止。")


def serve_until_stopped(
    settings: Settings,
    *,
    host: str,
    port: int,
    workers: int = 1,
    clock: Clock = system_clock,
    more_pages: Sequence[Pages] = (),
) -> None:
    """Open the database, listen, tell the address, and serve until a signal; `clock` and `more_pages` are for one
    process only."""
    listener = _listen(host, port)
    address = _address(listener)
    changes: dict[str, Any] = {"host": listener.getsockname()[0], "port": listener.getsockname()[1]}
    if "public_url" not in settings.model_fields_set:
        changes["public_url"] = address
    settings = settings.model_copy(update=changes)
    # uvicorn raises the signal again after an orderly stop; the default would end the process before the database.
    signal.signal(signal.SIGTERM, _stop)
    try:
        with Database.open(settings) as database, listener:
            _prepare(database, settings.partitions)
            _tell(address, settings, database, workers)
            with following(database.url):
                if workers == 1:
                    configure_logging(level=settings.log_level, log_format=settings.log_format)
                    app = build_app(settings, database.url, clock=clock, stand_by_s=STAND_BY_S, more_pages=more_pages)
                    uvicorn.Server(_config(settings, app)).run(sockets=[listener])
                else:
                    _serve_by_workers(settings, database.url, workers, listener)
    except KeyboardInterrupt:  # how a stop is told, after everything was closed in order
        return


def worker_app() -> FastAPI:
    """The app of one of several server processes, by the settings that the parent put into the environment."""
    settings = Settings()
    assert settings.database_url is not None
    configure_logging(level=settings.log_level, log_format=settings.log_format)
    return build_app(settings, settings.database_url, stand_by_s=STAND_BY_S)


def _serve_by_workers(settings: Settings, url: str, workers: int, listener: socket.socket) -> None:
    os.environ[_WORKER_URL] = url
    for name in ("host", "port", "public_url"):
        os.environ[f"ESCROW_{name.upper()}"] = str(getattr(settings, name))
    config = _config(settings, "ledger.cli.serve:worker_app", factory=True, workers=workers)
    Multiprocess(config, sockets=[listener]).run()


def _config(settings: Settings, app: FastAPI | str, **more: Any) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=settings.shutdown_grace_s,
        **more,
    )


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise StorageError(
            "address_in_use",
            f"The server cannot listen on {host}:{port}: {error.strerror}. Choose another with --host or --port.",
            f"无法监听 {host}:{port}：{error.strerror}。请用 --host 或 --port 另选地址或端口。",
            host=host,
            port=port,
        ) from error
    listener.listen(_BACKLOG)
    listener.set_inheritable(True)
    return listener


def _address(listener: socket.socket) -> str:
    """The URL under which a client on this machine reaches the server."""
    name: tuple[str, int] = listener.getsockname()[:2]
    host, port = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(name[0], name[0]), name[1]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _prepare(database: Database, partitions: int) -> None:
    """A new embedded store is made; whatever exists already is the operator's to migrate."""
    if database.embedded is not None and not store_exists(database.url):
        migrate(database.url, partitions)
    require_migrated(database.url, partitions)


def _tell(address: str, settings: Settings, database: Database, workers: int) -> None:
    place = "by ESCROW_DATABASE_URL" if database.embedded is None else f"embedded in {settings.data_dir}"
    place_zh = "由 ESCROW_DATABASE_URL 指定" if database.embedded is None else f"内置于 {settings.data_dir}"
    if is_json():
        print_json({"url": address, "pid": os.getpid(), "workers": workers, "embedded": database.embedded is not None})
    say(
        f"Serving at {address} ({workers} process(es), database {place}); reference at {address}/docs",
        f"服务地址 {address}（{workers}个进程，数据库{place_zh}）；接口说明见 {address}/docs",
    )
    if settings.allow_dev_secrets:
        note(
            "escrow: client secrets are allowed (ESCROW_ALLOW_DEV_SECRETS): for demonstrations only.",
            "escrow: 已允许客户端密钥（ESCROW_ALLOW_DEV_SECRETS），仅供演示。",
        )


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
