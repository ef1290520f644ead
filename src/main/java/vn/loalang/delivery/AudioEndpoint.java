package vn.loalang.delivery;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.Principal;
import java.util.Optional;
import java.util.regex.Pattern;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RestController;
import vn.loalang.audio.AudioStore;
import vn.loalang.audio.ContentHash;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Refusal;

/**
 * Audio and firmware for boxes: {@code GET} and {@code HEAD} with one range. A box gets what its current documents name; everything
 * else does not exist for it.
 */
@RestController
class AudioEndpoint {
    private static final Pattern RANGE = Pattern.compile("bytes=(\\d{0,18})-(\\d{0,18})");
    private static final int CHUNK = 64 * 1024;

    private final Documents documents;
    private final AudioStore store;
    private final Firmwares firmwares;

    AudioEndpoint(Documents documents, AudioStore store, Firmwares firmwares) {
        this.documents = documents;
        this.store = store;
        this.firmwares = firmwares;
    }

    /** A file and what it holds. */
    private record Served(Path path, String type) {}

    /** Bytes {@code from…to}, both inclusive. */
    private record Span(long from, long to) {
        long length() {
            return to - from + 1;
        }
    }

    @RequestMapping(
            path = AssetBases.PATH + "{hash}",
            method = {RequestMethod.GET, RequestMethod.HEAD})
    void audio(@PathVariable String hash, Principal device, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        var file = file(hash, device);
        if (file.isEmpty()) {
            response.setStatus(HttpServletResponse.SC_NOT_FOUND);
            return;
        }
        try (var channel = FileChannel.open(file.get().path(), StandardOpenOption.READ)) {
            var size = channel.size();
            var etag = "\"" + hash + "\"";
            response.setHeader("ETag", etag);
            response.setHeader("Accept-Ranges", "bytes");
            response.setHeader("Cache-Control", "private, max-age=31536000, immutable");
            response.setContentType(file.get().type());
            if (etag.equals(request.getHeader("If-None-Match"))) {
                response.setStatus(HttpServletResponse.SC_NOT_MODIFIED);
                return;
            }
            var range = request.getHeader("Range");
            var ifRange = request.getHeader("If-Range");
            var span = new Span(0, size - 1);
            if (range != null && (ifRange == null || ifRange.equals(etag))) {
                var matcher = RANGE.matcher(range);
                // Several ranges or another unit: the whole file is an allowed answer.
                if (matcher.matches()
                        && !(matcher.group(1).isEmpty() && matcher.group(2).isEmpty())) {
                    var wanted = span(matcher.group(1), matcher.group(2), size);
                    if (wanted.isEmpty()) {
                        response.setHeader("Content-Range", "bytes */" + size);
                        response.setStatus(HttpServletResponse.SC_REQUESTED_RANGE_NOT_SATISFIABLE);
                        return;
                    }
                    span = wanted.get();
                    response.setStatus(HttpServletResponse.SC_PARTIAL_CONTENT);
                    response.setHeader("Content-Range", "bytes " + span.from() + "-" + span.to() + "/" + size);
                }
            }
            response.setContentLengthLong(span.length());
            if (!request.getMethod().equals("HEAD")) {
                send(channel, span, response);
            }
        }
    }

    private Optional<Served> file(String hash, Principal device) {
        try {
            var wanted = Hash.parse(hash);
            return documents.names(new DeviceId(device.getName()), wanted)
                    ? store.canonical(new ContentHash(wanted.hex()))
                            .map(path -> new Served(path, "audio/mpeg"))
                            .or(() -> firmwares.file(wanted).map(path -> new Served(path, "application/octet-stream")))
                    : Optional.empty();
        } catch (Refusal notAHash) {
            return Optional.empty();
        }
    }

    private static Optional<Span> span(String first, String last, long size) {
        if (first.isEmpty()) {
            var length = Math.min(size, Long.parseLong(last));
            return length == 0 ? Optional.empty() : Optional.of(new Span(size - length, size - 1));
        }
        var from = Long.parseLong(first);
        var to = last.isEmpty() ? size - 1 : Math.min(size - 1, Long.parseLong(last));
        return from >= size || from > to ? Optional.empty() : Optional.of(new Span(from, to));
    }

    private static void send(FileChannel channel, Span span, HttpServletResponse response) throws IOException {
        var out = Channels.newChannel(response.getOutputStream());
        var buffer = ByteBuffer.allocate(CHUNK);
        var at = span.from();
        while (at <= span.to()) {
            buffer.clear().limit((int) Math.min(CHUNK, span.to() - at + 1));
            var read = channel.read(buffer, at);
            if (read < 0) {
                throw new IOException("an audio file became shorter while it was sent");
            }
            at += read;
            buffer.flip();
            while (buffer.hasRemaining()) {
                out.write(buffer);
            }
        }
    }
}
