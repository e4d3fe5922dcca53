"""Files that leave the ledger for good: tables, printable documents, archives, and the signed list of them all."""
