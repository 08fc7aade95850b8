#include "fakecompiler/script_yaml.h"

#include <fmt/format.h>

#include "protocol/wire/value_text.h"

namespace jitrig {
namespace {

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
  ScriptReader(const YamlReader& yaml, const Dialect& dialect) : yaml_(yaml), dialect_(dialect) {}

  Script read(const YamlNode& root) {
    yaml_.requireMap(root, "a script", {"compilations"});
    const YamlNode* list = root.find("compilations");
    if (list == nullptr || !list->isList() || list->items.empty()) {
      yaml_.fail(root, "'compilations' must be a list of at least one");
    }
    Script script;
    for (const auto& node : list->items) {
      script.compilations.push_back(readCompilation(*node, script.compilations.size()));
    }
    return script;
  }

 private:
  /// A few lines can ask for any amount: `times`, `code_size_bytes`, an alias to a long text.
  void countMemory(const YamlNode& node, std::size_t size_bytes, std::size_t times) {
    if (size_bytes != 0 && times > (kMaxScriptMemory - memory_bytes_) / size_bytes) {
      yaml_.fail(node, fmt::format("the script's messages need more than {} bytes", kMaxScriptMemory));
    }
    memory_bytes_ += size_bytes * times;
  }

  ScriptedCompilation readCompilation(const YamlNode& node, std::size_t index) {
    yaml_.requireMap(node, "a compilation",
                     {"name", "session_queries", "queries", "end", "code_size_bytes", "status", "data"});
    ScriptedCompilation compilation;
    const YamlNode* name = node.find("name");
    compilation.name = name != nullptr ? yaml_.text(*name, "name") : fmt::format("compilation {}", index);
    if (const YamlNode* asked = node.find("session_queries")) {
      compilation.ask_session_queries = yaml_.flag(*asked, "session_queries");
    }
    if (const YamlNode* queries = node.find("queries")) {
      for (const auto& query : yaml_.list(*queries, "queries", kMaxScriptQueries)) {
        readQuery(*query, compilation.queries);
      }
    }
    compilation.end = readEnd(node);
    if (compilation.end.kind == ScriptEnd::Kind::crash && !addCrash(dialect_, compilation))
      yaml_.fail(*node.find("end"), fmt::format("end: no compilation of release {} can tell of its crash",
                                                dialect_.table->release().name));
    return compilation;
  }

  void readQuery(const YamlNode& node, std::vector<ScriptQuery>& queries) {
    const bool plain = node.isScalar();
    if (!plain && !node.isMap()) {
      yaml_.fail(node, "a query is the name of a message type, or a mapping with 'ask'");
    }
    if (!plain) yaml_.requireMap(node, "a query", {"ask", "data", "expect", "times"});
    const YamlNode* name_node = plain ? &node : node.find("ask");
    if (name_node == nullptr) yaml_.fail(node, "a query needs 'ask', the name of a message type");
    const std::string& name = yaml_.text(*name_node, "ask");
    auto query = makeQuery(dialect_, name);
    if (!query) {
      yaml_.fail(*name_node,
                 fmt::format("'{}' is no query of release {}", name, dialect_.table->release().name));
    }
    std::size_t times = 1;
    if (const YamlNode* data = node.find("data")) query->values = readData(*data);
    if (const YamlNode* expect = node.find("expect")) query->expected_reply = readExpected(*expect);
    if (const YamlNode* count = node.find("times")) {
      times = yaml_.number(*count, "times", 0, kMaxScriptQueries);
    }
    if (times > kMaxScriptQueries - total_queries_) {
      yaml_.fail(node, fmt::format("more than {} queries in all", kMaxScriptQueries));
    }
    total_queries_ += times;
    countMemory(node,
                memoryOf(query->values) + (query->expected_reply ? memoryOf(*query->expected_reply) : 0),
                times);
    queries.insert(queries.end(), times, *query);
  }

  std::vector<Value> readData(const YamlNode& node) const {
    auto values = parseValues(yaml_.text(node, "data"));
    if (!values) yaml_.fail(node, fmt::format("data: {}", toString(values.error())));
    if (values->empty()) yaml_.fail(node, "data: a message needs at least one data point");
    return std::move(*values);
  }

