"""What tests share: a client, builders, senders, registers, and the independent oracle."""
