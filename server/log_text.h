/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text of strangers in lines of a log: nothing in it ends a line or a field, or turns what stands
 * behind it. */
#ifndef LEDE_LOG_TEXT_H
#define LEDE_LOG_TEXT_H

#include "lede/buffer.h"

/* Controls, C1 among them, ends of lines, and marks that turn the direction of what follows; -1, no
 * character at all, too. */
bool lede_log_is_deceptive(int32_t code);
/* Append a JSON string with its quotes, at most so many bytes of the text; what deceives is
 * \uXXXX. */
void lede_log_json_string(struct lede_buffer *out, const char *text, size_t bytes_max);
/* Append the inside of a quoted field as Apache writes it: what is no printable ASCII is \xHH. */
void lede_log_quoted(struct lede_buffer *out, const char *text, size_t bytes_max);
/* A key that came where none belongs, in a path or a text, keeps its id alone. In place. */
void lede_log_hide_keys(char *text);

#endif
