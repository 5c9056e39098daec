"""Charts: coordinates of lines, dots and bars. Nothing that is worked out here is printed as a number."""
