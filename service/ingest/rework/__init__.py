"""Dossiers worked out anew without news of their source: an import filled the catalogue, or a person decided."""
