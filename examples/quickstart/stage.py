"""The stage of the story: its processes, ports and files. Everything lives below one work folder, and
ends with the story unless it is kept."""

import base64
import hashlib
import os
import pathlib
import secrets
import shutil
import socket
import subprocess
import sys
import time

import processes


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


class Stage:
    def __init__(self, work: pathlib.Path, programs: pathlib.Path):
        self.work = work.resolve()
        self.programs = programs.resolve()
        self.processes = []
        self.kept_before = processes.stop_noted(self.work)
        shutil.rmtree(self.work, ignore_errors=True)
        for folder in ("secrets", "data", "logs", "mlflow"):
            (self.work / folder).mkdir(parents=True)
        (self.work / "secrets").chmod(0o700)

    def secret(self, name: str, value: str) -> pathlib.Path:
        """Keeps a secret in a file that only its owner can read."""
        path = self.work / "secrets" / name
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(value)
        return path

    def token(self, name: str):
        """A bearer token: kept in a file, and its SHA-256 for the configuration."""
        value = "pst_" + secrets.token_urlsafe(32)
        self.secret(f"{name}.token", value)
        return value, hashlib.sha256(value.encode()).hexdigest()

    def start(self, name: str, command, environment=None) -> subprocess.Popen:
        """Starts a process in a group of its own, with its output in logs/<name>.log."""
        log = open(self.work / "logs" / f"{name}.log", "wb")
        process = subprocess.Popen([str(part) for part in command], stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                   start_new_session=True, env={**os.environ, **(environment or {})})
        self.processes.append((name, process))
        processes.note(self.work, name, process.pid)
        return process

    def wait_until(self, what: str, holds, seconds: float, process: subprocess.Popen = None):
        """Waits until `holds()` gives something; ends the story with the log's last lines when it does not."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            answer = holds()
            if answer:
                return answer
            if process is not None and process.poll() is not None:
                break
            time.sleep(0.2)
        for name, _ in self.processes:
            tail = (self.work / "logs" / f"{name}.log").read_text(errors="replace").splitlines()[-15:]
            print(f"--- the end of {name}.log", *tail, sep="\n", file=sys.stderr)
        raise SystemExit(f"the story ends early: {what} did not happen within {seconds:.0f} s")

    def stop(self):
        """Ends every process group, the newest first."""
        processes.stop_noted(self.work)
        for _, process in self.processes:
            process.wait()
        self.processes.clear()
