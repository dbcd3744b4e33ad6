#include "daemon/notice/notice_performer.hpp"

#include <algorithm>

#include "daemon/notice/errand.hpp"
#include "daemon/notice/notice_text.hpp"
#include "daemon/runtime/log.hpp"

namespace penstock::notice {
namespace asio = engine::asio;
namespace {

constexpr std::size_t threads_per_endpoint = 4;
constexpr core::Duration longest_wait = std::chrono::hours(24);

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const auto& text : texts) all += (all.empty() ? "" : ", ") + text;
  return all;
}

runtime::LogFields fields_of(const core::Notify& command) {
  return {{"key", core::key_of(command)},
          {"kind", std::string(core::name_of(command.kind))},
          {"lane", core::to_text(command.lane)},
          {"promotion", command.promotion},
          {"to", joined(command.to)},
          {"text", text_told(command)}};
}

sdk::Notice notice_of(const core::Notify& command, const Errand& errand, core::Time deadline) {
  return {core::key_of(command),
          command.lane,
          command.promotion,
          command.kind,
          command.to,
          text_told(command),
          errand.came_up,
          command.promotion.empty() ? "" : "/v1/promotions/" + command.promotion,
          errand.endpoint,
          deadline};
}

struct ToPerformed {
  const core::Notify& command;
  const Errand& errand;
  const journal::OutboxRow& row;
  core::Time now;
  double random;

  engine::Performed operator()(const sdk::Told& told) const {
    runtime::log_info("notice.sent", fields({{"answer", told.answer}}));
    return engine::NothingToDo{};
  }
  engine::Performed operator()(const sdk::Refused& refused) const {
    runtime::log_error("notice.refused", fields({{"problem", core::to_text(refused.problem)}}));
    return engine::NothingToDo{};
  }
  engine::Performed operator()(const sdk::TryLater& later) const {
    auto pause = engine::pause_after(row.tries, random);
    if (later.after) pause = std::max(pause, *later.after);
    if (now + pause >= errand.came_up + longest_wait) {
      runtime::log_error("notice.given_up",
                         fields({{"tries", std::to_string(row.tries)}, {"problem", core::to_text(later.problem)}}));
      return engine::NothingToDo{};
    }
    runtime::log_warning("notice.try_later", fields({{"tries", std::to_string(row.tries)},
                                                     {"problem", core::to_text(later.problem)},
                                                     {"again_in", core::to_text(pause)}}));
    return engine::TryAgain{now + pause};
  }

 private:
  runtime::LogFields fields(const runtime::LogFields& more) const {
    auto all = fields_of(command);
    all.emplace_back("endpoint", errand.endpoint);
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
};

}  // namespace

NoticePerformer::NoticePerformer(Parts parts)
    : parts_(std::move(parts)), pools_(parts_.workforce, threads_per_endpoint) {
  for (const auto& listener : parts_.listeners) {
    auto& line = lines_[listener.endpoint];
    const auto* kind = sdk::find_kind(parts_.kinds, listener.kind);
    if (kind == nullptr) continue;
    line.loan = {kind->needs, {listener.endpoint}};
    line.notifier = kind->make();
  }
}

void NoticePerformer::stop() { pools_.stop(); }

asio::awaitable<engine::Performed> NoticePerformer::perform(const core::Command& wish, const journal::OutboxRow& row) {
  const auto command = std::get<core::Notify>(wish);
  const auto errand = errand_of(row);
  if (!errand) co_return divide(command, row);
  auto notice = notice_of(command, *errand, parts_.clock.now() + parts_.longest_try);
  const auto told = co_await tell(std::move(notice), row.key);
  const ToPerformed to_performed{command, *errand, row, parts_.clock.now(), parts_.random()};
  const auto* missed = std::get_if<engine::Missed>(&told);
  if (missed == nullptr) co_return std::visit(to_performed, std::get<sdk::NoticeOutcome>(told));
  // Another daemon may have it by now: that is no try of the endpoint, and nothing to give up for.
  if (*missed == engine::Missed::claim)
    co_return engine::TryAgain{to_performed.now + engine::pause_after(row.tries, to_performed.random)};
  co_return to_performed(sdk::TryLater{
      {"timeout", "it did not take the notice within " + core::to_text(parts_.longest_try), errand->endpoint, "", true},
      std::nullopt});
}

engine::Performed NoticePerformer::divide(const core::Notify& command, const journal::OutboxRow& row) const {
  auto fields = fields_of(command);
  fields.back().second = command.text;  // the one place that has the whole of it
  std::vector<std::string> endpoints;
  for (const auto& listener : parts_.listeners) endpoints.push_back(listener.endpoint);
  fields.emplace_back("endpoints", joined(endpoints));
  runtime::log_info("notice.due", fields);
  if (endpoints.empty()) return engine::NothingToDo{};
  engine::InParts parts;
  for (const auto& endpoint : endpoints) parts.rows.push_back(row_of({endpoint, row.due}, command, row));
  return parts;
}

asio::awaitable<engine::InTurn<sdk::NoticeOutcome>> NoticePerformer::tell(sdk::Notice notice, std::string key) {
  const auto found = lines_.find(notice.endpoint);
  if (found == lines_.end())
    co_return sdk::NoticeOutcome(
        sdk::Refused{{"not-listening", "the endpoint is no longer told of notices", notice.endpoint,
                      "name it under `notices` in penstock.yaml if it shall be", false}});
  const auto& line = found->second;
  if (line.notifier == nullptr)
    co_return sdk::NoticeOutcome(
        sdk::Refused{{"unknown-kind", "this Penstock has no notifier for endpoints of its kind", notice.endpoint,
                      "name endpoints of the kind webhook under `notices`", false}});
  engine::Turn turn{parts_.claims, parts_.clock, std::move(key), notice.deadline, parts_.winding_up};
  // Named, because GCC 12 destroys a closure inside a co_await expression twice.
  auto work = [this, &line, notice] {
    const auto lease = parts_.lender.lend(line.loan, notice.deadline);
    return line.notifier->tell(notice, lease->tools());
  };
  co_return co_await engine::in_turn(pools_.of(line.loan.endpoints), std::move(turn), std::move(work));
}

}  // namespace penstock::notice
