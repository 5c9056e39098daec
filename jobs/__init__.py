"""Routine work: schedule.py is the table of jobs; each job is a thin shell around a use case."""
