"""Measures a penstockd of the release build on loopback: one JSON line per figure, with what is aimed at beside it.

Every figure is the median of several rounds; the load generator, the receiver of webhooks and PostgreSQL share the machine's
cores with the daemon. `fdatasync_p50_ms` tells what the disk itself takes.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "examples/two-daemons"))

from daemon import DELIVERIES, HUNG, Daemon, Receiver  # noqa: E402
from postgres import Postgres  # noqa: E402

ROUNDS = 5
AIMS = {"ingest_per_s": (">=", 20000, "1/s"), "ingest_p99_ms": ("<=", 10, "ms"), "first_gate_p50_ms": ("<=", 1, "ms"),
        "promotion_p50_ms": ("<=", 1.6, "ms"), "promotions_per_s": (">=", 6400, "1/s"), "idle_rss_mb": ("<=", 25, "MB"),
        "restart_1m_s": ("<=", 0.5, "s"), "restart_1m_cold_s": ("<=", 2, "s"), "simulate_10k_s": ("<=", 2, "s"),
        "watched_rss_mb": ("<=", 64, "MB"), "deliveries_per_s": (">=", 5000, "1/s"), "hung_p99_ratio": ("<=", 2, "1"),
        "audit_share": ("<=", 0.15, "1"), "takeover_s": ("<=", 5, "s"), "fdatasync_p50_ms": (None, None, "ms"),
        "cpu_us_per_promotion": (None, None, "us"), "kept_promotions_per_s": (None, None, "1/s"),
        "kept_deliveries_per_s": (None, None, "1/s"), "kept_promotion_ms": (None, None, "ms")}


class Bench:
    """Where the figures are measured, and on which journal. Each daemon has a folder, and on PostgreSQL a server, of its own."""

    def __init__(self, build: pathlib.Path, work: pathlib.Path, journal: str):
        self.build, self.work, self.journal, self.servers, self.daemons = build, work, journal, [], []

    def connection(self) -> str:
        if self.journal != "postgres":
            return ""
        self.servers.append(Postgres())
        return self.servers[-1].connection

    def daemon(self, name: str, connection: str = None, **options) -> Daemon:
        self.daemons.append(Daemon(self.build, self.work / name, self.connection() if connection is None else connection, **options))
        return self.daemons[-1]

    def report(self, figure: str, values, digits: int = 3):
        value = round(statistics.median(values), digits)
        word, bound, unit = AIMS[figure]
        line = {"figure": figure, "journal": self.journal, "value": value, "unit": unit, "aim": f"{word} {bound}" if word else None,
                "met": None if not word else value >= bound if word == ">=" else value <= bound,
                "lowest": round(min(values), digits), "highest": round(max(values), digits)}
        print(json.dumps(line), flush=True)

    def end(self):
        for daemon in self.daemons:
            if daemon.process is not None and daemon.process.poll() is None:
                daemon.kill()
        self.daemons = []
        for server in self.servers:
            server.stop()
        self.servers = []


def measure_disk(bench: Bench):
    took = []
    with open(bench.work / "disk", "wb", buffering=0) as file:
        for _ in range(2000):
            file.write(b"p" * 4096)
            since = time.perf_counter()
            os.fdatasync(file.fileno())
            took.append((time.perf_counter() - since) * 1000)
    bench.report("fdatasync_p50_ms", [statistics.median(took[i::ROUNDS]) for i in range(ROUNDS)])


def promotions_round(daemon: Daemon):
    before = daemon.cpu_seconds()
    seen = daemon.load("promotions", "--model", "four", "--connections", "64", "--count", "10000")
    return seen["per_s"], (daemon.cpu_seconds() - before) / 10000 * 1e6


def kept_per_s(bench: Bench, *options):
    """Promotions a second that bench_keep was answered for, of several rounds on a fresh journal each."""
    rounds = []
    for number in range(ROUNDS):
        connection = bench.connection()
        where = [] if connection else ["--sqlite", bench.work / f"kept{''.join(options)}-{number}.db"]
        called = subprocess.run([bench.build / "tests/bench_keep", *where, *options], capture_output=True, text=True, timeout=300,
                                env=os.environ | {"PENSTOCK_POSTGRES": connection})
        bench.end()
        if called.returncode != 0:
            raise SystemExit(f"the journal did not keep everything: {called.stderr}")
        rounds.append(json.loads(called.stdout)["per_s"])
    return rounds


def measure_journal(bench: Bench):
    """What the journal alone keeps of the decisions of many promotions at once, and of one, with nothing else running."""
    bench.report("kept_promotions_per_s", kept_per_s(bench, "--gates", "4", "--count", "6400"), 0)
    rounds = kept_per_s(bench, "--gates", "1", "--deliveries", str(DELIVERIES), "--count", "1024")
    bench.report("kept_deliveries_per_s", [per_s * DELIVERIES for per_s in rounds], 0)
    rounds = kept_per_s(bench, "--lanes", "1", "--gates", "4", "--count", "500")
    bench.report("kept_promotion_ms", [1000 / per_s for per_s in rounds])


def measure_one_daemon(bench: Bench):
    """Idle, one promotion alone, many at once, and signed hooks."""
    daemon = bench.daemon("daemon")
    daemon.start()
    time.sleep(2)
    bench.report("idle_rss_mb", [daemon.rss_mb()], 1)
    rounds = [daemon.load("first-gate", "--listen", str(daemon.gate_port), "--model", "asking-1", "--count", "300") for _ in range(ROUNDS)]
    bench.report("first_gate_p50_ms", [one["p50_ms"] for one in rounds])
    rounds = [daemon.load("promotions", "--model", "four", "--count", "500") for _ in range(ROUNDS)]
    bench.report("promotion_p50_ms", [one["p50_ms"] for one in rounds])
    rounds = [promotions_round(daemon) for _ in range(ROUNDS)]
    bench.report("promotions_per_s", [per_s for per_s, _ in rounds], 0)
    bench.report("cpu_us_per_promotion", [cpu for _, cpu in rounds], 1)
    rounds = [daemon.load("ingest", "--hook", "push", "--secret", daemon.work / "secret", "--connections", "64", "--count", "60000")
              for _ in range(ROUNDS)]
    bench.report("ingest_per_s", [one["per_s"] for one in rounds], 0)
    bench.report("ingest_p99_ms", [one["p99_ms"] for one in rounds])
    daemon.stop()


def in_turn(one, other, number: int):
    """Both, and each is the first in every second round: what a machine does by the minute is not held against one of them."""
    return (one, other) if number % 2 == 0 else (other, one)


def measure_audit(bench: Bench):
    """What publishing the audit log takes of the promotions a second: two daemons in turn, one with a key and one without."""
    without, having = bench.daemon("unpublished", audit=False), bench.daemon("published")
    shares = []
    for number in range(ROUNDS):
        per_s = {}
        for daemon in in_turn(without, having, number):
            daemon.start()
            per_s[daemon] = promotions_round(daemon)[0]
            daemon.stop()
        shares.append(1 - per_s[having] / per_s[without])
    bench.report("audit_share", shares)


def measure_restart(bench: Bench):
    """1 000 000 promotions that have ended and 4 000 that wait for a person, from the process's start to its first good answer."""
    daemon = bench.daemon("restart")
    daemon.fill("--finished", "1000000", "--open", "4000")
    daemon.start()  # publishes the audit log
    daemon.stop()
    warm, cold = [], []
    for _ in range(ROUNDS):
        warm.append(daemon.start())
        daemon.kill()
    bench.report("restart_1m_s", warm)
    if not os.access("/proc/sys/vm/drop_caches", os.W_OK):
        print("restart_1m_cold_s: only root can empty the page cache", file=sys.stderr)
        return
    for _ in range(ROUNDS):
        os.sync()
        pathlib.Path("/proc/sys/vm/drop_caches").write_text("3")
        cold.append(daemon.start())
        daemon.kill()
    bench.report("restart_1m_cold_s", cold)


