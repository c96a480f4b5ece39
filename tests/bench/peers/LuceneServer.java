// SPDX-License-Identifier: GPL-2.0-or-later
/* Lucene 8 over HTTP, as lean as it goes: a thread a connection, which is kept; nothing of a
 * request is read but its first line, and an answer is written in one piece. An answer has the
 * exact total and ten hits with title, source, date and one snippet of the body of about 200
 * characters. Lucene's cache of whole queries is off.
 *
 *   java -cp … LuceneServer INDEX [offsets|analysis|plain]      prints its port
 *
 * GET /search?or=a+b   ?and=a+b   ?phrase=a+b
 *
 * Snippets: the unified highlighter, which takes a word's places from the index (offsets, by
 * default) or from the text (analysis); or the old one, which always takes them from the text
 * (plain). */
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Paths;
import java.text.BreakIterator;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.search.TopScoreDocCollector;
import org.apache.lucene.search.highlight.Highlighter;
import org.apache.lucene.search.highlight.InvalidTokenOffsetsException;
import org.apache.lucene.search.highlight.QueryScorer;
import org.apache.lucene.search.highlight.SimpleHTMLEncoder;
import org.apache.lucene.search.highlight.SimpleHTMLFormatter;
import org.apache.lucene.search.highlight.SimpleSpanFragmenter;
import org.apache.lucene.search.uhighlight.DefaultPassageFormatter;
import org.apache.lucene.search.uhighlight.LengthGoalBreakIterator;
import org.apache.lucene.search.uhighlight.UnifiedHighlighter;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.util.QueryBuilder;

public final class LuceneServer {
    private static final int HITS = 10;
    private static final int SNIPPET_CHARS = 200;
    private static final String TEXT = "text";
    private static final Set<String> SHOWN = Set.of("title", "source", "published", "body");

    private final JsonFactory json = new JsonFactory();
    private final Analyzer analyzer = LuceneIndex.analyzer();
    private final IndexSearcher searcher;
    private final String way;

    /* The unified highlighter over bodies that have been read already: the field that is searched
     * has the body first, so that its places are the body's. */
    private static final class Snippets extends UnifiedHighlighter {
        private final Map<Integer, String> bodies;
        private final boolean fromIndex;

        Snippets(IndexSearcher searcher, Analyzer analyzer, Map<Integer, String> bodies,
            boolean fromIndex) {
            super(searcher, analyzer);
            this.bodies = bodies;
            this.fromIndex = fromIndex;
            setFormatter(new DefaultPassageFormatter("<mark>", "</mark>", " … ", true));
        }

        @Override
        protected BreakIterator getBreakIterator(String field) {
            return LengthGoalBreakIterator.createClosestToLength(
                BreakIterator.getSentenceInstance(Locale.ROOT), SNIPPET_CHARS, .5f);
        }

        @Override
        protected OffsetSource getOffsetSource(String field) {
            return fromIndex ? OffsetSource.POSTINGS : OffsetSource.ANALYSIS;
        }

        @Override
        protected List<CharSequence[]> loadFieldValues(
            String[] fields, DocIdSetIterator documents, int threshold) throws IOException {
            List<CharSequence[]> values = new ArrayList<>();
            while (documents.nextDoc() != DocIdSetIterator.NO_MORE_DOCS)
                values.add(new CharSequence[] {bodies.get(documents.docID())});
            return values;
        }
    }

    private LuceneServer(IndexSearcher searcher, String way) {
        this.searcher = searcher;
        this.way = way;
        searcher.setQueryCache(null);
    }

    private Query query(String kind, String words) {
        QueryBuilder builder = new QueryBuilder(analyzer);
        if (kind.equals("phrase"))
            return builder.createPhraseQuery(TEXT, words);
        Occur occur = kind.equals("and") ? Occur.MUST : Occur.SHOULD;
        return builder.createBooleanQuery(TEXT, words, occur);
    }

