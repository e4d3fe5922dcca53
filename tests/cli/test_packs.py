"""`escrow claims-pack`, `audit-pack` and `verify-pack`: one command each, and names only with a trace."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
import uvloop

from ledger.application.people.registry import keystore_of
from ledger.people.directory import Directory
from ledger.people.person import Details, FamilyTie, PaymentRoute
from ledger.settings import Settings
from tests.cli.conftest import Escrow
from tests.packs.conftest import contents, rows
from tests.packs.estate import ACCOUNT, record

NAME = "欧阳晴岚"


@pytest.fixture(autouse=True)
def _estate(database_url: str) -> None:
    uvloop.run(record(database_url))


async def _know(database_url: str, data_dir: Path) -> UUID:
    directory, person_id = Directory(keystore_of(Settings(data_dir=data_dir))), uuid4()
    at = datetime(2026, 3, 2, tzinfo=UTC)
    async with await psycopg.AsyncConnection[object].connect(database_url) as connection:
        await directory.create(connection, person_id, written_by="i-1", at=at)
        await directory.put(connection, person_id, Details(name=NAME))
        await directory.tie(connection, person_id, FamilyTie(family_id="f-1", relation="mother"))
        route = PaymentRoute(route="route-c-1/2", bank="CMB", account_no="6225", holder_name=NAME)
        await directory.add_routes(connection, person_id, [route], at=at)
    return person_id


@pytest.mark.parametrize(("command", "counted"), [("claims-pack", 5), ("audit-pack", 59)])
def test_one_command_writes_a_pack_that_another_verifies(
    escrow: Escrow, tmp_path: Path, command: str, counted: int
) -> None:
    told = escrow(command, str(ACCOUNT), "--json").json
    assert (told["families"], told["rows"]) == (4, counted)
    pack = tmp_path / told["directory"]
    assert escrow("verify-pack", str(pack), "--key", str(tmp_path / "data" / "pack-signing.pub")).status == 0
    assert escrow(command, str(ACCOUNT), "--out", "again").status == 0
    assert contents(tmp_path / "again") == contents(pack)
    assert {path.suffix for path in pack.iterdir()} == {".csv", ".parquet", ".pdf", ".json"}


def test_a_pack_is_never_written_over_another(escrow: Escrow, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    refused = escrow("claims-pack", str(ACCOUNT), "--out", "there", "--json")
    assert (refused.status, refused.json["error"]["code"]) == (1, "pack_directory_taken")
    assert list((tmp_path / "there").iterdir()) == []


def test_an_altered_pack_is_told_with_the_file(escrow: Escrow, tmp_path: Path) -> None:
    escrow("claims-pack", str(ACCOUNT), "--out", "pack")
    with (tmp_path / "pack" / "claims.csv").open("a") as file:
        file.write("x")
    told = escrow("verify-pack", "pack")
    assert (told.status, told.out.splitlines()) == (1, ["file_altered: claims.csv"])
    listed = escrow("verify-pack", "pack", "--json").json
    assert (listed["passed"], listed["faults"]) == (False, [{"fault": "file_altered", "file": "claims.csv"}])


def test_a_key_in_the_pack_alone_is_not_taken_for_trust(escrow: Escrow, tmp_path: Path) -> None:
    escrow("claims-pack", str(ACCOUNT), "--out", "pack")
    told = escrow("verify-pack", "pack")
    assert told.status == 0
    assert "compare its id, or give --key" in told.err
    (tmp_path / "other.pub").write_text("ab" * 32)
    refused = escrow("verify-pack", "pack", "--key", "other.pub")
    assert (refused.status, refused.out.splitlines()) == (1, ["signed_by_another: signature.json"])
    (tmp_path / "other.pub").write_text("no key")
    malformed = escrow("verify-pack", "pack", "--key", "other.pub", "--json")
    assert malformed.json["error"]["code"] == "pack_key_malformed"


def test_the_past_is_packed_as_it_was(escrow: Escrow, tmp_path: Path) -> None:
    told = escrow("claims-pack", str(ACCOUNT), "--version", "6", "--out", "six", "--json").json
    assert (told["families"], told["rows"]) == (2, 2)
    at = rows(tmp_path / "six", "claims")
    assert [row["claim_fen"] for row in at] == [1_718_800, 10_000]
    early = escrow("claims-pack", str(ACCOUNT), "--as-of", "2026-03-02T00:00:00+0000", "--json")
    assert early.json["error"]["code"] == "account_not_found"
    beyond = escrow("claims-pack", str(ACCOUNT), "--version", "9999", "--json")
    assert beyond.json["error"] | {"message_zh": ""} == {
        "code": "event_not_found",
        "message": f"There is no event at {ACCOUNT}/9999.",
        "message_zh": "",
        "figures": {"place": f"{ACCOUNT}/9999"},
    }
    late = escrow("audit-pack", str(ACCOUNT), "--as-of", "2999-01-01T00:00:00+0800", "--json")
    assert late.json["error"]["code"] == "instant_in_future"
    assert escrow("claims-pack", str(ACCOUNT), "--version", "6", "--as-of", "2026-03-03T00:00:00+0800").status == 2
    assert escrow("audit-pack", str(uuid4()), "--json").json["error"]["code"] == "account_not_found"


def test_names_need_a_reason_and_leave_a_trace(escrow: Escrow, database_url: str, tmp_path: Path) -> None:
    person_id = uvloop.run(_know(database_url, tmp_path / "data"))
    refused = escrow("claims-pack", str(ACCOUNT), "--names", "--out", "named", "--json")
    assert refused.json["error"]["code"] == "reveal_reason_missing"
    assert not (tmp_path / "named").exists()
    assert escrow("people", "access-log", "--json").json == []
    escrow("claims-pack", str(ACCOUNT), "--names", "--reason", "order 7", "--out", "named")
    assert rows(tmp_path / "named", "names") == [{"family_id": "f-1", "name": NAME}]
    assert [row["holder_name"] for row in rows(tmp_path / "named", "payees")] == [NAME]
    log = escrow("people", "access-log", "--json").json
    assert [(one["person_id"], one["action"], one["reason"], one["fields"]) for one in log] == [
        (str(person_id), "revealed", "order 7", ["name", "families"]),
        (str(person_id), "revealed", "order 7", ["routes"]),
    ]
    escrow("people", "erase", str(person_id), "--reason", "asked for it")
    escrow("claims-pack", str(ACCOUNT), "--names", "--reason", "order 7", "--out", "after")
    assert (rows(tmp_path / "after", "names"), rows(tmp_path / "after", "payees")) == ([], [])
    assert (tmp_path / "after" / "claims.csv").read_bytes() == (tmp_path / "named" / "claims.csv").read_bytes()
