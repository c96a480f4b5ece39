/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rounds.h"

#include "lede/time.h"

#include <stdlib.h>

/* What a shard is told to take is less than it is waited for: it can say what it has found. */
#define SHARD_SHARE 0.85

uint64_t lede_rounds_until(const struct lede_rounds *rounds, double share)
{
    uint64_t now_ns = lede_time_monotonic_ns();
    uint64_t left_ns = rounds->deadline_ns > now_ns ? rounds->deadline_ns - now_ns : 0;
    return now_ns + (uint64_t)((double)left_ns * share);
}

void lede_rounds_put_search(
    const struct lede_search *search, uint64_t until_ns, struct lede_buffer *out)
{
    struct lede_search own = *search;
    uint64_t now_ns = lede_time_monotonic_ns();
    uint64_t left_ns = until_ns > now_ns ? until_ns - now_ns : 0;
    own.deadline_monotonic_ns = now_ns + (uint64_t)((double)left_ns * SHARD_SHARE);
    lede_search_encode(&own, out);
}

void lede_rounds_miss(struct lede_rounds *rounds, size_t shard, const struct lede_error *why)
{
    struct lede_shards_seen *seen = rounds->seen;
    if (seen->is_missing[shard])
        return;
    seen->is_missing[shard] = true;
    seen->answered--;
    if (seen->why.status == LEDE_OK)
        seen->why = *why;
}

/* Which shards are asked what? Returns how many; SIZE_MAX: no memory for a body. */
static size_t make_questions(const struct lede_rounds *rounds, const struct lede_buffer *bodies,
    bool apart, struct lede_shard_question *questions)
{
    size_t shards = lede_shard_map_count(rounds->asker->map), count = 0;
    for (size_t i = 0; i < shards; i++) {
        const struct lede_buffer *body = apart ? &bodies[i] : bodies;
        if (body->failed)
            return SIZE_MAX;
        if (!rounds->seen->is_missing[i] && body->size > 0)
            questions[count++] = (struct lede_shard_question){
                .shard = i, .body = body, .copy = rounds->asker->copies[i]};
    }
    return count;
}

enum lede_status lede_rounds_ask(struct lede_rounds *rounds, enum lede_share_round round,
    const struct lede_buffer *bodies, bool apart, uint64_t until_ns,
    enum lede_status (*take)(struct lede_rounds *rounds, size_t shard,
        struct lede_wire_reader *reader, struct lede_error *reterr),
    struct lede_error *reterr)
{
    struct lede_shards_asker *asker = rounds->asker;
    enum lede_status st = LEDE_OK;
    LEDE_CLEANUP(lede_freep)
    struct lede_shard_question *questions =
        calloc(lede_shard_map_count(asker->map) + 1, sizeof(*questions));
    size_t count = questions ? make_questions(rounds, bodies, apart, questions) : SIZE_MAX;
    if (count == SIZE_MAX)
        return lede_fail_memory(reterr);
    lede_shards_line_ask(asker->line, asker->map, questions, count, until_ns);
    for (size_t i = 0; i < count; i++) {
        struct lede_shard_question *question = &questions[i];
        size_t shard = question->shard;
        struct lede_wire_reader reader =
            lede_wire_reader_of(question->answer.data, question->answer.size);
        rounds->seen->sent_bytes += question->sent_bytes;
        rounds->seen->received_bytes += question->answer.size;
        enum lede_status taken = question->is_answered ? LEDE_OK : question->why.status;
        if (question->is_answered) {
            asker->copies[shard] = question->copy;
            taken =
                lede_share_take_answer(&reader, round, &rounds->states[shard].now, &question->why);
        }
        if (taken == LEDE_OK && st == LEDE_OK)
            taken = take(rounds, shard, &reader, &question->why);
        if (taken == LEDE_ENOMEM)
            st = lede_fail_memory(reterr);
        if (taken != LEDE_OK)
            lede_rounds_miss(rounds, shard, &question->why);
        lede_shard_question_done(question);
    }
    return st;
}

enum lede_status lede_rounds_fail_silent(
    const struct lede_shards_seen *seen, struct lede_error *reterr)
{
    return lede_fail(reterr, LEDE_EBUSY, "none of %u shards answers: %s", (unsigned)seen->total,
        seen->why.message);
}
