"""The HTTP edge: it authenticates, parses and maps to the ledger's use cases, and knows nothing that they decide."""
