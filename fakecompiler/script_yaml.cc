#include "fakecompiler/script_yaml.h"

#include <algorithm>
#include <fmt/format.h>
#include <initializer_list>
#include <set>
#include <stdexcept>
#include <yaml-cpp/yaml.h>

#include "protocol/wire/value_text.h"

namespace jitrig {
namespace {

/// Carries a finished error text out of the nested reading.
class ScriptError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

constexpr std::size_t kDefaultCodeSize = 240;

std::size_t memoryOf(std::span<const Value> values) {
  std::size_t size = values.size_bytes();
  for (const Value& value : values) {
    if (const auto* string = value.get<Value::String>()) size += string->bytes.size();
    if (const auto* object = value.get<Value::Object>()) size += object->bytes.size();
    if (const auto* simple = value.get<Value::SimpleVector>()) size += simple->bytes.size();
    if (const auto* vector = value.get<Value::Vector>()) size += memoryOf(vector->elements);
    if (const auto* tuple = value.get<Value::Tuple>()) size += memoryOf(tuple->elements);
  }
  return size;
}

std::size_t memoryOf(const std::vector<WireType>& types) {
  std::size_t size = types.size() * sizeof(WireType);
  for (const WireType& type : types) size += memoryOf(type.elements);
  return size;
}

class ScriptReader {
 public:
  ScriptReader(const std::string& file, const Dialect& dialect) : file_(file), dialect_(dialect) {}

  Script read(const YAML::Node& root) {
    if (!root.IsMap()) fail(root, "expected a mapping with the key 'compilations'");
    requireKeys(root, {"compilations"});
    const YAML::Node list = root["compilations"];
    if (!list || !list.IsSequence() || list.size() == 0)
      fail(root, "'compilations' must be a list of at least one");
    Script script;
    for (const YAML::Node& node : list)
      script.compilations.push_back(readCompilation(node, script.compilations.size()));
    return script;
  }

  [[noreturn]] void fail(const YAML::Mark& mark, const std::string& what) const {
    throw ScriptError(fmt::format("{}:{}: {}", file_, mark.is_null() ? 1 : mark.line + 1, what));
  }
  [[noreturn]] void fail(const YAML::Node& node, const std::string& what) const { fail(node.Mark(), what); }

 private:
  void requireKeys(const YAML::Node& map, std::initializer_list<std::string_view> allowed) const {
    std::set<std::string> seen;
    for (const auto& entry : map) {
      const std::string key = text(entry.first, "a key");
      if (std::ranges::find(allowed, key) == allowed.end()) {
        fail(entry.first, fmt::format("unknown key '{}'; known here: {}", key, fmt::join(allowed, ", ")));
      }
      if (!seen.insert(key).second) fail(entry.first, fmt::format("the key '{}' stands here twice", key));
    }
  }

  /// A few lines can ask for any amount: `times`, `code_size_bytes`, an alias to a long text.
  void countMemory(const YAML::Node& node, std::size_t size_bytes, std::size_t times) {
    if (size_bytes != 0 && times > (kMaxScriptMemory - memory_bytes_) / size_bytes) {
      fail(node, fmt::format("the script's messages need more than {} bytes", kMaxScriptMemory));
    }
    memory_bytes_ += size_bytes * times;
  }

  std::string text(const YAML::Node& node, std::string_view what) const {
    if (!node.IsScalar()) fail(node, fmt::format("{} must be a plain value", what));
    return node.Scalar();
  }

  template <class T>
  T number(const YAML::Node& node, std::string_view what, T max) const {
    // Read as a wide signed number first: yaml-cpp takes "-1" for a large unsigned one.
    long long value = 0;
    try {
      value = node.as<long long>();
    } catch (const YAML::BadConversion&) {
      fail(node, fmt::format("{}: expected a whole number from 0 to {}", what, max));
    }
    if (value < 0 || static_cast<unsigned long long>(value) > max) {
      fail(node, fmt::format("{}: {} is not between 0 and {}", what, value, max));
    }
    return static_cast<T>(value);
  }

  ScriptedCompilation readCompilation(const YAML::Node& node, std::size_t index) {
    if (!node.IsMap()) fail(node, "a compilation must be a mapping");
    requireKeys(node, {"name", "session_queries", "queries", "end", "code_size_bytes", "status", "data"});
    ScriptedCompilation compilation;
    compilation.name = node["name"] ? text(node["name"], "name") : fmt::format("compilation {}", index);
    if (const YAML::Node asked = node["session_queries"]) {
      try {
        compilation.ask_session_queries = asked.as<bool>();
      } catch (const YAML::BadConversion&) {
        fail(asked, "session_queries: expected true or false");
      }
    }
    if (const YAML::Node queries = node["queries"]) {
      if (!queries.IsSequence()) fail(queries, "'queries' must be a list");
      for (const YAML::Node& query : queries) readQuery(query, compilation.queries);
    }
    compilation.end = readEnd(node);
    return compilation;
  }

