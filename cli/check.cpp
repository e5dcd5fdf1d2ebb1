#include "cli/check.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <tuple>
#include <utility>

#include "cli/command.h"
#include "cli/cross_check.h"
#include "json/json.h"

// `tidewheel check`.

namespace cli {
namespace {

void append(std::vector<Finding>& to, std::vector<Finding> from) {
  std::ranges::move(from, std::back_inserter(to));
}

std::string_view name_of(Severity severity) {
  return severity == Severity::error ? "error" : "warning";
}

std::string plural(std::size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

}  // namespace

std::size_t Checked::count(Severity severity) const {
  return static_cast<std::size_t>(std::ranges::count(findings, severity, &Finding::severity));
}

Checked check_files(std::span<const std::filesystem::path> paths,
                    std::span<const std::string> own_scaler_addresses) {
  const kube::Manifests manifests =
      kube::read_manifests(paths, {}, kube::ManifestKinds::among_others);
  Checked checked{
      .files = manifests.files, .objects = manifests.objects.size(), .skipped = manifests.skipped};
  for (const auto& problem : manifests.problems)
    checked.findings.push_back({Severity::error, problem});
  for (const kube::Manifest& manifest : manifests.objects) {
    append(checked.findings, compile_findings(manifest, Purpose::check, own_scaler_addresses));
    append(checked.findings, hpa_findings(manifest));
    append(checked.findings, oddities(manifest));
  }
  append(checked.findings, cross_check(manifests.objects));
  std::ranges::sort(checked.findings, {}, [](const Finding& finding) {
    const auto& p = finding.problem;
    return std::tie(p.file, p.line, p.field, p.message);
  });
  return checked;
}

std::string check_text(const Checked& checked) {
  std::string text;
  for (Finding finding : checked.findings) {
    if (finding.severity == Severity::warning) finding.problem.message.insert(0, "warning: ");
    text += to_string(finding.problem) + '\n';
  }
  text +=
      fmt::format("{} in {}: {}, {}", plural(checked.objects, "object"),
                  plural(checked.files, "file"), plural(checked.count(Severity::error), "error"),
                  plural(checked.count(Severity::warning), "warning"));
  if (checked.skipped > 0)
    text += fmt::format("; {} of other kinds not looked at", plural(checked.skipped, "object"));
  return text + '\n';
}

std::string check_json(const Checked& checked) {
  json::Array problems;
  for (const Finding& finding : checked.findings) {
    problems.push_back(json::Object{{"file", finding.problem.file},
                                    {"line", finding.problem.line},
                                    {"field", finding.problem.field},
                                    {"severity", name_of(finding.severity)},
                                    {"message", finding.problem.message}});
  }
  const json::Object out{{"problems", std::move(problems)},
                         {"errors", checked.count(Severity::error)},
                         {"warnings", checked.count(Severity::warning)},
                         {"files", checked.files},
                         {"objects", checked.objects},
                         {"skipped", checked.skipped}};
  return json::print_pretty(out) + "\n";
}

void declare_check(CLI::App& app, Arguments& arguments) {
  app.footer(
      "Example: in CI, over every manifest of a repository\n"
      "  tidewheel check --strict deploy/\n"
      "Prints file:line: field: message for each problem. The exit status is 1 when there is an "
      "error,\nwith --strict also when there is a warning.");
  app.add_option("paths", arguments.paths, "YAML files or folders")->required();
  app.add_flag("--strict", arguments.check.strict, "warnings fail too");
  app.add_option("--output", arguments.check.output, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
}

int run_check(const Arguments& arguments) {
  const std::vector<std::filesystem::path> paths(arguments.paths.begin(), arguments.paths.end());
  const Checked checked = check_files(paths, arguments.options.own_scaler_addresses);
  fmt::print("{}", arguments.check.output == "json" ? check_json(checked) : check_text(checked));
  const bool warned = arguments.check.strict && checked.count(Severity::warning) > 0;
  return checked.count(Severity::error) > 0 || warned ? 1 : 0;
}

}  // namespace cli
