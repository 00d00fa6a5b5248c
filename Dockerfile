# Debian's own Python on Debian's smallest image: a debootstrap of the same release is the same thing, which is how
# scripts/prove_dockerfile.py runs these steps without Docker.

FROM debian:bookworm-slim AS build

RUN apt-get update \
    && apt-get install -y --no-install-recommends python3 python3-venv \
    && rm -rf /var/lib/apt/lists/*

# Two environments: the tools in one that stays behind, the service in one without pip, at the path where it will run.
RUN python3 -m venv /opt/build \
    && python3 -m venv --without-pip /opt/isthmus
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1

# Packages before sources: they change less often, and so stay in the layer cache. Hashes: no other file is accepted.
WORKDIR /src
COPY requirements requirements
RUN /opt/build/bin/python -m pip install --require-hashes -r requirements/build.lock \
    && /opt/build/bin/python -m pip --python /opt/isthmus/bin/python install --require-hashes -r requirements/run.lock

# The guest before the rest, so that a change above the sandbox does not build it again.
COPY sandbox sandbox
RUN /opt/build/bin/python sandbox/engines/cpython/build.py

# No build isolation: what builds the wheel is what build.lock names.
COPY pyproject.toml hatch_build.py README.md LICENSE ./
COPY service service
COPY api api
RUN /opt/build/bin/python -m pip wheel --no-deps --no-build-isolation --wheel-dir /src/dist . \
    && /opt/build/bin/python -m pip --python /opt/isthmus/bin/python install --no-deps /src/dist/isthmus-*.whl

# Compiled ahead of time into the image: a container starts in no more time than any other, and needs nothing writable.
# The directory belongs to root: whoever can write there can make the service run machine code of theirs.
WORKDIR /
ENV ISTHMUS_CACHE_DIR=/var/cache/isthmus
RUN /opt/isthmus/bin/python -m sandbox.engines.cpython.artifact \
    && chmod -R a+rX /var/cache/isthmus


FROM debian:bookworm-slim

# The interpreter alone: no pip, no venv, no compiler.
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3 \
    && rm -rf /var/lib/apt/lists/* \
    && install -d -m 0700 -o 10001 -g 10001 /var/lib/isthmus \
    && useradd --system --uid 10001 --user-group --no-create-home --home-dir / --shell /usr/sbin/nologin isthmus

COPY --from=build /opt/isthmus /opt/isthmus
COPY --from=build /var/cache/isthmus /var/cache/isthmus

# No bytecode is written: everything was compiled when it was installed, and the root may be read-only.
# Unbuffered: the last lines of a container that dies are the ones that matter.
ENV PATH=/opt/isthmus/bin:/usr/local/bin:/usr/bin:/bin \
    ISTHMUS_CACHE_DIR=/var/cache/isthmus \
    ISTHMUS_DATABASE=/var/lib/isthmus/isthmus.db \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1

# An operator's functions are mounted or copied here: the current directory is appended to the import path.
WORKDIR /app

# The database; a container without a volume of its own here gets an unnamed one, also where the root is read-only.
VOLUME /var/lib/isthmus

# By number, so that an orchestrator can see for itself that it is not root.
USER 10001:10001

EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/health/live', timeout=2)"]

# All addresses, because a container's loopback is its own; the service then refuses to start without ISTHMUS_API_KEY.
ENTRYPOINT ["isthmus"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8080"]
