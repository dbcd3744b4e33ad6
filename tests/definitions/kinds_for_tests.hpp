// Two kinds of gates and one of deliveries, declared as plugins declare theirs.
#pragma once

#include "daemon/definitions/definitions.hpp"

namespace penstock::definitions {

struct TestRequest {
  std::string path;
  int status = 200;
  static const core::declared::Shape<TestRequest>& shape() {
    static const auto shape = core::declared::Shape<TestRequest>("Request", "One request.")
                                  .required("path", &TestRequest::path, "Where to.")
                                  .optional("status", &TestRequest::status, "What passes.", {.minimum = 100});
    return shape;
  }
};

struct TestProbeGate {
  std::string target;
  std::vector<TestRequest> requests;
  core::declared::EndpointName endpoint;
  static const core::declared::Shape<TestProbeGate>& shape() {
    static const auto shape = core::declared::Shape<TestProbeGate>("Probe", "Asks a server.")
                                  .required("target", &TestProbeGate::target, "The address.")
                                  .optional("requests", &TestProbeGate::requests, "What to ask.")
                                  .optional("endpoint", &TestProbeGate::endpoint, "Whose credentials.");
    return shape;
  }
};

struct TestFieldsGate {
  std::vector<std::string> require;
  static const core::declared::Shape<TestFieldsGate>& shape() {
    static const auto shape = core::declared::Shape<TestFieldsGate>("Fields", "Looks at fields.")
                                  .optional("require", &TestFieldsGate::require, "Which.");
    return shape;
  }
};

struct TestHook {
  core::declared::EndpointName receiver;
  static const core::declared::Shape<TestHook>& shape() {
    static const auto shape = core::declared::Shape<TestHook>("Webhook", "Tells a receiver.")
                                  .required("receiver", &TestHook::receiver, "Whom.", {.endpoint_kinds = {"webhook"}});
    return shape;
  }
};

inline Options options_for_tests() {
  Options options;
  options.kinds.gates["probe"] = {"Asks a server.", core::declared::any_shape<TestProbeGate>(),
                                  [](const nlohmann::json& with) -> core::Result<void> {
                                    if (with.at("target") == "nowhere")
                                      return core::Problem{"invalid-document", "`target` is no address", "", "", false};
                                    return {};
                                  }};
  options.kinds.gates["fields"] = {"Looks at fields.", core::declared::any_shape<TestFieldsGate>(), {}};
  options.kinds.deliveries["webhook"] = {"Tells a receiver.", core::declared::any_shape<TestHook>(), {}};
  // Not a cryptographic digest: two different policies are told apart, and that is all the tests need.
  options.sha256 = [](std::string_view bytes) {
    std::string hex;
    std::size_t state = std::hash<std::string_view>()(bytes);
    for (int i = 0; i < 64; ++i, state = state * 6364136223846793005U + 1442695040888963407U)
      hex += "0123456789abcdef"[(state >> 59U) & 15U];
    return core::Digest::from_hex(hex);
  };
  return options;
}

inline std::vector<std::string> texts(const Lints& lints) {
  std::vector<std::string> result;
  for (const auto& lint : lints) result.push_back(to_text(lint));
  return result;
}

}  // namespace penstock::definitions
