/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each question and answer begins with a mark and the versions that have to be the same. */
#include "lede/schema.h"
#include "lede/shares.h"

#include <string.h>

#define MARK_BYTES 4

static void put_head(struct lede_buffer *out, const char *mark, enum lede_share_round round)
{
    lede_buffer_append(out, mark, MARK_BYTES);
    lede_wire_put_number(out, LEDE_SHARES_VERSION);
    lede_wire_put_number(out, LEDE_ANALYSIS_VERSION);
    lede_wire_put_number(out, round);
}

static enum lede_status take_head(struct lede_wire_reader *reader, const char *mark,
    enum lede_share_round *ret_round, struct lede_error *reterr)
{
    bool is_marked =
        reader->end - reader->at >= MARK_BYTES && memcmp(reader->at, mark, MARK_BYTES) == 0;
    if (!is_marked)
        return lede_fail(reterr, LEDE_EINPUT,
            "expected what servers of one archive say to each "
            "other, found something else");
    reader->at += MARK_BYTES;
    uint64_t version = lede_wire_number(reader, UINT32_MAX);
    uint64_t analysis = lede_wire_number(reader, UINT32_MAX);
    if (version != LEDE_SHARES_VERSION || analysis != LEDE_ANALYSIS_VERSION)
        return lede_fail(reterr, LEDE_EVERSION,
            "expected a server of the same version of Lede (%d.%d), found %u.%u",
            LEDE_SHARES_VERSION, LEDE_ANALYSIS_VERSION, (unsigned)version, (unsigned)analysis);
    *ret_round = (enum lede_share_round)lede_wire_number(reader, LEDE_SHARE_ROUNDS - 1);
    return lede_wire_status(reader, "a round of a search", reterr);
}

void lede_share_put_question(struct lede_buffer *out, enum lede_share_round round)
{
    put_head(out, "LSHQ", round);
}

enum lede_status lede_share_take_question(
    struct lede_wire_reader *reader, enum lede_share_round *ret_round, struct lede_error *reterr)
{
    return take_head(reader, "LSHQ", ret_round, reterr);
}

void lede_share_put_answer(
    struct lede_buffer *out, enum lede_share_round round, const struct lede_share_state *state)
{
    put_head(out, "LSHA", round);
    lede_wire_put_number(out, state->generation);
    lede_wire_put_number(out, state->revision);
    lede_wire_put_number(out, state->languages);
    lede_wire_put_number(out, state->documents);
}

enum lede_status lede_share_take_answer(struct lede_wire_reader *reader,
    enum lede_share_round round, struct lede_share_state *ret_state, struct lede_error *reterr)
{
    enum lede_share_round found = LEDE_SHARE_LOOK;
    enum lede_status st = take_head(reader, "LSHA", &found, reterr);
    if (st != LEDE_OK)
        return st;
    if (found != round)
        lede_wire_refuse(reader);
    ret_state->generation = lede_wire_number(reader, UINT64_MAX);
    ret_state->revision = lede_wire_number(reader, UINT64_MAX);
    ret_state->languages = lede_wire_number(reader, UINT64_MAX);
    ret_state->documents = lede_wire_number(reader, UINT32_MAX);
    return lede_wire_status(reader, "an answer of that round", reterr);
}
