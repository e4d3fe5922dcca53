"""Draws done again from the command line."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ledger.domain.draw_verification import PublishedDraw
from ledger.domain.inspection_draw import commitment_of, digest_of
from tests.cli.conftest import Escrow
from tests.domain.test_inspection_draw import a_list

SECRET = "5e" * 32
"""Fixed: of four institutions another secret, or another public value, now and then draws the same two."""


@pytest.fixture
def record(escrow: Escrow, tmp_path: Path) -> dict[str, Any]:
    """A published draw, made by the command itself."""
    announced = PublishedDraw(input=a_list(), digest=digest_of(a_list()))
    (tmp_path / "list.json").write_bytes(msgspec.json.encode(announced))
    return escrow("inspections", "draw", "list.json", "--secret", SECRET).json


def write(tmp_path: Path, record: dict[str, Any]) -> str:
    (tmp_path / "record.json").write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
    return "record.json"


def test_a_secret_is_committed_to(escrow: Escrow) -> None:
    made, again = (escrow("inspections", "commit", "--json").json for _ in range(2))
    assert commitment_of(made["secret"]) == made["commitment"]
    assert made["secret"] != again["secret"]


def test_a_draw_is_verified(escrow: Escrow, tmp_path: Path, record: dict[str, Any]) -> None:
    ended = escrow("inspections", "verify", write(tmp_path, record | {"draw_id": "7", "state": "drawn"}))
    assert (ended.status, ended.out.startswith(f"right: digest {record['digest']}, 2 of 4")) == (0, True)
    assert escrow("inspections", "verify", "record.json", "--json").json["verified"] is True


def test_an_announced_list_is_verified_before_it_is_drawn(escrow: Escrow, tmp_path: Path) -> None:
    announced = {"input": msgspec.to_builtins(a_list()), "digest": digest_of(a_list()), "public_source": "the lottery"}
    assert escrow("inspections", "verify", write(tmp_path, announced)).status == 0
    assert escrow("inspections", "verify", write(tmp_path, announced | {"digest": "0" * 64})).status == 1


@pytest.mark.parametrize(
    ("changed", "faults"),
    [
        ({"digest": "0" * 64}, ["digest"]),
        ({"commitment": "0" * 64}, ["commitment"]),
        ({"secret": "0" * 64}, ["commitment", "seed", "sites"]),
        ({"secret": "no hex"}, ["commitment", "seed", "sites"]),
        ({"public_value": "7"}, ["public_value", "seed", "sites"]),
        ({"public_source": "the lottery"}, ["public_value"]),
        ({"seed": "0" * 64}, ["seed"]),
        ({"sites": []}, ["sites"]),
    ],
)
def test_whatever_does_not_follow_is_named(
    escrow: Escrow, tmp_path: Path, record: dict[str, Any], changed: dict[str, Any], faults: list[str]
) -> None:
    ended = escrow("inspections", "verify", write(tmp_path, record | changed), "--json")
    assert (ended.status, ended.json["faults"]) == (1, faults)


def test_a_changed_weight_is_found(escrow: Escrow, tmp_path: Path, record: dict[str, Any]) -> None:
    record["input"]["institutions"][0]["weight"] = 9
    ended = escrow("inspections", "verify", write(tmp_path, record), "--json")
    assert (ended.status, ended.json["faults"][:2]) == (1, ["input", "digest"])
    text = escrow("inspections", "verify", "record.json")
    assert text.out.splitlines()[0].startswith("wrong: the list cannot be drawn from")


def test_what_is_no_record_is_told_so(escrow: Escrow, tmp_path: Path) -> None:
    assert escrow("inspections", "verify", write(tmp_path, {})).status == 1
    (tmp_path / "record.json").write_text("{")
    assert "not a draw's record" in escrow("inspections", "verify", "record.json").err
    assert escrow("inspections", "draw", "record.json", "--secret", "zz").status == 1
    announced = {"input": msgspec.to_builtins(a_list()), "digest": ""}
    assert escrow("inspections", "draw", write(tmp_path, announced), "--secret", "zz").status == 2
