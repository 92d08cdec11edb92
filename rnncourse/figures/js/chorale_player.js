// A piano roll that moves and sounds; below, how much each chord surprises a network.

const VOICES = ["soprano", "alto", "tenor", "bass"];
const NAMES = ["C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B"];
const ROLL = { width: 340, left: 28, top: 8, tall: 4.6, frame: 19, ahead: 4 }; // frames left of the line
const SHARES = [40, 60, 80, 100]; // of ink in each voice, from light, high, to dark, low
const BARS = { gap: 24, tall: 46 };
const wide = ROLL.width - ROLL.left - 4;

const note = (pitch) => (pitch ? `${NAMES[pitch % 12]}${Math.floor(pitch / 12) - 1}` : "rest");
const hertz = (pitch) => 440 * 2 ** ((pitch - 69) / 12);

// The notes of a voice: [pitch, first frame, frame after the last], held ones once
function notesOf(pitches, voice) {
  const notes = [];
  pitches.forEach((chord, t) => {
    const [pitch, last] = [chord[voice], notes.at(-1)];
    if (last && last[0] === pitch) last[2] = t + 1;
    else notes.push([pitch, t, t + 1]);
  });
  return notes.filter(([pitch]) => pitch);
}

// Frames that were given at the start, and the first, which nothing foretells, do not count.
const counted = (piece) => piece.nats.slice(Math.max(piece.from, 1));
const meanOf = (piece) => counted(piece).reduce((sum, nats) => sum + nats, 0) / counted(piece).length;

