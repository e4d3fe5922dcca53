"""What a supervised account is and what may happen to it: pure values, decisions and their evolution."""
