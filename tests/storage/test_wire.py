"""Binary arrays are read by PostgreSQL as the values that went in."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import pq

from ledger.postgres import wire

ONE, TWO = UUID(int=1), UUID(int=2**128 - 1)
LONG = "长" * 5_000


@pytest.mark.parametrize(
    ("kind", "parameter", "values"),
    [
        ("uuid", wire.uuids([ONE, None, TWO]), [ONE, None, TWO]),
        ("uuid", wire.uuid_bytes([ONE.bytes, TWO.bytes]), [ONE, TWO]),
        ("uuid", wire.uuid_bytes([None, TWO.bytes]), [None, TWO]),
        ("text", wire.texts(["", "学", LONG]), ["", "学", LONG]),
        ("text", wire.few_texts(["a", "学", "a"]), ["a", "学", "a"]),
        ("text", wire.encoded_texts([b"{}", LONG.encode()]), ["{}", LONG]),
        ("bytea", wire.byteas([b"", None, b"\0\1"]), [b"", None, b"\0\1"]),
        ("bigint", wire.int8s([0, -1, 2**62]), [0, -1, 2**62]),
        ("int", wire.int4s([0, -1, 2**31 - 1]), [0, -1, 2**31 - 1]),
        ("smallint", wire.int2s([0, -1, 2**15 - 1]), [0, -1, 2**15 - 1]),
    ],
)
def test_an_array_is_read_as_it_was_written(
    database_url: str, kind: str, parameter: bytes, values: Sequence[Any]
) -> None:
    with psycopg.connect(database_url) as connection:
        result = connection.pgconn.exec_params(f"SELECT $1::{kind}[]::text".encode(), [parameter], None, [1])
        assert result.status == pq.ExecStatus.TUPLES_OK, result.error_message
        text = result.get_value(0, 0)
        assert text is not None
        row = connection.execute(f"SELECT %s::{kind}[]".encode(), [text.decode()]).fetchone()
    assert row == (list(values),)
