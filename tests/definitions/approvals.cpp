// What policies demand of people.
#include "tests/definitions/life_story.hpp"

using namespace penstock;
using namespace penstock::definitions;
using namespace std::chrono_literals;

TEST_CASE("a rule may be optional, remind, escalate, and keep the editor away") {
  LifeStory story;
  story.options.last_editor = [](const File&) { return core::Result<std::string>("eve@bank.example"); };
  const auto policy = story.policy(
      "  approvals:\n    - {group: managers, count: 2, expires: 48h, not: [submitter, author, editor], remind: 8h, "
      "escalate: {after: 24h, group: directors}}\n    - {group: legal, required: false}\n");
  REQUIRE(policy.approvals.size() == 2);
  CHECK(policy.approvals[0] ==
        core::ApprovalRule{"managers",
                           2,
                           48h,
                           {core::Excluded::submitter, core::Excluded::author, core::Excluded::editor},
                           true,
                           8h,
                           core::Escalation{24h, "directors"}});
  CHECK(policy.approvals[1] == core::ApprovalRule{"legal", 1, 72h, core::ApprovalRule{}.excluded, false, {}, {}});
  CHECK(policy.editor == "eve@bank.example");
}

TEST_CASE("a policy that says nothing new keeps its digest") {
  LifeStory story;
  story.options.last_editor = [](const File&) { return core::Result<std::string>("eve@bank.example"); };
  const std::string keys = "  approvals: [{group: managers}]\n";
  const auto policy = story.policy(keys);
  CHECK(core::canonical_bytes(policy) ==
        R"({"approvals":[{"count":1,"expires":"3d","group":"managers","not":["submitter","author"]}],"deliver":[],)"
        R"("environment":"production","hold_for":"7d","model":"fraud-*","name":"fraud","queue":"queue",)"
        R"("queue_for":"30d","stages":[{"gates":[{"attempts":1,"blocking":true,"deadline":"1m","kind":"fields",)"
        R"("name":"owner","with":{"require":["labels.owner"]}},{"attempts":1,"blocking":false,"deadline":"10m",)"
        R"("kind":"fields","name":"advice","with":{}}],"name":"checks"}]})");
  CHECK(story.policy("  approvals: [{group: managers, required: true}]\n  rollback: {}\n").digest == policy.digest);
}

TEST_CASE("whoever edited a policy last is part of it only where it says so") {
  LifeStory story;
  const std::string plain = "  approvals: [{group: managers}]\n";
  const std::string excluding = "  approvals: [{group: managers, not: [editor]}]\n";
  const std::string back = "  rollback: {approvals: [{group: managers, not: [editor]}]}\n";
  story.options.last_editor = [](const File&) { return core::Result<std::string>("eve@bank.example"); };
  const auto by_eve = story.policy(plain);
  const auto excluding_eve = story.policy(excluding);
  story.options.last_editor = [](const File&) { return core::Result<std::string>("ann@bank.example"); };
  CHECK(by_eve.editor.empty());
  CHECK(story.policy(plain).digest == by_eve.digest);
  CHECK(story.policy(excluding).digest != excluding_eve.digest);
  CHECK(story.policy(back).editor == "ann@bank.example");
}

TEST_CASE("the editor is asked of the file as it was read, and once for all its policies") {
  LifeStory story;
  std::vector<std::string> asked;
  story.options.last_editor = [&asked](const File& file) {
    asked.push_back(file.name + " " + file.text.substr(0, 10));
    return core::Result<std::string>("eve@bank.example");
  };
  const std::string keys = "  approvals: [{group: a, not: [editor]}, {group: b, not: [editor]}]\n";
  story.policy(keys);
  CHECK(asked == std::vector<std::string>{"policies/p.yaml apiVersion"});
}

