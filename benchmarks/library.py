"""The yardstick of the eventsourcing library used as its documentation begins: get, trigger, save."""

import time
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from psycopg.conninfo import conninfo_to_dict


class NaiveAccount(Aggregate):
    """An account as the library's tutorial would write it."""

    def __init__(self, number: str) -> None:
        self.number = number
        self.cash_fen = 0
        self.contracts: dict[str, int] = {}

    @event("Deposited")
    def deposit(self, contract: str, amount_fen: int, reference: str) -> None:
        """Take a receipt."""
        self.cash_fen += amount_fen
        self.contracts[contract] = self.contracts.get(contract, 0) + amount_fen


class NaiveLedger(Application[UUID]):
    """Get the aggregate, change it, save it."""

    def deposit(self, account_id: UUID, reference: str) -> None:
        """One command."""
        account: NaiveAccount = self.repository.get(account_id)
        account.deposit("c", 100, reference)
        self.save(account)


def naive_commands_per_second(url: str, *, history: int, seconds: float) -> float:
    """Deposits a second on one account with so many events, one caller."""
    parts = conninfo_to_dict(url)
    environment = {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": str(parts.get("dbname") or "postgres"),
        "POSTGRES_HOST": str(parts.get("host") or ""),
        "POSTGRES_PORT": str(parts.get("port") or "5432"),
        "POSTGRES_USER": str(parts.get("user") or ""),
        "POSTGRES_PASSWORD": str(parts.get("password") or ""),
        "POSTGRES_SCHEMA": "public",
    }
    with NaiveLedger(environment) as application:
        account = NaiveAccount("1")
        for n in range(history):
            account.deposit("c", 100, str(n))
            if n % 200 == 0:  # thousands of inserts in one save fill libpq's buffers, and both sides wait for ever
                application.save(account)
        application.save(account)
        done = 0
        started = time.perf_counter()
        while (passed := time.perf_counter() - started) < seconds or done < 3:
            application.deposit(account.id, f"r{done}")
            done += 1
        return done / passed
