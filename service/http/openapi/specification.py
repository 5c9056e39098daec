"""The OpenAPI 3.1 description, made from the same schemas that validate and that the tests hold answers to."""

from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.common import resolve_schema_cls

from service.http.openapi import national
from service.http.openapi.fields import describe_field
from service.http.openapi.operations import Described, paths
from service.schemas import dossier_input, heartbeat_input, question_input
from service.schemas.answers import dossiers, durations, form, operations, problems, pushes, statistics, views, widget
from service.schemas.answers import national as national_answers

TITLE = "TTHC statistics"
NAMED_SCHEMAS = (
    dossier_input, heartbeat_input, question_input, dossiers, durations, form, national_answers, operations, problems,
    pushes, statistics, views, widget,
)  # fmt: skip
"""The modules whose schemas operations.json names: apispec finds a schema by its name once its module is here."""
_ABOUT = "Số liệu giải quyết thủ tục hành chính mà ai cũng kiểm tra được / Administrative procedure statistics."
_TAGS = {
    "push": "Gửi hồ sơ / Push dossiers",
    "read": "Số liệu công khai / Public statistics",
    "own": "Dữ liệu của chính nguồn / A source's own data",
    "embed": "Nhúng vào trang khác / On other sites",
    "pages": "Trang cho người đọc / Pages for people",
    "national": "Định dạng đồng bộ quốc gia / The national sync format",
    "operate": "Vận hành / Operation",
}


def specification(server: str = "/") -> Described:
    """Return the whole description; `server` is the address under which the public sees the service."""
    spec = _empty(server)
    spec.components.schema("Dossier", schema=dossier_input.DossierSchema)
    for name, schema in national.components().items():
        spec.components.schema(name, schema)
    for path, methods in paths().items():
        spec.path(path, operations=methods)
    described: Described = spec.to_dict()
    return described


def _empty(server: str) -> APISpec:
    plugin = MarshmallowPlugin(schema_name_resolver=_name)
    spec = APISpec(
        TITLE, "1", openapi_version="3.1.0", plugins=[plugin], info=_info(), servers=[{"url": server}],
        tags=[{"name": name, "description": about} for name, about in _TAGS.items()],
    )  # fmt: skip
    assert plugin.converter is not None
    plugin.converter.add_attribute_function(describe_field)  # type: ignore[no-untyped-call]
    spec.components.security_scheme("key", {"type": "http", "scheme": "bearer", "description": "API key of a source"})
    spec.components.security_scheme(
        "metricsToken", {"type": "http", "scheme": "bearer", "description": "TTHC_METRICS_TOKEN"}
    )
    return spec


def _info() -> dict[str, Any]:
    return {
        "summary": "Thống kê giải quyết thủ tục hành chính",
        "description": _ABOUT,
        "contact": {"name": "Đơn vị vận hành dịch vụ này / whoever operates this service"},
        "license": {"name": "Apache License 2.0", "identifier": "Apache-2.0"},
    }


def _name(schema: Any) -> str:
    kind: Any = resolve_schema_cls(schema)
    name: str = kind.__name__
    return name.removesuffix("Schema")
