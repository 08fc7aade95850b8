#include "scenarios/fault/actions/actions.h"
#include "scenarios/fault/fault_effect.h"

namespace jitrig {
namespace {

class TlsWrongCertificate final : public FaultEffect {
 public:
  explicit TlsWrongCertificate(const FaultArguments&) : FaultEffect(Use::connection) {}
};

}  // namespace

constinit const FaultAction kTlsWrongCertificateAction{
    .name = "tls_wrong_certificate",
    .sentence =
        "The client meets a server with a certificate of another authority; the right server sees a "
        "connection on which nothing comes.",
    .layer = FaultLayer::connections,
    .breaks_connection = true,
    .alters_bytes = true,
    .make = makeEffect<TlsWrongCertificate>,
};

}  // namespace jitrig
