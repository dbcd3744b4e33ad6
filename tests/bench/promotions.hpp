// What the benchmarks promote, and where they keep it.
#pragma once

#include <cstdlib>
#include <memory>
#include <string>

#include "daemon/core/advance.hpp"
#include "daemon/core/codec.hpp"
#include "daemon/journal/postgres.hpp"
#include "daemon/runtime/digest.hpp"

namespace penstock::bench {

inline core::Candidate candidate(const std::string& model, int number) {
  core::Candidate made;
  made.model = model;
  made.version = std::to_string(number);
  made.labels = {{"owner", "bench"}};
  return made;
}

inline core::GateSpec gate(const std::string& name) {
  return core::GateSpec{.name = name, .kind = "candidate-fields", .with = {{"require", {"version"}}}};
}

inline std::shared_ptr<const core::Policy> finished(core::Policy made) {
  made.digest = runtime::sha256(core::canonical_bytes(made));
  return std::make_shared<const core::Policy>(std::move(made));
}

inline core::Event passed(const core::RunCheck& check, core::Time now) {
  core::Finding finding;
  finding.verdict = core::Verdict::passed;
  finding.observed = "nothing is missing";
  finding.at = now;
  return core::CheckReported{check.promotion, check.gate, check.attempt, finding};
}

// The file; without one the PostgreSQL of $PENSTOCK_POSTGRES. Answers are told on the journal's thread.
inline core::Result<std::unique_ptr<journal::Journal>> opened(const std::string& file) {
  const journal::Post post = [](std::function<void()> call) { call(); };
  if (!file.empty()) return journal::open_sqlite(file, post);
  const char* connection = std::getenv("PENSTOCK_POSTGRES");
  journal::PostgresOptions options;
  options.connection = connection == nullptr ? "" : connection;
  options.lease = std::chrono::seconds(60);  // a thread that fills is silent for long
  return journal::open_postgres(std::move(options), post);
}

}  // namespace penstock::bench
