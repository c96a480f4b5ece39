/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "xml_out.h"

#include <string.h>

/* Bytes of the character here if it is a control, or XML 1.0 has no place for it, escaped or not
 * (section 2.2: U+FFFE and U+FFFF too); else 0. */
static size_t forbidden_size(const char *text, size_t left)
{
    if ((unsigned char)text[0] < 0x20)
        return strchr("\t\n\r", text[0]) && text[0] ? 0 : 1;
    if (text[0] == 0x7F)
        return 1;
    if (left >= 2 && text[0] == '\xC2' && (unsigned char)text[1] < 0xA0)
        return 2;
    return left >= 3 &&
                   (memcmp(text, "\xEF\xBF\xBE", 3) == 0 || memcmp(text, "\xEF\xBF\xBF", 3) == 0)
               ? 3
               : 0;
}

void lede_xml_text(struct lede_buffer *out, const char *text, size_t size)
{
    size_t start = 0;
    for (size_t i = 0; i < size;) {
        size_t forbidden = forbidden_size(text + i, size - i);
        if (forbidden > 0) {
            lede_buffer_append_html(out, text + start, i - start);
            start = i + forbidden;
        }
        i += forbidden > 0 ? forbidden : 1;
    }
    lede_buffer_append_html(out, text + start, size - start);
}

void lede_xml_element(struct lede_buffer *out, const char *name, const char *text, size_t size)
{
    lede_buffer_append_format(out, "<%s>", name);
    lede_xml_text(out, text, size);
    lede_buffer_append_format(out, "</%s>\n", name);
}
