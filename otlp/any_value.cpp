#include "otlp/any_value.h"

#include <charconv>

#include "base/base64.h"
#include "otlp/decode.h"
#include "otlp/fields.h"

namespace otlp {
namespace {

namespace any = field::any_value;

// Reads lists and maps as trees: they are rare, and only so can a map be sorted.
class TreeReader {
 public:
  Result<AttributeValue::List> list(proto::Reader in, int level) {
    AttributeValue::List items;
    while (in.next()) {
      if (in.field() != field::values::values) continue;
      TRY(auto item, value(in.message(), level));
      items.push_back(std::move(item));
    }
    TRY_VOID(in.finish());
    return items;
  }

  Result<AttributeValue::Map> map(proto::Reader in, int level) {
    AttributeValue::Map items;
    while (in.next()) {
      if (in.field() != field::values::values) continue;
      TRY(auto item, attribute(in.message(), level));
      items.push_back(std::move(item));
    }
    TRY_VOID(in.finish());
    return items;
  }

 private:
  Result<Attribute> attribute(proto::Reader in, int level) {
    Attribute read;
    while (in.next()) {
      if (in.field() == field::key_value::key) {
        read.key = in.text();
      } else if (in.field() == field::key_value::value) {
        TRY(read.value, value(in.message(), level));
      }
    }
    TRY_VOID(in.finish());
    return read;
  }

  Result<AttributeValue> value(proto::Reader in, int level) {
    if (level >= value_nesting_max) return fail(Code::invalid, "value nested too deep");
    if (++elements_ > value_elements_max) return fail(Code::invalid, "value of too many elements");
    AttributeValue read;
    while (in.next()) {
      switch (in.field()) {
        case any::string_value:
          read.value = std::string(in.text());
          break;
        case any::bool_value:
          read.value = in.boolean();
          break;
        case any::int_value:
          read.value = in.int64();
          break;
        case any::double_value:
          read.value = in.float64();
          break;
        case any::bytes_value:
          read.value = Bytes{std::string(in.bytes())};
          break;
        case any::array_value: {
          TRY(read.value, list(in.message(), level + 1));
          break;
        }
        case any::kvlist_value: {
          TRY(read.value, map(in.message(), level + 1));
          break;
        }
        default:
          break;
      }
    }
    TRY_VOID(in.finish());
    return read;
  }

  std::size_t elements_ = 0;
};

std::string_view keep_integer(std::int64_t integer, Texts& texts) {
  char text[24];
  const char* end = std::to_chars(text, text + sizeof text, integer).ptr;
  return texts.keep({text, static_cast<std::size_t>(end - text)});
}

struct ValueWriter {
  proto::Writer& out;

  void operator()(std::monostate) const {}
  void operator()(const std::string& text) const { out.text(any::string_value, text); }
  void operator()(bool truth) const { out.boolean(any::bool_value, truth); }
  void operator()(std::int64_t integer) const { out.int64(any::int_value, integer); }
  void operator()(double number) const { out.float64(any::double_value, number); }
  void operator()(const Bytes& bytes) const { out.bytes(any::bytes_value, bytes.value); }
  void operator()(const AttributeValue::List& list) const {
    out.message(any::array_value, [&](proto::Writer& array) {
      for (const AttributeValue& item : list) {
        array.message(field::values::values,
                      [&](proto::Writer& inner) { write_value(inner, item); });
      }
    });
  }
  void operator()(const AttributeValue::Map& map) const {
    out.message(any::kvlist_value, [&](proto::Writer& list) {
      for (const Attribute& item : map) {
        list.message(field::values::values,
                     [&](proto::Writer& inner) { write_attribute(inner, item); });
      }
    });
  }
};

}  // namespace

Result<std::string_view> read_text(proto::Reader in, Texts& texts) {
  std::string_view text;
  while (in.next()) {
    switch (in.field()) {
      case any::string_value:
        text = in.text();
        break;
      case any::bool_value:
        text = in.boolean() ? "true" : "false";
        break;
      case any::int_value:
        text = keep_integer(in.int64(), texts);
        break;
      case any::double_value:
        text = texts.keep(number_text(in.float64()));
        break;
      case any::bytes_value:
        text = texts.keep(base::encode_base64(in.bytes()));
        break;
      case any::array_value: {
        TRY(auto list, TreeReader().list(in.message(), 1));
        text = texts.keep(to_text({std::move(list)}));
        break;
      }
      case any::kvlist_value: {
        TRY(auto map, TreeReader().map(in.message(), 1));
        text = texts.keep(to_text({std::move(map)}));
        break;
      }
      default:
        break;
    }
  }
  TRY_VOID(in.finish());
  return text;
}

Result<tsdb::LabelView> read_label(proto::Reader in, Texts& texts) {
  tsdb::LabelView label;
  while (in.next()) {
    switch (in.field()) {
      case field::key_value::key:
        label.name = in.text();
        break;
      case field::key_value::value: {
        TRY(label.value, read_text(in.message(), texts));
        break;
      }
      default:
        break;
    }
  }
  TRY_VOID(in.finish());
  return label;
}

void write_value(proto::Writer& out, const AttributeValue& value) {
  std::visit(ValueWriter{out}, value.value);
}

void write_attribute(proto::Writer& out, const Attribute& attribute) {
  out.text(field::key_value::key, attribute.key);
  out.message(field::key_value::value,
              [&](proto::Writer& inner) { write_value(inner, attribute.value); });
}

}  // namespace otlp
