// Digits that are typed, said, heard by a small network in the page, and read off by CTC.

const RATE = 8000;
const HOP = 80; // samples from frame to frame of the spectrogram
const WINDOW = 200;
const POINTS = 256;
const BANDS = 32;
const GAP = 400; // samples of silence before, between and after the digits
const BLANK = 10;
const FRAME = (4 * HOP) / RATE; // seconds from answer to answer

const PLOT = { width: 340, left: 22, right: 4, said: 16, top: 24, tall: 78, row: 14, gap: 10 };
const ROWS_TOP = PLOT.top + PLOT.tall + PLOT.gap;
const ROWS_END = ROWS_TOP + 11 * PLOT.row;
const HEARD = ROWS_END + 20;
const wide = PLOT.width - PLOT.left - PLOT.right;

// ---- sound ------------------------------------------------------------------------------

function stretched(clip, speed) {
  const count = Math.floor(clip.length / speed + 0.5);
  return Array.from({ length: count }, (_, i) => {
    const place = (i * (clip.length - 1)) / (count - 1);
    const k = Math.min(Math.floor(place), clip.length - 2);
    return (clip[k] + (place - k) * (clip[k + 1] - clip[k])) / 128;
  });
}

// Normal numbers, the same ones as in Python
function normal(count, seed) {
  let state = seed;
  const uniform = () => {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  return Array.from({ length: count }, () => {
    const size = Math.sqrt(-2 * Math.log(1 - uniform()));
    return size * Math.cos(2 * Math.PI * uniform());
  });
}

// The wave, and where each digit stands in it
function compose({ digits, clips, speed, noise, seed }) {
  const wave = Array(GAP).fill(0);
  const spans = [];
  let [power, samples] = [0, 0];
  for (const digit of digits) {
    const said = stretched(clips[digit], speed);
    spans.push([wave.length, wave.length + said.length]);
    for (const value of said) {
      wave.push(value);
      power += value * value;
    }
    samples += said.length;
    for (let k = 0; k < GAP; k += 1) wave.push(0);
  }
  const loud = Math.sqrt(power / samples / 10 ** (noise / 10));
  const hiss = normal(wave.length, seed);
  return { wave: wave.map((value, k) => value + loud * hiss[k]), spans };
}

// ---- what the network sees ---------------------------------------------------------------

let tables = null; // made at first use

function makeTables() {
  const half = POINTS / 2 + 1;
  const turn = (k, n) => (2 * Math.PI * k * n) / POINTS;
  const window = Array.from({ length: WINDOW }, (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / WINDOW));
  const wave = (f) => Float64Array.from({ length: half * WINDOW }, (_, place) => {
    const n = place % WINDOW;
    return window[n] * f(turn(Math.floor(place / WINDOW), n));
  });
  const top = 2595 * Math.log10(1 + RATE / 2 / 700);
  const corners = Array.from({ length: BANDS + 2 }, (_, k) => 700 * (10 ** ((top * k) / (BANDS + 1) / 2595) - 1));
  const triangles = Array.from({ length: half }, (_, bin) => {
    const f = (bin * RATE) / POINTS;
    return Array.from({ length: BANDS }, (_, band) => {
      const [low, middle, high] = corners.slice(band, band + 3);
      return Math.max(0, Math.min((f - low) / (middle - low), (high - f) / (high - middle)));
    });
  });
  return { half, cos: wave(Math.cos), sin: wave(Math.sin), triangles };
}

// The loudness of 32 bands, (T, 32), each without its mean over time
function logMel(wave) {
  tables ??= makeTables();
  const { half, cos, sin, triangles } = tables;
  const frames = Array.from({ length: Math.ceil(wave.length / HOP) }, (_, p) => {
    const first = p * HOP - WINDOW / 2;
    const bands = Array(BANDS).fill(0);
    for (let bin = 0; bin < half; bin += 1) {
      let [re, im] = [0, 0];
      for (let n = Math.max(0, -first); n < WINDOW && first + n < wave.length; n += 1) {
        re += wave[first + n] * cos[bin * WINDOW + n];
        im += wave[first + n] * sin[bin * WINDOW + n];
      }
      const power = re * re + im * im;
      triangles[bin].forEach((weight, band) => { if (weight) bands[band] += weight * power; });
    }
    return bands.map((power) => Math.log(power + 1e-4));
  });
  const means = frames[0].map((_, band) => frames.reduce((sum, row) => sum + row[band], 0) / frames.length);
  return frames.map((row) => row.map((value, band) => value - means[band]));
}

// ---- the network ------------------------------------------------------------------------

function convolved(x, kernel, bias) {
  return Array.from({ length: Math.ceil(x.length / 2) }, (_, t) =>
    kernel.map((filters, k) => {
      let sum = bias[k];
      for (let j = 0; j < 5; j += 1) {
        const row = x[2 * t + j - 2];
        if (row) filters.forEach((taps, channel) => { sum += taps[j] * row[channel]; });
      }
      return Math.max(sum, 0);
    }));
}

// (T, 32) → probabilities of ten digits and the blank at every fourth frame
function listen(x, weights) {
  let seen = convolved(x, weights["first.weight"], weights["first.bias"]);
  seen = convolved(seen, weights["second.weight"], weights["second.bias"]);
  const [ahead, back] = bothWays(weights, "rnn", seen);
  return ahead.map((h, t) => softmax(add(matvec(weights["read_out.weight"], [...h, ...back[t]]), weights["read_out.bias"])));
}

// Merge what repeats, drop the blanks: [[digit, frame], …]
function readOff(p) {
  const path = p.map((row) => row.indexOf(Math.max(...row)));
  return path.map((said, t) => [said, t]).filter(([said, t]) => said !== BLANK && said !== path[t - 1]);
}

// Fewest digits to change, add or drop
function distance(one, other) {
  let row = Array.from({ length: other.length + 1 }, (_, k) => k);
  for (let i = 1; i <= one.length; i += 1) {
    const next = [i];
    for (let k = 1; k <= other.length; k += 1) {
      next.push(Math.min(next[k - 1] + 1, row[k] + 1, row[k - 1] + (one[i - 1] !== other[k - 1])));
    }
    row = next;
  }
  return row.at(-1);
}

function hear(state) {
  const { wave, spans } = compose(state);
  const x = logMel(wave);
  const p = listen(x, state.weights);
  return { wave, spans, x, p, heard: readOff(p) };
}

// ---- the picture ------------------------------------------------------------------------

// The loudness as a picture whose opacity tells it: the page's own ink shows through.
function loudnessPicture(x) {
  const canvas = html("canvas", { width: x.length, height: BANDS });
  const context = canvas.getContext("2d");
  const pixels = context.createImageData(x.length, BANDS);
  const sorted = x.flat().sort((a, b) => a - b);
  const [low, high] = [sorted[Math.floor(0.1 * sorted.length)], sorted.at(-1)];
  x.forEach((row, t) => row.forEach((value, band) => {
    const place = 4 * ((BANDS - 1 - band) * x.length + t);
    pixels.data.fill(255, place, place + 3);
    pixels.data[place + 3] = 255 * Math.min(Math.max((value - low) / (high - low), 0), 1);
  }));
  context.putImageData(pixels, 0, 0);
  return canvas.toDataURL();
}

const small = (size) => `font-size: ${size}px`;

function drawing({ wave, spans, x, p, heard }, digits, pick) {
  const at = (samples) => PLOT.left + (wide * samples) / wave.length;
  const column = (t) => at(4 * HOP * t - 2 * HOP); // its middle is where the answer's frames are centred
  const breadth = (wide * 4 * HOP) / wave.length;
  const mask = freshId("mask");
  const middle = (t) => Math.min(Math.max(column(t) + breadth / 2, PLOT.left), PLOT.left + wide);
  return svg("svg", {
    viewBox: `0 0 ${PLOT.width} ${HEARD + 8}`, class: "rnn-plot", "aria-hidden": "true", style: "cursor: pointer; touch-action: pan-y",
    onclick: (event) => {
      const box = event.currentTarget.getBoundingClientRect();
      const there = ((event.clientX - box.left) * PLOT.width) / box.width - PLOT.left;
      pick(Math.round((there / wide) * wave.length / (4 * HOP)));
    },
  },
    svg("defs", {}, svg("mask", { id: mask },
      svg("image", { href: loudnessPicture(x), x: PLOT.left, y: PLOT.top, width: wide, height: PLOT.tall, preserveAspectRatio: "none" }))),
    svg("rect", { x: PLOT.left, y: PLOT.top, width: wide, height: PLOT.tall, fill: color("panel") }),
    svg("rect", { x: PLOT.left, y: PLOT.top, width: wide, height: PLOT.tall, fill: color("input"), mask: `url(#${mask})` }),
    spans.map(([from, to], k) => svg("g", {},
      svg("line", { x1: at(from), x2: at(to), y1: PLOT.top - 2, y2: PLOT.top - 2, stroke: color("input"), "stroke-width": 2 }),
      svg("text", { x: (at(from) + at(to)) / 2, y: PLOT.said, "text-anchor": "middle", style: small(14), "font-weight": 600 }, digits[k]))),
    svg("text", { x: 0, y: PLOT.said, style: small(12), class: "rnn-muted" }, "said"),
    Array.from({ length: 11 }, (_, label) => {
      const y = ROWS_TOP + label * PLOT.row;
      return svg("g", {},
        label % 2 === 0 && svg("rect", { x: PLOT.left, y, width: wide, height: PLOT.row, fill: color("panel") }),
        svg("text", { x: PLOT.left - 8, y: y + 11.5, "text-anchor": "end", style: small(12) }, label === BLANK ? "–" : label),
        p.map((row, t) => row[label] >= 0.02 && svg("rect", {
          x: Math.max(column(t), PLOT.left), y: y + 1, height: PLOT.row - 2,
          width: Math.max(Math.min(column(t) + breadth, PLOT.left + wide) - Math.max(column(t), PLOT.left), 0),
          fill: color(label === BLANK ? "muted" : "output"), opacity: row[label].toFixed(3), "data-frame": t, "data-label": label,
        })));
    }),
    svg("text", { x: 0, y: HEARD, style: small(12), class: "rnn-muted" }, "heard"),
    heard.map(([digit, t]) => svg("text", {
      x: Math.max(middle(t), PLOT.left + 18), y: HEARD, "text-anchor": "middle", style: small(14), "font-weight": 600, "data-heard": t,
    }, digit)),
    svg("line", { x1: 0, x2: 0, y1: PLOT.top - 2, y2: ROWS_END, stroke: color("ink"), "stroke-width": 1.5, class: "rnn-now",
      "data-at": p.map((_, t) => middle(t).toFixed(2)).join(" ") }));
}

function render({ model, el }) {
  const root = stage(el, "Spoken digits, heard by a network");
  const KEYS = ["digits", "clips", "speed", "noise", "seed", "weights"];
  let found = null;
  let playing = null;

  const typed = html("input", {
    type: "text", id: freshId("digits"), value: model.get("digits"), size: 6, maxlength: 6, inputmode: "numeric",
    autocomplete: "off", spellcheck: "false",
    oninput: () => {
      typed.value = typed.value.replace(/\D/g, "");
      if (typed.value) change({ digits: typed.value });
    },
  });
  const noise = slider({ label: "speech over noise", min: -10, max: 20, step: 1, value: model.get("noise"), role: "input",
    show: (v) => `${number(v, 0)} dB`, oninput: (value) => change({ noise: value }) });
  const speed = slider({ label: "speed", min: 0.75, max: 1.33, step: 0.01, value: model.get("speed"), role: "input",
    show: (v) => number(v), oninput: (value) => change({ speed: value }) });
  const other = button("Other noise", () => change({ seed: model.get("seed") + 1 }));
  const play = button("Play", () => (playing ? pause() : start()), { class: "rnn-button rnn-main" });
  const back = button("◀", () => go(model.get("frame") - 1), { "aria-label": "step back" });
  const on = button("▶", () => go(model.get("frame") + 1), { "aria-label": "step forward" });
  const picture = html("div", {});
  const readout = spoken();

  const change = (values) => { pause(); store(model, values); };
  const go = (frame) => { pause(); store(model, { frame: Math.min(Math.max(frame, 0), found.p.length - 1) }); };

  function pause() {
    if (!playing) return;
    playing.source.onended = null;
    playing.source.stop();
    cancelAnimationFrame(playing.request);
    playing = null;
    play.textContent = "Play";
    point();
  }

  function start() {
    const context = speaker();
    const loudest = found.wave.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const buffer = context.createBuffer(1, found.wave.length, RATE);
    buffer.copyToChannel(Float32Array.from(found.wave, (value) => (0.8 * value) / loudest), 0);
    const source = context.createBufferSource();
    source.buffer = buffer;
    source.connect(context.destination);
    source.onended = pause;
    source.start();
    playing = { source, from: performance.now(), request: 0 };
    play.textContent = "Stop";
    const follow = () => {
      if (!playing) return;
      if (!el.isConnected) return pause();
      const share = (performance.now() - playing.from) / 1000 / (found.wave.length / RATE);
      if (share > 1.3) return pause(); // a device that never says it has ended
      if (!calm()) place(PLOT.left + wide * Math.min(share, 1));
      playing.request = requestAnimationFrame(follow);
    };
    follow();
  }

  const line = () => picture.querySelector(".rnn-now");
  const place = (x) => line().setAttribute("transform", `translate(${x.toFixed(2)} 0)`);
  const point = () => place(Number(line().getAttribute("data-at").split(" ")[shownFrame()]));
  const shownFrame = () => Math.min(model.get("frame"), found.p.length - 1);

  function tell() {
    const said = [...model.get("digits")];
    const digits = found.heard.map(([digit]) => String(digit));
    const wrong = distance(digits, said);
    const frame = shownFrame();
    const likely = found.p[frame].map((share, label) => [share, label]).sort(([a], [b]) => b - a).slice(0, 2);
    const names = likely.map(([share, label]) => `${label === BLANK ? "blank" : label} ${number(share)}`);
    readout.textContent = `Said ${said.join(" ")}, heard ${digits.join(" ") || "nothing"}: ${wrong} of ${said.length} wrong. `
      + `At ${number(frame * FRAME)} s: ${names.join(", ")}.`;
    on.disabled = false;
    close(back, frame === 0, on);
    close(on, frame === found.p.length - 1, back);
  }

  function draw() {
    const state = Object.fromEntries(KEYS.map((key) => [key, model.get(key)]));
    if (!/^\d+$/.test(state.digits)) return;
    found = hear(state);
    picture.replaceChildren(drawing(found, state.digits, go));
    if (typed.value !== state.digits) typed.value = state.digits;
    noise.set(state.noise);
    speed.set(state.speed);
    show();
  }
  function show() {
    if (!playing) point();
    tell();
  }

  arrowKeys(root, (move) => go(model.get("frame") + move));
  root.append(
    html("div", { class: "rnn-controls" },
      html("div", { class: "rnn-control" }, html("label", { for: typed.id }, "digits"), typed, play),
      noise.node, speed.node, other, html("div", { class: "rnn-control" }, back, on)),
    picture, readout,
    html("p", { class: "rnn-note" },
      "Type 33: between its two peaks you should see a blank, without which CTC would merge them. Then pull the noise up to the speech, " +
      "0 dB, and beyond: what do you still hear, and what does the network? Blue: how loud 32 bands of pitch are, low ones below. Green: how probable each digit is, grey the blank, at every " +
      "fourth frame. Sound, noise and network are computed in the page. One voice said each digit once: these are the recordings it has learned from."));
  for (const key of KEYS) model.on(`change:${key}`, draw);
  model.on("change:frame", show);
  draw();
  return pause;
}

export default { render };
