"""Pages of a portal: a few addresses of another origin, with headers of its own."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

_KINDS = {".js": "text/javascript"}


class QuietHandler(BaseHTTPRequestHandler):
    """Answers without a line in the output of the tests."""

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def origin_of(handler: type[QuietHandler]) -> Iterator[str]:
    """Serve with this handler on a port of its own; yield the origin."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def portal_pages(pages: Mapping[str, str], headers: Mapping[str, str]) -> Iterator[str]:
    """Serve texts by their path; yield the origin."""

    class Page(QuietHandler):
        def do_GET(self) -> None:
            text = pages.get(self.path)
            self.send_response(404 if text is None else 200)
            self.send_header("Content-Type", f"{_KINDS.get(self.path[-3:], 'text/html')}; charset=utf-8")
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write((text or "").encode())

    with origin_of(Page) as origin:
        yield origin
