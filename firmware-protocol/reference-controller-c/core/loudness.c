/* How loud [PRI-1], without floating point: linear factors in 1/65536. */
#include "parts.h"

#define LEAST_DB (-32)

/* 65536 * 10^(dB/20) for -32 ... +6 dB. */
static const int32_t FACTOR[] = {
    1646, 1847, 2072, 2325, 2609, 2927, 3285, 3685, 4135, 4640,
    5206, 5841, 6554, 7353, 8250, 9257, 10387, 11654, 13076, 14672,
    16462, 18471, 20724, 23253, 26090, 29274, 32846, 36854, 41350, 46396,
    52057, 58409, 65536, 73533, 82505, 92572, 103868, 116541, 130762,
};

static bool is_free(int pri, bool actual)
{
    return pri >= 80 && actual;
}

int gb1_volume(const struct gb1 *g, int vol, int pri, bool actual)
{
    int vmax = g->state.has_site ? g->state.site.vmax : 80;
    return is_free(pri, actual) || vol < vmax ? vol : vmax;
}

int32_t gb1_gain(const struct gb1 *g, int vol, int pri, bool actual)
{
    int db = (is_free(pri, actual) ? 0 : g->state.cfg.trim) + (g->state.has_site ? g->state.site.gain : 0);
    return FACTOR[db - LEAST_DB] * gb1_volume(g, vol, pri, actual) / 100;
}
