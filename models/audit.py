"""What operators did."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Instant


class AuditEntry(Base):
    """A command that changes something: who ran it, and how it ended (None: it still runs, or was killed)."""

    __tablename__ = "audit_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
    actor: Mapped[str] = mapped_column(String(64))
    act: Mapped[str] = mapped_column(String(300))
    outcome: Mapped[str | None] = mapped_column(String(10))
