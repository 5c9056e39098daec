"""Tables and their constraints; no rule and no statement lives here."""
