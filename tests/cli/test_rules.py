"""rules show, check, diff, release, and explain: text, JSON, languages, exit status."""

from datetime import date
from pathlib import Path

import psycopg
import pytest

from tests.application.filled_store import FIRST, fill
from tests.cli.conftest import Escrow
from tests.rulebook.own_packs import CAP, OwnPacks, pack_text

LATER = "{value: 2, valid_from: 2026-01-01, dated: in_force}"


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OwnPacks:
    """A directory of packs that the setting names."""
    directory = tmp_path / "law"
    directory.mkdir()
    monkeypatch.setenv("ESCROW_RULEBOOK_DIR", str(directory))
    return OwnPacks(directory)


def test_show_lists_the_packs_with_their_parents(escrow: Escrow) -> None:
    shown = escrow("rules", "show", "--on", "2026-09-01", "--json").json
    packs = {pack["pack"]: pack for pack in shown["packs"]}
    assert packs["jinhua"]["extends"] == ["zhejiang", "national"]
    assert packs["jinhua"]["policy"] == "jinhua@2026.1/2025-05-01"
    assert "金华" in escrow("rules", "show", "--lang", "zh").out


def test_show_a_pack_gives_values_sources_and_certainty(escrow: Escrow) -> None:
    shown = escrow("rules", "show", "jinhua", "--on", "2026-09-01", "--json").json
    rules = {rule["rule"]: rule for rule in shown["rules"]}
    assert rules["fee.cap_months"]["value"] == {"en": "3 months", "zh": "3个月"}
    assert rules["advance.share"]["sure"] == "D"
    assert rules["refund.cooling_off"]["source"]["document"].startswith("法释〔2025〕4号")
    assert rules["fee.cap_amount"]["value"]["zh"] == "5,000.00 元"
    before = escrow("rules", "show", "jinhua", "--on", "2025-04-30", "--json").json
    assert "refund.cooling_off" not in {rule["rule"] for rule in before["rules"]}


def test_show_speaks_the_language_asked_for(escrow: Escrow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    assert "our own default, not law" in escrow("rules", "show", "zigong").out
    assert "可信" in escrow("rules", "show", "zigong", "--lang", "zh").out
    assert "可信" in escrow("--lang", "zh", "rules", "show", "zigong").out


def test_an_unknown_pack_is_refused(escrow: Escrow) -> None:
    ended = escrow("rules", "show", "nowhere", "--json")
    assert (ended.status, ended.json["error"]["code"]) == (1, "policy_unknown")


def test_diff_of_two_packs_and_of_two_days(escrow: Escrow) -> None:
    found = escrow("rules", "diff", "national", "jinhua", "--on", "2026-09-01", "--json").json
    assert {one["rule"] for one in found["differences"]} == {"fee.guide_price", "advance.share", "lesson.deemed_after"}
    days = escrow("rules", "diff", "national", "--between", "2025-04-30", "2025-05-01", "--json").json
    assert [one["rule"] for one in days["differences"]] == [
        "refund.cooling_off",
        "refund.discount",
        "refund.unlimited_card",
    ]
    assert escrow("rules", "diff", "national", "national").out.endswith("0 rules differ.\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ("rules", "diff", "national"),
        ("rules", "diff", "national", "jinhua", "--between", "2025-04-30", "2025-05-01"),
        ("rules", "diff", "national", "--on", "2025-05-01", "--between", "2025-04-30", "2025-05-01"),
        ("rules", "show", "--on", "May"),
        ("explain", "here"),
        ("explain", "x/1"),
    ],
)
def test_wrong_usage_ends_with_2(escrow: Escrow, arguments: tuple[str, ...]) -> None:
    assert escrow(*arguments).status == 2


def test_check_is_content_with_what_is_released_and_names_what_is_not(escrow: Escrow, own: OwnPacks) -> None:
    checked = escrow("rules", "check", "--json").json
    assert checked["years"] == [2021, 2022, 2023, 2024, 2025, 2026]
    own.write(pack_text(CAP))
    unreleased = escrow("rules", "check")
    assert unreleased.status == 1
    assert "own.yaml fee.cap_months 2025-01-01: the value is in no release" in unreleased.err
    assert escrow("rules", "release", "w1", "--json").json["version"] == "w1"
    assert "own" in escrow("rules", "check", "--json").json["packs"]
    own.write(pack_text(CAP.replace("3", "4", 1)))
    changed = escrow("--lang", "zh", "rules", "check", str(own.directory))
    assert changed.status == 1
    assert "已发布的值被修改" in changed.err
    assert escrow("rules", "check", str(own.directory), "--json").json["error"]["code"] == "rulebook_wrong"


def test_a_value_is_closed_by_a_later_one_and_released(escrow: Escrow, own: OwnPacks) -> None:
    own.written(pack_text(CAP))
    own.write(pack_text(CAP, LATER))
    assert escrow("rules", "release", "w2").out == "Released w2: 0 packs, 1 values, 0 closed.\n"
    days = escrow("rules", "diff", "own", "--between", "2025-12-31", "2026-01-01", "--json").json
    assert [(one["rule"], one["right"]["value"]["en"]) for one in days["differences"]] == [
        ("fee.cap_months", "2 months")
    ]


def test_nothing_serves_or_closes_by_a_wrong_rulebook(escrow: Escrow, own: OwnPacks) -> None:
    own.write("pack: own")
    for arguments in (("close-day", date(2026, 3, 2).isoformat()), ("serve", "--port", "0"), ("rules", "show")):
        ended = escrow(*arguments)
        assert ended.status == 1
        assert "own.yaml" in ended.err


def test_explain_an_event_by_account_and_by_position(escrow: Escrow, database_url: str) -> None:
    fill(database_url)
    by_version = escrow("explain", f"{FIRST}/1", "--json").json
    assert (by_version["topic"], by_version["version"]) == ("account.opened", 1)
    place = f"{by_version['partition']}:{by_version['position']}"
    assert escrow("explain", place, "--json").json == by_version
    text = escrow("explain", place, "--lang", "zh").out
    assert "开立监管专用账户" in text
    assert text.splitlines()[0] == f"account.opened  {FIRST}/1 ({place})"


def test_explain_names_the_rules_that_decided(escrow: Escrow, database_url: str) -> None:
    fill(database_url)
    with psycopg.connect(database_url) as connection:
        row = connection.execute(
            "SELECT partition, position FROM escrow.events WHERE topic = 'account.refund_requested' LIMIT 1"
        ).fetchone()
    assert row is not None
    text = escrow("explain", f"{row[0]}:{row[1]}").out
    assert "The family asked for a refund" in text
    assert "refund.deemed_agreed_after" in text


@pytest.mark.parametrize("event", [f"{FIRST}/999", "0:999999", "01890000-0000-7000-8000-0000000000ff/1"])
def test_an_event_that_is_not_there(escrow: Escrow, event: str) -> None:
    ended = escrow("explain", event, "--json")
    assert (ended.status, ended.json["error"]["code"]) == (1, "event_not_found")
