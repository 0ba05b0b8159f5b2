#include "model/dequant.h"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <utility>

#include "core/error.h"

namespace stratagram::model {
namespace {

float half_to_float(const uint8_t* bytes) {
  uint16_t half = 0;
  std::memcpy(&half, bytes, sizeof half);
  const uint32_t sign = static_cast<uint32_t>(half & 0x8000U) << 16;
  const uint32_t exponent = (half >> 10) & 0x1fU;
  const uint32_t fraction = half & 0x3ffU;
  if (exponent == 0) {  // zero and subnormal: fraction * 2^-24
    const float value = std::ldexp(static_cast<float>(fraction), -24);
    return sign != 0 ? -value : value;
  }
  const uint32_t wide = exponent == 31 ? 255U : exponent + 112U;
  return std::bit_cast<float>(sign | wide << 23 | fraction << 13);
}

void from_f32(const uint8_t* block, float* values) {
  std::memcpy(values, block, sizeof(float));
}

void from_f16(const uint8_t* block, float* values) {
  values[0] = half_to_float(block);
}

void from_bf16(const uint8_t* block, float* values) {
  uint16_t bits = 0;
  std::memcpy(&bits, block, sizeof bits);
  values[0] = std::bit_cast<float>(static_cast<uint32_t>(bits) << 16);
}

// 32 values: scale, 32 signed bytes.
void from_q8_0(const uint8_t* block, float* values) {
  const float scale = half_to_float(block);
  for (int i = 0; i < 32; ++i)
    values[i] = scale * static_cast<float>(static_cast<int8_t>(block[2 + i]));
}

// 32 values: scale, 16 bytes whose low halves are the first 16 values, less 8.
void from_q4_0(const uint8_t* block, float* values) {
  const float scale = half_to_float(block);
  for (int i = 0; i < 16; ++i) {
    const int byte = block[2 + i];
    values[i] = scale * static_cast<float>((byte & 15) - 8);
    values[i + 16] = scale * static_cast<float>((byte >> 4) - 8);
  }
}

// 32 values: scale, minimum, 16 bytes as in Q4_0 without the offset.
void from_q4_1(const uint8_t* block, float* values) {
  const float scale = half_to_float(block);
  const float minimum = half_to_float(block + 2);
  for (int i = 0; i < 16; ++i) {
    const int byte = block[4 + i];
    values[i] = scale * static_cast<float>(byte & 15) + minimum;
    values[i + 16] = scale * static_cast<float>(byte >> 4) + minimum;
  }
}

struct SubScale {
  float scale;
  float minimum;
};

// Eight 6-bit scales and minima packed in 12 bytes: the first four of each lie whole in the low six
// bits of bytes 0-3 and 4-7; the last four take four bits from bytes 8-11 and two from above those.
SubScale sub_scale(const uint8_t* packed, int index) {
  if (index < 4) {
    return {static_cast<float>(packed[index] & 63), static_cast<float>(packed[index + 4] & 63)};
  }
  const int low = packed[index + 4];
  return {static_cast<float>((low & 15) | (packed[index - 4] >> 6) << 4),
          static_cast<float>(low >> 4 | (packed[index] >> 6) << 4)};
}

// 256 values in eight runs of 32, each with its scale and minimum. Two runs share 32 bytes of
// nibbles; `high` (Q5_K) holds the fifth bit of run r in bit r of 32 bytes.
void from_k_runs(const uint8_t* block, const uint8_t* high, const uint8_t* nibbles, float* values) {
  const float scale = half_to_float(block);
  const float minimum = half_to_float(block + 2);
  for (int run = 0; run < 8; ++run) {
    const SubScale sub = sub_scale(block + 4, run);
    for (int i = 0; i < 32; ++i) {
      const int byte = nibbles[run / 2 * 32 + i];
      int value = run % 2 == 0 ? byte & 15 : byte >> 4;
      if (high != nullptr) value += ((high[i] >> run) & 1) << 4;
      values[run * 32 + i] = scale * sub.scale * static_cast<float>(value) - minimum * sub.minimum;
    }
  }
}

void from_q4_k(const uint8_t* block, float* values) {
  from_k_runs(block, nullptr, block + 16, values);
}

void from_q5_k(const uint8_t* block, float* values) {
  from_k_runs(block, block + 16, block + 48, values);
}

// 256 values in two halves of four runs of 32: low four bits in 64 bytes, high two bits in 32 bytes
// a half, a signed scale for each 16 values, one scale for the block at its end.
void from_q6_k(const uint8_t* block, float* values) {
  const float scale = half_to_float(block + 208);
  for (int half = 0; half < 2; ++half) {
    const uint8_t* low = block + ptrdiff_t{64} * half;
    const uint8_t* high = block + 128 + ptrdiff_t{32} * half;
    for (int run = 0; run < 4; ++run) {
      for (int i = 0; i < 32; ++i) {
        const int byte = low[run % 2 * 32 + i];
        const int nibble = run < 2 ? byte & 15 : byte >> 4;
        const int value = (nibble | ((high[i] >> (2 * run)) & 3) << 4) - 32;
        const auto sub = static_cast<int8_t>(block[192 + half * 8 + run * 2 + i / 16]);
        values[half * 128 + run * 32 + i] =
            scale * static_cast<float>(sub) * static_cast<float>(value);
      }
    }
  }
}

constexpr std::array<BlockFormat, 9> kFormats = {{
    {0, "F32", 1, 4, from_f32},
    {1, "F16", 1, 2, from_f16},
    {30, "BF16", 1, 2, from_bf16},
    {8, "Q8_0", 32, 34, from_q8_0},
    {2, "Q4_0", 32, 18, from_q4_0},
    {3, "Q4_1", 32, 20, from_q4_1},
    {12, "Q4_K", 256, 144, from_q4_k},
    {13, "Q5_K", 256, 176, from_q5_k},
    {14, "Q6_K", 256, 210, from_q6_k},
}};

// Types of ggml.h that are not read, so that a message can call them by name.
constexpr std::array<std::pair<uint32_t, const char*>, 21> kOtherTypes = {{
    {6, "Q5_0"},     {7, "Q5_1"},    {9, "Q8_1"},     {10, "Q2_K"},  {11, "Q3_K"},   {15, "Q8_K"},
    {16, "IQ2_XXS"}, {17, "IQ2_XS"}, {18, "IQ3_XXS"}, {19, "IQ1_S"}, {20, "IQ4_NL"}, {21, "IQ3_S"},
    {22, "IQ2_S"},   {23, "IQ4_XS"}, {24, "I8"},      {25, "I16"},   {26, "I32"},    {27, "I64"},
    {28, "F64"},     {29, "IQ1_M"},  {39, "MXFP4"},
}};

}  // namespace

const BlockFormat& block_format_of_gguf(uint32_t type, const std::string& where) {
  for (const BlockFormat& format : kFormats) {
    if (format.gguf_type == type) return format;
  }
  std::string name;
  for (const auto& [number, known] : kOtherTypes) {
    if (number == type) name = fmt::format(" ({})", known);
  }
  fail(ErrorKind::kData,
       "{}: GGUF type {}{}: wanted F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q4_K, Q5_K or Q6_K; convert "
       "the model to one of them",
       where,
       type,
       name);
}

const BlockFormat& block_format(const std::string& name) {
  for (const BlockFormat& format : kFormats) {
    if (name == format.name) return format;
  }
  fail(ErrorKind::kInternal, "no block format is named '{}'", name);
}

void dequantize(const BlockFormat& format, std::string_view bytes, float* values) {
  const auto* block = reinterpret_cast<const uint8_t*>(bytes.data());
  const auto num_blocks = static_cast<int64_t>(bytes.size()) / format.block_bytes;
  for (int64_t i = 0; i < num_blocks; ++i) {
    format.dequantize(block + i * format.block_bytes, values + i * format.block_size);
  }
}

}  // namespace stratagram::model
