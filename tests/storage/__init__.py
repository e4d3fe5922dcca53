"""Tests of the embedded server, the migrations, and the event store."""
