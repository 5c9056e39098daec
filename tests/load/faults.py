"""What is acknowledged stays, whatever breaks: `make faults`, half an hour or FAULTS_MINUTES; see docs/reliability.md.

Both databases at the same time. Senders push while one fault follows another. After each: how long until a push is
acknowledged again. After every few: each acknowledged record is there once, no batch is there in part, and the tallies
agree. Half an hour is 10 rounds: at least 500 kills over both databases and 50 restarts of PostgreSQL, however long
they take.
"""

import math
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import suppress
from pathlib import Path

from sqlalchemy import select, text
from tqdm import tqdm

from bench.measuring import show
from models.dossiers import Dossier
from service.store import sources
from service.store.database import Database
from tests.load.senders import BATCH
from tests.load.site import Site, site_of
from tests.ops.processes import until
from tests.support.faketime import set_clock
from tests.support.tallies import differences

MINUTES = float(os.environ.get("FAULTS_MINUTES", "30"))
_LOOK_AFTER, _ROUNDS_A_MINUTE = 12, 10 / 30


def killed(site: Site) -> None:
    """Kill the server in the middle of its work; the next one needs not load the program."""
    site.kill()


def started_anew(site: Site) -> None:
    """Kill the server in the middle of its work, and start the program again."""
    site.stop()
    site.start()


def clock_stepped(site: Site) -> None:
    """Set the clock of the running server by hours, forwards or back; what is done until the next kill meets it."""
    site.stop()
    site.start(false_clock=True)
    until(site.is_ready, 60)
    set_clock(site.clock, random.choice([-50, -3, 3, 50]) * 3600)


def locked(site: Site) -> None:
    """Hold the locks of every source for some seconds, as a long command would."""
    database = Database(site.url)
    with database.writing() as session:
        for source in sources.all_sources(session):
            sources.lock_for_push(session, source.id)
        time.sleep(2)
    database.engine.dispose()


def repaired(site: Site) -> None:
    """Verify and repair the tallies beside the pushes."""
    site.run("tallies", "verify", "--repair")


def imported(site: Site) -> None:
    """Import a catalogue beside the pushes."""
    file = site.folder / "procedures.csv"
    file.write_text(
        f"code,name,field_code,field_name,limit_amount,limit_unit\n1.004873,T,F,L,{random.randint(1, 9)},working_day\n",
        encoding="utf-8",
    )
    site.run("procedures", "import", str(file))


def disk_full(site: Site) -> None:
    """Let the disk of the database (and its log) be full for some seconds; PostgreSQL may end by it, and is started."""
    _filled(site.folder)
    if site.postgres is not None:
        site.postgres.ensure_postgres_running()


def temporary_full(site: Site) -> None:
    """Take the folder for temporary files away for some seconds."""
    (site.folder / "tmp").rename(site.folder / "tmp-away")
    time.sleep(2)
    (site.folder / "tmp-away").rename(site.folder / "tmp")


def _filled(place: Path) -> None:
    filler = place / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while file.write(b"\0" * 65536):
            pass
    time.sleep(2)
    filler.unlink()


def power_cut(site: Site) -> None:
    """Copy file and log of SQLite while it is written, and open the copy elsewhere: what was acknowledged is in it."""
    acknowledged = {code for sender in site.senders for code in list(sender.filed)}
    path, place = Path(site.url.removeprefix("sqlite:///")), site.folder.parent / "elsewhere"
    place.mkdir(exist_ok=True)
    # A power cut stops everything at one moment; a copy takes some. No log may be cut between its two halves.
    with sqlite3.connect(path) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM source").fetchone()
        for part in (path, Path(f"{path}-wal")):
            # By another process: closing a file that SQLite has open here would drop its locks.
            subprocess.run(["cp", str(part), str(place / part.name)], check=True)
    copy = sqlite3.connect(place / path.name)
    assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    stored = {code for (code,) in copy.execute("SELECT code FROM dossier")}
    copy.close()
    for part in place.iterdir():
        part.unlink()
    assert acknowledged <= stored, f"{len(acknowledged - stored)} lost by a power cut"


def backends_killed(site: Site) -> None:
    """End every connection of the database."""
    database = Database(site.url)
    with database.engine.connect() as connection:
        others = "pid <> pg_backend_pid() AND backend_type = 'client backend'"
        connection.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"))
    database.engine.dispose()


def database_restarted(site: Site) -> None:
    """Stop PostgreSQL at once, without a checkpoint, and start it again."""
    postgres = site.postgres
    os.kill(postgres.get_pid(), signal.SIGQUIT)
    until(lambda: not (Path(postgres.pgdata) / "postmaster.pid").exists(), 30)
    postgres.ensure_postgres_running()


Fault = Callable[[Site], None]
EVERYWHERE = (clock_stepped, locked, repaired, imported, temporary_full, disk_full)
FAULTS: dict[str, tuple[Fault, ...]] = {
    "sqlite": (*EVERYWHERE, power_cut, killed, started_anew),
    "postgresql": (*EVERYWHERE, backends_killed, database_restarted, killed, started_anew),
}
_IN_A_ROUND: dict[Fault, int] = {killed: 24, database_restarted: 5}


