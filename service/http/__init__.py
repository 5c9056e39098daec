"""Resources over HTTP: one module each, every view a few lines; problems.py alone turns errors into HTTP."""
