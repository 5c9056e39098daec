"""The national sync format: translation only; what is translated takes the same road as any other push."""
