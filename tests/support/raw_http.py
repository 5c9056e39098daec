"""HTTP by hand over a socket, for what no well-behaved client sends."""

import socket
from contextlib import suppress
from urllib.parse import urlsplit


def connect(base: str, seconds: float = 20) -> socket.socket:
    """Connect to a server."""
    where = urlsplit(base)
    return socket.create_connection((where.hostname, where.port), timeout=seconds)


def head(method: str, path: str, *headers: str, host: str = "portal.example") -> bytes:
    """Return the lines before a body."""
    return "\r\n".join([f"{method} {path} HTTP/1.1", f"Host: {host}", *headers, "", ""]).encode()


def read_all(sock: socket.socket) -> bytes:
    """Read until the server closes, or goes silent."""
    answer = b""
    with suppress(OSError):
        while piece := sock.recv(65536):
            answer += piece
    return answer


def exchange(base: str, request: bytes, seconds: float = 3) -> bytes:
    """Send bytes as they are; return everything that comes back."""
    with connect(base, seconds) as sock:
        sock.sendall(request)
        return read_all(sock)


def statuses(answer: bytes) -> list[int]:
    """Return the status of each answer in what a connection gave."""
    return [int(part[:3]) for part in answer.split(b"HTTP/1.1 ")[1:]]
