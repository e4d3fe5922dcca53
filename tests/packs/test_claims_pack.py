"""The claims pack, line by line against the log: amounts, arithmetic, routes and shares, worked out a second way."""

import io
import json
from collections import defaultdict
from fractions import Fraction
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pypdf
import pytest
import uvloop

from ledger.application.law import Law
from ledger.application.packs import claims_pack
from ledger.application.packs.claims import AccountClaims, account_claims
from ledger.application.packs.claims_pack import totals_of, write_claims_pack
from ledger.application.packs.payees import Payees
from ledger.domain import commands as c
from ledger.domain.errors import LedgerError
from ledger.packs.manifest import check_pack
from ledger.people.person import PaymentRoute
from tests.packs.conftest import KEY, contents, rows
from tests.packs.estate import ACCOUNT, Commands, Steps, record, story

Json = dict[str, Any]


@pytest.fixture
def claims(database_url: str, law: Law, estate: Steps) -> AccountClaims:
    return account_claims(database_url, law, ACCOUNT)


def packed(claims: AccountClaims, directory: Path, payees: Payees | None = None) -> Path:
    directory.mkdir()
    write_claims_pack(claims, directory, KEY, payees=payees)
    return directory


def stored(url: str) -> list[Json]:
    """The account's events as JSON, with nothing of the ledger's own code."""
    query = "SELECT topic, state FROM escrow.events WHERE account_id = %s ORDER BY version"
    with psycopg.connect(url) as connection:
        return [{"topic": topic} | json.loads(state) for topic, state in connection.execute(query, [ACCOUNT])]


class SecondBook:
    """What families are owed, added up from the stored events by hand."""

    def __init__(self, events: list[Json]) -> None:
        self.left: defaultdict[tuple[str, int], int] = defaultdict(int)
        self.family: dict[str, str] = {}
        self.payments: defaultdict[str, list[tuple[str, str, int]]] = defaultdict(list)
        self.owed: dict[str, int] = {}
        self.cash_fen = 0
        for event in events:
            self._follow(event)

    def _follow(self, event: Json) -> None:
        match event["topic"]:
            case "account.contract_signed":
                self.family[event["contract_id"]] = event["family_id"]
            case "account.fee_paid":
                self.cash_fen += event["amount_fen"]
                for line in event["lines"]:
                    self.left[event["contract_id"], line["package"]] += line["amount_fen"]
                paid = (event["bank_reference"], event["payer_route"], event["amount_fen"])
                self.payments[event["contract_id"]].append(paid)
            case "account.lesson_drawn":
                for line in event["lines"]:
                    self.left[line["contract_id"], line.get("package", 1)] -= line["amount_fen"]
            case "account.refund_agreed":
                self.owed[event["contract_id"]] = event["amount_fen"]
                for line in event["lines"]:
                    self.left[event["contract_id"], line["package"]] -= line["amount_fen"]
            case "account.unexplained_debit_recorded":
                self.cash_fen -= event["amount_fen"]
            case _:
                assert "_fen" not in " ".join(event) or event["topic"].startswith("account.refund_"), event

    def claims(self) -> dict[str, int]:
        """By contract: what is prepaid and what is agreed."""
        totals: defaultdict[str, int] = defaultdict(int, self.owed)
        for (contract_id, _), amount_fen in self.left.items():
            totals[contract_id] += amount_fen
        return {contract_id: totals[contract_id] for contract_id in sorted(totals) if totals[contract_id]}

    def shares(self) -> dict[str, int]:
        """By contract, in exact fractions: agreed refunds at the bank are whole, the others share what is left."""
        claims = self.claims()
        waiting = {contract_id: fen for contract_id, fen in claims.items() if contract_id not in self.owed}
        there_fen = self.cash_fen - sum(self.owed.values())
        exact = {one: Fraction(there_fen * fen, sum(waiting.values())) for one, fen in waiting.items()}
        given = {one: int(share) for one, share in exact.items()}
        for _, one in sorted((given[one] - exact[one], one) for one in exact)[: there_fen - sum(given.values())]:
            given[one] += 1
        return self.owed | given


def test_every_line_follows_from_the_log(database_url: str, claims: AccountClaims, tmp_path: Path) -> None:
    book, pack = SecondBook(stored(database_url)), packed(claims, tmp_path / "pack")
    listed = rows(pack, "claims")
    assert {row["contract_id"]: row["claim_fen"] for row in listed} == book.claims()
    assert {row["contract_id"]: row["share_fen"] for row in listed} == book.shares()
    assert all(row["claim_fen"] == row["share_fen"] + row["lost_fen"] for row in listed)
    assert all(book.family[row["contract_id"]] == row["family_id"] for row in listed)
    lines = rows(pack, "lines")
    assert len(lines) == 6
    for row in lines:
        used = row["used_fen"] + row["pending_fen"] + row["refunded_fen"] + row["charged_fen"]
        assert row["amount_fen"] == row["package_paid_fen"] - used
        assert row["rules"]
        assert row["arithmetic"].endswith(f"= {row['amount_fen']}")
        expected = book.left[row["contract_id"], row["package"]] or book.owed[row["contract_id"]]
        assert row["amount_fen"] == expected
    for row in listed:
        assert sum(line["amount_fen"] for line in lines if line["refund_id"] == row["refund_id"]) == row["claim_fen"]


