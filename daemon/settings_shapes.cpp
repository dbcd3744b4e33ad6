// The keys of penstock.yaml, declared once.
#include "daemon/settings.hpp"

namespace penstock {

using core::declared::Bounds;
using core::declared::Shape;

namespace {
const Bounds name_bounds{.min_length = 1, .max_length = 100};
}

const Shape<TokenSettings>& TokenSettings::shape() {
  static const auto shape =
      Shape<TokenSettings>("Token", "A bearer token, known by its SHA-256 alone.")
          .required("sha256", &TokenSettings::sha256, "`printf %s \"$TOKEN\" | sha256sum`: 64 hex digits.")
          .optional("expires", &TokenSettings::expires, "When it stops being good: `2027-01-31T00:00:00Z`.");
  return shape;
}

const Shape<CallerSettings>& CallerSettings::shape() {
  using C = CallerSettings;
  static const auto shape =
      Shape<C>("Caller", "A person or a service. Services never approve.")
          .required("name", &C::name, "Unique among people and services.", name_bounds)
          .optional("groups", &C::groups, "The groups that policies name.", name_bounds)
          .optional("also_known_as", &C::also_known_as,
                    "Other names of this person, such as the address in commits: so that an author is known as one.",
                    {.min_length = 1, .max_length = 200})
          .optional("tokens", &C::tokens, "Bearer tokens for the HTTP API.");
  return shape;
}

const Shape<HookEntry>& HookEntry::shape() {
  using H = HookEntry;
  static const auto shape =
      Shape<H>("Hook", "Who may call /hooks/<name>, and what that does. Every hook is signed.")
          .required("name", &H::name, "The path's last part.", name_bounds)
          .required("kind", &H::kind, "How it is signed and what it may say.")
          .required("secret", &H::secret, "The signing secret, at least 24 bytes.")
          .optional("former_secret", &H::former_secret, "Accepted as well, while the sender changes over.")
          .optional("source", &H::source, "For post-receive, github and mlflow: the source to look at.", name_bounds)
          .optional("approver", &H::approver, "For approvals: the person who decides through this hook.", name_bounds)
          .optional("receiver", &H::receiver, "For receipts: the webhook endpoint whose deliveries it may confirm.",
                    name_bounds);
  return shape;
}

const Shape<BasicAuth>& BasicAuth::shape() {
  static const auto shape = Shape<BasicAuth>("BasicAuth", "HTTP Basic credentials.")
                                .required("user", &BasicAuth::user, "The user's name.", name_bounds)
                                .required("password", &BasicAuth::password, "The password.");
  return shape;
}

const Shape<EndpointEntry>& EndpointEntry::shape() {
  using E = EndpointEntry;
  static const auto shape =
      Shape<E>("Endpoint",
               "Another system, by name: registries, receivers of webhooks, git servers, targets of smoke tests.")
          .required("name", &E::name, "Used by sources, gates and deliveries.", name_bounds)
          .required("kind", &E::kind, "What it is.")
          .required("url", &E::url, "Its base URL, http or https, without credentials.",
                    {.min_length = 8, .max_length = 2000})
          .optional("secret", &E::secret, "For webhook: the signing secret, at least 24 bytes.")
          .optional("basic_auth", &E::basic_auth, "HTTP Basic credentials.")
          .optional("token", &E::token, "A bearer token.")
          .optional("allow_private", &E::allow_private, "Whether its address may be loopback or private.")
          .optional("workspace", &E::workspace, "For mlflow: the workspace.", {.max_length = 200})
          .optional("receipt", &E::receipt, "For webhook: whether its 2xx is the receipt, or a callback that follows.");
  return shape;
}

const Shape<SourceEntry>& SourceEntry::shape() {
  using S = SourceEntry;
  static const auto shape = Shape<S>("Source", "Where candidates appear.")
                                .required("name", &S::name, "Its name in candidates and hooks.", name_bounds)
                                .required("kind", &S::kind, "mlflow, git or directory.", name_bounds)
                                .optional("every", &S::every, "How often it is looked at without a hook.",
                                          {.minimum = 1000, .maximum = 86'400'000})
                                .optional("with", &S::with, "The kind's own keys.");
  return shape;
}

const Shape<LimitEntries>& LimitEntries::shape() {
  using L = LimitEntries;
  static const auto shape =
      Shape<L>("Limits", "What the daemon may take.")
          .optional("connections", &L::connections, "Open HTTP connections.", {.minimum = 1, .maximum = 100'000})
          .optional("connections_per_address", &L::connections_per_address, "Of one address.",
                    {.minimum = 1, .maximum = 100'000})
          .optional("artifact_mb", &L::artifact_mb, "MiB of one candidate's files.",
                    {.minimum = 1, .maximum = 16'777'216})
          .optional("journal_mb", &L::journal_mb, "MiB of the journal; 0: what the disk holds.",
                    {.minimum = 0, .maximum = 16'777'216})
          .optional("gates_at_once", &L::gates_at_once,
                    "Gates that are carried out at once. Deliveries have threads of their own for each endpoint.",
                    {.minimum = 1, .maximum = 1000});
  return shape;
}

const Shape<Settings>& Settings::shape() {
  using S = Settings;
  static const auto shape =
      Shape<S>("penstock.yaml", "The daemon's settings.")
          .optional("listen", &S::listen, "IP address and port of the HTTP server.",
                    {.min_length = 3, .max_length = 100})
          .required("data", &S::data, "Folder for the journal, artifacts and evidence.", {.min_length = 1})
          .optional("journal", &S::journal, "A PostgreSQL database for the journal; a file below `data` by default.")
          .required("definitions", &S::definitions, "Folder of the gate definitions.", {.min_length = 1})
          .optional("workers", &S::workers, "Folder of Penstock's worker programs; beside penstockd by default.")
          .optional("people", &S::people, "Who may decide.")
          .optional("services", &S::services, "Programs that submit and read.")
          .optional("hooks", &S::hooks, "Signed calls from other systems.")
          .optional("endpoints", &S::endpoints, "Other systems, by name.")
          .optional("sources", &S::sources, "Where candidates appear.")
          .optional("notices", &S::notices, "Endpoints of the kind webhook that are told what happens.",
                    {.max_length = 20})
          .optional("data_roots", &S::data_roots, "Folders that gates may read data sets from, by name.",
                    {.min_length = 1})
          .optional("semaphores", &S::semaphores,
                    "How many lanes may promote at once, by names that policies use: `{tier-1: 2}`.",
                    {.minimum = 1, .maximum = 10'000})
          .optional("limits", &S::limits, "What the daemon may take.")
          .optional("audit", &S::audit, "The audit log as signed files.");
  return shape;
}

}  // namespace penstock
