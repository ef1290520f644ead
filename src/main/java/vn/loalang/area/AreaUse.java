package vn.loalang.area;

/** What another module keeps in areas. An area in use is not archived; a module says so by declaring a bean. */
public interface AreaUse {
    /**
     * Checks that nothing of the module needs the area itself; what lies below is asked separately.
     *
     * @throws Refusal naming what is still there
     */
    void checkUnused(Area area);
}
