"""The CycloneDX documents of real promotions: CycloneDX's own schema accepts each, and each tells what really happened."""

import hashlib
import json
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from checklist import main
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from daemon import Daemon, Receiver

SHIPPED = pathlib.Path(__file__).parents[2] / "gate-definitions"

POLICY = """apiVersion: penstock/v1
kind: Policy
metadata: {name: two-people}
spec:
  model: fraud-*
  environment: production
  stages: [{name: checks, gates: [{use: described, max_age: 12h}]}]
  approvals: [{group: release-managers, count: 2, not: [submitter, author]}]
  deliver: [{name: serving, kind: webhook, with: {receiver: receiver}}]
  break_glass: {group: release-managers, skip: [approvals], reviewers: guests}
"""

CANDIDATE = {
    "artifact": {"digest": "sha256:" + "a" * 64, "uri": "models:/m-1"},
    "git": {"repository": "https://git.example.com/fraud.git", "commit": "c" * 40},
    "data_sets": {"training": "cards/2026-11.csv"},
    "metrics": {"auc": 0.91, "precision": 1e-7},
    "authors": ["mia"],
}
LABELS = {"owner": "team", "approach": "supervised", "task": "classification", "architecture_family": "trees", "architecture": "forest",
          "inputs": "text/csv, application/json", "outputs": "application/json", "users": "case workers", "use_cases": "card fraud; refunds",
          "limitations": "nothing beyond Europe", "tradeoffs": "recall before precision", "ethical_considerations": "age is not used"}

HOSTILE = "a\n\"<script>alert(1)</script>\u0001\u007f\u202e\U0001f4a3 urn:cdx: "


class Story:
    def __init__(self, check, programs, work):
        self.check = check
        self.daemon = Daemon(programs, work, POLICY, POLICY.replace("fraud-*", '"*"').replace("two-people", "others"), receiver_url=Receiver().url).start()
        self.program = programs.resolve().parent / "tests/system/bom_document"
        self.validator = JsonStrictValidator(SchemaVersion.V1_6)

    def get(self, path):
        status, _, answer = self.daemon.call("GET", path, token="ann")
        if status != 200:
            raise SystemExit(f"{path} was answered {status}: {answer}")
        return answer

    def facts(self, promotion: str) -> dict:
        told = self.get(f"/v1/promotions/{promotion}")
        policies = {policy["name"]: policy["document"] for policy in self.get("/v1/definitions")["policies"]}
        facts = {"promotion": told, "candidate": self.get(f"/v1/candidates/{told['candidate']}"), "policy": policies[told["policy"]["name"]],
                 "explanation": self.get(f"/v1/promotions/{promotion}/explanation"), "written": "2026-11-21T12:00:00.000Z",
                 "waivers": [waiver for one in told["checks"] for waiver in one.get("waivers", [])]}
        files = {name + ".json": json.dumps(facts[name]).encode() for name in ("promotion", "candidate", "policy", "explanation", "waivers")}
        files |= {"attestation.json": b"{}", "audit/proofs.json": b"{}"}
        for one in told["checks"]:
            for document in one["finding"].get("evidence", []):
                digest = document["digest"].removeprefix("sha256:")
                files["evidence/" + digest] = self.daemon.call("GET", f"/v1/evidence/{document['digest']}", token="ann")[2]
        facts["attestation_sha256"] = hashlib.sha256(b"{}").hexdigest()
        facts["files"] = [{"path": path, "sha256": path[9:] if path.startswith("evidence/") else hashlib.sha256(content).hexdigest(),
                           "size": len(content), "media_type": "application/json"} for path, content in files.items()]
        return facts

    def document(self, promotion: str, what: str) -> dict:
        """The document, made twice and validated."""
        facts = json.dumps(self.facts(promotion)).encode()
        made = [subprocess.run([self.program, SHIPPED], input=facts, capture_output=True, timeout=60) for _ in range(2)]
        self.check.expect(made[0].returncode == 0 and not made[0].stderr, f"{what}: a document is made", made[0].stderr)
        self.check.expect(made[0].stdout == made[1].stdout, f"{what}: the same facts give the same bytes")
        text = made[0].stdout.decode()
        wrong = self.validator.validate_str(text)
        self.check.expect(wrong is None, f"{what}: it is valid CycloneDX 1.6", str(wrong)[-1500:])  # its end says where
        return json.loads(text)


def clause(document: dict, framework: str, identifier: str) -> dict:
    refs = {entry["requirement"]: entry for one in document["declarations"]["attestations"] for entry in one["map"]}
    return next(entry for ref, entry in refs.items() if ref.startswith(f"framework/{framework}/") and ref.endswith("/" + identifier))


