"""The OpenAPI 3.1 description, made from the schemas that validate what comes in and that tests hold answers to."""

from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.common import resolve_schema_cls

from service.domain.json_beside import json_beside
from service.http.openapi import national
from service.http.openapi.fields import describe_field
from service.http.openapi.operations import Described, paths
from service.schemas import dossier_input, heartbeat_input, question_input
from service.schemas.answers import dossiers, durations, form, operations, pushes, statistics, widget
from service.schemas.answers import national as national_answers

TITLE = "TTHC statistics"
NAMED_SCHEMAS = (
    dossier_input, heartbeat_input, question_input, dossiers, durations, form, national_answers, operations, pushes,
    statistics, widget,
)  # fmt: skip
"""The modules whose schemas operations.json names: apispec finds a schema by its name once its module is here."""
_ABOUT = json_beside(__file__)


def specification(server: str = "/") -> Described:
    """Return the whole description; `server` is the address under which the public sees the service."""
    plugin = MarshmallowPlugin(schema_name_resolver=_name)
    about = {"info": _ABOUT["info"], "tags": _ABOUT["tags"], "servers": [{"url": server}]}
    spec = APISpec(TITLE, "1", openapi_version="3.1.0", plugins=[plugin], **about)
    assert plugin.converter is not None
    plugin.converter.add_attribute_function(describe_field)  # type: ignore[no-untyped-call]
    for name, scheme in _ABOUT["security"].items():
        spec.components.security_scheme(name, scheme)
    spec.components.schema("Dossier", schema=dossier_input.DossierSchema)
    for name, schema in national.components().items():
        spec.components.schema(name, schema)
    for path, methods in paths().items():
        spec.path(path, operations=methods)
    described: Described = spec.to_dict()
    return described


def _name(schema: Any) -> str:
    kind: Any = resolve_schema_cls(schema)
    return str(kind.__name__).removesuffix("Schema")
