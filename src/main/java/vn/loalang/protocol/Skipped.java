package vn.loalang.protocol;

/**
 * An entry that was left out while the others count [NOW-3].
 *
 * @param index its place in {@code act}, from 0
 * @param code why: {@code E_SEM} for its table, also a priority above that of a key
 */
public record Skipped(int index, ErrorCode code) {}
