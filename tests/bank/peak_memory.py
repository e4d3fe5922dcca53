"""How much memory a file's reading takes. Run as `python -m tests.bank.peak_memory SMALL FILE`.

Prints the entries of FILE and by how many KiB the process grew over what reading SMALL, a file of the same kind, took.
"""

import resource
import sys
from pathlib import Path

from ledger.bank.entries import BankEntry
from ledger.bank.reading import open_bank_file


def read(file: Path) -> int:
    with file.open("rb") as source:
        opened = open_bank_file(source, salt=b"a salt for tests only")
        return sum(isinstance(item, BankEntry) for item in opened.read())


if __name__ == "__main__":
    small, file = map(Path, sys.argv[1:])
    read(small)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    count = read(file)
    print(count, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