def round_of(kind: str) -> list[Fault]:
    """Return the faults of one round in some order; the clock is wrong for the last of them, until the next start."""
    faults = [fault for fault in FAULTS[kind] for _ in range(_IN_A_ROUND.get(fault, 1))]
    last = [clock_stepped, killed, killed, started_anew]
    for fault in last:
        faults.remove(fault)
    return [*random.sample(faults, len(faults)), *last]


class Report:
    """What happened, and how long it took to recover."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.counts: Counter[str] = Counter()
        self.recoveries: defaultdict[str, list[float]] = defaultdict(list)
        self.work: list[float] = []

    def note(self, site: Site, fault: Fault) -> None:
        """Wait until every sender is acknowledged again, and note how long that took."""
        self.counts[fault.__name__] += 1
        self.recoveries[fault.__name__].append(_recovery(site, fault.__name__))
        if fault is started_anew:
            self.work.append(site.cpu_seconds())

    def rows(self, site: Site) -> list[tuple[str, ...]]:
        """Return the table."""
        table: list[tuple[str, ...]] = [("fault", "times", "acknowledged again after s: median / most")]
        for name, count in self.counts.items():
            times = sorted(self.recoveries[name])
            table.append((name, str(count), f"{times[len(times) // 2]:.1f} / {times[-1]:.1f}"))
        work = sorted(self.work)
        if work:
            table.append(("CPU s of a new start until then", "", f"{work[len(work) // 2]:.1f} / {work[-1]:.1f}"))
        table.append(("processors, load", "", f"{os.cpu_count()}, {os.getloadavg()[2]:.1f}"))
        filed = sum(len(sender.filed) for sender in site.senders)
        statuses = sum((Counter(sender.waits) for sender in site.senders), Counter[int]())
        table.append(("acknowledged records", str(filed), "0 lost, 0 twice, 0 batches in part, tallies agree"))
        table.append(("commands told to come again", str(len(site.refused)), (site.refused or [""])[0]))
        table.append(("answers", "", ", ".join(f"{status}: {count}" for status, count in sorted(statuses.items()))))
        return table


def run(kind: str, minutes: float) -> list[tuple[str, ...]]:
    """Let one fault follow another, look after every few, and return the table; AssertionError for what is lost.

    No minutes: each fault once.
    """
    report, coming = Report(), list(FAULTS[kind])
    rounds = math.ceil(minutes * _ROUNDS_A_MINUTE)
    if rounds:
        coming = [fault for _ in range(rounds) for fault in round_of(kind)]
    with site_of(kind) as site:
        site.start()
        until(site.is_ready, 60)
        end, number = time.monotonic() + minutes * 60, 0
        threads = [sender.start() for sender in site.senders]
        try:
            while coming or time.monotonic() < end:
                coming = coming or round_of(kind)
                fault = coming.pop(0)
                number += 1
                time.sleep(random.uniform(0.2, 0.8))
                fault(site)
                report.note(site, fault)
                if number % _LOOK_AFTER == 0:
                    _stop(site, threads)
                    look(site)
                    tqdm.write(f"{kind}: {number} faults, nothing lost", sys.stderr)
                    threads = [sender.start() for sender in site.senders]
            _stop(site, threads)
            look(site)
        except BaseException:
            tqdm.write(f"{kind}: failed; why is told when the other database is done", sys.stderr)
            raise
        finally:
            _stop(site, threads)
            site.stop()
        return report.rows(site)


def _recovery(site: Site, fault: str) -> float:
    """Return how long after a fault every sender was acknowledged again."""
    began = time.monotonic()
    try:
        until(lambda: all(sender.last_acknowledged > began for sender in site.senders), 300, 0.02)
    except AssertionError as error:
        error.add_note(f"{fault}: " + ", ".join(f"{sender.name} {sender.waits}" for sender in site.senders))
        error.add_note((site.folder / "log").read_text(encoding="utf-8")[-3000:])
        raise
    return time.monotonic() - began


def _stop(site: Site, threads: list[threading.Thread]) -> None:
    for sender in site.senders:
        sender.stopping.set()
    for thread in threads:
        thread.join(100)


def look(site: Site) -> None:
    """Find every acknowledged record once, no batch in part, tallies that agree; AssertionError otherwise."""
    database = Database(site.url)
    with database.reading(patient=True) as session:
        rows = session.execute(select(Dossier.code, Dossier.ended_at)).all()
        off = differences(session)
    database.engine.dispose()
    ended = {code: moment is not None for code, moment in rows}
    assert len(ended) == len(rows)
    assert off == []
    for sender in site.senders:
        lost = [code for code, end in sender.filed.items() if code not in ended or (end and not ended[code])]
        assert lost == [], lost[:5]
        assert sender.wrong == [], sender.wrong[:5]
    parts = Counter(code.rpartition("-")[0] for code in ended)
    assert [batch for batch, count in parts.items() if count != BATCH] == []


if __name__ == "__main__":
    with ProcessPoolExecutor(len(FAULTS)) as processes:
        tables = {processes.submit(run, kind, MINUTES): kind for kind in FAULTS}
        for table in as_completed(tables):
            show(tables[table], table.result())
