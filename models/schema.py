"""Which programs can work on this schema."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class CompatibleRevision(Base):
    """The newest revision that a program knows: such a program works on this revision of the schema, too."""

    __tablename__ = "compatible_revision"

    schema_revision: Mapped[str] = mapped_column(String(64), primary_key=True)
    revision: Mapped[str] = mapped_column(String(64), primary_key=True)
