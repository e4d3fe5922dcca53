"""`escrow demo`: a city plays months of teaching, paying and refunding through the real server, and tells what came."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from datetime import time as day_time
from pathlib import Path
from typing import IO, Annotated, Any

import psycopg
import typer
import uvloop

from api.web.demo_desk import DemoUser
from ledger.application.access import ROLE_SCOPES, Bindings, is_role
from ledger.application.clients import add_client
from ledger.application.ledger import CHINA
from ledger.application.verification.runs import keep_run
from ledger.application.verification.verify import verify
from ledger.cli.demo_people import add_people, lay_out_desk, print_people
from ledger.cli.demo_report import Played, Try, print_credentials, print_figures, print_things_to_try, things_to_try
from ledger.cli.output import REFUSED, fail, progress, say
from ledger.cli.verify import print_report
from ledger.settings import Settings
from ledger.simulation.clock import StoryClock
from ledger.simulation.player import Player, StoryError
from ledger.simulation.steps import ApiClient, Phase
from ledger.simulation.story import DAYS_A_MONTH, LEAST_INSTITUTIONS, Story
from ledger.storage.database import Database
from ledger.storage.embedded import EmbeddedServer
from ledger.storage.errors import StorageError
from ledger.storage.migrate import migrate

_MARK = "made-by-escrow-demo"
"""A file in every data directory of a demonstration: only such a directory is removed."""
_HOST, _USUAL_PORT = "127.0.0.1", 8080
_START_S, _STOP_S = 60.0, 30.0
_MORNING = day_time(1, tzinfo=UTC)
"""The story's days begin at nine in the morning in China."""
_EVENTS = "SELECT coalesce(sum(position), 0)::bigint FROM escrow.heads"


def run(
    exit_: Annotated[bool, typer.Option("--exit", help="End when the story is told, and stop everything.")] = False,
    institutions: Annotated[int, typer.Option(min=LEAST_INSTITUTIONS, help="Institutions of the city.")] = 300,
    months: Annotated[
        int, typer.Option(min=1, max=24, help="Months of 30 days, the last of which ends yesterday.")
    ] = 3,
    seed: Annotated[int, typer.Option(help="The same seed tells the same story.")] = 1,
    data_dir: Annotated[Path, typer.Option(help="Removed and made anew.")] = Path(".data/demo"),
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="8080, or a free one if that is taken.")] = None,
) -> None:
    """Play a city's months through the API with real failures in it, verify the store, and leave the server up."""
    _renew(data_dir)
    settings = Settings(
        database_url=None, data_dir=data_dir, allow_dev_secrets=True, log_level="warning", token_ttl_s=3_600
    )
    start_on = datetime.now(CHINA).date() - timedelta(days=months * DAYS_A_MONTH)
    story = Story(seed=seed, institutions=institutions, months=months, start_on=start_on)
    clock = StoryClock(data_dir / "clock")
    with Database.open(settings) as database:
        migrate(database.url, settings.partitions)
        secrets = asyncio.run(_add_clients(database.url, story.clients))
        users = asyncio.run(add_people(database.url, settings, story))
        clock.set(datetime.combine(start_on, _MORNING))
        with _server(settings, data_dir, _free_port() if port is None else port) as server:
            say(f"Server at {server.url}, pid {server.pid}.", f"服务器：{server.url}，进程{server.pid}。")
            try:
                tries = uvloop.run(_tell(story, server.url, database.url, secrets, clock, seed, settings, users))
            except StoryError as error:
                fail("story_failed", f"The story could not go on: {error}", f"演示无法继续：{error}")
            found = verify(database.url)
            keep_run(database.url, found)
            say("\n== Verification ==", "\n== 核验 ==")
            print_report(found)
            print_people(server.url, users)
            print_credentials(server.url, story, secrets)
            print_things_to_try(tries)
            if not exit_:
                say("\nThe server stays up. Ctrl-C ends it.", "\n服务器保持运行，按 Ctrl-C 结束。")
                server.wait()
            if not found.passed:
                raise typer.Exit(REFUSED)
    say("The server and the database are stopped.", "服务器和数据库已停止。")


