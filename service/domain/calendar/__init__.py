"""Local time, holidays, the working calendar, deadlines and periods."""
