#include "scenarios/run/external_files.h"

#include "scenarios/run/run_tls.h"

namespace jitrig {

ExternalFiles::ExternalFiles() {
  const RunCertificates& certificates = RunCertificates::ofThisProcess();
  certificate_ = folder_.write("server.pem", certificates.server.certificate_chain.text);
  key_ = folder_.write("server.key", certificates.server.private_key.text);
  roots_ = folder_.write("roots.pem", certificates.roots.text);
}

void ExternalFiles::addTo(std::map<std::string, std::string>& values) const {
  values["cert"] = certificate_;
  values["key"] = key_;
  values["roots"] = roots_;
}

}  // namespace jitrig
