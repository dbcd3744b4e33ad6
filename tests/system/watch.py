"""What a policy file says of the time after delivery, on the real penstockd: a watch that goes back by itself, an approval that is not
waited for, and a champion that a challenger must beat."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from checklist import main
from daemon import Daemon, Receiver

HEALTHY = """apiVersion: penstock/v1
kind: Gate
metadata: {name: healthy}
spec: {kind: candidate-fields, with: {require: [labels.healthy]}}
"""
CHAMPION = """apiVersion: penstock/v1
kind: Gate
metadata: {name: challenger}
spec: {kind: champion-comparison, with: {metrics: [{name: auc, better: higher, at_least_by: 0.01}], when_nothing_is_live: pass}}
"""
POLICY = """apiVersion: penstock/v1
kind: Policy
metadata: {name: watched}
spec:
  model: fraud-*
  environment: production
  stages: [{name: checks, gates: [{use: described}, {use: challenger}]}]
  approvals: [{group: guests, required: false}]
  deliver: [{name: serving, kind: webhook, with: {receiver: receiver}}]
  watch: {for: 1h, every: 10s, gates: [{use: healthy}], failures: 1, on_failure: roll-back}
  rollback: {stages: [{name: again, gates: [{use: described}]}]}
"""


def story(expect, programs, work):
    receiver = Receiver()
    daemon = Daemon(programs, work, POLICY, receiver_url=receiver.url, gates=(HEALTHY, CHAMPION)).start()

    def submit(version, auc, **labels):
        return daemon.open_promotion("fraud-eu", version, labels={"owner": "team", **labels}, metrics={"auc": auc})

    def seen(promotion):
        return daemon.call("GET", f"/v1/promotions/{promotion}", token="ann")[2]

    first = submit("1", 0.90, healthy="yes")
    watched = daemon.wait_for_phase(first, {"watching"})
    expect.expect(watched["phase"] == "watching", "what is live is looked at; an approval that is not required is not waited for")
    expect.within(10, lambda: any(one["gate"] == "watch/healthy" and (one.get("finding") or {}).get("verdict") == "passed"
                                  for one in seen(first)["checks"]), "by a gate that is named apart from those of the stages")

    weak = submit("2", 0.905, healthy="yes")
    ended = daemon.wait_for_phase(weak, {"rejected"})
    expect.told(ended["reason"], "auc 0.905, live 0.9", what="a challenger that is not better enough is rejected, with both values")

    bad = submit("3", 0.95)
    daemon.wait_for_phase(bad, {"rolled_back"})
    expect.expect(True, "a better one whose first look fails is taken back by itself")
    lane = daemon.call("GET", "/v1/lanes/fraud-eu/production", token="ann")[2]
    expect.expect(lane["live"]["version"] == "1" and lane["live"]["id"] != first, "version 1 is live again, by a promotion of its own", lane["live"])
    back = seen(lane["live"]["id"])
    expect.expect([one["gate"] for one in back["checks"] if not one["gate"].startswith("watch/")] == ["described"],
                  "over the gates of the way back alone", back["checks"])
    expect.expect(len(receiver.effects) == 3 and not receiver.bad, "with the deliveries of the policy", receiver.effects)
    expect.expect(daemon.stop() == 0, "it stops cleanly")


if __name__ == "__main__":
    main(story, __doc__)
