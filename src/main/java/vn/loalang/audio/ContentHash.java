package vn.loalang.audio;

/** SHA-256 of a file, which is also its name in the store: 64 small hexadecimal digits. */
public record ContentHash(String hex) {}
