"""Dossiers worked out anew though their source sent nothing: an import filled the catalogue, or a person decided."""
