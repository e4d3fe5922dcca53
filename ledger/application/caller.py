"""On whose behalf a use case runs, and by what a repetition of the request is recognised."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from uuid import UUID

from ledger.domain.account import EscrowAccount
from ledger.domain.commands import Command
from ledger.storage.requests import Request

Visible = Callable[[EscrowAccount], bool]
"""Whether the caller may see the account, asked with the account as it is when the command is decided."""


@dataclass(frozen=True, slots=True)
class Caller:
    """`actor` goes into the events (`role:client`); the rest as in `Request`. Without a key nothing is recognised."""

    actor: str
    idempotency_key: UUID | None = None
    request_hash: bytes | None = None
    visible: Visible | None = None
    expected_version: int | None = None

    def request(self, command: Command) -> Request:
        """The request for a command that is the whole of what was asked."""
        return Request(
            command, self.actor, self.idempotency_key, self.request_hash, self.expected_version, self.visible
        )

    def entry(self, command: Command) -> Request:
        """The request for one of several entries of a bank's books, which its own reference makes recognisable."""
        return Request(command, self.actor, None, None, None, self.visible)

    def part(self, name: str, command: Command) -> Request:
        """The request for one of several commands; each has a key of its own, made of the caller's and `name`."""
        key = None if self.idempotency_key is None else _uuid(self.idempotency_key.bytes + name.encode())
        return Request(command, self.actor, key, self.request_hash, None, self.visible)

    def begun_id(self) -> UUID:
        """The id of the stream that the request begins: made of its key, so that the same request asks for the same one
        for ever. A key is known within its partition; under a new id each time a repetition could miss it, and begin
        another stream."""
        assert self.idempotency_key is not None, "what begins a stream has a key"
        return _uuid(self.idempotency_key.bytes + b"stream")


def key_of(client_id: str, header: str) -> UUID:
    """The idempotency key of a client's `Idempotency-Key` header: two clients never share one."""
    return _uuid(f"{client_id}\0{header}".encode())


def hash_of(method: str, path: str, body: bytes) -> bytes:
    """32 bytes by which a repeated request is told from another with the same key; `body` in canonical form."""
    return blake2b(b"\0".join((method.encode(), path.encode(), body)), digest_size=32).digest()


def _uuid(data: bytes) -> UUID:
    return UUID(bytes=blake2b(data, digest_size=16).digest())
