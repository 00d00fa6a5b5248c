#!/usr/bin/env python3
"""Runs the Dockerfile's own steps in Debian roots made by debootstrap, then starts the image's command and asks it x*2.

For machines without Docker. Start it as root: `scripts/prove_dockerfile.py`. The file itself is interpreted, not a copy
of it; an instruction that is unknown here ends the proof. What the machine says about its package sources (apt's
mirror, pip's settings, certificates, name servers) is lent to the build and never stays in a root.
"""

import argparse
import dataclasses
import fnmatch
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parent.parent
DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
KEY = "proof-" + "0" * 26
INTERNAL_SERVE = "--serve-in-own-namespace"


class ProofFailed(Exception):
    """What did not work, in one line."""


@dataclasses.dataclass(kw_only=True)
class Stage:
    """One stage of the build: its root, and what its instructions have set so far."""

    name: str
    root: Path
    env: dict[str, str] = dataclasses.field(default_factory=lambda: {"PATH": DEFAULT_PATH})
    directory: str = "/"
    user: str = "0:0"
    volume: str = ""
    entrypoint: list[str] = dataclasses.field(default_factory=list)
    command: list[str] = dataclasses.field(default_factory=list)
    health: list[str] = dataclasses.field(default_factory=list)

    def path(self, inside: str) -> Path:
        """Where on this machine a path of the stage is."""
        absolute = os.path.normpath(os.path.join(self.directory, inside))  # noqa: PTH118  # pathlib cannot drop ".."
        return self.root / absolute.lstrip("/")


def main() -> None:
    """Prove, or say what failed."""
    if sys.argv[1:2] == [INTERNAL_SERVE]:
        serve(Stage(**{**json.loads(sys.argv[2]), "root": Path(sys.argv[3])}))
        return
    arguments = parse_arguments()
    if os.geteuid() != 0 or not shutil.which("debootstrap"):
        sys.exit("start it as root, with debootstrap installed: chroots and mounts need both")
    directory = arguments.keep or Path(tempfile.mkdtemp(prefix="prove-dockerfile-"))
    directory.mkdir(parents=True, exist_ok=True)
    begin = time.monotonic()
    try:
        stages = build(REPOSITORY / arguments.dockerfile, directory, until=arguments.until)
        if not arguments.until:
            report_contents(stages[-1])
            start_and_ask(stages[-1])
        say(f"proved in {time.monotonic() - begin:.0f} s")
    except ProofFailed as error:
        sys.exit(f"NOT PROVED after {time.monotonic() - begin:.0f} s: {error}")
    finally:
        if not arguments.keep:
            shutil.rmtree(directory)


