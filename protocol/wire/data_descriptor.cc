#include "protocol/wire/data_descriptor.h"

namespace jitrig {

std::string_view toString(DataType type) {
  switch (type) {
    case DataType::INT32: return "INT32";
    case DataType::INT64: return "INT64";
    case DataType::UINT32: return "UINT32";
    case DataType::UINT64: return "UINT64";
    case DataType::BOOL: return "BOOL";
    case DataType::STRING: return "STRING";
    case DataType::OBJECT: return "OBJECT";
    case DataType::ENUM: return "ENUM";
    case DataType::VECTOR: return "VECTOR";
    case DataType::SIMPLE_VECTOR: return "SIMPLE_VECTOR";
    case DataType::EMPTY_VECTOR: return "EMPTY_VECTOR";
    case DataType::TUPLE: return "TUPLE";
  }
  return "unknown";
}

}  // namespace jitrig
