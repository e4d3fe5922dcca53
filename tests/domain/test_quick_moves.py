"""The quick way to move buckets moves what the postings say, and nothing else."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.domain.account import Buckets
from ledger.domain.evolution.moves import QUICK_MOVES
from ledger.domain.postings import BUCKETS, postings
from tests.domain.event_strategies import events


@pytest.mark.parametrize("topic", [cls.topic for cls in QUICK_MOVES])
@settings(max_examples=100)
@given(data=st.data())
def test_quick_moves_equal_the_postings(topic: str, data: st.DataObject) -> None:
    event = data.draw(events(topic))
    before = Buckets(**{bucket: data.draw(st.integers(0, 10**9)) for bucket in BUCKETS})
    quick, slow = msgspec.structs.replace(before), msgspec.structs.replace(before)
    QUICK_MOVES[type(event)](quick, event)
    moved = postings(event)
    for posting in moved:
        slow.add(posting)
    assert moved, "what moves nothing has no place here: it counts as a movement"
    assert quick == slow
