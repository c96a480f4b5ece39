/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "view.h"

#include "prose.h"

#include <string.h>
#include <strings.h>

/* ---- Building ---- */

void view_put(struct view *view, json_t *object, const char *key, json_t *value)
{
    if (json_object_set_new(object, key, value) != 0)
        view->failed = true;
}

void view_put_text(struct view *view, json_t *object, const char *key, const char *text)
{
    view_put(view, object, key, json_string(text));
}

void view_add(struct view *view, json_t *list, json_t *item)
{
    if (json_array_append_new(list, item) != 0)
        view->failed = true;
}

json_t *view_put_object(struct view *view, json_t *object, const char *key)
{
    view_put(view, object, key, json_object());
    return json_object_get(object, key);
}

json_t *view_put_list(struct view *view, json_t *object, const char *key)
{
    view_put(view, object, key, json_array());
    return json_object_get(object, key);
}

/* ---- Reading ---- */

const char *view_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

size_t view_count(const json_t *value)
{
    if (json_is_array(value))
        return json_array_size(value);
    return json_string_length(value) > 0 ? 1 : 0;
}

const char *view_item(const json_t *value, size_t index)
{
    const char *text =
        json_string_value(json_is_array(value) ? json_array_get(value, index) : value);
    return text ? text : "";
}

bool view_is_web_address(const char *text)
{
    size_t scheme = strncasecmp(text, "http://", 7) == 0    ? 7
                    : strncasecmp(text, "https://", 8) == 0 ? 8
                                                            : 0;
    return scheme > 0 && text[scheme] != '\0' && text[scheme] != '/';
}

/* ---- Names ---- */

struct label {
    const char *name;
    const char *text;
};

static const struct label filters[] = {{"source", "Source"}, {"section", "Section"},
    {"author", "Author"}, {"tag", "Tag"}, {"lang", "Language"}, {"place", "Place"},
    {"person", "Person"}, {"organisation", "Organisation"}, {"story", "Story"}};

static const struct label languages[] = {{"und", "Not known"}, {"ar", "Arabic"},
    {"az", "Azerbaijani"}, {"bg", "Bulgarian"}, {"bn", "Bengali"}, {"ca", "Catalan"},
    {"cs", "Czech"}, {"da", "Danish"}, {"de", "German"}, {"el", "Greek"}, {"en", "English"},
    {"es", "Spanish"}, {"et", "Estonian"}, {"eu", "Basque"}, {"fa", "Persian"}, {"fi", "Finnish"},
    {"fr", "French"}, {"ga", "Irish"}, {"he", "Hebrew"}, {"hi", "Hindi"}, {"hr", "Croatian"},
    {"hu", "Hungarian"}, {"hy", "Armenian"}, {"id", "Indonesian"}, {"is", "Icelandic"},
    {"it", "Italian"}, {"ja", "Japanese"}, {"ka", "Georgian"}, {"ko", "Korean"},
    {"lt", "Lithuanian"}, {"lv", "Latvian"}, {"mk", "Macedonian"}, {"ms", "Malay"},
    {"nb", "Norwegian"}, {"ne", "Nepali"}, {"nl", "Dutch"}, {"nn", "Norwegian Nynorsk"},
    {"no", "Norwegian"}, {"pl", "Polish"}, {"pt", "Portuguese"}, {"ro", "Romanian"},
    {"ru", "Russian"}, {"sk", "Slovak"}, {"sl", "Slovenian"}, {"sq", "Albanian"}, {"sr", "Serbian"},
    {"sv", "Swedish"}, {"sw", "Swahili"}, {"ta", "Tamil"}, {"te", "Telugu"}, {"th", "Thai"},
    {"tl", "Tagalog"}, {"tr", "Turkish"}, {"uk", "Ukrainian"}, {"ur", "Urdu"}, {"vi", "Vietnamese"},
    {"yi", "Yiddish"}, {"zh", "Chinese"}};

static const char *find_label(
    const struct label *labels, size_t count, const char *name, const char *fallback)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(labels[i].name, name) == 0)
            return labels[i].text;
    }
    return fallback;
}

const char *view_filter_label(const char *name)
{
    return find_label(filters, LEDE_COUNT_OF(filters), name, name);
}

const char *view_value_label(const char *name, const char *value)
{
    if (strcmp(name, "story") == 0)
        return "its copies";
    if (strcmp(name, "lang") != 0)
        return value;
    return find_label(languages, LEDE_COUNT_OF(languages), value, value);
}

/* ---- What hits and documents share ---- */

static void put_moment(struct view *view, json_t *object, const char *key, const char *rfc3339)
{
    json_t *moment = lede_prose_moment(rfc3339);
    if (moment)
        view_put(view, object, key, moment);
}

void view_put_origin(struct view *view, json_t *object, const json_t *document, const char *id)
{
    static const char *const dates[] = {"published", "updated", "received"};
    const char *language = view_text(document, "language");
    struct lede_web_state similar = {.arena = view->state->arena};
    json_t *sections = view_put_list(view, object, "sections");
    const json_t *given = json_object_get(document, "section");
    for (size_t i = 0; i < view_count(given); i++)
        view_add(view, sections, json_string(view_item(given, i)));
    view_put_text(view, object, "source", view_text(document, "source"));
    for (size_t i = 0; i < LEDE_COUNT_OF(dates); i++)
        put_moment(view, object, dates[i], view_text(document, dates[i]));
    if (strcmp(view_text(document, "updated"), view_text(document, "published")) == 0)
        json_object_del(object, "updated");
    if (language[0] && strcmp(language, "und") != 0)
        view_put_text(view, object, "lang", language);
    if (view_is_web_address(view_text(document, "url")))
        view_put_text(view, object, "original", view_text(document, "url"));
    lede_state_set(&similar, "similar", id);
    view_put(view, object, "similar", lede_state_address(&similar));
}
