"""A synthetic city that plays months of teaching, paying and refunding through the HTTP API."""
