// Turns what the microphone brings into 24 kHz, 16 bit, 100 ms at a time, and says how loud it was.
"use strict";
const RATE = 24000, BLOCK = 2400, FULL = 32767;

class Voice extends AudioWorkletProcessor {
  constructor() {
    super();
    this.block = new Int16Array(BLOCK);
    this.filled = 0;
    this.peak = 0;
    this.power = 0;
    this.clipped = 0;
    this.step = sampleRate / RATE;
    this.place = 0;
    this.before = 0;
  }

  process(inputs) {
    const channels = inputs[0];
    if (channels.length === 0) return true;
    const count = channels[0].length;
    for (let i = 0; i < count; i++) {
      let sample = 0;
      for (const channel of channels) sample += channel[i];
      sample /= channels.length;
      // Where the browser will not run at our rate: the samples between, on a straight line.
      while (this.place < 1) {
        this.put(this.before + (sample - this.before) * this.place);
        this.place += this.step;
      }
      this.place -= 1;
      this.before = sample;
    }
    return true;
  }

  put(sample) {
    const size = Math.abs(sample);
    if (size > this.peak) this.peak = size;
    if (size >= 0.985) this.clipped++;
    this.power += sample * sample;
    this.block[this.filled++] = Math.round(Math.max(-1, Math.min(1, sample)) * FULL);
    if (this.filled < BLOCK) return;
    const pcm = this.block.buffer;
    this.port.postMessage({ pcm, peak: this.peak, rms: Math.sqrt(this.power / BLOCK), clipped: this.clipped }, [pcm]);
    this.block = new Int16Array(BLOCK);
    this.filled = 0;
    this.peak = 0;
    this.power = 0;
    this.clipped = 0;
  }
}

registerProcessor("voice", Voice);
