"""Commands: `flask --app wsgi <command>`. Each is thin: it calls what HTTP and jobs call, too."""

from flask import Flask

from service.cli.audit import audit_command, audited
from service.cli.catalogue import calendar_group, deadlines_group, procedures_group, units_group
from service.cli.common import tell_refusals
from service.cli.database import db, demo_group, tallies_group
from service.cli.doctor import doctor
from service.cli.dossiers import dossiers_group
from service.cli.duplicates import duplicates_group
from service.cli.sources import sources_group
from service.cli.statistics import quality_command, stats

COMMANDS = (
    db, doctor, sources_group, units_group, procedures_group, calendar_group, deadlines_group, dossiers_group,
    duplicates_group, stats, quality_command, tallies_group, demo_group, audit_command,
)  # fmt: skip

for _command in COMMANDS:
    tell_refusals(_command, needs_schema=_command not in (db, doctor), around=audited)


def register(app: Flask) -> None:
    """Add the commands to the application."""
    for command in COMMANDS:
        app.cli.add_command(command)
