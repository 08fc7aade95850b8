#!/usr/bin/python3
"""Tests jitrig as a package of other projects, the way they use it.

usage: package_test.py <step> --source <folder> --build <folder> --cmake <program> --compiler <program>
                       [--launcher <program>] [--build-type <type>]

Steps: install        installs the build into <build>/package_test, and moves what was installed
       together       compiles all installed headers in one file, in either order: each names only installed ones
       headers        compiles each installed header by itself
       examples       builds the project in examples/ against the installed copy, and runs its tests
       errors         what a project is told that asks for what is not there
       subdirectory   configures a project that has jitrig as a subdirectory
"""

import argparse
import concurrent.futures
import os
import pathlib
import shutil
import subprocess
import sys

WARNINGS = ["-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Werror"]
# As many compilers as the tests' property PROCESSORS says.
JOBS = 2

OUTSIDE_PROJECT = """cmake_minimum_required(VERSION 3.25)
project(outside LANGUAGES CXX)
enable_testing()
find_package(GTest REQUIRED)
add_subdirectory("{source}" jitrig)
add_executable(outside main.cc)
target_link_libraries(outside PRIVATE
  jitrig::protocol jitrig::capture jitrig::fakevm jitrig::fakecompiler jitrig::scenarios jitrig::testing)
"""


ASKING_PROJECT = """cmake_minimum_required(VERSION 3.25)
project(asking LANGUAGES CXX)
find_package(jitrig ${VERSION} REQUIRED COMPONENTS ${COMPONENTS})
add_executable(asking main.cc)
target_link_libraries(asking PRIVATE ${LIBRARY})
"""

# What is asked for, and a part of the answer; None where it is there.
QUESTIONS = [
    (["-DCOMPONENTS=nonsense"], "no component 'nonsense'; the components are: protocol, "),
    (["-DCOMPONENTS=capture", "-DCMAKE_DISABLE_FIND_PACKAGE_Pcap=ON"], "needs Pcap, which was not found (Debian: libpcap-dev)"),
    (["-DCOMPONENTS=protocol", "-DCMAKE_DISABLE_FIND_PACKAGE_Boost=ON"], "needs Boost COMPONENTS context, which was not found"),
    (["-DCOMPONENTS=protocol", "-DLIBRARY=jitrig::capture"], "jitrig::capture but the target was not found"),
    (["-DVERSION=0.0.1"], "The following configuration files were considered but not accepted"),
    (["-DCOMPONENTS=protocol", "-DLIBRARY=jitrig::protocol", "-DCMAKE_DISABLE_FIND_PACKAGE_Pcap=ON"], None),
    (["-DLIBRARY=jitrig::fakevm;jitrig::fakecompiler;jitrig::scenarios"], None),
]


class Failure(Exception):
    """What the test found, in words."""


def run(command, **options):
    """The output of a command that must succeed."""
    done = subprocess.run([str(word) for word in command], text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False, **options)
    if done.returncode != 0:
        raise Failure(f"{' '.join(map(str, command))}\nended with {done.returncode}:\n{done.stdout}")
    return done.stdout


