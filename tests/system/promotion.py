"""A promotion from submission to live on the real penstockd, over HTTP alone, and what is refused on the way."""

import argparse
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from daemon import Daemon, Receiver

POLICY = """apiVersion: penstock/v1
kind: Policy
metadata: {name: two-people}
spec:
  model: fraud-*
  environment: production
  stages: [{name: checks, gates: [{use: described}]}]
  approvals: [{group: release-managers, count: 2}]
  deliver: [{name: serving, kind: webhook, with: {receiver: receiver}}]
"""

failures = []


def expect(condition, what):
    print(("ok    " if condition else "FAIL  ") + what)
    if not condition:
        failures.append(what)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=pathlib.Path, required=True)
    parser.add_argument("--work", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    receiver = Receiver()
    daemon = Daemon(arguments.programs, arguments.work, POLICY, receiver_url=receiver.url).start()

    status, headers, answer = daemon.submit("fraud-eu")
    expect(status == 201, "a new candidate is answered 201")
    promotion = answer["promotions"][0] if isinstance(answer["promotions"][0], str) else answer["promotions"][0]["id"]
    expect(daemon.submit("fraud-eu")[0] == 200, "the same candidate again is answered 200")
    expect(daemon.submit("unknown")[0] == 422, "a model that no policy covers is answered 422")
    expect(daemon.call("POST", "/v1/candidates", b"{\"model\": ", "ci")[0] == 400, "half a JSON document is answered 400")
    nested = b"[" * 100000
    expect(daemon.call("POST", "/v1/candidates", nested, "ci")[0] == 400, "100 000 nested lists are answered 400")
    expect(daemon.call("POST", "/v1/candidates", {"model": "fraud-eu", "version": "2", "artefact": 1}, "ci")[0] == 400,
           "an unknown key is answered 400")
    expect(daemon.call("GET", "/v1/promotions")[0] == 401, "without a token the answer is 401")
    expect(daemon.call("GET", "/v1/promotions", token="nobody")[0] == 401, "with an unknown token the answer is 401")

    seen = daemon.wait_for_phase(promotion, {"awaiting_approval"})
    decisions = f"/v1/promotions/{promotion}/decisions"
    match = {"If-Match": f"\"{seen['decide_on']}\""}
    approve = {"decision": "approve", "note": "seen"}
    expect(daemon.call("POST", decisions, approve, "ann")[0] == 428, "an approval without If-Match is answered 428")
    stale = {"If-Match": "\"sha256:" + "0" * 64 + "\""}
    expect(daemon.call("POST", decisions, approve, "ann", stale)[0] == 412, "a stale digest is answered 412")
    expect(daemon.call("POST", decisions, approve, "ci", match)[0] == 403, "a service cannot approve")
    expect(daemon.call("POST", decisions, approve, "max", match)[0] == 403, "a person outside the group cannot approve")
    expect(daemon.call("POST", decisions, approve, "ann", match)[0] == 200, "ann approves")
    daemon.call("POST", decisions, approve, "ann", match)
    still = daemon.call("GET", f"/v1/promotions/{promotion}", token="ann")[2]
    expect(still["phase"] == "awaiting_approval", "ann's second approval does not count")
    expect(daemon.call("POST", decisions, approve, "bob", match)[0] == 200, "bob approves")
    daemon.wait_for_phase(promotion, {"live"})
    expect(list(receiver.effects) == [f"deliver/{promotion}/serving/1"] and not receiver.bad, "the receiver took one signed webhook")
    lane = daemon.call("GET", "/v1/lanes/fraud-eu/production", token="ann")[2]
    expect(lane["live"]["id"] == promotion, "the lane shows it as live")

    rejected = daemon.submit("fraud-us", owner="")[2]["promotions"][0]
    rejected = rejected if isinstance(rejected, str) else rejected["id"]
    ended = daemon.wait_for_phase(rejected, {"rejected"})
    expect("labels.owner is missing" in ended["reason"], "a failing gate rejects, and says what is missing")

    second = subprocess.run([arguments.programs / "penstockd", "--config", arguments.work / "penstock.yaml"], capture_output=True, text=True,
                            timeout=60)
    expect(second.returncode == 1 and str(daemon.process.pid) in second.stderr, "a second daemon on the same journal is refused, naming the first")
    document = daemon.call("GET", "/openapi.json")[2]
    expect("/v1/promotions/{id}/decisions" in document["paths"], "the API describes itself")
    expect("penstock_promotions_total" in daemon.call("GET", "/metrics")[2], "the metrics count promotions")
    expect(daemon.stop() == 0, "it stops cleanly")
    daemon.start()
    again = daemon.call("GET", f"/v1/promotions/{promotion}", token="ann")[2]
    expect(again["phase"] == "live" and len(again["approvals"]["given"]) == 2, "after a restart all of it is there")
    daemon.stop()
    print(f"{len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
