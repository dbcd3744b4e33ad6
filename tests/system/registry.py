"""MLflow servers that are away, fail, answer garbage or never answer, one of each, and one that is well, under the real penstockd:
its sources, its alias delivery and its rollback-readiness gate tell what is wrong, let nothing pass, hold up nobody else, and go on
when the server is back."""

import base64
import hashlib
import hmac
import json
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from checklist import main
from daemon import SECRET, Daemon
from peer import Registry

# How it goes wrong, and what of that a person must be able to read.
FAULTS = {
    "refused": "Failed to connect",
    "failing": "answered 500",
    "html": "",
    "shape": "",
    "nested": "",
    "endless": "",
    "silent": "whole answer within",
    "trickle": "",
}
ALL = [*FAULTS, "steady"]

GATE = """apiVersion: penstock/v1
kind: Gate
metadata: {name: rollback}
spec: {kind: rollback-readiness, with: {fallback: the rules of last year}}
"""

POLICY = """apiVersion: penstock/v1
kind: Policy
metadata: {name: NAME}
spec:
  model: NAME-*
  environment: production
  stages: [{name: ready, gates: [{use: rollback, deadline: 6s}]}]
  approvals: [{group: release-managers, count: 1}]
  deliver: [{name: alias, kind: mlflow-alias, deadline: 15s, with: {registry: at-NAME, alias: champion}}]
"""


def nudge(daemon: Daemon, name: str):
    """MLflow's webhook: a version was made."""
    body = json.dumps({"entity": "model_version", "action": "created", "data": {}}).encode()
    delivery, stamp = f"d-{name}-{time.monotonic_ns()}", str(int(time.time()))
    signature = base64.b64encode(hmac.new(SECRET.encode(), f"{delivery}.{stamp}.".encode() + body, hashlib.sha256).digest()).decode()
    return daemon.call("POST", f"/hooks/{name}", body, headers={"X-MLflow-Delivery-Id": delivery, "X-MLflow-Timestamp": stamp,
                                                                 "X-MLflow-Signature": "v1," + signature})[0]


def promotions(daemon: Daemon, name: str, version: str):
    return daemon.call("GET", f"/v1/promotions?model={name}-model&version={version}", token="ann")[2]["promotions"]


def seen_promotion(expect, daemon: Daemon, name: str, version: str, seconds: float) -> str:
    expect.within(seconds, lambda: promotions(daemon, name, version), f"{name}: version {version} is seen")
    return promotions(daemon, name, version)[0]["id"]


def candidate_of(name: str, version: str):
    return {"source": name, "registry": {"kind": "mlflow", "endpoint": f"at-{name}", "name": f"{name}-model", "version": version}}


