"""Files of a unit to take away: form II.06a, and the answer as a table."""
