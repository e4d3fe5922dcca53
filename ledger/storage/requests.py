"""What the writer is asked and what it answers."""

from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

import msgspec

from ledger.domain.account import EscrowAccount
from ledger.domain.commands import Command
from ledger.domain.events import Event


class Request(NamedTuple):
    """A command with who asks and what makes a repetition recognisable.

    `idempotency_key` is a hash of client and key, `request_hash` of the request's whole content;
    `expected_version` guards a decision that was made on a view of the account (`If-Match`). `visible` is the caller's
    row scope, asked with the account as it is when the command is decided: outside it there is no such account.
    """

    command: Command
    actor: str
    idempotency_key: UUID | None = None
    request_hash: bytes | None = None
    expected_version: int | None = None
    visible: Callable[[EscrowAccount], bool] | None = None


class Outcome(msgspec.Struct, frozen=True, gc=False):
    """What a command caused, durably recorded: its events, the place of the last one, the account's version then.

    No events: nothing needed to change. `replayed`: an earlier request was the same, and this is its outcome.
    """

    account_id: UUID
    partition: int
    position: int
    version: int
    events: tuple[Event, ...]
    replayed: bool = False

    def again(self) -> "Outcome":
        """The same, told to one who asks again."""
        return msgspec.structs.replace(self, replayed=True)