def parse_arguments() -> argparse.Namespace:
    """The few switches."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dockerfile", default="Dockerfile")
    parser.add_argument(
        "--keep", type=Path, help="put the roots here and leave them; an empty Debian there is used again"
    )
    parser.add_argument("--until", type=int, default=0, help="stop after this many instructions, and start nothing")
    return parser.parse_args()


def say(text: str) -> None:
    """One line of the report, at once."""
    print(f"[proof] {text}", flush=True)


# --- the Dockerfile --------------------------------------------------------------------------------------------------


def instructions(dockerfile: Path) -> Iterator[tuple[str, str]]:
    """Each instruction and its argument: comments dropped, continued lines joined."""
    lines = [line for line in dockerfile.read_text().splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    for line in filter(str.strip, joined.splitlines()):
        word, _, argument = line.strip().partition(" ")
        yield word.upper(), argument.strip()


def build(dockerfile: Path, directory: Path, *, until: int) -> list[Stage]:
    """Carry out every instruction, and return the stages."""
    stages: list[Stage] = []
    steps = list(instructions(dockerfile))
    for number, (word, argument) in enumerate(steps, 1):
        begin = time.monotonic()
        say(f"{number}/{len(steps)} {word} {argument if len(argument) < 100 else argument[:97] + '...'}")
        carry_out(word, argument, stages, directory)
        if word in {"FROM", "RUN", "COPY"}:
            say(f"    {time.monotonic() - begin:.1f} s")
        if number == until:
            break
    return stages


def carry_out(word: str, argument: str, stages: list[Stage], directory: Path) -> None:
    """One instruction."""
    match word:
        case "FROM":
            stages.append(start_stage(argument, directory, number=len(stages)))
        case "RUN":
            run(stages[-1], argument)
        case "COPY":
            copy(stages, argument)
        case _:
            configure(stages[-1], word, argument)


def configure(stage: Stage, word: str, argument: str) -> None:
    """An instruction that changes no file, but says how the commands after it run."""
    match word:
        case "ENV":
            stage.env |= dict(re.findall(r"(\w+)=(\S+)", argument))
        case "WORKDIR":
            stage.directory = os.path.normpath(os.path.join(stage.directory, argument))  # noqa: PTH118
            stage.path(".").mkdir(parents=True, exist_ok=True)
        case "USER" | "VOLUME":
            setattr(stage, word.lower(), argument)
        case "ENTRYPOINT":
            stage.entrypoint = json.loads(argument)
        case "CMD":
            stage.command = json.loads(argument)
        case "HEALTHCHECK":
            stage.health = json.loads(argument.partition("CMD ")[2])
        case _ if word != "EXPOSE":
            raise ProofFailed(f"{word} is not known here: teach it to {Path(__file__).name}")


def start_stage(argument: str, directory: Path, *, number: int) -> Stage:
    """A root of its own, copied from the empty Debian that the stage is from."""
    image, _, alias = (part.strip() for part in re.sub(r"(?i)\s+as\s+", " as ", argument).partition(" as "))
    found = re.fullmatch(r"debian:(\w+)-slim", image)
    if not found:
        raise ProofFailed(f"FROM {image}: only debian:<release>-slim can be made by debootstrap")
    base = directory / f"base-{found[1]}"
    if not (base / "usr/bin/apt-get").exists():
        command = ["debootstrap", "--variant=minbase", found[1], str(base), mirror(found[1])]
        with (directory / "debootstrap.log").open("w") as log:
            check(subprocess.run(command, stdout=log, stderr=log, check=False), f"debootstrap: see {log.name}")
    root = directory / f"stage-{number}"
    if root.exists():
        shutil.rmtree(root)
    subprocess.run(["cp", "-a", str(base), str(root)], check=True)
    # Where `mounts` will mount: there is no making them once the root is read-only.
    for device in DEVICES:
        (root / "dev" / device).touch()
    (root / "dev/shm").mkdir(exist_ok=True)
    return Stage(name=alias or str(number), root=root)


def run(stage: Stage, line: str) -> None:
    """`RUN`: the line, in a shell, in the root, as the stage's user."""
    with lent_settings(stage.root) as env, mounts(stage.root):
        command = enter(stage, ["/bin/sh", "-c", line], env=env | stage.env)
        done = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        print(done.stdout[-6000:])
    check(done, f"RUN {line}")


def copy(stages: list[Stage], argument: str) -> None:
    """`COPY`, from the checkout less .dockerignore, or from an earlier stage."""
    stage, words = stages[-1], argument.split()
    origin = next((word.partition("=")[2] for word in words if word.startswith("--from=")), None)
    *sources, target = [word for word in words if not word.startswith("--")]
    for source in sources:
        to = stage.path(target)
        if origin:
            origin_path = next(s for s in stages[:-1] if s.name == origin).path("/" + source)
        else:
            origin_path = REPOSITORY / source
        if not origin_path.exists():
            raise ProofFailed(f"COPY {source}: it does not exist")
        if origin_path.is_dir():
            shutil.copytree(
                origin_path, to, symlinks=True, dirs_exist_ok=True, ignore=None if origin else ignored_by_docker
            )
        else:
            to.mkdir(parents=True, exist_ok=True) if target.endswith("/") else None
            shutil.copy2(origin_path, to)


def ignored_by_docker(directory: str, names: list[str]) -> set[str]:
    """What .dockerignore keeps out of a directory; as in Docker, the last pattern that matches decides."""
    patterns = [line.strip() for line in (REPOSITORY / ".dockerignore").read_text().splitlines()]
    ignored = set()
    for entry in names:
        path = (Path(directory) / entry).relative_to(REPOSITORY).as_posix()
        ways = [path, *(parent.as_posix() for parent in Path(path).parents)][:-1]
        verdict = False
        for pattern in patterns:
            bare = pattern.removeprefix("!").replace("**/", "")
            if (
                pattern
                and not pattern.startswith("#")
                and any(fnmatch.fnmatch(Path(way).name if "**/" in pattern else way, bare) for way in ways)
            ):
                verdict = not pattern.startswith("!")
        if verdict:
            ignored.add(entry)
    return ignored


