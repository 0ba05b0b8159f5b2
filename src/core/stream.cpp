#include "core/stream.h"

#include <cmath>
#include <numbers>

#include "core/error.h"

namespace stratagram {
namespace {

double to_unit(uint64_t bits) {
  return static_cast<double>(bits >> 11) * 0x1.0p-53;
}

}  // namespace

// SplitMix64's finaliser (Steele, Lea and Flood, 2014): a bijection with full avalanche.
uint64_t mix_bits(uint64_t bits) {
  uint64_t x = bits;
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

uint64_t hash_name(std::string_view name) {
  uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : name) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3ULL;
  }
  return hash;
}

std::array<uint32_t, 4> philox4x32(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const uint64_t product0 = uint64_t{0xD2511F53U} * counter[0];
    const uint64_t product1 = uint64_t{0xCD9E8D57U} * counter[2];
    counter = {static_cast<uint32_t>(product1 >> 32) ^ counter[1] ^ key[0],
               static_cast<uint32_t>(product1),
               static_cast<uint32_t>(product0 >> 32) ^ counter[3] ^ key[1],
               static_cast<uint32_t>(product0)};
    key[0] += 0x9E3779B9U;
    key[1] += 0xBB67AE85U;
  }
  return counter;
}

Stream::Stream(const StreamKey& key) {
  // Two hashes over all fields: one is the Philox key, the other half of its counter, so that two
  // streams coincide only if 128 bits collide.
  uint64_t first = mix_bits(key.seed);
  uint64_t second = mix_bits(key.seed ^ 0x5851f42d4c957f2dULL);
  for (const uint64_t field : {hash_name(key.purpose), key.step, key.problem, key.sample}) {
    first = mix_bits(first ^ field);
    second = mix_bits(second + mix_bits(field));
  }
  key_ = {static_cast<uint32_t>(first), static_cast<uint32_t>(first >> 32)};
  nonce_ = second;
}

std::array<uint32_t, 4> Stream::block(uint64_t position) const {
  return philox4x32({static_cast<uint32_t>(position),
                     static_cast<uint32_t>(position >> 32),
                     static_cast<uint32_t>(nonce_),
                     static_cast<uint32_t>(nonce_ >> 32)},
                    key_);
}

uint64_t Stream::bits(uint64_t position) const {
  const std::array<uint32_t, 4> words = block(position);
  return uint64_t{words[0]} | (uint64_t{words[1]} << 32);
}

double Stream::uniform(uint64_t position) const {
  return to_unit(bits(position));
}

uint64_t Stream::below(uint64_t bound, uint64_t position) const {
  STRATAGRAM_CHECK(bound >= 1, "Stream::below: wanted bound >= 1, got {}", bound);
  const auto product = static_cast<unsigned __int128>(bits(position)) * bound;
  return static_cast<uint64_t>(product >> 64);
}

double Stream::normal(uint64_t position) const {
  const std::array<uint32_t, 4> words = block(position);
  const double u = to_unit(uint64_t{words[0]} | (uint64_t{words[1]} << 32));
  const double v = to_unit(uint64_t{words[2]} | (uint64_t{words[3]} << 32));
  return std::sqrt(-2.0 * std::log1p(-u)) * std::cos(2.0 * std::numbers::pi * v);
}

}  // namespace stratagram
