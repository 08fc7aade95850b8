#include "fakevm/client_life.h"

namespace jitrig {

std::string_view toString(ClientLife life) {
  return life == ClientLife::asReal ? "as_real" : "one_try";
}

std::optional<ClientLife> parseClientLife(std::string_view name) {
  for (const ClientLife each : {ClientLife::oneTry, ClientLife::asReal}) {
    if (toString(each) == name) return each;
  }
  return std::nullopt;
}

}  // namespace jitrig
