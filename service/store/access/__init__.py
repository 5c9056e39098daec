"""Who may do what: keys, what they are bound to, and who administered what."""
