"""Who may do what (keys and the units that they are bound to), and what operators did."""
