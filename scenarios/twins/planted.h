#pragma once

namespace jitrig {

/// Whether the environment variable JITRIG_PLANT names this twin. Only in jitrig_with_defects: the sources
/// that ask are copies that plant.py makes.
bool planted(const char* twin);

}  // namespace jitrig
