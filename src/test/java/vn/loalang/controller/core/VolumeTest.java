package vn.loalang.controller.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** How loud it may be before anybody has said how loud. */
class VolumeTest {
    /** [PRI-3d]. */
    @Test
    void withoutASiteRoutineSoundStopsAtEightyPercent() {
        var volume = new Volume(null, 0);
        assertThat(volume.of(100, 30, true).percent()).isEqualTo(80);
        assertThat(volume.of(100, 85, false).percent()).isEqualTo(80);
        assertThat(volume.of(100, 85, true).percent()).isEqualTo(100);
        assertThat(volume.of(60, 30, true).percent()).isEqualTo(60);
    }
}
