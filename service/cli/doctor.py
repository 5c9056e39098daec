"""`doctor`: check everything that must be right, and say what to do where something is wrong."""

import platform
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import gettempdir

import click
from sqlalchemy.exc import SQLAlchemyError

from service import __version__
from service.cli.common import components, now
from service.components import Components
from service.domain.calendar.local_time import day_start, local_clock, local_day
from service.domain.json_beside import json_beside
from service.environment import names_from_dotenv
from service.settings import HOST_DECIDES
from service.store import catalogue, database, job_runs, migrations, sources
from service.store.engines.storage import storage_faults
from service.store.engines.unavailable import REASON, explain

SKEW = timedelta(seconds=5)
"""How far the clocks of replica and database may differ; the lease of jobs allows half a minute."""
_TEXTS = json_beside(__file__)
"""The texts of some findings: Vietnamese, then English."""
Finding = tuple[bool, str]
"""Whether something is in order, and a text in Vietnamese and English that says what to do if it is not."""


@click.command("doctor")
def doctor() -> None:
    """Check settings, database, migrations, clock, calendar and jobs; exit 1 when something must be done."""
    moment, service, bad = now(), components(), 0
    for check in CHECKS:
        try:
            findings = list(check(service, moment))
        except SQLAlchemyError as error:
            findings = [(False, explain(error, service.database.url))]
        for fine, line in findings:
            click.echo(f"{'ok ' if fine else 'LỖI'} {line}")
            bad += not fine
        if check in (_database, _migrations) and not all(fine for fine, _line in findings):
            break  # the other checks would fail for the same reason
    if bad:
        click.echo(f"{bad} việc cần làm (things to do); xem docs/runbook.md", err=True)
        raise SystemExit(1)


def _settings(service: Components, _now: datetime) -> Iterator[Finding]:
    settings = service.settings
    yield True, f"tthc-statistics {__version__}, Python {platform.python_version()}"
    from_file = ", ".join(names_from_dotenv())
    yield True, f"Cấu hình hợp lệ (settings are valid){f'; từ .env (from .env): {from_file}' if from_file else ''}"
    if not service.database.is_sqlite:
        yield True, f"Tối đa {settings.threads + 32} kết nối mỗi tiến trình (connections of a replica: max_connections)"
    if settings.host_decides:
        yield True, HOST_DECIDES
    if settings.proxy_hops and not settings.public_url:
        yield False, "Sau proxy cần đặt TTHC_PUBLIC_URL (set TTHC_PUBLIC_URL behind a proxy)"


def _database(service: Components, _now: datetime) -> Iterator[Finding]:
    file = Path(str(service.database.url.database))
    if service.database.is_sqlite and not file.exists():  # to look would create it
        yield False, f"{file}: {_TEXTS['no_file']}"
        return
    with service.database.reading() as session:
        if service.database.is_sqlite:
            sound = database.file_state(session) == "ok"
            state = "tệp lành lặn (file is sound)" if sound else "phục hồi từ bản sao lưu (restore a backup)"
            yield sound, f"SQLite: {state}"
        else:
            number = database.server_version(session)
            yield number >= 14, f"PostgreSQL {number}: cần 14 trở lên (14 or newer is needed)"
            lacking = database.lacking_rights(session)
            state = f"thiếu quyền ở {lacking}: {REASON['no_right'].advice}" if lacking else "đủ quyền (all rights)"
            yield not lacking, f"Bảng (tables): {state}"


def _migrations(service: Components, _now: datetime) -> Iterator[Finding]:
    schema = migrations.state(service.database)
    advice = f": {schema.advice}" if schema.advice else ""
    yield schema.fits, f"Lược đồ {schema.current}, cần {schema.needed} (schema, needed){advice}"


def _clock(service: Components, moment: datetime) -> Iterator[Finding]:
    yield 2025 <= moment.year <= 2100, f"Đồng hồ / clock: {local_clock(moment)} (Asia/Ho_Chi_Minh)"
    if service.database.is_sqlite:
        return
    with service.database.reading() as session:
        skew = abs(datetime.now(UTC) - job_runs.clock(session))
    advice = "" if skew <= SKEW else ": bật NTP trên cả hai máy (switch NTP on)"
    yield skew <= SKEW, f"Lệch với đồng hồ của cơ sở dữ liệu {skew.total_seconds():.1f} s (skew){advice}"


def _calendar(service: Components, moment: datetime) -> Iterator[Finding]:
    with service.database.reading() as session:
        years = catalogue.coverage(session, service.hours, local_day(moment).year)
    # By then the official notice for the next year is out; the alert begins on the same day.
    notice_expected = day_start(local_day(moment).replace(month=12, day=15))
    for year in years:
        days = f"{year.weekdays_off} ngày nghỉ, {year.makeup_days} ngày làm bù (days off, days worked instead)"
        advice = "" if year.confirmed else ": chưa xác nhận, flask --app wsgi calendar import TỆP.csv (not confirmed)"
        awaited = year.year > local_day(moment).year and moment < notice_expected
        yield year.confirmed or awaited, f"Lịch {year.year}: {days}{advice}"


def _jobs(service: Components, moment: datetime) -> Iterator[Finding]:
    with service.database.reading() as session:
        states = job_runs.states(session, moment)
    if not states:
        advice = "" if service.settings.jobs != "off" else ": systemctl start tthc-jobs (TTHC_JOBS=off)"
        yield not advice, f"Chưa có việc định kỳ nào chạy (no job has run yet){advice}"
    for job in states:
        fine = job.last_state != "failed" and job.overdue_by < timedelta(hours=1)
        advice = "" if fine else f": docs/runbook.md, Job {job.job}"
        yield fine, f"{job.job}: {job.last_state}, trễ / late {int(job.overdue_by.total_seconds())} s{advice}"


def _storage(service: Components, _now: datetime) -> Iterator[Finding]:
    faults = storage_faults(service.database)
    yield from ((False, f"Lưu trữ (storage): {fault.advice}") for fault in faults)
    if not faults:
        yield True, f"Ghi được cơ sở dữ liệu và {gettempdir()} (database and temporary files can be written)"


def _keys(service: Components, moment: datetime) -> Iterator[Finding]:
    with service.database.reading() as session:
        for row in sources.all_sources(session):
            if row.key_until and row.key_until <= moment and not row.disabled_at:
                yield False, _TEXTS["key_ended"].format(code=row.code, ended=local_clock(row.key_until))


def _standby(service: Components, _now: datetime) -> Iterator[Finding]:
    if service.database.is_sqlite:
        return
    with service.database.reading() as session:
        wanted, there, waiting = database.standbys(session)
    if wanted:
        yield there > 0 and not waiting, _TEXTS["standby"].format(wanted=wanted, there=there, waiting=waiting)


CHECKS = (_settings, _database, _storage, _standby, _migrations, _clock, _calendar, _jobs, _keys)
