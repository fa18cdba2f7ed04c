/** Draws the calibration figure as an SVG: false positives of each test above, power below. */

const colours = { 20: '#b35900', 50: '#6a51a3', 100: '#00688b' };
const marks = { 20: (x, y) => `<rect x="${x - 4}" y="${y - 4}" width="8" height="8"/>`, 50: (x, y) => `<circle cx="${x}" cy="${y}" r="4.5"/>`, 100: (x, y) => `<path d="M${x} ${y - 5.5}l5.2 9.2h-10.4z"/>` };

/** Wilson's interval of a share at 95 %. */
function wilson({ rejections, runs }) {
  const z = 1.96;
  const share = rejections / runs;
  const centre = (share + (z * z) / (2 * runs)) / (1 + (z * z) / runs);
  const reach = (z / (1 + (z * z) / runs)) * Math.sqrt((share * (1 - share)) / runs + (z * z) / (4 * runs * runs));
  return [centre - reach, centre + reach];
}

const text = (x, y, words, more = '') => `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${more}>${words}</text>`;
const line = (x1, y1, x2, y2, more = '') => `<line x1="${x1.toFixed(1)}" y1="${y1.toFixed(1)}" x2="${x2.toFixed(1)}" y2="${y2.toFixed(1)}" ${more}/>`;

/** Rows of tests, a point with its error for each n; the share runs to the right. */
function falsePositives({ found, sizes, names }, top) {
  const left = 270;
  const width = 430;
  const most = 0.15;
  const x = (share) => left + (Math.min(share, most) / most) * width;
  const rows = Object.keys(names);
  const height = rows.length * 54;
  const out = [text(20, top, 'Nothing to find: how often is something found?', 'class="title"')];
  const y0 = top + 26;
  for (const share of [0, 0.05, 0.1, 0.15]) {
    out.push(line(x(share), y0, x(share), y0 + height, share === 0.05 ? 'class="level"' : 'class="grid"'));
    out.push(text(x(share), y0 + height + 18, `${Math.round(share * 100)} %`, 'text-anchor="middle"'));
  }
  rows.forEach((test, row) => {
    const words = names[test].split(', ');
    words.forEach((part, k) => out.push(text(left - 16, y0 + row * 54 + 30 + (k - (words.length - 1) / 2) * 16, part, 'text-anchor="end"')));
    sizes.forEach((n, k) => {
      const one = found.find((candidate) => candidate.test === test && candidate.n === n && candidate.effect === 0);
      const y = y0 + row * 54 + 13 + k * 14;
      const share = one.rejections / one.runs;
      const [low, high] = wilson(one);
      const beyond = share > most;
      out.push(`<g fill="${colours[n]}" stroke="none">${beyond ? `<path d="M${x(most) - 8} ${y - 5}l8 5l-8 5z"/>` : line(x(low), y, x(high), y, `stroke="${colours[n]}" stroke-width="2"`) + marks[n](x(share), y)}</g>`);
      if (beyond) out.push(text(x(most) + 8, y + 4, `${Math.round(share * 100)} %`));
    });
  });
  return { drawn: out.join('\n'), bottom: y0 + height + 34 };
}

/** One small chart for each test: the effect runs to the right, the share upwards. */
function power({ found, sizes, effects }, top) {
  const titles = { permutation: 'permutation test', difference: 'difference, corrected t', max: 'maximum statistic, layer 7' };
  const out = [text(20, top, 'Something to find: how often is it found?', 'class="title"')];
  const width = 170;
  const height = 150;
  Object.entries(effects).forEach(([design, list], column) => {
    const left = 62 + column * 248;
    const y0 = top + 46;
    const most = Math.max(...list);
    const x = (effect) => left + (effect / most) * width;
    const y = (share) => y0 + height - share * height;
    out.push(text(left, y0 - 16, titles[design], 'class="name"'));
    for (const share of [0, 0.5, 1]) {
      out.push(line(left, y(share), left + width, y(share), 'class="grid"'), text(left - 8, y(share) + 4, `${share * 100} %`, 'text-anchor="end"'));
    }
    out.push(line(left, y(0.05), left + width, y(0.05), 'class="level"'));
    for (const effect of [0, ...list]) out.push(text(x(effect), y0 + height + 18, String(effect), 'text-anchor="middle"'));
    for (const n of sizes) {
      // Without an effect the null's share of the design `max` is that of any layer; the curve starts with the effects.
      const points = list.map((effect) => {
        const one = found.find((candidate) => candidate.test === design && candidate.n === n && candidate.effect === effect);
        return [x(effect), y(one.rejections / one.runs)];
      });
      out.push(`<polyline points="${points.map((point) => point.map((at) => at.toFixed(1)).join(',')).join(' ')}" fill="none" stroke="${colours[n]}" stroke-width="2"/>`);
      out.push(`<g fill="${colours[n]}">${points.map(([px, py]) => marks[n](Number(px.toFixed(1)), Number(py.toFixed(1)))).join('')}</g>`);
    }
    out.push(text(left + width / 2, y0 + height + 38, 'effect', 'text-anchor="middle"'));
  });
  return { drawn: out.join('\n'), bottom: top + 46 + height + 52 };
}

/** @param given { found, sizes, effects, names } as tools/calibration/run.mjs collects them */
export function figure(given) {
  const first = falsePositives(given, 60);
  const second = power(given, first.bottom + 26);
  const legend = given.sizes.map((n, k) => `<g fill="${colours[n]}">${marks[n](290 + k * 130, 24)}</g>${text(302 + k * 130, 28, `${n} words`)}`).join('\n');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 780 ${Math.ceil(second.bottom)}" width="780" font-family="system-ui, sans-serif" font-size="13" role="img" aria-label="False positive rates and power of the permutation test, of the test of differences and of the maximum statistic">
<style>text{fill:#222}.title{font-size:15px;font-weight:600}.name{font-weight:600}.grid{stroke:#ddd}.level{stroke:#444;stroke-dasharray:5 4}</style>
<rect width="100%" height="100%" fill="#fff"/>
${legend}
${first.drawn}
${second.drawn}
</svg>
`;
}
