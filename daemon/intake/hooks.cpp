#include "daemon/intake/hooks.hpp"

#include "daemon/intake/api_body.hpp"
#include "daemon/runtime/digest.hpp"

namespace penstock::intake {
namespace {

using nlohmann::json;

Scheme scheme_of(HookKind kind) {
  if (kind == HookKind::mlflow) return Scheme::mlflow;
  if (kind == HookKind::github) return Scheme::github;
  return Scheme::standard_webhooks;
}

bool is_nudge(HookKind kind) { return kind != HookKind::approvals && kind != HookKind::receipts; }

std::string fault_of(const HookSettings& settings) {
  if (settings.name.empty() || settings.name.find('/') != std::string::npos)
    return "its name is empty or holds a slash";
  if (settings.secrets.empty()) return "it has no secret, and an unsigned hook is never taken";
  if (is_nudge(settings.kind) && settings.source.empty()) return "it names no source to look at";
  if (settings.kind == HookKind::approvals && (!settings.approver.person || settings.approver.name.empty()))
    return "it names no person who approves by it";
  if (settings.kind == HookKind::receipts && settings.receiver.empty())
    return "it names no receiver whose receipts it takes";
  return {};
}

// Why a nudging hook speaks of nothing that a source could show; empty when it may. Only saves polls: nothing is
// decided by it.
core::Result<std::string> nothing_to_see(HookKind kind, const Request& request) {
  if (kind == HookKind::github) {
    const auto event = request.header("x-github-event");
    return event == "push" || event == "create" || event == "release"
               ? ""
               : "the event `" + event.substr(0, 60) + "` shows no new version";
  }
  if (kind == HookKind::mlflow) {
    const auto document = read_json(request.body);
    if (!document) return document.error();
    const auto entity = document->is_object() ? document->value("entity", json()) : json();
    if (!entity.is_string()) return invalid("the body has no `entity`", "send MLflow's own webhooks to this address");
    const auto& word = entity.get_ref<const std::string&>();
    return word.starts_with("model_version") ? "" : "an event of `" + word.substr(0, 60) + "` shows no new version";
  }
  return std::string();
}

Response taken(const json& document) { return json_response(202, document); }

}  // namespace

core::Result<Hooks> Hooks::make(std::vector<HookSettings> settings, const ApiParts& parts, Nudge nudge,
                                Refused refused) {
  Hooks hooks(parts, std::move(nudge), std::move(refused));
  for (auto& one : settings) {
    const auto where = "hook " + one.name;
    if (auto fault = fault_of(one); !fault.empty())
      return core::Problem{"invalid-hook", "the " + where + " cannot be used: " + fault, where,
                           "correct it in penstock.yaml", false};
    Hook hook;
    for (const auto& secret : one.secrets) {
      auto key = signing_key(scheme_of(one.kind), secret);
      if (!key) {
        auto problem = key.error();
        problem.where = where;
        return problem;
      }
      hook.keys.push_back(std::move(*key));
    }
    const auto name = one.name;
    hook.settings = std::move(one);
    if (!hooks.hooks_.emplace(name, std::move(hook)).second)
      return core::Problem{"invalid-hook", "there are two hooks with the name " + name, where, "name each hook once",
                           false};
  }
  return hooks;
}

asio::awaitable<Response> Hooks::receive(Request request) {
  const auto found = hooks_.find(request.parameters.at("source"));
  if (found == hooks_.end())
    co_return problem_response(
        404, {"unknown-hook", "there is no such hook", "", "the hooks are those of penstock.yaml", false});
  const auto& hook = found->second;
  const auto& name = hook.settings.name;
  const auto count = [&](const char* result) {
    parts_->metrics.add("penstock_hooks_total", {{"hook", name}, {"result", result}});
  };
  const auto sent =
      verify(scheme_of(hook.settings.kind), hook.keys, request, parts_->clock.now(), hook.settings.tolerance);
  if (!sent) {
    count(sent.error().code == "stale-timestamp" ? "stale" : "bad_signature");
    if (refused_) refused_(request, sent.error());
    auto refused = problem_response(401, sent.error());
    // What is wanted is a signature, not a bearer token.
    std::erase_if(refused.headers, [](const auto& header) { return header.first == "WWW-Authenticate"; });
    refused.headers.emplace_back("WWW-Authenticate", "Signature realm=\"" + name + "\"");
    co_return refused;
  }
  Delivery delivery{hook, request, {}};
  if (!sent->id_is_signed) delivery.replay_keys.push_back("hook/" + name + "/" + runtime::sha256(request.body).text());
  if (!sent->id.empty()) delivery.replay_keys.push_back("hook/" + name + "/" + sent->id);
  auto response = co_await take(delivery);
  count(response.status < 300 ? "taken" : "refused");
  co_return response;
}

asio::awaitable<Response> Hooks::take(const Delivery& delivery) {
  if (is_nudge(delivery.hook.settings.kind)) return take_nudge(delivery);
  return take_once(delivery);
}

// A nudge lost by a crash after it was remembered costs only the time to the next poll, so one write is enough.
asio::awaitable<Response> Hooks::take_nudge(const Delivery& delivery) {
  const auto& settings = delivery.hook.settings;
  const auto nothing = nothing_to_see(settings.kind, delivery.request);
  if (!nothing) co_return problem_response(nothing.error());
  if (!nothing->empty()) co_return taken({{"source", settings.source}, {"ignored", *nothing}});
  const json answer{{"source", settings.source}, {"nudged", true}};
  const auto is_new = co_await parts_->replay.remember(delivery.replay_keys, answer.dump());
  if (!is_new) co_return problem_response(is_new.error());
  if (*is_new && !nudge_(settings.source, settings.name))
    co_return problem_response(404, {"unknown-source", "there is no source `" + settings.source + "`",
                                     "hook " + settings.name, "correct the hook's source in penstock.yaml", false});
  co_return taken(answer);
}

// A decision or a receipt must not be lost: it is remembered once it is journalled. Doing it twice changes nothing, so
// a crash in between does no harm.
asio::awaitable<Response> Hooks::take_once(const Delivery& delivery) {
  const auto turn = parts_->replay.take_turn(delivery.replay_keys.front());
  if (!turn)
    co_return problem_response(
        409, {"conflict", "this delivery is being answered", "", "send it again a little later", true});
  const auto kept = co_await parts_->replay.find(delivery.replay_keys);
  if (!kept) co_return problem_response(kept.error());
  if (*kept) co_return taken(json::parse(**kept));
  Response response;
  if (delivery.hook.settings.kind == HookKind::approvals)
    response = co_await decide_by_hook(delivery);
  else
    response = co_await confirm_by_hook(delivery);
  if (response.status >= 300) co_return response;
  const auto remembered = co_await parts_->replay.remember(delivery.replay_keys, response.body);
  if (!remembered) co_return problem_response(remembered.error());
  co_return response;
}

}  // namespace penstock::intake
