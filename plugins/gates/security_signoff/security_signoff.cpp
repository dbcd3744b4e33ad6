#include "plugins/gates/security_signoff/security_signoff.hpp"

#include "plugins/gates/security_signoff/scan_request.hpp"
#include "plugins/gates/security_signoff/signoff_answer.hpp"

namespace penstock::gates::security {
namespace {

using core::declared::Shape;

// A global that an operator vouches for.
struct AllowedGlobal {
  std::string module;
  std::string name;
  std::string reason;
  static const Shape<AllowedGlobal>& shape() {
    static const auto shape =
        Shape<AllowedGlobal>("allowed global", "A function or class that model files may name, call and build.")
            .required("module", &AllowedGlobal::module, "The module, exactly as the file names it.",
                      {.min_length = 1, .max_length = 200})
            .required("name", &AllowedGlobal::name, "The function's or class's name.",
                      {.min_length = 1, .max_length = 200})
            .required("reason", &AllowedGlobal::reason, "Why it is harmless whatever its arguments: kept as evidence.",
                      {.min_length = 1, .max_length = 1000});
    return shape;
  }
};

struct SignoffConfiguration {
  std::vector<AllowedGlobal> allow;
  bool allow_code = false;
  std::int64_t max_file_bytes = std::int64_t{64} << 30;
  std::int64_t max_unpacked_bytes = std::int64_t{8} << 30;
  static const Shape<SignoffConfiguration>& shape() {
    static const auto shape =
        Shape<SignoffConfiguration>(
            "security-signoff",
            "Looks at every file of the artifact by its content: pickles by executing them symbolically "
            "against an allow-list, skops by its types, arrays, safetensors, archives and texts by their "
            "structure. Only what is understood and harmless passes.")
            .optional("allow", &SignoffConfiguration::allow, "Globals beyond the built-in allow-list.",
                      {.max_length = 200})
            .optional("allow_code", &SignoffConfiguration::allow_code,
                      "Accept Python source files (`.py`) in the artifact.")
            .optional("max_file_bytes", &SignoffConfiguration::max_file_bytes, "A larger file fails.", {.minimum = 1})
            .optional("max_unpacked_bytes", &SignoffConfiguration::max_unpacked_bytes,
                      "What all compressed members of archives may unpack to, together; more fails.", {.minimum = 0});
    return shape;
  }
};

// Address space: the largest file is mapped as a whole, and the worker bounds what it writes by itself. The sanitizers
// map shadow memory without measure, and bear no limit.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
std::size_t address_space(const SignoffConfiguration&) { return 0; }
#else
std::size_t address_space(const SignoffConfiguration& configuration) {
  return static_cast<std::size_t>(configuration.max_file_bytes) + (std::size_t{4} << 30);
}
#endif

constexpr std::size_t max_report = std::size_t{8} << 20;

core::Problem no_answer(const std::string& code, const std::string& message, const std::string& program) {
  return {code, message, program, "look at the daemon's log and retry the check; the artifact is not signed off"};
}

class SecuritySignoff : public sdk::Gate {
 public:
  explicit SecuritySignoff(SignoffConfiguration configuration) : configuration_(std::move(configuration)) {}

  core::Result<sdk::GateAnswer> check(const sdk::GateRequest& request, sdk::Tools& tools) const override {
    if (!request.candidate.artifact) return answer_without_artifact();
    const auto folder = tools.artifacts.open(request.candidate);
    if (!folder) {
      // Wrong bytes are an answer; bytes that cannot be had are none.
      if (folder.error().code == "digest-mismatch") return answer_of_mismatch(request.candidate, folder.error());
      return folder.error();
    }
    auto report = scan(*folder, request, tools);
    if (!report) return report.error();
    if (const auto files = count_files(*folder); !files || *files != report->files_met)
      return no_answer("scan-incomplete",
                       "the scan met " + std::to_string(report->files_met) + " files, the artifact's folder holds " +
                           (files ? std::to_string(*files) : "a number that cannot be counted"),
                       folder->string());
    SignoffTerms terms;
    terms.allow_list_digest = tools.crypto.sha256(AllowList::text());
    for (const auto& entry : configuration_.allow) terms.allowed.push_back({entry.module, entry.name, entry.reason});
    terms.allow_code = configuration_.allow_code;
    return answer_of(*report, request.candidate, terms);
  }

