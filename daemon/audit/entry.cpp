#include "daemon/audit/entry.hpp"

#include <algorithm>
#include "daemon/core/json_writing.hpp"
#include "daemon/runtime/digest.hpp"

namespace penstock::audit {
namespace {

void append_text(std::string& json, std::string_view text) {
  if (text.size() > EntryBuilder::longest_text) return append_text(json, runtime::sha256(text).text());
  json += core::json_string(text);
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
  EntryBuilder json;
  json.text("at", core::to_text(stamp.at));
  json.digest("candidate", entry.candidate);
  if (entry.count != 0) json.number("count", entry.count);
  json.text("daemon", stamp.daemon);
  json.digest("definitions", entry.definitions);
  json.text("environment", entry.lane.environment);
  json.digest("event", entry.event);
  json.digests("evidence", entry.evidence);
  json.digest("findings", entry.findings);
  json.text("from", entry.from);
  json.text("gate", entry.gate);
  json.text("kind", core::name_of(entry.kind));
  json.text("model", entry.lane.model);
  json.text("phase", entry.phase);
  json.digest("policy", entry.policy);
  json.text("promotion", entry.promotion);
  json.text("reason", entry.reason);
  json.digest("settings", entry.settings);
  json.number("up", stamp.up.count());
  json.number("v", 1);
  json.text("verdict", entry.verdict);
  json.text("version", entry.version);
  json.text("what", entry.what);
  json.text("who", entry.who);
  return std::move(json).take();
}

}  // namespace penstock::audit
