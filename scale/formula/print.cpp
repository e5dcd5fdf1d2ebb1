#include <fmt/format.h>

#include <algorithm>

#include "scale/formula/ast.h"
#include "scale/formula/functions.h"
#include "scale/formula/lexer.h"
#include "scale/formula/literal.h"

namespace scale::formula {
namespace {

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\x{:02x}", c);
    } else {
      out += c;
    }
  }
  return out + '"';
}

bool is_property(std::string_view text) {
  return is_name(text) ||
         (!text.empty() && std::ranges::all_of(text, [](char c) { return c >= 'a' && c <= 'z'; }));
}

class Printer {
 public:
  explicit Printer(const Tree& tree) : tree_(tree) {}

  std::string text(NodeId id) const {
    if (id == no_node) return "";
    const Node& node = tree_[id];
    const auto child = [&](std::size_t i) { return text(node.children[i]); };
    switch (node.kind) {
      case NodeKind::nil:
        return "nil";
      case NodeKind::boolean:
        return node.integer != 0 ? "true" : "false";
      case NodeKind::integer:
        return fmt::format("{}", node.integer);
      case NodeKind::number:
        return number_literal(node.number);
      case NodeKind::string:
        return quoted(node.text);
      case NodeKind::name:
        return node.text;
      case NodeKind::env:
        return fmt::format("$env{}[{}]", node.optional ? "?." : "", quoted(node.text));
      case NodeKind::env_at:
        return fmt::format("$env{}[({})]", node.optional ? "?." : "", child(0));
      case NodeKind::element:
        return "#" + node.text;
      case NodeKind::unary:
        return fmt::format("({} {})", name_of(node.op), child(0));
      case NodeKind::binary:
        return fmt::format("({} {} {})", child(0), name_of(node.op), child(1));
      case NodeKind::comparison:
        return comparison(node);
      case NodeKind::conditional:
        return node.children.size() == 2
                   ? fmt::format("({} ?: {})", child(0), child(1))
                   : fmt::format("({} ? {} : {})", child(0), child(1), child(2));
      case NodeKind::let:
        return fmt::format("(let {} = {}; {})", node.text, child(0), child(1));
      case NodeKind::sequence:
        return fmt::format("({})", list(node, "; "));
      case NodeKind::array:
        return fmt::format("[{}]", list(node, ", "));
      case NodeKind::map:
        return map(node);
      case NodeKind::index:
        return index(node);
      case NodeKind::slice:
        return fmt::format("{}[{}:{}]", base(node), child(1), child(2));
      case NodeKind::optional_chain:
        return fmt::format("({})", child(0));
      case NodeKind::call:
        return call(node);
    }
    return "";
  }

 private:
  // What a postfix is put to.
  std::string base(const Node& node) const {
    const NodeKind kind = tree_[node.children[0]].kind;
    const bool literal = kind == NodeKind::nil || kind == NodeKind::boolean ||
                         kind == NodeKind::integer || kind == NodeKind::number;
    const std::string inside = text(node.children[0]);
    return literal ? "(" + inside + ")" : inside;
  }

  // With a dot where that can be, because only a dot goes on in an optional chain.
  std::string index(const Node& node) const {
    const Node &on = tree_[node.children[0]], &key = tree_[node.children[1]];
    const bool dotted = on.kind != NodeKind::optional_chain && key.kind == NodeKind::string &&
                        is_property(key.text);
    if (dotted) return fmt::format("{}{}{}", base(node), node.optional ? "?." : ".", key.text);
    return fmt::format("{}{}[{}]", base(node), node.optional ? "?." : "", text(node.children[1]));
  }

  std::string list(const Node& node, std::string_view separator) const {
    std::string out;
    for (const NodeId child : node.children) {
      if (!out.empty()) out += separator;
      out += text(child);
    }
    return out;
  }

  std::string comparison(const Node& node) const {
    std::string out = "(" + text(node.children[0]);
    for (std::size_t i = 0; i < node.operators.size(); ++i)
      out += fmt::format(" {} {}", name_of(node.operators[i]), text(node.children[i + 1]));
    return out + ")";
  }

  std::string map(const Node& node) const {
    std::string out = "{";
    for (std::size_t i = 0; i < node.children.size(); i += 2) {
      const bool plain = tree_[node.children[i]].kind == NodeKind::string;
      const std::string key = text(node.children[i]);
      out += fmt::format("{}{}: {}", i > 0 ? ", " : "", plain ? key : "(" + key + ")",
                         text(node.children[i + 1]));
    }
    return out + "}";
  }

  std::string call(const Node& node) const {
    const Function* function = find_function(node.text);
    std::string out = (node.optional ? "::" : "") + node.text + "(";
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      const bool predicate = i == 1 && (!function || function->loop);
      out += fmt::format("{}{}{}{}", i > 0 ? ", " : "", predicate ? "{" : "",
                         text(node.children[i]), predicate ? "}" : "");
    }
    return out + ")";
  }

  const Tree& tree_;
};

}  // namespace

std::string print(const Tree& tree) {
  return Printer(tree).text(tree.root);
}

}  // namespace scale::formula
