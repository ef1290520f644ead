package vn.loalang.sound;

import de.sciss.jump3r.mp3.BitStream;
import de.sciss.jump3r.mp3.GainAnalysis;
import de.sciss.jump3r.mp3.ID3Tag;
import de.sciss.jump3r.mp3.Lame;
import de.sciss.jump3r.mp3.LameGlobalFlags;
import de.sciss.jump3r.mp3.MPEGMode;
import de.sciss.jump3r.mp3.Presets;
import de.sciss.jump3r.mp3.Quantize;
import de.sciss.jump3r.mp3.QuantizePVT;
import de.sciss.jump3r.mp3.Reservoir;
import de.sciss.jump3r.mp3.Takehiro;
import de.sciss.jump3r.mp3.VBRTag;
import de.sciss.jump3r.mp3.VbrMode;
import de.sciss.jump3r.mp3.Version;
import de.sciss.jump3r.mpg.Common;
import de.sciss.jump3r.mpg.Interface;
import de.sciss.jump3r.mpg.MPGLib;
import java.io.IOException;
import java.io.OutputStream;

/**
 * Encodes 24 kHz mono samples into {@link CanonicalMp3}. The same samples always give the same bytes. Not for use by several threads.
 *
 * <p>Wires jump3r (a port of LAME) by hand, because its ready-made front end leaves the bit reservoir on and writes an Info frame.
 */
public final class CanonicalEncoder {

    private static final int KBITS = 48;
    /** LAME's scale of effort, 0 best and slow … 9; the default of LAME's own programme for constant rates is 3 to 5. */
    private static final int EFFORT = 4;

    private static final int CHUNK = CanonicalMp3.FRAME_SAMPLES * 4;

    private final OutputStream out;
    private final Lame lame = new Lame();
    private final LameGlobalFlags settings;
    private final int[] samples = new int[CHUNK];
    private final byte[] encoded = new byte[CHUNK * 2 + 7200];
    private int pending;
    private long taken;
    private long writtenBytes;
    private long mostBytes = Long.MAX_VALUE;

    /**
     * Prepares an encoder.
     *
     * @param out receives whole frames in order; should be buffered; not closed
     */
    public CanonicalEncoder(OutputStream out) {
        this.out = out;
        var gain = new GainAnalysis();
        var bits = new BitStream();
        var presets = new Presets();
        var quantizePvt = new QuantizePVT();
        var quantize = new Quantize();
        var vbrTag = new VBRTag();
        var version = new Version();
        var id3 = new ID3Tag();
        var reservoir = new Reservoir();
        var takehiro = new Takehiro();
        var decoder = new MPGLib();
        var decoderPart = new Interface();
        var common = new Common();
        lame.setModules(gain, bits, presets, quantizePvt, quantize, vbrTag, version, id3, decoder);
        bits.setModules(gain, decoder, version, vbrTag);
        id3.setModules(bits, version);
        presets.setModules(lame);
        quantize.setModules(bits, reservoir, quantizePvt, takehiro);
        quantizePvt.setModules(takehiro, reservoir, lame.enc.psy);
        reservoir.setModules(bits);
        takehiro.setModules(quantizePvt);
        vbrTag.setModules(lame, bits, version);
        decoder.setModules(decoderPart, common);
        decoderPart.setModules(vbrTag, common);

        settings = lame.lame_init();
        settings.num_channels = 1;
        settings.in_samplerate = CanonicalMp3.SAMPLE_RATE;
        settings.out_samplerate = CanonicalMp3.SAMPLE_RATE;
        settings.mode = MPEGMode.MONO;
        settings.VBR = VbrMode.vbr_off;
        settings.brate = KBITS;
        settings.quality = EFFORT;
        settings.disable_reservoir = true;
        settings.scale = 1; // its preset for this rate would lower everything by half a decibel
        settings.bWriteVbrTag = false;
        settings.error_protection = false;
        settings.findReplayGain = false;
        settings.write_id3tag_automatic = false;
        int result = lame.lame_init_params(settings);
        if (result < 0) {
            throw new IllegalStateException("The encoder refused its settings: " + result);
        }
    }

    /**
     * Appends samples.
     *
     * @param pcm full scale ±1; what exceeds it is clipped
     * @throws IOException if writing fails
     */
    public void write(float[] pcm, int offset, int count) throws IOException {
        for (int i = offset; i < offset + count; i++) {
            push((int) Math.max(Integer.MIN_VALUE, Math.min(Integer.MAX_VALUE, Math.rint(pcm[i] * 2147483647.0))));
        }
        taken += count;
    }

    /**
     * Appends 16-bit samples.
     *
     * @throws IOException if writing fails
     */
    public void write(short[] pcm, int offset, int count) throws IOException {
        for (int i = offset; i < offset + count; i++) {
            push(pcm[i] << 16);
        }
        taken += count;
    }

    /**
     * Writes the last frames: as many in all as are needed for every sample to come out again behind the codec's delay, and at
     * least one. The encoder is of no use afterwards.
     *
     * @return number of frames written in all
     * @throws IOException if writing fails
     */
    public long finish() throws IOException {
        long frames =
                (taken + CanonicalMp3.DELAY_SAMPLES + CanonicalMp3.FRAME_SAMPLES - 1) / CanonicalMp3.FRAME_SAMPLES;
        mostBytes = frames * CanonicalMp3.FRAME_BYTES;
        while (writtenBytes < mostBytes) {
            push(0);
        }
        lame.lame_close(settings);
        return frames;
    }

    private void push(int sample) throws IOException {
        samples[pending++] = sample;
        if (pending == CHUNK) {
            int bytes = lame.lame_encode_buffer_int(settings, samples, samples, pending, encoded, 0, encoded.length);
            if (bytes < 0) {
                throw new IOException("The encoder failed: " + bytes);
            }
            pending = 0;
            int useful = (int) Math.min(bytes, mostBytes - writtenBytes);
            out.write(encoded, 0, useful);
            writtenBytes += useful;
        }
    }
}
