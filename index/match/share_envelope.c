/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each question and answer begins with a mark and the versions that have to be the same, and ends
 * with a checksum of all that, the lowest byte first. */
#include "lede/schema.h"
#include "lede/shares.h"

#include <string.h>

#define MARK_BYTES 4
#define SEAL_BYTES 4

static void write_seal(const void *bytes, size_t size, unsigned char ret_seal[SEAL_BYTES])
{
    uint32_t checksum = lede_wire_checksum(bytes, size);
    for (unsigned i = 0; i < SEAL_BYTES; i++)
        ret_seal[i] = (unsigned char)(checksum >> (8 * i));
}

void lede_share_seal(struct lede_buffer *out)
{
    unsigned char seal[SEAL_BYTES];
    if (out->failed)
        return;
    write_seal(out->data, out->size, seal);
    lede_buffer_append(out, seal, sizeof(seal));
}

/* Look at the seal, and take it off. */
static bool break_seal(struct lede_wire_reader *reader)
{
    unsigned char seal[SEAL_BYTES];
    size_t size = (size_t)(reader->end - reader->at);
    if (size < SEAL_BYTES)
        return false;
    reader->end -= SEAL_BYTES;
    write_seal(reader->at, size - SEAL_BYTES, seal);
    return memcmp(seal, reader->end, SEAL_BYTES) == 0;
}

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
    bool is_whole = break_seal(reader);
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
    if (!is_whole)
        lede_wire_refuse(reader);
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
