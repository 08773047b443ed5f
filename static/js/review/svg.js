// Charts are drawn by calls: nothing that a routine or a coach is called can become markup.

const SPACE = 'http://www.w3.org/2000/svg';

/**
 * A new SVG element.
 * @template {keyof SVGElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string | number>} attributes
 * @param {...(Node | string)} children
 * @returns {SVGElementTagNameMap[K]}
 */
export function svg(tag, attributes, ...children) {
  const made = document.createElementNS(SPACE, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...children);
  return made;
}

/** A share as a part of the width or height of its place. @param {number} share 0..1 */
export function percent(share) {
  return `${(100 * share).toFixed(2)}%`;
}

/**
 * A bar of 0..1 of its place; what it says stands beside it in words.
 * @param {number} share
 * @param {string} [kind]
 * @param {boolean} [fromRight]
 */
export function bar(share, kind = 'fill', fromRight = false) {
  const filled = Math.min(Math.max(share, 0), 1);
  const whole = { width: '100%', height: '100%' };
  return svg(
    'svg',
    { class: 'bar', width: '100%', height: 12, 'aria-hidden': 'true' },
    svg('rect', { ...whole, class: 'track' }),
    svg('rect', {
      x: fromRight ? percent(1 - filled) : 0,
      width: percent(filled),
      height: '100%',
      class: kind,
    }),
  );
}

/**
 * The mark of a correction: its shape says whether it was mended.
 * @param {boolean} mended
 */
export function cueMark(mended) {
  return mended
    ? svg(
        'g',
        {},
        svg('circle', { r: 8, class: 'mended' }),
        svg('path', { d: 'M-4.5 0L-1.5 3.5L4.5 -3.5', class: 'tick' }),
      )
    : svg('path', { d: 'M-8 -7H8L0 7Z', class: 'open' });
}

/**
 * Such a mark as a legend and a list show it.
 * @param {boolean} mended
 */
export function cueSymbol(mended) {
  const size = { viewBox: '-10 -10 20 20', width: 18, height: 18 };
  return svg('svg', { class: 'symbol', ...size, 'aria-hidden': 'true' }, cueMark(mended));
}
