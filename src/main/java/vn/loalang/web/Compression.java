package vn.loalang.web;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.Locale;
import java.util.Set;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Sends pages, styles, scripts and tables gzipped, as one piece. Tomcat's own compression is off: when a browser abandons a
 * page that is being written (a search overtaken by the next letter, a link followed too early), it closes the whole HTTP/2
 * connection, and with it the live updates of all tabs. Audio and event streams pass as they are.
 */
@Component
@Order(Integer.MIN_VALUE)
final class Compression extends OncePerRequestFilter {
    private static final int WORTH_IT = 1024;
    private static final Set<String> TEXTS = Set.of(
            "text/html",
            "text/css",
            "text/csv",
            "text/javascript",
            "application/javascript",
            "application/json",
            "application/problem+json",
            "application/geo+json",
            "image/svg+xml");

    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        var accepted = request.getHeader(HttpHeaders.ACCEPT_ENCODING);
        return accepted == null
                || !accepted.contains("gzip")
                || request.getHeader(HttpHeaders.RANGE) != null
                || request.getMethod().equals("HEAD");
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        var whole = new WholeText(response);
        chain.doFilter(request, whole);
        whole.send();
    }

    /** Keeps a text back until it is complete; anything else is written through. */
    private static final class WholeText extends HttpServletResponseWrapper {
        private @Nullable Kept kept;
        private @Nullable PrintWriter writer;

        WholeText(HttpServletResponse response) {
            super(response);
        }

        @Override
        public ServletOutputStream getOutputStream() throws IOException {
            return keeps() ? keep() : super.getOutputStream();
        }

        @Override
        public PrintWriter getWriter() throws IOException {
            if (!keeps()) {
                return super.getWriter();
            }
            if (writer == null) {
                writer = new PrintWriter(new OutputStreamWriter(keep(), Charset.forName(getCharacterEncoding())));
            }
            return writer;
        }

        private boolean keeps() {
            return kept != null || (!isCommitted() && getHeader(HttpHeaders.CONTENT_ENCODING) == null && isText());
        }

        private boolean isText() {
            var type = getContentType();
            return type != null && TEXTS.contains(mediaType(type));
        }

        private static String mediaType(String type) {
            var end = type.indexOf(';');
            return (end < 0 ? type : type.substring(0, end)).trim().toLowerCase(Locale.ROOT);
        }

        private Kept keep() {
            if (kept == null) {
                kept = new Kept();
            }
            return kept;
        }

        @Override
        public void flushBuffer() throws IOException {
            if (kept == null) {
                super.flushBuffer();
            }
        }

        @Override
        public void resetBuffer() {
            super.resetBuffer();
            forget();
        }

        @Override
        public void reset() {
            super.reset();
            forget();
        }

        @Override
        public void sendError(int status) throws IOException {
            forget();
            super.sendError(status);
        }

        @Override
        public void sendError(int status, String message) throws IOException {
            forget();
            super.sendError(status, message);
        }

        private void forget() {
            kept = null;
            writer = null;
        }

        void send() throws IOException {
            if (writer != null) {
                writer.flush();
            }
            if (kept == null) {
                return;
            }
            var text = kept.bytes.toByteArray();
            addHeader(HttpHeaders.VARY, HttpHeaders.ACCEPT_ENCODING);
            if (text.length >= WORTH_IT) {
                setHeader(HttpHeaders.CONTENT_ENCODING, "gzip");
                text = gzipped(text);
            }
            setContentLength(text.length);
            super.getOutputStream().write(text);
        }

        private static byte[] gzipped(byte[] text) throws IOException {
            var small = new ByteArrayOutputStream(text.length / 3);
            try (var gzip = new GZIPOutputStream(small)) {
                gzip.write(text);
            }
            return small.toByteArray();
        }
    }

    /** What was written so far. */
    private static final class Kept extends ServletOutputStream {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(16 * 1024);

        @Override
        public void write(int b) {
            bytes.write(b);
        }

        @Override
        public void write(byte[] some, int from, int count) {
            bytes.write(some, from, count);
        }

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public void setWriteListener(WriteListener listener) {
            throw new IllegalStateException("texts are written in one piece, never asynchronously");
        }
    }
}
