"""What a model is told before it writes source for a template, made from the policy, so that it is true."""

from collections.abc import Iterable

from sandbox import policy


def _items(rules: Iterable[str]) -> str:
    return "\n".join(f"- {rule}" for rule in rules)


ORCHESTRATOR_SYNTAX_PROMPT = f"""\
The source is one Python program that runs in an isolated interpreter, without files, network, threads or processes.
- Inputs are variables that have their value already. Do not define them.
- The value of the last expression is the value of the program: end with an expression, not with `print` or `return`.
- The functions that are given are called like any Python function; do not import or define them. An async one may be
  awaited, also at the top level, and several at once with `asyncio.gather`; in a program without `await` it waits.
- What a function raises is raised at the call and can be caught: built-in exceptions by their own type, others as
  `FunctionError` with the attributes `type` and `message`.
- `flyte_map("name", *iterables, concurrency=0, return_exceptions=False)` calls a function for each row, in parallel,
  and gives the values in order; the shortest iterable ends it: `flyte_map("add", xs, ys, concurrency=4)`. For a task,
  failures are in the list unless `return_exceptions=False` is said.
- Values are None, bool, int, float, str, bytes, list, dict, tuple, set, frozenset, dates, times, Decimal, UUID, and
  what these contain. Objects of classes are not: use `dataclasses.asdict(x)`. File, Dir and DataFrame can be held,
  passed on and returned, not read.

Language:
{_items(policy.SYNTAX)}

Not available:
{_items([*policy.RULES.values(), *policy.REFUSED])}

Modules that can be imported: {", ".join(policy.MODULES)}.
Of asyncio: {", ".join(policy.ASYNCIO_NAMES)}.
Of os: {", ".join(policy.OS_NAMES)}."""
