// One function for each thing that the forbidden-symbols test has to find: forbidden_symbols_test.py names
// them all. Compiled as the rooms are, never linked.

#include <chrono>
#include <cmath>
#include <condition_variable>
#include <cstdlib>
#include <ctime>
#include <mutex>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <random>
#include <regex>
#include <string>
#include <sys/socket.h>
#include <sys/time.h>
#include <thread>
#include <unistd.h>

namespace planted {

thread_local int counter = 0;
extern thread_local std::string elsewhere;

int countedByThread() {
  return ++counter;
}
std::string& dynamicThreadLocal() {
  return elsewhere;
}

void startsThread(void (*body)()) {
  std::thread(body).join();
}
void locks(std::mutex& mutex) {
  const std::lock_guard lock(mutex);
}
void createsThread(pthread_t* thread, void* (*body)(void*)) {
  pthread_create(thread, nullptr, body, nullptr);
}
void waits(std::condition_variable& condition, std::unique_lock<std::mutex>& lock) {
  condition.wait(lock);
}
void callsOnce(std::once_flag& flag, void (*body)()) {
  std::call_once(flag, body);
}

std::chrono::steady_clock::time_point steadyNow() {
  return std::chrono::steady_clock::now();
}
std::chrono::system_clock::time_point systemNow() {
  return std::chrono::system_clock::now();
}
int getsTime(timespec* time) {
  return clock_gettime(CLOCK_MONOTONIC, time);
}
int getsTimeOfDay(timeval* time) {
  return gettimeofday(time, nullptr);
}
std::time_t tellsTime() {
  return std::time(nullptr);
}
void sleeps() {
  std::this_thread::sleep_for(std::chrono::milliseconds(1));
}
int sleepsShortly() {
  return usleep(1);
}

unsigned drawsFromDevice(std::random_device& device) {
  return device();
}
int drawsFromDistribution(std::mt19937& engine, std::uniform_int_distribution<int>& range) {
  return range(engine);
}
int draws() {
  return std::rand();
}
void seeds(unsigned seed) {
  std::srand(seed);
}

double sine(double value) {
  return std::sin(value);
}
float power(float base, float exponent) {
  return std::pow(base, exponent);
}
double logarithm(double value) {
  return std::log(value);
}
double exponential(double value) {
  return std::exp(value);
}

bool matches(const std::string& text) {
  return std::regex_match(text, std::regex("[0-9]+"));
}

int opensSocket() {
  return socket(AF_INET, SOCK_STREAM, 0);
}
int connects(int descriptor, const sockaddr* address) {
  return connect(descriptor, address, sizeof *address);
}
int polls(pollfd* descriptor) {
  return poll(descriptor, 1, -1);
}
ssize_t receives(int descriptor, void* buffer, std::size_t size) {
  return recv(descriptor, buffer, size, 0);
}
ssize_t sends(int descriptor, const void* bytes, std::size_t size) {
  return send(descriptor, bytes, size, 0);
}
int resolves(const char* host, addrinfo** list) {
  return getaddrinfo(host, nullptr, nullptr, list);
}

}  // namespace planted
