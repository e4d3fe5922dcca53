"""Use cases: one file for each thing that a bank, an institution, a parent, a regulator or an operator asks for."""
