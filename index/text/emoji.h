/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which characters are one picture? After the sequences of Unicode's UTS 51, "Unicode Emoji", by
 * ranges: flags of two letters, pictures with a skin tone or a variation selector, sequences that
 * a zero-width joiner holds together, and flags with tags.
 *
 * Signs that are text unless a selector says otherwise (☎, ✔, ❤, ©) are pictures with that selector
 * alone: texts use them as bullets. A digit in a key is its digit. */
#ifndef LEDE_TEXT_EMOJI_H
#define LEDE_TEXT_EMOJI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of the emoji at text[offset]; 0: there is none. Reads nothing at or behind text[size].
 * Threads: any. */
size_t emoji_size(const char *text, size_t size, size_t offset);
/* Does a character of an emoji leave its word? Selectors, joiners and skin tones do: 👍🏽 meets 👍. */
bool emoji_is_folded(int32_t code);

#endif
