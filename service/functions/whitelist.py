"""What a caller's programs may call, and what is told about it: stubs, prompt, definitions of tools."""

from collections.abc import Iterable, Mapping
from typing import Any

from sandbox.dispatch import HostFunction
from sandbox.engines.table import AUTO, WHOLE
from sandbox.limits import Limits
from service.errors import Fault, SubmissionRejected
from service.functions import texts, tools
from service.functions.registry import Registry
from service.images import Images, NamedImage

_NO_TOOL = "cannot be a tool: a tool's name has 1 to 64 letters of ASCII, digits, `_` and `-`"


class Whitelist:
    """The functions of one tenant."""

    def __init__(
        self, registry: Registry, *, limits: Limits, engine: str, versions: Mapping[str, str], images: Images
    ) -> None:
        self._registry = registry
        self._limits = limits
        self._engine = engine
        self._versions = versions
        self._images = images

    def functions(self) -> list[HostFunction]:
        """Return all."""
        return list(self._registry.values())

    def function(self, name: str) -> HostFunction:
        """Return one function.

        Raises:
            FunctionNotAllowed: it is beyond the rights of the tenant.
            FunctionNotFound: it is not registered.
        """
        return self._registry.find(name)

    def images(self) -> list[NamedImage]:
        """Return the guest images that programs may name."""
        return self._images.all()

    def stub_file(self, *, mode: texts.Mode) -> str:
        """Return the whitelist as a `.pyi` file."""
        return texts.stub_file(self._registry.values(), mode=mode)

    def prompt(self, names: Iterable[str] | None, *, engine: str | None = None, image: str | None = None) -> str:
        """Return the text to give a model, with some of the functions, or all, and the packages of a guest image.

        Raises:
            SubmissionRejected: a function, the engine or the image is unknown.
            FunctionNotAllowed: a function is beyond the rights of the tenant.
            ImageNotReady: the image is being built, or could not be.
        """
        chosen, faults = self._chosen(names)
        wanted = self._engine if engine is None else engine
        # What any engine may run, the one that runs everything does.
        wanted = WHOLE if wanted == AUTO else wanted
        if wanted not in self._versions:
            known = ", ".join(f'"{name}"' for name in (*self._versions, AUTO))
            faults.append(Fault(pointer="?engine", message=f"is not available; engines of this service: {known}"))
        packages = self._packages(image, faults)
        if faults:
            raise SubmissionRejected(faults)
        return texts.prompt(
            chosen, limits=self._limits, engine=wanted, engine_version=self._versions[wanted], packages=packages
        )

    def _packages(self, image: str | None, faults: list[Fault]) -> list[str]:
        try:
            return [] if image in (None, "auto") else self._images.packages(str(image))
        except KeyError:
            faults.append(Fault(pointer="?image", message=f"is not available; {self._images.advice()}"))
            return []

    def tool_definitions(self, names: Iterable[str] | None, *, provider: tools.Provider) -> list[dict[str, Any]]:
        """Return some of the functions, or all that can be, as tools of a provider's.

        Raises:
            SubmissionRejected: a function is unknown, or was named and cannot be a tool.
            FunctionNotAllowed: a function is beyond the rights of the tenant.
        """
        chosen, faults = self._chosen(names)
        faults += [
            Fault(pointer="?functions", message=f'function "{one.name[:100]}" {_NO_TOOL}')
            for one in chosen
            if names is not None and not tools.can_be_tool(one)
        ]
        if faults:
            raise SubmissionRejected(faults)
        return tools.tool_definitions(chosen, provider=provider)

    def _chosen(self, names: Iterable[str] | None) -> tuple[list[HostFunction], list[Fault]]:
        """Return the functions of these names, and what is wrong with the others."""
        wanted = list(dict.fromkeys(self._registry if names is None else names))
        for name in wanted:
            self._registry.check_allowed(name)
        faults = [
            Fault(
                pointer="?functions",
                message=f'function "{name[:100]}" is not registered; {self._registry.advice(name)}',
            )
            for name in wanted
            if name not in self._registry
        ]
        return [self._registry[name] for name in wanted if name in self._registry], faults
