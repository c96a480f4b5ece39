/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "collapsed.h"

#include "json_out.h"

#include <string.h>

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
    lede_buffer_append_string(out, "]}");
}
