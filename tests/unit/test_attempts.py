"""Wrong keys wait longer and longer, up to a quarter of an hour."""

from service.attempts import Attempts, network


def test_waits_double() -> None:
    now = 0.0
    attempts = Attempts(lambda: now)
    waits = []
    for _ in range(20):
        attempts.failed(("192.0.2.7", "0123abcd"))
        waits.append(attempts.seconds_left(("192.0.2.7", "0123abcd")))
        now += waits[-1]
    assert waits == [0, 0, 0, 0, 0, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900, 900, 900]


def test_nobody_waits_for_another() -> None:
    attempts = Attempts(lambda: 0.0)
    for _ in range(9):
        attempts.failed(("192.0.2.7", "0123abcd"))
    assert attempts.seconds_left(("192.0.2.7", "4567cdef")) == 0


def test_an_address_is_logged_as_its_network() -> None:
    assert {network(text) for text in ("192.0.2.7", "192.0.2.7:5678", "::ffff:192.0.2.7")} == {"192.0.2.0/24"}
    assert {network(text) for text in ("2001:db8:1:2::3", "[2001:db8:1:2::3]:5678")} == {"2001:db8:1::/48"}
    assert network("unix") == ""
