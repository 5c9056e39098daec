"""The web service. Importing this package loads nothing: the domain must stay usable without Flask."""
