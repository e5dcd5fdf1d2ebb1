#include "server/reflection.h"

#include <memory>
#include <utility>

#include "proto/reader.h"
#include "proto/writer.h"

namespace server {
namespace {

// ServerReflectionRequest's fields.
enum Ask : std::uint32_t {
  file_by_filename = 3,
  file_containing_symbol = 4,
  file_containing_extension = 5,
  all_extension_numbers_of_type = 6,
  list_services = 7,
};

struct Request {
  std::string host;
  std::uint32_t ask = 0;  // the last one stated, as of any oneof
  std::string text;
};

Result<Request> read_request(std::string_view bytes) {
  Request request;
  proto::Reader in(bytes);
  while (in.next()) {
    switch (in.field()) {
      case 1:
        request.host = in.text();
        break;
      case file_by_filename:
      case file_containing_symbol:
      case all_extension_numbers_of_type:
      case list_services:
        request.ask = in.field();
        request.text = in.text();
        break;
      case file_containing_extension:
        request.ask = in.field();
        request.text.clear();
        break;
      default:
        break;
    }
  }
  TRY_VOID(in.finish());
  return request;
}

void write_failure(proto::Writer& out, const Error& failure) {
  out.message(7, [&](proto::Writer& error) {
    error.int32(1, base::code_row(failure.code).grpc_status);
    error.text(2, failure.what);
  });
}

void write_files(proto::Writer& out, const std::vector<std::string>& files, std::string_view what) {
  if (files.empty())
    return write_failure(out, {Code::not_found, "not found: " + std::string(what)});
  out.message(4, [&](proto::Writer& answer) {
    for (const std::string& file : files) answer.bytes(1, file);
  });
}

void write_services(proto::Writer& out, const std::vector<std::string>& services) {
  out.message(6, [&](proto::Writer& answer) {
    for (const std::string& name : services)
      answer.message(1, [&](proto::Writer& service) { service.text(1, name); });
  });
}

// None of our messages has extensions.
void write_extensions(proto::Writer& out, const Descriptors& descriptors, const std::string& type) {
  if (!descriptors.is_message(type))
    return write_failure(out, {Code::not_found, "not found: " + type});
  out.message(5, [&](proto::Writer& answer) { answer.text(1, type); });
}

class Reflection final : public net::grpc::Conversation {
 public:
  struct Knowledge {
    Descriptors descriptors{schema::files()};
    std::vector<std::string> services;
  };

  Reflection(std::shared_ptr<const Knowledge> knowledge, net::grpc::Reply& reply)
      : knowledge_(std::move(knowledge)), reply_(reply) {}

  void take(std::string request) override {
    reply_.send(answer_reflection(knowledge_->descriptors, knowledge_->services, request));
  }
  void take_end() override { reply_.finish({}); }

 private:
  std::shared_ptr<const Knowledge> knowledge_;
  net::grpc::Reply& reply_;
};

}  // namespace

std::string answer_reflection(const Descriptors& descriptors,
                              const std::vector<std::string>& services, std::string_view bytes) {
  std::string answer;
  proto::Writer out(answer);
  const auto request = read_request(bytes);
  if (!request) {
    write_failure(out, {Code::invalid, request.error().what});
    return answer;
  }
  out.text(1, request->host);
  out.bytes(2, bytes);
  switch (request->ask) {
    case file_by_filename:
      write_files(out, descriptors.file(request->text), request->text);
      break;
    case file_containing_symbol:
      write_files(out, descriptors.file_with_symbol(request->text), request->text);
      break;
    case file_containing_extension:
      write_failure(out, {Code::not_found, "there are no extensions"});
      break;
    case all_extension_numbers_of_type:
      write_extensions(out, descriptors, request->text);
      break;
    case list_services:
      write_services(out, services);
      break;
    default:
      write_failure(out, {Code::invalid, "nothing is asked"});
  }
  return answer;
}

void add_reflection(net::grpc::Services& services) {
  const auto knowledge = std::make_shared<Reflection::Knowledge>();
  const auto handler = [knowledge](const net::grpc::Context&, net::grpc::Reply& reply) {
    return std::make_unique<Reflection>(knowledge, reply);
  };
  for (const char* version : {"v1", "v1alpha"}) {
    services.add(
        std::string("/grpc.reflection.") + version + ".ServerReflection/ServerReflectionInfo",
        net::grpc::Conversing(handler));
  }
  knowledge->services = described(services.names());
}

}  // namespace server
