"""
The API described: OpenAPI 3.1 at /api/v1/openapi.json, and a page of it at /api/v1/docs that needs no script.

The framework knows paths, parameters and answers; bodies are read from raw bytes, so each handler names its model
(`operation_class=takes(Model)`). What holds for every call (problems, Idempotency-Key, the token) is added here.
"""

from dataclasses import dataclass
from typing import Any

from litestar import Request, Response, Router, get
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import OpenAPIMediaType, Operation, Reference, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIType
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from roundtables.web.answers import page
from roundtables.web.api import Problem

AnyRequest = Request[Any, Any, Any]
REF = "#/components/schemas/{model}"
BODIES: dict[str, type[BaseModel]] = {"Problem": Problem}
METHODS = ("get", "post", "put", "patch", "delete")
KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": {"type": "string", "maxLength": 255},
    "description": "The same key and body again give the same answer and one effect; another body 422.",
}
PROBLEMS = {
    "400": "The request cannot be read.",
    "401": "No valid token.",
    "403": "The role of the token may not do this.",
    "404": "Nothing of that number is yours.",
    "409": "Refused, with the reason.",
    "422": "Fields that cannot be taken, each named.",
}
INTRODUCTION = """Every call carries `Authorization: Bearer TOKEN`. Bodies and answers are JSON; times are RFC 3339
and carry their offset. A list answers `items` and `next`: hand `next` back as `cursor` until it is null.
What goes wrong is told as application/problem+json."""


def takes(model: type[BaseModel], *, needed: bool = True) -> type[Operation]:
    """The description of a call whose JSON body is `model`."""
    BODIES[model.__name__] = model
    content = {"application/json": OpenAPIMediaType(schema=Reference(ref=REF.format(model=model.__name__)))}
    return _with_body(RequestBody(content=content, required=needed))


def takes_raw(media_type: str, description: str) -> type[Operation]:
    """The description of a call whose body is bytes of `media_type`."""
    schema = Schema(type=OpenAPIType.STRING, content_media_type=media_type, description=description)
    return _with_body(RequestBody(content={media_type: OpenAPIMediaType(schema=schema)}, required=True))


def _with_body(body: RequestBody) -> type[Operation]:
    @dataclass
    class Taking(Operation):
        def __post_init__(self) -> None:
            self.request_body = body

    return Taking


def config(opt: dict[str, Any]) -> OpenAPIConfig:
    """For the application; its own routes stay out of the way of ours, and say `opt`."""
    return OpenAPIConfig(
        title="Roundtables",
        version="1",
        description=INTRODUCTION,
        openapi_router=Router("/api/v1/openapi", route_handlers=[], opt=opt, include_in_schema=False),
        use_handler_docstrings=True,
        render_plugins=[JsonRenderPlugin()],
    )


def described(request: AnyRequest) -> dict[str, Any]:
    """The whole OpenAPI document."""
    document = request.app.openapi_schema.to_schema()
    document["paths"] = {path: item for path, item in document["paths"].items() if path.startswith("/api/v1/")}
    for item in document["paths"].values():
        for method in METHODS:
            if method in item:
                _complete(item[method], method)
    components = document.setdefault("components", {})
    _, bodies = models_json_schema([(model, "validation") for model in BODIES.values()], ref_template=REF)
    components["schemas"] = {**components.get("schemas", {}), **bodies["$defs"]}
    components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    document["security"] = [{"token": []}]
    return document


def _complete(operation: dict[str, Any], method: str) -> None:
    operation["summary"] = operation.get("description", operation["summary"]).partition(".")[0]
    if method == "post":
        operation.setdefault("parameters", []).append(KEY)
    content = {"application/problem+json": {"schema": {"$ref": REF.format(model="Problem")}}}
    problems = {status: {"description": words, "content": content} for status, words in PROBLEMS.items()}
    operation["responses"] = {**operation.get("responses", {}), **problems}


@get("/openapi.json", sync_to_thread=True, include_in_schema=False)
def document(request: AnyRequest) -> Response[dict[str, Any]]:
    """The OpenAPI document."""
    return Response(described(request), media_type="application/json")


@get("/docs", sync_to_thread=True, include_in_schema=False)
def reading(request: AnyRequest) -> Response[str]:
    """The same to read, on one page without script."""
    site = {"name": "Roundtables", "accent": "#7b2150"}
    return page("web/api.html", site=site, api=described(request), methods=METHODS, problems=PROBLEMS)


HANDLERS = [document, reading]
