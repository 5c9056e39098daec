"""Imports of procedures and days, as an operator makes them."""

from pathlib import Path

from flask import Flask

from service.domain.procedures import TimeLimit

PROCEDURES = "code,name,field_code,field_name,limit_amount,limit_unit"
PROCEDURES_BY_DATE = f"{PROCEDURES},valid_from,valid_to"
DAYS = "date,working,reason"


class Operator:
    """Imports files with the commands."""

    def __init__(self, app: Flask, folder: Path) -> None:
        """Write the files to this folder."""
        self._runner = app.test_cli_runner()
        self._path = folder / "import.csv"

    def imports(self, what: str, *lines: str) -> str:
        """Import lines of CSV, headings first; return what the command says."""
        self._path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return self.runs(what, "import", str(self._path))

    def limits(self, *lines: str) -> str:
        """Import procedures given as `code,amount,unit`."""
        rows = [line.split(",") for line in lines]
        return self.imports("procedures", PROCEDURES, *(f"{code},,,,{amount},{unit}" for code, amount, unit in rows))

    def time_limits(self, limits: dict[str, TimeLimit]) -> str:
        """Import the time limits of procedures."""
        return self.limits(*(f"{code},{limit.amount},{limit.unit.value}" for code, limit in limits.items()))

    def days(self, *lines: str) -> str:
        """Import decisions on days given as `date,yes or no`."""
        return self.imports("calendar", DAYS, *(f"{line},decided" for line in lines))

    def runs(self, *words: str) -> str:
        """Run a command that succeeds; return what it says."""
        result = self._runner.invoke(args=list(words))
        assert result.exit_code == 0, result.output
        return result.output
