#include "plugins/gates/executable.hpp"

#include "plugins/sdk/executable_protocol.hpp"

namespace penstock::gates {
namespace {

using core::declared::Shape;

struct ExecutableConfiguration {
  std::string program;
  std::vector<std::string> arguments;
  std::map<std::string, std::string> environment;
  nlohmann::json input = nlohmann::json::object();
  bool artifact = true;
  std::int64_t max_memory_mb = 0;
  static const Shape<ExecutableConfiguration>& shape() {
    static const auto shape =
        Shape<ExecutableConfiguration>(
            "executable",
            "Asks a program of yours. It gets JSON on stdin and answers JSON on stdout; exit status 0 means "
            "that it has an answer, whatever the answer is.")
            .required("program", &ExecutableConfiguration::program,
                      "An absolute path, or one inside the definitions' folder.", {.min_length = 1})
            .optional("arguments", &ExecutableConfiguration::arguments, "Its arguments. No shell sees them.")
            .optional("environment", &ExecutableConfiguration::environment,
                      "All of its environment: nothing is inherited.")
            .optional("input", &ExecutableConfiguration::input,
                      "Handed over as `config`: whatever the program wants to be told.")
            .optional("artifact", &ExecutableConfiguration::artifact, "Whether it is given the candidate's files.")
            .optional("max_memory_mb", &ExecutableConfiguration::max_memory_mb,
                      "Address space in MiB; 0 sets no limit.", {.minimum = 0});
    return shape;
  }
};

constexpr std::size_t largest_answer = 16 << 20;

core::Result<sdk::ProcessRequest> request_for(const ExecutableConfiguration& configuration, sdk::Tools& tools) {
  sdk::ProcessRequest process;
  if (configuration.program.front() == '/') {
    process.argv.push_back(configuration.program);
  } else {
    auto program = tools.folders.resolve("definitions", configuration.program);
    if (!program) return program.error();
    process.argv.push_back(program->string());
  }
  process.argv.insert(process.argv.end(), configuration.arguments.begin(), configuration.arguments.end());
  process.environment = configuration.environment;
  if (!process.environment.contains("PATH")) process.environment["PATH"] = "/usr/local/bin:/usr/bin:/bin";
  if (!process.environment.contains("LANG")) process.environment["LANG"] = "C.UTF-8";
  auto scratch = tools.folders.scratch();
  if (!scratch) return scratch.error();
  process.directory = *scratch;
  process.max_output = largest_answer;
  process.max_memory = static_cast<std::size_t>(configuration.max_memory_mb) << 20;
  process.max_file = std::size_t{1} << 30;
  return process;
}

class Executable : public sdk::Gate {
 public:
  explicit Executable(ExecutableConfiguration configuration) : configuration_(std::move(configuration)) {}

  core::Result<sdk::GateAnswer> check(const sdk::GateRequest& request, sdk::Tools& tools) const override {
    auto process = request_for(configuration_, tools);
    if (!process) return process.error();
    std::string artifact_path;
    if (configuration_.artifact && request.candidate.artifact) {
      const auto folder = tools.artifacts.open(request.candidate);
      if (!folder) return folder.error();
      artifact_path = folder->string();
    }
    process->input = sdk::protocol::question(request, configuration_.input, artifact_path);
    process->timeout = std::max<core::Duration>(request.deadline - tools.clock.now(), core::Duration(1));
    const auto result = tools.process.run(*process);
    if (!result) return result.error();
    return sdk::protocol::answer(*result, process->argv.front());
  }

  core::Result<void> verify(sdk::Tools& tools) const {
    auto process = request_for(configuration_, tools);
    if (!process) return process.error();
    process->argv.push_back("--describe");
    process->timeout = std::chrono::seconds(10);
    const auto result = tools.process.run(*process);
    if (!result) return result.error();
    return sdk::protocol::check_description(*result, process->argv.front());
  }

 private:
  ExecutableConfiguration configuration_;
};

}  // namespace

sdk::GateKind executable_kind() {
  sdk::GateKind kind;
  kind.kind = "executable";
  kind.description = "Any program: JSON on stdin, JSON on stdout.";
  kind.configuration = core::declared::any_shape<ExecutableConfiguration>();
  kind.needs = {sdk::Capability::process, sdk::Capability::artifacts, sdk::Capability::folders};
  kind.make = [](const nlohmann::json& with) -> core::Result<std::unique_ptr<sdk::Gate>> {
    auto configuration = core::declared::from_json<ExecutableConfiguration>(with);
    if (!configuration) return configuration.error();
    return std::make_unique<Executable>(std::move(*configuration));
  };
  kind.verify = [](const nlohmann::json& with, sdk::Tools& tools) -> core::Result<void> {
    auto configuration = core::declared::from_json<ExecutableConfiguration>(with);
    if (!configuration) return configuration.error();
    return Executable(std::move(*configuration)).verify(tools);
  };
  return kind;
}

}  // namespace penstock::gates
