"""A PostgreSQL server of one's own: in a temporary folder, on a unix socket, gone when it is stopped."""

import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile
import time


def programs() -> pathlib.Path:
    try:
        folders = [pathlib.Path(subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True).stdout.strip())]
    except OSError:
        folders = []
    for folder in folders + sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / "initdb").exists():
            return folder
    raise SystemExit("PostgreSQL's server is not installed: ./setup.sh two-daemons")


class Postgres:
    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="penstock-postgres-"))
        self.become = []
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            user = pwd.getpwnam("postgres")
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            self.become = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
        subprocess.run([*self.become, programs() / "initdb", "-D", self.folder / "data", "-A", "trust", "-U", "penstock", "-E", "UTF8",
                        "--locale=C", "--no-sync"], check=True, stdout=subprocess.DEVNULL, cwd="/")
        self.connection = f"host={self.folder} dbname=postgres user=penstock"
        log = open(self.folder / "server.log", "ab")
        # It ends with whoever started it.
        self.process = subprocess.Popen(
            [*(self.become or ["setpriv"]), "--pdeathsig", "INT", programs() / "postgres", "-D", self.folder / "data", "-k", self.folder,
             "-c", "listen_addresses="], stdout=log, stderr=log, cwd="/")
        for _ in range(300):
            if subprocess.run([programs() / "pg_isready", "-q", "-h", self.folder], cwd="/").returncode == 0:
                return
            time.sleep(0.05)
        raise SystemExit("PostgreSQL did not start: " + (self.folder / "server.log").read_text()[-2000:])

    def sql(self, statement: str) -> str:
        return subprocess.run([programs() / "psql", "-XAtq", "-c", statement, self.connection], capture_output=True, text=True,
                              check=True, cwd="/").stdout.strip()

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)
        shutil.rmtree(self.folder, ignore_errors=True)
