"""A git server that takes connections and never answers, and one that sends a byte now and then, under the real penstockd: the daemon
answers at once, other sources are polled, what is wrong stands in the log, in the metrics and in /readyz, and a push to the repository
is seen when its server is back."""

import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from checklist import main
from daemon import Daemon
from peer import Peer

POLICY = """apiVersion: penstock/v1
kind: Policy
metadata: {name: rules}
spec: {model: "*-rules", environment: production}
"""


def git(*arguments, at=None):
    identity = ["-c", "user.name=Team", "-c", "user.email=team@example.com", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", *identity, *(["-C", at] if at else []), *arguments], check=True, capture_output=True)


def make_repository(folder: pathlib.Path, model: str):
    git("init", "--quiet", folder)
    (folder / "candidate.yaml").write_text(f"model: {model}\nversion: 1.0.0\n")
    git("add", ".", at=folder)
    git("commit", "--quiet", "-m", "Add the rules", at=folder)
    (folder / ".git/git-daemon-export-ok").touch()


def story(expect, programs, work):
    silent, trickling, web = Peer(None), Peer(None), Peer(None)
    silent.fault, trickling.fault, web.fault = "silent", "drip", "silent"
    trickling.serve = lambda connection: drip(trickling, connection)
    sources = {"silent": f"git://127.0.0.1:{silent.port}/silent", "trickling": f"git://127.0.0.1:{trickling.port}/trickling",
               "web": f"http://127.0.0.1:{web.port}/web.git"}
    daemon = Daemon(programs, work, POLICY, sources=[
        *(f"{{name: {name}, kind: git, every: 1s, with: {{url: \"{url}\", allow_private: true, branches: [main]}}}}" for name, url in sources.items()),
        f"{{name: steady, kind: git, every: 1s, with: {{url: \"file://{work.resolve()}/steady\", allow_local: true, branches: [main]}}}}"])
    for name in ("silent", "steady"):
        make_repository(daemon.work / name, f"{name}-rules")
    daemon.start()

    def live(name):
        found = daemon.call("GET", f"/v1/promotions?model={name}-rules", token="ann")[2]["promotions"]
        return found and found[0]["phase"] == "live"

    expect.within(15, lambda: live("steady"), "the repository that answers is seen and promoted")
    expect.expect(silent.connections and trickling.connections and web.connections, "the others were connected to")
    slowest = 0.0
    for _ in range(30):
        asked = time.monotonic()
        status = daemon.call("GET", "/livez")[0]
        slowest = max(slowest, time.monotonic() - asked)
        time.sleep(0.05)
    expect.expect(status == 200 and slowest < 2, "/livez answers at once", f"{status}, {slowest:.1f} s")
    promotion = daemon.open_promotion("other-rules")
    daemon.wait_for_phase(promotion, {"live"}, 10)
    expect.expect(True, "a submission goes through meanwhile")
    polled = daemon.metrics()
    time.sleep(3)
    expect.expect(count(daemon.metrics(), "steady", "worked") >= count(polled, "steady", "worked") + 2, "the source that is well is polled on")
    expect.expect(daemon.call("GET", "/readyz")[0] == 200, "/readyz stays ready: no work is late")

    # The silence of one server is told after half a minute; the one that drips has until its poll's deadline.
    expect.within(40, lambda: count(daemon.metrics(), "silent", "failed") and count(daemon.metrics(), "web", "failed"), "the metrics count the polls that failed")
    for name, peer in (("silent", silent), ("web", web)):
        mine = "\n".join(entry["problem"] for entry in daemon.logged("source.problem", source=name))
        expect.told(mine, f"127.0.0.1:{peer.port}", "did not send anything within", "look whether the server is well", what=f"{name}: the log names server, trouble and next step")
    ready = {source["name"]: source for source in daemon.call("GET", "/readyz")[2]["sources"]}
    expect.expect(ready["silent"].get("problem") == "timeout" and ready["web"].get("problem") == "timeout" and "problem" not in ready["steady"],
                  "/readyz names the sources that fail", ready)

    # A real git server takes the silent one's place.
    silent.fault = "refused"
    server = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", "git", "daemon", "--listen=127.0.0.1", f"--port={silent.port}", "--reuseaddr",
                               f"--base-path={daemon.work}"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        expect.within(15, lambda: live("silent"), "when its server is back, its candidate is seen and promoted")
    finally:
        server.terminate()
        server.wait()

    # The other two still hang, in the middle of a poll.
    asked = time.monotonic()
    expect.expect(daemon.stop() == 0 and time.monotonic() - asked < 20, "it stops soon although two of its servers hang", f"{time.monotonic() - asked:.0f} s")
    daemon.start()
    expect.expect(live("steady") and live("silent"), "and starts again with all that was live")
    trickling.fault = web.fault = "refused"
    expect.expect(daemon.stop() == 0, "it stops cleanly")


def drip(peer: Peer, connection):
    """A pkt-line of 1000 bytes, a byte every half second."""
    with connection:
        try:
            connection.recv(65536)
            connection.sendall(b"03e8")
            peer.stay(connection, "drip", lambda: connection.sendall(b"x"))
        except OSError:
            pass


def count(metrics: str, source: str, result: str) -> float:
    for line in metrics.splitlines():
        if line.startswith("penstock_polls_total") and f"source=\"{source}\"" in line and f"result=\"{result}\"" in line:
            return float(line.split()[-1])
    return 0


if __name__ == "__main__":
    main(story, __doc__)
