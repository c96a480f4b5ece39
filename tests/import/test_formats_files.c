/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Archives, Word documents and PDF as documents. */
#include "formats_test.h"

#include <archive.h>
#include <archive_entry.h>

#define ARCHIVE_BYTES ((size_t)4 << 20)

struct packing {
    struct archive *archive;
    char *data; /* owned */
    size_t size;
};

static void begin(struct packing *packing, bool is_zip)
{
    *packing = (struct packing){.archive = archive_write_new(), .data = malloc(ARCHIVE_BYTES)};
    assert_non_null(packing->data);
    assert_int_equal(is_zip ? archive_write_set_format_zip(packing->archive)
                            : archive_write_set_format_ustar(packing->archive),
        ARCHIVE_OK);
    assert_int_equal(
        archive_write_open_memory(packing->archive, packing->data, ARCHIVE_BYTES, &packing->size),
        ARCHIVE_OK);
}

static void add(struct packing *packing, const char *name, const char *data, size_t size)
{
    struct archive_entry *entry = archive_entry_new();
    archive_entry_set_pathname(entry, name);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, (la_int64_t)size);
    assert_int_equal(archive_write_header(packing->archive, entry), ARCHIVE_OK);
    assert_int_equal(archive_write_data(packing->archive, data, size), (la_ssize_t)size);
    archive_entry_free(entry);
}

static void add_text(struct packing *packing, const char *name, const char *text)
{
    add(packing, name, text, strlen(text));
}

static void end(struct packing *packing)
{
    assert_int_equal(archive_write_close(packing->archive), ARCHIVE_OK);
    archive_write_free(packing->archive);
}

static void members_of_an_archive_are_files_of_any_format(void **state)
{
    for (int is_zip = 0; is_zip < 2; is_zip++) {
        struct packing packing;
        (void)state;
        begin(&packing, is_zip);
        add_text(&packing, "a/1.json", "{\"title\":\"ours\"}\n{\"title\":\"two\"}\n");
        add_text(&packing, "a/2.json", "{\"uri\":\"u\",\"headline\":\"ninjs\"}");
        add_text(&packing, "a/.hidden", "none");
        add_text(&packing, "b.txt", "A text\n");
        add_text(&packing, "c.bin",
            "\x7F"
            "ELF");
        add_text(&packing, "d.csv", "title\nrow\n");
        end(&packing);
        assert_file_sized(is_zip ? "a.zip" : "a.tar", packing.data, packing.size,
            "1:{\"title\":\"ours\"}|2:{\"title\":\"two\"}|1:{\"id\":\"u\",\"title\":\"ninjs\"}|"
            "1:{\"title\":\"A text\"}|1:!'c.bin': line 1: expected JSON or a format of news, "
            "found what looks like a program|2:{\"title\":\"row\"}|");
        free(packing.data);
    }
}

static void what_unpacks_to_too_much_is_told(void **state)
{
    struct packing packing;
    struct lede_buffer items = {0};
    size_t size = (size_t)100 << 20;
    char *zeros = calloc(1, size);
    (void)state;
    assert_non_null(zeros);
    memset(zeros, ' ', size);
    begin(&packing, true);
    add_text(&packing, "1.txt", "First\n");
    add(&packing, "2.json", zeros, size);
    add_text(&packing, "3.txt", "Third\n");
    end(&packing);
    free(zeros);
    split_file((struct lede_splitter_options){.path = "a.zip"}, packing.data, packing.size,
        SIZE_MAX, &items);
    free(packing.data);
    assert_non_null(strstr(items.data, "1:{\"title\":\"First\"}|1:!'2.json': expected at most "));
    assert_null(strstr(items.data, "Third"));
    lede_buffer_done(&items);
}

