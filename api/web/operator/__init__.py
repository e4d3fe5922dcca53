"""What the operator sees: whether the machine keeps up, and under which law it decides; nobody's rows."""
