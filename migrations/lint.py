"""Lint the SQL of the migrations, as PostgreSQL gets it, with squawk (make lint)."""

import io
import subprocess
import sys
import tempfile
from pathlib import Path

from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import Script, ScriptDirectory

HERE = Path(__file__).parent
OLDER = frozenset("0002 job_run_words catalogue_versions dossier_warning_kinds coverage closed_late key_rights".split())  # noqa: SIM905
"""Released before this check, or with an index on the few rows of `source`; a released migration never changes."""


def sql_of(script: Script) -> str:
    """Return the SQL of a migration for PostgreSQL, in its transaction."""
    out = io.StringIO()
    options = {"as_sql": True, "literal_binds": True, "output_buffer": out, "transactional_ddl": True}
    with Operations.context(MigrationContext.configure(dialect_name="postgresql", opts=options)):
        script.module.upgrade()
    return f"BEGIN;\n{out.getvalue()}COMMIT;\n"


def main(scripts: Path = HERE, exempt: frozenset[str] = OLDER) -> int:
    """Lint all migrations but the exempt ones; return squawk's exit code."""
    with tempfile.TemporaryDirectory() as place:
        files = []
        for script in ScriptDirectory(str(scripts)).walk_revisions():
            if script.revision not in exempt:
                files.append(Path(place) / f"{script.revision}.sql")
                files[-1].write_text(sql_of(script), encoding="utf-8")
        squawk = Path(sys.executable).with_name("squawk")
        return subprocess.run([squawk, "--config", HERE / "squawk.toml", *files], check=False).returncode  # noqa: S603


if __name__ == "__main__":
    sys.path.insert(0, str(HERE.parent))
    sys.exit(main())