function render({ model, el }) {
  const root = stage(el, "Chorales to hear, with a piano roll");
  const pieces = model.get("pieces");
  const all = pieces.flatMap(({ pitches }) => pitches.flat()).filter((pitch) => pitch);
  const [lowest, highest] = [Math.min(...all) - 1, Math.max(...all) + 1];
  const most = Math.max(...pieces.flatMap(({ nats }) => nats)); // of all pieces: the axis stands still
  const floor = ROLL.top + (highest - lowest + 1) * ROLL.tall;
  const barsFloor = floor + BARS.gap + BARS.tall;
  const line = ROLL.left + ROLL.ahead * ROLL.frame;
  let playing = null;

  const piece = () => pieces[model.get("piece")];
  const frames = () => piece().pitches.length;
  const change = (values) => { pause(); store(model, values); };
  const go = (frame) => change({ frame: Math.min(Math.max(frame, 0), frames() - 1) });

  const which = pieces.map((_, n) => button(`Piece ${n + 1}`, () => change({ piece: n, frame: 0 })));
  const play = button("Play", () => (playing ? pause() : start()), { class: "rnn-button rnn-main" });
  const back = button("◀", () => go(model.get("frame") - 1), { "aria-label": "step back" });
  const on = button("▶", () => go(model.get("frame") + 1), { "aria-label": "step forward" });
  const tempo = slider({ label: "tempo", min: 40, max: 140, step: 4, value: model.get("tempo"), role: "state",
    show: (v) => number(v, 0), oninput: (value) => change({ tempo: value }) });
  const voices = VOICES.map((name, voice) => button(name, () =>
    store(model, { sung: model.get("sung").map((sings, k) => (k === voice ? !sings : sings)) }), { class: "rnn-button rnn-switch" }));
  const tell = button("Who wrote it?", () => store(model, { told: true }));
  const picture = html("div", {});
  const readout = spoken();
  const written = spoken({ class: "rnn-note" });

  // ---- sound
  function pause() {
    if (!playing) return;
    playing.sounds.forEach((sound) => sound.stop());
    playing.gains.forEach((gain) => gain.disconnect());
    cancelAnimationFrame(playing.request);
    playing = null;
    play.textContent = "Play";
    turn(model.get("frame"));
  }

  function start() {
    const context = speaker();
    if (model.get("frame") === frames() - 1) store(model, { frame: 0 });
    const [first, beat, zero] = [model.get("frame"), 60 / model.get("tempo"), context.currentTime + 0.06];
    const gains = VOICES.map((_, voice) => {
      const gain = context.createGain();
      gain.gain.value = model.get("sung")[voice] ? 0.16 : 0;
      gain.connect(context.destination);
      return gain;
    });
    const sounds = VOICES.flatMap((_, voice) =>
      notesOf(piece().pitches, voice).filter(([, , end]) => end > first).map(([pitch, begin, end]) => {
        const [sound, swell] = [context.createOscillator(), context.createGain()];
        const [from, to] = [zero + (Math.max(begin, first) - first) * beat, zero + (end - first) * beat];
        sound.type = "triangle";
        sound.frequency.value = hertz(pitch);
        swell.gain.setValueAtTime(0, from);
        swell.gain.linearRampToValueAtTime(1, from + 0.02);
        swell.gain.setValueAtTime(1, Math.max(to - 0.09, from + 0.02));
        swell.gain.linearRampToValueAtTime(0, to - 0.01);
        sound.connect(swell).connect(gains[voice]);
        sound.start(from);
        sound.stop(to);
        return sound;
      }));
    playing = { sounds, gains, request: 0 };
    play.textContent = "Stop";
    const began = performance.now() + 60;
    const follow = () => {
      if (!playing) return;
      const now = first + Math.max(performance.now() - began, 0) / 1000 / beat;
      if (now >= frames() || !el.isConnected) {
        pause();
        return;
      }
      if (Math.floor(now) !== model.get("frame")) store(model, { frame: Math.floor(now) });
      turn(calm() ? Math.floor(now) : now);
      playing.request = requestAnimationFrame(follow);
    };
    follow();
  }

  // ---- picture
  const height = (pitch) => ROLL.top + (highest - pitch) * ROLL.tall;
  const ink = (voice) => `color-mix(in srgb, ${color("ink")} ${SHARES[voice]}%, ${color("paper")})`;

  // Moves the roll so that the line stands at this frame, which may be between two.
  function turn(frame) {
    const roll = picture.querySelector("[data-roll]");
    roll.style.transition = playing ? "none" : "transform 0.25s";
    roll.style.transform = `translateX(${(line - frame * ROLL.frame).toFixed(2)}px)`;
    const cursor = picture.querySelector("[data-cursor]");
    cursor.setAttribute("transform", `translate(${(ROLL.left + (wide * frame) / frames()).toFixed(2)} 0)`);
  }

  function drawing() {
    const { pitches, nats, from } = piece();
    const [now, sung] = [Math.min(model.get("frame"), frames() - 1), model.get("sung")];
    const clip = freshId("roll");
    const step = wide / frames();
    const bar = (value) => (BARS.tall * value) / most;
    const mean = meanOf(piece());
    const octaves = [36, 48, 60, 72, 84].filter((pitch) => pitch >= lowest && pitch <= highest);
    return svg("svg", { viewBox: `0 0 ${ROLL.width} ${barsFloor + 6}`, class: "rnn-plot", "aria-hidden": "true" },
      svg("clipPath", { id: clip }, svg("rect", { x: ROLL.left, y: 0, width: wide, height: floor + 2 })),
      svg("rect", { x: ROLL.left, y: ROLL.top, width: wide, height: floor - ROLL.top, fill: color("panel") }),
      octaves.map((pitch) => svg("g", {},
        svg("line", { x1: ROLL.left, x2: ROLL.left + wide, y1: height(pitch) + ROLL.tall, y2: height(pitch) + ROLL.tall, stroke: color("rule") }),
        svg("text", { x: ROLL.left - 4, y: height(pitch) + 6, "text-anchor": "end", style: "font-size: 12px", class: "rnn-muted" }, note(pitch)))),
      svg("g", { "clip-path": `url(#${clip})` }, svg("g", { "data-roll": true },
        from > 0 && svg("rect", { x: 0, y: ROLL.top, width: from * ROLL.frame, height: floor - ROLL.top, fill: color("rule"), opacity: 0.5 }),
        VOICES.map((_, voice) => notesOf(pitches, voice).map(([pitch, begin, end]) => {
          const sounds = begin <= now && now < end && sung[voice];
          return svg("rect", {
            x: begin * ROLL.frame + 0.8, y: height(pitch) + 0.3, width: (end - begin) * ROLL.frame - 1.6, height: ROLL.tall - 0.6, rx: 1.5,
            fill: sung[voice] ? (sounds ? color("state") : ink(voice)) : "none", stroke: sung[voice] ? (sounds ? color("state") : "none") : ink(voice),
            "stroke-width": sounds ? 2 : 0.8, "stroke-dasharray": sung[voice] ? null : "2 2",
            "data-voice": voice, "data-sounds": sounds || null,
          });
        })))),
      svg("line", { x1: line, x2: line, y1: ROLL.top - 6, y2: floor + 4, stroke: color("ink"), "stroke-width": 1.5 }),
      svg("text", { x: ROLL.left, y: barsFloor - BARS.tall - 6, style: "font-size: 12px", class: "rnn-muted" }, `surprise: ${number(mean, 1)} nats a frame`),
      svg("g", { style: "cursor: pointer", onclick: (event) => {
        const box = event.currentTarget.ownerSVGElement.getBoundingClientRect();
        go(Math.floor((((event.clientX - box.left) * ROLL.width) / box.width - ROLL.left) / step));
      } },
        svg("rect", { x: ROLL.left, y: barsFloor - BARS.tall, width: wide, height: BARS.tall, fill: color("panel") }),
        nats.map((value, t) => value !== null && svg("rect", {
          x: ROLL.left + t * step + 0.4, y: barsFloor - bar(value), width: Math.max(step - 0.8, 0.5), height: bar(value),
          fill: color("gradient"), opacity: t < from ? 0.35 : 1, "data-nats": value,
        })),
        svg("line", { x1: ROLL.left, x2: ROLL.left + wide, y1: barsFloor - bar(mean), y2: barsFloor - bar(mean), stroke: color("ink"), "stroke-dasharray": "4 3" })),
      svg("rect", { "data-cursor": true, x: 0, y: barsFloor - BARS.tall - 2, width: Math.max(step, 2), height: BARS.tall + 4, fill: "none", stroke: color("ink"), "stroke-width": 1.5 }));
  }

  function draw() {
    const now = Math.min(model.get("frame"), frames() - 1);
    const before = picture.querySelector("[data-roll]")?.style.transform;
    picture.replaceChildren(drawing());
    if (before) picture.querySelector("[data-roll]").style.transform = before; // it glides from where it was
    if (!playing) {
      picture.getBoundingClientRect();
      turn(now);
    }
    which.forEach((node, n) => node.setAttribute("aria-pressed", n === model.get("piece")));
    voices.forEach((node, voice) => node.setAttribute("aria-pressed", model.get("sung")[voice]));
    tempo.set(model.get("tempo"));
    const nats = piece().nats[now];
    const chord = piece().pitches[now].map(note).join(", ");
    readout.setAttribute("aria-live", playing ? "off" : "polite");
    readout.textContent = `Frame ${now + 1} of ${frames()}: ${chord}${nats === null ? "" : `, ${number(nats)} nats`}. `
      + `Mean of the piece: ${number(meanOf(piece()))}.`;
    written.textContent = model.get("told") ? pieces.map(({ title }, n) => `${n + 1}: ${title}`).join(". ") + "." : "";
    tell.disabled = false;
    close(tell, model.get("told"), play);
    on.disabled = false;
    close(back, now === 0, on);
    close(on, now === frames() - 1, back);
  }

  function sing() {
    playing?.gains.forEach((gain, voice) =>
      gain.gain.setTargetAtTime(model.get("sung")[voice] ? 0.16 : 0, speaker().currentTime, 0.01));
    draw();
  }

  arrowKeys(root, (move) => go(model.get("frame") + move));
  root.append(
    html("div", { class: "rnn-controls rnn-lights", role: "group", "aria-label": "piece" }, which, tell),
    html("div", { class: "rnn-controls" }, html("div", { class: "rnn-control" }, back, play, on), tempo.node),
    html("div", { class: "rnn-controls rnn-lights", role: "group", "aria-label": "voices" }, voices),
    picture, readout, written,
    html("p", { class: "rnn-note" },
      "Listen to every piece, and guess who wrote it. Then look at the bars: you should see one piece whose surprise stands clearly above " +
      "the others’. Bars say how improbable a network found each chord after those before it, in nats. Light notes are the soprano’s, dark " +
      "ones the bass’s; repeated notes are held, for frames do not tell them apart."));
  for (const key of ["piece", "frame", "tempo", "told"]) model.on(`change:${key}`, draw);
  model.on("change:sung", sing);
  draw();
  return pause;
}

export default { render };
