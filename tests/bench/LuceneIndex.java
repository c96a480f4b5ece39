// SPDX-License-Identifier: GPL-2.0-or-later
/* The same documents in Lucene 8, to compare with: body and title in one field with positions, so
 * that a search reads one list a word; the title alone, too; source, section and publication as
 * values for filters and facets; all members stored. Stems are English, and every word is kept, as
 * Lede keeps it. Each document is replaced by its id, committed once at the end. With "quick" what
 * makes searches quicker is done, too: places as bytes of the text are kept, so that snippets need
 * no analysis, and at the end all becomes one segment.
 *
 *   java -cp … tests/bench/LuceneIndex.java INDEX CORPUS.ndjson [THREADS [quick]]
 *
 * run.py finds the jars. */
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.AnalyzerWrapper;
import org.apache.lucene.analysis.CharArraySet;
import org.apache.lucene.analysis.en.EnglishAnalyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.FieldType;
import org.apache.lucene.document.SortedDocValuesField;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.IndexOptions;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.Term;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.util.BytesRef;

public final class LuceneIndex {
    private static final int BATCH = 256;
    private static final List<String> END = new ArrayList<>();

    /* No phrase runs from the body into the title. */
    private static final class Words extends AnalyzerWrapper {
        private final Analyzer english = new EnglishAnalyzer(CharArraySet.EMPTY_SET);

        Words() {
            super(PER_FIELD_REUSE_STRATEGY);
        }

        @Override
        protected Analyzer getWrappedAnalyzer(String field) {
            return english;
        }

        @Override
        public int getPositionIncrementGap(String field) {
            return 100;
        }
    }

    public static Analyzer analyzer() {
        return new Words();
    }

    private static FieldType textType(boolean withOffsets) {
        FieldType type = new FieldType(TextField.TYPE_NOT_STORED);
        if (withOffsets)
            type.setIndexOptions(IndexOptions.DOCS_AND_FREQS_AND_POSITIONS_AND_OFFSETS);
        type.freeze();
        return type;
    }

    /* The members: a string as it is, anything else as its JSON. */
    private static Map<String, String> members(JsonFactory factory, String line)
        throws IOException {
        Map<String, String> found = new HashMap<>();
        try (JsonParser parser = factory.createParser(line)) {
            parser.nextToken();
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String name = parser.getCurrentName();
                if (parser.nextToken() == JsonToken.VALUE_STRING) {
                    found.put(name, parser.getText());
                } else {
                    int start = (int) parser.getTokenLocation().getCharOffset();
                    parser.skipChildren();
                    int end = (int) parser.getCurrentLocation().getCharOffset();
                    found.put(name, line.substring(start, end));
                }
            }
        }
        return found;
    }

    private static Document document(Map<String, String> source, FieldType text) {
        Document document = new Document();
        document.add(new StringField("id", source.get("id"), Field.Store.NO));
        document.add(new Field("text", source.getOrDefault("body", ""), text));
        document.add(new Field("text", source.getOrDefault("title", ""), text));
        document.add(new TextField("title", source.getOrDefault("title", ""), Field.Store.NO));
        for (String name : new String[] {"source", "section", "published"}) {
            String value = source.getOrDefault(name, "");
            document.add(new StringField(name, value, Field.Store.NO));
            document.add(new SortedDocValuesField(name + "_value", new BytesRef(value)));
        }
        for (Map.Entry<String, String> member : source.entrySet())
            document.add(new StoredField(member.getKey(), member.getValue()));
        return document;
    }

    private static void index(
        BlockingQueue<List<String>> queue, IndexWriter writer, FieldType text) {
        JsonFactory factory = new JsonFactory();
        try {
            for (List<String> lines = queue.take(); lines != END; lines = queue.take()) {
                for (String line : lines) {
                    Map<String, String> source = members(factory, line);
                    writer.updateDocument(new Term("id", source.get("id")), document(source, text));
                }
            }
            queue.put(END);
        } catch (IOException | InterruptedException failure) {
            failure.printStackTrace();
            System.exit(1);
        }
    }

    private static void read(String path, BlockingQueue<List<String>> queue)
        throws IOException, InterruptedException {
        try (BufferedReader reader = Files.newBufferedReader(Paths.get(path))) {
            List<String> lines = new ArrayList<>();
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                lines.add(line);
                if (lines.size() == BATCH) {
                    queue.put(lines);
                    lines = new ArrayList<>();
                }
            }
            queue.put(lines);
            queue.put(END);
        }
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        int count = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 2;
        boolean quick = arguments.length > 3 && arguments[3].equals("quick");
        FieldType text = textType(quick);
        IndexWriterConfig config = new IndexWriterConfig(analyzer());
        config.setOpenMode(IndexWriterConfig.OpenMode.CREATE);
        config.setRAMBufferSizeMB(128);
        BlockingQueue<List<String>> queue = new ArrayBlockingQueue<>(64);
        try (FSDirectory directory = FSDirectory.open(Paths.get(arguments[0]));
                IndexWriter writer = new IndexWriter(directory, config)) {
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                threads.add(new Thread(() -> index(queue, writer, text)));
                threads.get(i).setDaemon(true);
                threads.get(i).start();
            }
            read(arguments[1], queue);
            for (Thread thread : threads)
                thread.join();
            writer.commit();
            if (quick)
                writer.forceMerge(1);
        }
    }
}
