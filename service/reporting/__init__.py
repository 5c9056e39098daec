"""Questions and answers: what every rendering is made from."""
