"""Which contract a payment's text names."""

import pytest

from ledger.bank.contract_reference import contract_in_text
from ledger.bank.tokens import PayerTokens

UUID = "0198f3a2-7c1e-7a10-9b55-0a1b2c3d4e5f"
OTHER = UUID.replace("0198", "0199")


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("CONTRACT:C-2026/001", "C-2026/001"),
        ("tuition contract: C-1, thanks", "C-1"),
        ("学费合同号：HT20260301。", "HT20260301"),
        ("合同编号: A.b_c/9.", "A.b_c/9"),
        ("合同:X", "X"),
        (UUID, UUID),
        (f"学费{UUID.upper()}谢谢", UUID),
        (f"CONTRACT:{UUID.upper()}", UUID),
        (f"{UUID} and again {UUID.upper()}", UUID),
        (f"CONTRACT:C-1 {UUID}", "C-1"),
        ("", None),
        ("tuition for spring", None),
        ("CONTRACT:", None),
        ("SUBCONTRACT:C-1", None),
        ("CONTRACT:C-1 CONTRACT:C-2", None),
        (f"{UUID} {OTHER}", None),
        (f"a{UUID}", None),
        (f"{UUID}0", None),
    ],
)
def test_reference_in_text(text: str, reference: str | None) -> None:
    assert contract_in_text(text) == reference


def test_tokens_are_equal_for_equal_payers_and_secret_by_their_salt() -> None:
    tokens, others = PayerTokens(b"0" * 16), PayerTokens(b"1" * 16)
    route = tokens.route(account="6222 0000 1111 2222")
    assert route == tokens.route(account="6222000011112222")
    assert route != others.route(account="6222000011112222")
    assert tokens.remitter(name="Li", account="1") != tokens.remitter(name="Li", account="2")
    assert tokens.remitter(name="Ｌi", account=None) == tokens.remitter(name="LI", account=None)
    assert tokens.remitter(name=None, account="1") not in (None, tokens.route(account="1"))
    assert tokens.remitter(name="", account=None) is None
    assert tokens.route(account=None) is None


def test_a_short_salt_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 16"):
        PayerTokens(b"0" * 15)
