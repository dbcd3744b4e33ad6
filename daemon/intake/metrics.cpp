#include "daemon/intake/metrics.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "daemon/core/json_member.hpp"

namespace penstock::intake {
namespace {

std::string escaped(const std::string& value) {
  std::string text;
  for (const char c : value) {
    if (c == '\\' || c == '"') text += '\\';
    if (c == '\n')
      text += "\\n";
    else
      text += c;
  }
  return text;
}

std::string printed(const Labels& labels) {
  std::string text;
  for (const auto& [name, value] : labels) text += (text.empty() ? "" : ",") + name + "=\"" + escaped(value) + "\"";
  return text.empty() ? text : "{" + text + "}";
}

std::string printed(double value) {
  if (std::isnan(value)) return "NaN";
  std::array<char, 32> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  return {buffer.data(), end};
}

}  // namespace

Metrics::Metrics() {
  const auto counter = [&](const char* name, const char* help) { families_[name] = {"counter", help, {}}; };
  const auto gauge = [&](const char* name, const char* help) { families_[name] = {"gauge", help, {}}; };
  counter("penstock_requests_total", "Requests answered, by operation (empty: no such route) and status.");
  counter("penstock_request_seconds_total", "Time spent on answering, by operation; streams and long polls included.");
  counter("penstock_events_total", "Events journalled, by name.");
  counter("penstock_promotions_total", "Promotions that came to a phase, by environment and phase.");
  counter("penstock_effects_seen_total", "Looks at what was delivered and is live, by environment and effect.");
  counter("penstock_hooks_total", "Hooks received, by hook and result.");
  counter("penstock_polls_total", "Polls of a source, by result.");
  counter("penstock_nudges_total",
          "Nudges of a source, by whether they asked for a poll or joined one that was asked for.");
  counter("penstock_sightings_total", "Versions seen by a source, by result.");
  counter("penstock_source_problems_total", "Versions that a source found and could not read, by problem.");
  gauge("penstock_source_failures",
        "Polls of a source that failed in a row, also for the journal; 0 when the newest one worked.");
  gauge("penstock_source_last_success_seconds", "When a source was last polled with success, in seconds since 1970.");
  gauge("penstock_journal_problem", "1 while the journal cannot be asked.");
  gauge("penstock_outbox_late_seconds",
        "How late the oldest due work is that nobody has taken up; NaN while the journal cannot be asked.");
  counter("penstock_reloads_total", "Times the gate definitions were read again, by result.");
  gauge("penstock_definitions_problems",
        "What was wrong with the gate definitions when they were read last; while it is not 0, those before are in "
        "force.");
  gauge("penstock_policies", "Policies in force.");
  gauge("penstock_audit_published", "Entries of the audit log that the newest checkpoint covers.");
  gauge("penstock_audit_problem",
        "0: the audit log is published; 1: not at the moment; 2: not any more, because files and journal disagree.");
  gauge("penstock_audit_acknowledged", "Entries of the audit log that a sink or witness has, by its name.");
  gauge("penstock_audit_behind", "Published entries that a sink or witness does not have yet, by its name.");
  gauge("penstock_audit_acknowledger_problem", "1 while a sink or witness cannot be asked, by its name.");
  gauge("penstock_streams", "Event streams that are open.");
}

void Metrics::add(const std::string& name, const Labels& labels, double by) {
  families_.at(name).series[printed(labels)] += by;
}
void Metrics::set(const std::string& name, const Labels& labels, double value) {
  families_.at(name).series[printed(labels)] = value;
}

double Metrics::value(const std::string& name, const Labels& labels) const {
  const auto& series = families_.at(name).series;
  const auto found = series.find(printed(labels));
  return found == series.end() ? 0 : found->second;
}

std::string Metrics::text() const {
  std::string text;
  for (const auto& [name, family] : families_) {
    if (family.series.empty()) continue;
    text += "# HELP " + name + " " + family.help + "\n# TYPE " + name + " " + family.type + "\n";
    for (const auto& [labels, value] : family.series) text += name + labels + " " + printed(value) + "\n";
  }
  return text;
}

void count_answer(Metrics& metrics, const std::string& operation, int status, std::chrono::duration<double> took) {
  metrics.add("penstock_requests_total", {{"operation", operation}, {"status", std::to_string(status)}});
  metrics.add("penstock_request_seconds_total", {{"operation", operation}}, took.count());
}

namespace {

// The phase each promotion was last seen in, so that an event that does not move it is not counted as a move.
class PhaseChanges {
 public:
  explicit PhaseChanges(Metrics& metrics) : metrics_(metrics) {}

  void count(const journal::EventRow& row) {
    const auto told = core::text_member(row.document, "phase");
    if (!told) return;
    auto& last = phases_[row.promotion];
    if (last == *told) return;
    const std::string phase(*told);
    last = phase;
    metrics_.add("penstock_promotions_total", {{"environment", row.lane.environment}, {"phase", phase}});
    const bool goes_on = phase == "queued" || phase == "checking" || phase == "awaiting_approval" ||
                         phase == "awaiting_window" || phase == "delivering" || phase == "held" ||
                         phase == "watching" || phase == "live";
    if (!goes_on) phases_.erase(row.promotion);
  }

 private:
  Metrics& metrics_;
  std::map<core::PromotionId, std::string> phases_;
};

// What is live stays live by it.
void count_effect(Metrics& metrics, const journal::EventRow& row) {
  const auto document = nlohmann::json::parse(row.document, nullptr, false);
  if (!document.is_object()) return;
  metrics.add("penstock_effects_seen_total",
              {{"environment", row.lane.environment}, {"effect", document.value("effect", "unknown")}});
}

}  // namespace

asio::awaitable<void> count_feed(Metrics& metrics, engine::Feed& feed) {
  PhaseChanges changes(metrics);
  auto seq = feed.newest();
  while (!feed.stopped()) {
    // Nothing: more came at once than the feed keeps. What fell out is not counted; the journal has it.
    if (const auto rows = feed.after(seq)) {
      for (const auto& row : *rows) {
        metrics.add("penstock_events_total", {{"event", row.name}});
        if (row.name == "effect_seen")
          count_effect(metrics, row);
        else
          changes.count(row);
      }
    }
    seq = std::max(seq, feed.newest());
    co_await feed.wait(seq, std::chrono::steady_clock::now() + std::chrono::hours(1));
  }
}

}  // namespace penstock::intake
