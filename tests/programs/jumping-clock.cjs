// Preloaded: the clock goes back three hours after half a second, and forward by six after another half.
const { now } = Date;
const begun = performance.now();
const jump = () => (performance.now() - begun < 500 ? 0 : performance.now() - begun < 1000 ? -3 : 3) * 3_600_000;
Date.now = () => now() + jump();
