/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "merge_policy.h"

#include <string.h>

#define FAN_IN_DEFAULT 8
#define IDLE_FAN_IN_DEFAULT 4
#define SEGMENT_BYTES_DEFAULT ((size_t)8 << 30)
#define DELETED_PERCENT_DEFAULT 33
#define SEGMENTS_DEFAULT 32
#define CLASS_BITS 3 /* a class is a factor of eight */
#define CLASSES (64 / CLASS_BITS + 1)

static uint32_t fan_in_or(uint32_t fan_in, uint32_t otherwise)
{
    if (fan_in == 0)
        return otherwise;
    if (fan_in == UINT32_MAX)
        return fan_in;
    return fan_in < 2 ? 2 : fan_in > LEDE_MERGE_SEGMENTS_MAX ? LEDE_MERGE_SEGMENTS_MAX : fan_in;
}

struct lede_merge_limits lede_merge_limits_with_defaults(const struct lede_merge_limits *limits)
{
    uint32_t fan_in = fan_in_or(limits->fan_in, FAN_IN_DEFAULT);
    uint32_t idle_fan_in = fan_in_or(limits->idle_fan_in, IDLE_FAN_IN_DEFAULT);
    return (struct lede_merge_limits){.fan_in = fan_in,
        .idle_fan_in = idle_fan_in < fan_in ? idle_fan_in : fan_in,
        .segment_bytes = limits->segment_bytes ? limits->segment_bytes : SEGMENT_BYTES_DEFAULT,
        .deleted_percent =
            limits->deleted_percent ? limits->deleted_percent : DELETED_PERCENT_DEFAULT,
        .segments = limits->segments ? limits->segments : SEGMENTS_DEFAULT};
}

static uint64_t living_bytes(const struct lede_merge_candidate *candidate)
{
    uint64_t living = candidate->documents - candidate->deleted;
    return candidate->documents
               ? (uint64_t)((double)candidate->bytes * (double)living / candidate->documents)
               : 0;
}

static unsigned class_of(const struct lede_merge_candidate *candidate)
{
    uint64_t bytes = living_bytes(candidate);
    return bytes == 0 ? 0 : (63 - (unsigned)__builtin_clzll(bytes)) / CLASS_BITS;
}

static bool is_chosen(const struct lede_merge_choice *choice, size_t candidate)
{
    for (size_t i = 0; i < choice->count; i++) {
        if (choice->chosen[i] == candidate)
            return true;
    }
    return false;
}

/* The smallest candidate of the class that is not chosen yet; `count` if there is none. */
static size_t smallest_left(const struct lede_merge_candidate *candidates, size_t count,
    unsigned class, const struct lede_merge_choice *choice)
{
    size_t smallest = count;
    for (size_t i = 0; i < count; i++) {
        if (class_of(&candidates[i]) != class || is_chosen(choice, i))
            continue;
        if (smallest == count || living_bytes(&candidates[i]) < living_bytes(&candidates[smallest]))
            smallest = i;
    }
    return smallest;
}

static void sort_chosen(struct lede_merge_choice *choice)
{
    for (size_t i = 1; i < choice->count; i++) {
        for (size_t k = i; k > 0 && choice->chosen[k - 1] > choice->chosen[k]; k--) {
            size_t other = choice->chosen[k];
            choice->chosen[k] = choice->chosen[k - 1];
            choice->chosen[k - 1] = other;
        }
    }
}

static bool choose_class(const struct lede_merge_limits *limits,
    const struct lede_merge_candidate *candidates, size_t count, unsigned class, uint32_t fan_in,
    struct lede_merge_choice *ret_choice)
{
    struct lede_merge_choice choice = {0};
    uint64_t bytes = 0;
    uint64_t documents = 0;
    uint64_t deleted = 0;
    bool is_old = false;
    while (choice.count < fan_in) {
        size_t next = smallest_left(candidates, count, class, &choice);
        if (next == count)
            return false;
        bytes += living_bytes(&candidates[next]);
        documents += candidates[next].documents;
        deleted += candidates[next].deleted;
        is_old = is_old || candidates[next].is_old;
        choice.chosen[choice.count++] = next;
    }
    if (bytes > limits->segment_bytes || documents > UINT32_MAX / 2)
        return false;
    sort_chosen(&choice);
    choice.rewrite = is_old || (deleted * 100 >= documents * LEDE_LEAVE_OUT_PERCENT && deleted > 0);
    *ret_choice = choice;
    return true;
}

static bool choose_deleted(const struct lede_merge_candidate *candidates, size_t count,
    uint32_t deleted_percent, struct lede_merge_choice *ret_choice)
{
    for (size_t i = 0; i < count; i++) {
        if (candidates[i].deleted > 0 && (uint64_t)candidates[i].deleted * 100 >=
                                             (uint64_t)candidates[i].documents * deleted_percent) {
            *ret_choice = (struct lede_merge_choice){.chosen = {i}, .count = 1, .rewrite = true};
            return true;
        }
    }
    return false;
}

static bool choose_old(const struct lede_merge_candidate *candidates, size_t count,
    struct lede_merge_choice *ret_choice)
{
    for (size_t i = 0; i < count; i++) {
        if (!candidates[i].is_old)
            continue;
        *ret_choice = (struct lede_merge_choice){.chosen = {i}, .count = 1, .rewrite = true};
        return true;
    }
    return false;
}

bool lede_merge_choose(const struct lede_merge_limits *limits,
    const struct lede_merge_candidate *candidates, size_t count, bool is_idle,
    struct lede_merge_choice *ret_choice)
{
    uint32_t fan_in = is_idle ? limits->idle_fan_in : limits->fan_in;
    if (limits->fan_in == UINT32_MAX)
        return false;
    /* What has nothing left costs no merge. */
    if (choose_deleted(candidates, count, 100, ret_choice))
        return true;
    for (unsigned class = 0; class < CLASSES; class ++) {
        if (choose_class(limits, candidates, count, class, fan_in, ret_choice))
            return true;
    }
    return choose_deleted(candidates, count, limits->deleted_percent, ret_choice) ||
           choose_old(candidates, count, ret_choice);
}

/* The smallest candidate that is not chosen yet; `count` if there is none. */
static size_t smallest_of_all(const struct lede_merge_candidate *candidates, size_t count,
    const struct lede_merge_choice *choice)
{
    size_t smallest = count;
    for (size_t i = 0; i < count; i++) {
        if (is_chosen(choice, i))
            continue;
        if (smallest == count || living_bytes(&candidates[i]) < living_bytes(&candidates[smallest]))
            smallest = i;
    }
    return smallest;
}

bool lede_merge_choose_any(const struct lede_merge_limits *limits,
    const struct lede_merge_candidate *candidates, size_t count,
    struct lede_merge_choice *ret_choice)
{
    struct lede_merge_choice choice = {0};
    uint64_t bytes = 0;
    uint64_t documents = 0;
    while (choice.count < count && choice.count < LEDE_MERGE_SEGMENTS_MAX) {
        size_t next = smallest_of_all(candidates, count, &choice);
        bytes += candidates[next].bytes;
        documents += candidates[next].documents;
        if (bytes > limits->segment_bytes || documents > UINT32_MAX / 2)
            break;
        choice.rewrite = choice.rewrite || candidates[next].deleted > 0 || candidates[next].is_old;
        choice.chosen[choice.count++] = next;
    }
    if (choice.count < 2)
        return choose_deleted(candidates, count, 0, ret_choice) ||
               choose_old(candidates, count, ret_choice);
    sort_chosen(&choice);
    *ret_choice = choice;
    return true;
}
