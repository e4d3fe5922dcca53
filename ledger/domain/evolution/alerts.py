"""Evolution of detection: which parameters the alert rules judge the account by. Alerts themselves are a view."""

from ledger.domain.account import EscrowAccount
from ledger.domain.events import DetectionParametersSet
from ledger.domain.evolution.account import Handlers


def _detection(a: EscrowAccount, e: DetectionParametersSet) -> None:
    a.detection, a.detection_on = e.parameters, e.effective_on


DETECTION: Handlers = {DetectionParametersSet: _detection}
