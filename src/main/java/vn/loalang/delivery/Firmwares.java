package vn.loalang.delivery;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;
import vn.loalang.access.AuditLog;
import vn.loalang.area.Durability;
import vn.loalang.area.DurableFile;
import vn.loalang.area.Refusal;
import vn.loalang.area.ServerSettings;
import vn.loalang.area.SqlTime;
import vn.loalang.protocol.Firmware;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Limits;

/** Firmware images of vendors, in {@code data/firmware} under their hash. A name that is there is never written again. */
@Component
class Firmwares {
    /** Largest image in bytes. */
    static final long LARGEST = 32L * 1024 * 1024;

    private static final Logger log = LoggerFactory.getLogger(Firmwares.class);
    private static final String SELECT = """
            select f.hash, f.model, f.version, f.sec, f.bytes, f.uploaded_by, f.uploaded_at,
              (select count(*) from delivery_rollout r where r.hash = f.hash) as rollouts
            from delivery_firmware f\s""";

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Clock clock;
    private final Path directory;
    private final Durability durability;
    private final AuditLog audit;

    Firmwares(
            JdbcClient jdbc,
            TransactionTemplate transaction,
            Clock clock,
            ServerSettings settings,
            Durability durability,
            AuditLog audit) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.clock = clock;
        this.directory = settings.dataPath().resolve("firmware");
        this.durability = durability;
        this.audit = audit;
    }

    /**
     * An image.
     *
     * @param model for which hardware, as {@code fw.model}
     * @param sec number against going back, as {@code fw.sec}
     * @param bytes its size
     * @param by who brought it
     * @param used whether a rollout speaks of it
     */
    record Image(Hash hash, String model, String version, long sec, long bytes, String by, Instant at, boolean used) {
        /** How it is called to people. */
        String title() {
            return model + " " + version;
        }
    }

    /** Every image, newest first. */
    List<Image> all() {
        return jdbc.sql(SELECT + "order by f.uploaded_at desc, f.hash")
                .query(Firmwares::image)
                .list();
    }

    /** The image with this hash. */
    Optional<Image> find(Hash hash) {
        return jdbc.sql(SELECT + "where f.hash = :hash")
                .param("hash", hash.hex())
                .query(Firmwares::image)
                .optional();
    }

    /** The file with this content; empty if there is none. */
    Optional<Path> file(Hash hash) {
        var file = directory.resolve(hash.hex());
        return Files.isRegularFile(file) ? Optional.of(file) : Optional.empty();
    }

    /**
     * Takes an image in; it is on the disk when this returns.
     *
     * @param by name of whoever brings it
     * @throws Refusal when a field is wrong, the image is empty or too large, or it, or another one of this model and version,
     *     is there already
     */
    Image add(String model, String version, long sec, InputStream content, String by) throws IOException {
        if (!Firmware.isModel(model)) {
            throw new Refusal("model", "delivery.refused.firmwareModel");
        }
        if (!Firmware.isVersion(version)) {
            throw new Refusal("version", "delivery.refused.firmwareVersion");
        }
        if (sec < 0 || sec > Limits.MAX_INTEGER) {
            throw new Refusal("sec", "delivery.refused.firmwareSec");
        }
        var other = jdbc.sql("select count(*) from delivery_firmware where model = :model and version = :version")
                .param("model", model)
                .param("version", version)
                .query(Long.class)
                .single();
        if (other > 0) {
            throw new Refusal("version", "delivery.refused.firmwareTwice", model, version);
        }
        Files.createDirectories(directory);
        var fresh = Files.createTempFile(directory, "upload-", ".new");
        try {
            var digest = Hash.sha256();
            long bytes;
            try (var in = new DigestInputStream(content, digest);
                    var out = Files.newOutputStream(fresh)) {
                bytes = copy(in, out);
            }
            if (bytes == 0 || bytes > LARGEST) {
                throw new Refusal("file", "delivery.refused.firmwareSize", LARGEST / (1024 * 1024));
            }
            var hash = Hash.ofDigest(digest.digest());
            if (find(hash).isPresent()) {
                throw new Refusal("file", "delivery.refused.firmwareKnown");
            }
            DurableFile.move(fresh, directory.resolve(hash.hex()));
            var image = new Image(hash, model, version, sec, bytes, by, clock.instant(), false);
            transaction.executeWithoutResult(status -> store(image));
            return image;
        } finally {
            Files.deleteIfExists(fresh);
        }
    }

    /**
     * Forgets an image.
     *
     * @throws Refusal when a rollout speaks of it
     */
    void remove(Hash hash) {
        var removed = transaction.execute(status -> {
            var rows = jdbc.sql("""
                            delete from delivery_firmware where hash = :hash
                              and not exists (select 1 from delivery_rollout where hash = :hash)""").param("hash", hash.hex()).update();
            if (rows > 0) {
                audit.record("delivery.firmwareRemoved", hash.hex(), "");
                durability.confirm();
            }
            return rows;
        });
        if (removed == null || removed == 0) {
            throw new Refusal("", "delivery.refused.firmwareUsed");
        }
        try {
            Files.deleteIfExists(directory.resolve(hash.hex()));
        } catch (IOException e) {
            log.warn("A firmware image that nobody needs stays on the disk", e);
        }
    }

    private static long copy(InputStream in, java.io.OutputStream out) throws IOException {
        var buffer = new byte[64 * 1024];
        var bytes = 0L;
        for (var read = in.read(buffer); read >= 0 && bytes <= LARGEST; read = in.read(buffer)) {
            out.write(buffer, 0, read);
            bytes += read;
        }
        return bytes;
    }

    private void store(Image image) {
        var added = jdbc.sql("""
                        insert into delivery_firmware (hash, model, version, sec, bytes, uploaded_by, uploaded_at)
                        values (:hash, :model, :version, :sec, :bytes, :by, :at) on conflict do nothing""")
                .param("hash", image.hash().hex())
                .param("model", image.model())
                .param("version", image.version())
                .param("sec", image.sec())
                .param("bytes", image.bytes())
                .param("by", image.by())
                .param("at", SqlTime.of(image.at()))
                .update();
        if (added == 0) {
            throw new Refusal("file", "delivery.refused.firmwareKnown");
        }
        audit.record(
                "delivery.firmwareAdded",
                image.model() + " " + image.version(),
                image.hash().hex());
        durability.confirm();
    }

    private static Image image(ResultSet row, int number) throws SQLException {
        return new Image(
                Hash.parseHex(row.getString("hash")),
                row.getString("model"),
                row.getString("version"),
                row.getLong("sec"),
                row.getLong("bytes"),
                row.getString("uploaded_by"),
                SqlTime.get(row, "uploaded_at"),
                row.getLong("rollouts") > 0);
    }
}
