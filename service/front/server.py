"""The server that carries the front: uvicorn, HTTP/1.1 alone, on a port that no other process shares."""

import errno
import gc
import resource
import socket
import sys

import uvicorn

from service.front.application import Front
from service.front.protocol import KEEP_ALIVE_SECONDS, GuardedProtocol
from service.settings import SettingsError

_BACKLOG = 2048
_SEND_BUFFER = 256 * 1024
"""How many bytes the kernel holds for a client that does not read; without a bound it would be megabytes."""
_STOP_SECONDS = 60
_OPEN_FILES = 65_536


def serve(application: Front, listener: socket.socket) -> None:
    """Serve until INT or TERM; what is being answered is finished first."""
    _allow_many_connections()
    _tune()
    config = uvicorn.Config(
        application,
        http=GuardedProtocol,
        loop="uvloop",
        ws="none",
        lifespan="on",
        proxy_headers=False,  # the application's own setting says how many proxies are trusted
        server_header=False,
        access_log=False,
        log_config=None,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_STOP_SECONDS,
    )
    uvicorn.Server(config).run(sockets=[listener])


def listen(host: str, port: int) -> socket.socket:
    """Open the port for this process alone; SettingsError names the setting when that cannot be done."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listener = socket.create_server(address[:2], family=family, backlog=_BACKLOG)
    except socket.gaierror:
        raise SettingsError(f"TTHC_HOST: không có địa chỉ {host!r} / no such address") from None
    except OSError as error:
        raise SettingsError(_refused(host, port, error)) from None
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
    return listener


def _refused(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"PORT: cổng {port} đang có chương trình khác dùng; chọn cổng khác / the port is in use"
    if error.errno == errno.EACCES:
        return f"PORT: không được phép mở cổng {port} / not allowed to open this port"
    return f"TTHC_HOST: không mở được {host!r}: {error.strerror} / cannot listen on this address"


def _tune() -> None:
    """Keep a thread that works on a long push from holding up the event loop.

    The interpreter changes threads up to five times a millisecond. The garbage collector (how often it runs:
    service/__init__.py) leaves out all objects that are there now, as they live as long as the process. Some kilobytes
    of them are garbage; to collect these first would take a tenth of the start.
    """
    sys.setswitchinterval(0.0002)
    gc.freeze()


def _allow_many_connections() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _OPEN_FILES if most == resource.RLIM_INFINITY else min(most, _OPEN_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
