"""Pages over a real database."""

from collections.abc import AsyncIterator

import pytest

from tests.web.site_over import Site, site_over


@pytest.fixture(scope="module")
async def site(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """Pages which the tests of one module share."""
    async with site_over(module_database_url, tmp_path_factory.mktemp("site")) as running:
        yield running