class Package:
    """The installed copy, and where the tests work."""

    def __init__(self, arguments):
        self.arguments = arguments
        self.stage = arguments.build / "package_test"
        self.prefix = self.stage / "moved" / "jitrig"
        self.include = self.prefix / "include" / "jitrig"

    def configure(self, source, build, *options):
        shutil.rmtree(build, ignore_errors=True)  # a cache would keep the paths of an earlier run
        return run([self.arguments.cmake, "-S", source, "-B", build, "-G", "Ninja",
                    f"-DCMAKE_CXX_COMPILER={self.arguments.compiler}",
                    f"-DCMAKE_CXX_COMPILER_LAUNCHER={self.arguments.launcher}",
                    f"-DCMAKE_BUILD_TYPE={self.arguments.build_type}", *options])

    def install(self):
        """Through DESTDIR, as packagers do, and then to another place than was installed for."""
        shutil.rmtree(self.stage, ignore_errors=True)
        destination = self.stage / "destination"
        first_prefix = self.stage / "first"
        run([self.arguments.cmake, "--install", self.arguments.build, "--prefix", first_prefix],
            env={**os.environ, "DESTDIR": str(destination)})
        self.prefix.parent.mkdir(parents=True)
        shutil.move(destination / first_prefix.relative_to("/"), self.prefix)
        shutil.rmtree(destination)

        self.expect_no_paths_of_the_build([self.arguments.source, self.arguments.build, first_prefix])
        tests = [path for path in self.include.rglob("*_test*.h")]
        if tests:
            raise Failure(f"headers of tests were installed: {', '.join(map(str, tests))}")
        print(run([self.prefix / "bin" / "jitrig", "--version"]), end="")

    def expect_no_paths_of_the_build(self, paths):
        texts = [file for file in self.prefix.rglob("*") if file.suffix in (".cmake", ".h")]
        if not texts:
            raise Failure(f"nothing was installed in {self.prefix}")
        for file in texts:
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
                for path in paths:
                    if str(path) in line:
                        raise Failure(f"{file}:{number}: names a path of the build: {line.strip()}")

    def installed_headers(self):
        return sorted(path.relative_to(self.include).as_posix() for path in self.include.rglob("*.h"))

    def together(self):
        """Also finds what two headers define differently."""
        headers = self.installed_headers()
        for order, names in (("forwards", headers), ("backwards", headers[::-1])):
            report = self.compile_headers(order, names)
            if report or not headers:
                raise Failure(f"{len(headers)} headers do not compile in one file, {order}:\n{report}")
        print(f"{len(headers)} headers compile in one file")

    def headers(self):
        """With the repository's warnings, which includers of an installed header are not shown."""
        headers = self.installed_headers()
        with concurrent.futures.ThreadPoolExecutor(JOBS) as compilers:
            reports = [report for report in compilers.map(self.compile_header, headers) if report]
        print("\n".join(reports))
        if reports or not headers:
            raise Failure(f"{len(reports)} of {len(headers)} headers do not compile by themselves")
        print(f"{len(headers)} headers compile by themselves")

    def compile_header(self, header):
        report = self.compile_headers(header.replace("/", "-").replace(".h", ""), [header])
        return f"{header}:\n{report}" if report else None

    def compile_headers(self, name, headers):
        """The compiler's messages, or None. An object file is made because ccache can keep that."""
        includer = self.stage / "headers" / f"{name}.cc"
        includer.parent.mkdir(exist_ok=True)
        includer.write_text("".join(f'#include "{header}"\n' for header in headers), encoding="utf-8")
        launcher = [self.arguments.launcher] if self.arguments.launcher else []
        done = subprocess.run(
            [*launcher, self.arguments.compiler, "-std=c++23", *WARNINGS, "-I", self.include, "-c", includer.name,
             "-o", includer.with_suffix(".o").name],
            cwd=includer.parent, text=True, capture_output=True, check=False)
        return done.stderr if done.returncode != 0 else None

    def examples(self):
        """With the sanitizers of the package: its targets demand them."""
        build = self.stage / "examples"
        self.configure(self.arguments.source / "examples", build, f"-DCMAKE_PREFIX_PATH={self.prefix}",
                       f"-DCMAKE_CXX_FLAGS={' '.join(WARNINGS)}")
        run([self.arguments.cmake, "--build", build, "--parallel", JOBS])
        ctest = pathlib.Path(self.arguments.cmake).with_name("ctest")
        print(run([ctest, "--test-dir", build, "--output-on-failure", "--no-tests=error", "--parallel", JOBS]))

    def errors(self):
        source = self.stage / "asking"
        source.mkdir(exist_ok=True)
        (source / "CMakeLists.txt").write_text(ASKING_PROJECT, encoding="utf-8")
        (source / "main.cc").write_text("int main() {}\n", encoding="utf-8")
        for question, answer in QUESTIONS:
            options = [f"-DCMAKE_PREFIX_PATH={self.prefix}", *question]
            try:
                self.configure(source, source / "build", *options)
                told = None
            except Failure as failure:
                told = " ".join(str(failure).split())  # CMake breaks lines where it likes
            if (told is None) != (answer is None) or (answer and answer not in told):
                raise Failure(f"{' '.join(question)}: expected {answer!r}, got: {told}")

    def subdirectory(self):
        """The targets are there under the names of the package; tests and install rules are not."""
        source = self.stage / "outside"
        shutil.rmtree(source, ignore_errors=True)
        source.mkdir(parents=True)
        (source / "CMakeLists.txt").write_text(OUTSIDE_PROJECT.format(source=self.arguments.source), encoding="utf-8")
        (source / "main.cc").write_text("int main() {}\n", encoding="utf-8")
        build = source / "build"
        self.configure(source, build)
        ctest = pathlib.Path(self.arguments.cmake).with_name("ctest")
        if "Total Tests: 0" not in run([ctest, "--test-dir", build, "-N"]):
            raise Failure("jitrig's tests were added to those of a project that has it as a subdirectory")
        if "jitrigConfig" in (build / "jitrig" / "cmake_install.cmake").read_text(encoding="utf-8"):
            raise Failure("jitrig would be installed with a project that has it as a subdirectory")


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("step", choices=["install", "together", "headers", "examples", "errors", "subdirectory"])
    parser.add_argument("--source", type=pathlib.Path, required=True)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--cmake", required=True)
    parser.add_argument("--compiler", required=True)
    parser.add_argument("--launcher", default="")
    parser.add_argument("--build-type", default="")
    arguments = parser.parse_args()
    try:
        getattr(Package(arguments), arguments.step)()
    except Failure as failure:
        print(f"{arguments.step}: {failure}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
