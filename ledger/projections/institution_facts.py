"""What registries and inspections saw at an institution, read from its account's log."""

from typing import Any, Final
from uuid import UUID

from psycopg import AsyncConnection

from ledger.domain.events import InstitutionFactRecorded
from ledger.projections.balances import AccountBalance
from ledger.projections.event_log import Decode

# Read by the account's own index, from its end.
_READ: Final = """
SELECT version, state FROM escrow.events
 WHERE partition = %s AND account_id = %s AND topic = %s ORDER BY version DESC LIMIT %s
"""


async def list_facts(
    connection: AsyncConnection[Any], account: AccountBalance, *, decode: Decode, limit: int
) -> list[tuple[int, InstitutionFactRecorded]]:
    """The account's facts with their versions, the one recorded last first."""
    topic = InstitutionFactRecorded.topic
    values = (account.partition, UUID(account.account_id), topic, limit)
    found: list[tuple[int, InstitutionFactRecorded]] = []
    for version, state in await (await connection.execute(_READ, values)).fetchall():
        event = decode(topic, state)
        assert isinstance(event, InstitutionFactRecorded), event
        found.append((version, event))
    return found