TEST_CASE("an editor whom nobody knows is a warning to who writes, and an error to who promotes") {
  LifeStory story;
  story.options.last_editor = [](const File&) -> core::Result<std::string> {
    return core::Problem{"no-work-tree", "it lies in no git work tree", "p.yaml", "keep the definitions in git"};
  };
  const std::string keys = "  approvals: [{group: managers, not: [submitter, editor]}]\n";
  const std::string told =
      "spec.approvals[0].not: `editor` keeps nobody from approving, because nobody can tell who edited this policy "
      "last: it lies in no git work tree; keep the definitions in git";
  CHECK(story.problem(keys) == "policies/p.yaml:10:38: warning: " + told);
  CHECK(story.read(keys).policies.at(0)->editor.empty());
  story.options.editor_unknown = Severity::error;
  CHECK(story.problem(keys) == "policies/p.yaml:10:38: error: " + told);
  CHECK(story.read(keys).policies.empty());
  CHECK(story.read("  approvals: [{group: managers}]\n").lints.empty());
  story.options.last_editor = nullptr;
  CHECK(story.problem(keys).find("the file was read without its history") != std::string::npos);
}

TEST_CASE("the group that is escalated to has people, and is another one") {
  LifeStory story;
  story.options.people_in_group = {{"managers", 2}, {"directors", 1}};
  CHECK(story.read("  approvals: [{group: managers, escalate: {after: 8h, group: directors}}]\n").lints.empty());
  CHECK(story.problem("  approvals: [{group: managers, escalate: {after: 8h, group: diretcors}}]\n") ==
        "policies/p.yaml:10:62: error: spec.approvals[0].escalate.group: no person is in the group `diretcors`, did "
        "you mean `directors`?");
  CHECK(story.problem("  approvals: [{group: managers, escalate: {after: 8h, group: managers}}]\n") ==
        "policies/p.yaml:10:62: error: spec.approvals[0].escalate.group: `managers` is the group that is asked "
        "already; name another one");
}

TEST_CASE("the people of the way back are checked as those of the way forward") {
  LifeStory story;
  story.options.people_in_group = {{"managers", 2}};
  CHECK(story.problem("  rollback: {approvals: [{group: managers, count: 3}]}\n") ==
        "policies/p.yaml:10:51: error: spec.rollback.approvals[0].count: 3 approvals are needed of the group "
        "`managers`, which has 2 people");
}

TEST_CASE("a reminder or an escalation after the end is told") {
  const LifeStory story;
  CHECK(story.problem("  approvals: [{group: managers, expires: 8h, remind: 8h}]\n") ==
        "policies/p.yaml:10:54: error: spec.approvals[0].remind: a reminder after 8h comes too late: the approval "
        "expires after 8h; write less, or a longer `expires`");
  CHECK(story.problem("  approvals: [{group: managers, escalate: {after: 4d, group: directors}}]\n") ==
        "policies/p.yaml:10:51: error: spec.approvals[0].escalate.after: an escalation after 4d comes too late: the "
        "approval expires after 3d; write less, or a longer `expires`");
  CHECK(story.problem("  approvals: [{group: managers, remind: 5s}]\n") ==
        "policies/p.yaml:10:41: error: spec.approvals[0].remind: is 5s, needs at least 1m");
  CHECK(story.read("  approvals: [{group: managers, expires: 8h, remind: 7h}]\n").lints.empty());
}

TEST_CASE("nobody says by themselves who edited a policy") {
  const auto loaded = load_files({{"policies/p.yaml",
                                   "apiVersion: penstock/v1\nkind: Policy\nmetadata: {name: fraud, edited_by: ann}\n"
                                   "spec: {model: fraud, environment: dev, approvals: [{group: a}]}\n"}},
                                 options_for_tests());
  CHECK(texts(loaded.lints) ==
        std::vector<std::string>{
            "policies/p.yaml:3:25: error: metadata: unknown key `edited_by`; known here are `name`"});
}

TEST_CASE("a policy that only asks people who need not answer demands nothing") {
  const auto loaded = load_files({{"policies/p.yaml",
                                   "apiVersion: penstock/v1\nkind: Policy\nmetadata: {name: open}\nspec: {model: '*', "
                                   "environment: dev, approvals: [{group: a, required: false}]}\n"}},
                                 options_for_tests());
  REQUIRE(loaded.lints.size() == 1);
  CHECK(to_text(loaded.lints[0]).find("the policy `open` demands nothing") != std::string::npos);
}
