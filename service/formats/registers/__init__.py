"""Registers (sổ theo dõi): their headings, words, cells and rows."""
