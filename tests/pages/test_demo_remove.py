"""The demonstration goes without a trace, and leaves what others sent as it was."""

from datetime import UTC, datetime

from flask import Flask
from sqlalchemy import func, select

from models.base import Base
from service.components import Components
from service.store import sources
from tests.support.client import Client, dossier
from tests.support.tallies import differences


def remove(app: Flask) -> str:
    told = app.test_cli_runner().invoke(args=["demo", "remove"])
    assert told.exit_code == 0, told.output
    return told.stderr


def test_a_service_without_anything_else_is_empty_afterwards(demo_copy: Flask) -> None:
    parts: Components = demo_copy.extensions["tthc"]
    assert "hồ sơ minh họa" in remove(demo_copy)
    with parts.database.reading() as session:
        left = {
            name: session.scalar(select(func.count()).select_from(table))
            for name, table in Base.metadata.tables.items()
            if name not in ("catalogue_version", "compatible_revision", "audit_entry")
        }
        assert set(left.values()) == {0}, left
        assert differences(session) == []


def test_what_others_sent_stays(demo_copy: Flask) -> None:
    parts: Components = demo_copy.extensions["tthc"]
    with parts.database.writing() as session:
        key = sources.add(session, "mot-cua", None, datetime.now(UTC))
    client = Client(demo_copy.test_client(), key)
    client.push(dossier("A-1", unit_code="H23.45.01"))
    remove(demo_copy)
    counts = client.stats(period="2023", as_of="2023-10-05T08:00:00+07:00")["counts"]
    assert counts["received"] == 1
    left = {unit["code"] for unit in client.get("/api/v1/units").json["units"]}
    assert left == {"H23", "H23.45", "H23.45.01"}
    with parts.database.reading() as session:
        assert differences(session) == []


def test_a_field_of_the_demonstration_names_nothing_of_others(demo_copy: Flask) -> None:
    parts: Components = demo_copy.extensions["tthc"]
    with parts.database.writing() as session:
        client = Client(demo_copy.test_client(), sources.add(session, "mot-cua", None, datetime.now(UTC)))
    client.push(dossier("A-1", field_name="ĐẤT ĐAI"))
    asked = {"period": "2023", "as_of": "2023-10-05", "group_by": "field"}
    assert "G10-DD01" in [group["key"]["code"] for group in client.stats(**asked)["groups"]]
    remove(demo_copy)
    assert [group["key"] for group in client.stats(**asked)["groups"]] == [{"code": "ĐẤT ĐAI", "name": "ĐẤT ĐAI"}]


def test_without_a_demonstration_it_says_so(app: Flask) -> None:
    told = app.test_cli_runner().invoke(args=["demo", "remove"])
    assert (told.exit_code, "demo" in told.stderr) == (2, True)