    private String[] plainSnippets(Query query, Document[] documents) throws IOException {
        String[] snippets = new String[documents.length];
        QueryScorer scorer = new QueryScorer(query, TEXT);
        Highlighter highlighter = new Highlighter(
            new SimpleHTMLFormatter("<mark>", "</mark>"), new SimpleHTMLEncoder(), scorer);
        highlighter.setTextFragmenter(new SimpleSpanFragmenter(scorer, SNIPPET_CHARS));
        try {
            for (int i = 0; i < documents.length; i++)
                snippets[i] = highlighter.getBestFragment(analyzer, TEXT, documents[i].get("body"));
        } catch (InvalidTokenOffsetsException failure) {
            throw new IOException(failure);
        }
        return snippets;
    }

    private String[] snippets(Query query, ScoreDoc[] found, Document[] documents)
        throws IOException {
        if (found.length == 0 || way.equals("plain"))
            return plainSnippets(query, documents);
        Map<Integer, String> bodies = new HashMap<>();
        int[] ids = new int[found.length];
        for (int i = 0; i < found.length; i++) {
            ids[i] = found[i].doc;
            bodies.put(found[i].doc, documents[i].get("body"));
        }
        return new Snippets(searcher, analyzer, bodies, way.equals("offsets"))
            .highlightFields(new String[] {TEXT}, query, ids, new int[] {1})
            .get(TEXT);
    }

    private byte[] search(String kind, String words) throws IOException {
        Query query = query(kind, words);
        TopScoreDocCollector collector = TopScoreDocCollector.create(HITS, Integer.MAX_VALUE);
        searcher.search(query, collector);
        TopDocs top = collector.topDocs();
        Document[] documents = new Document[top.scoreDocs.length];
        for (int i = 0; i < documents.length; i++)
            documents[i] = searcher.doc(top.scoreDocs[i].doc, SHOWN);
        String[] snippets = snippets(query, top.scoreDocs, documents);
        ByteArrayOutputStream out = new ByteArrayOutputStream(8192);
        try (JsonGenerator answer = json.createGenerator(out)) {
            answer.writeStartObject();
            answer.writeNumberField("total", top.totalHits.value);
            answer.writeArrayFieldStart("hits");
            for (int i = 0; i < documents.length; i++) {
                answer.writeStartObject();
                for (String name : new String[] {"title", "source", "published"})
                    answer.writeStringField(name, documents[i].get(name));
                answer.writeStringField("snippet", snippets[i]);
                answer.writeEndObject();
            }
            answer.writeEndArray();
            answer.writeEndObject();
        }
        return out.toByteArray();
    }

    private void answer(OutputStream out, String target) throws IOException {
        int question = target.indexOf('?'), equals = target.indexOf('=');
        String words = URLDecoder.decode(target.substring(equals + 1), StandardCharsets.UTF_8);
        byte[] body = search(target.substring(question + 1, equals), words);
        String head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
            + body.length + "\r\n\r\n";
        ByteArrayOutputStream whole = new ByteArrayOutputStream(head.length() + body.length);
        whole.write(head.getBytes(StandardCharsets.US_ASCII));
        whole.write(body);
        out.write(whole.toByteArray());
    }

    private void serve(Socket socket) {
        try (Socket connection = socket) {
            connection.setTcpNoDelay(true);
            BufferedReader in = new BufferedReader(
                new InputStreamReader(connection.getInputStream(), StandardCharsets.US_ASCII));
            for (String first = in.readLine(); first != null; first = in.readLine()) {
                for (String header = in.readLine(); header != null && !header.isEmpty();)
                    header = in.readLine();
                answer(connection.getOutputStream(), first.split(" ")[1]);
            }
        } catch (IOException | RuntimeException failure) {
            failure.printStackTrace();
        }
    }

    public static void main(String[] arguments) throws IOException {
        DirectoryReader reader = DirectoryReader.open(FSDirectory.open(Paths.get(arguments[0])));
        LuceneServer server = new LuceneServer(
            new IndexSearcher(reader), arguments.length > 1 ? arguments[1] : "offsets");
        try (ServerSocket listener = new ServerSocket(0, 64, InetAddress.getLoopbackAddress())) {
            System.out.println(listener.getLocalPort());
            for (;;) {
                Socket connection = listener.accept();
                new Thread(() -> server.serve(connection)).start();
            }
        }
    }
}
