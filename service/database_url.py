"""DATABASE_URL: what may stand in it, and one line for each way of getting it wrong. A password is never shown."""

import re
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from service.domain.json_beside import json_beside

POSTGRESQL_FORM = "postgresql://user:password@host:5432/database"  # pragma: allowlist secret
SQLITE_FORM = "sqlite:////var/lib/tthc/tthc.sqlite3"
_DRIVERS = {"sqlite": "sqlite"} | dict.fromkeys(("postgres", "postgresql", "postgresql+psycopg"), "postgresql+psycopg")
"""The driver for what stands before ://; many platforms write postgres."""
_PORT = re.compile(r":(?P<port>[^:/?\]]*)(?=[/?]|$)")
_TOLD: dict[str, str] = json_beside(__file__)


def parse_database_url(text: str) -> URL:
    """Return the address of a database; ValueError says in one line what is wrong and what to write instead."""
    _refuse_copied_marks(text)
    scheme, _, rest = text.partition("://")
    driver = _DRIVERS.get(scheme.lower())
    if driver is None:
        raise ValueError(_TOLD["other_database"].format(scheme[:20], POSTGRESQL_FORM, SQLITE_FORM))
    url = _sqlite(rest) if driver == "sqlite" else _postgresql(rest)
    return url.set(drivername=driver)


def _refuse_copied_marks(text: str) -> None:
    if text[:1] in "\"'" or text[-1:] in "\"'":
        raise ValueError("bỏ dấu nháy quanh địa chỉ (remove the quotes around the address)")
    if text != "".join(text.split()):
        raise ValueError("địa chỉ có dấu cách hoặc xuống dòng; viết dấu cách là %20 (a blank is written %20)")
    if text.lower().startswith("jdbc:"):
        raise ValueError(f"đây là dạng của Java; viết {POSTGRESQL_FORM} (this is Java's form)")
    if "://" not in text:
        raise ValueError(f"không phải địa chỉ; viết {POSTGRESQL_FORM} hoặc {SQLITE_FORM} (no address)")


def _sqlite(rest: str) -> URL:
    if not rest.startswith("/"):
        raise ValueError(f"thiếu dấu gạch chéo: {SQLITE_FORM}, hoặc sqlite:///var/tthc.sqlite3 (a slash is missing)")
    url = make_url(f"sqlite://{rest}")
    if url.database in (None, "", ":memory:"):
        raise ValueError(f"thiếu đường dẫn tệp; viết {SQLITE_FORM} (it names no file)")
    file = Path(str(url.database))
    if file.is_dir():
        raise ValueError(f"{file} là thư mục, không phải tệp (is a folder, not a file)")
    if file.is_absolute() and not file.parent.is_dir():  # a relative one (var/) is made by the service
        raise ValueError(_TOLD["no_folder"].format(file.parent))
    return url


def _postgresql(rest: str) -> URL:
    try:
        url = make_url(f"postgresql://{rest}")
    except (ArgumentError, ValueError):
        port = _PORT.search(rest.rpartition("@")[2])
        reason = "cổng phải là số (the port must be a number)" if port else "không đọc được (cannot be read)"
        raise ValueError(f"{reason}; viết {POSTGRESQL_FORM}") from None
    if any(mark in (url.host or "") for mark in "@#") or "#" in (url.database or ""):
        raise ValueError(_TOLD["to_be_encoded"])
    if url.port is not None and not 0 < url.port <= 65535:
        raise ValueError("cổng phải từ 1 đến 65535 (the port is out of range)")
    if not url.database:
        raise ValueError(f"thiếu tên cơ sở dữ liệu ở cuối; viết {POSTGRESQL_FORM} (it names no database)")
    return url


def shown(url: URL) -> str:
    """Return an address as it may be shown: without its password."""
    return url.render_as_string(hide_password=True).replace("postgresql+psycopg://", "postgresql://")
