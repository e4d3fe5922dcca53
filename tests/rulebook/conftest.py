"""Rulebooks for the tests."""

from pathlib import Path

import pytest

from ledger.rulebook.rulebook import Rulebook, load_rulebook
from tests.rulebook.own_packs import OwnPacks


@pytest.fixture(scope="session")
def rulebook() -> Rulebook:
    """The built-in rulebook."""
    return load_rulebook()


@pytest.fixture
def own(tmp_path: Path) -> OwnPacks:
    """An empty directory for packs of one's own."""
    return OwnPacks(tmp_path)
