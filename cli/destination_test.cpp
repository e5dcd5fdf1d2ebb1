#include "cli/destination.h"

#include <gtest/gtest.h>

#include <functional>

#include "net/testing/certificates.h"
#include "net/testing/folder.h"

namespace cli {
namespace {

// Files of a test, and options that name them.
class DestinationTest : public ::testing::Test {
 protected:
  DestinationTest() {
    const net::tls::Identity identity = authority_.issue();
    folder_.write("ca.crt", authority_.pem());
    folder_.write("tls.crt", identity.certificates);
    folder_.write("tls.key", identity.key);
    folder_.write("other.key", authority_.issue().key);
    folder_.write("token", " s3cret\n");
    folder_.write("empty", "");
    folder_.write("text", "no PEM");
  }

  OptionText file(const char* flag, const std::string& name) const {
    return {folder_ / name, flag};
  }

  DestinationOptions mutual() const {
    return {.address = "https://tidewheel.example:7",
            .ca_file = file("--ca-file", "ca.crt"),
            .cert_file = file("--cert-file", "tls.crt"),
            .key_file = file("--key-file", "tls.key"),
            .token_file = file("--token-file", "token")};
  }

  net::testing::Authority authority_;
  net::testing::Folder folder_;
};

TEST_F(DestinationTest, IsPlainUnlessTheAddressAsksForTls) {
  struct Case {
    const char* text;
    net::Address want;
    bool tls;
  };
  const Case cases[] = {{"127.0.0.1:4317", {"127.0.0.1", 4317}, false},
                        {"http://[::1]", {"::1", 9090}, false},
                        {"https://tidewheel.example", {"tidewheel.example", 9090}, true},
                        {"https://[::1]:1/", {"::1", 1}, true}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    const auto to = open_destination({.address = c.text}, 9090);
    ASSERT_TRUE(to) << to.error().what;
    EXPECT_EQ(to->origin.address, c.want);
    EXPECT_EQ(to->origin.tls != nullptr, c.tls);
    EXPECT_EQ(to->origin.name, c.want.host);
    EXPECT_TRUE(to->headers.all().empty());
  }
}

TEST_F(DestinationTest, HasWhatItsFilesHold) {
  DestinationOptions options = mutual();
  options.server_name = {"tidewheel.svc", "--server-name"};
  const auto to = open_destination(options, 9090);
  ASSERT_TRUE(to) << to.error().what;
  EXPECT_EQ(to->origin.name, "tidewheel.svc");
  ASSERT_NE(to->origin.tls, nullptr);
  EXPECT_TRUE(to->origin.tls->expires());  // it shows a certificate
  EXPECT_EQ(to->headers.find("authorization"), "Bearer s3cret");
}

TEST_F(DestinationTest, SendsItsTokenInPlainTextTooWhenToldTo) {
  const auto to =
      open_destination({.address = "localhost", .token_file = file("--token-file", "token")}, 9090);
  ASSERT_TRUE(to) << to.error().what;
  EXPECT_EQ(to->headers.find("authorization"), "Bearer s3cret");
}

TEST_F(DestinationTest, SaysWhichOptionIsWrong) {
  struct Case {
    const char* name;
    std::function<void(DestinationOptions&)> spoil;
    std::string want;  // FOLDER is the folder's path
  };
  const Case cases[] = {
      {"no address", [](auto& o) { o.address = "https://"; }, "\"\" is not an address: no host"},
      {"a scheme of something else", [](auto& o) { o.address = "ftp://h"; },
       "\"ftp://h\" is not an address: unknown scheme"},
      {"two schemes", [](auto& o) { o.address = "https://ftp://h"; },
       "\"ftp://h\" is not an address: unknown scheme"},
      {"authorities that are gone", [&](auto& o) { o.ca_file = file("--ca-file", "gone"); },
       "--ca-file FOLDER/gone: does not exist"},
      {"a folder of authorities", [&](auto& o) { o.ca_file = file("--ca-file", ""); },
       "--ca-file FOLDER/: cannot be read"},
      {"no authorities", [&](auto& o) { o.ca_file = file("--ca-file", "empty"); },
       "--ca-file FOLDER/empty: is empty"},
      {"authorities that are none",
       [&](auto& o) { o.ca_file = file("OTEL_EXPORTER_OTLP_CERTIFICATE", "text"); },
       "OTEL_EXPORTER_OTLP_CERTIFICATE FOLDER/text: certificate authority: no start line"},
      {"a certificate that is gone", [&](auto& o) { o.cert_file = file("--cert-file", "gone"); },
       "--cert-file FOLDER/gone: does not exist"},
      {"a key that is gone", [&](auto& o) { o.key_file = file("--key-file", "gone"); },
       "--key-file FOLDER/gone: does not exist"},
      {"another's key", [&](auto& o) { o.key_file = file("--key-file", "other.key"); },
       "--cert-file FOLDER/tls.crt, --key-file FOLDER/other.key: private key: key values mismatch"},
      {"a certificate without a key", [](auto& o) { o.key_file = {}; },
       "--key-file is missing: --cert-file is set"},
      {"a key without a certificate", [](auto& o) { o.cert_file = {}; },
       "--cert-file is missing: --key-file is set"},
      {"a token that is gone", [&](auto& o) { o.token_file = file("--token-file", "gone"); },
       "--token-file: FOLDER/gone: does not exist"},
      {"an empty token", [&](auto& o) { o.token_file = file("--token-file", "empty"); },
       "--token-file: FOLDER/empty: holds no token"},
      {"trust and none", [](auto& o) { o.insecure_skip_verify = true; },
       "--ca-file and --insecure-skip-verify contradict each other"},
      {"authorities for plain text", [](auto& o) { o = {.address = "h:1", .ca_file = o.ca_file}; },
       "--ca-file is for TLS: write https://h:1"},
      {"a certificate for plain text",
       [](auto& o) { o = {.address = "http://h:1", .cert_file = o.cert_file}; },
       "--cert-file is for TLS: write https://h:1"},
      {"no trust for plain text",
       [](auto& o) { o = {.address = "h:1", .insecure_skip_verify = true}; },
       "--insecure-skip-verify is for TLS: write https://h:1"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    DestinationOptions options = mutual();
    c.spoil(options);
    const auto to = open_destination(options, 9090);
    ASSERT_FALSE(to);
    std::string want = c.want;
    for (std::size_t at; (at = want.find("FOLDER/")) != want.npos;)
      want.replace(at, 7, folder_ / "");
    EXPECT_EQ(to.error().what, want);
  }
}

TEST(Advised, SaysHowToBeKnown) {
  const Error unknown{Code::unauthenticated, "who asks"};
  EXPECT_EQ(advised(unknown, {.address = "h"}).what, "who asks; pass --token-file");
  EXPECT_EQ(advised(unknown, {.address = "h", .token_file = {"f", "--token-file"}}).what,
            "who asks; the token of --token-file f was sent");
  EXPECT_EQ(advised({Code::unavailable, "gone"}, {.address = "h"}).what, "gone");
}

}  // namespace
}  // namespace cli
