// Programs for tests to run.
#pragma once

#include <chrono>
#include <string>

#include "daemon/runtime/child_process.hpp"

inline penstock::sdk::ProcessRequest shell(const std::string& script) {
  penstock::sdk::ProcessRequest request;
  request.argv = {"/bin/sh", "-c", script};
  request.environment = {{"PATH", "/usr/bin:/bin"}};
  request.timeout = std::chrono::seconds(10);
  return request;
}

inline penstock::core::Result<penstock::sdk::ProcessResult> run(const penstock::sdk::ProcessRequest& request) {
  return penstock::runtime::ChildProcess().run(request);
}