def _renew(data_dir: Path) -> None:
    """Remove an earlier demonstration. Raises StorageError `demo_directory` for a directory of anything else."""
    if data_dir.exists() and any(data_dir.iterdir()):
        if not (data_dir / _MARK).exists():
            raise StorageError(
                "demo_directory",
                f"{data_dir} is not a demonstration's directory: it is left alone. Choose another with --data-dir.",
                f"{data_dir} 不是演示目录，未作改动。请用 --data-dir 另选目录。",
                directory=str(data_dir),
            )
        say(f"Removing the earlier demonstration in {data_dir}.", f"正在删除 {data_dir} 中的旧演示数据。")
        EmbeddedServer(data_dir, run_as=Settings().pg_user, notice=lambda _: None).delete()
        for path in sorted(data_dir.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
    else:
        say(f"The demonstration's data will be in {data_dir}.", f"演示数据将保存在 {data_dir}。")
    for path in (*reversed(data_dir.parents), data_dir):
        path.mkdir(exist_ok=True)
    # The account to which root hands the database passes through.
    data_dir.chmod(0o711 if os.geteuid() == 0 else 0o700)
    (data_dir / _MARK).touch()


async def _add_clients(url: str, clients: tuple[ApiClient, ...]) -> dict[str, str]:
    """The clients' secrets by id."""
    secrets: dict[str, str] = {}
    async with await psycopg.AsyncConnection[Any].connect(url) as connection:
        for client in clients:
            assert is_role(client.role)
            secret = await add_client(
                connection,
                client_id=client.client_id,
                name=client.client_id,
                role=client.role,
                scopes=ROLE_SCOPES[client.role],
                bindings=Bindings(
                    bank=client.bank,
                    institutions=frozenset(client.institutions),
                    families=frozenset(client.families),
                    districts=frozenset(client.districts),
                ),
                now=datetime.now(UTC),
            )
            assert secret is not None
            secrets[client.client_id] = secret
    return secrets


async def _tell(
    story: Story,
    url: str,
    database_url: str,
    secrets: dict[str, str],
    clock: StoryClock,
    seed: int,
    settings: Settings,
    users: list[DemoUser],
) -> list[Try]:
    phases = list(story.phases())
    steps = sum(len(phase.steps) for phase in phases)
    say(
        f"A city of {len(story.institutions)} institutions and {len(story.plans)} contracts plays {story.days} days "
        f"from {story.start_on}: {steps} steps through the API.",
        f"{len(story.institutions)}家机构、{len(story.plans)}份合同，自{story.start_on}起模拟{story.days}天，"
        f"通过接口执行{steps}个步骤。",
    )
    async with Player(url, secrets, run_id=f"demo-{seed}") as player:
        played = await _play(phases, steps, player, database_url, clock)
        clock.set(None)
        lay_out_desk(settings, story, player, users)
        await print_figures(player, story, played)
        return await things_to_try(player, story, url, secrets)


async def _play(phases: list[Phase], steps: int, player: Player, database_url: str, clock: StoryClock) -> Played:
    played = Played(steps=steps)
    with progress("Playing", "正在模拟", steps) as bar:
        done = 0

        def count() -> None:
            nonlocal done
            done += 1
            bar.show(done)

        day = None
        before = _count_events(database_url)
        for phase in phases:
            if phase.day != day:
                day = phase.day
                clock.set(datetime.combine(day, _MORNING))
            bar.describe(f"{phase.day} {phase.title}", f"{phase.day} {phase.title_zh}")
            began = time.monotonic()
            await player.play(phase, count)
            took_s = time.monotonic() - began
            after = _count_events(database_url)
            played.add(phase.title, phase.title_zh, len(phase.steps), after - before, took_s)
            before = after
    played.events, played.requests = before, player.requests
    return played


def _count_events(url: str) -> int:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(_EVENTS).fetchone()
        return row[0] if row is not None else 0


@dataclass
class _Server:
    url: str
    pid: int
    process: "subprocess.Popen[str]" = field(repr=False)

    def wait(self) -> None:
        """Until Ctrl-C or SIGTERM, or until the server ends by itself."""
        try:
            status = self.process.wait()
        except KeyboardInterrupt:
            return
        fail("server_ended", f"The server ended with status {status}.", f"服务器已退出，状态{status}。")


@contextmanager
def _server(settings: Settings, data_dir: Path, port: int) -> Generator[_Server]:
    """The server in a process of its own, ready; stopped on the way out."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ESCROW_")}
    for name in ("data_dir", "allow_dev_secrets", "log_level", "token_ttl_s", "partitions"):
        environment[f"ESCROW_{name.upper()}"] = str(getattr(settings, name))
    if settings.pg_user:
        environment["ESCROW_PG_USER"] = settings.pg_user
    if settings.rulebook_dir:
        environment["ESCROW_RULEBOOK_DIR"] = str(settings.rulebook_dir.resolve())
    arguments = ["-m", "ledger.cli.demo_server", str(data_dir / "clock"), _HOST, str(port)]
    log_path = data_dir / "http-server.log"
    # Also where a shell's background job was told to ignore Ctrl-C: it is how the demonstration is ended.
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, _stop)
    with log_path.open("wb") as log:
        # A session of its own: Ctrl-C reaches this process, which then stops the server in order.
        process = subprocess.Popen(
            [sys.executable, *arguments],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,
        )
        try:
            assert process.stdout is not None
            yield _Server(_first_answer(process.stdout, log_path), process.pid, process)
        finally:
            process.terminate()
            try:
                process.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _stop(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _first_answer(output: IO[str], log_path: Path) -> str:
    """The server's address, once it is listening: a connection made then waits until the server takes it."""
    said = ""
    while not said.endswith("}\n"):
        line = output.readline()
        if not line:
            raise StorageError(
                "server_ended",
                f"The server did not start; its log is {log_path}.",
                f"服务器未能启动，日志见 {log_path}。",
                log=str(log_path),
            )
        said += line
    return str(json.loads(said)["url"])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, _USUAL_PORT))
        except OSError:
            return 0
    return _USUAL_PORT
