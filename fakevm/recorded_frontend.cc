#include "fakevm/recorded_frontend.h"

#include <algorithm>
#include <fmt/format.h>

namespace jitrig {
class RecordedFrontend::Compilation final : public CompilationFrontend {
 public:
  Compilation(const RecordedFrontend& frontend, const RecordedCompilation& recorded, std::uint64_t number)
      : frontend_(frontend), recorded_(recorded), used_(recorded.queries.size(), false), number_(number) {}

  std::string methodName() const override {
    return fmt::format("recorded compilation {}", number_ % frontend_.compilations_.size());
  }

  std::vector<Value> compilationRequest(const RequestIdentity& identity) override {
    RequestIdentity numbered = identity;
    if (const std::uint32_t since = frontend_.sinceCritical(number_);
        since != 0 && since < identity.sequence_number) {
      numbered.last_critical_sequence_number =
          std::max(identity.last_critical_sequence_number, identity.sequence_number - since);
    }
    std::vector<Value> request = recorded_.request;
    setIdentity(request, numbered);
    return request;
  }

  Answer answer(const Message& query) override {
    const std::uint16_t type = query.type();
    if (const RecordedQuery* next = takeNext(type)) {
      if (next->answer == RecordedQuery::Answer::reply)
        return {.kind = Answer::Kind::reply, .values = next->reply};
      if (frontend_.options_.follow_recorded_ends) {
        const bool interrupted = next->answer == RecordedQuery::Answer::interrupted;
        return {.kind = interrupted ? Answer::Kind::interrupt : Answer::Kind::close, .values = {}};
      }
    }
    if (const auto by_type = frontend_.replies_by_type_.find(type);
        by_type != frontend_.replies_by_type_.end()) {
      return {.kind = Answer::Kind::reply, .values = *by_type->second};
    }
    return {.kind = Answer::Kind::reply, .values = defaultReply(*frontend_.dialect_, type)};
  }

 private:
  /// The first query of that type that has not been answered yet: usually simply the next one.
  const RecordedQuery* takeNext(std::uint16_t type) {
    for (std::size_t i = first_unused_; i < recorded_.queries.size(); ++i) {
      if (used_[i] || recorded_.queries[i].type != type) continue;
      used_[i] = true;
      while (first_unused_ < used_.size() && used_[first_unused_]) ++first_unused_;
      return &recorded_.queries[i];
    }
    return nullptr;
  }

  const RecordedFrontend& frontend_;
  const RecordedCompilation& recorded_;
  std::vector<bool> used_;
  std::size_t first_unused_ = 0;
  std::uint64_t number_;
};

RecordedFrontend::RecordedFrontend(std::shared_ptr<const Dialect> dialect,
                                   std::vector<RecordedCompilation> compilations,
                                   RecordedFrontendOptions options)
    : dialect_(dialect),
      compilations_(std::move(compilations)),
      options_(options),
      otherwise_(std::move(dialect)) {
  for (const RecordedCompilation& compilation : compilations_) {
    critical_.push_back(tellsOfClassChanges(*dialect_, compilation.request));
    for (const RecordedQuery& query : compilation.queries) {
      if (query.answer == RecordedQuery::Answer::reply)
        replies_by_type_.try_emplace(query.type, &query.reply);
    }
  }
}

/// How many compilations before that one the last critical one was; 0: there was none.
std::uint32_t RecordedFrontend::sinceCritical(std::uint64_t number) const {
  const std::uint64_t size = critical_.size();
  for (std::uint64_t since = 1; since <= std::min(number, size); ++since) {
    if (critical_[(number - since) % size]) return static_cast<std::uint32_t>(since);
  }
  return 0;
}

std::unique_ptr<CompilationFrontend> RecordedFrontend::beginCompilation(std::uint64_t number) {
  if (compilations_.empty()) return otherwise_.beginCompilation(number);
  return std::make_unique<Compilation>(*this, compilations_[number % compilations_.size()], number);
}

}  // namespace jitrig
