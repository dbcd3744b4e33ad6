"""What lanes have to do with each other and with the registry, on the real penstockd: semaphores whose limit is raised while it runs, a
lane that comes to follow another one later, and an alias that somebody moves by hand."""

import pathlib
import signal
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from checklist import main
from daemon import Daemon, Receiver
from peer import Registry

TIER_1 = """apiVersion: penstock/v1
kind: Policy
metadata: {name: tier-1}
spec:
  model: tier-*
  environment: production
  semaphore: tier-1
  deliver: [{name: serving, kind: webhook, with: {receiver: receiver}}]
  watch: {for: 10m, every: 1m, gates: [{use: described}]}
"""
STAGING = """apiVersion: penstock/v1
kind: Policy
metadata: {name: staging}
spec:
  model: fraud
  environment: staging
  stages: [{name: checks, gates: [{use: described}]}]
"""
ALIASED = """apiVersion: penstock/v1
kind: Policy
metadata: {name: production}
spec:
  model: fraud
  environment: production
  after: {environment: staging}
  stages: [{name: checks, gates: [{use: described}]}]
  deliver: [{name: alias, kind: mlflow-alias, with: {registry: registry, alias: champion}}]
  drift: {every: 10s, repair: REPAIR}
"""


def reload(expect, daemon, what):
    before = len(daemon.logged("definitions.reloaded"))
    daemon.process.send_signal(signal.SIGHUP)
    expect.within(30, lambda: len(daemon.logged("definitions.reloaded")) > before, what)


def semaphores(expect, programs, daemon):
    first, second, third = (daemon.open_promotion(f"tier-{n}") for n in (1, 2, 3))
    daemon.wait_for_phase(first, {"watching"})
    waiting = [daemon.wait_for_phase(one, {"awaiting_window"}) for one in (second, third)][0]
    expect.told(waiting["wait"]["what"], "1 of 1 places of the semaphore tier-1 are held", "tier-1 in production",
                what="who waits for a place is told who holds it")
    expect.expect(waiting["wait"]["until"] and waiting["semaphore"]["limit"] == 1, "and until when", waiting)
    told = subprocess.run([programs / "penstock", "semaphores"], env={"PENSTOCK_URL": daemon.url, "PENSTOCK_TOKEN": "token-ann"},
                          capture_output=True, text=True)
    expect.told(told.stdout, "tier-1: 1 of 1 places are held", "tier-2 in production  waits", what="the command line lists them")

    settings = daemon.work / "penstock.yaml"
    settings.write_text(settings.read_text().replace("tier-1: 1", "tier-1: 2"))
    reload(expect, daemon, "SIGHUP reads the limits again")
    daemon.wait_for_phase(second, {"watching"})
    expect.expect(daemon.call("GET", f"/v1/promotions/{third}", token="ann")[2]["phase"] == "awaiting_window", "one more goes, the next one waits")
    expect.expect(daemon.stop() == 0, "it stops cleanly")
    settings.write_text(settings.read_text().replace("tier-1: 2", "tier-1: 3"))
    daemon.start()
    daemon.wait_for_phase(third, {"watching"})
    expect.expect(True, "a start with a higher limit lets it go as well")


def drift(expect, daemon, registry):
    registry.register("fraud", "7")
    candidate = {"source": "registry", "registry": {"kind": "mlflow", "endpoint": "registry", "name": "fraud", "version": "7"}}
    staged = daemon.open_promotion("fraud", "7", **candidate)
    daemon.wait_for_phase(staged, {"live"})
    policy = daemon.work / "gate-definitions/policies/9.yaml"
    policy.write_text(ALIASED.replace("REPAIR", "false"))
    reload(expect, daemon, "a policy that follows staging comes later")

    def production(phase):
        return daemon.call("GET", f"/v1/promotions?model=fraud&environment=production&phase={phase}", token="ann")[2]["promotions"]

    expect.within(30, lambda: production("live"), "what is live in staging comes to production")
    followed = production("live")[0]["id"]
    policy.write_text(ALIASED.replace("REPAIR", "true"))
    reload(expect, daemon, "the policy is changed")

    def look():
        return daemon.call("GET", f"/v1/promotions/{followed}", token="ann")[2]["deliveries"][0]["look"]

    expect.within(30, lambda: look()["effect"] == "kept", "the alias is looked at")
    registry.aliases[("fraud", "champion")] = "9"
    expect.within(30, lambda: look()["effect"] == "drifted", "somebody moves it")
    expect.told(look()["observed"], "points to version 9", "version 7 was promoted", what="and what it points to is told")
    expect.expect(registry.aliases[("fraud", "champion")] == "9", "a promotion keeps its policy: nothing is put back")
    expect.told(daemon.metrics(), 'penstock_effects_seen_total{environment="production",effect="drifted"}', what="the metrics count it")
    all_of_it = daemon.call("GET", "/v1/promotions?model=fraud&environment=production", token="ann")[2]["promotions"]
    expect.expect(len(all_of_it) == 1, "the candidate was seen once", all_of_it)

    registry.aliases[("fraud", "champion")] = "7"
    registry.register("fraud", "8")
    candidate["registry"]["version"] = "8"
    daemon.wait_for_phase(daemon.open_promotion("fraud", "8", **candidate), {"live"})
    expect.within(30, lambda: registry.aliases[("fraud", "champion")] == "8", "version 8 follows")
    expect.within(30, lambda: production("live")[0]["version"] == "8", "and is live")
    registry.aliases[("fraud", "champion")] = "9"
    expect.within(40, lambda: registry.aliases[("fraud", "champion")] == "8", "under the new policy the alias is put back")


def story(expect, programs, work):
    receiver, registry = Receiver(), Registry()
    daemon = Daemon(programs, work, TIER_1, STAGING, receiver_url=receiver.url,
                    endpoints=[f"{{name: registry, kind: mlflow, url: \"{registry.url}\", allow_private: true}}"],
                    sources=["{name: registry, kind: mlflow, every: 1h, with: {endpoint: registry, models: [\"none\"]}}"])
    settings = daemon.work / "penstock.yaml"
    settings.write_text("semaphores: {tier-1: 1}\n" + settings.read_text())
    daemon.start()
    semaphores(expect, programs, daemon)
    drift(expect, daemon, registry)
    expect.expect(daemon.stop() == 0, "it stops cleanly")


if __name__ == "__main__":
    main(story, __doc__)
