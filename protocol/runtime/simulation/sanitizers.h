#pragma once

/// Which sanitizers this file is compiled with; g++ and clang say it differently.
#if defined(__SANITIZE_ADDRESS__)
#define JITRIG_ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define JITRIG_ADDRESS_SANITIZER 1
#endif
#endif

#if defined(__SANITIZE_THREAD__)
#define JITRIG_THREAD_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define JITRIG_THREAD_SANITIZER 1
#endif
#endif
