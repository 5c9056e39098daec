"""What answers say in words: numbers as people write them, and sentences made from them."""
