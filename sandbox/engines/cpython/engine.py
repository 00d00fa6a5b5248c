"""The `cpython` engine, parent's side: workers that hold isolates, and what they say of programs."""

from collections.abc import Callable
from pathlib import Path

from sandbox.compiled import bound, refusal_of
from sandbox.engines.cpython import artifact
from sandbox.engines.cpython.launch import launch_worker
from sandbox.engines.cpython.surveying import surveyed
from sandbox.engines.saying import say_nothing
from sandbox.engines.workers.pool import WorkerPool
from sandbox.engines.workers.process import Launch
from sandbox.limits import Limits
from sandbox.turns import Compilation, Program, Returned

MAX_LIVE_PER_WORKER = 900


class CPythonEngine(WorkerPool):
    """CPython 3.14 in WebAssembly, a fresh isolate for every execution.

    Args:
        workers: how many worker processes; default: the cores that this process may use, and two.
        live_per_worker: how many executions live in one at a time; further programs wait, interruptible ones give way.
        require_walls: do not open where the kernel lacks a wall of the worker processes.
        guest: the component that its workers run; default: the one that ships.
        launch: starts a worker process.
        say: is told in a line when the guest has to be compiled, which walls are missing, how a worker ended that was
            not told to; default: nobody.
    """

    name = "cpython"

    def __init__(
        self,
        *,
        workers: int | None = None,
        live_per_worker: int = MAX_LIVE_PER_WORKER,
        require_walls: bool = False,
        guest: Path = artifact.GUEST,
        launch: Launch = launch_worker,
        say: Callable[[str], None] = say_nothing,
    ) -> None:
        super().__init__(
            version=artifact.engine_version(None if guest == artifact.GUEST else artifact.digest_of(guest)),
            launch=launch,
            workers=workers,
            live_per_worker=live_per_worker,
            require_walls=require_walls,
            say=say,
        )
        self._guest = guest

    def material(self) -> Path:
        """Return the compiled guest, which is compiled first when this machine has not done so yet."""
        # Asked for anew with every worker: whoever cleans up caches may have removed the file.
        return artifact.compiled_guest(self._say, guest=self._guest)

    async def compile(self, program: Program, *, limits: Limits) -> Compilation:
        """Compile a program in a fresh isolate, without running any of it; see `sandbox.engine.Engine`."""
        progress = await self.compiled(program, limits)
        if isinstance(progress, Returned) and (made := surveyed(progress.value, program.source)) is not None:
            text, survey = made
            code = bound(text, program, engine_version=self.version)
            return Compilation(code=code, survey=survey, notes=progress.notes)
        return Compilation(error=refusal_of(progress), notes=progress.notes)

    async def suits(self, program: Program) -> bool:  # noqa: ARG002 - it is what the others are compared with
        """Say that it runs every program."""
        return True
