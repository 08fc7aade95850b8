#include "protocol/stream/certificates/certificate_authority.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdexcept>

namespace jitrig {
namespace {

CertificateRequest seeded(std::uint64_t key_seed) {
  CertificateRequest request = localhostCertificate();
  request.key = KeyType::ed25519;
  request.key_seed = key_seed;
  return request;
}

TEST(CertificateAuthority, KeysFromNumbersAreTheSameEachTime) {
  const CertificateAuthority first("an authority", 1);
  const CertificateAuthority second("an authority", 1);
  EXPECT_EQ(first.certificate().text, second.certificate().text);
  EXPECT_EQ(first.issue(seeded(7)).certificate_chain.text, second.issue(seeded(7)).certificate_chain.text);
  EXPECT_EQ(first.issue(seeded(7)).private_key.text, second.issue(seeded(7)).private_key.text);
}

TEST(CertificateAuthority, OtherNumbersMakeOtherKeysOfTheSameSize) {
  const CertificateAuthority authority("an authority", 1);
  const TlsIdentity seven = authority.issue(seeded(7));
  const TlsIdentity eight = authority.issue(seeded(8));
  EXPECT_NE(seven.private_key.text, eight.private_key.text);
  EXPECT_NE(seven.certificate_chain.text, eight.certificate_chain.text);
  EXPECT_EQ(seven.certificate_chain.text.size(), eight.certificate_chain.text.size());
}

TEST(CertificateAuthority, KeysWithoutANumberAreSecret) {
  const CertificateAuthority authority;
  EXPECT_NE(authority.issue(localhostCertificate()).private_key.text,
            authority.issue(localhostCertificate()).private_key.text);
}

TEST(CertificateAuthority, OnlyEd25519ComesFromANumber) {
  CertificateRequest request = seeded(1);
  request.key = KeyType::rsa_2048;
  const CertificateAuthority authority;
  try {
    const TlsIdentity identity = authority.issue(request);
    FAIL() << "it was issued";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("only an Ed25519 key can be made from a number"));
  }
}

}  // namespace
}  // namespace jitrig
