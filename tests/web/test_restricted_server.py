"""A server that does not own its tables has the grants that the documentation names, and needs no others."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from tests.api.route_cases import ROUTES
from tests.api.test_every_route import OWN, ask, holds
from tests.web.site_over import site_over

pytestmark = pytest.mark.anyio
PAGE = Path(__file__).parents[2] / "docs/operating/database-roles.md"
MADE_BY_THE_TEST = ("CREATE ROLE", "CREATE DATABASE")
APPEND_ONLY = ("events", "unique_keys", "page_visits", "verifications", "batch_keys", "api_requests")


def documented() -> list[str]:
    """The statements of the page, without those that make databases and roles."""
    (block,) = re.findall(r"```sql\n(.*?)```", PAGE.read_text(), re.DOTALL)
    statements = [one.strip() for one in re.sub(r"--[^\n]*", "", block).split(";")]
    return [one for one in statements if one and not one.startswith(MADE_BY_THE_TEST)]


@pytest.fixture
def server_url(database_url: str) -> Iterator[str]:
    """The database as the server's user, who has what the page grants."""
    role, password = f"server_{uuid4().hex}", uuid4().hex
    name = urlsplit(database_url).path.strip("/")
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(role), sql.Literal(password)))
        for statement in documented():
            said = statement.replace("escrow_server", role).replace("DATABASE city", f"DATABASE {name}")
            owner.execute(said.encode())
        parts = urlsplit(database_url)
        yield urlunsplit(parts._replace(netloc=f"{role}:{password}@{parts.netloc.rpartition('@')[2]}"))
        owner.execute(sql.SQL("DROP OWNED BY {} CASCADE").format(sql.Identifier(role)))
        owner.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))


async def test_every_route_people_and_the_request_log_work_with_the_documented_grants(
    server_url: str, tmp_path: Path
) -> None:
    async with site_over(server_url, tmp_path) as site:
        town = site.town
        for (method, path), case in ROUTES.items():
            who = next(who for who in OWN if holds(who, case.permission) and case.owner in ("", who))
            answer = await ask(town, who, method, path, await case.arrange(town))
            assert answer.status_code in (200, 201), (method, path, answer.text)
        await town.app.state.request_log.write()
        await town.app.state.request_log.prune()
        async with site.visitor() as visitor:
            assert (await site.enter(visitor, "bank", code="000000")).status_code == 403
        for who, page in (("bank", "/bank/requests"), ("operator", "/operator/upkeep"), ("parent", "/parent")):
            async with site.signed_in(who) as visitor:
                assert (await visitor.get(page)).status_code == 200
                assert (await visitor.post("/sign-out")).status_code == 200


def test_the_servers_user_changes_no_row_of_a_record(server_url: str) -> None:
    may = "SELECT has_table_privilege('escrow.' || %s, %s)"
    with psycopg.connect(server_url) as connection:
        for table in APPEND_ONLY:
            for privilege in ("UPDATE", "TRUNCATE", "DELETE"):
                expected = (table, privilege) == ("api_requests", "DELETE")  # the old ones
                assert connection.execute(may, [table, privilege]).fetchone() == (expected,), (table, privilege)
