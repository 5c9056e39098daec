"""What is counted, by which rule, and the rates that are made of the counts."""
