"""For those who extend tasks and run them elsewhere, under the names of `flyte.extend`."""

from sandbox.extend.bundle import CodeBundle, download_code_bundle, template_of_bundle, write_code_bundle
from sandbox.extend.flyte_templates import to_flyte
from sandbox.extend.images import ImageBuildEngine
from sandbox.extend.pods import pod_spec_from_resources
from sandbox.extend.protos import get_proto_resources
from sandbox.local import is_initialized
from sandbox.options import PRIMARY_CONTAINER_DEFAULT_NAME
from sandbox.templates.documents import document_text
from sandbox.templates.function import AsyncFunctionTaskTemplate
from sandbox.templates.plugins import TaskPluginRegistry
from sandbox.templates.reading import template_of_text
from sandbox.templates.template import TaskTemplate

__all__ = [
    "PRIMARY_CONTAINER_DEFAULT_NAME",
    "AsyncFunctionTaskTemplate",
    "CodeBundle",
    "ImageBuildEngine",
    "TaskPluginRegistry",
    "TaskTemplate",
    "document_text",
    "download_code_bundle",
    "get_proto_resources",
    "is_initialized",
    "pod_spec_from_resources",
    "template_of_bundle",
    "template_of_text",
    "to_flyte",
    "write_code_bundle",
]
