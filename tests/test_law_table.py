"""The page that says which test shows which law is complete, and the tests that it names exist."""

import re
from pathlib import Path

import pytest

from ledger.rulebook.rule_table import RULES
from ledger.rulebook.rulebook import load_rulebook

REPOSITORY = Path(__file__).parents[1]
PAGE = REPOSITORY / "docs" / "concepts" / "law-and-tests.md"
GOLDEN = ("1463460", "269550", "3333, 3333, 3334", "1345669279")
ARTICLES = {"Jinhua", "Chenggu", "Kaizhou", "Xiaogan", "Linzi, Yuecheng, Suining"}
_TEST = re.compile(r"`(tests/[\w/]+\.py)`[ |]*`(test_\w+)`")


def _section(title: str) -> list[list[str]]:
    """The rows of the section's table; an empty first cell is that of the row above."""
    _, _, rest = PAGE.read_text(encoding="utf-8").partition(f"\n## {title}\n")
    rows: list[list[str]] = []
    for line in rest.partition("\n## ")[0].splitlines():
        if line.startswith("| ") and not line.endswith(("| test |", "| shown by |")):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            rows.append([cells[0] or rows[-1][0], *cells[1:]])
    assert rows, f"no table under {title}"
    return rows


def _named(title: str) -> set[str]:
    return {row[0].strip("`") for row in _section(title)}


def test_every_rule_has_the_test_that_shows_it() -> None:
    assert _named("Rules") == set(RULES)


def test_every_pack_has_the_test_that_shows_it() -> None:
    assert _named("Packs") == set(load_rulebook().packs)


def test_every_article_has_its_mechanisms() -> None:
    assert _named("Mechanisms of the source articles") == ARTICLES


def test_every_golden_case_is_named() -> None:
    cases = " ".join(_named("Golden cases"))
    assert [figure for figure in GOLDEN if figure not in cases] == []


@pytest.mark.parametrize("title", ["Mechanisms of the source articles", "Rules", "Packs", "Golden cases"])
def test_each_row_names_a_test_that_is_there(title: str) -> None:
    for row in _section(title):
        named = _TEST.search(" | ".join(row))
        assert named is not None, row
        text = (REPOSITORY / named[1]).read_text(encoding="utf-8")
        assert re.search(rf"^(async )?def {named[2]}\(", text, flags=re.M), f"{named[1]} has no {named[2]}"
