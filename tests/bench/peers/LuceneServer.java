// SPDX-License-Identifier: GPL-2.0-or-later
/* Lucene 8 over HTTP, as lean as it goes: a thread a connection, which is kept; nothing of a
 * request is read but its first line, and an answer is written in one piece. An answer has the
 * exact total and ten hits with title, source, date and one snippet of the body of about 200
 * characters. Lucene's cache of whole queries is off.
 *
 *   java -cp … LuceneServer INDEX [offsets|analysis|plain]      prints its port
 *
 * GET /search?or=a+b   ?and=a+b   ?phrase=a+b
 *     /search?query=…&match=any&after=DATE&sort=newest&facets=source&histogram=month&collapse=…
 *
 * The second takes Lucene's own syntax, and by Lede's names what else classes.py asks for.
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
import java.util.TreeMap;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.DocValues;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.SortedDocValues;
import org.apache.lucene.queryparser.classic.ParseException;
import org.apache.lucene.queryparser.classic.QueryParser;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.Collector;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.MultiCollector;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.ScoreMode;
import org.apache.lucene.search.SimpleCollector;
import org.apache.lucene.search.Sort;
import org.apache.lucene.search.SortField;
import org.apache.lucene.search.TermRangeQuery;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.search.TopDocsCollector;
import org.apache.lucene.search.TopFieldCollector;
import org.apache.lucene.search.TopScoreDocCollector;
import org.apache.lucene.search.TotalHits;
import org.apache.lucene.search.grouping.GroupingSearch;
import org.apache.lucene.search.grouping.TopGroups;
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
import org.apache.lucene.util.BytesRef;
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

    private Query query(Map<String, String> asked) throws ParseException {
        for (String kind : new String[] {"or", "and", "phrase"})
            if (asked.containsKey(kind))
                return query(kind, asked.get(kind));
        QueryParser parser = new QueryParser(TEXT, analyzer);
        if (!asked.getOrDefault("match", "all").equals("any"))
            parser.setDefaultOperator(QueryParser.Operator.AND);
        Query query = parser.parse(asked.get("query"));
        if (!asked.containsKey("after"))
            return query;
        Query after = TermRangeQuery.newStringRange(
            "published", asked.get("after"), null, true, true);
        return new BooleanQuery.Builder().add(query, Occur.MUST).add(after, Occur.FILTER).build();
    }

    /* How many of what matches have each value of a field; the index is one segment. */
    private static final class Counts extends SimpleCollector {
        private final String field;
        private final int chars;
        private final Map<String, Integer> found = new TreeMap<>();
        private SortedDocValues values;
        private int[] counts;

        /* By so many characters of the value at most: those of a year, a month, a day. */
        Counts(String field, int chars) {
            this.field = field;
            this.chars = chars;
        }

        @Override
        protected void doSetNextReader(LeafReaderContext context) throws IOException {
            values = DocValues.getSorted(context.reader(), field + "_value");
            counts = new int[values.getValueCount()];
        }

        @Override
        public void collect(int document) throws IOException {
            if (values.advanceExact(document))
                counts[values.ordValue()]++;
        }

        @Override
        public ScoreMode scoreMode() {
            return ScoreMode.COMPLETE_NO_SCORES;
        }

        Map<String, Integer> counts() throws IOException {
            for (int ordinal = 0; counts != null && ordinal < counts.length; ordinal++) {
                if (counts[ordinal] == 0)
                    continue;
                String value = values.lookupOrd(ordinal).utf8ToString();
                String bucket = value.substring(0, Math.min(chars, value.length()));
                found.merge(bucket, counts[ordinal], Integer::sum);
            }
            return found;
        }
    }

    private TopDocsCollector<?> collector(String sort) {
        if (sort == null)
            return TopScoreDocCollector.create(HITS, Integer.MAX_VALUE);
        boolean newest = sort.equals("newest");
        Sort byDate = new Sort(new SortField("published_value", SortField.Type.STRING, newest));
        return TopFieldCollector.create(byDate, HITS, Integer.MAX_VALUE);
    }

    /* One hit a value of a field. */
    private TopDocs collapsed(Query query, String field) throws IOException {
        GroupingSearch search = new GroupingSearch(field + "_value");
        TopGroups<BytesRef> groups = search.search(searcher, query, 0, HITS);
        ScoreDoc[] first = new ScoreDoc[groups == null ? 0 : groups.groups.length];
        for (int i = 0; i < first.length; i++)
            first[i] = groups.groups[i].scoreDocs[0];
        int total = groups == null ? 0 : groups.totalHitCount;
        return new TopDocs(new TotalHits(total, TotalHits.Relation.EQUAL_TO), first);
    }

    private static List<Counts> counts(Map<String, String> asked) {
        List<Counts> counts = new ArrayList<>();
        for (String field : asked.getOrDefault("facets", "").split(","))
            if (!field.isEmpty())
                counts.add(new Counts(field, Integer.MAX_VALUE));
        String histogram = asked.getOrDefault("histogram", "");
        int interval = List.of("year", "month", "day", "hour").indexOf(histogram);
        if (interval >= 0)
            counts.add(new Counts("published", 4 + interval * 3));
        return counts;
    }

    private byte[] search(Map<String, String> asked) throws IOException, ParseException {
        Query query = query(asked);
        List<Counts> counts = counts(asked);
        TopDocs top;
        if (asked.containsKey("collapse")) {
            top = collapsed(query, asked.get("collapse"));
        } else {
            TopDocsCollector<?> collector = collector(asked.get("sort"));
            List<Collector> all = new ArrayList<>(counts);
            all.add(collector);
            searcher.search(query, MultiCollector.wrap(all));
            top = collector.topDocs();
        }
        Document[] documents = new Document[top.scoreDocs.length];
        for (int i = 0; i < documents.length; i++)
            documents[i] = searcher.doc(top.scoreDocs[i].doc, SHOWN);
        String[] snippets = snippets(query, top.scoreDocs, documents);
        return written(top.totalHits.value, documents, snippets, counts);
    }

    private byte[] written(long total, Document[] documents, String[] snippets, List<Counts> counts)
        throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream(8192);
        try (JsonGenerator answer = json.createGenerator(out)) {
            answer.writeStartObject();
            answer.writeNumberField("total", total);
            answer.writeArrayFieldStart("hits");
            for (int i = 0; i < documents.length; i++) {
                answer.writeStartObject();
                for (String name : new String[] {"title", "source", "published"})
                    answer.writeStringField(name, documents[i].get(name));
                answer.writeStringField("snippet", snippets[i]);
                answer.writeEndObject();
            }
            answer.writeEndArray();
            for (Counts field : counts) {
                answer.writeObjectFieldStart(field.field);
                for (Map.Entry<String, Integer> value : field.counts().entrySet())
                    answer.writeNumberField(value.getKey(), value.getValue());
                answer.writeEndObject();
            }
            answer.writeEndObject();
        }
        return out.toByteArray();
    }

    private void answer(OutputStream out, String target) throws IOException, ParseException {
        Map<String, String> asked = new HashMap<>();
        for (String parameter : target.substring(target.indexOf('?') + 1).split("&")) {
            int equals = parameter.indexOf('=');
            String text = parameter.substring(equals + 1);
            String value = URLDecoder.decode(text, StandardCharsets.UTF_8);
            asked.put(parameter.substring(0, equals), value);
        }
        byte[] body = search(asked);
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
        } catch (IOException | ParseException | RuntimeException failure) {
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