def measure_simulation(bench: Bench):
    """`penstock simulate` from its start to its end, on 10 000 promotions whose every answer is told again."""
    daemon = bench.daemon("simulate")
    daemon.fill("--finished", "10000")
    daemon.start()
    tried = daemon.work / "tried.yaml"
    gates = ", ".join(f"{{name: {name}, gates: [{{name: {name}, use: no-op}}]}}" for name in ("one", "two", "three", "four"))
    tried.write_text("apiVersion: penstock/v1\nkind: Policy\nmetadata: {name: filled}\n"
                     f"spec: {{model: \"filled-*\", environment: production, stages: [{gates}]}}\n")
    environment = {"PENSTOCK_URL": f"http://127.0.0.1:{daemon.port}", "PENSTOCK_TOKEN_FILE": str(daemon.work / "token")}
    took = []
    for _ in range(ROUNDS):
        since = time.monotonic()
        called = subprocess.run([daemon.build / "bin/penstock", "simulate", tried, "--last", "10000", "-o", "json"], env=environment,
                                capture_output=True, text=True, timeout=300)
        took.append(time.monotonic() - since)
        told = json.loads(called.stdout) if called.returncode == 0 else {}
        if told.get("same") != 10000:
            raise SystemExit(f"the simulation did not tell that 10 000 end the same: {called.stdout[:2000]} {called.stderr}")
    daemon.stop()
    bench.report("simulate_10k_s", took)


