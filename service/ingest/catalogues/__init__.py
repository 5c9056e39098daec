"""Imports of the catalogues: units, procedures and decisions on working days."""
