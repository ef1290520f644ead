package vn.loalang.demo;

import java.util.Arrays;
import java.util.List;

/** The loudspeakers of the demo commune; village and name are made up. */
enum DemoPlace {
    CAM_TRUNG_HALL("cam-trung", "Thôn Cẩm Trung", "Nhà văn hoá Cẩm Trung", 20.3011, 105.9712),
    CAM_TRUNG_MARKET("cam-trung", "Thôn Cẩm Trung", "Chợ Hôm", 20.3035, 105.9748),
    HA_VU_CROSSING("ha-vu", "Thôn Hạ Vũ", "Ngã ba Hạ Vũ", 20.3102, 105.9655),
    HA_VU_CLINIC("ha-vu", "Thôn Hạ Vũ", "Trạm y tế xã", 20.3126, 105.9690),
    DANG_XA_PAGODA("dang-xa", "Thôn Đằng Xá", "Cổng chùa Đằng Xá", 20.2960, 105.9601),
    LUYEN_PHU_DYKE("luyen-phu", "Thôn Luyện Phú", "Đê Luyện Phú", 20.2904, 105.9783);

    private final String villageCode;
    private final String villageName;
    private final String title;
    private final double latitude;
    private final double longitude;

    DemoPlace(String villageCode, String villageName, String title, double latitude, double longitude) {
        this.villageCode = villageCode;
        this.villageName = villageName;
        this.title = title;
        this.latitude = latitude;
        this.longitude = longitude;
    }

    /** Villages in the order of their first loudspeaker, code and name. */
    static List<Village> villages() {
        return Arrays.stream(values())
                .map(place -> new Village(place.villageCode, place.villageName))
                .distinct()
                .toList();
    }

    record Village(String code, String name) {}

    String villageCode() {
        return villageCode;
    }

    String title() {
        return title;
    }

    double latitude() {
        return latitude;
    }

    double longitude() {
        return longitude;
    }

    /** Name of its directory under {@code demo/}. */
    String directory() {
        return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }
}
