"""PostgreSQL's binary parameter format for the arrays that an append sends."""

import struct
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

_HEADER = struct.Struct("!iiiii")
_INT4 = struct.Struct("!i")
_INT8 = struct.Struct("!q")
_OID_UUID, _OID_INT8, _OID_INT2, _OID_TEXT, _OID_BYTEA, _OID_INT4 = 2950, 20, 21, 25, 17, 23
_NULL = b"\xff\xff\xff\xff"
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def int4(value: int) -> bytes:
    """An `int` parameter."""
    return _INT4.pack(value)


def int8(value: int) -> bytes:
    """A `bigint` parameter."""
    return _INT8.pack(value)


def timestamptz(value: datetime) -> bytes:
    """A `timestamptz` parameter, to the microsecond."""
    return _INT8.pack((value - _EPOCH) // _MICROSECOND)


def _array(oid: int, items: Sequence[bytes | None]) -> bytes:
    parts = [_HEADER.pack(1, 1 if None in items else 0, oid, len(items), 1)]
    for item in items:
        if item is None:
            parts.append(_NULL)
        else:
            parts.append(len(item).to_bytes(4, "big"))
            parts.append(item)
    return b"".join(parts)


def uuids(values: Sequence[UUID | None]) -> bytes:
    """A `uuid[]` parameter."""
    return _array(_OID_UUID, [None if value is None else value.bytes for value in values])


def texts(values: Iterable[str]) -> bytes:
    """A `text[]` parameter."""
    return _array(_OID_TEXT, [value.encode() for value in values])


def encoded_texts(values: Sequence[bytes]) -> bytes:
    """A `text[]` parameter of UTF-8 bytes."""
    return _array(_OID_TEXT, values)


def byteas(values: Sequence[bytes | None]) -> bytes:
    """A `bytea[]` parameter."""
    return _array(_OID_BYTEA, values)


def int8s(values: Sequence[int]) -> bytes:
    """A `bigint[]` parameter."""
    flat = [part for value in values for part in (8, value)]
    return _HEADER.pack(1, 0, _OID_INT8, len(values), 1) + struct.pack("!" + "iq" * len(values), *flat)


def int4s(values: Sequence[int]) -> bytes:
    """An `int[]` parameter."""
    flat = [part for value in values for part in (4, value)]
    return _HEADER.pack(1, 0, _OID_INT4, len(values), 1) + struct.pack("!" + "ii" * len(values), *flat)


def int2s(values: Sequence[int]) -> bytes:
    """A `smallint[]` parameter."""
    flat = [part for value in values for part in (2, value)]
    return _HEADER.pack(1, 0, _OID_INT2, len(values), 1) + struct.pack("!" + "ih" * len(values), *flat)


def read_int8(value: bytes) -> int:
    """A `bigint` result."""
    return _INT8.unpack(value)[0]


def read_int4(value: bytes) -> int:
    """An `int` result."""
    return _INT4.unpack(value)[0]
