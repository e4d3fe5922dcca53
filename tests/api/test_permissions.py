"""Row scopes and the table of roles."""

import pytest

from api.auth.permissions import may_see_account, may_see_family, require_row
from api.auth.principal import Principal
from ledger.application.access import ROLE_BINDING, ROLE_SCOPES, ROLES, SCOPES
from ledger.domain.errors import LedgerError

ACCOUNT = {"bank": "ICBC", "institution_id": "i-1", "district": "310104"}


def principal(role: str, **bound: object) -> Principal:
    return Principal(client_id="c", role=role, scopes=frozenset(), **bound)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        (principal("bank", bank="ICBC"), True),
        (principal("bank", bank="ABC"), False),
        (principal("bank"), False),
        (principal("bank", bank="ABC", institutions=frozenset({"i-1"}), districts=frozenset({"*"})), False),
        (principal("institution", institutions=frozenset({"i-1", "i-2"})), True),
        (principal("institution", institutions=frozenset({"i-2"})), False),
        (principal("institution", institutions=frozenset({"*"})), False),
        (principal("regulator", districts=frozenset({"310104"})), True),
        (principal("regulator", districts=frozenset({"310105"})), False),
        (principal("regulator", districts=frozenset({"*"})), True),
        (principal("regulator"), False),
        (principal("parent", families=frozenset({"f-1"})), False),
        (principal("operator"), False),
    ],
)
def test_who_sees_an_account(who: Principal, sees: bool) -> None:
    assert may_see_account(who, **ACCOUNT) is sees


def test_second_authority_sees_the_account() -> None:
    who = principal("regulator", districts=frozenset({"310105"}))
    assert may_see_account(who, **ACCOUNT, authorities=["310104", "310105"])
    assert not may_see_account(who, **ACCOUNT, authorities=["310104", "310106"])


def test_parent_sees_an_account_only_through_its_own_families() -> None:
    who = principal("parent", families=frozenset({"f-1", "f-2"}))
    assert may_see_account(who, **ACCOUNT, family_ids=["f-1"])
    assert may_see_account(who, **ACCOUNT, family_ids=["f-1", "f-2"])
    assert not may_see_account(who, **ACCOUNT, family_ids=["f-1", "f-3"])
    assert not may_see_account(who, **ACCOUNT, family_ids=["f-3"])


def test_only_a_parent_sees_a_family_by_its_id() -> None:
    assert may_see_family(principal("parent", families=frozenset({"f-1"})), "f-1")
    assert not may_see_family(principal("parent", families=frozenset({"f-1"})), "f-2")
    assert not may_see_family(principal("regulator", families=frozenset({"f-1"})), "f-1")


def test_row_out_of_scope_is_told_like_a_missing_row() -> None:
    require_row(True)
    with pytest.raises(LedgerError) as refused:
        require_row(False)
    assert refused.value.code == "account_not_found"
    with pytest.raises(LedgerError) as refused:
        require_row(False, "refund_not_found", refund_id="r-1")
    assert refused.value.code == "refund_not_found"


def test_every_role_has_scopes_and_a_binding() -> None:
    assert set(ROLE_SCOPES) == set(ROLE_BINDING) == set(ROLES)
    assert all(ROLE_SCOPES[role] for role in ROLES)


def test_money_leaves_only_by_the_roles_that_may_move_it() -> None:
    def holders(scope: str) -> set[str]:
        assert scope in SCOPES
        return {role for role, scopes in ROLE_SCOPES.items() if scope in scopes}

    assert holders("deposits:write") == holders("instructions:settle") == {"bank"}
    assert holders("payouts:write") == {"institution"}
    assert holders("refunds:request") == {"parent"}
    assert holders("freeze:write") == holders("minimum_balance:write") == {"regulator"}
    assert holders("operations:read") == {"operator"}