def story(expect, programs, work):
    registries = {name: Registry() for name in ALL}
    daemon = Daemon(
        programs, work, *(POLICY.replace("NAME", name) for name in ALL), gates=[GATE],
        endpoints=[f"{{name: at-{name}, kind: mlflow, url: \"{registry.url}\", allow_private: true}}" for name, registry in registries.items()],
        sources=[f"{{name: {name}, kind: mlflow, every: 1s, with: {{endpoint: at-{name}, models: [\"{name}-*\"]}}}}" for name in ALL],
        hooks=[f"{{name: {name}, kind: mlflow, secret: {{file: secret}}, source: {name}}}" for name in ALL]).start()

    # Every registry is well: version 1 goes live.
    for name in ALL:
        registries[name].register(f"{name}-model", "1")
    for name in ALL:
        first = seen_promotion(expect, daemon, name, "1", 15)
        daemon.wait_for_phase(first, {"awaiting_approval"})
        daemon.decide(first)
        daemon.wait_for_phase(first, {"live"})

    # They go wrong; meanwhile version 2 is registered and submitted.
    for name in FAULTS:
        registries[name].fault = name
    for name in ALL:
        registries[name].register(f"{name}-model", "2")
    held = {name: daemon.open_promotion(f"{name}-model", "2b", **candidate_of(name, "2")) for name in FAULTS}
    steady = seen_promotion(expect, daemon, "steady", "2", 15)
    daemon.wait_for_phase(steady, {"awaiting_approval"})
    daemon.decide(steady)
    daemon.wait_for_phase(steady, {"live"})
    expect.expect(registries["steady"].aliases[("steady-model", "champion")] == "2", "the registry that is well is served meanwhile")

    for name, promotion in held.items():
        seen = daemon.wait_for_phase(promotion, {"held"})
        explanation = daemon.call("GET", f"/v1/promotions/{promotion}/explanation", token="ann")[2]["paragraph"]
        finding = [check["finding"] for check in seen["checks"] if "finding" in check][-1]
        # A poll that waits for the same registry may have its turn first, and a busy machine may be late with the gate's own words.
        words = FAULTS[name]
        for other in ("another call kept the source busy", "the gate had not answered by its deadline"):
            if name in ("nested", "silent", "trickle") and other in explanation:
                words = other
        expect.told(explanation, "rollback errored", words, what=f"{name}: held, and the explanation says why")
        named = "rollback" if words.startswith("the gate") else f"source {name}" if words.startswith("another") else registries[name].url
        expect.expect(finding["source"] == named and finding["next"], f"{name}: the finding names where it comes from and the next step", finding)
        expect.expect(not promotions(daemon, name, "2"), f"{name}: nothing was made up about version 2")

    # The sources tell it: /readyz, /metrics, the log.
    for name in FAULTS:
        expect.within(25, lambda: f"penstock_source_failures{{source=\"{name}\"}} 0" not in daemon.metrics(), f"{name}: the metrics count failing polls")
    status, _, ready = daemon.call("GET", "/readyz")
    sources = {source["name"]: source for source in ready["sources"]}
    expect.expect(status == 200 and "problem" not in sources["steady"] and all(sources[name].get("problem") for name in FAULTS),
                  "/readyz stays ready, and names the problem of each source that fails", ready)
    for name, words in FAULTS.items():
        mine = "\n".join(entry["problem"] for entry in daemon.logged("source.problem", source=name))
        expect.told(mine, registries[name].url, words, what=f"{name}: the log names the registry and what is wrong")

    # They are well again: what was missed is seen, what was held goes on when a person says so.
    for name in FAULTS:
        registries[name].fault = ""
        expect.expect(nudge(daemon, name) == 202, f"{name}: a signed webhook of the registry is taken")
    for name, promotion in held.items():
        seen_promotion(expect, daemon, name, "2", 15)
        expect.expect(daemon.retry(promotion)[0] == 200, f"{name}: a person retries")
    for name, promotion in held.items():
        daemon.wait_for_phase(promotion, {"awaiting_approval"})

    # They go wrong again, now under the alias delivery.
    for name, promotion in held.items():
        registries[name].fault = name
        daemon.decide(promotion)
    for name, promotion in held.items():
        seen = daemon.wait_for_phase(promotion, {"held"})
        wait = seen["wait"]["what"]
        expect.told(wait, "delivery alias", f"at-{name}" if name in ("failing", "html", "shape", "nested") else registries[name].url, FAULTS[name],
                    what=f"{name}: the alias is held, with the registry and the reason")
        expect.expect(registries[name].aliases[(f"{name}-model", "champion")] == "1", f"{name}: the alias has not moved")
    for name, promotion in held.items():
        registries[name].fault = ""
        daemon.retry(promotion)
    for name, promotion in held.items():
        daemon.wait_for_phase(promotion, {"live"})
        expect.expect(registries[name].aliases[(f"{name}-model", "champion")] == "2", f"{name}: a retry moves the alias")
        seen_promotion(expect, daemon, name, "2", 5)
    expect.expect(daemon.stop() == 0, "it stops cleanly")


if __name__ == "__main__":
    main(story, __doc__)
