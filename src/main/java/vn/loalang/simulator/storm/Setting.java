package vn.loalang.simulator.storm;

/**
 * What a storm is made of.
 *
 * @param seed everything else is drawn from it
 * @param days simulated
 * @param poles controllers
 * @param emergencies whether officers give orders and all-clears
 * @param attacker whether somebody sits at the broker who means harm
 */
record Setting(long seed, int days, int poles, boolean emergencies, boolean attacker) {
    static final int DAYS = 5;
    static final int POLES = 20;

    static Setting of(long seed) {
        return new Setting(seed, DAYS, POLES, true, true);
    }
}
