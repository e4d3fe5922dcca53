"""Which contract a payer named in a payment's text."""

import re

_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_WHOLE_UUID = re.compile(_UUID, re.ASCII | re.IGNORECASE)
_BARE_UUID = re.compile(rf"(?<![0-9a-z-])({_UUID})(?![0-9a-z-])", re.ASCII | re.IGNORECASE)
_MARKED = re.compile(
    r"(?:(?<![A-Za-z0-9])CONTRACT|合同编号|合同号|合同)\s*[:：]\s*"
    r"([A-Za-z0-9](?:[A-Za-z0-9._/-]*[A-Za-z0-9])?)",
    re.IGNORECASE,
)


def contract_in_text(text: str) -> str | None:
    """The contract reference in free text, or None when it names none, or more than one.

    Read in this order: `CONTRACT:<reference>`, `合同号:<reference>`, `合同编号:<reference>` or `合同:<reference>`
    (letters, digits and `._/-`; either colon); else a bare UUID. Two different references in one text are no
    answer: the money waits in suspense rather than going to the wrong family.
    """
    return one_contract(_MARKED.findall(text) or _BARE_UUID.findall(text))


def one_contract(references: list[str]) -> str | None:
    """The one reference that all given ones agree on; UUIDs compare in lower case."""
    found = {canonical_contract(reference) for reference in references}
    return found.pop() if len(found) == 1 else None


def canonical_contract(reference: str) -> str:
    """A UUID in lower case; any other reference as it is."""
    return reference.lower() if _WHOLE_UUID.fullmatch(reference) else reference