def test_the_wuhan_judgment_is_in_it_package_by_package(claims: AccountClaims, tmp_path: Path) -> None:
    lines = [row for row in rows(packed(claims, tmp_path / "pack"), "lines") if row["contract_id"] == "c-1"]
    assert [row["amount_fen"] for row in lines] == [23 * 15_020, 1_118_000]
    assert sum(row["amount_fen"] for row in lines) == 1_463_460
    assert lines[0]["arithmetic"] == "600800 - 255340 (17/40) = 345460"


def test_money_goes_back_along_the_routes_that_paid_newest_first(
    database_url: str, claims: AccountClaims, tmp_path: Path
) -> None:
    book, routes = SecondBook(stored(database_url)), rows(packed(claims, tmp_path / "pack"), "routes")
    by_contract: defaultdict[str, list[Json]] = defaultdict(list)
    for row in routes:
        by_contract[row["contract_id"]].append(row)
    shares = book.shares()
    for contract_id, found in by_contract.items():
        paid = {reference: (route, fen) for reference, route, fen in book.payments[contract_id]}
        newest_first = [reference for reference, _, _ in reversed(book.payments[contract_id])]
        assert [row["payment_reference"] for row in found] == newest_first
        assert all(row["route"] == paid[row["payment_reference"]][0] for row in found)
        assert all(row["pays_fen"] <= row["amount_fen"] <= paid[row["payment_reference"]][1] for row in found)
        assert sum(row["amount_fen"] for row in found) == book.claims()[contract_id]
        assert sum(row["pays_fen"] for row in found) == shares[contract_id]
    assert [row["at_bank"] for row in routes] == ["false"] * 4 + ["true", "false"]


def test_every_fen_is_accounted_for(claims: AccountClaims, tmp_path: Path) -> None:
    pack, totals = packed(claims, tmp_path / "pack"), totals_of(claims)
    families = rows(pack, "families")
    assert [row["family_id"] for row in families] == ["f-1", "f-2", "f-4", "f-5"]
    assert [row["contracts"] for row in families] == ["1", "2", "1", "1"]
    assert sum(row["claim_fen"] for row in families) == totals.claims_fen == 1_650_127
    assert sum(row["share_fen"] for row in families) == totals.share_fen == totals.cash_fen == 1_038_799
    assert totals.lost_fen == totals.claims_fen - totals.share_fen
    manifest = check_pack(pack).manifest
    assert manifest["totals"] == totals._asdict()
    assert (manifest["winding_down"], manifest["version"], manifest["with_names"]) == (False, 59, False)


def test_the_same_instant_gives_the_same_bytes_whatever_came_later(
    database_url: str, law: Law, claims: AccountClaims, estate: Steps, tmp_path: Path
) -> None:
    first = packed(claims, tmp_path / "first")
    uvloop.run(record(database_url, lambda steps: steps.taught(1, "c-3", "c-2"), steps=estate))
    chosen = {
        "instant": account_claims(database_url, law, ACCOUNT, as_of=claims.place.as_of),
        "version": account_claims(database_url, law, ACCOUNT, version=claims.place.version),
    }
    for name, then in chosen.items():
        assert contents(packed(then, tmp_path / name)) == contents(first)
    later = account_claims(database_url, law, ACCOUNT)
    assert later.place.version > claims.place.version
    assert totals_of(later).claims_fen == totals_of(claims).claims_fen - 3_333 - 10_000


def test_what_it_would_be_is_what_a_wind_down_makes_of_it(
    database_url: str, law: Law, claims: AccountClaims, estate: Steps
) -> None:
    def wound_up(steps: Steps) -> Commands:
        step = c.ContinueWindDown(**steps.at)
        return [
            c.StartWindDown(**steps.at, reason="order 7"),
            step,
            step,
            step,
            c.DistributeClaims(**steps.at),
            step,
            step,
        ]

    before = {share.claim.contract_id: (share.claim.claim_fen, share.share_fen) for share in claims.shares}
    uvloop.run(record(database_url, wound_up, steps=estate))
    real = account_claims(database_url, law, ACCOUNT)
    assert real.winding_down
    assert all(share.recorded for share in real.shares)
    assert {share.claim.contract_id: (share.claim.claim_fen, share.share_fen) for share in real.shares} == before
    assert {share.claim.contract_id: share.given_fen for share in real.shares} == {
        contract_id: share_fen for contract_id, (_, share_fen) in before.items()
    }
    assert real.available_fen == 0


