/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "collapsed.h"

#include "json_out.h"
#include "lede/time.h"

#include <string.h>

/* Who ran it first, and when. */
static void write_first(struct lede_buffer *out, const struct lede_hit *hit)
{
    char moment[21];
    lede_json_key(out, "first");
    if (!hit->collapse_first_id) {
        lede_buffer_append_string(out, "null");
        return;
    }
    lede_time_format(hit->collapse_first_utc_s, moment);
    lede_buffer_append_char(out, '{');
    lede_json_member_string(out, "id", hit->collapse_first_id);
    lede_json_key(out, "source");
    if (hit->collapse_first_source[0])
        lede_json_string(out, hit->collapse_first_source, strlen(hit->collapse_first_source));
    else
        lede_buffer_append_string(out, "null");
    lede_json_member_string(out, "published", moment);
    lede_buffer_append_char(out, '}');
}

void lede_write_collapsed(struct lede_buffer *out, const struct lede_hit *hit)
{
    if (!hit->collapse_key)
        return;
    lede_json_key(out, "collapsed");
    lede_buffer_append_char(out, '{');
    lede_json_key(out, "key");
    if (hit->collapse_key[0])
        lede_json_string(out, hit->collapse_key, strlen(hit->collapse_key));
    else
        lede_buffer_append_string(out, "null");
    lede_json_member_uint(out, "count", hit->collapse_count);
    lede_json_key(out, "sources");
    lede_buffer_append_char(out, '[');
    for (size_t i = 0; i < hit->collapse_source_count; i++) {
        lede_json_comma(out);
        lede_buffer_append_char(out, '{');
        lede_json_member_string(out, "value", hit->collapse_sources[i].value);
        lede_json_member_uint(out, "count", hit->collapse_sources[i].count);
        lede_buffer_append_char(out, '}');
    }
    lede_buffer_append_char(out, ']');
    write_first(out, hit);
    lede_buffer_append_char(out, '}');
}
