"""Which programs work on this schema."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class CompatibleRevision(Base):
    """A program whose newest revision is `revision` works on a database at `schema_revision`, too."""

    __tablename__ = "compatible_revision"

    schema_revision: Mapped[str] = mapped_column(String(64), primary_key=True)
    revision: Mapped[str] = mapped_column(String(64), primary_key=True)
