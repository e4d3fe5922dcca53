"""One PostgreSQL cluster a test run, shared by all workers; one migrated template; one clone of it for each test.

The shared cluster runs with fsync off, since nobody will miss its data. A test that kills servers or speaks of
durability takes `durable_server` or `durable_database`, which are its own and write to the disk.
"""

import fcntl
import importlib
import os
import pkgutil
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from psycopg import sql

from ledger.settings import Settings
from ledger.storage.embedded import EmbeddedServer
from ledger.storage.migrate import migrate

_RUN_DIRECTORY = "ESCROW_TESTS_RUN_DIRECTORY"
_KEPT_VARIABLES = {_RUN_DIRECTORY, "ESCROW_PG_USER"}
_TEMPLATE = "escrow_template"
PARTITIONS: int = Settings.model_fields["partitions"].default

settings.register_profile("ci", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("torture", deadline=None, max_examples=5_000, suppress_health_check=list(HealthCheck))
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def _silent(_text: str) -> None:
    """Tests need not be told, again and again, which account runs the server."""


def new_server(directory: Path, *, durable: bool) -> EmbeddedServer:
    return EmbeddedServer(directory, run_as=os.environ.get("ESCROW_PG_USER"), durable=durable, notice=_silent)


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        return
    # What the developer has set for her own store must not reach the tests.
    for variable in [name for name in os.environ if name.startswith("ESCROW_") and name not in _KEPT_VARIABLES]:
        del os.environ[variable]
    directory = Path(tempfile.mkdtemp(prefix="escrow-tests-"))
    # The account that runs PostgreSQL for root passes through.
    directory.chmod(0o711)
    os.environ[_RUN_DIRECTORY] = str(directory)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Load every module of ours. Hypothesis tries the constants of those that are loaded: so a property gets the same
    examples alone, in any order, and in any worker."""
    if not any(item.get_closest_marker("hypothesis") for item in session.items):
        return
    for name in ("ledger", "api", "tests"):
        package = importlib.import_module(name)
        for module in pkgutil.walk_packages(package.__path__, f"{name}."):
            importlib.import_module(module.name)


def pytest_unconfigure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput") or _RUN_DIRECTORY not in os.environ:
        return
    directory = Path(os.environ.pop(_RUN_DIRECTORY))
    shared = directory / "shared"
    if shared.exists():
        new_server(shared, durable=False).delete()
    shutil.rmtree(directory)


@pytest.fixture(scope="session")
def run_directory() -> Path:
    """A directory for this run, which every account may pass through; removed at its end."""
    return Path(os.environ[_RUN_DIRECTORY])


@pytest.fixture(scope="session")
def cluster_url(run_directory: Path) -> str:
    """The shared cluster, with the migrated template in it."""
    server = new_server(run_directory / "shared", durable=False)
    url = server.start(stop_at_exit=False)
    with (run_directory / "template.lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _make_template(url)
    return url


def _make_template(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [_TEMPLATE]).fetchone()
    if found is None:
        unfinished = f"{_TEMPLATE}_unfinished"
        migrate(_create_database(url, unfinished, template="template0"), PARTITIONS)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(unfinished), sql.Identifier(_TEMPLATE))
            )


def _create_database(url: str, name: str, *, template: str) -> str:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
        )
    before, _, query = url.partition("?")
    return f"{before.rpartition('/')[0]}/{name}?{query}"


def _drop_database(url: str, name: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def database_url(cluster_url: str) -> Iterator[str]:
    """A migrated database of this test's own, with four partitions and no events; dropped after the test."""
    name = f"test_{uuid.uuid4().hex}"
    yield _create_database(cluster_url, name, template=_TEMPLATE)
    _drop_database(cluster_url, name)


@pytest.fixture(scope="module")
def module_database_url(cluster_url: str) -> Iterator[str]:
    """A migrated database which the tests of one module share; dropped after them."""
    name = f"test_{uuid.uuid4().hex}"
    yield _create_database(cluster_url, name, template=_TEMPLATE)
    _drop_database(cluster_url, name)


@pytest.fixture
def empty_database_url(cluster_url: str) -> Iterator[str]:
    """A database of this test's own in which nothing was migrated; dropped after the test."""
    name = f"test_{uuid.uuid4().hex}"
    yield _create_database(cluster_url, name, template="template0")
    _drop_database(cluster_url, name)


@pytest.fixture
def durable_server(run_directory: Path) -> Iterator[EmbeddedServer]:
    """A server of this test's own, fsync on, not started; the test may kill it. Deleted after the test."""
    server = new_server(run_directory / f"own-{uuid.uuid4().hex[:12]}", durable=True)
    yield server
    server.delete()


@pytest.fixture
def durable_database(durable_server: EmbeddedServer) -> str:
    """A migrated database on `durable_server`, which survives the server's death."""
    url = durable_server.start()
    migrate(url, PARTITIONS)
    return url


@pytest.fixture(scope="session")
def anyio_backend() -> tuple[str, dict[str, bool]]:
    """Tests marked `anyio` run on the event loop that the server uses."""
    return "asyncio", {"use_uvloop": True}