 private:
  core::Result<Report> scan(const std::filesystem::path& folder, const sdk::GateRequest& request,
                            sdk::Tools& tools) const {
    const auto program = (tools.workers.folder / "penstock-scan-worker").string();
    sdk::ProcessRequest process;
    process.argv = {program};
    process.input = request_for(folder);
    process.directory = "/";
    process.environment = {{"LC_ALL", "C"}};
    process.timeout = request.deadline - tools.clock.now();
    process.max_output = max_report;
    process.max_memory = address_space(configuration_);
    if (process.timeout <= core::Duration::zero())
      return no_answer("timeout", "the check's deadline passed before the scan began", program);
    const auto result = tools.process.run(process);
    if (!result) return result.error();
    if (result->signal != 0)
      return no_answer("scan-worker-died", "the scan worker was ended by signal " + std::to_string(result->signal),
                       program);
    if (result->exit_code != 0)
      return no_answer("scan-worker-failed",
                       "the scan worker gave up with exit code " + std::to_string(result->exit_code) + ": " +
                           printable(result->errors, 500),
                       program);
    const auto document = nlohmann::json::parse(result->output, nullptr, false);
    if (document.is_discarded())
      return no_answer("scan-report-unreadable", "the scan worker printed something that is not JSON", program);
    auto report = report_from_json(document);
    if (report && report->allow_list != AllowList::version())
      return no_answer("scan-report-unreadable",
                       "the scan worker has the allow-list " + printable(report->allow_list) + ", the daemon " +
                           std::string(AllowList::version()) + ": they are of different builds",
                       program);
    return report;
  }

  std::string request_for(const std::filesystem::path& folder) const {
    ScanRequest request;
    request.folder = std::filesystem::absolute(folder).string();
    for (const auto& entry : configuration_.allow) request.allow.emplace_back(entry.module, entry.name);
    request.allow_code = configuration_.allow_code;
    request.max_file_bytes = static_cast<std::uint64_t>(configuration_.max_file_bytes);
    request.max_unpacked_bytes = static_cast<std::uint64_t>(configuration_.max_unpacked_bytes);
    return encode(request);
  }

  // Names only, no bytes: the daemon's own count, against a worker that was deceived.
  static std::optional<std::uint64_t> count_files(const std::filesystem::path& folder) {
    std::error_code error;
    std::uint64_t count = 0;
    std::filesystem::recursive_directory_iterator entries(folder, error);
    for (; !error && entries != std::filesystem::recursive_directory_iterator(); entries.increment(error))
      if (entries->symlink_status(error).type() != std::filesystem::file_type::directory) ++count;
    return error ? std::nullopt : std::optional(count);
  }

  SignoffConfiguration configuration_;
};

}  // namespace

sdk::GateKind security_signoff_kind() {
  sdk::GateKind kind;
  kind.kind = "security-signoff";
  kind.description =
      "Every file of the artifact is what its digest says, is understood, and does nothing when it is loaded.";
  kind.configuration = core::declared::any_shape<SignoffConfiguration>();
  kind.needs = {sdk::Capability::artifacts, sdk::Capability::process, sdk::Capability::workers};
  kind.proves_integrity = true;
  kind.make = [](const nlohmann::json& with) -> core::Result<std::unique_ptr<sdk::Gate>> {
    auto configuration = core::declared::from_json<SignoffConfiguration>(with);
    if (!configuration) return configuration.error();
    return std::make_unique<SecuritySignoff>(std::move(*configuration));
  };
  return kind;
}

}  // namespace penstock::gates::security
