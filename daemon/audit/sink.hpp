// A second place that keeps the log: its files, so that it can be verified there like the first one.
#pragma once

#include <memory>

#include "daemon/audit/acknowledger.hpp"
#include "plugins/sdk/log_store.hpp"

namespace penstock::audit {

class Sink : public Acknowledger {
 public:
  explicit Sink(std::unique_ptr<sdk::LogStore> store) : store_(std::move(store)) {}

  // Compares what is there with the log before anything is added, and the first time looks whether every file is there
  // with its length; what the files say, `penstock audit verify` reads. Problem "audit-differs". Several daemons that
  // publish the same log may share a sink: whoever comes first adds. Problem "audit-ahead" (transient): it has more
  // entries than this log.
  core::Result<std::uint64_t> bring(const Published& log) override;

 private:
  core::Result<void> see_that_it_is_whole(const Published& log, const std::string& note, std::uint64_t size);

  std::unique_ptr<sdk::LogStore> store_;
  std::uint64_t had_ = 0;  // since this daemon started
  bool is_whole_ = false;  // when it was first asked
};

}  // namespace penstock::audit
