/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ways in which clients send a key, so that those of others need no header of their own. */
#include "token.h"

#include <sodium.h>
#include <string.h>
#include <strings.h>

/* `user:password`, `id:key`: what stands behind the first colon. */
static bool decode_pair(const char *text, struct lede_buffer *ret_key)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer decoded = {0};
    size_t size = strlen(text), decoded_size = 0;
    char *pair = lede_buffer_reserve(&decoded, size + 1);
    if (!pair || sodium_base642bin((unsigned char *)pair, size, text, size, NULL, &decoded_size,
                     NULL, sodium_base64_VARIANT_ORIGINAL) != 0)
        return false;
    const char *colon = memchr(pair, ':', decoded_size);
    if (!colon || memchr(pair, '\0', decoded_size))
        return false;
    lede_buffer_append(ret_key, colon + 1, (size_t)(pair + decoded_size - (colon + 1)));
    return true;
}

bool lede_key_of_authorization(const char *value, struct lede_buffer *ret_key)
{
    static const struct {
        const char *name;
        bool takes_key, takes_pair;
    } schemes[] = {{"Bearer", true, false}, {"ApiKey", true, true}, {"Basic", false, true}};
    size_t size = strcspn(value, " ");
    const char *text = value + size + strspn(value + size, " ");
    bool is_key = strncmp(text, LEDE_KEY_PREFIX, LEDE_KEY_PREFIX_SIZE) == 0;
    size_t i = 0;
    while (i < LEDE_COUNT_OF(schemes) &&
           (strlen(schemes[i].name) != size || strncasecmp(schemes[i].name, value, size) != 0))
        i++;
    if (i == LEDE_COUNT_OF(schemes))
        return false;
    if (schemes[i].takes_pair && !(schemes[i].takes_key && is_key))
        return decode_pair(text, ret_key);
    lede_buffer_append_string(ret_key, text);
    return true;
}
