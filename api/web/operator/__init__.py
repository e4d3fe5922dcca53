"""What the operator sees: whether the machine keeps up, and under which law it decides. Nobody's rows."""
