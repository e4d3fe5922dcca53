"""Tests of the bank file readers and writers."""
