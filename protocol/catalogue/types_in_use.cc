#include "protocol/catalogue/types_in_use.h"

#include <algorithm>

#include "protocol/catalogue/type_expression.h"

namespace jitrig {

namespace {

/// Each alias and struct is entered once, so the recursion ends even where they name one another.
class Collector {
 public:
  explicit Collector(const Release& release) : release_(release) {}

  void cppType(std::string_view cpp_type) {
    const auto expression = TypeExpression::parse(cpp_type);
    if (expression) collect(*expression);
  }

  void fields(const StructLayout& layout) {
    for (const StructField& field : layout.fields) cppType(field.type);
  }

  TypesInUse take() { return std::move(found_); }

 private:
  void collect(const TypeExpression& expression) {
    for (const TypeExpression& argument : expression.arguments) collect(argument);
    if (const TypeAlias* alias = release_.findAlias(expression.name)) {
      if (add(found_.aliases, alias)) cppType(alias->cpp_type);
    } else if (const StructLayout* layout = layoutOf(release_, expression.name)) {
      if (add(found_.structs, layout)) fields(*layout);
    }
  }

  /// False: it is there already.
  template <class T>
  static bool add(std::vector<const T*>& all, const T* one) {
    if (std::ranges::find(all, one) != all.end()) return false;
    all.push_back(one);
    return true;
  }

  const Release& release_;
  TypesInUse found_;
};

}  // namespace

TypesInUse typesInUse(const Release& release, const MessageType& type) {
  Collector collector(release);
  for (const std::string& cpp_type : type.request_cpp) collector.cppType(cpp_type);
  for (const std::string& cpp_type : type.reply_cpp) collector.cppType(cpp_type);
  return collector.take();
}

TypesInUse typesInUse(const Release& release, const StructLayout& layout) {
  Collector collector(release);
  collector.fields(layout);
  return collector.take();
}

TypesInUse typesInUse(const Release& release, const TypeAlias& alias) {
  Collector collector(release);
  collector.cppType(alias.cpp_type);
  return collector.take();
}

const StructLayout* layoutOf(const Release& release, std::string_view cpp_type) {
  cpp_type = trimmed(cpp_type.substr(0, cpp_type.find('[')));
  if (cpp_type.ends_with('*')) return nullptr;
  if (const std::size_t scope = cpp_type.rfind("::"); scope != std::string_view::npos) {
    cpp_type.remove_prefix(scope + 2);
  }
  return release.findStruct(cpp_type);
}

}  // namespace jitrig
