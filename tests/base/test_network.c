/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses, nets and places to listen at: what is read, what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lede/network.h"

#include <string.h>

static struct lede_ip ip(const char *text)
{
    struct lede_ip ip;
    if (!lede_ip_parse(text, strlen(text), &ip))
        fail_msg("'%s' is no address", text);
    return ip;
}

static void an_address_is_read_and_written(void **state)
{
    static const char *const texts[][2] = {{"192.0.2.1", "192.0.2.1"}, {"::1", "::1"},
        {"2001:DB8:0:0::1", "2001:db8::1"}, {"::ffff:192.0.2.1", "192.0.2.1"}, {"::", "::"}};
    char text[LEDE_IP_TEXT_SIZE];
    (void)state;
    for (size_t i = 0; i < LEDE_COUNT_OF(texts); i++) {
        struct lede_ip read = ip(texts[i][0]);
        lede_ip_format(&read, text);
        assert_string_equal(text, texts[i][1]);
    }
}

static void what_is_no_address_is_refused(void **state)
{
    static const char *const texts[] = {"", "localhost", "[::1]", "192.0.2", "192.0.2.256", "1",
        "::1%eth0", "192.0.2.1 ", "2001:db8::1::2", "0x7f.0.0.1",
        "1234567890123456789012345678901234567890123456789"};
    struct lede_ip ip;
    (void)state;
    for (size_t i = 0; i < LEDE_COUNT_OF(texts); i++) {
        if (lede_ip_parse(texts[i], strlen(texts[i]), &ip))
            fail_msg("'%s' was taken", texts[i]);
    }
    assert_false(lede_ip_parse("192.0.2.1\0", 10, &ip));
}

static void an_address_is_of_a_kind(void **state)
{
    static const struct {
        const char *text;
        bool is_loopback, is_any, is_v4;
    } kinds[] = {{"127.0.0.1", true, false, true}, {"127.9.9.9", true, false, true},
        {"::1", true, false, false}, {"::ffff:127.0.0.1", true, false, true},
        {"0.0.0.0", false, true, true}, {"::", false, true, false},
        {"128.0.0.1", false, false, true}, {"::2", false, false, false},
        {"2001:db8::", false, false, false}};
    (void)state;
    for (size_t i = 0; i < LEDE_COUNT_OF(kinds); i++) {
        struct lede_ip read = ip(kinds[i].text);
        assert_int_equal(lede_ip_is_loopback(&read), kinds[i].is_loopback);
        assert_int_equal(lede_ip_is_any(&read), kinds[i].is_any);
        assert_int_equal(lede_ip_is_v4(&read), kinds[i].is_v4);
    }
}

static void a_net_has_its_addresses_and_no_others(void **state)
{
    static const struct {
        const char *nets, *inside, *outside;
    } cases[] = {{"192.0.2.7", "192.0.2.7", "192.0.2.6"}, {"10.0.0.0/8", "10.255.0.1", "11.0.0.0"},
        {"192.0.2.128/25", "192.0.2.129", "192.0.2.127"},
        {"2001:db8::/33", "2001:db8:7fff::", "2001:db8:8000::"},
        {"fd00::/8 , 127.0.0.1", "::ffff:127.0.0.1", "127.0.0.2"},
        {"0.0.0.0/0", "203.0.113.9", "::1"}, {"::/0", "203.0.113.9", ""},
        {"::ffff:10.0.0.0/104", "10.1.2.3", "11.1.2.3"}, {"off", "", "::"}};
    (void)state;
    for (size_t i = 0; i < LEDE_COUNT_OF(cases); i++) {
        struct lede_nets nets;
        assert_int_equal(lede_nets_parse(cases[i].nets, &nets, NULL), LEDE_OK);
        for (int is_inside = 0; is_inside < 2; is_inside++) {
            const char *text = is_inside ? cases[i].inside : cases[i].outside;
            struct lede_ip asked = ip(text[0] ? text : "::1");
            if (text[0] && lede_nets_has(&nets, &asked) != is_inside)
                fail_msg("'%s' and %s", cases[i].nets, text);
        }
    }
}

static void a_list_of_nets_may_have_unix_and_nothing_else(void **state)
{
    static const char *const bad[] = {"", ",", "127.0.0.1,", "all", "10.0.0.0/33", "10.0.0.1/8",
        "2001:db8::1/32", "::/129", "10.0.0.0/", "10.0.0.0/-1", "[::1]", "off, 127.0.0.1"};
    struct lede_nets nets;
    (void)state;
    assert_int_equal(lede_nets_parse("127.0.0.1,unix", &nets, NULL), LEDE_OK);
    assert_true(nets.has_unix);
    assert_int_equal(nets.count, 1);
    for (size_t i = 0; i < LEDE_COUNT_OF(bad); i++) {
        if (lede_nets_parse(bad[i], &nets, NULL) != LEDE_EINPUT)
            fail_msg("'%s' was taken", bad[i]);
    }
    assert_int_equal(nets.count, 1);
}

