"""Use cases of personal data: told by institutions, revealed to regulators for a reason, shown to parents, erased."""