# --- what this machine lends -----------------------------------------------------------------------------------------


def mirror(release: str) -> str:
    """The mirror that this machine's apt is set up with."""
    command = ["apt-get", "indextargets", "--format", "$(CODENAME) $(COMPONENT) $(SITE)", "Created-By: Packages"]
    for line in subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines():
        codename, component, site = line.split()
        if (codename, component) == (release, "main"):
            return site
    raise ProofFailed(f"apt of this machine knows no mirror of {release}")


@contextmanager
def lent_settings(root: Path) -> Iterator[dict[str, str]]:
    """Put resolv.conf, certificates and apt's proxy into the root, give pip's settings as variables; take all back."""
    env = {
        name: value for name, value in os.environ.items() if re.match(r"(?i)PIP_(?!REQUIRE)|SSL_CERT|.*_proxy$", name)
    }
    lines = subprocess.run(["python3", "-m", "pip", "config", "list"], check=False, capture_output=True, text=True)
    for key, value in re.findall(r"^global\.([\w-]+)='(.*)'$", lines.stdout, re.MULTILINE):
        env.setdefault("PIP_" + key.upper().replace("-", "_"), value.replace("\\n", " "))
    # Directories of packages on this machine are not in the root; pip would only warn about them.
    env = {name: value for name, value in env.items() if name not in {"PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL"}}
    files = {Path("/etc/resolv.conf"), Path("/etc/hosts")}
    files |= {Path(value) for name, value in env.items() if name.endswith("CERT") or name == "SSL_CERT_FILE"}
    lent: dict[Path, bytes | None] = {}
    proxies = subprocess.run(["apt-config", "dump", "Acquire"], check=True, capture_output=True, text=True).stdout
    texts = {file: file.read_bytes() for file in files if file.is_file()}
    texts[Path("/etc/apt/apt.conf.d/lent")] = "\n".join(re.findall(r"^.*::Proxy.*$", proxies, re.MULTILINE)).encode()
    for file, content in texts.items():
        inside = root / str(file).lstrip("/")
        lent[inside] = inside.read_bytes() if inside.is_file() else None
        inside.parent.mkdir(parents=True, exist_ok=True)
        inside.write_bytes(content)
    try:
        yield env
    finally:
        for inside, before in lent.items():
            if before is None:
                inside.unlink(missing_ok=True)
            else:
                inside.write_bytes(before)


@contextmanager
def mounts(root: Path) -> Iterator[None]:
    """/proc and the handful of devices that Docker gives."""
    with ExitStack() as stack:
        stack.enter_context(mounted(["-t", "proc", "proc", str(root / "proc")]))
        for device in DEVICES:
            stack.enter_context(mounted(["--bind", f"/dev/{device}", str(root / "dev" / device)]))
        stack.enter_context(mounted(["-t", "tmpfs", "-o", "mode=1777,size=64m", "tmpfs", str(root / "dev/shm")]))
        yield


