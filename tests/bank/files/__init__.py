"""Good and bad bank files, made by small functions: every bad one with the code and place of its refusal."""
