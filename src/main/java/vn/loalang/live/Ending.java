package vn.loalang.live;

/** Why a person's live voice ended. */
public enum Ending {
    /** The speaker pressed Kết thúc. */
    FINISHED,
    /** Somebody else ended it. */
    STOPPED,
    /** Nothing came from the browser any more. */
    LINK_LOST,
    /** The longest time was reached. */
    LIMIT,
    /** The speaker may no longer speak there. */
    RIGHTS,
    /** The speaker's account was closed. */
    CLOSED,
    /** The speaker signed out, or has a new password. */
    SIGNED_OUT,
    /** The server was stopped. */
    SERVER_STOPPED,
    /** The server died and found it open when it came back. */
    SERVER_DIED,
    /** Recording or encoding failed. */
    FAULT
}
