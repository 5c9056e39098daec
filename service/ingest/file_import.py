"""Import a file: the same road as a push, in the caller's one transaction, with the refused rows written out."""

import csv
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TextIO

from sqlalchemy.orm import Session

from service.domain.calendar.work_calendar import OfficeHours
from service.domain.dossier.events import DossierEvent, Rejection
from service.formats.csv_files import safe_cell
from service.formats.files import Row
from service.formats.headings import FIELDS, FileError, titled
from service.ingest.batch import Summary
from service.ingest.pipeline import Ingest, IngestResult, Sender

REASON = "Lý do từ chối"


class DryRun(Exception):
    """What an import would do: the caller's transaction must not be committed."""

    def __init__(self, summary: Summary) -> None:
        """Keep what would happen."""
        super().__init__("dry run: nothing is stored")
        self.summary = summary


@dataclass
class RejectedRows:
    """Writes refused rows as CSV: the known columns, and why in a last one. Unknown columns never get here."""

    file: TextIO
    names: tuple[str, ...] = ()
    count: int = 0

    def add(self, row: Row, errors: Mapping[str, list[str]]) -> None:
        """Write one refused row; the first one decides which columns there are."""
        writer = csv.writer(self.file)
        if not self.count:
            self.names = tuple(row.shown) or FIELDS
            writer.writerow([*(titled(name) for name in self.names), REASON])
        self.count += 1
        told = "; ".join(f"{field}: {' '.join(texts)}" for field, texts in errors.items())
        cells = [safe_cell(row.shown.get(name, "")) for name in self.names]
        writer.writerow([*cells, f"Dòng (row) {row.number}: {told}"])


def import_rows(
    session: Session,
    sender: Sender,
    rows: Iterable[Row],
    now: datetime,
    hours: OfficeHours,
    rejected: RejectedRows,
    dry_run: bool = False,
    limit: int | None = None,
) -> Summary:
    """File rows in order; memory holds a chunk of them. With `dry_run`, DryRun is raised at the end.

    limit: the most rows; FileError beyond it, so that nothing is half-applied.
    """
    ingest, summary, waiting = Ingest(session, sender, now, hours), Summary(), deque[Row]()

    def news() -> Iterator[DossierEvent | Rejection]:
        for count, row in enumerate(rows):
            if limit is not None and count >= limit:
                raise FileError(f"Tối đa {limit} dòng một tệp; hãy chia nhỏ (too many rows; split the file)")
            waiting.append(row)
            yield row.news

    for receipt in ingest.file(news()):
        row = waiting.popleft()
        summary.add(receipt)
        if receipt.errors:
            rejected.add(row, receipt.errors)
            _number(summary, row.number, receipt)
    if dry_run:
        raise DryRun(summary)
    ingest.close()
    return summary


def _number(summary: Summary, number: int, receipt: IngestResult) -> None:
    """Name the row in a rejection that was listed just now."""
    last: dict[str, Any] | None = summary.rejections[-1] if summary.rejections else None
    if last is not None and last["errors"] is receipt.errors:
        last["row"] = number
