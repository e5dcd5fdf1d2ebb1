#include "scale/formula/loops.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "scale/formula/arithmetic.h"
#include "scale/formula/arrays.h"

namespace scale::formula::loops {
namespace {

// Types.

Type boolean_type(Type, Type) {
  return {Base::boolean};
}
Type integer_type(Type, Type) {
  return {Base::integer};
}
Type element_type(Type collection, Type) {
  return element_of(collection);
}
Type same_type(Type collection, Type) {
  return collection.array() ? collection : Type{.arrays = 1};
}
Type mapped_type(Type, Type predicate) {
  return array_of(predicate);
}
Type predicate_type(Type, Type predicate) {
  return predicate;
}
Type groups_type(Type, Type) {
  return {Base::groups};
}

// Steps.

Result<bool> truth(const Value& value) {
  if (value.is(Kind::boolean)) return value.boolean;
  return fail(Code::bad_data,
              fmt::format("the predicate gives {} instead of boolean", name_of(value.kind)));
}

const Value& element(const LoopState& loop) {
  return loop.array.items[loop.index];
}

// Stops at the first element whose truth is `Stop`.
template <bool Stop>
Result<void> stop_at(LoopState& loop, const Value& value) {
  TRY(const bool holds, truth(value));
  loop.done = holds == Stop;
  if (loop.done) ++loop.count;
  return {};
}

Result<void> count_step(LoopState& loop, const Value& value) {
  TRY(const bool holds, truth(value));
  if (holds) ++loop.count;
  return {};
}

Result<void> filter_step(LoopState& loop, const Value& value) {
  TRY(const bool holds, truth(value));
  if (holds) loop.kept.items[loop.count++] = element(loop);
  return {};
}

Result<void> find_step(LoopState& loop, const Value& value) {
  TRY_VOID(stop_at<true>(loop, value));
  if (loop.done) loop.accumulator = element(loop);
  return {};
}

Result<void> find_index_step(LoopState& loop, const Value& value) {
  TRY_VOID(stop_at<true>(loop, value));
  if (loop.done) loop.accumulator = Value::of(std::int64_t{loop.index});
  return {};
}

Result<void> keep_step(LoopState& loop, const Value& value) {
  loop.kept.items[loop.count++] = value;
  return {};
}

Result<void> reduce_step(LoopState& loop, const Value& value) {
  loop.accumulator = value;
  return {};
}

Result<void> sum_step(LoopState& loop, const Value& value) {
  if (!value.numeric())
    return fail(Code::bad_data, fmt::format("sum() of {}", name_of(value.kind)));
  loop.accumulator = loop.count++ == 0 ? value : add(value, loop.accumulator);
  return {};
}

// Finishes.

template <bool WhenStopped>
Result<Value> stopped(Context&, LoopState& loop) {
  return Value::of((loop.count > 0) == WhenStopped);
}

Result<Value> counted(Context&, LoopState& loop) {
  return Value::of(std::int64_t{loop.count});
}
Result<Value> is_one(Context&, LoopState& loop) {
  return Value::of(loop.count == 1);
}
Result<Value> accumulated(Context&, LoopState& loop) {
  return loop.accumulator;
}

Result<Value> summed(Context&, LoopState& loop) {
  return loop.count == 0 ? Value::of(std::int64_t{0}) : loop.accumulator;
}

Result<Value> kept(Context& context, LoopState& loop) {
  loop.kept.size = loop.count;
  return context.closed(loop.kept);
}

Result<Value> grouped(Context& context, LoopState& loop) {
  return group(context, loop.array, loop.kept);
}

Result<Value> sorted_by(Context& context, LoopState& loop) {
  return sort_by_keys(context, loop.array, loop.kept, loop.accumulator);
}

}  // namespace

using enum PredicateIs;

const Loop all{
    .predicate = boolean, .type = boolean_type, .step = stop_at<false>, .finish = stopped<false>};
const Loop any{
    .predicate = boolean, .type = boolean_type, .step = stop_at<true>, .finish = stopped<true>};
const Loop none{
    .predicate = boolean, .type = boolean_type, .step = stop_at<true>, .finish = stopped<false>};
const Loop one{.predicate = boolean, .type = boolean_type, .step = count_step, .finish = is_one};
const Loop count{.predicate = boolean,
                 .optional = true,
                 .type = integer_type,
                 .step = count_step,
                 .finish = counted};
const Loop filter{
    .predicate = boolean, .keeps = true, .type = same_type, .step = filter_step, .finish = kept};
const Loop find{
    .predicate = boolean, .type = element_type, .step = find_step, .finish = accumulated};
const Loop find_last{.predicate = boolean,
                     .backwards = true,
                     .type = element_type,
                     .step = find_step,
                     .finish = accumulated};
const Loop find_index{
    .predicate = boolean, .type = integer_type, .step = find_index_step, .finish = accumulated};
const Loop find_last_index{.predicate = boolean,
                           .backwards = true,
                           .type = integer_type,
                           .step = find_index_step,
                           .finish = accumulated};
const Loop map{
    .keeps = true, .knows_index = true, .type = mapped_type, .step = keep_step, .finish = kept};
const Loop group_by{.keeps = true, .type = groups_type, .step = keep_step, .finish = grouped};
const Loop sort_by{
    .predicate = number, .keeps = true, .type = same_type, .step = keep_step, .finish = sorted_by};
const Loop reduce{.knows_index = true,
                  .knows_accumulator = true,
                  .type = predicate_type,
                  .step = reduce_step,
                  .finish = accumulated};
const Loop sum{.predicate = number,
               .optional = true,
               .type = predicate_type,
               .step = sum_step,
               .finish = summed};

}  // namespace scale::formula::loops
