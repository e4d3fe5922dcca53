"""Bank files of incoming receipts (ISO 20022 camt.054, CSV) read into typed entries, every refusal named and placed."""
