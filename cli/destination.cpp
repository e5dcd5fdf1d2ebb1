#include "cli/destination.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <array>
#include <utility>

#include "base/file.h"
#include "net/bearer_token.h"
#include "net/tls_files.h"

namespace cli {
namespace {

using net::tls::Context;

constexpr std::string_view plain_scheme = "http://";
constexpr std::string_view secure_scheme = "https://";
constexpr std::string_view insecure_flag = "--insecure-skip-verify";

enum class For : std::uint8_t { tls, any };

struct Row {
  std::string_view flag;
  OptionText DestinationOptions::* at;
  For meant_for;
  std::string_view help;
};

constexpr std::array rows = {
    Row{"--ca-file", &DestinationOptions::ca_file, For::tls,
        "PEM: who may have signed the server's certificate [the system's authorities]"},
    Row{"--cert-file", &DestinationOptions::cert_file, For::tls,
        "PEM: certificate and chain, for a server that asks for one"},
    Row{"--key-file", &DestinationOptions::key_file, For::tls,
        "PEM: private key of that certificate"},
    Row{"--server-name", &DestinationOptions::server_name, For::tls,
        "whom the server's certificate must be for [the address's host]"},
    Row{"--token-file", &DestinationOptions::token_file, For::any,
        "file with the bearer token to send"},
};

std::string place(const OptionText& file) {
  return fmt::format("{} {}", file.by, file.text);
}

Result<std::string> read(const OptionText& file) {
  auto text = base::read_file(file.text, net::tls::FileContext::file_bytes_max);
  if (!text) return fail(place(file), text.error());
  // To OpenSSL it would be no file at all, and the system's authorities would count.
  if (text->empty()) return fail(Code::invalid, place(file) + ": is empty");
  return text;
}

Result<void> check_plain(const DestinationOptions& options) {
  std::string_view stated = options.insecure_skip_verify ? insecure_flag : "";
  for (const Row& row : rows) {
    const OptionText& value = options.*row.at;
    if (row.meant_for == For::tls && !value.empty()) stated = value.by;
  }
  if (stated.empty()) return {};
  const std::string_view address = options.address;
  const std::string_view rest =
      address.starts_with(plain_scheme) ? address.substr(plain_scheme.size()) : address;
  return fail(Code::invalid, fmt::format("{} is for TLS: write {}{}", stated, secure_scheme, rest));
}

Result<void> check_secure(const DestinationOptions& options) {
  if (options.insecure_skip_verify && !options.ca_file.empty()) {
    return fail(Code::invalid,
                fmt::format("{} and {} contradict each other", options.ca_file.by, insecure_flag));
  }
  if (options.cert_file.empty() == options.key_file.empty()) return {};
  const bool has_key = options.cert_file.empty();
  return fail(Code::invalid,
              fmt::format("{} is missing: {} is set", has_key ? "--cert-file" : "--key-file",
                          has_key ? options.key_file.by : options.cert_file.by));
}

Result<std::shared_ptr<const Context>> open_context(const DestinationOptions& options) {
  TRY_VOID(check_secure(options));
  net::tls::ClientOptions tls{.verify = !options.insecure_skip_verify};
  if (!options.ca_file.empty()) {
    TRY(tls.authorities, read(options.ca_file));
    const auto made = Context::for_client(tls);
    if (!made) return fail(place(options.ca_file), made.error());
  }
  if (options.cert_file.empty()) return Context::for_client(tls);
  net::tls::Identity identity;
  TRY(identity.certificates, read(options.cert_file));
  TRY(identity.key, read(options.key_file));
  tls.identity = std::move(identity);
  auto made = Context::for_client(tls);
  if (!made)
    return fail(fmt::format("{}, {}", place(options.cert_file), place(options.key_file)),
                made.error());
  return made;
}

Result<net::Origin> open_origin(const DestinationOptions& options, std::uint16_t default_port) {
  std::string_view rest = options.address;
  if (is_secure(options)) rest.remove_prefix(secure_scheme.size());
  TRY(net::Address address, net::parse_address(rest, default_port));
  if (!is_secure(options)) {
    TRY_VOID(check_plain(options));
    return net::Origin(std::move(address));
  }
  TRY(auto context, open_context(options));
  net::Origin origin(std::move(address), std::move(context));
  if (!options.server_name.empty()) origin.name = options.server_name.text;
  return origin;
}

}  // namespace

bool is_secure(const DestinationOptions& options) {
  return options.address.starts_with(secure_scheme);
}

Result<Destination> open_destination(const DestinationOptions& options,
                                     std::uint16_t default_port) {
  TRY(net::Origin origin, open_origin(options, default_port));
  Destination to{.origin = std::move(origin), .headers = {}};
  if (options.token_file.empty()) return to;
  const auto token = net::read_token(options.token_file.text);
  if (!token) return fail(options.token_file.by, token.error());
  to.headers.add("authorization", "Bearer " + *token);
  return to;
}

Error advised(Error error, const DestinationOptions& options) {
  if (error.code != Code::unauthenticated) return error;
  error.what += options.token_file.empty()
                    ? "; pass --token-file"
                    : fmt::format("; the token of {} was sent", place(options.token_file));
  return error;
}

void declare_destination(CLI::App& app, std::string_view flag, DestinationOptions& options,
                         std::string_view help) {
  app.add_option(std::string(flag), options.address, std::string(help))->capture_default_str();
  for (const Row& row : rows) {
    app.add_option_function<std::string>(
        std::string(row.flag),
        [&options, &row](const std::string& text) {
          options.*row.at = {text, std::string(row.flag)};
        },
        std::string(row.help));
  }
  app.add_flag(std::string(insecure_flag), options.insecure_skip_verify,
               "take any certificate: whoever sits in between can read and change everything, the "
               "token included");
}

}  // namespace cli
