#include "core/digest.h"

#include <openssl/evp.h>

#include <array>
#include <fstream>

#include "core/error.h"

namespace stratagram {

struct Sha256::Context {
  EVP_MD_CTX* md = EVP_MD_CTX_new();
  Context() = default;
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context() { EVP_MD_CTX_free(md); }
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {
  STRATAGRAM_CHECK(EVP_DigestInit_ex(context_->md, EVP_sha256(), nullptr) == 1,
                   "OpenSSL offers no SHA-256");
}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(std::string_view bytes) {
  STRATAGRAM_CHECK(EVP_DigestUpdate(context_->md, bytes.data(), bytes.size()) == 1,
                   "SHA-256 update of {} bytes",
                   bytes.size());
}

std::string Sha256::finish() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  STRATAGRAM_CHECK(EVP_DigestFinal_ex(context_->md, digest.data(), &size) == 1, "SHA-256 end");
  std::string hex;
  for (unsigned int i = 0; i < size; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

std::string sha256(std::string_view bytes) {
  Sha256 digest;
  digest.update(bytes);
  return digest.finish();
}

std::string sha256_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) fail(ErrorKind::kData, "{}: cannot be opened for reading", path.string());
  Sha256 digest;
  std::string buffer(1 << 20, '\0');
  while (file) {
    file.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    digest.update(std::string_view(buffer.data(), static_cast<size_t>(file.gcount())));
  }
  if (file.bad()) fail(ErrorKind::kData, "{}: reading failed", path.string());
  return digest.finish();
}

}  // namespace stratagram