def approved(story) -> None:
    check, daemon = story.check, story.daemon
    promotion = daemon.open_promotion("fraud-eu", **CANDIDATE, labels=LABELS)
    daemon.wait_for_phase(promotion, {"awaiting_approval"})
    document = story.document(promotion, "one that waits")
    check.expect("affirmation" not in document["declarations"], "nobody has signed while nobody has approved")
    check.expect(clause(document, "soc-2", "CC8.1")["conformance"]["score"] < 1, "and changes are not approved yet")
    for person in ("ann", "bob"):
        daemon.decide(promotion, person)
    daemon.wait_for_phase(promotion, {"live"})
    document = story.document(promotion, "one that is live")
    check.expect({one["name"] for one in document["declarations"]["affirmation"]["signatories"]} == {"ann", "bob"}, "those who approved are signatories")
    change = clause(document, "soc-2", "CC8.1")
    check.expect(change["conformance"]["score"] == 1 and "counterClaims" not in change, "the change shows everything that was asked for", change)
    missing = clause(document, "iso-iec-42001", "A.7.4")["conformance"]
    check.expect(missing["score"] == 0 and "no gate of the kind data-contract" in missing["rationale"], "and what it does not show is told", missing)
    card = document["metadata"]["component"]["modelCard"]
    check.expect(card["modelParameters"]["approach"] == {"type": "supervised"} and card["considerations"]["useCases"] == ["card fraud", "refunds"],
                 "the labels are in the model card", card)
    check.expect(len(document["definitions"]["standards"]) == 5, "five frameworks are gone through")
    evidence = {one["bom-ref"]: one for one in document["declarations"]["evidence"]}
    check.expect("expires" in evidence["evidence/gate/described"], "an answer with an age limit expires", evidence["evidence/gate/described"])


def rejected(story) -> None:
    promotion = story.daemon.open_promotion("fraud-us", labels={"x": "y"})
    story.daemon.wait_for_phase(promotion, {"rejected"})
    document = story.document(promotion, "one that was rejected")
    entry = clause(document, "nist-ai-rmf", "MANAGE 1.1")
    story.check.expect("claim/counter/gate/described" in entry["counterClaims"] and "labels.owner" in entry["conformance"]["rationale"],
                       "the gate that rejected it speaks against it", entry)


def waived(story) -> None:
    check, daemon = story.check, story.daemon
    daemon.open_promotion("fraud-fr")  # so that the lane is there
    waivers = "/v1/lanes/fraud-fr/production/waivers"
    wish = {"gate": "described", "versions": "2*", "reason": "the owner is on leave", "control": "her deputy is asked", "for": "24h"}
    asked = daemon.call("POST", waivers, wish, "ann")
    granted = daemon.call("POST", f"{waivers}/{asked[2]['id']}/grant", {}, "bob")
    check.expect(asked[0] == 201 and granted[0] == 200, "a waiver is granted", (asked, granted))
    first = daemon.call("GET", "/v1/promotions?model=fraud-fr", token="ann")[2]["promotions"][0]["id"]
    for person in ("ann", "bob"):
        daemon.wait_for_phase(first, {"awaiting_approval"})
        daemon.decide(first, person)
    daemon.wait_for_phase(first, {"live"})
    promotion = daemon.open_promotion("fraud-fr", "2", labels={"x": "y"})
    for person in ("ann", "bob"):
        daemon.wait_for_phase(promotion, {"awaiting_approval"})
        daemon.decide(promotion, person)
    daemon.wait_for_phase(promotion, {"live"})
    document = story.document(promotion, "one that was waived")
    entry = clause(document, "soc-2", "CC8.1")
    check.expect(entry["counterClaims"] == [f"claim/counter/waiver/described/{asked[2]['id']}"], "the waiver is a counter-claim", entry)
    check.expect("her deputy is asked" in json.dumps(document["declarations"]["evidence"]), "with what is done instead")


def broken(story) -> None:
    check, daemon = story.check, story.daemon
    promotion = daemon.open_promotion("fraud-de")
    for person in ("ann", "bob"):
        seen = daemon.wait_for_phase(promotion, {"awaiting_approval"})
        daemon.call("POST", f"/v1/promotions/{promotion}/decisions", {"decision": "break-glass", "note": "all cards are refused"}, person,
                    {"If-Match": f"\"{seen['decide_on']}\""})
    daemon.wait_for_phase(promotion, {"live"})
    entry = clause(story.document(promotion, "one behind broken glass"), "soc-2", "CC8.1")
    check.expect({"claim/counter/approvals", "claim/counter/break-glass"} <= set(entry["counterClaims"]), "broken glass is a counter-claim", entry)
    check.expect("its review is owed" in entry["conformance"]["rationale"], "and its review is owed", entry)
    status, _, answer = daemon.call("POST", "/v1/lanes/fraud-de/production/review", {"text": "it was right"}, "max")
    entry = clause(story.document(promotion, "one whose broken glass was reviewed"), "soc-2", "CC7.4")
    check.expect(status == 200 and "owes no review" in entry["conformance"]["rationale"], "until somebody has filed it", (answer, entry))


def hostile(story) -> None:
    promotion = story.daemon.open_promotion(
        HOSTILE, HOSTILE, git={"repository": "javascript:alert(1)//[", "commit": "c" * 40}, metrics={HOSTILE: 1e308},
        data_sets={HOSTILE: "../../etc/passwd", "framework/soc-2": HOSTILE}, authors=[HOSTILE],
        labels={"owner": HOSTILE, HOSTILE: HOSTILE * 30, "use_cases": ";" * 1900 + HOSTILE, "approach": HOSTILE})
    story.daemon.wait_for_phase(promotion, {"awaiting_approval"})
    document = story.document(promotion, "one with hostile names")
    story.check.expect(document["metadata"]["component"]["name"] == HOSTILE, "hostile text stays text")
    story.check.expect("externalReferences" not in document["metadata"]["component"], "and becomes no address")


def story(check, programs, work):
    one = Story(check, programs, work)
    for part in (approved, rejected, waived, broken, hostile):
        part(one)
    one.daemon.stop()


if __name__ == "__main__":
    main(story, __doc__)
