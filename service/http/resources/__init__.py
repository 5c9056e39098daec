"""One module a resource; each view a few lines."""
