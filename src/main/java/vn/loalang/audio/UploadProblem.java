package vn.loalang.audio;

import vn.loalang.sound.SoundException;

/** Why a file that arrived could not become a recording. */
enum UploadProblem {
    EMPTY("audio.refused.empty"),
    UNKNOWN_FORMAT("audio.refused.unknownFormat"),
    OTHER_FORMAT("audio.refused.otherFormat"),
    NOT_LAYER_3("audio.refused.notLayer3"),
    FREE_FORMAT("audio.refused.freeFormat"),
    MIXED_RATE("audio.refused.mixedRate"),
    BROKEN_HEADER("audio.refused.brokenHeader"),
    UNSUPPORTED_CODING("audio.refused.coding"),
    NO_SOUND("audio.refused.noSound"),
    TOO_LONG("audio.refused.tooLong"),
    HASH_DIFFERS("audio.refused.hashDiffers"),
    INTERNAL("audio.refused.internal");

    private final String messageKey;

    UploadProblem(String messageKey) {
        this.messageKey = messageKey;
    }

    /** Key of the sentence about it, which is also its code for programs. */
    String messageKey() {
        return messageKey;
    }

    static UploadProblem of(SoundException e) {
        return switch (e.reason()) {
            case EMPTY -> EMPTY;
            case UNKNOWN_FORMAT -> OTHER_FORMAT;
            case NOT_LAYER_3 -> NOT_LAYER_3;
            case FREE_FORMAT -> FREE_FORMAT;
            case MIXED_RATE -> MIXED_RATE;
            case BROKEN_HEADER -> BROKEN_HEADER;
            case UNSUPPORTED_CODING -> UNSUPPORTED_CODING;
            case NO_SOUND, NOT_CANONICAL -> UNKNOWN_FORMAT;
            case TOO_LONG -> TOO_LONG;
        };
    }
}
