// SPDX-License-Identifier: GPL-2.0-or-later
/* The same documents in Lucene 8, to compare with: title and body with positions (EnglishAnalyzer), source, section and publication as values
 * for filters and facets, the whole document stored; each replaced by its id, committed once at the end.
 *
 *   java -cp … tests/bench/LuceneIndex.java INDEX CORPUS.ndjson [THREADS]       (lucene.sh finds the jars) */
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.apache.lucene.analysis.en.EnglishAnalyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.SortedDocValuesField;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.Term;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.util.BytesRef;

public final class LuceneIndex {
    private static final int BATCH = 256;
    private static final List<String> END = new ArrayList<>();

    /* The members that are strings; lists and numbers are only stored. */
    private static Map<String, String> strings(JsonFactory factory, String line) throws IOException {
        Map<String, String> found = new HashMap<>();
        try (JsonParser parser = factory.createParser(line)) {
            parser.nextToken();
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String name = parser.getCurrentName();
                if (parser.nextToken() == JsonToken.VALUE_STRING)
                    found.put(name, parser.getText());
                else
                    parser.skipChildren();
            }
        }
        return found;
    }

    private static Document document(Map<String, String> source, String line) {
        Document document = new Document();
        document.add(new StringField("id", source.get("id"), Field.Store.NO));
        document.add(new TextField("title", source.getOrDefault("title", ""), Field.Store.NO));
        document.add(new TextField("body", source.getOrDefault("body", ""), Field.Store.NO));
        for (String name : new String[] {"source", "section", "published"}) {
            String value = source.getOrDefault(name, "");
            document.add(new StringField(name, value, Field.Store.NO));
            document.add(new SortedDocValuesField(name + "_value", new BytesRef(value)));
        }
        document.add(new StoredField("document", line));
        return document;
    }

    private static void index(BlockingQueue<List<String>> queue, IndexWriter writer) {
        JsonFactory factory = new JsonFactory();
        try {
            for (List<String> lines = queue.take(); lines != END; lines = queue.take()) {
                for (String line : lines) {
                    Map<String, String> source = strings(factory, line);
                    writer.updateDocument(new Term("id", source.get("id")), document(source, line));
                }
            }
            queue.put(END);
        } catch (IOException | InterruptedException failure) {
            failure.printStackTrace();
            System.exit(1);
        }
    }

    private static void read(String path, BlockingQueue<List<String>> queue) throws IOException, InterruptedException {
        try (BufferedReader reader = Files.newBufferedReader(Paths.get(path), StandardCharsets.UTF_8)) {
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
        IndexWriterConfig config = new IndexWriterConfig(new EnglishAnalyzer());
        config.setOpenMode(IndexWriterConfig.OpenMode.CREATE);
        config.setRAMBufferSizeMB(128);
        BlockingQueue<List<String>> queue = new ArrayBlockingQueue<>(64);
        try (FSDirectory directory = FSDirectory.open(Paths.get(arguments[0])); IndexWriter writer = new IndexWriter(directory, config)) {
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                threads.add(new Thread(() -> index(queue, writer)));
                threads.get(i).start();
            }
            read(arguments[1], queue);
            for (Thread thread : threads)
                thread.join();
            writer.commit();
        }
    }
}
