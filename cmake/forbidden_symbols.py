#!/usr/bin/python3
"""Checks that a library above the Runtime waits, tells the time, draws random numbers and reaches the network
through the Runtime only: none of its symbols may name what would do so behind the simulation's back.

usage: forbidden_symbols.py <readelf> <library or object>...

Prints one line per finding, "file(member): symbol: why", and exits with 1 if there are any, with 2 if a file
cannot be read or holds no code.
"""

import re
import subprocess
import sys


def names(text):
    """The C functions of a list, with the spellings that headers and compilers turn them into."""
    return r"(?:__)?(?:%s)(?:64)?(?:_chk|_finite)?" % "|".join(text.split())


# Functions that a library needs from elsewhere, and why it must not.
FUNCTIONS = [
    ("threads and their locks belong to the Runtime (spawn, makeMutex, makeCondition)",
     r"pthread_\w+|" + names("sem_init sem_wait sem_timedwait sem_post thrd_create mtx_lock cnd_wait sched_yield syscall")),
    ("time belongs to the Runtime (now, sleepUntil)",
     names("clock_gettime clock_getres gettimeofday time times clock localtime localtime_r timespec_get nanosleep "
           "clock_nanosleep sleep usleep alarm setitimer timer_create timerfd_create")),
    ("randomness belongs to the Runtime (random)",
     names("rand srand rand_r random srandom drand48 lrand48 getrandom getentropy arc4random arc4random_uniform")),
    ("the network belongs to the Runtime (listen, connect, Connection, Selector)",
     names("socket socketpair connect bind listen accept accept4 shutdown poll ppoll select pselect epoll_create "
           "epoll_create1 epoll_ctl epoll_wait epoll_pwait eventfd recv recvfrom recvmsg send sendto sendmsg "
           "getaddrinfo getnameinfo gethostbyname")),
    ("libm's last bits depend on the machine",
     names(" ".join(f"{name}{suffix}" for suffix in ("", "f", "l") for name in (
         "sin cos tan asin acos atan atan2 sincos sinh cosh tanh asinh acosh atanh exp exp2 exp10 expm1 log log2 "
         "log10 log1p pow cbrt hypot erf erfc tgamma lgamma").split()))),
]

# Parts of the standard library, wherever a symbol names them: as a function, an argument, a template's argument.
PARTS = [
    ("threads and their locks belong to the Runtime (spawn, makeMutex, makeCondition)",
     r"thread|jthread|this_thread|(?:recursive_|timed_|shared_|recursive_timed_|shared_timed_)?mutex|"
     r"condition_variable(?:_any)?|_V2::condition_variable_any|__future_base|once_flag|__once_call(?:able)?"),
    ("time belongs to the Runtime (now, sleepUntil)",
     r"chrono::(?:_V2::)?(?:steady_clock|system_clock|high_resolution_clock)"),
    ("randomness belongs to the Runtime (random)",
     r"random_device|mersenne_twister_engine|linear_congruential_engine|subtract_with_carry_engine|"
     r"discard_block_engine|(?:uniform_int|uniform_real|bernoulli|binomial|geometric|poisson|exponential|normal|"
     r"discrete)_distribution"),
    ("std::regex needs more stack than a fiber has",
     r"__detail::_Scanner|__detail::_Executor|__detail::_NFA\w*|(?:__cxx11::)?(?:basic_regex|regex_traits)"),
]

FUNCTION_RULES = [(why, re.compile(rf"(?:{pattern})(?:@.*)?")) for why, pattern in FUNCTIONS]
PART_RULES = [(why, re.compile(rf"(?<![\w:])std::(?:{pattern})(?!\w)")) for why, pattern in PARTS]
THREAD_LOCAL = re.compile(r"__tls_get_addr|__emutls\w*|TLS (?:init|wrapper) function for .*")
THREAD_LOCAL_REASON = "a thread-local variable is shared by all fibers; the Runtime has task locals"

MAX_NAME_SIZE = 200  # of a symbol in a finding: a template's name can fill a screen

FILE = re.compile(r"^File: (.*)$")
# Number, value, size, type, binding, visibility, section, name; the name of a section's symbol may be empty.
SYMBOL = re.compile(r"^\s*\d+:\s+[0-9a-f]+\s+\S+\s+(\S+)\s+\S+\s+\S+\s+(?:\[.*?\]\s+)?(\S+)\s+(\S.*)$")


def reason(kind, section, name):
    """Why a symbol is forbidden, or None."""
    if kind == "TLS" or THREAD_LOCAL.fullmatch(name):
        return THREAD_LOCAL_REASON
    if section == "UND":
        for why, pattern in FUNCTION_RULES:
            if pattern.fullmatch(name):
                return why
    for why, pattern in PART_RULES:
        if pattern.search(name):
            return why
    return None


def shortened(name):
    return name if len(name) <= MAX_NAME_SIZE else name[:MAX_NAME_SIZE] + "..."


def findings_in(listing, file):
    """The findings in readelf's listing of one file, sorted, and how many symbols were looked at."""
    member = file
    found = set()
    count = 0
    for line in listing.splitlines():
        heading = FILE.match(line)
        if heading:
            member = heading.group(1)
            continue
        symbol = SYMBOL.match(line)
        if symbol is None or symbol.group(1) in ("SECTION", "FILE"):
            continue
        count += 1
        why = reason(*symbol.groups())
        if why is not None:
            found.add(f"{member}: {shortened(symbol.group(3))}: {why}")
    return sorted(found), count


def check(readelf, file):
    """As findings_in. Raises ValueError if the file cannot be read or holds no symbols."""
    run = subprocess.run([readelf, "--symbols", "--wide", "--demangle", file], capture_output=True, text=True,
                         errors="replace", check=False)
    if run.returncode != 0:
        raise ValueError(f"{file}: {readelf} ended with {run.returncode}: {run.stderr.strip()}")
    found, count = findings_in(run.stdout, file)
    if count == 0:
        raise ValueError(f"{file}: no symbols; an ELF object or a library of them was expected")
    return found, count


def main(arguments):
    if len(arguments) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    readelf, *files = arguments
    violations = []
    symbols = 0
    for file in files:
        try:
            found, count = check(readelf, file)
        except (OSError, ValueError) as error:
            print(error, file=sys.stderr)
            return 2
        violations += found
        symbols += count
    for violation in violations:
        print(violation)
    print(f"{symbols} symbols, {len(violations)} forbidden")
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
