"""Files of banks and for banks (ISO 20022, CSV), read and written; every refusal has a code and a place."""
