package vn.loalang.sound;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import vn.loalang.sound.SoundException.Reason;

/** Tells by its content, never by its name, what a file is, and opens it. MP3 (Layer III) and WAV are read. */
public final class SoundFile {

    private static final int HEAD_BYTES = 64;

    /** Kinds of file that are read. */
    public enum Kind {
        /** MPEG-1, 2 or 2.5, Layer III. */
        MP3,
        /** RIFF or RF64. */
        WAV
    }

    /**
     * What a file holds, found by reading it, not by believing it.
     *
     * @param kind format
     * @param sampleRate samples per second
     * @param channels at its beginning
     * @param duration true length
     * @param truncated it stops before the end that it promises
     * @param damaged there is junk between its frames
     */
    public record Facts(
            Kind kind, int sampleRate, int channels, Duration duration, boolean truncated, boolean damaged) {}

    private SoundFile() {}

    /**
     * Reads a file once from end to end, without decoding it.
     *
     * @param longest longest duration to accept
     * @throws SoundException if it is not sound that we read, or too long; the message names the format if it is known
     * @throws IOException if reading fails
     */
    public static Facts inspect(Path file, Duration longest) throws IOException {
        Facts facts = kind(file) == Kind.WAV ? inspectWav(file) : inspectMp3(file);
        if (facts.duration().compareTo(longest) > 0) {
            throw new SoundException(Reason.TOO_LONG, facts.duration() + " instead of at most " + longest);
        }
        return facts;
    }

    /**
     * Opens a file for decoding.
     *
     * @throws SoundException if it is not sound that we read
     * @throws IOException if reading fails
     */
    public static PcmSource open(Path file) throws IOException {
        return kind(file) == Kind.WAV ? WavReader.open(file) : new Mp3Reader(file);
    }

    private static Facts inspectWav(Path file) throws IOException {
        try (var wav = WavReader.open(file)) {
            long frames = wav.framesIn(Files.size(file));
            if (frames == 0) {
                throw new SoundException(Reason.NO_SOUND, "WAV without a sample");
            }
            return new Facts(
                    Kind.WAV,
                    wav.sampleRate(),
                    wav.channels(),
                    duration(frames, wav.sampleRate()),
                    wav.promisesMoreThan(Files.size(file)),
                    false);
        }
    }

    private static Facts inspectMp3(Path file) throws IOException {
        try (var walker = new Mp3FrameWalker(file)) {
            Mp3FrameWalker.Frame first = walker.next();
            if (first == null) {
                throw new SoundException(Reason.NO_SOUND, "no MP3 frame");
            }
            long samples = 0;
            for (var frame = first; frame != null; frame = walker.next()) {
                samples += frame.samples();
            }
            return new Facts(
                    Kind.MP3,
                    first.sampleRate(),
                    first.mono() ? 1 : 2,
                    duration(samples, first.sampleRate()),
                    walker.truncated(),
                    walker.junkInside() > 0);
        }
    }

    private static Duration duration(long samples, int rate) {
        return Duration.ofMillis(Math.round(samples * 1000.0 / rate));
    }

    private static Kind kind(Path file) throws IOException {
        byte[] head;
        try (var in = Files.newInputStream(file)) {
            head = in.readNBytes(HEAD_BYTES);
        }
        if (head.length == 0) {
            throw new SoundException(Reason.EMPTY, "no byte");
        }
        if (WavReader.looksLikeWav(head, head.length)) {
            return Kind.WAV;
        }
        String other = otherFormat(Arrays.copyOf(head, HEAD_BYTES));
        if (!other.isEmpty()) {
            throw new SoundException(Reason.UNKNOWN_FORMAT, other);
        }
        return Kind.MP3;
    }

    /** Names a format that is certainly neither MP3 nor WAV; empty if none is recognised. */
    private static String otherFormat(byte[] head) {
        String text = new String(head, StandardCharsets.ISO_8859_1);
        String trimmed = text.strip().toLowerCase(Locale.ROOT);
        if (text.startsWith("OggS")) {
            return "Ogg";
        } else if (text.startsWith("fLaC")) {
            return "FLAC";
        } else if (text.startsWith("ftyp", 4) || text.startsWith("moov", 4) || text.startsWith("styp", 4)) {
            return "MP4";
        } else if (text.startsWith("#!AMR")) {
            return "AMR";
        } else if (text.startsWith("FORM")) {
            return "AIFF";
        } else if (text.startsWith("ADIF") || (head[0] == (byte) 0xFF && (head[1] & 0xF6) == 0xF0)) {
            return "AAC";
        } else if (text.startsWith("0&²u")) {
            return "WMA";
        } else if (text.startsWith("MAC ")) {
            return "Monkey's Audio";
        } else if (text.startsWith("MPCK") || text.startsWith("MP+")) {
            return "Musepack";
        } else if (text.startsWith("TTA1")) {
            return "TTA";
        } else if (text.startsWith("\u001AEß£")) {
            return "Matroska";
        } else if (text.startsWith("RIFF")) {
            return "RIFF";
        } else if (text.startsWith("PK\u0003\u0004")) {
            return "ZIP";
        } else if (text.startsWith("%PDF")) {
            return "PDF";
        } else if (text.startsWith("\u007FELF") || text.startsWith("MZ")) {
            return "EXE";
        } else if (text.startsWith("ÿØÿ") || text.startsWith("\u0089PNG") || text.startsWith("GIF8")) {
            return "image";
        } else if (trimmed.startsWith("<!doctype")
                || trimmed.startsWith("<html")
                || trimmed.startsWith("<svg")
                || trimmed.startsWith("<?xml")) {
            return "HTML";
        }
        return "";
    }
}