  void readQuery(const YAML::Node& node, std::vector<ScriptQuery>& queries) {
    const bool plain = node.IsScalar();
    if (!plain && !node.IsMap()) fail(node, "a query is the name of a message type, or a mapping with 'ask'");
    if (!plain) requireKeys(node, {"ask", "data", "expect", "times"});
    if (!plain && !node["ask"]) fail(node, "a query needs 'ask', the name of a message type");
    const YAML::Node name_node = plain ? node : node["ask"];
    const std::string name = text(name_node, "ask");
    auto query = makeQuery(dialect_, name);
    if (!query) {
      fail(name_node, fmt::format("'{}' is no query of release {}", name, dialect_.table->release().name));
    }
    std::size_t times = 1;
    if (!plain) {
      if (node["data"]) query->values = readData(node["data"]);
      if (node["expect"]) query->expected_reply = readExpected(node["expect"]);
      if (node["times"]) times = number<std::size_t>(node["times"], "times", kMaxScriptQueries);
    }
    if (times > kMaxScriptQueries - total_queries_) {
      fail(node, fmt::format("more than {} queries in all", kMaxScriptQueries));
    }
    total_queries_ += times;
    countMemory(node,
                memoryOf(query->values) + (query->expected_reply ? memoryOf(*query->expected_reply) : 0),
                times);
    queries.insert(queries.end(), times, *query);
  }

  std::vector<Value> readData(const YAML::Node& node) const {
    auto values = parseValues(text(node, "data"));
    if (!values) fail(node, fmt::format("data: {}", toString(values.error())));
    if (values->empty()) fail(node, "data: a message needs at least one data point");
    return std::move(*values);
  }

  std::optional<std::vector<WireType>> readExpected(const YAML::Node& node) const {
    const std::string types = text(node, "expect");
    if (types == "anything") return std::nullopt;
    // A list of types is the inside of a tuple type.
    const auto tuple = WireType::parse(fmt::format("tuple<{}>", types));
    if (!tuple) fail(node, fmt::format("expect: '{}': {}", types, tuple.error()));
    return tuple->elements;
  }

  ScriptEnd readEnd(const YAML::Node& compilation) {
    const YAML::Node node = compilation["end"];
    const std::string end = node ? text(node, "end") : "code";
    forbid(compilation, "code_size_bytes", end == "code", end);
    forbid(compilation, "status", end == "failure", end);
    forbid(compilation, "data", end != "code" && end != "failure" && end != "close" && end != "nothing", end);
    if (end == "code") {
      const YAML::Node size_node = compilation["code_size_bytes"];
      const std::size_t size = size_node
                                   ? number<std::size_t>(size_node, "code_size_bytes", kMaxScriptCodeSize)
                                   : kDefaultCodeSize;
      countMemory(compilation, size, 1);
      return makeCode(dialect_, size);
    }
    if (end == "failure") return makeFailure(dialect_, readStatus(compilation["status"]));
    if (end == "close") return {.kind = ScriptEnd::Kind::close, .type = 0, .values = {}};
    if (end == "nothing") return {.kind = ScriptEnd::Kind::nothing, .type = 0, .values = {}};
    ScriptEnd message = readFinalMessage(node, end, compilation["data"]);
    countMemory(node, memoryOf(message.values), 1);
    return message;
  }

  void forbid(const YAML::Node& compilation, const std::string& key, bool allowed,
              const std::string& end) const {
    if (compilation[key] && !allowed) {
      fail(compilation[key], fmt::format("'{}' does not go with 'end: {}'", key, end));
    }
  }

  std::uint32_t readStatus(const YAML::Node& node) const {
    constexpr std::uint32_t kCompilationFailure = 1;
    if (!node) return kCompilationFailure;
    if (const auto known = dialect_.table->release().statusCode(text(node, "status"))) return *known;
    if (node.Scalar().find_first_not_of("0123456789") != std::string::npos) {
      fail(node, fmt::format("status: release {} has no status '{}'", dialect_.table->release().name,
                             node.Scalar()));
    }
    return number<std::uint32_t>(node, "status", ~std::uint32_t{0});
  }

  ScriptEnd readFinalMessage(const YAML::Node& node, const std::string& name, const YAML::Node& data) const {
    const MessageType* type = dialect_.table->find(name);
    if (type == nullptr || !dialect_.endsCompilation(type->number)) {
      fail(node, fmt::format(
                     "end: '{}' is none of code, failure, close, nothing, nor a final message of release {}",
                     name, dialect_.table->release().name));
    }
    ScriptEnd end;
    end.type = type->number;
    end.values = data ? readData(data) : defaultRequest(*type);
    return end;
  }

  const std::string& file_;
  const Dialect& dialect_;
  std::size_t total_queries_ = 0;
  std::size_t memory_bytes_ = 0;
};

}  // namespace

std::expected<Script, std::string> parseScript(std::string_view text, const std::string& file,
                                               const Dialect& dialect) {
  ScriptReader reader(file, dialect);
  try {
    try {
      const std::vector<YAML::Node> documents = YAML::LoadAll(std::string(text));
      if (documents.size() != 1) {
        reader.fail(documents.empty() ? YAML::Node() : documents[1],
                    fmt::format("expected one YAML document, found {}", documents.size()));
      }
      return reader.read(documents.front());
    } catch (const YAML::Exception& exception) {
      reader.fail(exception.mark, exception.msg);
    }
  } catch (const ScriptError& error) {
    return std::unexpected(std::string(error.what()));
  }
}

}  // namespace jitrig
