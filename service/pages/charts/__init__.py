"""Where each line, dot and bar of a chart stands; the numbers beside them come from the report as they are.

Coordinates are drawing, not statistics: nothing here is printed as a number.
"""
