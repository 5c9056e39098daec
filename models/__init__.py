"""Tables, constraints, sessions and the few statements that count; no rules live here."""
