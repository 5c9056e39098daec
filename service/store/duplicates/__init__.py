"""Dossiers that may be the same: sent again by one source under another code, or sent by two sources."""
