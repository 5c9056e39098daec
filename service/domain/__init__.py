"""The pure rules: standard library only (and the holidays package behind one module); no clock, no database, no web."""
