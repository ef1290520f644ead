/* What the Linux port makes of live chunks: sound at their moment, silence where none is [LIV-1]. */
#include <stdlib.h>
#include <string.h>

#include "../core/limits.h"
#include "../port-linux/jitter.h"
#include "check.h"
#include "tests.h"

#define RATE 24000
#define FRAME 576
#define FRAMES 20
#define CHUNK_MS (FRAMES * GB1_FRAME_MS)

int mpg123_init(void);

static uint8_t bytes[FRAMES * GB1_FRAME_BYTES];
static int16_t heard[10 * RATE];
static int read_to; /* samples read since the opening */
static bool over;

static void bits(uint8_t *at, int *place, int n, unsigned value)
{
    for (int i = n - 1; i >= 0; i--, (*place)++) {
        if ((value >> i & 1U) != 0) at[*place / 8] = (uint8_t)(at[*place / 8] | 0x80U >> *place % 8);
    }
}

/* Frames of canonical MP3 that hum: a hundred pairs of the first Huffman table, whose code for (1, 1) is nothing but zeroes. */
static const uint8_t *hum(void)
{
    for (int f = 0; f < FRAMES; f++) {
        static const uint8_t header[4] = {0xFF, 0xF3, 0x64, 0xC4};
        uint8_t *frame = bytes + f * GB1_FRAME_BYTES;
        int place = 8 * 4 + 8 + 1; /* behind the header, main_data_begin and a private bit */
        memset(frame, 0, GB1_FRAME_BYTES);
        memcpy(frame, header, 4);
        bits(frame, &place, 12, 500); /* part2_3_length: five bits a pair */
        bits(frame, &place, 9, 100);  /* big_values */
        bits(frame, &place, 8, 200);  /* global_gain */
        bits(frame, &place, 9, 0);    /* scalefac_compress */
        bits(frame, &place, 1, 0);    /* no window switching */
        bits(frame, &place, 15, 1 << 10 | 1 << 5 | 1); /* table_select */
        bits(frame, &place, 9, 0x1FC); /* regions and the rest: one table is enough */
    }
    return bytes;
}

static void put(int voice, int64_t at_ms, bool last)
{
    jitter_put(voice, at_ms, hum(), sizeof bytes, last);
}

static void open_at(int voice, int64_t now_ms)
{
    jitter_open(voice, now_ms);
    memset(heard, 0, sizeof heard);
    read_to = 0;
    over = false;
}

/* Listens until so many ms after the opening. */
static void listen(int ms)
{
    while (!over && read_to < ms * RATE / 1000) {
        over = !jitter_read(read_to, heard + read_to, FRAME);
        if (!over) read_to += FRAME;
    }
}

static int loudest(int from_ms, int to_ms)
{
    int most = 0;
    for (int i = from_ms * RATE / 1000; i < to_ms * RATE / 1000; i++) {
        if (abs(heard[i]) > most) most = abs(heard[i]);
    }
    return most;
}

static void chunksThatWaitSoundAtTheirMoment(void)
{
    put(2, 11000, false);
    put(5, 10000, false); /* another voice */
    put(2, 11000 + 2 * CHUNK_MS, true);
    open_at(2, 10000);
    listen(5000);
    CHECK(loudest(0, 950) == 0, "silence before: %d", loudest(0, 950));
    CHECK(loudest(1100, 1400) > 500, "the first: %d", loudest(1100, 1400));
    CHECK(loudest(1000 + CHUNK_MS + 100, 1000 + 2 * CHUNK_MS - 50) == 0, "a hole");
    CHECK(loudest(1000 + 2 * CHUNK_MS + 50, 1000 + 3 * CHUNK_MS - 50) > 500, "the third");
    CHECK(over && read_to >= (1000 + 3 * CHUNK_MS) * RATE / 1000 && read_to < (1100 + 3 * CHUNK_MS) * RATE / 1000, "the end: %d", read_to);
    jitter_forget(2);
    jitter_forget(5);
}

static void ofALateChunkTheRestSounds(void)
{
    put(0, 20000, false);
    put(0, 20000 + CHUNK_MS, false);
    open_at(0, 20300);
    listen(100);
    CHECK(loudest(40, 100) > 500, "the rest of what began before: %d", loudest(40, 100));
    listen(800);
    put(0, 20900, false);
    listen(2000);
    CHECK(loudest(850, 1050) > 500, "one that comes late: %d", loudest(850, 1050));
    CHECK(loudest(1150, 2000) == 0 && !over, "then silence until more comes");
    jitter_forget(0);
}

static void whoIsSilencedForAWhileGoesOnWhereTimeIs(void)
{
    for (int i = 0; i < 8; i++) put(1, 30000 + i * CHUNK_MS, false);
    open_at(1, 30000);
    listen(500);
    open_at(3, 31000);
    listen(1000);
    CHECK(loudest(0, 1000) == 0, "nobody speaks here");
    open_at(1, 33000);
    listen(2000);
    CHECK(loudest(100, 800) > 500 && loudest(8 * CHUNK_MS - 3000 + 100, 2000) == 0, "what is left");
    jitter_forget(1);
}

static void whatIsForgottenIsSilent(void)
{
    put(1, 40000, true);
    jitter_forget(1);
    open_at(1, 40000);
    listen(1000);
    CHECK(loudest(0, 1000) == 0 && !over, "neither sound nor end is left");
    put(1, 41200, false);
    listen(1300);
    jitter_forget(1);
    listen(1700);
    CHECK(loudest(1230, 1290) > 500 && loudest(1350, 1700) == 0, "also of what sounds");
}

static void asManyWaitAsTheCoreHandsOver(void)
{
    for (int i = 0; i < GB1_CHUNKS; i++) put(i % 2, 50000 + i / 2 * CHUNK_MS, false);
    put(1, 50000 + 64 * CHUNK_MS, false);
    open_at(1, 50000 + 63 * CHUNK_MS);
    listen(2 * CHUNK_MS);
    CHECK(loudest(50, CHUNK_MS) > 500, "the 64th of the second");
    CHECK(loudest(CHUNK_MS + 50, 2 * CHUNK_MS - 50) > 500, "one more takes the place of one that has passed");
}

void test_jitter(void)
{
    mpg123_init();
    chunksThatWaitSoundAtTheirMoment();
    ofALateChunkTheRestSounds();
    whoIsSilencedForAWhileGoesOnWhereTimeIs();
    whatIsForgottenIsSilent();
    asManyWaitAsTheCoreHandsOver();
}
