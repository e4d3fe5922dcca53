"""Who may be told of a change: the same permission and the same rows as if she had asked for it."""

from collections.abc import Iterable

import msgspec

from ledger.application.access import Bindings
from ledger.domain.authorities import is_supervised_by
from ledger.notifications.changes import Change
from ledger.notifications.topics import PERMISSIONS, expand, kind_of


class Audience(msgspec.Struct, frozen=True, kw_only=True):
    """One client's row scope, and the topics that it wants and may read."""

    bindings: Bindings
    topics: frozenset[str]

    def may_see(self, change: Change) -> bool:
        """Whether the change is in the client's row scope, and one of its topics."""
        if change.topic not in self.topics:
            return False
        bound = self.bindings
        if bound.bank is not None:
            return change.bank == bound.bank
        if bound.institutions:
            return change.institution_id in bound.institutions
        return is_supervised_by(
            district=change.district,
            authorities=change.authorities,
            districts=bound.districts,
            acting_authorities=bound.authorities,
        )


def audience_of(bindings: Bindings, permissions: Iterable[str], topics: Iterable[str]) -> Audience:
    """What a client of these bindings and permissions is told of these topics. Raises LedgerError `topic_unknown`."""
    held = frozenset(permissions)
    allowed = frozenset(topic for topic in expand(topics) if PERMISSIONS[kind_of(topic)] in held)
    return Audience(bindings=bindings, topics=allowed)
