"""Why a database cannot be worked with: one line for operators, with what to do; the password is never shown."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

from service.database_url import shown
from service.domain.errors import Unavailable


class DatabaseUnavailable(Unavailable):
    """The database cannot be worked with, for a cause that an operator can mend."""


@dataclass(frozen=True)
class Reason:
    """A cause that a driver's message tells: a name for logs and metrics, and what to do."""

    name: str
    pattern: str
    advice: str


REASONS = (
    Reason("temporary_files", "No usable temporary directory",
           "không có thư mục tạm ghi được: xem TMPDIR và quyền của nó (no folder for temporary files: see TMPDIR)"),
    Reason("unconfirmed", "did not confirm the commit",
           "máy chủ dự phòng chưa xác nhận: không rõ đã lưu hay chưa (the standby did not confirm: it may be lost)"),
    Reason("disk_full", "disk is full|No space left on device|could not extend file|DiskFull|quota exceeded",
           "đĩa đầy: dọn hoặc mở rộng đĩa (the disk is full: free some space)"),
    Reason("read_only", "readonly database|read-only transaction|Read-only file system",
           "chỉ đọc được: xem quyền của tệp và thư mục, hoặc máy chủ đang là bản sao"
           " (read-only: see the permissions of file and folder, or whether the server is a standby)"),
    Reason("moved", "file was deleted or moved|file was replaced",
           "tệp SQLite đã bị xóa, đổi tên hoặc thay: đặt lại đúng chỗ rồi khởi động lại dịch vụ"
           " (the SQLite file was deleted, moved or replaced: put it back and restart the service)"),
    Reason("file", "unable to open database file|Permission denied|disk I/O error",
           "không mở hoặc ghi được tệp: xem thư mục và quyền của người dùng chạy dịch vụ"
           " (the file cannot be opened or written: see the folder and the permissions of the service's user)"),
    Reason("not_a_database", "file is not a database|malformed",
           "tệp không phải SQLite hoặc đã hỏng: phục hồi từ bản sao lưu"
           " (not an SQLite file, or damaged: restore a backup)"),
    Reason("password", "password authentication failed|no password supplied|pg_hba.conf",
           "sai người dùng hoặc mật khẩu, hoặc máy chủ không cho phép; ký tự đặc biệt phải mã hóa, ví dụ @ là %40"
           " (wrong user or password, or not allowed from here; special characters are percent-encoded)"),
    Reason("no_database", 'database ".*" does not exist',
           "chưa có cơ sở dữ liệu này: tạo bằng createdb (create the database first)"),
    Reason("no_role", 'role ".*" does not exist',
           "chưa có người dùng này: tạo bằng createuser (create the role first)"),
    Reason("no_schema", "no schema has been selected",
           "schema trong search_path chưa có: tạo bằng CREATE SCHEMA (create the schema of search_path first)"),
    Reason("no_right", "permission denied",
           "người dùng thiếu quyền: cần CREATE trên schema (the role lacks a right: it needs CREATE on its schema)"),
    Reason("no_host", "translate host name|resolve host|Name or service not known|nodename nor servname",
           "không có máy chủ tên này: xem tên máy và DNS (no such host: see its name and the DNS)"),
    Reason("no_socket", r"connection to server on socket.*(No such file|refused)",
           "không có socket ở đó: PostgreSQL có chạy không, host=… có đúng thư mục không"
           " (no socket there: is PostgreSQL running, is host=… its folder)"),
    Reason("refused", "Connection refused",
           "không ai nghe ở đó: PostgreSQL có chạy không, máy và cổng có đúng không"
           " (nobody listens there: is PostgreSQL running, are host and port right)"),
    Reason("no_answer", "timeout expired|timed out|no answer from the server|QueuePool limit|statement timeout"
           "|interrupted",
           "máy chủ không trả lời kịp: xem máy chủ và mạng (the server does not answer in time)"),
    Reason("too_many", "too many clients|remaining connection slots",
           "máy chủ hết chỗ kết nối: tăng max_connections hoặc giảm TTHC_THREADS"
           " (no connection is left: raise max_connections or lower TTHC_THREADS)"),
    Reason("option", "invalid connection option|invalid URI|invalid sslmode",
           "tham số sau dấu ? không hợp lệ với libpq (a parameter after ? is unknown to libpq)"),
    Reason("starting", r"starting up|shutting down|terminating connection|recovery mode|server closed"
           "|connection.* (lost|closed|reset)|consuming input failed|Broken pipe|EOF detected",
           "máy chủ đang khởi động hoặc dừng: thử lại sau ít phút (the server starts or stops: try again)"),
    Reason("locked", "database is locked|lock timeout|LockNotAvailable|deadlock detected|could not serialize",
           "cơ sở dữ liệu đang bận: thử lại (the database is busy: try again)"),
)  # fmt: skip

REASON = {reason.name: reason for reason in REASONS}


def reason_of(error: Exception) -> Reason | None:
    """Return the cause that an error of database or disk tells; None for a mistake of ours."""
    text = _message(error)
    return next((reason for reason in REASONS if re.search(reason.pattern, text)), None)


def explain(error: SQLAlchemyError, url: URL) -> str:
    """Return one line for an operator: which setting, which database, what is wrong, what to do."""
    reason = reason_of(error)
    advice = reason.advice if reason else f"không dùng được (cannot be used): {first_line(error)}"
    return f"DATABASE_URL ({shown(url)}): {advice}"


@contextmanager
def explained(url: URL) -> Iterator[None]:
    """Turn an error of the surroundings into one line (DatabaseUnavailable); a mistake of ours keeps its traceback."""
    try:
        yield
    except SQLAlchemyError as error:
        if reason_of(error) is None and not isinstance(error, OperationalError):
            raise
        raise DatabaseUnavailable(explain(error, url)) from None


def _message(error: Exception) -> str:
    original = error.orig if isinstance(error, DBAPIError) else error
    return f"{type(original).__name__}: {original}"


def first_line(error: Exception) -> str:
    """Return what an error says, in one line for a log."""
    return _message(error).strip().splitlines()[0][:200]
