"""Commands on sources (phần mềm một cửa) and their keys."""

import click
from flask.cli import AppGroup

from service.cli.common import now, parts
from service.domain.calendar.local_time import local_clock
from service.store import sources

sources_group = AppGroup("sources", help="Nguồn gửi hồ sơ và khóa API / sources and their keys.")


@sources_group.command("add")
@click.argument("code")
@click.option("--name", help="tên / name")
def sources_add(code: str, name: str | None) -> None:
    """Add a source; its API key is printed once, alone, on the last line."""
    with parts().database.writing() as session:
        key = sources.add(session, code, name, now())
    click.echo(f"Đã thêm nguồn {code}. Khóa API chỉ hiện một lần (shown only once):", err=True)
    click.echo(key)


@sources_group.command("list")
def sources_list() -> None:
    """List the sources."""
    with parts().database.reading() as session:
        for row in sources.all_sources(session):
            pushed = local_clock(row.last_push_at) if row.last_push_at else "–"
            state = "đã khóa / disabled" if row.disabled_at else "đang hoạt động / active"
            click.echo(f"{row.code}\t{row.name or ''}\t{state}\t{pushed}\tok-code {row.ok_code}")


@sources_group.command("rotate")
@click.argument("code")
def sources_rotate(code: str) -> None:
    """Give a source a new key; the old one stops at once."""
    with parts().database.writing() as session:
        key = sources.rotate(session, code)
        disabled = sources.is_disabled(session, code)
    click.echo(f"Khóa cũ của {code} đã hết hiệu lực (the old key no longer works):", err=True)
    if disabled:
        click.echo(
            f"Nguồn {code} đang bị khóa: khóa mới chưa dùng được, chạy `sources enable {code}`"
            " (the source is disabled: the new key works once it is enabled)",
            err=True,
        )
    click.echo(key)


@sources_group.command("disable")
@click.argument("code")
def sources_disable(code: str) -> None:
    """Take nothing more from a source."""
    with parts().database.writing() as session:
        sources.disable(session, code, now())
    click.echo(f"Đã khóa nguồn {code} (disabled)", err=True)


@sources_group.command("enable")
@click.argument("code")
def sources_enable(code: str) -> None:
    """Take pushes from a disabled source again, with the key that it has."""
    with parts().database.writing() as session:
        sources.enable(session, code)
    click.echo(f"Đã mở lại nguồn {code} (enabled)", err=True)


@sources_group.command("set")
@click.argument("code")
@click.option("--ok-code", help="mã thành công mà nguồn chờ, ví dụ 00 / what it reads as success")
@click.option(
    "--derive-pauses/--no-derive-pauses",
    default=None,
    help="suy ra lần tạm dừng từ trạng thái 5, 6 khi nguồn không gửi pauses / derive pauses from statuses",
)
def sources_set(code: str, ok_code: str | None, derive_pauses: bool | None) -> None:
    """Set what a source reads as success in the national format, or whether its statuses tell pauses."""
    if ok_code is None and derive_pauses is None:
        raise click.UsageError("Dùng --ok-code hoặc --derive-pauses (use one of these options)")
    with parts().database.writing() as session:
        if ok_code is not None:
            sources.set_ok_code(session, code, ok_code)
        if derive_pauses is not None:
            sources.set_derive_pauses(session, code, derive=derive_pauses)
        row = sources.find(session, code)
        derived = "có / yes" if row.derive_pauses else "không / no"
        told = f"{code}: ok-code {row.ok_code}, suy ra tạm dừng / derive pauses: {derived}"
    click.echo(told, err=True)


@sources_group.command("transfer")
@click.argument("old")
@click.argument("new")
def sources_transfer(old: str, new: str) -> None:
    """Hand the dossiers of a source to another one, as when the vendor changes; numbers and keys stay."""
    with parts().database.writing() as session:
        moved = sources.transfer(session, old, new)
    parts().answers.forget()
    click.echo(f"Đã chuyển {moved} hồ sơ từ {old} sang {new} (dossiers handed over)", err=True)
