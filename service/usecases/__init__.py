"""What the service does: each takes a session and the moment, and returns plain values."""
