#include <algorithm>
#include <cstring>
#include <msgpack.hpp>
#include <stdexcept>

#include "bench/codec/operations.h"

// Tuples travel as arrays, pointers as numbers, structs and vectors of structs as binary data.
namespace msgpack {
MSGPACK_API_VERSION_NAMESPACE(MSGPACK_DEFAULT_API_NS) {
  namespace adaptor {

  template <>
  struct pack<jitrig::RemotePointer> {
    template <class Stream>
    packer<Stream>& operator()(packer<Stream>& out, const jitrig::RemotePointer& value) const {
      return out.pack_uint64(value.address);
    }
  };
  template <>
  struct convert<jitrig::RemotePointer> {
    const msgpack::object& operator()(const msgpack::object& in, jitrig::RemotePointer& value) const {
      in.convert(value.address);
      return in;
    }
  };

  template <std::size_t kSize>
  struct pack<jitrig::ObjectBytes<kSize>> {
    template <class Stream>
    packer<Stream>& operator()(packer<Stream>& out, const jitrig::ObjectBytes<kSize>& value) const {
      out.pack_bin(kSize);
      return out.pack_bin_body(reinterpret_cast<const char*>(&value), kSize);
    }
  };
  template <std::size_t kSize>
  struct convert<jitrig::ObjectBytes<kSize>> {
    const msgpack::object& operator()(const msgpack::object& in, jitrig::ObjectBytes<kSize>& value) const {
      if (in.type != type::BIN || in.via.bin.size != kSize) throw type_error();
      std::memcpy(&value, in.via.bin.ptr, kSize);
      return in;
    }
  };

  }  // namespace adaptor
}  // MSGPACK_API_VERSION_NAMESPACE
}  // namespace msgpack

namespace jitrig::bench {
namespace {

template <MessageId kId>
msgpack::sbuffer buffer;

template <MessageId kId>
void encode() {
  buffer<kId>.clear();
  msgpack::pack(buffer<kId>, *source<kId>);
  keep(buffer<kId>);
}

/// Keeps what it refers to in the bytes, so that strings are copied once: into the values.
bool refer(msgpack::type::object_type, std::size_t, void*) {
  return true;
}

template <MessageId kId>
ValuesOf<kId> unpacked(msgpack::zone& zone) {
  const msgpack::object object = msgpack::unpack(zone, buffer<kId>.data(), buffer<kId>.size(), refer);
  return object.as<ValuesOf<kId>>();
}

/// The parsed objects' storage.
msgpack::zone& zone() {
  static msgpack::zone instance;
  return instance;
}

template <MessageId kId>
void decode() {
  zone().clear();
  keep(unpacked<kId>(zone()));
}

template <MessageId kId>
void check() {
  encode<kId>();
  if (unpacked<kId>(zone()) != *source<kId>) {
    throw std::logic_error(std::string("msgpack reads something else than it wrote: ") +
                           MessageTraits<kId>::kName);
  }
}

}  // namespace

void addMsgpack(std::vector<Operation>& operations) {
  forEachMessage([&]<MessageId kId>() {
    const std::string name = MessageTraits<kId>::kName;
    check<kId>();
    operations.push_back({name, "encode", "msgpack", encode<kId>});
    operations.push_back({name, "decode", "msgpack", decode<kId>});
  });
}

}  // namespace jitrig::bench
