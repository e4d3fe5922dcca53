"""PostgreSQL's binary parameter format for the arrays that an append sends.

An array is a header and its items, each after its length. What can be done by one call over a whole column is done so,
because an append of thousands of rows builds a dozen of them.
"""

import struct
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import cast
from uuid import UUID

_HEADER = struct.Struct("!iiiii")
_INT4 = struct.Struct("!i")
_INT8 = struct.Struct("!q")
_OID_UUID, _OID_INT8, _OID_INT2, _OID_TEXT, _OID_BYTEA, _OID_INT4 = 2950, 20, 21, 25, 17, 23
_NULL = b"\xff\xff\xff\xff"
_LENGTHS = tuple(length.to_bytes(4, "big") for length in range(4_096))
_LENGTH_16 = _LENGTHS[16]
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


def _item(value: bytes) -> bytes:
    length = len(value)
    return (_LENGTHS[length] if length < len(_LENGTHS) else length.to_bytes(4, "big")) + value


def _array(oid: int, items: Sequence[bytes | None]) -> bytes:
    if None in items:
        header, known = _HEADER.pack(1, 1, oid, len(items), 1), [_NULL if i is None else _item(i) for i in items]
    else:
        whole = cast("Sequence[bytes]", items)
        header = _HEADER.pack(1, 0, oid, len(whole), 1)
        if max(map(len, whole), default=0) < len(_LENGTHS):
            known = [_LENGTHS[len(item)] + item for item in whole]
        else:
            known = map(_item, whole)
    return header + b"".join(known)


def uuid_bytes(values: Sequence[bytes | None]) -> bytes:
    """A `uuid[]` parameter of UUIDs as their 16 bytes."""
    if None in values or not values:
        return _array(_OID_UUID, values)
    whole = cast("Sequence[bytes]", values)
    return _HEADER.pack(1, 0, _OID_UUID, len(whole), 1) + _LENGTH_16 + _LENGTH_16.join(whole)


def uuids(values: Sequence[UUID | None]) -> bytes:
    """A `uuid[]` parameter."""
    return _array(_OID_UUID, [None if value is None else value.bytes for value in values])


def texts(values: Iterable[str]) -> bytes:
    """A `text[]` parameter."""
    return _array(_OID_TEXT, [value.encode() for value in values])


def encoded_texts(values: Sequence[bytes]) -> bytes:
    """A `text[]` parameter of UTF-8 bytes."""
    return _array(_OID_TEXT, values)


@lru_cache(maxsize=1_024)
def _text_item(value: str) -> bytes:
    return _item(value.encode())


def few_texts(values: Sequence[str]) -> bytes:
    """A `text[]` parameter of values of which there are few different ones, such as topics."""
    return _HEADER.pack(1, 0, _OID_TEXT, len(values), 1) + b"".join(map(_text_item, values))


def byteas(values: Sequence[bytes | None]) -> bytes:
    """A `bytea[]` parameter."""
    return _array(_OID_BYTEA, values)


def _integers(oid: int, code: str, size: int, values: Sequence[int]) -> bytes:
    flat = [size] * (2 * len(values))
    flat[1::2] = values
    return _HEADER.pack(1, 0, oid, len(values), 1) + struct.pack("!" + f"i{code}" * len(values), *flat)


def int8s(values: Sequence[int]) -> bytes:
    """A `bigint[]` parameter."""
    return _integers(_OID_INT8, "q", 8, values)


def int4s(values: Sequence[int]) -> bytes:
    """An `int[]` parameter."""
    return _integers(_OID_INT4, "i", 4, values)


def int2s(values: Sequence[int]) -> bytes:
    """A `smallint[]` parameter."""
    return _integers(_OID_INT2, "h", 2, values)


def read_int8(value: bytes) -> int:
    """A `bigint` result."""
    return _INT8.unpack(value)[0]


def read_int4(value: bytes) -> int:
    """An `int` result."""
    return _INT4.unpack(value)[0]
