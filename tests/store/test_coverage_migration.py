"""The days on which units were heard are worked out from the versions that are there when the schema is upgraded."""

from datetime import UTC, date, datetime

import time_machine
from alembic import command
from sqlalchemy import select

from models.base import table_of
from models.catalogue import UnitHeard
from service.store import catalogue, migrations
from service.store.database import Database
from tests.support.client import Client, dossier

BEFORE = "derive_pauses"


def test_the_days_of_earlier_news_are_local_days(client: Client, database: Database) -> None:
    for moment in ("2023-10-03T16:59:00", "2023-10-03T17:01:00"):  # 23:59 and 00:01 in Viet Nam
        with time_machine.travel(datetime.fromisoformat(moment).replace(tzinfo=UTC), tick=False):
            client.push(dossier(moment, changed_at="2023-10-02T08:00:00+07:00"))
    database.engine.dispose()
    command.downgrade(migrations.alembic_config(database), BEFORE)
    migrations.upgrade(database)
    with database.reading() as session:
        days = [*session.scalars(select(table_of(UnitHeard).c.day).order_by("day"))]
        unit = catalogue.unit_tree(session).units["H23.45"]
    assert days == [date(2023, 10, 3), date(2023, 10, 4)]
    assert unit.heard_on == date(2023, 10, 4)
