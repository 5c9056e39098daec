"""One typed settings object; environment.py says where its values come from.

`.env.example` lists all of them; a test compares the two.
"""

import re
import socket
from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Literal
from urllib.parse import urlsplit

from limits import parse_many
from limits.errors import ConfigurationError
from limits.storage import storage_from_string
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationInfo, field_validator

from service.database_url import parse_database_url
from service.domain.calendar.periods import PeriodCalendar
from service.domain.calendar.work_calendar import OfficeHours
from service.domain.dossier.status_words import status_words
from service.domain.json_beside import json_beside
from service.domain.statistics.targets import Targets

PREFIX = "TTHC_"
UNPREFIXED = ("DATABASE_URL", "PORT", "DEMO")
_TOLD: dict[str, str] = json_beside(__file__)
HOST_DECIDES = _TOLD["host_decides"]
_ADDRESS = re.compile(r"[A-Za-z0-9._~:/%\[\]-]+")
Positive = Annotated[int, Field(gt=0)]


class SettingsError(SystemExit):
    """A setting that is wrong: the process stops with a message for the operator."""


def _read_rate(text: str) -> None:
    try:
        _ = parse_many(text) if text else []
    except ValueError:
        raise ValueError(f"{text!r}: viết như 6000/minute hoặc 10/second;600/hour (not a rate)") from None


def _open_rate_store(text: str) -> None:
    try:
        storage_from_string(text)
    except ConfigurationError:  # its message may hold a password
        raise ValueError(_TOLD["no_rate_store"]) from None


def _find_host(text: str) -> None:
    try:
        socket.getaddrinfo(text, None)
    except (OSError, UnicodeError):
        raise ValueError(_TOLD["no_host"].format(text)) from None


_CHECKS: dict[str, Callable[[str], object]] = {
    "calendar": PeriodCalendar.parse,
    "office_hours": OfficeHours.parse,
    "register_words": status_words,
    "targets": Targets.parse,
    "database_url": parse_database_url,
    "host": _find_host,
    "rate_reads": _read_rate,
    "rate_pushes": _read_rate,
    "rate_store": _open_rate_store,
}
"""For each setting whose text has a form of its own: the function that reads it, and refuses what it cannot read."""


class Settings(BaseModel):
    """Everything that can be set; units are in the names."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    database_url: str = Field("sqlite:///var/tthc.sqlite3", description="SQLite file or PostgreSQL 14+")
    port: int = Field(8000, ge=1, le=65535, description="port to serve on")
    demo: bool = Field(False, description="load the demonstration into a new database")
    host: str = Field("0.0.0.0", description="address to serve on")  # noqa: S104 - a service is for others
    threads: Positive = Field(8, le=512, description="public questions answered at the same time")
    spool_mb: Positive = Field(512, description="what all request bodies together may hold while they arrive")
    public_url: str = Field("", description="address under which the public sees the service")
    hosts: str = Field("", description="names (Host) under which the service may be asked, with commas; empty: any")
    proxy_hops: int = Field(0, ge=0, le=5, description="trusted proxies in front (X-Forwarded-For)")
    rate_reads: str = Field("6000/minute", description="questions of one address that are not repeated, empty: any")
    rate_pushes: str = Field("30000/minute", description="pushes of one key, or of one address without, empty: any")
    rate_store: str = Field("memory://", description="where rates are counted: memory:// or redis://host for replicas")
    jobs: Literal["inline", "off"] = Field("inline", description="run the jobs in the serving process")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="least severe log line")
    log_format: Literal["json", "text"] = Field("json", description="shape of log lines")
    calendar: str = Field("civil", description="months of reports: civil, reporting or L,D")
    office_hours: str = Field("07:00-11:30,13:30-17:00", description="office hours of a working day")
    receipt_off_hours: Literal["next_day", "same"] = Field(
        "next_day", description="day from which a time limit counts after a receipt outside office hours"
    )
    stale_after_hours: Positive = Field(72, description="age at which data are called stale")
    coverage_working_days: Positive = Field(5, le=60, description="working days after which a unit counts as silent")
    cache_seconds: float = Field(1.0, ge=0, le=1, description="how long an answer may be reused")
    max_records: Positive = Field(100_000, description="records in one batch")
    max_wire_mb: Positive = Field(64, description="size of a request body as sent")
    max_unpacked_mb: Positive = Field(256, description="size of a request body after gzip")
    max_array_mb: Positive = Field(32, description="size of a JSON array")
    register_words: str = Field(
        "", description="more words for statuses and channels in files, lines like status;Đang chờ bổ sung;5"
    )
    frame_ancestors: str = Field("*", description="who may embed the widget (CSP frame-ancestors)")
    metrics_token: SecretStr = Field(
        SecretStr(""), description="bearer token of operators, empty: /metrics only from private networks"
    )
    metrics_max_units: Positive = Field(500, description="units with their own metrics")
    metrics_cache_seconds: float = Field(5.0, ge=0, le=60, description="how long a scrape's numbers are reused")
    target_percent: int = Field(99, ge=50, le=100, description="punctuality to keep each month, for the late budget")
    targets: str = Field("", description="targets of units and formulas, such as timed/1=99, H23.45:timed/1=98")
    session_minutes: Positive = Field(60, description="life of a national sync session")
    version_retention_days: int = Field(0, ge=0, description="age at which superseded versions go, 0 keeps all")

    @field_validator(*_CHECKS)
    @classmethod
    def _makes_sense(cls, text: str, info: ValidationInfo) -> str:
        _CHECKS[str(info.field_name)](text)
        return text

    @field_validator("public_url")
    @classmethod
    def _known_public_url(cls, text: str) -> str:
        """Take an address with or without a path; keep it without a slash at its end."""
        if not text:
            return text
        try:
            parts = urlsplit(text)
            fine = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        except ValueError:
            fine = False
        if not fine or parts.query or parts.fragment or parts.username or not _ADDRESS.fullmatch(text):
            raise ValueError(_TOLD["no_public_url"].format(text))
        return text.rstrip("/")

    @property
    def trusted_hosts(self) -> list[str] | None:
        """Return the host names under which the service answers, with that of the public address; None: any name."""
        names = [name for name in re.split(r"[\s,]+", self.hosts) if name]
        return [*names, urlsplit(self.public_url).hostname or "localhost"] if names else None

    @property
    def host_decides(self) -> bool:
        """Say whether links in answers follow the Host header of the request."""
        return not self.public_url and not self.hosts

    @property
    def hours(self) -> OfficeHours:
        """Return the office hours, and the day from which a receipt outside them counts."""
        return OfficeHours.parse(self.office_hours, self.receipt_off_hours)

    @property
    def targets_by_unit(self) -> Targets:
        """Return the targets of units and formulas; target_percent is that of the default formula if none is set."""
        return Targets.parse(self.targets, self.target_percent)

    @property
    def stale_after(self) -> timedelta:
        return timedelta(hours=self.stale_after_hours)


def variable(name: str) -> str:
    """Return the environment variable of a setting."""
    return name.upper() if name.upper() in UNPREFIXED else PREFIX + name.upper()