def measure_watched(bench: Bench):
    """10 000 lanes, what is live in each looked at every minute, after each was looked at once."""
    daemon = bench.daemon("watched")
    daemon.fill("--watched", "10000")
    daemon.start()
    time.sleep(75)
    bench.report("watched_rss_mb", [daemon.rss_mb()], 1)
    daemon.stop()


def measure_deliveries(bench: Bench):
    """Webhooks whose outcome is journalled."""
    receiver = Receiver(bench.build)
    daemon = bench.daemon("deliveries", receiver=receiver)
    daemon.start()
    rounds = [daemon.load("promotions", "--model", "fan", "--connections", "64", "--count", "1000") for _ in range(ROUNDS)]
    bench.report("deliveries_per_s", [one["per_s"] * DELIVERIES for one in rounds], 0)
    daemon.kill()
    receiver.stop()


def measure_hung(bench: Bench):
    """What receivers that never answer do to the others: two daemons in turn, one of which delivers to such ones as well."""
    receiver = Receiver(bench.build)
    alone, beside = (bench.daemon(name, receiver=receiver) for name in ("alone", "beside"))
    alone.start()
    beside.start()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda lane: beside.submit(f"hung{lane % HUNG}-{lane}", "1"), range(HUNG * 10)))
    ratios = []
    for number in range(ROUNDS):
        p99 = {daemon: daemon.load("promotions", "--model", "one", "--connections", "16", "--count", "2000")["p99_ms"]
               for daemon in in_turn(alone, beside, number)}
        ratios.append(p99[beside] / p99[alone])
    bench.report("hung_p99_ratio", ratios)
    alone.kill()
    beside.kill()
    receiver.stop()


def measure_takeover(bench: Bench):
    """A daemon of two is killed with SIGKILL while it promotes; until the other one has made its promotions live."""
    if bench.journal != "postgres":
        return
    took = []
    for number in range(ROUNDS):
        connection = bench.connection()
        first, second = (bench.daemon(f"pair-{number}-{name}", connection) for name in ("first", "second"))
        first.start()
        second.start()
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            promotions = list(pool.map(lambda lane: first.submit(f"four-{lane}", "1"), range(20)))
        first.kill()
        since = time.monotonic()
        for promotion in promotions:
            while second.call(f"/v1/promotions/{promotion}")["phase"] != "live":
                if time.monotonic() > since + 60:
                    raise SystemExit(f"{promotion} was not taken over")
                time.sleep(0.01)
        took.append(time.monotonic() - since)
        second.stop()
        bench.end()
    bench.report("takeover_s", took)


MEASURES = {measure_disk: ("fdatasync_p50_ms",), measure_journal: ("kept_promotions_per_s", "kept_deliveries_per_s", "kept_promotion_ms"),
            measure_one_daemon: ("idle_rss_mb", "first_gate_p50_ms", "promotion_p50_ms", "promotions_per_s", "cpu_us_per_promotion",
                                 "ingest_per_s", "ingest_p99_ms"),
            measure_audit: ("audit_share",), measure_deliveries: ("deliveries_per_s",), measure_hung: ("hung_p99_ratio",),
            measure_takeover: ("takeover_s",), measure_simulation: ("simulate_10k_s",), measure_watched: ("watched_rss_mb",),
            measure_restart: ("restart_1m_s", "restart_1m_cold_s")}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--journal", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("figures", nargs="*", metavar="FIGURE", help="only what measures these: " + ", ".join(AIMS))
    arguments = parser.parse_args()
    if unknown := set(arguments.figures) - set(AIMS):
        parser.error(f"no figure is called {', '.join(sorted(unknown))}")
    build = arguments.build.resolve()
    work = build / "bench"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    bench = Bench(build, work, arguments.journal)
    for measure, figures in MEASURES.items():
        if not arguments.figures or set(figures) & set(arguments.figures):
            try:
                measure(bench)
            finally:
                bench.end()
    shutil.rmtree(work)


if __name__ == "__main__":
    sys.exit(main())
