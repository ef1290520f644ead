package vn.loalang.area;

/**
 * The rules of an area and of what lies below it are others now, as its quiet hours. Told inside the transaction that changes
 * them.
 */
public record AreaPolicyChanged(AreaPath area) {}
