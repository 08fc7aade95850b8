// What looks forbidden at first sight and is not: the forbidden-symbols test must find nothing here.

#include <chrono>
#include <cmath>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace harmless {

/// A Mutex as the Runtime's: the standard's guards may hold it.
struct Mutex {
  virtual ~Mutex() = default;
  virtual void lock() = 0;
  virtual bool try_lock() = 0;
  virtual void unlock() = 0;
};

/// Members and functions of ours may have the system's names.
struct Connection {
  virtual ~Connection() = default;
  virtual int connect(int socket) = 0;
  virtual long send(const std::string& text) = 0;
};
int poll(Connection& connection);
double time(double exp);
struct thread {
  void sleep();
};

std::chrono::nanoseconds longer(std::chrono::milliseconds length) {
  return length + std::chrono::nanoseconds(1);
}

int runs(Connection& connection, thread& ours, Mutex& mutex) {
  const std::unique_lock<Mutex> lock(mutex);
  ours.sleep();
  return poll(connection) + connection.connect(static_cast<int>(time(1.0))) +
         static_cast<int>(connection.send("text"));
}

// Exact on every machine, by IEEE 754.
double root(double value) {
  return std::sqrt(value) + std::fabs(value) + std::floor(value);
}

std::shared_ptr<std::vector<std::string>> shared() {
  static const auto words = std::make_shared<std::vector<std::string>>(3, "a static variable has a guard");
  return words;
}

std::string calls(const std::function<std::string(int)>& function) {
  return function(1) + std::to_string(2);
}

}  // namespace harmless
