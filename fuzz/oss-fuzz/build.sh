#!/bin/bash
# Builds fuzz targets as OSS-Fuzz and ClusterFuzzLite want them: with the compiler and the flags of the environment, into
# $OUT, each with its seed corpus, its dictionary and its options.
#
# usage: build.sh [target...]    all without arguments
#        CC, CXX, CFLAGS, CXXFLAGS, LIB_FUZZING_ENGINE: how;  SRC: where this repository is $SRC/jitrig;
#        WORK: an empty folder for what is built;  OUT: a folder for what comes out
#        JITRIG_CMAKE_OPTIONS: more for cmake
set -euo pipefail

jitrig=$SRC/jitrig
targets=("$@")
if ((${#targets[@]} == 0)); then mapfile -t targets < <(python3 -B "$jitrig/fuzz/tools/fuzz.py" targets); fi

# The image's yaml-cpp and fmt are made for libstdc++.
export CXXFLAGS=${CXXFLAGS//-stdlib=libc++/}

# Libraries are found beside the program: it runs in another image, which does not have them. The new dynamic tags would
# count for the program's own libraries only, not for those of libpcap.
# shellcheck disable=SC2016,SC2086  # the loader's own $ORIGIN; one word per option
cmake -S "$jitrig" -B "$WORK/build" -G Ninja -DCMAKE_BUILD_TYPE= -DCMAKE_CXX_COMPILER="$CXX" \
  -DJITRIG_FUZZ=ON -DJITRIG_FUZZ_ENGINE="$LIB_FUZZING_ENGINE" -DJITRIG_BUILD_TESTS=OFF -DJITRIG_BUILD_PROGRAM=OFF \
  -DJITRIG_INSTALL=OFF -DJITRIG_GRPC=OFF -DJITRIG_WARNINGS_ARE_ERRORS=OFF -DJITRIG_PYTHON="$(command -v python3)" \
  -DCMAKE_BUILD_WITH_INSTALL_RPATH=ON -DCMAKE_INSTALL_RPATH='$ORIGIN/lib' \
  -DCMAKE_EXE_LINKER_FLAGS="${LDFLAGS:-} -Wl,--disable-new-dtags" ${JITRIG_CMAKE_OPTIONS:-}
cmake --build "$WORK/build" --target "${targets[@]}"
python3 -B "$jitrig/fuzz/oss-fuzz/pack.py" "$WORK/build/fuzz" "$OUT" "${targets[@]}"
