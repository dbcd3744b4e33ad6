"""Gate definitions that change while penstockd runs: SIGHUP takes all of them or none, and promotions keep the policy they began under."""

import hashlib
import json
import os
import pathlib
import signal
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from checklist import main
from daemon import Daemon, Receiver

POLICY = """apiVersion: penstock/v1
kind: Policy
metadata: {name: people}
spec:
  model: fraud-*
  environment: production
  stages: [{name: checks, gates: [{use: described}]}]
  approvals: [{group: release-managers, count: 2}]
  deliver: [{name: serving, kind: webhook, with: {receiver: receiver}}]
"""
NEW_POLICY = """apiVersion: penstock/v1
kind: Policy
metadata: {name: credit}
spec:
  model: credit
  environment: production
  stages: [{name: checks, gates: [{use: described}]}]
  deliver: [{name: serving, kind: webhook, with: {receiver: receiver}}]
"""
GIT = ["git", "-c", "user.name=A", "-c", "user.email=ann", "-c", "commit.gpgsign=false"]


class Reloads:
    def __init__(self, expect, daemon):
        self.expect, self.daemon = expect, daemon

    def send(self, event: str, what: str):
        """Sends SIGHUP and waits for one more entry of the event; returns it."""
        before = len(self.daemon.logged(event))
        self.daemon.process.send_signal(signal.SIGHUP)
        self.expect.within(30, lambda: len(self.daemon.logged(event)) > before, what)
        entries = self.daemon.logged(event)
        return entries[-1] if len(entries) > before else {}

    def metric(self, name: str):
        return [line.rsplit(" ", 1)[1] for line in self.daemon.metrics().splitlines() if line.startswith(name + " ")]

    def problems(self):
        return self.daemon.call("GET", "/readyz")[2]["definitions"]["problems"]


