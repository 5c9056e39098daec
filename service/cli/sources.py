"""Commands on sources (phần mềm một cửa) and their keys."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import click
from flask.cli import AppGroup

from models.sources import SCOPES, Source
from service.cli.common import components, now
from service.domain.calendar.local_time import day_start, local_clock
from service.domain.units import as_asked
from service.formats.messages import told
from service.formats.registers.headings import key, named
from service.store import sources

sources_group = AppGroup("sources", help="Nguồn gửi hồ sơ và khóa API / sources and their keys.")
_DAY = click.DateTime(["%Y-%m-%d"])
_UNTIL = click.option("--until", type=_DAY, help="ngày cuối khóa còn dùng được / last day on which the key works")


@sources_group.command("add")
@click.argument("code")
@click.option("--name", help="tên / name")
@click.option("--test", "is_test", is_flag=True, help="nguồn thử: hồ sơ không bao giờ được tính / a sandbox")
@_UNTIL
def sources_add(code: str, name: str | None, until: datetime | None, is_test: bool) -> None:
    """Add a source; its API key is printed once, alone, on the last line."""
    with components().database.writing() as session:
        key = sources.add(session, code, name, now(), _end_of(until), is_test=is_test)
    click.echo(f"Đã thêm nguồn {code}. Khóa API chỉ hiện một lần (shown only once):", err=True)
    click.echo(key)


def _end_of(day: datetime | None) -> datetime | None:
    return day_start(day.date() + timedelta(days=1)) if day else None


@sources_group.command("list")
def sources_list() -> None:
    """List the sources: code, name, state, last push, last use of the key, and what the key may do."""
    with components().database.reading() as session:
        for row in sources.all_sources(session):
            click.echo("\t".join(_columns(row)))


def _columns(row: Source) -> Iterator[str]:
    ended = row.key_until is not None and row.key_until <= now()
    works = "khóa API hết hạn / key ended" if ended else "đang hoạt động / active"
    yield from (row.code, row.name or "", "đã khóa / disabled" if row.disabled_at else works)
    yield local_clock(row.last_push_at) if row.last_push_at else "–"
    yield f"ok-code {row.ok_code}"
    if row.is_test:
        yield "nguồn thử, không tính / test, never counts"
    yield f"dùng lần cuối / last used {row.key_used_on or '–'}"
    yield f"quyền / scopes {row.scopes}"
    yield f"suy ra tạm dừng / derive pauses: {'có / yes' if row.derive_pauses else 'không / no'}"
    yield f"đơn vị / unit {row.unit_code or 'mọi / any'}"
    if row.key_until:
        yield f"hết hạn / until {local_clock(row.key_until)}"
    if row.former_until and row.former_until > now():
        yield f"khóa cũ còn đến / former key until {local_clock(row.former_until)}"


@sources_group.command("rotate")
@click.argument("code")
@click.option("--overlap", type=click.IntRange(0, 720), default=0, help="giờ khóa cũ còn dùng / hours for the old key")
@_UNTIL
def sources_rotate(code: str, overlap: int, until: datetime | None) -> None:
    """Give a source a new key; the old one stops at once, or after the overlap."""
    with components().database.writing() as session:
        key = sources.rotate(session, code, now(), timedelta(hours=overlap), _end_of(until))
        disabled = sources.find(session, code).disabled_at is not None
    ends = f"còn dùng {overlap} giờ (works for so many hours more)" if overlap else "đã hết hiệu lực (no longer works)"
    click.echo(f"Khóa cũ của {code} {ends}:", err=True)
    if disabled:
        click.echo(told("rotated_disabled", code=code), err=True)
    click.echo(key)


@sources_group.command("disable")
@click.argument("code")
def sources_disable(code: str) -> None:
    """Take nothing more from a source."""
    with components().database.writing() as session:
        sources.set_disabled(session, code, now())
    click.echo(f"Đã khóa nguồn {code} (disabled)", err=True)


@sources_group.command("enable")
@click.argument("code")
def sources_enable(code: str) -> None:
    """Take pushes from a disabled source again, with the key that it has."""
    with components().database.writing() as session:
        sources.set_disabled(session, code, None)
    click.echo(f"Đã mở lại nguồn {code} (enabled)", err=True)


@sources_group.command("set")
@click.argument("code")
@click.option("--ok-code", help="mã thành công mà nguồn chờ, ví dụ 00 / what it reads as success")
@click.option("--derive-pauses/--no-derive-pauses", default=None, help="suy ra tạm dừng từ trạng thái 5, 6 / by status")
@click.option("--unit", help="chỉ gửi cho đơn vị này và cấp dưới, rỗng: mọi đơn vị / bind to a unit, empty: any")
@click.option("--scopes", help=f"quyền của khóa, cách nhau bằng dấu phẩy / rights of the key: {','.join(SCOPES)}")
@click.option("--until", help="ngày cuối khóa còn dùng được, rỗng: không có hạn / last day of the key, empty: no end")
def sources_set(
    code: str, ok_code: str | None, derive_pauses: bool | None, unit: str | None, scopes: str | None, until: str | None
) -> None:
    """Set what a source reads as success, whether its statuses tell pauses, and what its key is good for."""
    if (ok_code, derive_pauses, unit, scopes, until) == (None,) * 5:
        raise click.UsageError("Dùng ít nhất một tùy chọn, xem --help (use one of the options)")
    with components().database.writing() as session:
        if ok_code is not None:
            sources.set_ok_code(session, code, ok_code)
        if derive_pauses is not None:
            sources.set_derive_pauses(session, code, derive=derive_pauses)
        if unit is not None:
            sources.bind(session, code, as_asked(unit) or None)
        if scopes is not None:
            sources.set_scopes(session, code, scopes.replace(" ", "").split(","))
        if until is not None:
            sources.find(session, code).key_until = _end_of(_DAY.convert(until, None, None)) if until else None
        click.echo("\t".join(_columns(sources.find(session, code))), err=True)


@sources_group.command("headings")
@click.argument("code")
@click.option("--forget", multiple=True, metavar="'TIÊU ĐỀ'", help="quên tiêu đề này, lần nhập sau hỏi lại / forget it")
def sources_headings(code: str, forget: tuple[str, ...]) -> None:
    """List what was said of headings of a source's files (--map, --ignore) and is kept for the next ones."""
    with components().database.writing() as session:
        source_id = sources.find(session, code).id
        if unknown := [heading for heading in forget if key(heading) not in sources.headings(session, source_id)]:
            raise click.UsageError(told("no_kept_heading", named="; ".join(unknown)))
        sources.keep_headings(session, source_id, {key(heading): None for heading in forget})
        for heading, name in sorted(sources.headings(session, source_id).items()):
            click.echo(f"{heading} → {named(name) if name else 'bỏ qua (left unread)'}")


@sources_group.command("transfer")
@click.argument("old")
@click.argument("new")
def sources_transfer(old: str, new: str) -> None:
    """Hand the dossiers of a source to another one, as when the vendor changes; numbers and keys stay."""
    with components().database.writing() as session:
        moved = sources.transfer(session, old, new)
    components().answers.clear()
    click.echo(f"Đã chuyển {moved} hồ sơ từ {old} sang {new} (dossiers handed over)", err=True)
