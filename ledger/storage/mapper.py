"""Events to stored rows and back: compact JSON that an auditor can read, explicit topics, older versions upcast."""

from hashlib import blake2b
from typing import Any
from uuid import UUID

import msgspec
from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import Mapper, MapperDeserialisationError, StoredEvent, Transcoder

from ledger.domain.account import EscrowAccount
from ledger.domain.events import TOPICS, Event, RecordedEvent
from ledger.domain.upcasts import UPCASTS

_encode = msgspec.json.Encoder().encode
_decoders = {topic: msgspec.json.Decoder(cls).decode for topic, cls in TOPICS.items()}
_VERSION_KEY = "class_version"
_versions = {
    topic: f'{{"{_VERSION_KEY}":{cls.class_version},'.encode() for topic, cls in TOPICS.items() if cls.class_version > 1
}
_shape = msgspec.json.encode(msgspec.json.schema(EscrowAccount))
SNAPSHOT_TOPIC = f"escrow_account.{blake2b(_shape, digest_size=6).hexdigest()}"
"""Snapshots are of one shape of the working state: those of another release are not found, and taken anew."""
_decode_account = msgspec.json.Decoder(EscrowAccount).decode


def encode_event(event: Event) -> bytes:
    """The event as JSON; payloads of a later version than 1 begin with their `class_version`."""
    state = _encode(event)
    prefix = _versions.get(event.topic)
    return state if prefix is None else prefix + state[1:]


def decode_event(topic: str, state: bytes | str) -> Event:
    """The event of a stored row, upcast to today's shape.

    Raises `MapperDeserialisationError` for an unknown topic or a payload that does not fit.
    """
    try:
        prefix = _versions.get(topic)
        if prefix is not None:
            raw = state.encode() if isinstance(state, str) else state
            if not raw.startswith(prefix):
                return _upcast(topic, raw)
        return _decoders[topic](state)
    except (KeyError, msgspec.MsgspecError) as error:
        raise MapperDeserialisationError(f"the payload of {topic} cannot be read: {error}") from error


def _upcast(topic: str, state: bytes) -> Event:
    cls = TOPICS[topic]
    payload: dict[str, Any] = msgspec.json.decode(state)
    for version in range(payload.pop(_VERSION_KEY, 1), cls.class_version):
        UPCASTS[topic, version](payload)
    return msgspec.convert(payload, cls)


def encode_account(account: EscrowAccount) -> bytes:
    """A snapshot's state: the same account always gives the same bytes."""
    return _encode(account)


def decode_account(state: bytes | str) -> EscrowAccount:
    """The account of a snapshot's state."""
    return _decode_account(state)


class _NoTranscoder(Transcoder):
    """The mapper's base class wants one; ours encodes typed structs itself."""

    def encode(self, obj: Any) -> bytes:
        return msgspec.json.encode(obj)

    def decode(self, data: bytes) -> Any:
        return msgspec.json.decode(data)


class EventMapper(Mapper[UUID]):
    """The eventsourcing library's mapper over `RecordedEvent` and account snapshots."""

    def __init__(self) -> None:
        super().__init__(transcoder=_NoTranscoder())

    def to_stored_event(self, domain_event: DomainEventProtocol[UUID]) -> StoredEvent:
        if isinstance(domain_event, AccountSnapshot):
            state, topic = encode_account(domain_event.account), SNAPSHOT_TOPIC
        else:
            assert isinstance(domain_event, RecordedEvent)
            state, topic = encode_event(domain_event.event), domain_event.event.topic
        return StoredEvent(domain_event.originator_id, domain_event.originator_version, topic, state)

    def to_domain_event(self, stored_event: StoredEvent) -> DomainEventProtocol[UUID]:
        originator_id = stored_event.originator_id
        assert isinstance(originator_id, UUID)
        if stored_event.topic == SNAPSHOT_TOPIC:
            return AccountSnapshot(decode_account(stored_event.state))
        event = decode_event(stored_event.topic, stored_event.state)
        return RecordedEvent(originator_id, stored_event.originator_version, event)


class AccountSnapshot:
    """An account as of one version, in the place of its events up to there."""

    def __init__(self, account: EscrowAccount) -> None:
        self.account = account

    @property
    def originator_id(self) -> UUID:
        return self.account.id

    @property
    def originator_version(self) -> int:
        return self.account.version