@contextmanager
def mounted(arguments: list[str]) -> Iterator[None]:
    """One mount, taken away again."""
    subprocess.run(["mount", *arguments], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", arguments[-1]], check=True)


def enter(stage: Stage, command: list[str], *, env: dict[str, str]) -> list[str]:
    """The command line that runs a command in the root, as its user, in its directory, with this environment only."""
    variables = [f"{name}={value}" for name, value in ({"HOME": "/"} | env).items()]
    chroot = ["chroot", f"--userspec={stage.user}", "--groups=" + stage.user.partition(":")[2], str(stage.root)]
    return [*chroot, "/usr/bin/env", "-i", "-C", stage.directory, *variables, *command]


def check(done: subprocess.CompletedProcess[Any], what: str) -> None:
    """A command that failed ends the proof."""
    if done.returncode:
        raise ProofFailed(f"{what}: exit {done.returncode}")


# --- the image -------------------------------------------------------------------------------------------------------


def report_contents(stage: Stage) -> None:
    """The last stage must hold no tool that builds; say how big it is."""
    tools = ["gcc", "cc", "g++", "make", "ld", "pip", "pip3", "componentize-py", "hatchling"]
    paths = stage.env["PATH"].split(":")
    left = [f"{path}/{tool}" for path in paths for tool in tools if (stage.root / path.lstrip("/") / tool).exists()]
    packages = [str(path) for path in (stage.root / "opt").glob("*/lib/python3*/site-packages/pip")]
    if left or packages:
        raise ProofFailed(f"the last stage holds build tools: {left + packages}")
    size = subprocess.run(["du", "-sxm", str(stage.root)], check=True, capture_output=True, text=True).stdout.split()[0]
    say(f"the last stage holds no compiler, pip or build tool; {size} MiB with Debian")


def start_and_ask(stage: Stage) -> None:
    """Start the image's command in namespaces of its own: no network but loopback, its own processes and mounts."""
    fields = dataclasses.asdict(stage) | {"root": ""}
    inside = [sys.executable, str(Path(__file__).resolve()), INTERNAL_SERVE, json.dumps(fields), str(stage.root)]
    check(subprocess.run(["unshare", "-m", "-n", "-p", "-f", *inside], check=False, text=True), "start and ask")


def serve(stage: Stage) -> None:
    """Inside the namespaces: a read-only root, writable only /dev/shm and the volume, the command, the questions."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    subprocess.run(["mount", "--bind", "-o", "ro", str(stage.root), str(stage.root)], check=True)
    command = [*stage.entrypoint, *stage.command]
    place = stage.path(stage.volume)
    owner = place.stat()
    # As Docker makes one: with the owner and the mode of what the image has there.
    volume = f"mode={owner.st_mode & 0o7777:o},uid={owner.st_uid},gid={owner.st_gid},size=64m"
    with mounts(stage.root), mounted(["-t", "tmpfs", "-o", volume, "tmpfs", str(place)]):
        refusal = subprocess.run(enter(stage, command, env=stage.env), check=False, capture_output=True, timeout=60)
        if refusal.returncode == 0:
            sys.exit("it served without a key on all addresses")
        say(f"without a key it exits {refusal.returncode}: {refusal.stderr.decode().strip()[-300:]}")
        ask(stage, command, stage.env | {"ISTHMUS_API_KEY": KEY})


def ask(stage: Stage, command: list[str], env: dict[str, str]) -> None:
    """Start the service with a key, wait for the image's own health check, ask, and stop it as Docker would."""
    begin = time.monotonic()
    with subprocess.Popen(enter(stage, command, env=env)) as service:  # chroot and env replace themselves: its own id
        try:
            while subprocess.run(
                enter(stage, stage.health, env=env), check=False, stderr=subprocess.DEVNULL
            ).returncode:
                if service.poll() is not None or time.monotonic() - begin > 60:
                    sys.exit(f"it did not become healthy: exit {service.poll()}")
                time.sleep(0.1)
            say(f"healthy after {time.monotonic() - begin:.1f} s, user {stage.user}, read-only root, no network")
            status, answer = post({"source": "x*2", "inputs": {"x": 21}}, key=KEY)
            say(f"POST /orchestrate x*2 with x=21: {status}, {answer.get('status')}, output {answer.get('output')}")
            if (status, answer.get("output")) != (200, 42):
                sys.exit(f"a wrong answer: {status} {answer}")
            typed = {"source": "x.upper()", "inputs": {"x": 21}, "input_types": {"x": "int"}, "type_check": True}
            status, answer = post(typed, key=KEY)
            error = answer.get("error")
            kind = error.get("kind") if isinstance(error, dict) else None
            say(f"POST /orchestrate x.upper() with an int x and type_check: {status}, kind {kind}")
            if (status, kind) != (200, "type"):
                sys.exit(f"the type checker did not answer: {status} {answer}")
            status, _ = post({"source": "x*2", "inputs": {"x": 21}}, key="")
            say(f"the same without a key: {status}")
            if status != 401:
                sys.exit("it answered without a key")
        finally:
            stop = time.monotonic()
            service.send_signal(signal.SIGTERM)
            code = service.wait(timeout=30)
    say(f"stopped by SIGTERM in {time.monotonic() - stop:.1f} s, exit {code}")


def post(body: dict[str, object], *, key: str) -> tuple[int, dict[str, object]]:
    """`POST /orchestrate`: status and answer."""
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {})
    request = urllib.request.Request(
        "http://127.0.0.1:8080/orchestrate", data=json.dumps(body).encode(), headers=headers, method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310  # to ourselves
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, {}


if __name__ == "__main__":
    main()
