/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plain way with Xapian, to compare with: TermGenerator and one WritableDatabase, stems and
 * words with positions.
 *
 *   plain_index DATABASE < documents.ndjson
 *   plain_index DATABASE stems < documents.ndjson
 *   plain_index DATABASE ROUNDS SIZE… < documents.ndjson
 *
 * The second writes stems alone, so that phrases are found by stem. The third prints, for each size
 * that the database grows to, the milliseconds that adding 100 documents and committing them took,
 * ROUNDS times. */
#include <xapian.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
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

Xapian::Document convert(
    Xapian::TermGenerator &generator, const json_t *json, const std::string &line)
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

constexpr int DOCUMENTS_PER_WRITE = 100;

class Plain
{
  public:
    Plain(const char *path, bool stems_only) : database_(path, Xapian::DB_CREATE_OR_OVERWRITE)
    {
        generator_.set_stemmer(Xapian::Stem("en"));
        if (stems_only)
            generator_.set_stemming_strategy(Xapian::TermGenerator::STEM_ALL);
    }

    /* The next line of standard input; false at its end. */
    bool add_next()
    {
        std::string line;
        if (!std::getline(std::cin, line))
            return false;
        json_t *json = json_loadb(line.data(), line.size(), 0, nullptr);
        if (!json)
            return true;
        std::string id = "Q" + text_of(json, "id");
        Xapian::Document document = convert(generator_, json, line);
        document.add_boolean_term(id);
        database_.replace_document(id, document);
        json_decref(json);
        return true;
    }

    void grow_to(Xapian::doccount size)
    {
        while (database_.get_doccount() < size && add_next())
            continue;
        database_.commit();
    }

    void time_writes(int rounds)
    {
        for (int round = 0; round < rounds; round++) {
            auto start = std::chrono::steady_clock::now();
            for (int i = 0; i < DOCUMENTS_PER_WRITE; i++)
                add_next();
            database_.commit();
            std::chrono::duration<double, std::milli> took =
                std::chrono::steady_clock::now() - start;
            printf(" %.1f", took.count());
        }
        printf("\n");
        fflush(stdout);
    }

  private:
    Xapian::WritableDatabase database_;
    Xapian::TermGenerator generator_;
};

} // namespace

int main(int argc, char **argv)
{
    bool stems_only = argc == 3 && strcmp(argv[2], "stems") == 0;
    if (argc < 2 || (argc == 3 && !stems_only)) {
        fprintf(
            stderr, "usage: plain_index DATABASE [stems | ROUNDS SIZE...] < documents.ndjson\n");
        return 2;
    }
    try {
        Plain plain(argv[1], stems_only);
        for (int i = 3; i < argc; i++) {
            plain.grow_to(static_cast<Xapian::doccount>(strtoul(argv[i], nullptr, 10)));
            printf("%s", argv[i]);
            plain.time_writes(atoi(argv[2]));
        }
        if (argc == 2 || stems_only)
            plain.grow_to(UINT32_MAX);
    } catch (const Xapian::Error &error) {
        fprintf(stderr, "plain_index: %s\n", error.get_description().c_str());
        return 1;
    }
    return 0;
}
