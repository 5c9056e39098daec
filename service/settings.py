"""One typed settings object, read from environment variables and checked at start.

A wrong value stops the start with the variable's name. Every variable can be given as NAME_FILE,
the path of a file that holds it. `.env.example` lists them all; a test holds the two together.
"""

import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
)

from service.domain.calendar.periods import Calendar, PeriodError
from service.domain.calendar.work_calendar import OfficeHours

PREFIX = "TTHC_"
UNPREFIXED = ("DATABASE_URL", "PORT", "DEMO")

Positive = Annotated[int, Field(gt=0)]


class SettingsError(SystemExit):
    """A setting that is wrong: the process stops with a message for the operator."""


class Settings(BaseModel):
    """Everything that can be set; units are in the names."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    database_url: str = Field("sqlite:///var/tthc.sqlite3", description="SQLite file or PostgreSQL 14+")
    port: int = Field(8000, ge=1, le=65535, description="port to serve on")
    demo: bool = Field(True, description="load the demonstration into a new database")
    host: str = Field("0.0.0.0", description="address to serve on")  # noqa: S104 - a service is for others
    threads: Positive = Field(8, le=512, description="public questions answered at the same time")
    spool_mb: Positive = Field(512, description="what all request bodies together may hold while they arrive")
    public_url: str = Field("", description="address under which the public sees the service")
    proxy_hops: int = Field(0, ge=0, le=5, description="trusted proxies in front (X-Forwarded-For)")
    jobs: Literal["inline", "off"] = Field("inline", description="run the jobs in the serving process")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="least severe log line")
    log_format: Literal["json", "text"] = Field("json", description="shape of log lines")
    calendar: str = Field("civil", description="months of reports: civil, reporting or L,D")
    office_hours: str = Field("07:00-11:30,13:30-17:00", description="office hours of a working day")
    receipt_off_hours: Literal["next_day", "same"] = Field(
        "next_day", description="day from which a time limit counts after a receipt outside office hours"
    )
    stale_after_hours: Positive = Field(72, description="age at which data are called stale")
    cache_seconds: float = Field(1.0, ge=0, le=1, description="how long an answer may be reused")
    max_records: Positive = Field(100_000, description="records in one batch")
    max_wire_mb: Positive = Field(64, description="size of a request body as sent")
    max_unpacked_mb: Positive = Field(256, description="size of a request body after gzip")
    max_array_mb: Positive = Field(32, description="size of a JSON array, which is read whole")
    frame_ancestors: str = Field("*", description="who may embed the widget (CSP frame-ancestors)")
    metrics_token: SecretStr = Field(
        SecretStr(""), description="bearer token of operators, empty: /metrics only from private networks"
    )
    metrics_max_units: Positive = Field(500, description="units with their own metrics")
    metrics_cache_seconds: float = Field(5.0, ge=0, le=60, description="how long a scrape's numbers are reused")
    target_percent: int = Field(99, ge=50, le=100, description="punctuality to keep each month, for the late budget")
    session_minutes: Positive = Field(60, description="life of a national sync session")
    version_retention_days: int = Field(0, ge=0, description="age at which superseded versions go, 0 keeps all")

    @field_validator("calendar")
    @classmethod
    def _known_calendar(cls, text: str) -> str:
        try:
            Calendar.parse(text)
        except PeriodError as error:
            raise ValueError(str(error)) from None
        return text

    @field_validator("office_hours")
    @classmethod
    def _known_hours(cls, text: str) -> str:
        OfficeHours.parse(text)
        return text

    @field_validator("public_url")
    @classmethod
    def _no_slash_at_end(cls, text: str) -> str:
        return text.rstrip("/")

    @property
    def hours(self) -> OfficeHours:
        """Return the office hours, with what a receipt outside them counts as."""
        return OfficeHours.parse(self.office_hours, self.receipt_off_hours)

    @property
    def stale_after(self) -> timedelta:
        """Return the age at which data are called stale."""
        return timedelta(hours=self.stale_after_hours)


def variable(name: str) -> str:
    """Return the environment variable of a setting."""
    return name.upper() if name.upper() in UNPREFIXED else PREFIX + name.upper()


def _given(environ: Mapping[str, str]) -> dict[str, str]:
    """Collect the values that are set, following NAME_FILE."""
    values = {}
    for name in Settings.model_fields:
        key = variable(name)
        path = environ.get(f"{key}_FILE")
        if path:
            try:
                values[name] = Path(path).read_text(encoding="utf-8").strip()
            except OSError as error:
                raise SettingsError(f"{key}_FILE: không đọc được tệp / cannot be read: {error}") from None
        elif environ.get(key, "") != "":
            values[name] = environ[key]
    return values


def _unknown(environ: Mapping[str, str]) -> list[str]:
    known = {variable(name) for name in Settings.model_fields}
    known |= {f"{name}_FILE" for name in known}
    return sorted(name for name in environ if name.startswith(PREFIX) and name not in known)


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings; SettingsError names the variable that is wrong and what it should be."""
    environ = os.environ if environ is None else environ
    if unknown := _unknown(environ):
        raise SettingsError(f"{', '.join(unknown)}: không có biến này, xem .env.example / unknown setting")
    try:
        return Settings.model_validate(_given(environ))
    except ValidationError as error:
        lines = [f"{variable(str(item['loc'][0]))}: {item['msg']}" for item in error.errors()]
        raise SettingsError("Cấu hình sai / wrong settings:\n  " + "\n  ".join(lines)) from None
