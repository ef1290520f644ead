package vn.loalang.sound;

import java.io.IOException;

/** Content that cannot be used as sound; {@link #reason()} says why in a form that can be put into people's words. */
public final class SoundException extends IOException {

    /** Why content was refused. Names are stable: they become problem codes. */
    public enum Reason {
        /** No bytes at all. */
        EMPTY,
        /** Neither MP3 nor WAV; the detail names the format when its signature is known. */
        UNKNOWN_FORMAT,
        /** An MPEG stream of Layer I or II. */
        NOT_LAYER_3,
        /** An MP3 without a bit rate in its frames, which decoders do not play. */
        FREE_FORMAT,
        /** The sample rate changes inside the file. */
        MIXED_RATE,
        /** A WAV whose header is broken or states impossible values. */
        BROKEN_HEADER,
        /** A WAV with a coding other than PCM, float, A-law or µ-law. */
        UNSUPPORTED_CODING,
        /** A known container without a single playable sound in it. */
        NO_SOUND,
        /** Longer than the caller's limit. */
        TOO_LONG,
        /** Not the canonical form (24 kHz mono, 48 kbit/s, frames of 144 bytes). */
        NOT_CANONICAL
    }

    private final Reason reason;
    private final String detail;

    /**
     * @param reason the kind of refusal
     * @param detail English detail for logs and developers
     */
    public SoundException(Reason reason, String detail) {
        super(reason + ": " + detail);
        this.reason = reason;
        this.detail = detail;
    }

    /** Returns the kind of refusal. */
    public Reason reason() {
        return reason;
    }

    /** Returns the English detail; for {@link Reason#UNKNOWN_FORMAT} of a known signature, the format's name alone. */
    public String detail() {
        return detail;
    }
}
