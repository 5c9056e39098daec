"""Wrong keys: after the first few, each makes whoever sent it wait longer than the one before; nobody else waits."""

import time
from collections.abc import Callable
from ipaddress import ip_address, ip_network
from threading import Lock

from cachetools import TTLCache

from service.domain.api_keys import hash_secret, key_id_of

_FREE = 5
"""So many wrong keys cost nothing: a key is pasted wrong, a program tries again."""
_LONGEST_SECONDS = 900
CUSTOMER_BITS = 56
"""So many bits of an IPv6 address name its customer: a household may have 256 networks (/64) of its own."""
Who = tuple[str, str]
"""An address, and the id of the key that was tried; "" in place of an id that was never right, as it may be made up."""


class Attempts:
    """Who tried wrong keys within the last hour, and until when each has to wait."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failed: TTLCache[Who, tuple[int, float]] = TTLCache(10_000, 3600)
        self._lock = Lock()
        self._right_keys, self._right_ids = set[str](), set[str]()

    def was_right(self, key: str) -> None:
        """Remember a key that was right; any other may be made up."""
        self._right_keys.add(hash_secret(key))
        self._right_ids.add(key_id_of(key))

    def is_right(self, key: str) -> bool:
        """Say whether this whole key was right before; its id alone stands in logs, and others may know it."""
        return hash_secret(key) in self._right_keys

    def has_right_id(self, key_id: str) -> bool:
        return key_id in self._right_ids

    def seconds_left(self, who: Who) -> int:
        with self._lock:
            _, until = self._failed.get(who, (0, 0.0))
        return max(0, round(until - self._clock() + 0.4))

    def failed(self, who: Who) -> None:
        """Count a wrong key: the sixth costs 2 seconds, the seventh 4, and so on up to a quarter of an hour."""
        with self._lock:
            count = self._failed.get(who, (0, 0.0))[0] + 1
            wait = min(2 ** min(count - _FREE, 20), _LONGEST_SECONDS) if count > _FREE else 0
            self._failed[who] = count, self._clock() + wait


def network(address: str, of_v4: int = 24, of_v6: int = 48) -> str:
    """Return the network of an address, "" for none: a log names where attempts come from, but no single address."""
    bare = address.partition(":")[0] if address.count(":") == 1 else address.strip("[").partition("]")[0]
    try:
        parsed = ip_address(bare)  # some proxies add the port
    except ValueError:
        return ""
    parsed = getattr(parsed, "ipv4_mapped", None) or parsed  # ::ffff:192.0.2.1 is 192.0.2.1
    return str(ip_network((parsed, of_v4 if parsed.version == 4 else of_v6), strict=False))
