"""The persons of one installation: their keys, the pool, the views that say whose they are, and the clock."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, NamedTuple, TypeVar
from uuid import UUID

from psycopg import AsyncConnection

from ledger.application.ledger import Clock
from ledger.application.recording import ReadPool
from ledger.domain.errors import LedgerError
from ledger.people.directory import Directory
from ledger.people.keystore import Keystore
from ledger.people.person import PersonRecord
from ledger.projections import families
from ledger.projections.families import FamilyAccount
from ledger.projections.paging import Scope
from ledger.settings import Settings

T = TypeVar("T")

MASTER_KEY_FILE: Final = "people-master.key"
KEYS_DIRECTORY: Final = "people-keys"


def keystore_of(settings: Settings) -> Keystore:
    """The keystore which the settings name."""
    return Keystore(
        settings.people_keys_dir or settings.data_dir / KEYS_DIRECTORY,
        settings.people_master_key_file or settings.data_dir / MASTER_KEY_FILE,
    )


class Asker(NamedTuple):
    """Who asks (`role:client`), and the rows that it may see."""

    actor: str
    scope: Scope


class Seen(NamedTuple):
    """A person that an asker may see: by which accounts in its scope, and all the families that it belongs to."""

    record: PersonRecord
    account_ids: list[UUID]
    family_ids: list[str]


class Registry:
    """The persons, and what use cases need to judge who may see them. `catch_up` brings the views to the log's end."""

    def __init__(
        self, pool: ReadPool, keystore: Keystore, *, clock: Clock, catch_up: Callable[[], Awaitable[None]]
    ) -> None:
        self.pool = pool
        self.directory = Directory(keystore)
        self.clock = clock
        self.catch_up = catch_up

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Before anything else, erase again whom a restored database or keystore has brought back."""
        await self.finish_erasures()
        yield

    async def finish_erasures(self) -> int:
        """Erase again who was erased; the number of persons. To be done after every restore."""
        async with self.pool.connection() as connection:
            return await self.directory.finish_erasures(connection, at=self.clock())

    async def accounts_of(
        self, connection: AsyncConnection[Any], family_ids: Sequence[str], scope: Scope
    ) -> list[FamilyAccount]:
        """The accounts in the scope where one of the families has a contract, one signed just now included."""
        found = await families.accounts_of(connection, family_ids, scope=scope)
        if not found:
            await self.catch_up()
            found = await families.accounts_of(connection, family_ids, scope=scope)
        return found

    async def visible(self, connection: AsyncConnection[Any], person_id: UUID, scope: Scope) -> Seen:
        """The person, and why the asker may see it.

        Raises LedgerError `person_data_not_found` for one out of scope, `person_data_erased` where it was in the scope
        when it was erased, and `person_data_unreadable`.
        """
        record = await self.directory.record(connection, person_id)
        if record is None:
            raise LedgerError("person_data_not_found")
        if record.erased_at is not None or self.directory.keystore.is_erased(person_id):
            if not await _erased_in(connection, person_id, await families.accounts_in(connection, scope)):
                raise LedgerError("person_data_not_found")
            on = (record.erased_at or self.clock()).date().isoformat()
            raise LedgerError("person_data_erased", person_id=str(person_id), erased_on=on)
        person = await self.directory.open(connection, person_id, fields=("families",))
        ties = [tie.family_id for tie in person.families or ()]
        accounts = await self.accounts_of(connection, ties, scope)
        if not accounts:
            raise LedgerError("person_data_not_found")
        return Seen(record, [account.account_id for account in accounts], ties)


async def _erased_in(connection: AsyncConnection[Any], person_id: UUID, accounts: list[UUID] | None) -> bool:
    query = (
        "SELECT EXISTS (SELECT FROM escrow_people.access_log WHERE person_id = %s AND action = 'erased'"
        " AND (%s::uuid[] IS NULL OR account_ids && %s))"
    )
    return await (await connection.execute(query, [person_id, accounts, accounts])).fetchone() == (True,)
