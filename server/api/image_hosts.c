/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image_hosts.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define SEPARATORS ", \t"

/* The next host of a list, at *at, *at past it; 0: there is none. Returns its size. */
static size_t next_host(const char **at, const char **ret_host)
{
    *ret_host = *at + strspn(*at, SEPARATORS);
    size_t size = strcspn(*ret_host, SEPARATORS);
    *at = *ret_host + size;
    return size;
}

/* `news.example`, `*.news.example`, each perhaps with a port: nothing that would be another word of
 * a Content-Security-Policy. */
static bool is_host(const char *host, size_t size)
{
    size_t begin = size > 2 && memcmp(host, "*.", 2) == 0 ? 2 : 0;
    const char *colon = memchr(host, ':', size);
    size_t end = colon ? (size_t)(colon - host) : size;
    if (size == 1 && host[0] == '*')
        return true;
    for (size_t i = begin; i < end; i++) {
        if (!isalnum((unsigned char)host[i]) && host[i] != '-' && host[i] != '.')
            return false;
    }
    for (size_t i = end + 1; i < size; i++) {
        if (!isdigit((unsigned char)host[i]))
            return false;
    }
    return end > begin && end + 1 != size && isalnum((unsigned char)host[begin]);
}

enum lede_status lede_image_hosts_check(const char *hosts, struct lede_error *reterr)
{
    const char *host = NULL;
    size_t size = 0;
    while ((size = next_host(&hosts, &host)) > 0) {
        if (!is_host(host, size))
            return lede_fail(reterr, LEDE_EINPUT,
                "image_hosts: expected names of hosts such as pictures.example, *.cdn.example or "
                "*, found '%.*s'",
                size < 60 ? (int)size : 60, host);
    }
    return LEDE_OK;
}

/* Is the host of an address, with its port if it has one, meant by a name of the list? */
static bool is_meant(const char *host, size_t size, const char *authority, size_t authority_size)
{
    bool is_suffix = size > 2 && memcmp(host, "*.", 2) == 0;
    size_t tail = is_suffix ? size - 1 : size;
    if (size == 1 && host[0] == '*')
        return true;
    if (is_suffix ? authority_size <= tail : authority_size != tail)
        return false;
    return strncasecmp(host + size - tail, authority + authority_size - tail, tail) == 0;
}

bool lede_image_is_allowed(const char *hosts, const char *url)
{
    static const char scheme[] = "https://";
    const char *at = hosts ? hosts : "", *host = NULL;
    size_t size = 0;
    if (strncasecmp(url, scheme, sizeof(scheme) - 1) != 0)
        return false;
    const char *authority = url + sizeof(scheme) - 1;
    size_t authority_size = strcspn(authority, "/?#");
    if (authority_size == 0 || memchr(authority, '@', authority_size))
        return false;
    if (authority_size > 4 && memcmp(authority + authority_size - 4, ":443", 4) == 0)
        authority_size -= 4;
    while ((size = next_host(&at, &host)) > 0) {
        if (is_meant(host, size, authority, authority_size))
            return true;
    }
    return false;
}

static void append_sources(struct lede_buffer *out, const char *hosts)
{
    const char *host = NULL;
    size_t size = 0;
    while ((size = next_host(&hosts, &host)) > 0) {
        bool is_any = size == 1 && host[0] == '*';
        lede_buffer_append_string(out, is_any ? " https:" : " https://");
        lede_buffer_append(out, host, is_any ? 0 : size);
    }
}

void lede_image_hosts_add(const char *hosts, struct lede_http_reply *reply)
{
    static const char directive[] = "img-src ", header[] = "Content-Security-Policy";
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer policy = {0};
    const char *before = NULL;
    for (size_t i = 0; hosts && i < reply->header_count; i++) {
        if (strcmp(reply->headers[i].name, header) == 0)
            before = reply->headers[i].value;
    }
    const char *images = before ? strstr(before, directive) : NULL;
    if (!images)
        return;
    const char *end = images + strcspn(images, ";");
    lede_buffer_append(&policy, before, (size_t)(end - before));
    append_sources(&policy, hosts);
    lede_buffer_append_string(&policy, end);
    if (policy.failed)
        reply->body.failed = true;
    else
        lede_http_reply_header(reply, header, "%s", policy.data);
}
