"""A pack as one ZIP file, the same bytes each time: names in order, no clock, no owner."""

import shutil
import zipfile
from pathlib import Path
from typing import Final

_NO_TIME: Final = (1980, 1, 1, 0, 0, 0)
_STORED: Final = (".parquet", ".pdf")
"""Compressed already."""


def zip_pack(directory: Path, target: Path) -> None:
    """Put the files of a directory into `target`."""
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted(directory.iterdir()):
            entry = zipfile.ZipInfo(path.name, date_time=_NO_TIME)
            entry.compress_type = zipfile.ZIP_STORED if path.suffix in _STORED else zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            entry.file_size = path.stat().st_size
            with path.open("rb") as source, archive.open(entry, "w") as stored:
                shutil.copyfileobj(source, stored, 1 << 20)
