"""Import a file: the same road as a push, in one transaction, with the refused rows written out."""

import csv
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TextIO

from service.components import Components
from service.domain.dossier.events import DossierEvent, Rejection
from service.formats.csv_files import safe_cell
from service.formats.files import Row
from service.formats.headings import FIELDS, FileError, titled
from service.ingest.batch import LISTED, Clock, Summary, ingest
from service.ingest.pipeline import IngestResult, Sender

REASON = "Lý do từ chối"


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
    parts: Components,
    sender: Sender,
    rows: Iterable[Row],
    clock: Clock,
    rejected: RejectedRows,
    *,
    dry_run: bool = False,
    limit: int | None = None,
) -> Summary:
    """File rows in order, in one transaction; memory holds a chunk of them. A dry run stores nothing.

    limit: the most rows; FileError beyond it, so that nothing is half-applied.
    """
    waiting, numbers = deque[Row](), list[int]()

    def events() -> Iterator[DossierEvent | Rejection]:
        for count, row in enumerate(rows):
            if limit is not None and count >= limit:
                raise FileError(f"Tối đa {limit} dòng một tệp; hãy chia nhỏ (too many rows; split the file)")
            waiting.append(row)
            yield row.news

    def take(result: IngestResult) -> None:
        row = waiting.popleft()
        if result.errors:
            rejected.add(row, result.errors)
            if len(numbers) < LISTED:
                numbers.append(row.number)

    summary = ingest(parts, sender, events(), clock, dry_run=dry_run, on_result=take)
    for rejection, number in zip(summary.rejections, numbers, strict=False):
        rejection["row"] = number
    return summary
