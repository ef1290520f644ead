package vn.loalang.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import vn.loalang.area.Refusal;
import vn.loalang.area.ServerSettings;
import vn.loalang.area.StationId;
import vn.loalang.area.Stations;
import vn.loalang.sound.CanonicalMp3;
import vn.loalang.sound.SoundException;

@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
class RecordingsTest {

    private static final Path SAMPLES = Path.of("audio-samples");

    @Autowired
    Recordings recordings;

    @Autowired
    AudioStore store;

    @Autowired
    Stations stations;

    @Autowired
    ServerSettings settings;

    @TempDir
    Path folder;

    @Test
    void aRecordingIsFoundWithItsTrueLengthAndItsFiles() throws IOException {
        Path sample = SAMPLES.resolve("test-announcement.mp3");
        var recording = recordings.add(station(), sample, "Bản tin thử nghiệm", "vi");
        assertThat(recordings.find(recording.id())).contains(recording);
        assertThat(recording.duration().toMillis()).isEqualTo(Files.size(sample) / 6);
        assertThat(recording.warnings()).isEmpty();
        Path canonical = store.canonical(recording.canonicalHash()).orElseThrow();
        assertThat(CanonicalMp3.check(canonical) * 144)
                .isEqualTo(recording.canonicalBytes())
                .isEqualTo(Files.size(canonical));
        assertThat(store.original(recording.originalHash()).orElseThrow()).hasSameBinaryContentAs(sample);
        assertThat(recordings.peaks(recording.id())).hasSize(600).contains(0).isNotEqualTo(new byte[600]);
        assertThat(recordings.peaks(new RecordingId(-1))).isEmpty();
    }

    @Test
    void theSameContentTwiceSharesItsFiles() throws IOException {
        Path sample = SAMPLES.resolve("chime.mp3");
        var first = recordings.add(station(), sample, "Chuông", "vi");
        var second = recordings.add(station(), sample, "Chuông nữa", "vi");
        assertThat(second.canonicalHash()).isEqualTo(first.canonicalHash());
        assertThat(second.id()).isNotEqualTo(first.id());
        assertThat(leftovers()).isEmpty();
    }

    @Test
    void searchIgnoresAccents() throws IOException {
        var found = recordings.add(station(), SAMPLES.resolve("attention.mp3"), "Họp thôn Đằng Xá", "vi");
        assertThat(recordings.search(station(), "dang  xa", false, 10, 0))
                .extracting(Recording::id)
                .contains(found.id());
        assertThat(recordings.search(station(), "ĐẰNG", false, 10, 0))
                .extracting(Recording::id)
                .contains(found.id());
        assertThat(recordings.search(station(), "100%", false, 10, 0)).isEmpty();
        assertThat(recordings.count(station(), "dang xa", true)).isZero();
    }

    @Test
    void archivingTakesItOutOfTheListAndCanBeUndone() throws IOException {
        var recording = recordings.add(station(), SAMPLES.resolve("attention.mp3"), "Cất đi", "vi");
        recordings.archive(recording.id());
        recordings.archive(recording.id());
        assertThat(recordings.list(station())).extracting(Recording::id).doesNotContain(recording.id());
        assertThat(recordings.find(recording.id()).orElseThrow().archivedAt()).isNotNull();
        recordings.restore(recording.id());
        assertThat(recordings.list(station())).extracting(Recording::id).contains(recording.id());
    }

    @Test
    void twoPeopleRenamingTheSameAreToldOfEachOther() throws IOException {
        var recording = recordings.add(station(), SAMPLES.resolve("attention.mp3"), "Tên cũ", "vi");
        recordings.rename(recording.id(), "  Tên mới  ", recording.version());
        assertThat(recordings.find(recording.id()).orElseThrow().title()).isEqualTo("Tên mới");
        assertThatThrownBy(() -> recordings.rename(recording.id(), "Tên khác", recording.version()))
                .isInstanceOfSatisfying(Refusal.class, refusal -> assertThat(refusal.messageKey())
                        .isEqualTo("audio.refused.changedMeanwhile"));
        assertThatThrownBy(() -> recordings.rename(recording.id(), " ", 1)).isInstanceOf(Refusal.class);
    }

    @Test
    void whatIsRefusedLeavesNothingBehind() throws IOException {
        Path page = Files.writeString(folder.resolve("page.mp3"), "<html><body>not a sound</body></html>");
        long before = files();
        assertThatThrownBy(() -> recordings.add(station(), page, "Trang", "vi")).isInstanceOf(SoundException.class);
        assertThatThrownBy(() -> recordings.add(station(), SAMPLES.resolve("chime.mp3"), "", "vi"))
                .isInstanceOf(Refusal.class);
        assertThatThrownBy(() -> recordings.add(new StationId(-1), SAMPLES.resolve("water-cut.mp3"), "Không đài", "vi"))
                .isInstanceOf(org.springframework.dao.DataIntegrityViolationException.class);
        assertThat(files()).isEqualTo(before);
        assertThat(leftovers()).isEmpty();
    }

    private StationId station() {
        return new StationId(stations.main().id());
    }

    private java.util.List<Path> leftovers() throws IOException {
        try (Stream<Path> files = Files.list(settings.dataPath().resolve("audio/work"))) {
            return files.toList();
        }
    }

    private long files() throws IOException {
        try (Stream<Path> files = Files.walk(settings.dataPath().resolve("audio"))) {
            return files.filter(Files::isRegularFile).count();
        }
    }
}
