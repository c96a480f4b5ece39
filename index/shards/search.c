/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rounds of a search: statistics of all shards; with their sum what each found; then the texts
 * of the page alone, from the shards that have its hits, and what collapsed hits stand for.
 *
 * A view that moves between the first round and the last one would be two archives: then it is
 * begun anew, but not for ever. */
#include "rounds.h"

#include "lede/time.h"

#include <stdlib.h>
#include <string.h>

#define ATTEMPTS 3
#define WITHOUT_DEADLINE_NS UINT64_C(30000000000)
/* Of the time that is left a round may take so much. */
#define STATISTICS_SHARE 0.4
#define MATCH_SHARE 0.75

/* ---- First: statistics ---- */

static enum lede_status take_statistics(struct lede_rounds *rounds, size_t shard,
    struct lede_wire_reader *reader, struct lede_error *reterr)
{
    struct lede_share_state *now = &rounds->states[shard].now;
    rounds->states[shard].first = *now;
    enum lede_status st = lede_statistics_decode(reader, &rounds->statistics, reterr);
    if (st == LEDE_OK)
        st = lede_wire_end(reader, "statistics", reterr);
    if (st != LEDE_OK)
        return st;
    rounds->languages |= now->languages;
    rounds->seen->revision += now->revision;
    rounds->seen->documents += now->documents;
    return LEDE_OK;
}

static enum lede_status ask_statistics(struct lede_rounds *rounds, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer body = {0};
    uint64_t until_ns = lede_rounds_until(rounds, STATISTICS_SHARE);
    lede_share_put_question(&body, LEDE_SHARE_STATISTICS);
    lede_rounds_put_search(rounds->search, until_ns, &body);
    lede_share_seal(&body);
    return lede_rounds_ask(
        rounds, LEDE_SHARE_STATISTICS, &body, false, until_ns, take_statistics, reterr);
}

/* ---- Second: what was found ---- */

static enum lede_status take_found(struct lede_rounds *rounds, size_t shard,
    struct lede_wire_reader *reader, struct lede_error *reterr)
{
    if (rounds->states[shard].now.generation != rounds->states[shard].first.generation)
        rounds->has_moved = true;
    return lede_shares_add(rounds->shares, (uint32_t)shard, reader, reterr);
}

static enum lede_status ask_match(struct lede_rounds *rounds, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer body = {0};
    uint64_t until_ns = lede_rounds_until(rounds, MATCH_SHARE);
    enum lede_status st = lede_shares_new(rounds->search, &rounds->shares, reterr);
    if (st != LEDE_OK)
        return st;
    lede_share_put_question(&body, LEDE_SHARE_MATCH);
    lede_rounds_put_search(rounds->search, until_ns, &body);
    lede_statistics_encode(rounds->statistics, &body);
    lede_share_seal(&body);
    st = lede_rounds_ask(rounds, LEDE_SHARE_MATCH, &body, false, until_ns, take_found, reterr);
    return st == LEDE_OK ? lede_shares_finish(rounds->shares, &rounds->result, reterr) : st;
}

/* ---- All ---- */

static void rounds_done(struct lede_rounds *rounds)
{
    lede_statistics_free(rounds->statistics);
    lede_shares_free(rounds->shares);
    lede_share_copies_free(rounds->copies);
    lede_search_result_done(&rounds->result);
    free(rounds->states);
}

static void begin_attempt(struct lede_rounds *rounds)
{
    uint32_t total = (uint32_t)lede_shard_map_count(rounds->asker->map);
    uint64_t sent = rounds->seen->sent_bytes, received = rounds->seen->received_bytes;
    *rounds->seen = (struct lede_shards_seen){
        .total = total, .answered = total, .sent_bytes = sent, .received_bytes = received};
}

static enum lede_status attempt(
    struct lede_rounds *rounds, lede_language_set languages, struct lede_error *reterr)
{
    begin_attempt(rounds);
    enum lede_status st = ask_statistics(rounds, reterr);
    if (st == LEDE_OK && rounds->seen->answered == 0)
        return lede_rounds_fail_silent(rounds->seen, reterr);
    /* those that are missing may have more */
    if (rounds->seen->answered < rounds->seen->total)
        rounds->languages |= languages;
    if (st == LEDE_OK &&
        lede_shards_note_languages(rounds->asker->shards, rounds->languages, languages))
        return lede_fail(reterr, LEDE_EAGAIN, "the shards have documents of other languages now");
    if (st == LEDE_OK)
        lede_statistics_choose(rounds->statistics);
    if (st == LEDE_OK)
        st = ask_match(rounds, reterr);
    if (st == LEDE_OK)
        st = lede_statistics_cuts(
            rounds->statistics, rounds->search->query, &rounds->result, reterr);
    if (st == LEDE_OK && rounds->seen->answered == 0)
        return lede_rounds_fail_silent(rounds->seen, reterr);
    if (st == LEDE_OK && !rounds->search->match_only)
        st = lede_rounds_fetch(rounds, reterr);
    return st;
}

enum lede_status lede_shards_search(struct lede_shards_asker *asker,
    const struct lede_search *search, lede_language_set languages,
    struct lede_search_result *ret_result, struct lede_shards_seen *ret_seen,
    struct lede_error *reterr)
{
    uint64_t deadline_ns = search->deadline_monotonic_ns;
    *ret_seen = (struct lede_shards_seen){0};
    lede_shards_asker_take_map(asker);
    for (int attempts = 1;; attempts++) {
        LEDE_CLEANUP(rounds_done)
        struct lede_rounds rounds = {.asker = asker,
            .search = search,
            .seen = ret_seen,
            .is_last = attempts == ATTEMPTS,
            .deadline_ns =
                deadline_ns > 0 ? deadline_ns : lede_time_monotonic_ns() + WITHOUT_DEADLINE_NS};
        rounds.states = calloc(lede_shard_map_count(asker->map) + 1, sizeof(*rounds.states));
        if (!rounds.states)
            return lede_fail_memory(reterr);
        enum lede_status st = attempt(&rounds, languages, reterr);
        if (st != LEDE_OK)
            return st;
        if (rounds.has_moved && !rounds.is_last)
            continue;
        if (rounds.search->no_total)
            rounds.result.total_is_exact = false;
        *ret_result = rounds.result;
        rounds.result = (struct lede_search_result){0};
        return LEDE_OK;
    }
}
