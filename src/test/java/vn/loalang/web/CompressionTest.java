package vn.loalang.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

class CompressionTest {
    private static final String LONG = "Bản tin thôn Đông Hải. ".repeat(200);

    private final MockHttpServletRequest request = new MockHttpServletRequest("GET", "/today");
    private final MockHttpServletResponse response = new MockHttpServletResponse();

    CompressionTest() {
        request.addHeader("Accept-Encoding", "gzip, br");
    }

    @Test
    void aPageIsGzippedInOnePieceAndSaysItsLength() throws Exception {
        answer(to -> {
            to.setContentType("text/html;charset=UTF-8");
            to.getWriter().write(LONG.substring(0, 100));
            to.flushBuffer();
            to.getWriter().write(LONG.substring(100));
        });
        assertThat(response.getHeader("Content-Encoding")).isEqualTo("gzip");
        assertThat(response.getHeaders("Vary")).contains("Accept-Encoding");
        var sent = response.getContentAsByteArray();
        assertThat(response.getContentLength()).isEqualTo(sent.length).isLessThan(LONG.length() / 10);
        assertThat(new GZIPInputStream(new ByteArrayInputStream(sent)).readAllBytes())
                .asString(StandardCharsets.UTF_8)
                .isEqualTo(LONG);
    }

    @Test
    void aShortAnswerIsNotWorthIt() throws Exception {
        answer(to -> {
            to.setContentType("application/json");
            to.getOutputStream().write("{}".getBytes(StandardCharsets.UTF_8));
        });
        assertThat(response.getHeader("Content-Encoding")).isNull();
        assertThat(response.getContentAsString()).isEqualTo("{}");
    }

    @Test
    void audioAndEventStreamsPassAtOnce() throws Exception {
        for (var type : new String[] {"audio/mpeg", "text/event-stream"}) {
            var passing = new MockHttpServletResponse();
            new Compression().doFilter(request, passing, (r, to) -> {
                ((HttpServletResponse) to).setContentType(type);
                to.getOutputStream().write(new byte[5000]);
                assertThat(passing.getContentAsByteArray()).hasSize(5000);
            });
            assertThat(passing.getHeader("Content-Encoding")).isNull();
        }
    }

    @Test
    void whoCannotUnpackGetsItAsItIs() throws Exception {
        request.removeHeader("Accept-Encoding");
        answer(to -> {
            to.setContentType("text/html;charset=UTF-8");
            to.getWriter().write(LONG);
        });
        assertThat(response.getHeader("Content-Encoding")).isNull();
        assertThat(response.getContentAsString(StandardCharsets.UTF_8)).isEqualTo(LONG);
    }

    @Test
    void whatWasWrittenBeforeAnErrorIsForgotten() throws Exception {
        answer(to -> {
            to.setContentType("text/html;charset=UTF-8");
            to.getWriter().write(LONG);
            to.sendError(404);
        });
        assertThat(response.getStatus()).isEqualTo(404);
        assertThat(response.getContentAsByteArray()).isEmpty();
    }

    @Test
    void aFailedPageSendsNothingOfItself() {
        assertThatIllegalStateException()
                .isThrownBy(() -> answer(to -> {
                    to.setContentType("text/html;charset=UTF-8");
                    to.getWriter().write(LONG);
                    throw new IllegalStateException("half a page");
                }));
        assertThat(response.isCommitted()).isFalse();
        assertThat(response.getContentAsByteArray()).isEmpty();
    }

    private void answer(Answer answer) throws Exception {
        new Compression().doFilter(request, response, (r, to) -> answer.write((HttpServletResponse) to));
    }

    private interface Answer {
        void write(HttpServletResponse to) throws java.io.IOException;
    }
}
