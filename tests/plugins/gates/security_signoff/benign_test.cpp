// What training code really writes is signed off.
#include <nlohmann/json.hpp>

#include "tests/plugins/gates/security_signoff/looking.hpp"

using namespace penstock::tests;

TEST_CASE("nested containers pickled with every protocol are clean") {
  for (int protocol = 0; protocol <= 5; ++protocol) {
    CAPTURE(protocol);
    const auto looked = look(fixture("nested-" + std::to_string(protocol) + ".pkl"));
    CHECK_CLEAN(looked);
    CHECK(looked.kind == "pickle");
  }
}

TEST_CASE("scikit-learn pipelines, pickled and cloudpickled, are clean") {
  for (const auto* name : {"linear-0.pkl", "linear-2.pkl", "linear-4.pkl", "linear-5.pkl", "linear-cloudpickle.pkl",
                           "forest-cloudpickle.pkl"}) {
    CAPTURE(name);
    CHECK_CLEAN(look(fixture(name)));
  }
}

TEST_CASE("skops files of scikit-learn pipelines are clean") {
  for (const auto* name : {"linear.skops", "forest.skops"}) {
    const auto looked = look(fixture(name), "model.skops");
    CHECK_CLEAN(looked);
    CHECK(looked.kind == "skops");
  }
}

TEST_CASE("arrays that numpy wrote are clean") {
  CHECK_CLEAN(look(fixture("fields.npy"), "fields.npy"));
  const auto archive = look(fixture("arrays.npz"), "arrays.npz");
  CHECK_CLEAN(archive);
  CHECK(archive.kind == "npz");
}

TEST_CASE("an array of Python objects is for a person to decide") {
  CHECK_REMARK(look(fixture("objects.npy"), "objects.npy"), warn, "npy/objects");
}

TEST_CASE("a sound pickle that was cut off anywhere is never clean") {
  const auto bytes = fixture("linear-cloudpickle.pkl");
  for (std::size_t size = 1; size < bytes.size(); ++size) {
    const auto looked = look(bytes.substr(0, size));
    if (looked.level() >= Level::unknown) continue;
    INFO(size << " bytes: " << looked.told());
    CHECK(looked.level() >= Level::unknown);
  }
}

TEST_CASE("a skops file that was cut off anywhere is never clean") {
  const auto bytes = fixture("linear.skops");
  for (std::size_t size = 1; size < bytes.size(); size += 7) {
    const auto looked = look(bytes.substr(0, size), "model.skops");
    INFO(size << " bytes: " << looked.told());
    CHECK(looked.level() > Level::clean);
  }
}

TEST_CASE("the same bytes give the same report") {
  const auto bytes = proto(4) + payload() + "." + payload();
  CHECK(to_json(look(bytes).report).dump() == to_json(look(bytes).report).dump());
}
