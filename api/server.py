"""The app of a server process: pool, ledger, views, notifications, and what they tell of themselves."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import psycopg
from fastapi import FastAPI
from psycopg_pool import AsyncConnectionPool

from api.health import ReadinessCheck
from api.main import create_app
from api.metrics import GaugeReading
from api.services import Books, Pool, Services, SignIn
from api.web.site import Pages
from ledger.application.law import load_law
from ledger.application.ledger import Clock, Ledger, system_clock
from ledger.application.payer_salt import load_payer_salt
from ledger.application.people.registry import Registry, keystore_of
from ledger.application.reading import Reader
from ledger.application.sign_in.installation_key import load_installation_key
from ledger.application.sign_in.one_time_codes import Delivery
from ledger.notifications.code_delivery import key_bytes, to_file, to_gateway
from ledger.notifications.courier import Courier
from ledger.notifications.feed import Feed
from ledger.notifications.identity_provider import IdentityProvider
from ledger.projections.runner import Runner
from ledger.settings import Settings
from ledger.storage.mapper import decode_event

POOL_SIZE: Final = 8


def build_app(
    settings: Settings,
    url: str,
    *,
    clock: Clock = system_clock,
    stand_by_s: float = 0.0,
    more_pages: Sequence[Pages] = (),
) -> FastAPI:
    """An app over the migrated database at `url`, with its writer and its projections.

    They start with the app's lifespan and end after its last request. With `stand_by_s`, another process keeps the
    views up to date, and this one only takes over when that one has stood still for so long. `clock` gives the
    ledger's instants (aware UTC). Raises OSError when the data directory cannot be written,
    and RulebookError for rule packs that are wrong.
    """
    pool: Pool = AsyncConnectionPool[psycopg.AsyncConnection[Any]](url, min_size=2, max_size=POOL_SIZE, open=False)
    poll_s = settings.projection_poll_interval_s
    feed = Feed(url, poll_interval_s=poll_s)
    courier = Courier(url, clock=system_clock, allow_private=settings.webhook_private_addresses, poll_interval_s=poll_s)

    def views_moved() -> None:
        feed.wake()
        courier.wake()

    runner = Runner(url, decode_event, poll_interval_s=poll_s, stand_by_s=stand_by_s, on_moved=views_moved)
    law = load_law(settings)
    ledger = Ledger(
        url,
        settings.partitions,
        clock=clock,
        policies=law.rulebook,
        calendar=law.calendar,
        queue_limit=settings.writer_queue_limit,
        max_batch=settings.writer_max_batch,
        on_commit=runner.wake,
    )
    reader = Reader(pool, runner)
    people = Registry(pool, keystore_of(settings), clock=clock, catch_up=reader.catch_up)
    books = Books(
        ledger=ledger,
        rulebook=law.rulebook,
        reader=reader,
        payer_salt=load_payer_salt(settings.data_dir),
        people=people,
    )
    services = Services(
        settings=settings,
        pool=pool,
        books=books,
        feed=feed,
        sign_in=SignIn(
            key=load_installation_key(settings.data_dir),
            deliver=_code_delivery(settings),
            provider=_identity_provider(settings),
            more_pages=more_pages,
        ),
        background=[people.running, lambda: ledger, lambda: runner, lambda: feed, lambda: courier],
        readiness=[
            ReadinessCheck("writer", _writer_probe(ledger)),
            ReadinessCheck("views", _views_probe(runner)),
            ReadinessCheck("webhooks", _webhooks_probe(courier)),
        ],
        gauges=[_gauges(ledger, runner)],
    )
    return create_app(settings, services=services)


def _code_delivery(settings: Settings) -> Delivery | None:
    if settings.code_gateway_url is not None:
        return to_gateway(settings.code_gateway_url, key_bytes(settings.code_gateway_secret or ""))
    return to_file(settings.data_dir) if settings.allow_dev_secrets else None


def _identity_provider(settings: Settings) -> IdentityProvider | None:
    if settings.oidc_issuer is None:
        return None
    return IdentityProvider(
        issuer=settings.oidc_issuer.rstrip("/"),
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret or "",
        user_claim=settings.oidc_user_claim,
    )


def _writer_probe(ledger: Ledger) -> Any:
    async def probe() -> str | None:
        return None if ledger.writer.alive else "the writer does not take commands"

    return probe


def _views_probe(runner: Runner) -> Any:
    async def probe() -> str | None:
        if runner.failure is not None:
            return f"stopped: {type(runner.failure).__name__}"
        return None if runner.healthy else "the log is not being followed"

    return probe


def _webhooks_probe(courier: Courier) -> Any:
    async def probe() -> str | None:
        return None if courier.failure is None else f"stopped: {type(courier.failure).__name__}"

    return probe


def _gauges(ledger: Ledger, runner: Runner) -> Any:
    def read() -> Iterator[GaugeReading]:
        writer = ledger.writer

        def reading(name: str, documentation: str, value: float, **labels: str) -> GaugeReading:
            return GaugeReading(f"escrow_{name}", documentation, value, labels)

        yield reading("writer_queue_units", "Commands and groups of commands that wait for the writer.", writer.waiting)
        yield reading("writer_batches_total", "Commits of the writer since it started.", writer.batches)
        yield reading("writer_units_total", "Commands and groups of commands answered.", writer.commands)
        yield reading(
            "writer_batch_units", "Mean size of a commit since the start.", writer.commands / max(1, writer.batches)
        )
        yield reading("hot_accounts", "Accounts in the writer's memory.", writer.hot_accounts)
        yield reading("snapshots_taken", "Snapshots written since the start.", ledger.snapshots.taken)
        yield reading("projection_lag_events", "Events that the views were behind at the last look.", runner.lag())
        for partition, head in writer.heads.items():
            label = str(partition)
            yield reading("log_position", "Last position of a partition.", head, partition=label)
            position = runner.position(partition)
            yield reading("projection_position", "What every view has reached.", position, partition=label)

    return read
