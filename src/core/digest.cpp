#include "core/digest.h"

#include <openssl/evp.h>

#include <array>
#include <fstream>
#include <functional>
#include <system_error>

#include "core/error.h"

namespace stratagram {

namespace {

std::string finish_hex(EVP_MD_CTX* md) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  STRATAGRAM_CHECK(EVP_DigestFinal_ex(md, digest.data(), &size) == 1, "end of a digest");
  std::string hex;
  for (unsigned int i = 0; i < size; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

void for_each_block(const std::filesystem::path& path,
                    const std::function<void(std::string_view)>& use) {
  std::ifstream file(path, std::ios::binary);
  if (!file) fail(ErrorKind::kData, "{}: cannot be opened for reading", path.string());
  std::string buffer(1 << 20, '\0');
  while (file) {
    file.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    use(std::string_view(buffer.data(), static_cast<size_t>(file.gcount())));
  }
  if (file.bad()) fail(ErrorKind::kData, "{}: reading failed", path.string());
}

}  // namespace

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
  return finish_hex(context_->md);
}

std::string sha256(std::string_view bytes) {
  Sha256 digest;
  digest.update(bytes);
  return digest.finish();
}

std::string sha256_file(const std::filesystem::path& path) {
  Sha256 digest;
  for_each_block(path, [&](std::string_view block) { digest.update(block); });
  return digest.finish();
}

std::string git_blob_sha1_file(const std::filesystem::path& path) {
  std::error_code code;
  const uintmax_t size = std::filesystem::file_size(path, code);
  if (code) fail(ErrorKind::kData, "{}: cannot be read: {}", path.string(), code.message());
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> md(EVP_MD_CTX_new(),
                                                                   &EVP_MD_CTX_free);
  STRATAGRAM_CHECK(EVP_DigestInit_ex(md.get(), EVP_sha1(), nullptr) == 1, "OpenSSL has no SHA-1");
  const auto update = [&](std::string_view bytes) {
    STRATAGRAM_CHECK(EVP_DigestUpdate(md.get(), bytes.data(), bytes.size()) == 1, "SHA-1 update");
  };
  const std::string header = fmt::format("blob {}", size);
  update(std::string_view(header.c_str(), header.size() + 1));
  for_each_block(path, update);
  return finish_hex(md.get());
}

}  // namespace stratagram
