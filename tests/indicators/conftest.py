"""A PostgreSQL cluster and a Spark cluster of our own, or a said skip; in continuous integration they have to be."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import pytest


def absent(what: str) -> None:
    """Skip, saying why; where everything was installed on purpose, fail."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what}, and continuous integration has to have it")
    pytest.skip(what)


def as_postgres() -> list[str]:
    """PostgreSQL refuses to run as root."""
    return ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of a cluster on a socket in a folder of its own."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        absent("PostgreSQL is not installed (package postgresql)")
    programs = found[-1].parent
    folder = Path(tempfile.mkdtemp(prefix="segur-pg-", dir="/tmp"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    run = [*as_postgres(), "env", "LC_ALL=C"]
    data = folder / "data"
    subprocess.run([*run, programs / "initdb", "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "-N"],
                   cwd=folder, check=True, capture_output=True)  # fmt: skip
    options = f"-k {folder} -c listen_addresses='' -c fsync=off -c max_connections=20"
    control = [*run, programs / "pg_ctl", "-D", data, "-w", "-l", folder / "log"]
    subprocess.run([*control, "-o", options, "start"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    try:
        yield f"postgresql://postgres@/postgres?host={quote(str(folder), safe='')}"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], cwd=folder, check=False, capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def spark_master() -> Iterator[str]:
    """The address of a standalone master with two workers of one core, all on loopback."""
    if shutil.which("java") is None:
        absent("Java is not installed (package default-jre-headless)")
    if find_spec("pyspark") is None:
        absent("pyspark is not installed (requirements-spark.lock)")
    port = free_port()
    folder = Path(tempfile.mkdtemp(prefix="segur-spark-"))
    with spark_process("master.Master", folder, "--host", "127.0.0.1", "--port", str(port), "--webui-port", "0"):
        address = f"spark://127.0.0.1:{port}"
        wait_for(port)
        options = ("--host", "127.0.0.1", "--cores", "1", "--memory", "1g", "--webui-port", "0", address)
        with (
            spark_process("worker.Worker", folder, "--work-dir", str(folder / "one"), *options),
            spark_process("worker.Worker", folder, "--work-dir", str(folder / "two"), *options),
        ):
            yield address
    shutil.rmtree(folder, ignore_errors=True)


class spark_process:  # noqa: N801  # used as a statement
    """One daemon of the cluster, ended with the block."""

    def __init__(self, name: str, folder: Path, *options: str) -> None:
        import pyspark

        command = [str(Path(pyspark.__path__[0]) / "bin" / "spark-class"), f"org.apache.spark.deploy.{name}", *options]
        environment = {**os.environ, "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_DAEMON_MEMORY": "256m"}
        self.log = (folder / f"{name}-{id(self)}.log").open("wb")
        self.process = subprocess.Popen(
            command, env=environment, cwd=folder, stdout=self.log, stderr=subprocess.STDOUT
        )  # fmt: skip

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def wait_for(port: int, patience: float = 60) -> None:
    end = time.monotonic() + patience
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(f"nothing listens on {port}")
