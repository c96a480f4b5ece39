/* The plain way with Xapian, to compare with: TermGenerator and one WritableDatabase, stems and words with
 * positions.
 *
 *   plain_index DATABASE < documents.ndjson */
#include <xapian.h>

#include <cstdio>
#include <cstring>
#include <iostream>
#include <jansson.h>
#include <string>

namespace
{

std::string text_of(const json_t *document, const char *key)
{
    const char *text = json_string_value(json_object_get(document, key));
    return text ? text : "";
}

Xapian::Document convert(Xapian::TermGenerator &generator, const json_t *json, const std::string &line)
{
    Xapian::Document document;
    generator.set_document(document);
    generator.index_text(text_of(json, "title"), 1, "S");
    generator.increase_termpos();
    generator.index_text(text_of(json, "title"));
    generator.increase_termpos();
    generator.index_text(text_of(json, "body"));
    document.add_boolean_term("XSOURCE" + text_of(json, "source"));
    document.add_boolean_term("XSECTION" + text_of(json, "section"));
    document.add_value(0, text_of(json, "published"));
    document.set_data(line);
    return document;
}

} // namespace

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: plain_index DATABASE < documents.ndjson\n");
        return 2;
    }
    try {
        Xapian::WritableDatabase database(argv[1], Xapian::DB_CREATE_OR_OVERWRITE);
        Xapian::TermGenerator generator;
        generator.set_stemmer(Xapian::Stem("en"));
        for (std::string line; std::getline(std::cin, line);) {
            json_t *json = json_loadb(line.data(), line.size(), 0, nullptr);
            if (!json)
                continue;
            std::string id = "Q" + text_of(json, "id");
            Xapian::Document document = convert(generator, json, line);
            document.add_boolean_term(id);
            database.replace_document(id, document);
            json_decref(json);
        }
        database.commit();
    } catch (const Xapian::Error &error) {
        fprintf(stderr, "plain_index: %s\n", error.get_description().c_str());
        return 1;
    }
    return 0;
}
