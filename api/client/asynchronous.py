"""The client for asyncio; see `blocking` for plain code. The two differ in what is awaited, and in nothing else."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from types import TracebackType
from typing import Any, Self, TypeVar, Unpack

import httpx

from api.client import verbs
from api.client.answering import Answers
from api.client.errors import Unreachable
from api.client.run import Event, Run
from api.client.verbs import WAIT_SECONDS, Exchange, Options

T = TypeVar("T")


class AsyncClient:
    """Speaks to one service; belongs to one event loop.

    Args:
        url: of the service, such as `http://localhost:8080`.
        key: sent as `Authorization: Bearer ...`; a service without keys needs none.
        patience_seconds: how long a request may take beside what the service waits for.
        transport: of httpx, for proxies and tests.

    Every verb raises `RequestRefused` (its subclasses say what to do) and `Unreachable`.
    """

    def __init__(
        self,
        url: str,
        *,
        key: str | None = None,
        patience_seconds: float = 30.0,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        self._http = httpx.AsyncClient(base_url=url, headers=headers, transport=transport)
        self._patience = patience_seconds

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Give up the connections."""
        await self._http.aclose()

    # -- runs -------------------------------------------------------------------------------------------------

    async def orchestrate(
        self,
        source: str,
        *,
        answer_with: Iterable[Callable[..., Any]] = (),
        idempotency_key: str | None = None,
        **options: Unpack[Options],
    ) -> Run:
        """Run a program, and return the run: ended, suspended, or under way after `wait_seconds` (10 by default).

        Args:
            source: Python source text.
            answer_with: Python functions of the caller's that the program may call; the run is led on until it ends,
                or waits for somebody else.
            idempotency_key: the same key and body give the same run, so that it can be sent again.
            options: members of the submission.
        """
        answers = Answers(answer_with)
        if declared := answers.declared():
            options["client_functions"] = [*options.get("client_functions", ()), *declared]
        run = await self._do(verbs.orchestrate(source, options, idempotency_key=idempotency_key))
        return await self._lead(run, answers) if declared else run

    async def answer(self, run: Run | str, functions: Iterable[Callable[..., Any]]) -> Run:
        """Answer the calls that a run waits for with Python functions, until it ends or waits for somebody else."""
        return await self._lead(await self.run(run) if isinstance(run, str) else run, Answers(functions))

    async def run(self, run_id: str, *, wait_seconds: float | None = None) -> Run:
        """Return a run; with `wait_seconds` after it has ended or suspended, or that long."""
        return await self._do(verbs.run(run_id, wait_seconds=wait_seconds))

    async def runs(self, **query: Any) -> dict[str, Any]:
        """Return `{"data", "next_cursor"}`, the newest first; see GET /runs for `status`, `limit`, `cursor` ..."""
        return await self._do(verbs.runs(query))

    async def calls(self, run_id: str) -> list[dict[str, Any]]:
        """Return all calls of a run."""
        return list((await self._do(verbs.calls(run_id)))["data"])

    async def resume(
        self, run_id: str, results: Iterable[Mapping[str, Any]], *, wait_seconds: float = WAIT_SECONDS
    ) -> Run:
        """Answer calls that a run waits for: `{"call_id", "output" | "error" | "decision" and "digest"}` each."""
        return await self._do(verbs.resume(run_id, results, wait_seconds=wait_seconds))

    async def patch(
        self,
        run_id: str,
        source: str | None = None,
        *,
        inputs: Mapping[str, Any] | None = None,
        wait_seconds: float = WAIT_SECONDS,
    ) -> Run:
        """Go on with corrected source, inputs or both; what was called already and still fits is not called again.

        `body["patch"]` of the run says which calls were reused.
        """
        return await self._do(verbs.patch(run_id, source, inputs=inputs, wait_seconds=wait_seconds))

    async def preview(
        self, run_id: str, source: str | None = None, *, inputs: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Return what a patch would do, and call nothing: `reused`, `again`, `unknown`, `new` and `dropped` calls."""
        return await self._do(verbs.preview(run_id, source, inputs=inputs))

    async def fork(self, run_id: str, *, at_call: str, output: Any, wait_seconds: float = WAIT_SECONDS) -> Run:
        """Run the same program again with one answer changed."""
        return await self._do(verbs.fork(run_id, at_call, output, wait_seconds=wait_seconds))

    async def cancel(self, run_id: str) -> Run:
        """Stop a run."""
        return await self._do(verbs.cancel(run_id))

    async def delete(self, run_id: str) -> None:
        """Forget a run that has ended."""
        await self._do(verbs.delete(run_id))

    # -- templates --------------------------------------------------------------------------------------------

    async def put_template(self, name: str, source: str, /, **options: Unpack[Options]) -> dict[str, Any]:
        """Keep a program under a name, and return its version; one that is wrong is `RequestInvalid`."""
        return await self._do(verbs.put_template(name, source, options))

    async def template(self, name: str, *, version: str | None = None) -> dict[str, Any]:
        """Return the current version of a template, or the one that is named."""
        return await self._do(verbs.template(name, version=version))

    async def templates(self) -> list[dict[str, Any]]:
        """Return the current versions of all templates, by name."""
        return list((await self._do(verbs.templates()))["data"])

    async def template_versions(self, name: str) -> list[dict[str, Any]]:
        """Return all versions of a template, the newest first."""
        return list((await self._do(verbs.template_versions(name)))["data"])

    async def delete_template(self, name: str) -> None:
        """Forget a template with all its versions."""
        await self._do(verbs.delete_template(name))

    async def run_template(
        self,
        name: str,
        /,
        *,
        version: str | None = None,
        answer_with: Iterable[Callable[..., Any]] = (),
        idempotency_key: str | None = None,
        **options: Unpack[Options],
    ) -> Run:
        """Run a template, and return the run as `orchestrate` does.

        Args:
            name: of the template.
            version: the current one, unless one is named.
            answer_with: Python functions of the caller's that answer calls of client functions of the template.
            idempotency_key: as for `orchestrate`.
            options: `inputs`, and what a run of a template may override.
        """
        answers = Answers(answer_with)
        run = await self._do(verbs.run_template(name, options, version=version, idempotency_key=idempotency_key))
        return await self._lead(run, answers) if answers.declared() else run

    # -- watching ---------------------------------------------------------------------------------------------

    def stream(self, source: str, **options: Unpack[Options]) -> AsyncIterator[Event]:
        """Run a program and give its events as they happen; the last one has the run."""
        return self._events(verbs.stream(source, options))

    def events(self, run_id: str, *, after: int | None = None) -> AsyncIterator[Event]:
        """Give the events of a run, from the first or after the one of that id."""
        return self._events(verbs.events(run_id, after=after))

    # -- writing programs -------------------------------------------------------------------------------------

    async def check(self, source: str, **options: Unpack[Options]) -> dict[str, Any]:
        """Return what is wrong with a program, without running it."""
        return await self._do(verbs.check(source, options))

    async def prompt(self, functions: Iterable[str] | None = None) -> str:
        """Return the text to give a model that shall write programs."""
        return await self._do(verbs.prompt(functions))

    async def functions(self) -> list[dict[str, Any]]:
        """Return the functions that programs may call."""
        return list((await self._do(verbs.functions()))["data"])

    async def images(self) -> list[dict[str, Any]]:
        """Return the guest images that programs may name."""
        return list((await self._do(verbs.images()))["data"])

    # -- one exchange -----------------------------------------------------------------------------------------

    async def _lead(self, run: Run, answers: Answers) -> Run:
        while True:
            if run.is_under_way:
                run = await self.run(run.id, wait_seconds=WAIT_SECONDS)
            elif calls := answers.mine(run):
                run = await self.resume(run.id, await answers.results(calls))
            else:
                return run

    async def _do(self, exchange: Exchange[T]) -> T:
        try:
            response = await self._http.send(exchange.request(self._http, patience=self._patience))
        except httpx.TransportError as error:
            raise Unreachable(f"{exchange.method} {exchange.path} has no answer: {error!r}") from error
        if (refusal := verbs.refused(response)) is not None:
            raise refusal
        return exchange.read(response)

    async def _events(self, exchange: Exchange[None]) -> AsyncIterator[Event]:
        request = exchange.request(self._http, patience=self._patience)
        try:
            response = await self._http.send(request, stream=True)
            try:
                if not response.is_success:
                    await response.aread()
                if (refusal := verbs.refused(response)) is not None:
                    raise refusal
                async for line in response.aiter_lines():
                    if (event := verbs.read_event(line)) is not None:
                        yield event
            finally:
                await response.aclose()
        except httpx.TransportError as error:
            raise Unreachable(f"{exchange.method} {exchange.path} broke off: {error!r}") from error
