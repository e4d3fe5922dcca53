"""What an app needs from the process around it: the settings, the database pool, and what runs beside the requests."""

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from api.auth.access_state import Clock
from api.health import ReadinessCheck
from api.metrics import GaugeSource
from ledger.application.ledger import Ledger
from ledger.application.people.registry import Registry
from ledger.application.reading import Reader
from ledger.application.sign_in.installation_key import InstallationKey
from ledger.application.sign_in.one_time_codes import Delivery
from ledger.bank.creditors import ResolveCreditors, by_token
from ledger.notifications.feed import Feed
from ledger.notifications.identity_provider import IdentityProvider
from ledger.rulebook.rulebook import Rulebook
from ledger.settings import Settings

if TYPE_CHECKING:
    from api.web.site import Pages

Pool = AsyncConnectionPool[AsyncConnection[Any]]


@dataclass(kw_only=True)
class Books:
    """The ledger of the process, its views, law and persons, and the secret by which payers become opaque tokens."""

    ledger: Ledger
    rulebook: Rulebook
    reader: Reader
    payer_salt: bytes
    people: Registry
    creditors: ResolveCreditors = by_token


@dataclass(kw_only=True)
class SignIn:
    """What people sign in with: the key of authenticators' secrets, and how families get their one-time codes.

    `provider` is an OpenID Connect provider, where one is set. `more_pages` are served beside those of every server,
    as the demonstration does.
    """

    key: InstallationKey
    deliver: Delivery | None = None
    provider: IdentityProvider | None = None
    more_pages: "Sequence[Pages]" = ()


@dataclass(kw_only=True)
class Services:
    """The parts of one server process.

    `pool` is made with `open=False`: the app's lifespan opens and closes it. `background` are entered after that, in
    order, and left in reverse (the writer, the projections' follower); `readiness` is asked by `/readyz`; `gauges` by
    `/metrics`. Without `books` and `feed` the app has no business routes, and without `sign_in` no pages. `clock` gives
    seconds since 1970 and decides whether tokens and sessions are in force.
    """

    settings: Settings
    pool: Pool
    background: Sequence[Callable[[], AbstractAsyncContextManager[object]]] = ()
    readiness: Sequence[ReadinessCheck] = ()
    gauges: Sequence[GaugeSource] = ()
    books: Books | None = None
    feed: Feed | None = None
    sign_in: SignIn | None = None
    clock: Clock = time.time
