#include "server/reflection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proto/reader.h"
#include "proto/writer.h"
#include "server/health.h"
#include "server/testing/fake_reply.h"

namespace server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string ask(std::uint32_t field, std::string_view text) {
  std::string bytes;
  proto::Writer out(bytes);
  out.text(1, "here");
  out.text(field, text);
  return bytes;
}

// What an answer says: the names of files or services, a type, or "CODE text".
std::vector<std::string> said(std::string_view answer) {
  std::vector<std::string> out;
  const auto texts = [&out](proto::Reader list, auto name) {
    while (list.next()) out.push_back(name(list));
  };
  proto::Reader in(answer);
  while (in.next()) {
    if (in.field() == 4) {
      texts(in.message(), [](proto::Reader& list) {
        proto::Reader file(list.bytes());
        return std::string(file.next() ? file.text() : "");
      });
    } else if (in.field() == 6) {
      texts(in.message(), [](proto::Reader& list) {
        proto::Reader service = list.message();
        return std::string(service.next() ? service.text() : "");
      });
    } else if (in.field() == 5) {
      texts(in.message(), [](proto::Reader& list) { return std::string(list.text()); });
    } else if (in.field() == 7) {
      proto::Reader error = in.message();
      while (error.next())
        out.push_back(error.field() == 1 ? std::to_string(error.int32())
                                         : std::string(error.text()));
    }
  }
  EXPECT_TRUE(in.finish());
  return out;
}

TEST(Reflection, AnswersEveryKindOfQuestion) {
  const std::string common = "opentelemetry/proto/common/v1/common.proto";
  const std::string resource = "opentelemetry/proto/resource/v1/resource.proto";
  const std::string metrics = "opentelemetry/proto/metrics/v1/metrics.proto";
  const std::string service = "opentelemetry/proto/collector/metrics/v1/metrics_service.proto";
  struct Case {
    const char* name;
    std::string request;
    std::vector<std::string> want;
  };
  const Case cases[] = {
      {"services", ask(7, "*"), {"a.A", "b.B"}},
      {"file", ask(3, "externalscaler.proto"), {"externalscaler.proto"}},
      {"file with imports", ask(3, service), {service, metrics, common, resource}},
      {"unknown file", ask(3, "x.proto"), {"5", "not found: x.proto"}},
      {"service", ask(4, "externalscaler.ExternalScaler"), {"externalscaler.proto"}},
      {"method", ask(4, "externalscaler.ExternalScaler.IsActive"), {"externalscaler.proto"}},
      {"message", ask(4, "opentelemetry.proto.resource.v1.Resource"), {resource, common}},
      {"nested message",
       ask(4, "externalscaler.ScaledObjectRef.ScalerMetadataEntry"),
       {"externalscaler.proto"}},
      {"field", ask(4, "externalscaler.MetricSpec.targetSizeFloat"), {"externalscaler.proto"}},
      {"oneof", ask(4, "opentelemetry.proto.common.v1.AnyValue.value"), {common}},
      {"enumeration",
       ask(4, "grpc.health.v1.HealthCheckResponse.ServingStatus"),
       {"grpc/health/v1/health.proto"}},
      {"its value",
       ask(4, "grpc.health.v1.HealthCheckResponse.SERVING"),
       {"grpc/health/v1/health.proto"}},
      {"unknown symbol", ask(4, "externalscaler"), {"5", "not found: externalscaler"}},
      {"extensions", ask(6, "externalscaler.MetricSpec"), {"externalscaler.MetricSpec"}},
      {"of no message",
       ask(6, "externalscaler.ExternalScaler"),
       {"5", "not found: externalscaler.ExternalScaler"}},
      {"an extension", ask(5, ""), {"5", "there are no extensions"}},
      {"nothing", ask(1, "here"), {"3", "nothing is asked"}},
      {"no request", "\xff", {"3", "field 0: cut short"}},
  };
  const Descriptors descriptors(schema::files());
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const std::string answer = answer_reflection(descriptors, {"a.A", "b.B"}, c.request);
    EXPECT_EQ(said(answer), c.want);
  }
}

TEST(Descriptors, KnowEveryTypeThatTheyName) {
  const Descriptors descriptors(schema::files());
  constexpr std::string_view scalars =
      " bool bytes double fixed64 int32 int64 sfixed64 sint32 string "
      "uint32 uint64 ";
  for (const auto& file : schema::files()) {
    const auto expect_type = [&](std::string_view type) {
      if (scalars.contains(" " + std::string(type) + " ")) return;
      const std::string name = type.starts_with('.')
                                   ? std::string(type.substr(1))
                                   : std::string(file.package) + "." + std::string(type);
      EXPECT_FALSE(descriptors.file_with_symbol(name).empty()) << name;
    };
    for (const auto& type : file.types) {
      for (const auto& field : type.fields) expect_type(field.type);
    }
    for (const auto& method : file.methods) {
      expect_type(method.request);
      expect_type(method.answer);
    }
  }
}

template <class Kind>
const Kind& method_of(const net::grpc::Services& services, std::string_view name) {
  return std::get<Kind>(*services.find(name));
}

TEST(Reflection, ListsWhatIsOfferedAndEndsWithItsPeer) {
  net::grpc::Services services;
  services.add("/opentelemetry.proto.collector.logs.v1.LogsService/Export", net::grpc::Unary{});
  add_health(services);
  add_reflection(services);
  for (const char* version : {"v1", "v1alpha"}) {
    testing::FakeReply reply;
    const auto talk = method_of<net::grpc::Conversing>(
        services, std::string("/grpc.reflection.") + version +
                      ".ServerReflection/ServerReflectionInfo")({}, reply);
    talk->take(ask(7, ""));
    talk->take(ask(7, ""));
    ASSERT_EQ(reply.sent.size(), 2u);
    EXPECT_THAT(said(reply.sent[1]),
                ElementsAre("grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection",
                            "grpc.reflection.v1alpha.ServerReflection"));
    EXPECT_FALSE(reply.outcome);
    talk->take_end();
    EXPECT_TRUE(reply.outcome && *reply.outcome);
  }
}

TEST(Health, WatchesEachService) {
  struct Case {
    const char* service;
    std::string want;
  };
  const Case cases[] = {
      {"", "\x08\x01"}, {"grpc.health.v1.Health", "\x08\x01"}, {"none", "\x08\x03"}};
  net::grpc::Services services;
  add_health(services);
  for (const auto& c : cases) {
    SCOPED_TRACE(c.service);
    testing::FakeReply reply;
    const auto watch =
        method_of<net::grpc::Conversing>(services, "/grpc.health.v1.Health/Watch")({}, reply);
    std::string request;
    proto::Writer(request).text(1, c.service);
    watch->take(request);
    watch->take_end();
    EXPECT_THAT(reply.sent, ElementsAre(c.want));
    EXPECT_FALSE(reply.outcome);
  }
}

}  // namespace
}  // namespace server
