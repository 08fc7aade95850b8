// What only the operating system can do to the Runtime: descriptors, signals, threads of others.

#include "protocol/runtime/os/operating_system_runtime.h"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <system_error>
#include <thread>

#include "protocol/runtime/conformance_test.h"
#include "protocol/runtime/os/cancellable_socket.h"

namespace jitrig {
namespace {

std::size_t openDescriptors() {
  const std::filesystem::directory_iterator begin("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin, std::filesystem::directory_iterator()));
}

int descriptorOf(Waitable& waitable) {
  return dynamic_cast<CancellableSocket&>(waitable).descriptor();
}

int intOption(Waitable& waitable, int level, int option) {
  int value = -1;
  socklen_t size = sizeof value;
  EXPECT_EQ(getsockopt(descriptorOf(waitable), level, option, &value, &size), 0);
  return value;
}

/// Takes all descriptors that the process may have but `left`. The limit is lowered, so that these are few.
/// Nothing is asserted while they are gone: UBSan looks at memory through a pipe, and reports without one.
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

TEST(OperatingSystemRuntime, GivesBackAllDescriptors) {
  const std::size_t before = openDescriptors();
  {
    OperatingSystemRuntime runtime;
    const auto acceptor = valueOrThrow(runtime.listen({"127.0.0.1", 0}));
    EXPECT_FALSE(runtime.listen({"127.0.0.1", acceptor->port()}).has_value());
    for (int count = 0; count < 50; ++count) {
      const auto client = valueOrThrow(runtime.connect({"127.0.0.1", acceptor->port()}, kNever));
      const auto server = valueOrThrow(acceptor->accept(kNever));
      const auto selector = runtime.makeSelector("test");
      selector->add(*server);
      const auto task = runtime.spawn("writer", [&] { valueOrThrow(writeAll(*client, "x", kNever)); });
      EXPECT_EQ(selector->wait(kNever).size(), 1U);
      EXPECT_EQ(errorOf(readUpTo(*client, 1, runtime.now() + std::chrono::microseconds(10))),
                NetErrc::timedOut);
      if (count % 2 == 0) client->reset();
    }
    EXPECT_GT(openDescriptors(), before);
  }
  EXPECT_EQ(openDescriptors(), before);
}

TEST(OperatingSystemRuntime, SocketsHaveTheirOptions) {
  OperatingSystemRuntime runtime;
  const auto acceptor = valueOrThrow(runtime.listen({"127.0.0.1", 0}));
  const auto client = valueOrThrow(runtime.connect({"127.0.0.1", acceptor->port()}, kNever));
  const auto server = valueOrThrow(acceptor->accept(kNever));
  for (Waitable* waitable : {static_cast<Waitable*>(client.get()), static_cast<Waitable*>(server.get())}) {
    EXPECT_EQ(intOption(*waitable, IPPROTO_TCP, TCP_NODELAY), 1);
    EXPECT_EQ(intOption(*waitable, SOL_SOCKET, SO_KEEPALIVE), 1);
    EXPECT_TRUE(fcntl(descriptorOf(*waitable), F_GETFD) & FD_CLOEXEC);
    EXPECT_TRUE(fcntl(descriptorOf(*waitable), F_GETFL) & O_NONBLOCK);
  }
  EXPECT_EQ(intOption(*acceptor, SOL_SOCKET, SO_REUSEADDR), 1);
  EXPECT_TRUE(fcntl(descriptorOf(*acceptor), F_GETFD) & FD_CLOEXEC);
}

TEST(OperatingSystemRuntime, AHostNameIsTriedAtEachOfItsAddresses) {
  OperatingSystemRuntime runtime;
  const auto acceptor = valueOrThrow(runtime.listen({"127.0.0.1", 0}));
  // Where localhost is ::1 too, that address is refused first.
  const auto client =
      valueOrThrow(runtime.connect({"localhost", acceptor->port()}, runtime.now() + kTestPatience));
  EXPECT_EQ(client->peerName(), toString(Endpoint{"127.0.0.1", acceptor->port()}));
}

TEST(OperatingSystemRuntime, AHostThatDoesNotExistIsUnreachable) {
  OperatingSystemRuntime runtime;
  // Too long a label for DNS, so that no name server is asked.
  const std::string host = std::string(64, 'x') + ".invalid";
  const auto connection = runtime.connect({host, 38400}, runtime.now() + kTestPatience);
  EXPECT_EQ(errorOf(connection), NetErrc::unreachable);
  EXPECT_THAT(connection.error().detail,
              testing::StartsWith("connect to " + host + ":38400: resolve '" + host));
  const auto acceptor = runtime.listen({host, 38400});
  EXPECT_EQ(errorOf(acceptor), NetErrc::unreachable);
  EXPECT_THAT(acceptor.error().detail, testing::StartsWith("listen on " + host + ":38400: resolve '" + host));
}

TEST(OperatingSystemRuntime, AnAddressOfAnotherHostCannotBeListenedOn) {
  OperatingSystemRuntime runtime;
  const auto acceptor = runtime.listen({"192.0.2.1", 0});  // reserved for documentation
  EXPECT_EQ(errorOf(acceptor), NetErrc::unreachable);
  EXPECT_EQ(acceptor.error().detail, "listen on 192.0.2.1:0: Cannot assign requested address");
}

TEST(OperatingSystemRuntime, TheSystemsWordsAreInTheErrors) {
  OperatingSystemRuntime runtime;
  auto acceptor = valueOrThrow(runtime.listen({"127.0.0.1", 0}));
  const std::string endpoint = toString(Endpoint{"127.0.0.1", acceptor->port()});
  EXPECT_EQ(runtime.listen({"127.0.0.1", acceptor->port()}).error().detail,
            "listen on " + endpoint + ": Address already in use");
  const std::uint16_t port = acceptor->port();
  acceptor.reset();
  EXPECT_EQ(runtime.connect({"127.0.0.1", port}, kNever).error().detail,
            "connect to " + endpoint + ": Connection refused");
}

bool throwsSystemError(const std::function<void()>& call) {
  try {
    call();
  } catch (const std::system_error&) {
    return true;
  }
  return false;
}

TEST(OperatingSystemRuntime, AcceptWithoutADescriptorTurnsTheConnectionAwayAndGoesOn) {
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

TEST(OperatingSystemRuntime, WithoutADescriptorNothingNewCanBeMade) {
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

TEST(OperatingSystemRuntime, AcceptWithoutAReserveHoldsBackItsErrorAndLosesNothing) {
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

TEST(OperatingSystemRuntime, ATaskCanWaitWhenNoDescriptorIsLeft) {
  OperatingSystemRuntime runtime;
  const ConnectedPair pair = connectThroughPort(runtime);
  std::atomic<bool> full = false;
  const auto mutex = runtime.makeMutex("test");
  const auto changed = runtime.makeCondition("full");
  NetErrc end = NetErrc::other;
  const auto task = runtime.spawn("reader", [&] {
    {
      Lock lock(*mutex);
      changed->wait(lock, kNever, [&] { return full.load(); });
    }
    end = errorOf(readUpTo(*pair.server, 1, runtime.now() + milliseconds(1)));
  });
  NoDescriptors none(0);
  {
    const Lock lock(*mutex);
    full = true;
  }
  changed->notifyAll();
  task->join();
  // A thread that is no task has had no descriptor set aside.
  const auto of_a_foreign_thread = readUpTo(*pair.server, 1, runtime.now() + milliseconds(1));
  none.giveBackAll();
  EXPECT_EQ(end, NetErrc::timedOut);
  EXPECT_EQ(errorOf(of_a_foreign_thread), NetErrc::limit);
}

TEST(OperatingSystemRuntime, SignalsDoNotEndAWait) {
  struct sigaction action{};
  struct sigaction before{};
  action.sa_handler = [](int) {};  // no SA_RESTART: system calls end with EINTR
  ASSERT_EQ(sigaction(SIGUSR1, &action, &before), 0);
  OperatingSystemRuntime runtime;
  const ConnectedPair pair = connectThroughPort(runtime);
  const auto acceptor = valueOrThrow(runtime.listen({"127.0.0.1", 0}));
  const auto selector = runtime.makeSelector("test");
  const auto mutex = runtime.makeMutex("test");
  const auto condition = runtime.makeCondition("test");
  std::atomic<pthread_t> waiter = pthread_self();
  std::atomic<bool> done = false;
  std::atomic<bool> started = false;
  const auto task = runtime.spawn("waiter", [&] {
    waiter = pthread_self();
    started = true;
    const auto soon = [&] { return runtime.now() + milliseconds(10); };
    Instant deadline = soon();
    EXPECT_EQ(errorOf(readUpTo(*pair.server, 1, deadline)), NetErrc::timedOut);
    EXPECT_GE(runtime.now(), deadline);
    deadline = soon();
    EXPECT_EQ(errorOf(acceptor->accept(deadline)), NetErrc::timedOut);
    EXPECT_GE(runtime.now(), deadline);
    deadline = soon();
    EXPECT_TRUE(selector->wait(deadline).empty());
    EXPECT_GE(runtime.now(), deadline);
    deadline = soon();
    runtime.sleepUntil(deadline);
    EXPECT_GE(runtime.now(), deadline);
    deadline = soon();
    Lock lock(*mutex);
    EXPECT_FALSE(condition->wait(lock, deadline, [] { return false; }));
    EXPECT_GE(runtime.now(), deadline);
    done = true;
  });
  int signals = 0;
  while (!done) {
    if (started) {
      pthread_kill(waiter, SIGUSR1);
      ++signals;
    }
    std::this_thread::yield();
  }
  task->join();
  EXPECT_GT(signals, 0);
  sigaction(SIGUSR1, &before, nullptr);
}

TEST(OperatingSystemRuntime, ASeedRepeatsTheNumbers) {
  OperatingSystemRuntime first({.seed = 7});
  OperatingSystemRuntime second({.seed = 7});
  OperatingSystemRuntime third({.seed = 8});
  const std::uint64_t number = first.random(RandomPurpose::workload);
  EXPECT_EQ(number, second.random(RandomPurpose::workload));
  EXPECT_NE(number, third.random(RandomPurpose::workload));
  // A draw for one purpose changes nothing for another.
  static_cast<void>(first.random(RandomPurpose::faults));
  EXPECT_EQ(first.random(RandomPurpose::workload), second.random(RandomPurpose::workload));

  OperatingSystemRuntime unseeded;
  OperatingSystemRuntime other_unseeded;
  EXPECT_NE(unseeded.random(RandomPurpose::workload), other_unseeded.random(RandomPurpose::workload));
}

TEST(OperatingSystemRuntime, ThreadsOfOthersAreTasksToo) {
  OperatingSystemRuntime runtime;
  runtime.taskLocal(1) = std::make_shared<int>(1);
  std::thread([&] {
    EXPECT_EQ(runtime.taskName(), "main");
    EXPECT_EQ(runtime.taskLocal(1), nullptr);
    const ConnectedPair pair = connectThroughPort(runtime);
    EXPECT_EQ(errorOf(readUpTo(*pair.client, 1, runtime.now() + milliseconds(1))), NetErrc::timedOut);
  }).join();
  EXPECT_NE(runtime.taskLocal(1), nullptr);
  EXPECT_THROW(runtime.taskLocal(kTaskLocalSlots), std::out_of_range);
}

TEST(OperatingSystemRuntime, ASelectorRefusesWhatItCannotWatch) {
  struct Unwatchable final : Waitable {
    std::string text = "something else";
    const std::string& name() const override { return text; }
  } unwatchable;
  OperatingSystemRuntime runtime;
  const auto selector = runtime.makeSelector("test");
  EXPECT_THAT([&] { selector->add(unwatchable); },
              testing::ThrowsMessage<std::invalid_argument>(testing::HasSubstr("'something else'")));
}

TEST(OperatingSystemRuntime, AConditionNeedsAHeldLock) {
  OperatingSystemRuntime runtime;
  const auto mutex = runtime.makeMutex("test");
  const auto condition = runtime.makeCondition("test");
  Lock lock(*mutex, std::defer_lock);
  EXPECT_THROW(condition->wait(lock, kAtOnce), std::logic_error);
}

}  // namespace
}  // namespace jitrig
