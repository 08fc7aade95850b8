// What only the operating system can do to the Runtime: descriptors, signals, threads of others.

#include "protocol/runtime/os/operating_system_runtime.h"

#include <atomic>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
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
    EXPECT_FALSE(fcntl(descriptorOf(*waitable), F_GETFL) & O_NONBLOCK);  // reads wait in recv()
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

TEST(OperatingSystemRuntime, WaitingInATaskNeedsNoFurtherDescriptor) {
  OperatingSystemRuntime runtime;
  const ConnectedPair pair = connectThroughPort(runtime);
  std::size_t before = 0;
  std::size_t after = 0;
  runtime
      .spawn("reader",
             [&] {
               before = openDescriptors();
               EXPECT_EQ(errorOf(readUpTo(*pair.server, 1, runtime.now() + milliseconds(1))),
                         NetErrc::timedOut);
               after = openDescriptors();
             })
      ->join();
  EXPECT_EQ(before, after);
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
