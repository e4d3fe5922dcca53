"""Tests, in the shape of the packages they test; storage and projections run on a real PostgreSQL."""