def story(expect, programs, work):
    receiver = Receiver()
    daemon = Daemon(programs, work, POLICY, receiver_url=receiver.url)
    policies = daemon.work / "gate-definitions/policies"
    daemon.start()
    reloads = Reloads(expect, daemon)
    running = daemon.open_promotion("fraud-eu")
    old = daemon.wait_for_phase(running, {"awaiting_approval"})
    expect.expect(daemon.submit("credit")[0] == 422, "a model that no policy covers is refused")
    expect.expect(reloads.metric("penstock_policies") == ["1"], "one policy is in force")

    # Good ones.
    (policies / "0.yaml").write_text(POLICY.replace("count: 2", "count: 1"))
    (policies / "1.yaml").write_text(NEW_POLICY)
    told = reloads.send("definitions.reloaded", "SIGHUP reads the definitions again")
    expect.expect((told.get("policies"), told.get("added"), told.get("changed")) == ("2", "credit", "people"), "and tells what they change", told)
    daemon.wait_for_phase(daemon.open_promotion("credit"), {"live"})
    expect.expect(True, "a policy that is new promotes at once")
    newer = daemon.open_promotion("fraud-us")
    seen = daemon.wait_for_phase(newer, {"awaiting_approval"})
    expect.expect(seen["policy"]["digest"] != old["policy"]["digest"], "a promotion that opens now has the new policy", seen["policy"])
    still = daemon.call("GET", f"/v1/promotions/{running}", token="ann")[2]
    expect.expect(still["policy"]["digest"] == old["policy"]["digest"] and still["decide_on"] == old["decide_on"],
                  "the one that was running keeps its own", still["policy"])
    daemon.decide(newer, "ann")
    daemon.wait_for_phase(newer, {"live"})
    daemon.decide(running, "ann")
    waiting = daemon.call("GET", f"/v1/promotions/{running}", token="ann")[2]
    expect.expect(waiting["phase"] == "awaiting_approval", "which needs two people, as it did when it began", waiting["phase"])

    settings = daemon.work / "penstock.yaml"
    settings.write_text(settings.read_text() + "semaphores: {tier-1: 2}\n")
    reloads.send("definitions.reloaded", "semaphores come into force with them")
    noted = [json.loads(row["entry"]) for row in daemon.call("GET", "/v1/audit/entries?limit=500", token="ci")[2]["entries"]]
    noted = [entry for entry in noted if entry["what"] == "reloaded"]
    expect.expect(noted[-1]["settings"] == "sha256:" + hashlib.sha256(settings.read_bytes()).hexdigest() != noted[0]["settings"],
                  "and the audit log names the settings that they were read from", noted)

    # Bad ones: two faults in two files, and a good change beside them.
    good = {path: path.read_bytes() for path in policies.iterdir()}
    (policies / "0.yaml").write_text(POLICY.replace("count: 2", "count: 1").replace("described", "descrbed"))
    (policies / "1.yaml").write_text(NEW_POLICY.replace("receiver: receiver", "receiver: receivr"))
    (policies / "2.yaml").write_text(NEW_POLICY.replace("credit", "basel"))
    before = len(daemon.logged("definitions.problem"))
    told = reloads.send("definitions.refused", "definitions with a fault are refused")
    expect.expect(told.get("problems") == "2" and "SIGHUP again" in told.get("next", ""), "and it is told how many faults there are and what helps", told)
    problems = [entry["problem"] for entry in daemon.logged("definitions.problem")[before:]]
    expect.told("\n".join(problems), "policies/0.yaml:7:41: error:", "`described`", "policies/1.yaml:8:61: error:", "`receiver`",
                what="all faults are in the log, with file, line and column")
    linted = subprocess.run([daemon.programs / "penstock", "lint", daemon.work / "penstock.yaml"], capture_output=True, text=True, timeout=60)
    expect.expect(linted.stderr.splitlines() == problems, "penstock lint tells the same", linted.stderr)
    expect.expect(reloads.problems() == 2 and reloads.metric("penstock_definitions_problems") == ["2"], "readyz and metrics show that there are some")
    expect.expect(daemon.call("GET", "/readyz")[0] == 200, "the daemon is as ready as before")
    expect.expect(daemon.submit("basel")[0] == 422, "nothing of the good file is in force either")
    daemon.wait_for_phase(daemon.open_promotion("credit", "2"), {"live"})
    expect.expect(daemon.process.poll() is None, "what was in force goes on promoting")

    # Put right, in a git work tree: the editor is kept away.
    for path, text in good.items():
        path.write_bytes(text)
    excluding = POLICY.replace("count: 2", "count: 1, not: [editor]")
    (policies / "0.yaml").write_text(excluding)
    reloads.send("definitions.refused", "a policy that keeps its editor away is refused when it is not committed")
    expect.told(daemon.logged("definitions.problem")[-1]["problem"], "`editor` keeps nobody from approving, because nobody can tell",
                what="which says why")
    folder = daemon.work / "gate-definitions"
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "Definitions"]):
        subprocess.run([*GIT, *command], cwd=folder, check=True,
                       env={key: value for key, value in os.environ.items() if not key.startswith("GIT_")})
    told = reloads.send("definitions.reloaded", "committed, it comes into force")
    expect.expect(reloads.problems() == 0 and told.get("removed") == "" and told.get("added") == "basel", "and so does all else", told)
    edited = daemon.open_promotion("fraud-fr")
    daemon.wait_for_phase(edited, {"awaiting_approval"})
    status, _, answer = daemon.decide(edited, "ann")
    expect.expect(status == 403 and "the last editor of the policy" in str(answer), "who committed the policy may not approve under it", answer)
    expect.expect(daemon.decide(edited, "bob")[0] == 200, "somebody else may")
    (policies / "0.yaml").write_text(excluding + "# changed\n")
    reloads.send("definitions.refused", "with changes that nobody has committed it is refused again")

    # Many at once, and one that comes while the daemon stops.
    (policies / "0.yaml").write_text(excluding)
    for _ in range(20):
        daemon.process.send_signal(signal.SIGHUP)
    expect.within(30, lambda: reloads.problems() == 0, "signals that come together are all taken")
    daemon.decide(running, "bob")
    daemon.wait_for_phase(running, {"live"})
    expect.expect(True, "the promotion that began first is live under the policy it began with")
    daemon.process.send_signal(signal.SIGHUP)
    expect.expect(daemon.stop() == 0, "it stops cleanly")


if __name__ == "__main__":
    main(story, __doc__)
