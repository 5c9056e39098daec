"""A server under load and attack: what healthy clients meet (`make attack` prints it), and what is left afterwards."""
