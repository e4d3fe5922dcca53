"""`escrow people`: revealed and erased by the operator, found by phone, keys rotated, each with a trace."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
import uvloop

from ledger.application.caller import Caller
from ledger.application.ledger import Ledger
from ledger.application.people.registry import keystore_of
from ledger.domain.commands import OpenAccount, SignContract
from ledger.domain.events import Package
from ledger.people.directory import Directory
from ledger.people.person import Details, FamilyTie, PaymentRoute
from ledger.settings import Settings
from tests.cli.conftest import Ended, Escrow
from tests.conftest import PARTITIONS

DAY = date(2026, 9, 1)
NAME = "欧阳晴岚"


@pytest.fixture
def person_id(database_url: str, escrow: Escrow, tmp_path: Path) -> UUID:
    """A person of a family with a contract, as the directory of the test's installation knows it."""
    return uvloop.run(_make_person(database_url, tmp_path / "data"))


async def _make_person(database_url: str, data_dir: Path) -> UUID:
    account_id, at = uuid4(), datetime(2026, 9, 1, tzinfo=UTC)
    opened = OpenAccount(
        account_id=account_id,
        effective_on=DAY,
        institution_id="i-1",
        bank="ICBC",
        account_no="110",
        district="310104",
        authorities=("310104",),
    )
    signed = SignContract(
        account_id=account_id,
        effective_on=DAY,
        contract_id="c-1",
        contract_no="HT-1",
        family_id="f-1",
        student_id="s-1",
        course_id="piano",
        subject="piano",
        category="arts",
        starts_on=DAY,
        ends_on=date(2027, 7, 31),
        lesson_minutes=45,
        packages=(Package(number=1, price_fen=100, list_price_fen=100, paid_lessons=10, gift_lessons=0),),
    )
    async with Ledger(database_url, PARTITIONS, clock=lambda: at) as ledger:
        for command in (opened, signed):
            await ledger.execute(Caller("operator:test").request(command))
    directory = Directory(keystore_of(Settings(data_dir=data_dir)))
    made = uuid4()
    async with await psycopg.AsyncConnection[Any].connect(database_url) as connection:
        await directory.create(connection, made, written_by="i-1", at=at)
        await directory.put(connection, made, Details(name=NAME, phones=("13912345678",)))
        await directory.tie(connection, made, FamilyTie(family_id="f-1", relation="mother"))
        route = PaymentRoute(route="route-1", bank="CMB", account_no="6225", holder_name=NAME)
        await directory.add_routes(connection, made, [route], at=at)
    return made


def actions(escrow: Escrow) -> list[tuple[str, str]]:
    return [(one["action"], one["reason"]) for one in escrow("people", "access-log", "--json").json]


def test_revealed_with_a_reason_and_a_trace(escrow: Escrow, person_id: UUID) -> None:
    shown = escrow("people", "reveal", str(person_id), "--reason", "court order 7", "--json").json
    assert (shown["name"], shown["phones"], shown["routes"][0]["account_no"]) == (NAME, ["13912345678"], "6225")
    said = escrow("people", "reveal", str(person_id), "--reason", "court order 7", "--field", "name")
    assert (said.status, said.out) == (0, f"name: {NAME}\n")
    assert actions(escrow) == [("revealed", "court order 7")] * 2
    (first, _) = escrow("people", "access-log", "--json").json
    assert first["actor"].startswith("operator:cli/")


@pytest.mark.parametrize("arguments", [(), ("--reason", " ")])
def test_without_a_reason_nothing_is_shown(escrow: Escrow, person_id: UUID, arguments: tuple[str, ...]) -> None:
    ended = escrow("people", "reveal", str(person_id), *arguments)
    assert ended.status in (1, 2)
    assert NAME not in ended.out + ended.err
    assert actions(escrow) == []


def test_an_unknown_field_is_a_wrong_usage(escrow: Escrow, person_id: UUID) -> None:
    assert escrow("people", "reveal", str(person_id), "--reason", "r", "--field", "salary").status == 2


def test_found_by_a_phone_however_it_is_written(escrow: Escrow, person_id: UUID) -> None:
    found = escrow("people", "find", "phone", "--text", "+86 139 1234 5678", "--reason", "she called")
    assert found.out.splitlines() == [str(person_id), "1 person(s)."]
    assert escrow("people", "find", "contract-no", "--text", "HT-2", "--reason", "r", "--json").json == []
    assert actions(escrow) == [("found", "she called")]


def test_erased_twice_and_gone(escrow: Escrow, person_id: UUID) -> None:
    first = escrow("people", "erase", str(person_id), "--reason", "asked for it", "--json").json
    again = escrow("people", "erase", str(person_id), "--reason", "asked for it", "--json").json
    assert (first["before"], again) == (False, first | {"before": True})
    refused = escrow("people", "reveal", str(person_id), "--reason", "r", "--json")
    assert (refused.status, error_of(refused)) == (1, "person_data_erased")
    assert actions(escrow) == [("erased", "asked for it")]
    assert escrow("people", "finish-erasures", "--json").json == {"erased": 0}
    unknown = escrow("people", "erase", str(uuid4()), "--reason", "r", "--json")
    assert (unknown.status, error_of(unknown)) == (1, "person_data_not_found")


def test_a_person_whose_key_was_lost_can_still_be_erased(escrow: Escrow, person_id: UUID, tmp_path: Path) -> None:
    for file in (tmp_path / "data").rglob("*.key"):
        if file.stem == str(person_id):
            file.unlink()
    refused = escrow("people", "reveal", str(person_id), "--reason", "r", "--json")
    assert (refused.status, error_of(refused)) == (1, "person_data_unreadable")
    assert escrow("people", "erase", str(person_id), "--reason", "r").status == 0
    assert actions(escrow) == [("erased", "r")]


def test_after_a_rotation_everybody_can_be_read(escrow: Escrow, person_id: UUID, tmp_path: Path) -> None:
    master = tmp_path / "data" / "people-master.key"
    before = master.read_text()
    assert escrow("people", "rotate-key", "--json").json == {"keys": 1}
    assert master.read_text() != before
    assert escrow("people", "reveal", str(person_id), "--reason", "r", "--field", "name").out == f"name: {NAME}\n"


def error_of(ended: Ended) -> str:
    return json.loads(ended.out)["error"]["code"]
