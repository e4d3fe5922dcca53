"""The catalogue of refusals: complete, in two languages, and every code of the domain provoked by a test."""

import ast
import pickle
import re
from pathlib import Path

import pytest

from ledger.domain.codes import CODES
from ledger.domain.errors import CATALOGUE, LedgerError

REPOSITORY = Path(__file__).parents[2]
PROVOKED_ELSEWHERE = {"account_no_taken", "entry_reused", "id_taken", "statement_reused", "message_id_reused"}
"""Codes about what is unique over all accounts and cases, which one account in memory cannot provoke."""


def _first_arguments(folder: str, *, called: str) -> set[str]:
    """The string literals that open the arguments of every call of that name under the folder."""
    found: set[str] = set()
    for path in sorted((REPOSITORY / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and node.args:
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                first = node.args[0]
                if name == called and isinstance(first, ast.Constant) and isinstance(first.value, str):
                    found.add(first.value)
    return found


def test_every_code_that_the_domain_raises_is_provoked() -> None:
    raised = _first_arguments("ledger/domain", called="LedgerError")
    provoked = _first_arguments("tests/domain", called="refuses") | _first_arguments(
        "tests/domain", called="refuses_packages"
    )
    assert len(raised) > 40
    assert raised - provoked <= PROVOKED_ELSEWHERE
    assert not provoked & PROVOKED_ELSEWHERE
    assert raised | provoked <= set(CODES)


@pytest.mark.parametrize("code", CODES)
def test_both_sentences_take_the_same_figures(code: str) -> None:
    entry = CATALOGUE[code]
    english, chinese = (set(re.findall(r"{(\w+)}", sentence)) for sentence in (entry.en, entry.zh))
    assert chinese <= english
    assert re.search(r"[\u4e00-\u9fff]", entry.zh)
    assert entry.en.endswith(".")
    assert entry.zh.endswith("。")
    error = LedgerError(code, **dict.fromkeys(english, 7))
    assert (error.code, "{" in error.message + error.message_zh) == (code, False)


def test_a_refusal_travels_between_processes() -> None:
    error = LedgerError("payout_not_free", amount_fen=2, free_fen=1)
    again = pickle.loads(pickle.dumps(error))
    assert (again.code, again.figures, again.message_zh) == (error.code, error.figures, error.message_zh)
