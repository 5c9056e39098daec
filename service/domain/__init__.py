"""The pure rules: standard library only (and the holidays package behind one class); no clock, no database, no web."""
