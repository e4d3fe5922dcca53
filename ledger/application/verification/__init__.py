"""Verification: everything stored is read again, and whatever does not follow from the events is named."""
