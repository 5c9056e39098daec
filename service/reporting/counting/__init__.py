"""How a question is counted: where its whole days come from, its groups, its series, its coverage."""