static void archives_in_archives_have_a_bound(void **state)
{
    struct packing inner, outer;
    (void)state;
    begin(&inner, true);
    add_text(&inner, "a.txt", "Deep\n");
    end(&inner);
    for (int i = 0; i < 4; i++) {
        begin(&outer, true);
        add(&outer, "i.zip", inner.data, inner.size);
        end(&outer);
        free(inner.data);
        inner = outer;
    }
    assert_file_sized("a.zip", inner.data, inner.size,
        "1:!'i.zip': 'i.zip': 'i.zip': expected at most 3 archives inside each other, found "
        "more|");
    free(inner.data);
}

static void a_word_document_becomes_a_document(void **state)
{
    struct packing packing;
    (void)state;
    begin(&packing, true);
    add_text(&packing, "[Content_Types].xml", "<Types/>");
    add_text(&packing, "word/document.xml",
        "<w:document xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'>"
        "<w:body><w:p><w:pPr><w:pStyle w:val='Title'/></w:pPr><w:r><w:t>Ferry</w:t></w:r></w:p>"
        "<w:p><w:r><w:t xml:space='preserve'>One </w:t></w:r><w:r><w:t>two</w:t></w:r>"
        "<w:del><w:r><w:delText>gone</w:delText></w:r></w:del></w:p></w:body></w:document>");
    add_text(&packing, "docProps/core.xml",
        "<cp:coreProperties xmlns:cp='c' xmlns:dc='d' xmlns:dcterms='t'>"
        "<dc:creator>Jane Doe</dc:creator><dcterms:created>2022-01-19T18:04:00Z</dcterms:created>"
        "</cp:coreProperties>");
    end(&packing);
    assert_file_sized("a.docx", packing.data, packing.size,
        "1:{\"title\":\"Ferry\",\"author\":[\"Jane Doe\"],\"published\":\"2022-01-19T18:04:00Z\","
        "\"body\":\"Ferry\\n\\nOne two\"}|");
    free(packing.data);
}

#define PDF                                                                                        \
    "%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n"                                   \
    "2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n"                                       \
    "3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources"            \
    "<</Font<</F 5 0 R>>>>>>\nendobj\n"                                                            \
    "4 0 obj\n<</Length 68>>\nstream\nBT /F 12 Tf 72 700 Td 14 TL (A ferry ran) Tj T* (aground.) " \
    "Tj T* ET\nendstream\nendobj\n"                                                                \
    "5 0 obj\n<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>\nendobj\n"                           \
    "6 0 obj\n<</Title(Ferry)/Author(Jane Doe)>>\nendobj\n"                                        \
    "trailer\n<</Size 7/Root 1 0 R/Info 6 0 R>>\nstartxref\n0\n%%EOF\n"

static void a_pdf_becomes_a_document(void **state)
{
    (void)state;
    assert_file("a.pdf", PDF,
        "1:{\"title\":\"Ferry\",\"author\":[\"Jane Doe\"],\"body\":\"A ferry ran aground.\","
        "\"pdf\":{\"first_line\":\"A ferry ran aground.\"}}|");
    assert_file(
        "a.pdf", "%PDF-1.4\nnothing", "1:!expected a PDF with text, found none, or a damaged one|");
}

static void a_reader_of_pdf_that_fails_is_told(void **state)
{
    (void)state;
    char *own = strdup(getenv("LEDE_PDF_TEXT"));
    setenv("LEDE_PDF_TEXT", "/bin/false", 1);
    assert_file("a.pdf", PDF, "1:!expected a PDF with text, its text could not be written|");
    setenv("LEDE_PDF_TEXT", own, 1);
    free(own);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_of_an_archive_are_files_of_any_format),
        cmocka_unit_test(what_unpacks_to_too_much_is_told),
        cmocka_unit_test(archives_in_archives_have_a_bound),
        cmocka_unit_test(a_word_document_becomes_a_document),
        cmocka_unit_test(a_pdf_becomes_a_document),
        cmocka_unit_test(a_reader_of_pdf_that_fails_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
