"""Further parts of answers: comparisons with an earlier period, durations, and how sure rates are."""
