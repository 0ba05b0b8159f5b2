#include "rollout/config.h"

#include "core/config.h"

namespace stratagram::rollout {

void SamplingConfig::describe(ConfigFields& fields) {
  fields.add(
      "temperature",
      &temperature,
      {.meaning = "divides the logits, in sampling and in every log-probability; 0 takes the "
                  "likeliest token",
       .min = 0,
       .max = 100,
       .origin = "paper"});
  fields.add("top_p",
             &top_p,
             {.meaning = "draw from the likeliest tokens that hold this share; 1 = all",
              .min = 1e-6,
              .max = 1});
  fields.add(
      "top_k",
      &top_k,
      {.meaning = "draw from so many likeliest tokens; 0 = all", .unit = "tokens", .min = 0});
  fields.add("min_p",
             &min_p,
             {.meaning = "draw from tokens with at least this share of the likeliest one's "
                         "probability; 0 = all",
              .min = 0,
              .max = 1});
  fields.add("max_new_tokens",
             &max_new_tokens,
             {.meaning = "length budget of a response", .unit = "tokens", .min = 1});
  fields.add("stop", &stop, {.meaning = "texts that end a response where they are completed"});
}

void EngineConfig::describe(ConfigFields& fields) {
  fields.add("max_sequences",
             &max_sequences,
             {.meaning = "responses decoded at once; a completion is the same for every batch, but "
                         "rounding depends on this number",
              .unit = "responses",
              .min = 1,
              .max = 65536});
  fields.add("block_tokens",
             &block_tokens,
             {.meaning = "tokens in one block of key and value memory",
              .unit = "tokens",
              .min = 1,
              .max = 4096});
  fields.add("memory_budget_mb",
             &memory_budget_mb,
             {.meaning = "memory for weights, keys and values; 0 = nine tenths of what is free",
              .unit = "MB",
              .min = 0});
}

}  // namespace stratagram::rollout
