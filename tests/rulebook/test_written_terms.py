"""What a pack's words become in events is written one way, whether it came from the pack or from the log."""

from datetime import date

import msgspec
import pytest

from ledger.application.law import load_law
from ledger.domain.calendar import WEEKENDS_ONLY
from ledger.domain.clocks import counted
from ledger.domain.events import Term
from ledger.domain.policy import Period, Policy
from ledger.settings import Settings

LAW = load_law(Settings())
ON = date(2026, 9, 1)
PERIODS = [
    name for name in Policy.__struct_fields__ if isinstance(getattr(LAW.rulebook.of("default", ON), name), Period)
]


@pytest.mark.parametrize("pack", sorted(LAW.rulebook.packs))
def test_a_term_of_a_pack_is_written_as_it_reads_back(pack: str) -> None:
    policy = LAW.rulebook.of(pack, ON)
    for name in PERIODS:
        period: Period | None = getattr(policy, name)
        if period is None:
            continue
        _, term = counted(ON, period.count, period.unit, WEEKENDS_ONLY)
        written = msgspec.json.encode(term)
        assert msgspec.json.encode(msgspec.json.decode(written, type=Term)) == written, name
