// What the Runtime does in a process that has no descriptor left.

#include <algorithm>
#include <fcntl.h>
#include <sys/resource.h>
#include <system_error>

#include "protocol/runtime/conformance_test.h"
#include "protocol/runtime/os/descriptor.h"
#include "protocol/runtime/os/operating_system_runtime.h"

namespace jitrig {
namespace {

#if defined(__has_feature)
#if __has_feature(undefined_behavior_sanitizer)
#define JITRIG_UNDEFINED_BEHAVIOR_SANITIZER
#endif
#endif

/// Takes all descriptors that the process may have but `left`. The limit is lowered, so that these are few.
class NoDescriptors {
 public:
  explicit NoDescriptors(std::size_t left) {
    EXPECT_EQ(getrlimit(RLIMIT_NOFILE, &before_), 0);
    rlimit low = before_;
    low.rlim_cur = std::min<rlim_t>(before_.rlim_cur, 512);
    EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
    while (true) {
      Descriptor descriptor(open("/dev/null", O_RDONLY | O_CLOEXEC));
      if (!descriptor.valid()) break;
      taken_.push_back(std::move(descriptor));
    }
    giveBack(left);
  }
  ~NoDescriptors() { giveBackAll(); }

  void giveBack(std::size_t count) {
    for (; count > 0 && !taken_.empty(); --count) taken_.pop_back();
  }
  void giveBackAll() {
    taken_.clear();
    EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &before_), 0);
  }

 private:
  rlimit before_{};
  std::vector<Descriptor> taken_;
};

bool throwsSystemError(const std::function<void()>& call) {
  try {
    call();
  } catch (const std::system_error&) {
    return true;
  }
  return false;
}

class WithoutDescriptors : public testing::Test {
 protected:
  void SetUp() override {
#ifdef JITRIG_UNDEFINED_BEHAVIOR_SANITIZER
    GTEST_SKIP()
        << "UBSan looks at an object's type through a pipe, and takes it for a bad one if there is none";
#endif
  }
};

TEST_F(WithoutDescriptors, AcceptTurnsTheConnectionAwayAndGoesOn) {
  OperatingSystemRuntime runtime;
  const auto acceptor = valueOrThrow(runtime.listen({"127.0.0.1", 0}));
  EXPECT_EQ(errorOf(acceptor->accept(runtime.now() + milliseconds(1))), NetErrc::timedOut);
  const auto turned_away = valueOrThrow(runtime.connect({"127.0.0.1", acceptor->port()}, kNever));

  NoDescriptors none(0);
  const auto first = acceptor->accept(runtime.now() + kTestPatience);
  const auto second = acceptor->accept(kAtOnce);
  const auto read = readUpTo(*turned_away, 1, runtime.now() + kTestPatience);
  none.giveBackAll();
  EXPECT_EQ(errorOf(first), NetErrc::limit);
  EXPECT_THAT(first.error().detail, testing::HasSubstr("Too many open files"));
  // It is not there any more: neither accept() nor a Selector spins on it.
  EXPECT_EQ(errorOf(second), NetErrc::timedOut);
  EXPECT_EQ(errorOf(read), NetErrc::reset);

  const auto client = valueOrThrow(runtime.connect({"127.0.0.1", acceptor->port()}, kNever));
  EXPECT_TRUE(acceptor->accept(runtime.now() + kTestPatience).has_value());
}

TEST_F(WithoutDescriptors, NothingNewCanBeMade) {
  OperatingSystemRuntime runtime;
  const auto acceptor = valueOrThrow(runtime.listen({"127.0.0.1", 0}));
  NoDescriptors none(0);
  const auto connection = runtime.connect({"127.0.0.1", acceptor->port()}, kNever);
  const auto second_acceptor = runtime.listen({"127.0.0.1", 0});
  const bool no_selector = throwsSystemError([&] { runtime.makeSelector("test"); });
  const bool no_task = throwsSystemError([&] { runtime.spawn("test", [] {}); });
  none.giveBackAll();
  EXPECT_EQ(errorOf(connection), NetErrc::limit);
  EXPECT_EQ(errorOf(second_acceptor), NetErrc::limit);
  EXPECT_TRUE(no_selector);
  EXPECT_TRUE(no_task);
}

TEST_F(WithoutDescriptors, AcceptWithoutAReserveHoldsBackItsErrorAndLosesNothing) {
  OperatingSystemRuntime runtime;
  // This thread's own descriptor for waiting.
  const ConnectedPair other = connectThroughPort(runtime);
  EXPECT_EQ(errorOf(readUpTo(*other.client, 1, runtime.now() + milliseconds(1))), NetErrc::timedOut);

  NoDescriptors none(1);  // for the listening socket, none for its reserve
  const auto acceptor = runtime.listen({"127.0.0.1", 0});
  none.giveBack(1);
  const auto client = runtime.connect({"127.0.0.1", (*acceptor)->port()}, kNever);
  const Instant before = runtime.now();
  const auto held_back = (*acceptor)->accept(runtime.now() + kTestPatience);
  const Instant after = runtime.now();
  const auto at_once = (*acceptor)->accept(kAtOnce);
  none.giveBackAll();
  EXPECT_EQ(errorOf(held_back), NetErrc::limit);
  EXPECT_GE(after, before + milliseconds(50));
  EXPECT_EQ(errorOf(at_once), NetErrc::limit);
  const auto server = valueOrThrow((*acceptor)->accept(runtime.now() + kTestPatience));
  EXPECT_EQ(server->peerName(), (*client)->localName());
}

/// A task has a descriptor set aside for its waits, as OperatingSystemRuntime.WaitingInATask... shows.
TEST_F(WithoutDescriptors, AThreadThatIsNoTaskCannotWait) {
  OperatingSystemRuntime runtime;
  const ConnectedPair pair = connectThroughPort(runtime);
  NoDescriptors none(0);
  const auto read = readUpTo(*pair.server, 1, runtime.now() + milliseconds(1));
  none.giveBackAll();
  EXPECT_EQ(errorOf(read), NetErrc::limit);
  EXPECT_EQ(errorOf(readUpTo(*pair.server, 1, runtime.now() + milliseconds(1))), NetErrc::timedOut);
}

}  // namespace
}  // namespace jitrig
