package vn.loalang.fleet;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import vn.loalang.area.Area;
import vn.loalang.area.AreaUse;
import vn.loalang.area.Refusal;

/** An area in which poles stand is not archived: they would belong nowhere. */
@Component
class PolesInArea implements AreaUse {
    private final JdbcClient jdbc;

    PolesInArea(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    @Override
    public void checkUnused(Area area) {
        var poles = jdbc.sql("select count(*) from fleet_controller where area_id = :area and archived_at is null")
                .param("area", area.id())
                .query(Long.class)
                .single();
        if (poles > 0) {
            throw new Refusal("path", "fleet.refused.areaInUse", area.fullName(), poles);
        }
    }
}