  std::optional<std::vector<WireType>> readExpected(const YamlNode& node) const {
    const std::string& types = yaml_.text(node, "expect");
    if (types == "anything") return std::nullopt;
    // A list of types is the inside of a tuple type.
    const auto tuple = WireType::parse(fmt::format("tuple<{}>", types));
    if (!tuple) yaml_.fail(node, fmt::format("expect: '{}': {}", types, tuple.error()));
    return tuple->elements;
  }

  ScriptEnd readEnd(const YamlNode& compilation) {
    const YamlNode* node = compilation.find("end");
    const std::string end = node != nullptr ? yaml_.text(*node, "end") : "code";
    forbid(compilation, "code_size_bytes", end == "code", end);
    forbid(compilation, "status", end == "failure", end);
    forbid(compilation, "data", end != "code" && end != "failure" && !isSilent(end), end);
    if (end == "code") {
      const YamlNode* size_node = compilation.find("code_size_bytes");
      const std::size_t size = size_node != nullptr
                                   ? yaml_.number(*size_node, "code_size_bytes", 0, kMaxScriptCodeSize)
                                   : kDefaultCodeSize;
      countMemory(compilation, size, 1);
      return makeCode(dialect_, size);
    }
    if (end == "failure") return makeFailure(dialect_, readStatus(compilation.find("status")));
    if (end == "close") return {.kind = ScriptEnd::Kind::close, .type = 0, .values = {}};
    if (end == "nothing") return {.kind = ScriptEnd::Kind::nothing, .type = 0, .values = {}};
    if (end == "crash") return {.kind = ScriptEnd::Kind::crash, .type = 0, .values = {}};
    ScriptEnd message = readFinalMessage(*node, end, compilation.find("data"));
    countMemory(*node, memoryOf(message.values), 1);
    return message;
  }

  /// Without a final message.
  static bool isSilent(std::string_view end) { return end == "close" || end == "nothing" || end == "crash"; }

  void forbid(const YamlNode& compilation, std::string_view key, bool allowed, const std::string& end) const {
    const YamlNode* node = compilation.find(key);
    if (node != nullptr && !allowed) {
      yaml_.fail(*node, fmt::format("'{}' does not go with 'end: {}'", key, end));
    }
  }

  std::uint32_t readStatus(const YamlNode* node) const {
    constexpr std::uint32_t kCompilationFailure = 1;
    if (node == nullptr) return kCompilationFailure;
    const std::string& status = yaml_.text(*node, "status");
    if (const auto known = dialect_.table->release().statusCode(status)) return *known;
    if (status.find_first_not_of("0123456789") != std::string::npos) {
      yaml_.fail(*node, fmt::format("status: release {} has no status '{}'", dialect_.table->release().name,
                                    status));
    }
    return static_cast<std::uint32_t>(yaml_.number(*node, "status", 0, ~std::uint32_t{0}));
  }

  ScriptEnd readFinalMessage(const YamlNode& node, const std::string& name, const YamlNode* data) const {
    const MessageType* type = dialect_.table->find(name);
    if (type == nullptr || !dialect_.endsCompilation(type->number)) {
      yaml_.fail(
          node,
          fmt::format(
              "end: '{}' is none of code, failure, close, nothing, crash, nor a final message of release {}",
              name, dialect_.table->release().name));
    }
    ScriptEnd end = makeFinalMessage(dialect_, *type);
    if (data == nullptr) return end;
    end.values = readData(*data);
    end.says_states = false;
    return end;
  }

  const YamlReader& yaml_;
  const Dialect& dialect_;
  std::size_t total_queries_ = 0;
  std::size_t memory_bytes_ = 0;
};

}  // namespace

Script readScript(const YamlReader& yaml, const YamlNode& node, const Dialect& dialect) {
  return ScriptReader(yaml, dialect).read(node);
}

std::expected<Script, std::string> parseScript(std::string_view text, const std::string& file,
                                               const Dialect& dialect) {
  const YamlReader yaml(file);
  try {
    return readScript(yaml, *yaml.parse(text), dialect);
  } catch (const YamlError& error) {
    return std::unexpected(std::string(error.what()));
  }
}

}  // namespace jitrig
