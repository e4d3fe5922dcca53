"""Which topics a client may be told of."""

from collections.abc import Iterable

from api.auth.principal import Principal
from ledger.application.access import Bindings
from ledger.domain.errors import LedgerError
from ledger.notifications.audience import Audience, audience_of
from ledger.notifications.topics import PERMISSIONS, expand, kind_of


def audience(principal: Principal, topics: Iterable[str]) -> Audience:
    """What the principal is told of these topics, of all that it may read if there are none.

    Errors: LedgerError `topic_unknown`, `topic_not_allowed` with the first topic that it may not read.
    """
    named = list(topics)
    if named:
        for topic in sorted(expand(named)):
            if PERMISSIONS[kind_of(topic)] not in principal.scopes:
                raise LedgerError("topic_not_allowed", topic=topic)
    bindings = Bindings(
        bank=principal.bank,
        institutions=principal.institutions,
        families=principal.families,
        districts=principal.districts,
        authorities=principal.authorities,
    )
    return audience_of(bindings, principal.scopes, named)
