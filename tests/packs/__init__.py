"""What leaves the ledger as files: the same bytes each time, signed, complete, and readable in print."""
