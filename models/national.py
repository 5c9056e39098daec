"""Sessions of the national sync format."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Instant


class NationalSession(Base):
    """A session that a source opened with its key; of its token only a hash is kept.

    key_id is the key it was opened with: a session dies with its key, without being told.
    """

    __tablename__ = "national_session"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"))
    key_id: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)

    __table_args__ = (Index(None, "expires_at"),)
