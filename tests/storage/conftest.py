"""A context for decisions made outside of the writer."""

from datetime import UTC, date, datetime

import pytest

from ledger.domain.decisions import Context


@pytest.fixture
def context() -> Context:
    return Context(recorded_at=datetime(2026, 11, 1, 8, tzinfo=UTC), today=date(2026, 11, 1), actor="test")
