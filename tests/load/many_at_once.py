"""Many at once: single pushes, several sources on two replicas, readers beside a bulk push, and one endless request."""

import http.client
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import orjson

from bench import dataset
from bench.ingest import new_source
from bench.measuring import heading, line, percentile, requests_per_second, seconds
from bench.scale import INGESTED, KINDS, SECONDS, STREAMED
from bench.serving import Port, databases, post, request, server

_WIDGET = f"/api/v1/widget/{dataset.PROVINCE}"
_BATCH = "/api/v1/dossiers/batch"
_LUA = """
local n = 0
local record = '{"code":"S-' .. os.time() .. '-%%d",' ..
  '"unit_code":"H90","procedure_code":"1.000001","field_code":"G01","status":4,' ..
  '"received_at":"2025-10-02T08:00:00+07:00","due_at":"2025-10-09","changed_at":"2025-10-02T08:00:01+07:00"}'
request = function()
  n = n + 1
  return wrk.format("POST", nil, {["Content-Type"] = "application/json", ["Authorization"] = "%s"}, record:format(n))
end
"""


def _singles(kind: str) -> None:
    """Push one dossier a request over 16 connections, to the product and to a bare route."""
    with databases(kind) as make, tempfile.TemporaryDirectory() as folder:
        ours, plain = make("ours"), make("plain")
        script = Path(folder) / "push.lua"
        script.write_text(_LUA % new_source(ours)["Authorization"])
        with server("service.serve", ours) as product, server("bench.baseline", plain) as bare:
            script_of = ("-s", str(script))
            (plainly, spent), (ours_a_second, our_spent) = (
                _pushes(port, path, *script_of) for port, path in ((bare, "/one"), (product, "/api/v1/dossiers"))
            )
    figures = f"{ours_a_second:,.0f}/s, {plainly:,.0f}/s; {our_spent:.2f}, {spent:.2f} ms of the server's processor"
    line(f"{kind}: single pushes ÷ bare route", ours_a_second / plainly, figures, least=0.6)


def _pushes(port: Port, path: str, *arguments: str) -> tuple[float, float]:
    """Return pushes a second, and milliseconds of the server's processor a push; after a second that is not counted."""
    url = f"http://127.0.0.1:{port}{path}"
    requests_per_second(url, *arguments, seconds=1)
    before = port.processor_seconds()
    rate = requests_per_second(url, *arguments, seconds=SECONDS)
    return rate, (port.processor_seconds() - before) * 1e3 / (rate * SECONDS)


def _bodies(number: int, count: int) -> list[bytes]:
    made = dataset.dossiers(count, dataset.FIRST, 30, seed=number)
    return list(dataset.ndjson(({**record, "code": f"{number}-{record['code']}"} for record in made), 5000))


def _replicas() -> None:
    """Push the same amount by four sources to two replicas, and by one source to one."""
    with databases("postgresql") as make, ExitStack() as stack:
        url = make("ours")
        headers = [new_source(url, f"source-{number}") for number in range(5)]
        ports = [stack.enter_context(server("service.serve", url)) for _ in range(2)]
        alone = seconds(lambda: _push(ports[0], _bodies(9, INGESTED), headers[4]))
        parts = [_bodies(number, INGESTED // 4) for number in range(4)]
        threads = [
            threading.Thread(target=_push, args=(ports[number % 2], parts[number], headers[number]))
            for number in range(4)
        ]
        together = seconds(lambda: _run(threads))
    line("postgresql: 4 sources on 2 replicas ÷ 1 on 1", alone / together, f"{INGESTED / together:,.0f}/s", least=1.3)


def _run(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _push(port: int, bodies: list[bytes], headers: dict[str, str]) -> None:
    for body in bodies:
        post(port, _BATCH, body, headers)


@contextmanager
def _beside(work: Callable[[], object]) -> Iterator[threading.Thread]:
    thread = threading.Thread(target=work)
    thread.start()
    yield thread
    thread.join()


def _widget_times(port: int, going_on: Callable[[], bool]) -> list[float]:
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=60)

    def ask() -> None:
        connection.request("GET", _WIDGET)
        connection.getresponse().read()

    times = []
    while going_on():
        times.append(seconds(ask))
        time.sleep(0.005)
    return times


def _readers(kind: str) -> None:
    """Read a widget while a bulk push runs, and see how long a push takes to show in it."""
    with databases(kind) as make:
        url = make("ours")
        bulk, single = new_source(url), {**new_source(url, "single"), "Content-Type": "application/json"}
        bodies = _bodies(1, INGESTED)
        with server("service.serve", url) as port:
            _push(port, bodies[:1], bulk)
            end = time.monotonic() + SECONDS
            quiet = percentile(_widget_times(port, lambda: time.monotonic() < end))
            with _beside(lambda: _push(port, bodies[1:], bulk)) as pushing:
                busy = percentile(_widget_times(port, pushing.is_alive))
            with _beside(lambda: _push(port, bodies, bulk)) as pushing:
                delays = list(_delays(port, single, pushing.is_alive))
    line(f"{kind}: widget p99 beside a bulk push ÷ quiet", busy / quiet, f"{busy * 1e3:.0f} ms", most=3)
    line(f"{kind}: push answered → shown, p99, s", percentile(delays), f"{len(delays)} pushes", most=1)


def _delays(port: int, headers: dict[str, str], going_on: Callable[[], bool]) -> Iterator[float]:
    """Push dossiers of a unit of its own while something goes on, and yield how long each takes to show."""
    number = 0
    record = {"unit_code": "H91", "procedure_code": "1.000001", "status": 4, "received_at": f"{dataset.FIRST}"}
    while going_on() or number == 0:
        number += 1
        post(port, "/api/v1/dossiers", orjson.dumps({**record, "code": f"D-{number}"}), headers)
        answered = time.perf_counter()
        while orjson.loads(request(port, "GET", "/api/v1/widget/H91")[1])["counts"]["workload"] < number:
            time.sleep(0.01)
        yield time.perf_counter() - answered


def _stream(kind: str) -> None:
    """Push very many records in one request, and see what the server's memory grows by."""
    roomy = {
        "TTHC_MAX_RECORDS": "2000000",
        "TTHC_MAX_WIRE_MB": "900",
        "TTHC_MAX_UNPACKED_MB": "900",
        "TTHC_SPOOL_MB": "1800",
    }
    with databases(kind) as make:
        url = make("ours")
        headers = new_source(url)
        with server("service.serve", url, **roomy) as port:
            _push(port, _bodies(1, 5000), headers)
            before = port.memory("VmHWM")
            (body,) = dataset.ndjson(dataset.dossiers(STREAMED, dataset.FIRST, 365), STREAMED)
            took = seconds(lambda: post(port, _BATCH, body, headers))
            grown = port.memory("VmHWM") - before
    line(f"{kind}: {STREAMED} records in one request, MB more", grown, f"{STREAMED / took:,.0f}/s", most=100)


def run() -> None:
    """Measure on both databases and print."""
    heading("Nhiều người cùng lúc / many at once")
    for kind in KINDS:
        _singles(kind)
        _readers(kind)
        _stream(kind)
    _replicas()


if __name__ == "__main__":
    run()
