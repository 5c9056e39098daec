"""Catalogues as they were: what imports said, version by version."""
