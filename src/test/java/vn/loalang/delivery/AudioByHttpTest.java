package vn.loalang.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import vn.loalang.area.ServerSettings;
import vn.loalang.fleet.ControllerId;
import vn.loalang.protocol.Hash;
import vn.loalang.web.Addresses;

/** Audio for boxes: only what their documents name, one range, in pieces. */
class AudioByHttpTest extends DeliveryTestBase {
    private static final byte[] SOUND = new byte[200_000];
    private static final Hash HASH;

    static {
        for (var i = 0; i < SOUND.length; i++) {
            SOUND[i] = (byte) (i * 31 >> 3);
        }
        HASH = Hash.of(SOUND);
    }

    @Autowired
    ServerSettings server;

    @Autowired
    Addresses addresses;

    private final HttpClient http = HttpClient.newHttpClient();
    private ControllerId pole;
    private TestDevice box;

    @BeforeEach
    void aBoxWhosePlanNamesASound() throws Exception {
        var file = server.dataPath().resolve("audio/canonical").resolve(HASH.hex());
        Files.createDirectories(file.getParent());
        Files.write(file, SOUND);
        pole = aPole();
        box = aBoxOn(pole);
        aBroadcast(pole, soon(), Duration.ofMinutes(5), HASH);
        settled(pole);
    }

    @Test
    void aBoxFetchesWhatItsPlanNamesInPieces() throws Exception {
        var whole = get(HASH.b64u(), box, null);
        assertThat(whole.statusCode()).isEqualTo(200);
        assertThat(whole.body()).isEqualTo(SOUND);
        assertThat(whole.headers().firstValue("ETag")).hasValue("\"" + HASH.b64u() + "\"");
        assertThat(whole.headers().firstValue("Accept-Ranges")).hasValue("bytes");
        assertThat(whole.headers().firstValue("Set-Cookie")).isEmpty();

        assertPiece("bytes=0-0", 0, 0);
        assertPiece("bytes=100000-", 100_000, 199_999);
        assertPiece("bytes=65535-65536", 65_535, 65_536);
        assertPiece("bytes=-10", 199_990, 199_999);
        assertPiece("bytes=199999-999999999", 199_999, 199_999);

        for (var impossible : new String[] {"bytes=200000-", "bytes=5-4", "bytes=-0"}) {
            var refused = get(HASH.b64u(), box, impossible);
            assertThat(refused.statusCode()).as(impossible).isEqualTo(416);
            assertThat(refused.headers().firstValue("Content-Range")).hasValue("bytes */200000");
        }
        for (var odd : new String[] {"bytes=0-1,5-6", "lines=1-2", "bytes=-", "bytes=x-y"}) {
            assertThat(get(HASH.b64u(), box, odd).statusCode()).as(odd).isEqualTo(200);
        }
    }

    @Test
    void headTellsTheSizeAlone() throws Exception {
        var answer = http.send(
                request(HASH.b64u(), box)
                        .method("HEAD", HttpRequest.BodyPublishers.noBody())
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Length")).hasValue("200000");
        assertThat(answer.body()).isEmpty();
    }

    @Test
    void nobodyElseGetsIt() throws Exception {
        var otherPole = aPole();
        var other = aBoxOn(otherPole);
        assertThat(get(HASH.b64u(), other, null).statusCode()).isEqualTo(404);
        assertThat(get(Hash.of(new byte[] {9}).b64u(), box, null).statusCode()).isEqualTo(404);
        assertThat(get("..%2f..%2fkeys%2fonline.keys", box, null).statusCode()).isIn(400, 404);
        assertThat(get(HASH.hex(), box, null).statusCode()).isEqualTo(404);
        var anonymous =
                http.send(HttpRequest.newBuilder(uri(HASH.b64u())).build(), HttpResponse.BodyHandlers.ofByteArray());
        assertThat(anonymous.statusCode()).isEqualTo(401);
        assertThat(anonymous.headers().firstValue("WWW-Authenticate"))
                .hasValueSatisfying(basic -> assertThat(basic).startsWith("Basic"));
        assertThat(http.send(
                                HttpRequest.newBuilder(uri(HASH.b64u()))
                                        .header("Authorization", basic(box.id().value(), "wrong"))
                                        .build(),
                                HttpResponse.BodyHandlers.ofByteArray())
                        .statusCode())
                .isEqualTo(401);
        claims.revoke(pole);
        assertThat(get(HASH.b64u(), box, null).statusCode()).isEqualTo(401);
    }

    @Test
    void aSoundThatLeftThePlanIsNoLongerTheirs() throws Exception {
        assertThat(get(HASH.b64u(), box, null).statusCode()).isEqualTo(200);
        jdbc.sql("select broadcast_id from broadcast_playback where controller_id = :pole")
                .param("pole", pole.value())
                .query(Long.class)
                .list()
                .forEach(id -> cancel(new vn.loalang.broadcast.BroadcastId(id), pole));
        settled(pole);
        assertThat(get(HASH.b64u(), box, null).statusCode()).isEqualTo(404);
    }

    private void assertPiece(String range, int from, int to) throws Exception {
        var piece = get(HASH.b64u(), box, range);
        assertThat(piece.statusCode()).as(range).isEqualTo(206);
        assertThat(piece.headers().firstValue("Content-Range")).hasValue("bytes " + from + "-" + to + "/200000");
        assertThat(piece.body()).as(range).isEqualTo(Arrays.copyOfRange(SOUND, from, to + 1));
    }

    private HttpResponse<byte[]> get(String name, TestDevice device, String range) throws Exception {
        var request = request(name, device);
        if (range != null) {
            request.header("Range", range);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private HttpRequest.Builder request(String name, TestDevice device) {
        return HttpRequest.newBuilder(uri(name))
                .header(
                        "Authorization",
                        basic(device.credential().user(), device.credential().pass()));
    }

    private URI uri(String name) {
        return URI.create("http://127.0.0.1:" + addresses.httpPort().orElseThrow() + "/gb1/a/" + name);
    }

    private static String basic(String user, String password) {
        return "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
    }
}
