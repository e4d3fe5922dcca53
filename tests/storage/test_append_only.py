"""Recorded facts cannot be changed in the database: not by the writer, not by the owner, not by a superuser."""

import psycopg
import pytest
from psycopg import errors

STATEMENTS = (
    "UPDATE escrow.events SET state = state",
    "DELETE FROM escrow.events",
    "TRUNCATE escrow.events",
    "UPDATE escrow.unique_keys SET digest = digest",
    "DELETE FROM escrow.unique_keys",
    "TRUNCATE escrow.unique_keys",
)


@pytest.mark.parametrize("statement", STATEMENTS)
@pytest.mark.parametrize("role", [None, "escrow_writer"])
def test_changing_recorded_facts_is_refused(database_url: str, statement: str, role: str | None) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        if role is not None:
            connection.execute(f'SET ROLE "{role}"'.encode())
        with pytest.raises(errors.InsufficientPrivilege):
            connection.execute(statement.encode())


@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM escrow.heads", "DROP TABLE escrow.events", "ALTER TABLE escrow.events DISABLE TRIGGER ALL"],
)
def test_the_writer_role_may_append_and_nothing_else(database_url: str, statement: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute('SET ROLE "escrow_writer"')
        with pytest.raises(errors.InsufficientPrivilege):
            connection.execute(statement.encode())