def test_half_of_a_wind_down_is_finished_in_the_pack_and_not_in_the_log(
    database_url: str, law: Law, claims: AccountClaims, estate: Steps
) -> None:
    uvloop.run(record(database_url, lambda steps: [c.StartWindDown(**steps.at, reason="order 7")], steps=estate))
    events = len(stored(database_url))
    begun = account_claims(database_url, law, ACCOUNT)
    assert [share.share_fen for share in begun.shares] == [share.share_fen for share in claims.shares]
    assert (begun.winding_down, [share.recorded for share in begun.shares]) == (True, [False] * 5)
    assert len(stored(database_url)) == events


def test_with_enough_cash_everybody_gets_everything(database_url: str, law: Law) -> None:
    uvloop.run(record(database_url, lambda steps: story(steps)[:-1]))
    totals = totals_of(account_claims(database_url, law, ACCOUNT))
    assert (totals.lost_fen, totals.share_fen) == (0, totals.claims_fen)
    assert totals.available_fen > totals.claims_fen - totals.given_fen


def test_names_are_in_it_only_where_they_were_given(claims: AccountClaims, tmp_path: Path) -> None:
    plain = packed(claims, tmp_path / "plain")
    route = PaymentRoute(route="route-c-1/2", bank="招商银行", account_no="6225", holder_name="欧阳晴岚")
    payees = Payees({"f-1": ["欧阳晴岚", "𠮷田㛃"]}, {route.route: route})
    named = packed(claims, tmp_path / "named", payees)
    assert {path.name for path in named.iterdir()} - {path.name for path in plain.iterdir()} == {
        "names.csv", "names.parquet", "payees.csv", "payees.parquet",
    }  # fmt: skip
    assert [row["name"] for row in rows(named, "names")] == ["欧阳晴岚", "𠮷田㛃"]
    printed = text_of(named / "claims.pdf")
    assert "欧阳晴岚、[U+20BB7]田㛃" in printed
    assert "招商银行 6225 欧阳晴岚" in printed
    assert "欧阳" not in text_of(plain / "claims.pdf")
    assert check_pack(named).manifest["with_names"]


def text_of(pdf: Path) -> str:
    pages = pypdf.PdfReader(io.BytesIO(pdf.read_bytes())).pages
    return " ".join("".join(page.extract_text().split("\n")) for page in pages)


def test_paper_says_what_the_tables_say(claims: AccountClaims, tmp_path: Path) -> None:
    printed = text_of(packed(claims, tmp_path / "pack") / "claims.pdf")
    for said in ("14,634.60", "9,112.48", "5,522.12", "600800 - 255340 (17/40) = 345460", "closure.notice"):
        assert said in printed
    for said in ("退费清算包", "该账户未进入清算", "银行处理中", "=HT-1", "版本 59"):
        assert said in printed


def test_many_families_are_printed_in_volumes_each_family_in_one(
    claims: AccountClaims, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims_pack, "VOLUME", 2)
    pack = packed(claims, tmp_path / "pack")
    assert [path.name for path in sorted(pack.glob("*.pdf"))] == ["claims-01.pdf", "claims-02.pdf"]
    first, second = (text_of(path) for path in sorted(pack.glob("*.pdf")))
    assert ("14,634.60" in first, "14,634.60" in second) == (True, False)
    assert ("合计 Totals" in first, "合计 Totals" in second) == (True, False)
    assert ("435.87" in first, "435.87" in second) == (False, True)
    assert "第 2 卷，共 2 卷" in second
    assert contents(packed(claims, tmp_path / "again")) == contents(pack)


def test_an_account_without_families_has_an_empty_pack(database_url: str, law: Law, tmp_path: Path) -> None:
    uvloop.run(record(database_url, Steps.opened))
    pack = packed(account_claims(database_url, law, ACCOUNT), tmp_path / "pack")
    assert (rows(pack, "families"), rows(pack, "claims")) == ([], [])
    assert "0 户，0 笔" in text_of(pack / "claims.pdf")
    assert check_pack(pack).faults == []


def test_an_account_that_was_not_open_then_has_no_claims(database_url: str, law: Law, estate: Steps) -> None:
    for account_id, as_of in ((ACCOUNT, estate.now.replace(hour=0)), (UUID(int=7), None)):
        with pytest.raises(LedgerError) as refused:
            account_claims(database_url, law, account_id, as_of=as_of)
        assert refused.value.code == "account_not_found"
