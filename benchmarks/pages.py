"""How long a server needs for each page of each role, in a city of 5,160 institutions."""

import re
import secrets
import statistics
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import httpx
from psycopg import AsyncConnection

from api.server import build_app
from api.web.audiences import AUDIENCES
from api.web.cookies import SESSION
from api.web.site import PageRoute
from benchmarks.city import BANKS, COURSE, FAMILY, City
from ledger.application.access import Bindings, Role
from ledger.application.ledger import Ledger
from ledger.application.sign_in.installation_key import InstallationKey, load_installation_key
from ledger.application.sign_in.sessions import begin_session
from ledger.application.sign_in.users import add_user
from ledger.projections.rebuild import rebuild
from ledger.settings import Settings
from ledger.storage.mapper import decode_event

ROUNDS = 5
BUDGET_MS = 150.0
_BOUND: dict[Role, Bindings] = {
    "parent": Bindings(families=frozenset({FAMILY})),
    "institution": Bindings(institutions=frozenset({"i-0"})),
    "bank": Bindings(bank=BANKS[0]),
    "regulator": Bindings(districts=frozenset({"*"})),
    "operator": Bindings(),
}
_STREAMS = ("/live",)
_DURATION = re.compile(r"page;dur=([\d.]+)")
_IDS = {
    "account_id": "SELECT account_id FROM escrow_views.balances WHERE institution_id = 'i-0'",
    "contract_id": "SELECT contract_id FROM escrow_views.contracts WHERE account_id = %(busy)s LIMIT 1",
    "refund_id": "SELECT refund_id FROM escrow_views.refunds WHERE account_id = %(busy)s",
    "alert_id": "SELECT alert_id FROM escrow_views.alerts WHERE account_id = %(busy)s ORDER BY position LIMIT 1",
    "suspense_id": "SELECT suspense_id FROM escrow_views.suspense WHERE account_id = %(busy)s",
    "lesson_id": "SELECT lesson_id FROM escrow_views.lessons WHERE account_id = %(busy)s LIMIT 1",
    "case_id": "SELECT case_id FROM escrow_views.cases WHERE about_account_id = %(busy)s::text",
}


class PageTime(NamedTuple):
    """The server's milliseconds for a page, by its answers' `server-timing`: the median of `ROUNDS`, and the most."""

    role: Role
    page: str
    median_ms: float
    most_ms: float


async def fill(url: str, partitions: int) -> None:
    """Make the city in an empty store, with its views."""
    async with Ledger(url, partitions) as ledger:
        await City(ledger.today()).fill(ledger)
    await rebuild(url, decode_event)
    async with await AsyncConnection[Any].connect(url, autocommit=True) as connection:
        await connection.execute("VACUUM ANALYZE")


async def page_times(url: str, partitions: int) -> list[PageTime]:
    """Look at every page that its roles may see, in a store that has the city. Pages about what it does not have (a
    draw, a message to the bank) are left out, as are files."""
    with TemporaryDirectory(prefix="escrow-bench-pages-") as directory:
        settings = Settings(
            database_url=url,
            data_dir=Path(directory),
            partitions=partitions,
            rate_limit_per_s=0,
            allow_dev_secrets=True,
        )
        app = build_app(settings, url)
        async with app.router.lifespan_context(app), await AsyncConnection[Any].connect(url, autocommit=True) as store:
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url=settings.public_url) as http:
                values = await _values(store)
                tokens = {role: await _token(store, load_installation_key(settings.data_dir), role) for role in _BOUND}
                times = [await _time(http, role, page, values, tokens[role]) for role, page in _seen(values)]
    return [time for time in times if time is not None]


async def _values(store: AsyncConnection[Any]) -> dict[str, str]:
    """What stands in the places of addresses: ids of the busy account."""
    values = {"course_id": COURSE, "version": "100", "number": "1"}
    for name, query in _IDS.items():
        row = await (await store.execute(query.encode(), {"busy": values.get("account_id")})).fetchone()
        if row is not None:
            values[name] = str(row[0])
    return values


def _seen(values: dict[str, str]) -> Iterator[tuple[Role, str]]:
    routes: list[PageRoute] = [route for audience in AUDIENCES for route in audience.routes if route.method == "GET"]
    for role in _BOUND:
        for route in routes:
            wanted = re.findall(r"{([^}]+)}", route.path)
            if role in route.roles and route.path not in _STREAMS and all(name in values for name in wanted):
                yield role, route.path


async def _token(store: AsyncConnection[Any], key: InstallationKey, role: Role) -> str:
    """The token of a session of a new user of the role; families have none."""
    user_id = None if role == "parent" else f"{role}-{secrets.token_hex(4)}"
    now = datetime.now(UTC)
    if user_id is not None:
        await add_user(
            store,
            key,
            user_id=user_id,
            name=role,
            role=role,
            bindings=_BOUND[role],
            password=secrets.token_urlsafe(),
            now=now,
        )
    return await begin_session(
        store, user_id=user_id, role=role, bindings=_BOUND[role], name=role, browser="bench", address="", now=now
    )


async def _time(http: httpx.AsyncClient, role: Role, page: str, values: dict[str, str], token: str) -> PageTime | None:
    times: list[float] = []
    for _ in range(ROUNDS + 1):
        answer = await http.get(page.format_map(values), headers={"cookie": f"{SESSION}={token}"})
        told = _DURATION.search(answer.headers.get("server-timing", ""))
        if answer.status_code != 200 or told is None:
            return None
        times.append(float(told.group(1)))
    return PageTime(role, page, statistics.median(times[1:]), max(times[1:]))