static void places_are_read(void **state)
{
    struct lede_listeners listeners;
    char text[LEDE_LISTENER_TEXT_SIZE];
    static const char *const texts[] = {"http://127.0.0.1:5333", "https://[::]:443",
        "http://0.0.0.0:80", "http://localhost:0", "unix:/run/lede.sock", "unix:/run/two"};
    (void)state;
    assert_int_equal(
        lede_listeners_parse("127.0.0.1:5333, [::]:443 tls,0.0.0.0:80  redirect:8443 , "
                             "localhost:0, unix:/run/lede.sock 0660, unix:/run/two",
            &listeners, NULL),
        LEDE_OK);
    assert_int_equal(listeners.count, LEDE_COUNT_OF(texts));
    for (size_t i = 0; i < LEDE_COUNT_OF(texts); i++) {
        lede_listener_format(&listeners.items[i], text);
        assert_string_equal(text, texts[i]);
    }
    assert_int_equal(listeners.items[1].kind, LEDE_LISTENER_TLS);
    assert_int_equal(listeners.items[2].kind, LEDE_LISTENER_REDIRECT);
    assert_int_equal(listeners.items[2].https_port, 8443);
    assert_int_equal(listeners.items[4].mode, 0660);
    assert_int_equal(listeners.items[5].mode, 0600);
}

static void what_is_no_place_is_refused(void **state)
{
    static const char *const bad[] = {"", ":", "5333", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536",
        "127.0.0.1:-1", "::1:5333", "[::1]", "[127.0.0.1]:80", "example.org:80", "[]:80",
        "127.0.0.1:80x", "127.0.0.1:80,", "127.0.0.1:80 https", "127.0.0.1:80 tls tls",
        "127.0.0.1:80 redirect", "127.0.0.1:1 tls, 127.0.0.1:2 redirect:0",
        "127.0.0.1:1 tls, 127.0.0.1:2 redirect:x", "unix:", "unix:run/lede", "unix:/run/l 0999",
        "unix:/run/l 66", "unix:/run/l tls", "unix:/run/l 01777",
        ("unix:/1234567890/1234567890/1234567890/1234567890/1234567890/1234567890/1234567890/"
         "1234567890/1234567890/123456789"),
        "1234567890123456789012345678901234567890123456789012345678901234567890:80"};
    struct lede_listeners listeners = {.count = 7};
    (void)state;
    for (size_t i = 0; i < LEDE_COUNT_OF(bad); i++) {
        if (lede_listeners_parse(bad[i], &listeners, NULL) != LEDE_EINPUT)
            fail_msg("'%s' was taken", bad[i]);
    }
    assert_int_equal(listeners.count, 7);
}

static void there_are_at_most_so_many_places(void **state)
{
    char text[LEDE_LISTENERS_MAX * 16 + 32] = "127.0.0.1:0";
    struct lede_listeners listeners;
    (void)state;
    for (int i = 1; i < LEDE_LISTENERS_MAX; i++)
        strcat(text, ",127.0.0.1:0");
    assert_int_equal(lede_listeners_parse(text, &listeners, NULL), LEDE_OK);
    assert_int_equal(
        lede_listeners_parse(strcat(text, ",127.0.0.1:0"), &listeners, NULL), LEDE_EINPUT);
}

static void loopback_and_unix_are_local(void **state)
{
    struct lede_listeners listeners;
    static const bool are_local[] = {true, true, true, true, false, false, false};
    (void)state;
    assert_int_equal(lede_listeners_parse("127.0.0.1:1,[::1]:2,localhost:3,unix:/x,0.0.0.0:4,"
                                          "[::]:5,192.0.2.1:6",
                         &listeners, NULL),
        LEDE_OK);
    for (size_t i = 0; i < listeners.count; i++)
        assert_int_equal(lede_listener_is_local(&listeners.items[i]), are_local[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_is_read_and_written),
        cmocka_unit_test(what_is_no_address_is_refused),
        cmocka_unit_test(an_address_is_of_a_kind),
        cmocka_unit_test(a_net_has_its_addresses_and_no_others),
        cmocka_unit_test(a_list_of_nets_may_have_unix_and_nothing_else),
        cmocka_unit_test(places_are_read),
        cmocka_unit_test(what_is_no_place_is_refused),
        cmocka_unit_test(there_are_at_most_so_many_places),
        cmocka_unit_test(loopback_and_unix_are_local),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
