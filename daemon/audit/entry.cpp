#include "daemon/audit/entry.hpp"

#include <algorithm>
#include "daemon/core/json_writing.hpp"
#include "daemon/runtime/digest.hpp"

namespace penstock::audit {
namespace {

void append_text(std::string& written, std::string_view text) {
  if (text.size() > EntryBuilder::longest_text) return append_text(written, runtime::sha256(text).text());
  written += core::json_string(text);
}

}  // namespace

void EntryBuilder::begin(std::string_view name) {
  if (json_.size() > 1) json_ += ',';
  json_ += '"';
  json_ += name;
  json_ += "\":";
}

void EntryBuilder::text(std::string_view name, std::string_view value) {
  if (value.empty()) return;
  begin(name);
  append_text(json_, value);
}

void EntryBuilder::digest(std::string_view name, const core::Digest& value) {
  if (value.empty()) return;
  begin(name);
  json_ += "\"sha256:";
  json_ += value.hex();
  json_ += '"';
}

void EntryBuilder::number(std::string_view name, std::int64_t value) {
  begin(name);
  json_ += std::to_string(value);
}

void EntryBuilder::digests(std::string_view name, const std::vector<core::Digest>& values) {
  if (values.empty()) return;
  begin(name);
  const auto count = std::min(values.size(), most_digests);
  for (std::size_t i = 0; i < count; ++i) json_ += (i == 0 ? "[\"sha256:" : "\",\"sha256:") + values[i].hex();
  json_ += "\"]";
  if (values.size() > most_digests) number(std::string(name) + "_count", static_cast<std::int64_t>(values.size()));
}

std::string EntryBuilder::take() && {
  json_ += '}';
  return std::move(json_);
}

std::string text_of(const Entry& entry, const Stamp& stamp) {
  EntryBuilder written;
  written.text("at", core::to_text(stamp.at));
  written.digest("candidate", entry.candidate);
  if (entry.count != 0) written.number("count", entry.count);
  written.text("daemon", stamp.daemon);
  written.digest("definitions", entry.definitions);
  written.text("environment", entry.lane.environment);
  written.digest("event", entry.event);
  written.digests("evidence", entry.evidence);
  written.digest("findings", entry.findings);
  written.text("from", entry.from);
  written.text("gate", entry.gate);
  written.text("kind", core::name_of(entry.kind));
  written.text("model", entry.lane.model);
  written.text("phase", entry.phase);
  written.digest("policy", entry.policy);
  written.text("promotion", entry.promotion);
  written.text("reason", entry.reason);
  written.digest("settings", entry.settings);
  written.number("up", stamp.up.count());
  written.number("v", 1);
  written.text("verdict", entry.verdict);
  written.text("version", entry.version);
  written.text("what", entry.what);
  written.text("who", entry.who);
  return std::move(written).take();
}

}  // namespace penstock::audit
