"""Charts: the coordinates of their lines, dots and bars.

The numbers that are printed beside these come from the report; nothing that is worked out here is printed.
"""
